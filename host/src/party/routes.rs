//! `/v1/parties`.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::{Error, Input, Party};
use crate::command::Request;
use crate::kernel::Ctx;
use crate::kernel::id::PartyId;
use crate::web::{self, Caller, Cursor, Id, IdempotencyKey, IfMatch, Kind, Page, Problem, Query, Route, etag};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::post("/v1/parties", create),
        Route::get("/v1/parties", list),
        Route::get("/v1/parties/{id}", read),
        Route::put("/v1/parties/{id}", replace),
    ]
}

/// Which parties a page shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<u64>,
    after: Option<String>,
    /// Part of the name.
    name: Option<String>,
}

async fn create(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: web::Input<Input>,
) -> Result<impl IntoResponse, Problem> {
    let request = Request::new("POST /v1/parties", key, &[&input.bytes]);
    Ok(([etag(1)], super::create(&ctx, &actor, request, input.value).await?))
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller, Query(asked): Query<Asked>) -> Result<Json<Page<Party>>, Problem> {
    let (cursor, name) = (Cursor { limit: asked.limit, after: asked.after }, asked.name);
    let rows = cursor.rows()?;
    let found = super::list(&ctx, &actor, name.as_deref(), cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}

async fn read(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<PartyId>) -> Result<impl IntoResponse, Problem> {
    let party = super::get(&ctx, &actor, id).await?;
    Ok(([etag(party.version)], Json(party)))
}

async fn replace(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<PartyId>,
    IfMatch(version): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
    input: web::Input<Input>,
) -> Result<impl IntoResponse, Problem> {
    let request = Request::new("PUT /v1/parties/{id}", key, &[id.to_string().as_bytes(), &version.to_be_bytes(), &input.bytes]);
    Ok(([etag(version + 1)], super::replace(&ctx, &actor, request, id, version, input.value).await?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Input { place, fix } => {
                let errors = serde_json::json!([{ "pointer": place, "message": "it does not fit", "fix": fix }]);
                Self::new(Kind::Invalid, text).with_errors(errors)
            }
            Error::Unknown => Self::new(Kind::NotFound, text),
            Error::Taken => Self::new(Kind::Conflict, text),
            Error::Moved { .. } => Self::new(Kind::Outdated, text),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ Error::Json(_) => Self::internal(&error),
        }
    }
}
