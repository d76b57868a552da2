//! What all HTTP doors share: the shape of errors, and the extractors that prove who asks and read what was sent.
//!
//! It stands below the nouns' routes and above the kernel. It names no noun but `access` and `command`, holds no rule, and runs no query.

mod budget;
mod extract;
mod page;
mod parameter;
mod problem;
mod rate;
mod route;

pub use budget::{Budget, Charge, OverBudget};
pub use extract::{
    Caller, IdempotencyKey, IfMatch, Input, JsonBytes, LOCAL_COOKIE, Peer, SESSION_COOKIE, TAR, TarBytes, cookie, etag,
};
pub use page::{Cursor, Page};
pub use parameter::{Id, Names, Query};
pub use problem::{Body as ProblemBody, Kind, Problem, Told};
pub use rate::Rates;
pub use route::{About, Described, Needs, Route, SchemaOf, Success};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::command::Answer;

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let replayed = if self.replayed { "true" } else { "false" };
        (
            status,
            [(header::CONTENT_TYPE, "application/json"), (header::HeaderName::from_static("idempotent-replayed"), replayed)],
            self.body,
        )
            .into_response()
    }
}
