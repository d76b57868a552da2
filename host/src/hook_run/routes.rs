//! `/v1/orders/{id}/hook-runs`.

use axum::Json;
use axum::extract::{FromRef, State};

use super::Card;
use crate::kernel::Ctx;
use crate::kernel::id::OrderId;
use crate::web::{Caller, Cursor, Id, Page, Problem, Query, Route};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::get("/v1/orders/{id}/hook-runs", list)
            .does("List every call of a plugin that judged an order for a click: with digest, release, outcome and cost, newest first")
            .asks::<Cursor>()
            .answers::<Page<Card>>(200, "A page of runs."),
    ]
}

async fn list(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(order): Id<OrderId>,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Page<Card>>, Problem> {
    let rows = cursor.rows()?;
    let found = super::of_order(&ctx, &actor, order, cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}
