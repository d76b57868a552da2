//! What an operator watches: counters of this process, in the text form that Prometheus reads.
//!
//! A tenant is a label where the bill needs it. Labels are kept for as long as the process lives, so there is a bound: what comes after it
//! is counted under the tenant `other` and the plugin `other`. Nothing here is written down; the runs of hooks are.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::id::TenantId;

/// The most pairs of a tenant and a plugin that are told apart.
const PAIRS_MAX: usize = 10_000;
/// The tenant and the plugin of all that comes after.
const OTHER: &str = "other";
/// Upper ends of the times of calls, seconds: a rule takes microseconds, a paper tens of milliseconds.
const CALL_BUCKETS: [f64; 12] = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.1, 0.5, 2.5, 30.0];
/// Upper ends of the memory of calls, bytes: 1 MiB to 1 GiB.
const MEMORY_BUCKETS: [f64; 6] = [1_048_576.0, 4_194_304.0, 16_777_216.0, 67_108_864.0, 268_435_456.0, 1_073_741_824.0];
/// Upper ends of the times of requests, seconds.
const REQUEST_BUCKETS: [f64; 10] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.28, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    tenant: String,
    plugin: String,
    hook: String,
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Used {
    tenant: String,
    plugin: String,
    hook: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    plugin: String,
    hook: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tried {
    outcome: String,
}

/// One call of a plugin, as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// The hook.
    pub hook: &'a str,
    /// `done`, or how it failed.
    pub outcome: &'a str,
    /// Fuel used.
    pub fuel: u64,
    /// The most memory that it held, bytes.
    pub memory_bytes: u64,
    /// Wall time.
    pub duration: Duration,
}

/// The counters. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

/// A histogram a kind of call.
type Histograms = Family<Kind, Histogram, fn() -> Histogram>;

fn call_seconds() -> Histogram {
    Histogram::new(CALL_BUCKETS)
}

fn call_bytes() -> Histogram {
    Histogram::new(MEMORY_BUCKETS)
}

struct Inner {
    registry: Registry,
    pairs: Mutex<HashSet<(String, String)>>,
    calls: Family<Called, Counter>,
    fuel: Family<Used, Counter>,
    seconds: Family<Used, Counter<f64, AtomicU64>>,
    peaks: Family<Used, Gauge>,
    durations: Histograms,
    memory: Histograms,
    requests: Family<Asked, Counter>,
    answers: Histogram,
    webhooks: Family<Tried, Counter>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics(..)")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("roro");
        let calls = Family::default();
        registry.register("plugin_calls", "Calls of plugins, by how they ended", calls.clone());
        let fuel = Family::default();
        registry.register("plugin_fuel", "Fuel that calls of plugins used", fuel.clone());
        let seconds: Family<Used, Counter<f64, AtomicU64>> = Family::default();
        let said = "Wall time of calls of plugins, by tenant";
        registry.register_with_unit("plugin_call_time", said, Unit::Seconds, seconds.clone());
        let peaks: Family<Used, Gauge> = Family::default();
        let said = "The most memory that a call of a plugin held since the start, by tenant";
        registry.register_with_unit("plugin_memory_peak", said, Unit::Bytes, peaks.clone());
        let durations = Histograms::new_with_constructor(call_seconds);
        registry.register_with_unit("plugin_call_duration", "Wall time of calls of plugins", Unit::Seconds, durations.clone());
        let memory = Histograms::new_with_constructor(call_bytes);
        registry.register_with_unit(
            "plugin_call_memory",
            "The most memory that calls of plugins held",
            Unit::Bytes,
            memory.clone(),
        );
        let requests = Family::default();
        registry.register("http_requests", "Requests that were answered", requests.clone());
        let answers = Histogram::new(REQUEST_BUCKETS);
        registry.register_with_unit(
            "http_request_duration",
            "From the head of a request to its answer",
            Unit::Seconds,
            answers.clone(),
        );
        let webhooks = Family::default();
        registry.register("webhook_attempts", "Attempts to bring events to webhooks", webhooks.clone());
        let pairs = Mutex::default();
        Self(Arc::new(Inner { registry, pairs, calls, fuel, seconds, peaks, durations, memory, requests, answers, webhooks }))
    }
}

impl Metrics {
    /// Counts a call of a plugin for a tenant.
    pub fn plugin_called(&self, tenant: TenantId, call: &Call<'_>) {
        let inner = &self.0;
        let hook = call.hook.to_owned();
        let (tenant, plugin) = self.labels(tenant, call.plugin);
        let used = Used { tenant: tenant.clone(), plugin: plugin.clone(), hook: hook.clone() };
        inner.fuel.get_or_create(&used).inc_by(call.fuel);
        inner.seconds.get_or_create(&used).inc_by(call.duration.as_secs_f64());
        let peak = i64::try_from(call.memory_bytes).unwrap_or(i64::MAX);
        inner.peaks.get_or_create(&used).inner().fetch_max(peak, Ordering::Relaxed);
        let kind = Kind { plugin: plugin.clone(), hook: hook.clone() };
        inner.durations.get_or_create(&kind).observe(call.duration.as_secs_f64());
        let bytes = u32::try_from(call.memory_bytes).unwrap_or(u32::MAX);
        inner.memory.get_or_create(&kind).observe(f64::from(bytes));
        inner.calls.get_or_create(&Called { tenant, plugin, hook, outcome: call.outcome.to_owned() }).inc();
    }

    /// Counts an answer to a request. `route` is the pattern of its address, never the address.
    pub fn answered(&self, method: &str, route: &str, status: u16, duration: Duration) {
        let asked = Asked { method: method.to_owned(), route: route.to_owned(), status };
        self.0.requests.get_or_create(&asked).inc();
        self.0.answers.observe(duration.as_secs_f64());
    }

    /// Counts an attempt to bring an event to a webhook.
    pub fn webhook_tried(&self, outcome: &str) {
        self.0.webhooks.get_or_create(&Tried { outcome: outcome.to_owned() }).inc();
    }

    /// Everything, as Prometheus reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail; if it did, half of the counters would be a lie.
        if encode(&mut text, &self.0.registry).is_err() {
            text.clear();
        }
        text
    }

    fn labels(&self, tenant: TenantId, plugin: &str) -> (String, String) {
        let mut pairs = self.0.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (tenant.to_string(), plugin.to_owned());
        let known = pairs.contains(&pair) || (pairs.len() < PAIRS_MAX && pairs.insert(pair.clone()));
        if known { pair } else { (OTHER.to_owned(), OTHER.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    fn call(plugin: &str) -> Call<'_> {
        Call { plugin, hook: "order-guard", outcome: "done", fuel: 7, memory_bytes: 1, duration: Duration::from_micros(40) }
    }

    #[test]
    fn calls_are_counted_for_their_tenant() {
        let (metrics, tenant) = (Metrics::default(), TenantId::from_bits(1));
        metrics.plugin_called(tenant, &call("guard"));
        metrics.plugin_called(tenant, &call("guard"));
        let text = metrics.text();
        let labels = format!("tenant=\"{tenant}\",plugin=\"guard\",hook=\"order-guard\"");
        assert!(text.contains(&format!("roro_plugin_calls_total{{{labels},outcome=\"done\"}} 2")), "{text}");
        assert!(text.contains(&format!("roro_plugin_fuel_total{{{labels}}} 14")), "{text}");
        let time = format!("roro_plugin_call_time_seconds_total{{{labels}}} ");
        let seconds: f64 = text.lines().find_map(|line| line.strip_prefix(&time)).unwrap().parse().unwrap();
        assert!((0.000_079..0.000_081).contains(&seconds), "{text}");
        assert!(text.contains(&format!("roro_plugin_memory_peak_bytes{{{labels}}} 1")), "{text}");
        assert!(text.contains("roro_plugin_call_duration_seconds_count{plugin=\"guard\",hook=\"order-guard\"} 2"), "{text}");
    }

    #[test]
    fn a_million_tenants_do_not_fill_the_memory() {
        let metrics = Metrics::default();
        for number in 0..PAIRS_MAX as u128 + 10 {
            metrics.plugin_called(TenantId::from_bits(number), &call(&format!("guard-{number}")));
        }
        let text = metrics.text();
        assert_eq!(text.matches("roro_plugin_calls_total{").count(), PAIRS_MAX + 1);
        assert_eq!(text.matches("roro_plugin_call_duration_seconds_count{").count(), PAIRS_MAX + 1);
        assert!(text.contains("tenant=\"other\",plugin=\"other\",hook=\"order-guard\",outcome=\"done\"} 10"), "{text}");
    }
}
