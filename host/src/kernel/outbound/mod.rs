//! Requests to the world outside, to whom a tenant names: webhooks, and what apps plan to fetch.
//!
//! An address that a tenant chose must never reach what stands beside this server. So every name is resolved here, every address that it
//! has is judged ([`address`]), and the connection goes to one of the judged addresses and to no other: a name that answers differently a
//! moment later changes nothing. Redirects are not followed, no proxy of the environment is used, and time is bounded. The door lives as
//! long as the process; it reads the body of an answer only for who asks for it and as far as that one allows, and never logs an address's path, a
//! header or a body.

mod address;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};
use serde::Deserialize;

/// The longest address.
const URL_CHARS_MAX: usize = 2_000;

/// Section `[outbound]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Networks that may be reached though they are not of the public internet: `["10.1.0.0/16"]`.
    pub networks_allowed: Vec<IpNet>,
    /// Names that this server knows beside those of the system, each with its address, which is judged like any other.
    #[serde(default)]
    pub names: BTreeMap<String, IpAddr>,
    /// Whether `http://` may be used beside `https://`.
    pub plain_http_allowed: bool,
    /// How long a connection may take, in milliseconds.
    pub connect_ms_max: u64,
    /// How long a whole request may take, in milliseconds.
    pub request_ms_max: u64,
}

impl Settings {
    /// As they ship.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            networks_allowed: Vec::new(),
            names: BTreeMap::new(),
            plain_http_allowed: false,
            connect_ms_max: 5_000,
            request_ms_max: 15_000,
        }
    }
}

/// Why a request was not sent, or has no answer. No text of the other side is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is none that may be asked for.
    #[error("{0}")]
    Url(&'static str),
    /// It leads to a network that is not allowed.
    #[error(
        "the address leads into a network that is not public; use one that the internet reaches, or ask the operator to allow it in outbound.networks_allowed"
    )]
    Private,
    /// The name has no address.
    #[error("the name of the host has no address; check its spelling")]
    Unresolved,
    /// No connection, or one that broke.
    #[error("the host cannot be reached, or its certificate is not trusted")]
    Unreachable,
    /// Too slow.
    #[error("the host did not answer in time")]
    TimedOut,
    /// The answer has more bytes than who asked takes.
    #[error("the host's answer is too large")]
    TooLarge,
    /// This process cannot make requests at all.
    #[error(
        "this server cannot make requests: install the certificates of the system's authorities (ca-certificates) and start again"
    )]
    Unavailable,
}

impl Error {
    /// A stable word, for records and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "url-refused",
            Self::Private => "address-refused",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::TooLarge => "too-large",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The head of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, if it is a number.
    pub retry_after_s: Option<u64>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The HTTP status.
    pub status: u16,
    /// Of the headers that were asked for, those that came and are text.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
}

/// The host that an address names, with its port where it is not the usual one, as a list of hosts writes it; none for what is no address.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

/// The way out. Clones share it.
#[derive(Clone)]
pub struct Outbound {
    rules: Arc<Rules>,
    client: Option<Client>,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbound(..)")
    }
}

impl Outbound {
    /// A way out under these rules. Where the machine has no certificates of authorities, every request answers
    /// [`Error::Unavailable`]; nothing else of the server needs them.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        // Fails when another part of the process has chosen one: then there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let rules = Arc::new(Rules {
            allowed: settings.networks_allowed.clone(),
            names: settings.names.clone(),
            plain_http_allowed: settings.plain_http_allowed,
        });
        let client = Client::builder()
            .dns_resolver(Judged(Arc::clone(&rules)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(Duration::from_millis(settings.connect_ms_max))
            .timeout(Duration::from_millis(settings.request_ms_max))
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("Roro/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client
            .inspect_err(|error| tracing::warn!(error = error as &dyn StdError, "no request can be made to the world outside"))
            .ok();
        Self { rules, client }
    }

    /// Whether an address may be asked for, as far as its text says. What its name resolves to is judged with each request.
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::Private`].
    pub fn check(&self, url: &str) -> Result<(), Error> {
        self.rules.read(url).map(drop)
    }

    /// Posts a body. Any status is an answer, redirects included; the answer stands with its head, whatever comes of its body.
    ///
    /// # Errors
    /// All of [`Error`].
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Reply, Error> {
        let url = self.rules.read(url)?;
        let client = self.client.as_ref().ok_or(Error::Unavailable)?;
        let request = headers.iter().fold(client.post(url).body(body), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.map_err(|error| why(&error))?;
        let status = response.status().as_u16();
        let after =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        Ok(Reply { status, retry_after_s: after })
    }
}

impl Outbound {
    /// Asks, with a `GET` or, where there is a body, a `POST`, and reads the whole answer. Any status is an answer, redirects included.
    ///
    /// # Errors
    /// All of [`Error`].
    pub async fn send(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Bytes>,
        shown: &[&str],
        bytes_max: usize,
    ) -> Result<Whole, Error> {
        let url = self.rules.read(url)?;
        let client = self.client.as_ref().ok_or(Error::Unavailable)?;
        let request = match body {
            Some(body) => client.post(url).body(body),
            None => client.get(url),
        };
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut response = request.send().await.map_err(|error| why(&error))?;
        let status = response.status().as_u16();
        let header = |name: &&str| Some(((*name).to_owned(), response.headers().get(*name)?.to_str().ok()?.to_owned()));
        let headers = shown.iter().filter_map(header).collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| why(&error))? {
            if body.len() + chunk.len() > bytes_max {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Whole { status, headers, body: body.into() })
    }
}

/// What reqwest says, in our words. Its own text names the address, which may hold a secret.
fn why(error: &reqwest::Error) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(refused) = one.downcast_ref::<Error>() {
            return refused.clone();
        }
        cause = one.source();
    }
    if error.is_timeout() { Error::TimedOut } else { Error::Unreachable }
}

/// Whether an address may be reached: it is of the public internet, or of a network that is allowed.
pub(crate) fn may_reach(allowed: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    address::is_public(address) || allowed.iter().any(|network| network.contains(&address))
}

/// What may be reached.
#[derive(Debug)]
struct Rules {
    allowed: Vec<IpNet>,
    names: BTreeMap<String, IpAddr>,
    plain_http_allowed: bool,
}

impl Rules {
    fn read(&self, text: &str) -> Result<Url, Error> {
        if text.chars().count() > URL_CHARS_MAX {
            return Err(Error::Url("the address is longer than 2000 characters; use a shorter one"));
        }
        let url = Url::parse(text).map_err(|_| Error::Url("this is no address; write one that begins with https://"))?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http_allowed => {}
            _ => return Err(Error::Url("the address must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Url("the address must not hold a user name or a password"));
        }
        if url.fragment().is_some() {
            return Err(Error::Url("the address must not have a part after #, which is never sent"));
        }
        // A name is judged when it is resolved; an address in numbers, however it is written, is resolved by nobody.
        match url.host() {
            Some(url::Host::Ipv4(address)) => self.judge(IpAddr::V4(address))?,
            Some(url::Host::Ipv6(address)) => self.judge(IpAddr::V6(address))?,
            Some(url::Host::Domain(_)) => {}
            None => return Err(Error::Url("the address names no host")),
        }
        Ok(url)
    }

    fn judge(&self, address: IpAddr) -> Result<(), Error> {
        if may_reach(&self.allowed, address) { Ok(()) } else { Err(Error::Private) }
    }
}

/// A resolver that hands out judged addresses only.
struct Judged(Arc<Rules>);

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> = match rules.names.get(name.as_str()) {
                Some(address) => vec![SocketAddr::new(*address, 0)],
                None => tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Error::Unresolved)?.collect(),
            };
            if found.is_empty() {
                return Err(Error::Unresolved.into());
            }
            // One address that is not allowed spoils the name: no honest host has both.
            for address in &found {
                rules.judge(address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(allowed: &[&str]) -> Outbound {
        let networks_allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
        Outbound::new(&Settings { networks_allowed, ..Settings::strict() })
    }

    #[test]
    fn addresses_are_judged_by_what_they_mean_and_not_by_how_they_are_written() {
        let door = door(&[]);
        for refused in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://169.254.169.254/latest",
            "https://10.0.0.8:8443/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://0.0.0.0/",
            "https://[64:ff9b::7f00:1]/",
        ] {
            assert_eq!(door.check(refused), Err(Error::Private), "{refused}");
        }
        for wrong in [
            "http://example.com/",
            "ftp://example.com/",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://example.com/#part",
            "example.com",
            "https://",
            "",
        ] {
            assert!(matches!(door.check(wrong), Err(Error::Url(_))), "{wrong}");
        }
        assert_eq!(door.check("https://example.com:8443/hook?a=1"), Ok(()));
        assert!(matches!(door.check(&format!("https://example.com/{}", "a".repeat(2_000))), Err(Error::Url(_))));
    }

    #[test]
    fn an_operator_can_open_a_network_and_no_other() {
        let door = door(&["10.1.0.0/16"]);
        assert_eq!(door.check("https://10.1.2.3/"), Ok(()));
        assert_eq!(door.check("https://[::ffff:10.1.2.3]/"), Ok(()));
        assert_eq!(door.check("https://10.2.2.3/"), Err(Error::Private));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_resolved() {
        // The name is in every machine's own table, and means what the address that is refused in the text means.
        let refused = door(&[]).post("https://localhost:9/", &[], Bytes::new()).await.unwrap_err();
        assert_eq!(refused, Error::Private);
        let allowed = door(&["127.0.0.0/8", "::1/128"]).post("https://localhost:9/", &[], Bytes::new()).await.unwrap_err();
        assert_eq!(allowed, Error::Unreachable, "nothing listens there, and it was tried");
    }
}
