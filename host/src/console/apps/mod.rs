//! Apps for people: what each keeps, drawn as the tables and boards that it declares, and its actions as forms. The host draws everything; no
//! app brings a page, a style or a script.

mod action;
mod page;

use super::Console;
use crate::web::Route;

pub(super) use page::{Doing, on_order};

pub(super) fn routes() -> Vec<Route<Console>> {
    vec![
        Route::get("/apps", page::list),
        Route::get("/apps/{id}", page::show),
        Route::get("/apps/{id}/actions/{action}", action::show),
        Route::post("/apps/{id}/actions/{action}", action::take),
    ]
}
