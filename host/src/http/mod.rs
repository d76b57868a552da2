//! The HTTP door: the routes of all nouns behind one guard, and the server that listens.
//!
//! It lives from the moment everything else is ready until the process is told to end; then it takes no new connection, lets running
//! requests finish for a while, and closes. The guard gives each request an id, a time limit and a place among those worked on; whatever
//! goes wrong leaves as a problem. Nothing here decides anything about the business: routes call the nouns' verbs.

mod guard;
mod health;
mod metrics;
mod openapi;
mod server;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::Method;
use tokio::sync::watch;

use crate::config;
use crate::console::{self, Console};
use crate::document::routes::Press;
use crate::kernel::Ctx;
use crate::pack::Shelf;
use crate::plugin::catalogue::Catalogue;
use crate::web::{Described, Kind, Problem, Rates, Route};
use crate::{action, company, document, hook_run, note, order, pack, party, plugin, price, vehicle, webhook};

pub use metrics::serve_metrics;
pub use server::serve;

/// What the routes work with. Clones share it.
#[derive(Debug, Clone)]
pub struct House {
    /// The kernel.
    pub ctx: Ctx,
    /// What documents are made with.
    pub press: Press,
}

impl FromRef<House> for Ctx {
    fn from_ref(house: &House) -> Self {
        house.ctx.clone()
    }
}

impl FromRef<House> for Press {
    fn from_ref(house: &House) -> Self {
        house.press.clone()
    }
}

impl FromRef<House> for plugin::Shelf {
    fn from_ref(house: &House) -> Self {
        house.press.plugins.clone()
    }
}

impl FromRef<House> for Catalogue {
    fn from_ref(house: &House) -> Self {
        house.press.catalogue.clone()
    }
}

impl FromRef<House> for Shelf {
    fn from_ref(house: &House) -> Self {
        house.press.packs.clone()
    }
}

fn routes() -> Vec<Route<House>> {
    let nouns = [
        action::routes::routes(),
        company::routes::routes(),
        document::routes::routes(),
        hook_run::routes::routes(),
        note::routes::routes(),
        price::routes::routes(),
        order::routes::routes(),
        pack::routes::routes(),
        party::routes::routes(),
        plugin::routes::routes(),
        vehicle::routes::routes(),
        webhook::routes::routes(),
    ];
    nouns.into_iter().flatten().collect()
}

/// Every operation of `/v1`: method and path, as the tests and the description list them.
#[must_use]
pub fn operations() -> Vec<(Method, &'static str)> {
    routes().into_iter().map(|route| (route.method.clone(), route.path)).collect()
}

/// The description of `/v1` in OpenAPI 3.1.
#[must_use]
pub fn description() -> serde_json::Value {
    openapi::describe(&routes())
}

/// Both doors, `/v1` for programs and the console for people, behind one guard. `draining` turns readiness off.
pub fn router(house: House, settings: &config::Http, draining: watch::Receiver<bool>) -> Router {
    let guard = guard::Guard::new(&house.ctx, settings);
    let health = health::router(house.ctx.clone(), draining);
    let people = Console::new(house.ctx.clone(), house.press.clone(), settings, &DESCRIPTION);
    let nouns = routes().into_iter().fold(Router::new(), |router, route| route.onto(router));
    let doors = nouns
        .merge(console::router(people.clone()))
        .fallback(nothing_here)
        .method_not_allowed_fallback(another_method)
        .layer(axum::Extension(Rates::new(settings)))
        .layer(axum::Extension(Described(&DESCRIPTION)))
        .layer(DefaultBodyLimit::max(settings.body_bytes_max))
        .layer(axum::middleware::from_fn_with_state(guard, guard::pass))
        .with_state(house);
    people.dress(doors).merge(health).route("/openapi.json", axum::routing::get(openapi_json))
}

static DESCRIPTION: LazyLock<serde_json::Value> = LazyLock::new(description);

/// Open to all: it says nothing that the source does not.
async fn openapi_json() -> axum::Json<&'static serde_json::Value> {
    axum::Json(&DESCRIPTION)
}

async fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "There is nothing at this address; the operations begin with /v1/.")
}

async fn another_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "Use a method of the Allow header.")
}
