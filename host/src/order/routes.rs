//! `/v1/orders`.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::file::OrderFile;
use super::table::{Commercial, Filter};
use super::{Card, Error, Order};
use crate::command::Request;
use crate::kernel::Ctx;
use crate::kernel::id::OrderId;
use crate::web::{Caller, Cursor, Id, IdempotencyKey, IfMatch, JsonBytes, Kind, Page, Problem, Query, Route, etag};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::post("/v1/orders/import", import)
            .does("Import an order file as a new order, with its company, parties, shipment and vehicles")
            .takes::<OrderFile>()
            .keyed()
            .answers::<Order>(201, "The order, version 1.")
            .tagged()
            .fails(&[Kind::Conflict]),
        Route::get("/v1/orders", list)
            .does("List orders, newest first")
            .asks::<Asked>()
            .answers::<Page<Card>>(200, "A page of orders."),
        Route::get("/v1/orders/{id}", read)
            .does("Read an order, its newest version")
            .answers::<Order>(200, "The order.")
            .tagged(),
        Route::put("/v1/orders/{id}", replace)
            .does("Make an order file the next version of an order")
            .takes::<OrderFile>()
            .keyed()
            .versioned()
            .answers::<Order>(200, "The order, its new version.")
            .tagged()
            .fails(&[Kind::Conflict]),
    ]
}

/// Which orders a page shows.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrdersAsked")]
struct Asked {
    /// How many rows, 1 to 200; 50 when nobody says.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Part of the buyer's name or of the reference.
    text: Option<String>,
    /// The commercial axis.
    commercial: Option<Commercial>,
}

async fn import(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<impl IntoResponse, Problem> {
    let request = Request::new("POST /v1/orders/import", key, &[&body]);
    Ok(([etag(1)], super::import(&ctx, &actor, request, &body).await?))
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller, Query(asked): Query<Asked>) -> Result<Json<Page<Card>>, Problem> {
    let cursor = Cursor { limit: asked.limit, after: asked.after };
    let filter = Filter { text: asked.text, commercial: asked.commercial };
    let rows = cursor.rows()?;
    let found = super::list(&ctx, &actor, &filter, cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}

async fn read(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<OrderId>) -> Result<impl IntoResponse, Problem> {
    let order = super::get(&ctx, &actor, id).await?;
    Ok(([etag(order.card.version)], Json(order)))
}

async fn replace(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<OrderId>,
    IfMatch(version): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<impl IntoResponse, Problem> {
    let request = Request::new("PUT /v1/orders/{id}", key, &[id.to_string().as_bytes(), &version.to_be_bytes(), &body]);
    Ok(([etag(version + 1)], super::replace(&ctx, &actor, request, id, version, &body).await?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Shape(problems) => Self::new(Kind::Invalid, text).with_errors(serde_json::json!(problems)),
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
