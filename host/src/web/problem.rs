//! Errors as RFC 9457 problems, from a closed list.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::kernel::{cache, db, objects, secret};
use crate::{access, command, tenant};

/// What can be answered instead of what was asked. A kind's code never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// No valid credential.
    Unauthenticated,
    /// The role is too low, or a form lacks its token.
    Forbidden,
    /// It is not there, or not for this caller.
    NotFound,
    /// The method does not fit the address.
    MethodNotAllowed,
    /// It collides with what is there.
    Conflict,
    /// Somebody changed it meanwhile.
    Moved,
    /// `If-Match` names a version that is no longer the newest.
    Outdated,
    /// `If-Match` is missing.
    VersionRequired,
    /// The body is too large.
    TooLarge,
    /// The body is of another media type.
    MediaType,
    /// It was read, and it is wrong.
    Invalid,
    /// The order has findings that stop it.
    Refused,
    /// Nobody who is trusted vouches for it.
    Untrusted,
    /// The idempotency key belongs to another request.
    KeyReused,
    /// Too many of these from this caller.
    TooMany,
    /// A plugin failed, and will again with the same input.
    PluginFailed,
    /// A plugin had no time or no room; it may go well at another moment.
    PluginUnavailable,
    /// A registry of plugin packages is not there, or answers what it should not.
    RegistryUnavailable,
    /// Something in here failed.
    Internal,
    /// It would work at another moment.
    Busy,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::Moved,
        Self::Outdated,
        Self::VersionRequired,
        Self::TooLarge,
        Self::MediaType,
        Self::Invalid,
        Self::Refused,
        Self::Untrusted,
        Self::KeyReused,
        Self::TooMany,
        Self::PluginFailed,
        Self::PluginUnavailable,
        Self::RegistryUnavailable,
        Self::Internal,
        Self::Busy,
    ];

    /// Its stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.facts().0
    }

    /// Its HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().1
    }

    /// Its title, the same for every problem of the kind.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.facts().2
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::TooMany | Self::PluginUnavailable | Self::RegistryUnavailable | Self::Busy | Self::Moved)
    }

    const fn facts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "The request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "No valid credential"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "The method does not fit this address")
            }
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "It collides with what is there"),
            Self::Moved => ("moved", StatusCode::CONFLICT, "It has changed meanwhile"),
            Self::Outdated => ("outdated", StatusCode::PRECONDITION_FAILED, "If-Match names an older version"),
            Self::VersionRequired => ("version-required", StatusCode::PRECONDITION_REQUIRED, "If-Match is missing"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::MediaType => ("media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is of another media type"),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "The request is wrong"),
            Self::Refused => ("refused", StatusCode::UNPROCESSABLE_ENTITY, "Findings stop this order"),
            Self::Untrusted => ("untrusted", StatusCode::UNPROCESSABLE_ENTITY, "Nobody who is trusted vouches for this package"),
            Self::KeyReused => ("key-reused", StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key belongs to another request"),
            Self::TooMany => ("too-many", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::PluginFailed => ("plugin-failed", StatusCode::INTERNAL_SERVER_ERROR, "A plugin failed"),
            Self::PluginUnavailable => ("plugin-unavailable", StatusCode::SERVICE_UNAVAILABLE, "A plugin could not answer now"),
            Self::RegistryUnavailable => {
                ("registry-unavailable", StatusCode::BAD_GATEWAY, "A registry of packages did not answer as it should")
            }
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something in here failed"),
            Self::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE, "Too busy"),
        }
    }
}

/// An error on its way out. What is inside a 5xx goes to the log, once, here, and not to the caller.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    extra: Option<serde_json::Value>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with a sentence that says the fix.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), extra: None, retry_after: None }
    }

    /// A fault in here: logged with its causes, told without them.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed by a fault in here");
        Self::new(Kind::Internal, "The fault is in the log of the server; tell its operator the request id.")
    }

    /// Adds `errors`, the list of all that is wrong: findings, or places with what to write there.
    #[must_use]
    pub fn with_errors(mut self, errors: serde_json::Value) -> Self {
        self.extra = Some(errors);
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// A problem as it is written, RFC 9457 with four members of our own.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem", description = "RFC 9457: what went wrong and what to do.")]
pub struct Body<'a> {
    /// A URN that ends with the code.
    r#type: String,
    /// The stable code; programs decide by it.
    code: &'a str,
    /// The same for every problem of the code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What to do, in a sentence.
    detail: &'a str,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// All that is wrong, each with its place and its fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a serde_json::Value>,
}

/// What a problem said. It rides on the response, so that a door that speaks another way than JSON can say it again: the console makes a
/// page of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its kind.
    pub kind: Kind,
    /// What to do, in a sentence.
    pub detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: format!("urn:roro:problem:{}", self.kind.code()),
            code: self.kind.code(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            retryable: self.kind.is_retryable(),
            errors: self.extra.as_ref(),
        };
        let mut response = (self.kind.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after.or(matches!(self.kind, Kind::Busy | Kind::PluginUnavailable).then_some(1)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Told { kind: self.kind, detail: self.detail });
        response
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            error if error.is_retryable() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database could not take a request");
                Self::new(Kind::Busy, "The server is busy; send the same request again in a moment.")
            }
            db::Error::Taken { .. } => Self::new(Kind::Conflict, "Something with the same unique values is there already."),
            error => Self::internal(&error),
        }
    }
}

impl From<command::Error> for Problem {
    fn from(error: command::Error) -> Self {
        match error {
            command::Error::Key => Self::new(Kind::Malformed, error.to_string()),
            command::Error::KeyReused => Self::new(Kind::KeyReused, error.to_string()),
            command::Error::Db(error) => error.into(),
        }
    }
}

impl From<secret::Error> for Problem {
    fn from(error: secret::Error) -> Self {
        match error {
            secret::Error::Length => Self::new(Kind::Invalid, error.to_string()),
            secret::Error::Hashing => Self::internal(&error),
        }
    }
}

impl From<access::Error> for Problem {
    fn from(error: access::Error) -> Self {
        let kind = match error {
            access::Error::Unauthenticated => Kind::Unauthenticated,
            access::Error::Throttled { seconds } => return Self::new(Kind::TooMany, error.to_string()).retry_after(seconds),
            access::Error::Forbidden { .. } => Kind::Forbidden,
            access::Error::Email(_) | access::Error::Name => Kind::Invalid,
            access::Error::Taken => Kind::Conflict,
            access::Error::Unknown(_) => Kind::NotFound,
            access::Error::Password(error) => return error.into(),
            access::Error::Tenant(error) => return error.into(),
            access::Error::Db(error) => return error.into(),
        };
        Self::new(kind, error.to_string())
    }
}

impl From<tenant::Error> for Problem {
    fn from(error: tenant::Error) -> Self {
        let kind = match error {
            tenant::Error::Handle(_) | tenant::Error::Name => Kind::Invalid,
            tenant::Error::Taken(_) => Kind::Conflict,
            tenant::Error::Unknown(_) => Kind::NotFound,
            tenant::Error::Db(error) => return error.into(),
        };
        Self::new(kind, error.to_string())
    }
}

impl From<objects::Error> for Problem {
    fn from(error: objects::Error) -> Self {
        match error {
            objects::Error::Name(_) => Self::new(Kind::Malformed, error.to_string()),
            error => Self::internal(&error),
        }
    }
}

impl From<cache::Error> for Problem {
    fn from(error: cache::Error) -> Self {
        Self::internal(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_only_moments_are_retryable() {
        let mut codes: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Kind::ALL.len());
        let retryable: Vec<_> = Kind::ALL.iter().filter(|kind| kind.is_retryable()).map(|kind| kind.code()).collect();
        assert_eq!(retryable, ["moved", "too-many", "plugin-unavailable", "registry-unavailable", "busy"]);
    }

    #[test]
    fn a_busy_database_asks_to_come_back_and_says_nothing_of_itself() {
        let problem = Problem::from(db::Error::Busy);
        assert_eq!(problem.kind(), Kind::Busy);
        let response = problem.into_response();
        assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "1");
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
    }
}
