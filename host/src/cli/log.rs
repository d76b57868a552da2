//! Where the log goes: to standard error, so that standard output stays for results.

use anyhow::{Context, Result};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{Config, LogFormat};
use crate::kernel::telemetry::{SPANS, Telemetry};

/// For commands that print their result: only errors, unless `RORO_LOG` asks for more.
pub(super) fn quiet() {
    let filter = EnvFilter::try_from_env("RORO_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// For the server: as the settings say. Traces go their own way, when the settings name one.
pub(super) fn start(config: &Config) -> Result<Option<Telemetry>> {
    let filter = EnvFilter::try_new(&config.log.filter).context("log.filter; write for example: info,roro=debug")?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match config.log.format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let log = log.with_filter(filter.and(filter_fn(|metadata| metadata.target() != SPANS)));
    let started = Telemetry::start(&config.telemetry);
    let traces = started.as_ref().ok().and_then(Option::as_ref).map(|telemetry| {
        tracing_opentelemetry::layer()
            .with_tracer(telemetry.tracer())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS))
    });
    tracing_subscriber::registry().with(log).with(traces).init();
    Ok(started.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "no traces are sent");
        None
    }))
}
