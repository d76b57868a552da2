//! The hook port with a counter: every call of a plugin, whoever makes it and however it ends, goes into the operator's metrics.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::hook::{Answer, Case, Cost, Hooks, Job, Missing, Prepared, Rendered, Requirement, own_plugin};
use crate::access::Actor;
use crate::finding::Finding;
use crate::kernel::Ctx;
use crate::kernel::id::TenantId;
use crate::kernel::metrics::{Call, Metrics};
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

    fn count<T>(&self, plugin: &str, hook: &str, answer: Answer<T>) -> Answer<T> {
        let (outcome, cost): (&str, &Cost) = match &answer {
            Ok((_, cost)) => ("done", cost),
            Err(failure) => (failure.code, &failure.cost),
        };
        let duration = Duration::from_micros(cost.duration_us);
        let call = Call { plugin, hook, outcome, fuel: cost.fuel, memory_bytes: cost.peak_memory_bytes, duration };
        self.metrics.plugin_called(self.tenant, &call);
        answer
    }

    fn count_own<T>(&self, hook: &'static str, answer: Answer<T>) -> Answer<T> {
        self.count(own_plugin(hook), hook, answer)
    }
}

#[async_trait]
impl Hooks for Counted {
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>> {
        self.count_own("requirements", self.hooks.requirements(case).await)
    }

    async fn check(&self, case: &Case) -> Answer<Vec<Finding>> {
        self.count_own("check", self.hooks.check(case).await)
    }

    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        self.count_own("prepare", self.hooks.prepare(case, documents).await)
    }

    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Vec<Finding>> {
        self.count(&plugin.id, hook.as_str(), self.hooks.ask(case, plugin, hook).await)
    }

    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        self.count_own("render", self.hooks.render(case, jobs).await)
    }

    fn components(&self) -> Vec<(String, String)> {
        self.hooks.components()
    }
}
