//! `/v1/vehicles`.

use axum::Json;
use axum::extract::{FromRef, State};
use serde::Deserialize;

use super::table::FOUND_MAX;
use super::{Card, Error};
use crate::kernel::Ctx;
use crate::web::{Caller, Kind, Page, Problem, Query, Route};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::get("/v1/vehicles", search)
            .does("Find vehicles by VIN, frame number or its last characters")
            .asks::<Asked>()
            .answers::<Page<Card>>(200, "The vehicles, newest first; at most 100."),
    ]
}

/// Which vehicles are sought.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "VehiclesAsked")]
struct Asked {
    /// A VIN, a frame number, or its last characters: at least four.
    q: String,
}

async fn search(State(ctx): State<Ctx>, Caller(actor): Caller, Query(asked): Query<Asked>) -> Result<Json<Page<Card>>, Problem> {
    let items = super::search(&ctx, &actor, &asked.q, FOUND_MAX).await?;
    Ok(Json(Page { items, next: None }))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TooShort => Self::new(Kind::Invalid, error.to_string()),
            Error::Db(error) => error.into(),
        }
    }
}
