//! The hook port with a counter: every call of a plugin, whoever makes it and however it ends, goes into the operator's metrics and traces.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::hook::{Answer, Case, Cost, Hooks, Job, Missing, Prepared, Rendered, Reply, Requirement, own_plugin};
use crate::access::Actor;
use crate::finding::Finding;
use crate::kernel::Ctx;
use crate::kernel::id::TenantId;
use crate::kernel::metrics::{Call, Metrics};
use crate::kernel::telemetry::SPANS;
use crate::plugin::Active;
use crate::plugin::manifest::HookName;

/// Hooks whose calls are counted for a tenant.
pub(super) struct Counted {
    hooks: Arc<dyn Hooks>,
    metrics: Metrics,
    tenant: TenantId,
}

impl Counted {
    pub(super) fn new(hooks: Arc<dyn Hooks>, ctx: &Ctx, actor: &Actor) -> Self {
        Self { hooks, metrics: ctx.metrics.clone(), tenant: actor.tenant().id() }
    }

    /// Makes a call in a span of its own and counts it, however it ends.
    async fn count<T>(&self, called: Called<'_>, call: impl Future<Output = Answer<T>> + Send) -> Answer<T> {
        let Called { plugin, hook, .. } = called;
        let span = tracing::info_span!(
            target: SPANS, "hook", otel.name = %format_args!("hook {hook}"), tenant.id = %self.tenant, plugin.name = plugin,
            plugin.version = called.version, plugin.digest = called.digest, hook.name = hook,
            hook.outcome = Empty, hook.fuel = Empty, hook.memory_bytes = Empty, hook.host_calls = Empty, otel.status_code = Empty,
        );
        let answer = call.instrument(span.clone()).await;
        let (outcome, cost): (&str, &Cost) = match &answer {
            Ok((_, cost)) => ("done", cost),
            Err(failure) => (failure.code, &failure.cost),
        };
        span.record("hook.outcome", outcome).record("hook.fuel", signed(cost.fuel));
        span.record("hook.memory_bytes", signed(cost.peak_memory_bytes)).record("hook.host_calls", signed(cost.host_calls));
        if answer.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        let duration = Duration::from_micros(cost.duration_us);
        let call = Call { plugin, hook, outcome, fuel: cost.fuel, memory_bytes: cost.peak_memory_bytes, duration };
        self.metrics.plugin_called(self.tenant, &call);
        answer
    }

    async fn count_own<T>(&self, hook: &'static str, call: impl Future<Output = Answer<T>> + Send) -> Answer<T> {
        let plugin = own_plugin(hook);
        let components = self.hooks.components();
        let digest = components.iter().find(|(name, _)| name == plugin).map(|(_, digest)| digest.as_str());
        self.count(Called { plugin, hook, version: None, digest }, call).await
    }
}

/// Who is called.
struct Called<'a> {
    plugin: &'a str,
    hook: &'a str,
    /// None for the host's own, which has the host's.
    version: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Attributes of spans are signed.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[async_trait]
impl Hooks for Counted {
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>> {
        self.count_own("requirements", self.hooks.requirements(case)).await
    }

    async fn check(&self, case: &Case) -> Answer<Vec<Finding>> {
        self.count_own("check", self.hooks.check(case)).await
    }

    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        self.count_own("prepare", self.hooks.prepare(case, documents)).await
    }

    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Reply> {
        let version = plugin.version.to_string();
        let digest = Some(plugin.component_digest.as_str());
        let called = Called { plugin: &plugin.id, hook: hook.as_str(), version: Some(&version), digest };
        self.count(called, self.hooks.ask(case, plugin, hook)).await
    }

    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        self.count_own("render", self.hooks.render(case, jobs)).await
    }

    fn components(&self) -> Vec<(String, String)> {
        self.hooks.components()
    }
}
