//! The operations of a door as a list, so that the router, the tests and the description all speak of the same ones.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter, Router};

/// One operation.
pub struct Route<S> {
    /// How it is asked for.
    pub method: Method,
    /// Where, in axum's syntax: `/v1/orders/{id}`.
    pub path: &'static str,
    handler: MethodRouter<S>,
}

impl<S> std::fmt::Debug for Route<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// Reads; answers HEAD as well.
    pub fn get<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::GET, path, handler: routing::get(handler) }
    }

    /// Adds, or acts.
    pub fn post<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::POST, path, handler: routing::post(handler) }
    }

    /// Replaces.
    pub fn put<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::PUT, path, handler: routing::put(handler) }
    }

    /// Adds it to a router.
    pub fn onto(self, router: Router<S>) -> Router<S> {
        router.route(self.path, self.handler)
    }
}
