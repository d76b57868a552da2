//! `/v1/orders/{id}/notes`.

use axum::Json;
use axum::extract::{FromRef, State};

use super::{Error, Input, Note};
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::kernel::id::OrderId;
use crate::web::{Caller, Id, IdempotencyKey, Input as Body, Kind, Page, Problem, Route};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::get("/v1/orders/{id}/notes", list)
            .does("List what people and apps have put down beside an order, newest first, at most 200 notes")
            .answers::<Page<Note>>(200, "The notes."),
        Route::post("/v1/orders/{id}/notes", add)
            .does("Put a note beside an order")
            .takes::<Input>()
            .keyed()
            .answers::<Note>(201, "The note."),
    ]
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<OrderId>) -> Result<Json<Page<Note>>, Problem> {
    Ok(Json(Page { items: super::list(&ctx, &actor, id).await?, next: None }))
}

async fn add(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<OrderId>,
    IdempotencyKey(key): IdempotencyKey,
    input: Body<Input>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/orders/{id}/notes", key, &[id.to_string().as_bytes(), &input.bytes]);
    Ok(super::add(&ctx, &actor, request, id, input.value).await?)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown => Self::new(Kind::NotFound, error.to_string()),
            Error::Text => Self::new(Kind::Invalid, error.to_string()),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ Error::Json(_) => Self::internal(&error),
        }
    }
}
