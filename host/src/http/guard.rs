//! What every request passes: it gets an id, a place among those worked on, room for its body, and a time limit; a fault becomes a problem; one line of the
//! log says how it went, without a query or a body, for those are personal.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::config;
use crate::kernel::Ctx;
use crate::kernel::metrics::Metrics;
use crate::kernel::rng::Rng;
use crate::kernel::telemetry::SPANS;
use crate::web::{Budget, Kind, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The limits of the door. Clones share them.
#[derive(Clone)]
pub(super) struct Guard {
    rng: Rng,
    metrics: Metrics,
    places: Arc<Semaphore>,
    bodies: Budget,
    limit: Duration,
}

impl Guard {
    pub(super) fn new(ctx: &Ctx, settings: &config::Http) -> Self {
        let limit = Duration::from_millis(settings.request_ms_max);
        Self {
            rng: ctx.rng.clone(),
            metrics: ctx.metrics.clone(),
            places: Arc::new(Semaphore::new(settings.requests_max)),
            bodies: Budget::new(settings.bodies_bytes_max),
            limit,
        }
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        let Ok(_place) = self.places.try_acquire() else {
            return Problem::new(Kind::Busy, "Too many requests at once; send it again in a moment.").into_response();
        };
        let (request, _charge) = self.bodies.charge(request);
        let work = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(self.limit, work).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("a request panicked: a fault of this program");
                Problem::new(Kind::Internal, "The fault is in the log of the server; tell its operator the request id.")
                    .into_response()
            }
            Err(_) => {
                let said = "The request took too long and was stopped. Send it again with the same Idempotency-Key: what was done is not done twice.";
                Problem::new(Kind::Busy, said).into_response()
            }
        }
    }
}

/// A client can make up methods; the metrics know those that routes have.
fn told_apart(method: &Method) -> &str {
    if [Method::GET, Method::HEAD, Method::POST, Method::PUT].contains(method) { method.as_str() } else { "other" }
}

pub(super) async fn pass(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let id = hex::encode(guard.rng.bytes::<12>());
    let span = tracing::info_span!("request", request.id = %id);
    let method = request.method().clone();
    // The pattern, not the address: ids stay out of the log's dimensions.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("unknown", MatchedPath::as_str);
    let trace = tracing::info_span!(
        target: SPANS, "request", otel.kind = "server", otel.name = %format_args!("{} {route}", told_apart(&method)),
        http.request.method = told_apart(&method), http.route = route, request.id = %id,
        http.response.status_code = Empty, otel.status_code = Empty,
    );
    let kept = trace.clone();
    let started = Instant::now();
    let mut response = async {
        let response = guard.answer(request, next).await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        tracing::info!(http.method = %method, http.path = route, http.status = status, duration_ms, "a request was answered");
        kept.record("http.response.status_code", i64::from(status));
        if status >= 500 {
            kept.record("otel.status_code", "ERROR");
        }
        guard.metrics.answered(told_apart(&method), route, status, started.elapsed());
        response
    }
    .instrument(trace)
    .instrument(span)
    .await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Data is no page. What is one, the console's, says itself what it may load.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"));
    // Answers are a firm's own: nothing between it and this server keeps a copy.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
