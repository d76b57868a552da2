//! Who looks at a page: the session, the language, and whether a form came from a page of ours.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use super::notice::Notice;
use super::text::{Language, Words};
use super::view::{Choice, Frame, Person};
use super::{Console, text};
use crate::access::{self, Actor, Credential, Role, Session};
use crate::web::{Kind, LOCAL_COOKIE, Peer, Problem, Rates, SESSION_COOKIE, cookie};

/// How long the language is remembered.
const LANGUAGE_KEPT: Duration = Duration::from_secs(365 * 24 * 3_600);
/// How long a notice waits for its page.
const NOTICE_KEPT: Duration = Duration::from_secs(60);
/// The longest address that is come back to.
const HERE_BYTES_MAX: usize = 1_000;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Which cookie: each has a name for HTTPS, with the prefix that ties it to this host (RFC 6265bis), and one for plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    Session,
    Language,
    Notice,
}

impl Cookie {
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => SESSION_COOKIE,
            (Self::Session, false) => LOCAL_COOKIE,
            (Self::Language, true) => "__Host-roro-language",
            (Self::Language, false) => "roro-language",
            (Self::Notice, true) => "__Host-roro-notice",
            (Self::Notice, false) => "roro-notice",
        }
    }

    /// Sets it on an answer. A value is made of letters, digits, dots, hyphens and underscores only. `Lax`, because with `Strict` a link
    /// in an e-mail would lead to the sign-in page of somebody who is signed in; no form of another site brings a `Lax` cookie along.
    pub(super) fn set(self, response: &mut Response, secure: bool, value: &str, keep: Duration) {
        let mark = if secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{mark}", self.name(secure), keep.as_secs());
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }

    /// Removes it.
    pub(super) fn clear(self, response: &mut Response, secure: bool) {
        self.set(response, secure, "", Duration::ZERO);
    }
}

/// A request for a page, before anybody knows who asks.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) language: Language,
    /// Path and query to come back to.
    pub(super) here: String,
    /// Whether cookies ask for HTTPS.
    pub(super) secure: bool,
    /// The other end, for counting failed sign-ins.
    pub(super) address: String,
    notice: Option<Notice>,
    credential: Option<String>,
}

impl Ask {
    pub(super) fn of(console: &Console, method: &Method, uri: &axum::http::Uri, headers: &HeaderMap, peer: Option<Peer>) -> Self {
        let secure = console.secure_cookies;
        let read = |which: Cookie| cookie(headers, &[which.name(secure)]);
        let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let here = uri.path_and_query().map_or("/", |here| here.as_str());
        Self {
            language: read(Cookie::Language)
                .and_then(Language::of_code)
                .unwrap_or_else(|| Language::asked(header(header::ACCEPT_LANGUAGE))),
            // What a form was sent to is no page to come back to.
            here: local(here).filter(|_| method.is_safe()).unwrap_or("/orders").to_owned(),
            secure,
            address: address(console.client_address_header.as_ref(), headers, peer),
            notice: read(Cookie::Notice).and_then(Notice::read),
            credential: read(Cookie::Session).map(str::to_owned),
        }
    }

    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// Whether the request claims a session. Not proven.
    pub(super) fn claims_session(&self) -> bool {
        self.credential.is_some()
    }

    /// The session, if there is one that holds.
    pub(super) async fn session(&self, console: &Console) -> Result<Session, Problem> {
        let credential: Credential = self.credential.as_ref().ok_or(access::Error::Unauthenticated)?.parse()?;
        Ok(access::actor_of_session(&console.ctx, &credential).await?)
    }

    /// The frame of a page without a session.
    pub(super) fn frame(&self) -> Frame {
        Frame {
            language: self.language.tag(),
            languages: Choice::all_but(self.language),
            here: self.here.clone(),
            section: "",
            person: None,
            signed_in: false,
            csrf: String::new(),
            q: String::new(),
            notice: self.notice.as_ref().map(|notice| notice.say(self.words())),
        }
    }

    /// Shows a page; a notice that was shown is not shown again.
    pub(super) fn show(
        &self,
        console: &Console,
        status: axum::http::StatusCode,
        template: &str,
        frame: &Frame,
        page: impl Serialize + Send + Sync,
    ) -> Result<Response, Problem> {
        let mut response = console.pages.show(self.language, status, template, frame, page)?;
        if frame.notice.is_some() {
            Cookie::Notice.clear(&mut response, self.secure);
        }
        Ok(response)
    }

    /// Remembers a language.
    pub(super) fn keep_language(&self, response: &mut Response, language: Language) {
        Cookie::Language.set(response, self.secure, language.code(), LANGUAGE_KEPT);
    }
}

impl FromRequestParts<Console> for Ask {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().copied();
        Ok(Self::of(console, &parts.method, &parts.uri, &parts.headers, peer))
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) ask: Ask,
    pub(super) session: Session,
}

impl Visitor {
    pub(super) const fn actor(&self) -> &Actor {
        &self.session.actor
    }

    pub(super) fn may_work(&self) -> bool {
        self.actor().must_be(Role::Clerk).is_ok()
    }

    pub(super) fn may_administer(&self) -> bool {
        self.actor().must_be(Role::Admin).is_ok()
    }

    /// Refuses a form that does not carry this session's token.
    pub(super) fn must_carry(&self, csrf: &str) -> Result<(), Problem> {
        if self.session.csrf.is(csrf) { Ok(()) } else { Err(foreign()) }
    }

    pub(super) fn frame(&self, section: &'static str) -> Frame {
        let person = &self.session.person;
        Frame {
            section,
            person: Some(Person {
                name: person.name.clone(),
                firm: person.firm.clone(),
                role: self.session.actor.role().as_str(),
            }),
            signed_in: true,
            // Seen by the owner of the session only, in its forms.
            csrf: self.session.csrf.reveal().to_owned(),
            ..self.ask.frame()
        }
    }

    /// Shows a page with what stands around it.
    pub(super) fn show(
        &self,
        console: &Console,
        section: &'static str,
        template: &str,
        page: impl Serialize + Send + Sync,
    ) -> Result<Response, Problem> {
        self.ask.show(console, axum::http::StatusCode::OK, template, &self.frame(section), page)
    }

    /// Leads to a page of this host, which will say what has happened.
    pub(super) fn lead_to(&self, path: &str, notice: Notice) -> Response {
        let mut response = Redirect::to(path).into_response();
        Cookie::Notice.set(&mut response, self.ask.secure, &notice.word(), NOTICE_KEPT);
        response
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let Ok(ask) = Ask::from_request_parts(parts, console).await;
        let session = ask.session(console).await?;
        Rates::count(parts, &session.actor)?;
        Ok(Self { ask, session })
    }
}

/// A form that a page of ours sent.
#[derive(Debug, Clone)]
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Console> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Problem> {
        if !is_from_here(request.headers()) {
            return Err(foreign());
        }
        match axum::extract::Form::<T>::from_request(request, console).await {
            Ok(axum::extract::Form(form)) => Ok(Self(form)),
            Err(rejection) => Err(Problem::new(Kind::Malformed, format!("The form cannot be read: {}.", rejection.body_text()))),
        }
    }
}

fn foreign() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "The form did not come from a page of this session; open the page again and send it from there.",
    )
}

/// Whether a form came from this host, by what the browser says of it and no page can change. `Sec-Fetch-Site` where there is one; on plain
/// HTTP and in old browsers `Origin` must name the host that was asked. A client that says neither is no browser, so nobody's session rides on it.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let named = origin.split_once("://").map(|(_, host)| host);
    named.is_some() && named == text(header::HOST)
}

/// A path of this host with its query, as somebody may be sent to: not another host's, not a sign-in's own.
pub(super) fn local(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let ours = path.starts_with('/') && !path.starts_with("//") && path.len() <= HERE_BYTES_MAX;
    let page = !["/sign-", "/language", "/assets/", "/v1"].iter().any(|prefix| path.starts_with(prefix));
    (plain && ours && page).then_some(path)
}

/// Whose failed sign-ins are counted together: an address, or an IPv6 network of 64 bits, which one customer has as a whole. A proxy's header
/// counts only when the settings name it; of a list the last entry, for the ones before it are what the client claims.
fn address(trusted: Option<&HeaderName>, headers: &HeaderMap, peer: Option<Peer>) -> String {
    let told = trusted.and_then(|name| headers.get_all(name).into_iter().next_back()).and_then(|value| value.to_str().ok());
    let told = told.and_then(|value| value.rsplit(',').next()).and_then(|value| value.trim().parse::<IpAddr>().ok());
    match told.or_else(|| peer.map(|Peer(address)| address.ip())).map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// A search text in an address.
pub(super) fn encode(value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Money on the screen.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Amount {
    pub(super) currency: String,
    pub(super) amount: String,
}

impl From<crate::kernel::money::Money> for Amount {
    fn from(money: crate::kernel::money::Money) -> Self {
        Self { currency: money.currency().to_string(), amount: text::grouped(&money.amount()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_paths_of_this_host_are_come_back_to() {
        for path in ["/orders", "/orders?text=a%20b&after=ord_1", "/", "/orders/ord_1#vehicle-2"] {
            assert_eq!(local(path), Some(path));
        }
        for path in
            ["", "orders", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/a\nb", "/sign-in", "/v1/orders"]
        {
            assert_eq!(local(path), None, "{path}");
        }
        assert_eq!(local(&format!("/{}", "x".repeat(HERE_BYTES_MAX))), None);
    }

    #[test]
    fn a_form_of_another_site_is_seen() {
        for (pairs, expected) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "none")], true),
            (vec![("sec-fetch-site", "same-site"), ("origin", "http://a"), ("host", "a")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("origin", "https://roro.example"), ("host", "roro.example")], true),
            (vec![("origin", "https://roro.example:444"), ("host", "roro.example")], false),
            (vec![("origin", "null"), ("host", "roro.example")], false),
            (vec![("host", "roro.example")], true),
        ] {
            assert_eq!(is_from_here(&headers(&pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_when_the_settings_name_its_header() {
        let sent = headers(&[("x-forwarded-for", "1.2.3.4, 203.0.113.9")]);
        let peer = Some(Peer("127.0.0.1:5000".parse().unwrap()));
        let name = HeaderName::from_static("x-forwarded-for");
        assert_eq!(address(None, &sent, peer), "127.0.0.1");
        assert_eq!(address(Some(&name), &sent, peer), "203.0.113.9");
        assert_eq!(address(Some(&name), &HeaderMap::new(), peer), "127.0.0.1");
        assert_eq!(address(None, &sent, Some(Peer("[2001:db8:1:2:3::4]:1".parse().unwrap()))), "2001:db8:1:2::/64");
        assert_eq!(address(None, &sent, None), "unknown");
    }
}
