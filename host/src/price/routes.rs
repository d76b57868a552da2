//! `/v1/orders/{id}/price`.

use axum::Json;
use axum::extract::{FromRef, State};

use super::{Error, Price, Seen};
use crate::command::{Answer, Request};
use crate::document::routes::{Press, of_plugin};
use crate::kernel::Ctx;
use crate::kernel::id::OrderId;
use crate::order::Order;
use crate::web::{Caller, Id, IdempotencyKey, Input, Kind, Problem, Route};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Press: FromRef<S>,
{
    vec![
        Route::get("/v1/orders/{id}/price", price)
            .does("Ask the firm's plugins what an order costs: lines, charges, what would change; nothing is stored")
            .answers::<Price>(200, "The price.")
            .fails(&[Kind::PluginUnavailable]),
        Route::post("/v1/orders/{id}/price", take)
            .does("Take over the price that was looked at: its charges stand in the next version of the order")
            .takes::<Seen>()
            .keyed()
            .answers::<Order>(200, "The order, its new version.")
            .fails(&[Kind::Conflict, Kind::Moved, Kind::PluginUnavailable]),
    ]
}

async fn price(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Id(id): Id<OrderId>,
) -> Result<Json<Price>, Problem> {
    let means = press.means(&ctx, &actor).await?;
    Ok(Json(Box::pin(super::price(&ctx, &actor, &means, id)).await?))
}

async fn take(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Id(id): Id<OrderId>,
    IdempotencyKey(key): IdempotencyKey,
    seen: Input<Seen>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/orders/{id}/price", key, &[id.to_string().as_bytes(), &seen.bytes]);
    let means = press.means(&ctx, &actor).await?;
    Ok(Box::pin(super::take(&ctx, &actor, &means, request, id, &seen.value)).await?)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Unknown => Self::new(Kind::NotFound, text),
            Error::Moved => Self::new(Kind::Moved, text),
            Error::Stopped => Self::new(Kind::Conflict, text),
            Error::Plugin(failure) => of_plugin(&failure),
            Error::Order(error) => error.into(),
            Error::Access(error) => error.into(),
            Error::Release(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Issue(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ Error::Json(_) => Self::internal(&error),
        }
    }
}
