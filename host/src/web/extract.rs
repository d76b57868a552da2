//! Extractors: who asks, with which key, against which version, with which body.

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use serde::de::DeserializeOwned;

use super::{Kind, OverBudget, Problem, Rates};
use crate::access::{self, Actor, Credential};
use crate::command::Key;
use crate::kernel::Ctx;

/// The console's cookie. The prefix makes a browser insist on HTTPS and on this host (RFC 6265bis).
pub const SESSION_COOKIE: &str = "__Host-roro";
/// The same on plain HTTP, for a browser on the machine itself, where the prefix is not accepted.
pub const LOCAL_COOKIE: &str = "roro";

/// The other end of a connection, as the system sees it: a client, or a proxy in front of this server.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub std::net::SocketAddr);

/// Who asks. A bearer token, or a session's cookie for reading: a cookie that changes something needs the form's token, which the
/// console checks, so `/v1` takes changes by bearer token only.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

/// The first cookie of a request that has one of these names.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    let pairs =
        headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named.find(|(name, _)| names.contains(name)).map(|(_, value)| value)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ctx = Ctx::from_ref(state);
        if let Some(token) = bearer(&parts.headers) {
            let credential: Credential = token.parse()?;
            let actor = access::actor_of_token(&ctx, &credential).await?;
            Rates::count(parts, &actor)?;
            return Ok(Self(actor));
        }
        let Some(cookie) = cookie(&parts.headers, &[SESSION_COOKIE, LOCAL_COOKIE]).filter(|_| parts.method.is_safe()) else {
            return Err(access::Error::Unauthenticated.into());
        };
        let credential: Credential = cookie.parse()?;
        let actor = access::actor_of_session(&ctx, &credential).await?.actor;
        Rates::count(parts, &actor)?;
        Ok(Self(actor))
    }
}

/// The `Idempotency-Key` header, if there is one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<Key>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let text = value.to_str().map_err(|_| crate::command::Error::Key)?;
        // The draft of the IETF writes the key as a quoted string; most clients do not.
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        Ok(Self(Some(text.parse()?)))
    }
}

/// The version in `If-Match: "3"`, which a change must carry.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Problem::new(
                Kind::VersionRequired,
                "Read the resource, then send its ETag back as If-Match with the change.",
            ));
        };
        let version: Option<i64> = value.to_str().ok().and_then(|text| text.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        // The next version is counted from it, so the last number of all is none.
        version
            .filter(|version| (1..i64::MAX).contains(version))
            .map(Self)
            .ok_or_else(|| Problem::new(Kind::Malformed, "If-Match takes one ETag as it was read, for example \"3\"."))
    }
}

/// The `ETag` of a version.
#[must_use]
pub fn etag(version: i64) -> (header::HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    (header::ETAG, value)
}

/// A body that says it is JSON, unread: for nouns that read it themselves and name every problem at once.
#[derive(Debug, Clone)]
pub struct JsonBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            let media = value.split(';').next().unwrap_or_default().trim();
            media.eq_ignore_ascii_case("application/json") || media.to_ascii_lowercase().ends_with("+json")
        });
        if !json {
            return Err(Problem::new(Kind::MediaType, "Send the body as JSON with Content-Type: application/json."));
        }
        body(request, state).await.map(Self)
    }
}

/// The whole body.
async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(Kind::TooLarge, "Send less in one request; http.body_bytes_max is the limit.")
        } else if OverBudget::caused(&rejection) {
            Problem::new(Kind::Busy, "Too much is being sent at once; send it again in a moment.")
        } else {
            Problem::new(Kind::Malformed, "The body ended before it was complete; send it again.")
        }
    })
}

/// A tar archive, unread.
#[derive(Debug, Clone)]
pub struct TarBytes(pub Bytes);

/// The media type of [`TarBytes`].
pub const TAR: &str = "application/x-tar";

impl<S: Send + Sync> FromRequest<S> for TarBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(TAR) {
            return Err(Problem::new(Kind::MediaType, "Send the archive with Content-Type: application/x-tar."));
        }
        body(request, state).await.map(Self)
    }
}

/// A JSON body, with the bytes that it was read from, so that a command can hash them.
#[derive(Debug, Clone)]
pub struct Input<T> {
    /// What was sent.
    pub value: T,
    /// The bytes that were sent.
    pub bytes: Bytes,
}

impl<S, T> FromRequest<S> for Input<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let kind = if error.is_data() { Kind::Invalid } else { Kind::Malformed };
            Problem::new(kind, format!("The body does not fit: {error}."))
        })?;
        Ok(Self { value, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; __Host-roro=secret; c=d"));
        assert_eq!(cookie(&headers, &[SESSION_COOKIE]), Some("secret"));
        assert_eq!(cookie(&headers, &[LOCAL_COOKIE]), None);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer tok"));
        assert_eq!(bearer(&headers), Some("tok"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic tok"));
        assert_eq!(bearer(&headers), None);
    }
}
