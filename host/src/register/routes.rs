//! What the HTTP doors of registers do alike.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};

use super::{Entry, Error};
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::web::{Caller, Id, IdempotencyKey, IfMatch, Input, Kind, Problem, etag};

/// Where a register is served.
pub(crate) trait Served: Entry {
    /// The operation that adds an entry: a key counts within it.
    const POST: &'static str;
    /// The operation that replaces one.
    const PUT: &'static str;
}

/// An answer with the `ETag` of the entry's version.
type Tagged<T> = ([(HeaderName, HeaderValue); 1], T);

/// Adds an entry.
pub(crate) async fn create<E: Served>(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<E::Input>,
) -> Result<Tagged<Answer>, Problem> {
    let request = Request::new(E::POST, key, &[&input.bytes]);
    Ok(([etag(1)], super::create::<E>(&ctx, &actor, request, input.value).await?))
}

/// Shows an entry.
pub(crate) async fn read<E: Served>(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<E::Id>,
) -> Result<Tagged<Json<E>>, Problem> {
    let entry: E = super::get(&ctx, &actor, id).await?;
    Ok(([etag(entry.version())], Json(entry)))
}

/// Replaces what is said about an entry.
pub(crate) async fn replace<E: Served>(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<E::Id>,
    IfMatch(version): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<E::Input>,
) -> Result<Tagged<Answer>, Problem> {
    let request = Request::new(E::PUT, key, &[id.to_string().as_bytes(), &version.to_be_bytes(), &input.bytes]);
    Ok(([etag(version + 1)], super::replace::<E>(&ctx, &actor, request, id, version, input.value).await?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Input(refused) => {
                let errors = serde_json::json!([{ "pointer": refused.place, "message": "it does not fit", "fix": refused.fix }]);
                Self::new(Kind::Invalid, text).with_errors(errors)
            }
            Error::Unknown(_) => Self::new(Kind::NotFound, text),
            Error::Taken(_) => Self::new(Kind::Conflict, text),
            Error::Moved { .. } => Self::new(Kind::Outdated, text),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ Error::Json(_) => Self::internal(&error),
        }
    }
}
