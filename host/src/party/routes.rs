//! `/v1/parties`.

use axum::Json;
use axum::extract::{FromRef, State};
use serde::Deserialize;

use super::{Input, Party};
use crate::kernel::Ctx;
use crate::register::routes::{Served, create, read, replace};
use crate::web::{Caller, Cursor, Kind, Page, Problem, Query, Route};

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::post("/v1/parties", create::<Party>)
            .does("Add a party")
            .takes::<Input>()
            .keyed()
            .answers::<Party>(201, "The party, version 1.")
            .tagged()
            .fails(&[Kind::Conflict]),
        Route::get("/v1/parties", list)
            .does("List parties, newest first")
            .asks::<Asked>()
            .answers::<Page<Party>>(200, "A page of parties."),
        Route::get("/v1/parties/{id}", read::<Party>).does("Read a party").answers::<Party>(200, "The party.").tagged(),
        Route::put("/v1/parties/{id}", replace::<Party>)
            .does("Replace what is said about a party")
            .takes::<Input>()
            .keyed()
            .versioned()
            .answers::<Party>(200, "The party, its new version.")
            .tagged()
            .fails(&[Kind::Conflict]),
    ]
}

/// Which parties a page shows.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PartiesAsked")]
struct Asked {
    /// How many rows, 1 to 200; 50 when nobody says.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Part of the name.
    name: Option<String>,
}

impl Served for Party {
    const POST: &'static str = "POST /v1/parties";
    const PUT: &'static str = "PUT /v1/parties/{id}";
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller, Query(asked): Query<Asked>) -> Result<Json<Page<Party>>, Problem> {
    let (cursor, name) = (Cursor { limit: asked.limit, after: asked.after }, asked.name);
    let rows = cursor.rows()?;
    let found = super::list(&ctx, &actor, name.as_deref(), cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}
