//! The console: the door for people. Pages made on the server, without a line of script; each calls the same verbs as `/v1` and never
//! `/v1` itself.
//!
//! A page lives for one request. Who is signed in, a cookie says: `__Host-roro` with `Secure`, or `roro` where `http.secure_cookies` is off,
//! which is for a browser on the machine itself. Nothing else decides about it: no `Host` and no `X-Forwarded-Proto`, for a proxy may write
//! those as it likes. Reading is `GET`; whatever changes something is a `POST` that carries the session's token, comes from a page of this
//! host, and answers with a redirect. What goes wrong anywhere outside `/v1` becomes a page too. Nothing here holds a rule or runs a query,
//! and no text of a tenant reaches a page unescaped.

mod apps;
mod document;
mod dress;
mod notice;
mod order;
mod orders;
mod packs;
mod plugins;
mod price;
mod reference;
mod search;
mod sign_in;
mod text;
mod view;
mod visitor;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::config;
use crate::document::routes::Press;
use crate::kernel::Ctx;
use crate::web::{Kind, Problem, Route};

/// The largest form: some names, a password, a reason, a token. The settings of a plugin have a limit of their own.
const FORM_BYTES_MAX: usize = 16 * 1_024;
/// The stylesheet's name changes with its bytes, so it is kept for good.
const KEPT_FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What the pages work with. Clones share it.
#[derive(Debug, Clone)]
pub struct Console {
    ctx: Ctx,
    press: Press,
    pages: Arc<view::Pages>,
    secure_cookies: bool,
    client_address_header: Option<HeaderName>,
    /// What `/docs` is drawn from.
    description: &'static serde_json::Value,
}

impl Console {
    /// A console on this kernel, which shows this description of `/v1`.
    #[must_use]
    pub fn new(ctx: Ctx, press: Press, settings: &config::Http, description: &'static serde_json::Value) -> Self {
        let named = settings.client_address_header.as_str();
        let client_address_header = named.parse::<HeaderName>().ok();
        if client_address_header.is_none() && !named.is_empty() {
            tracing::error!(named, "http.client_address_header is no name of a header: the address of the connection counts");
        }
        let pages = Arc::new(view::Pages::new());
        Self { ctx, press, pages, secure_cookies: settings.secure_cookies, client_address_header, description }
    }

    /// Makes pages of the problems of a router that is outside `/v1`.
    pub(crate) fn dress(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), dress::dress))
    }
}

fn routes() -> Vec<Route<Console>> {
    let mut routes = vec![
        Route::get("/", home),
        Route::get("/sign-in", sign_in::show),
        Route::post("/sign-in", sign_in::sign_in),
        Route::post("/sign-out", sign_in::sign_out),
        Route::post("/language", sign_in::language),
        Route::get("/orders", orders::list),
        Route::get("/orders/{id}", order::show),
        Route::post("/orders/{id}/documents", order::issue),
        Route::post("/orders/{id}/notes", order::add_note),
        Route::get("/orders/{id}/price", price::show),
        Route::post("/orders/{id}/price", price::take),
        Route::get("/documents/{id}", document::show),
        Route::get("/documents/{id}/file", document::file),
        Route::post("/documents/{id}/void", document::void),
        Route::get("/search", search::show),
        Route::get("/packs", packs::list),
        Route::get("/packs/{id}", packs::show),
        Route::get("/assets/{file}", asset),
    ];
    routes.extend(plugins::routes());
    routes.extend(apps::routes());
    routes.extend(reference::routes());
    routes.extend(webhooks::routes());
    routes
}

/// Every page and form: method and path, as the tests list them.
#[must_use]
pub fn operations() -> Vec<(Method, &'static str)> {
    routes().into_iter().map(|route| (route.method.clone(), route.path)).collect()
}

/// The pages, ready to be merged into the server's router.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(console: Console) -> Router<S> {
    let router = routes().into_iter().fold(Router::new(), |router, route| route.onto(router));
    router.layer(DefaultBodyLimit::max(FORM_BYTES_MAX)).with_state(console)
}

async fn home() -> Redirect {
    Redirect::to("/orders")
}

async fn asset(State(console): State<Console>, Path(file): Path<String>) -> Result<Response, Problem> {
    if file != console.pages.stylesheet {
        return Err(Problem::new(Kind::NotFound, "There is no such file; the page that asked for it may be an old one."));
    }
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")), (header::CACHE_CONTROL, KEPT_FOR_GOOD)];
    Ok((headers, view::STYLESHEET).into_response())
}

#[cfg(test)]
mod tests;
