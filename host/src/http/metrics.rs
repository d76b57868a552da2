//! `/metrics`, on a listener of its own: it names tenants, so it is not for those who use the server.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::kernel::metrics::Metrics;

/// The media type of the text form of `OpenMetrics`, which Prometheus reads.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `/metrics` until it is told to end.
pub async fn serve_metrics(listener: TcpListener, metrics: Metrics, mut told: watch::Receiver<bool>) {
    let router = Router::new().route("/metrics", get(text)).with_state(metrics);
    let stop = async move { drop(told.wait_for(|told| *told).await) };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(error = &error as &dyn std::error::Error, "metrics are not answered any more");
    }
}

async fn text(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.text())
}
