//! Traces for an operator: spans of this process, sent to a collector as OTLP over HTTP (protobuf) when the settings name one.
//!
//! It begins with the server and ends after its last request, with one last sending. Spans wait in a queue of bounded length, which a thread of
//! its own empties; when the collector is slow, full or gone, spans are dropped and nothing else is. What a span says is chosen at the place
//! that makes it: routes, codes, digests, ids and costs, never a text that people wrote.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use serde::Deserialize;
use tokio::runtime::Handle;
use url::Url;

use super::secret::Secret;

/// The target of spans that are sent. Spans of other targets are the log's.
pub const SPANS: &str = "roro::span";
/// Where a collector takes traces (OTLP 1.0, section "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";
/// How much of a collector's answer is read, bytes: it is empty, or says how many spans it did not take.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Section `[telemetry]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address of a collector; empty for none.
    pub otlp_endpoint: String,
    /// Headers of each sending, as `NAME=VALUE,NAME=VALUE`.
    pub otlp_headers: Secret,
    /// The share of requests that are traced, from 0 to 1.
    pub sampling_ratio: f64,
    /// How many spans wait at most; more are dropped.
    pub queue_max: usize,
    /// How many spans are sent at once.
    pub batch_max: usize,
    /// How long a span waits for others, in milliseconds.
    pub wait_ms_max: u64,
    /// How long a sending may take, in milliseconds.
    pub export_ms_max: u64,
}

impl Settings {
    /// Every key that does not fit, with what is wrong and what to do.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut wrong = Vec::new();
        let address = Url::parse(&self.otlp_endpoint).ok();
        let fits = |url: &Url| ["http", "https"].contains(&url.scheme()) && url.username().is_empty() && url.password().is_none();
        if !self.otlp_endpoint.is_empty() && !address.as_ref().is_some_and(fits) {
            let fix = "write for example http://127.0.0.1:4318, and a password in telemetry.otlp_headers";
            wrong.push(("telemetry.otlp_endpoint", "it is no address of a collector", fix));
        }
        // To be sent is what they are for.
        if headers(self.otlp_headers.reveal()).is_none() {
            wrong.push(("telemetry.otlp_headers", "these are no headers", "write NAME=VALUE,NAME=VALUE"));
        }
        if !(0.0..=1.0).contains(&self.sampling_ratio) {
            wrong.push(("telemetry.sampling_ratio", "it is no share", "write a number from 0 to 1"));
        }
        if self.queue_max == 0 || self.batch_max == 0 || self.batch_max > self.queue_max {
            let fix = "write at least 1, and at most telemetry.queue_max";
            wrong.push(("telemetry.batch_max", "so many spans never wait", fix));
        }
        wrong
    }
}

/// Names and values; none when a part is not such a pair.
fn headers(text: &str) -> Option<HashMap<String, String>> {
    let token = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let visible = |value: &str| value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        (token(name) && visible(value)).then(|| (name.to_ascii_lowercase(), value.to_owned()))
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect()
}

/// Why traces are not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No client.
    #[error("no request can be made: install the certificates of the system's authorities (ca-certificates)")]
    Client(#[source] reqwest::Error),
    /// The exporter refuses its settings.
    #[error("the exporter does not start")]
    Exporter(#[from] ExporterBuildError),
}

/// The way of spans to a collector. Ending it sends what waits.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    end_max: Duration,
}

impl Telemetry {
    /// Starts sending; none when the settings name no collector. Call it on the runtime that is to send.
    ///
    /// # Errors
    /// Any of [`Error`].
    pub fn start(settings: &Settings) -> Result<Option<Self>, Error> {
        if settings.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        // Fails when another part of the process has chosen one: then there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let limit = Duration::from_millis(settings.export_ms_max);
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(limit);
        let client = Client { client: client.build().map_err(Error::Client)?, runtime: Handle::current() };
        let base = settings.otlp_endpoint.trim_end_matches('/');
        let endpoint = if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") };
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(endpoint)
            .with_protocol(Protocol::HttpBinary)
            .with_headers(headers(settings.otlp_headers.reveal()).unwrap_or_default())
            .with_timeout(limit)
            .build()?;
        let batch = BatchConfigBuilder::default()
            .with_max_queue_size(settings.queue_max)
            .with_max_export_batch_size(settings.batch_max)
            .with_scheduled_delay(Duration::from_millis(settings.wait_ms_max))
            .build();
        let processor = BatchSpanProcessor::builder(Watched { exporter, failing: AtomicBool::new(false) });
        let service = [KeyValue::new("service.name", "roro"), KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor.with_batch_config(batch).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sampling_ratio))))
            .with_resource(Resource::builder_empty().with_attributes(service).build())
            .build();
        Ok(Some(Self { provider, end_max: limit }))
    }

    /// What makes spans.
    #[must_use]
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("roro")
    }

    /// Sends what waits and ends, within the time that a sending may take.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(self.end_max)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces were not sent");
        }
    }
}

/// The one HTTP client of the tree, driven by the server's runtime: the thread that sends has none.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let answer = self.runtime.spawn(async move {
            let mut response = client.execute(request).await.map_err(reqwest::Error::without_url)?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
                let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
                body.extend(chunk.into_iter().take(room));
                if body.len() >= ANSWER_BYTES_MAX {
                    break;
                }
            }
            let mut answer = Response::new(Bytes::from(body));
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            Ok::<_, reqwest::Error>(answer)
        });
        Ok(answer.await??)
    }
}

/// An exporter whose failures stand in the log: once when they begin, once when they end.
#[derive(Debug)]
struct Watched {
    exporter: opentelemetry_otlp::SpanExporter,
    failing: AtomicBool,
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let sent = self.exporter.export(batch).await;
        let was_failing = self.failing.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_failing => {
                tracing::warn!(error = error as &dyn std::error::Error, spans, "traces are not taken and are dropped");
            }
            Ok(()) if was_failing => tracing::info!(spans, "traces are taken again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str, headers: &str, ratio: f64) -> Settings {
        Settings {
            otlp_endpoint: endpoint.to_owned(),
            otlp_headers: Secret::new(headers),
            sampling_ratio: ratio,
            queue_max: 2,
            batch_max: 2,
            wait_ms_max: 1,
            export_ms_max: 1,
        }
    }

    #[test]
    fn what_does_not_fit_is_named_all_at_once() {
        assert!(settings("", "", 1.0).wrong().is_empty());
        assert!(settings("https://traces.example/x", "authorization=Bearer a=b, x-team=roro", 0.1).wrong().is_empty());
        let wrong = Settings { batch_max: 3, ..settings("grpc://x", "nonsense", 1.1) }.wrong();
        let keys: Vec<&str> = wrong.iter().map(|(key, _, _)| *key).collect();
        assert_eq!(keys, ["otlp_endpoint", "otlp_headers", "sampling_ratio", "batch_max"].map(|key| format!("telemetry.{key}")));
        assert_eq!(settings("http://user:secret@x", "", 1.0).wrong().len(), 1);
        for bad in ["=x", "a b=c", "a=\u{e9}", "a=b\nc"] {
            assert_eq!(headers(bad), None, "{bad}");
        }
    }

    #[test]
    fn headers_are_pairs() {
        let read = headers(" X-Key = a=b , authorization=Bearer c").unwrap();
        assert_eq!((read["x-key"].as_str(), read["authorization"].as_str()), ("a=b", "Bearer c"));
    }
}
