//! `/v1/companies`.

use axum::Json;
use axum::extract::{FromRef, State};

use super::{Company, Input};
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
        Route::post("/v1/companies", create::<Company>)
            .does("Add a company")
            .takes::<Input>()
            .keyed()
            .answers::<Company>(201, "The company, version 1.")
            .tagged()
            .fails(&[Kind::Conflict]),
        Route::get("/v1/companies", list)
            .does("List companies, newest first")
            .asks::<Cursor>()
            .answers::<Page<Company>>(200, "A page of companies."),
        Route::get("/v1/companies/{id}", read::<Company>).does("Read a company").answers::<Company>(200, "The company.").tagged(),
        Route::put("/v1/companies/{id}", replace::<Company>)
            .does("Replace what is said about a company")
            .takes::<Input>()
            .keyed()
            .versioned()
            .answers::<Company>(200, "The company, its new version.")
            .tagged()
            .fails(&[Kind::Conflict]),
    ]
}

impl Served for Company {
    const POST: &'static str = "POST /v1/companies";
    const PUT: &'static str = "PUT /v1/companies/{id}";
}

async fn list(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Page<Company>>, Problem> {
    let rows = cursor.rows()?;
    let found = super::list(&ctx, &actor, cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}
