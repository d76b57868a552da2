//! Listening: takes connections, gives each a place and a time to say what it wants, and ends in order.

use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{House, router};
use crate::config;
use crate::web::Peer;

/// How long to wait when the system has no more files or memory for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// How much of what a client sends lies unread in memory, a connection: many connections must not make much of it. A head is no longer.
const READ_BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Answers requests until `stop` is ready; then running ones may finish for `settings.drain_ms_max`.
pub async fn serve(listener: TcpListener, house: House, settings: &config::Http, stop: impl Future<Output = ()> + Send) {
    let (drain, draining) = watch::channel(false);
    let service = TowerToHyperService::new(router(house, settings, draining));
    let places = Arc::new(Semaphore::new(settings.connections_max));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(settings.header_ms_max))
        .max_buf_size(READ_BUFFER_BYTES_MAX);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let service = service.clone();
        let told = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            service.call(request)
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), told));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    tracing::info!("told to end: running requests may finish");
    // Readiness also fails on the connections that are still open.
    drain.send_replace(true);
    if tokio::time::timeout(Duration::from_millis(settings.drain_ms_max), connections.shutdown()).await.is_err() {
        tracing::warn!(drain_ms_max = settings.drain_ms_max, "requests still ran at the end of the drain and were cut");
    }
}

/// The next connection with its place; while all places are taken, the system's queue holds the others.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small and sent whole: waiting to fill a packet only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a connection keeps waiting to fill its packets");
                }
                return (stream, peer, place);
            }
            // The other side went away before it was taken.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no connection can be taken; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
