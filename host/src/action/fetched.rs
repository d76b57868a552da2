//! Requests that apps plan, made by the host between two rounds of a call: no sandbox waits for a network.
//!
//! Answers that may be given again lie in the cache under their tenant and plugin. A host that fails five times in a row for a plugin is left
//! alone for a minute.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;

use super::port::{FetchAnswer, FetchError, FetchRequest, Fetches, Method};
use crate::kernel::Ctx;
use crate::kernel::cache::Key;
use crate::kernel::id::TenantId;
use crate::kernel::time::Instant;

/// The largest answer, bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// After so many failures in a row a host is left alone.
const FAILURES_MAX: u32 = 5;
/// For how long.
const REST: Duration = Duration::from_secs(60);
/// The most hosts that are remembered.
const CIRCUITS_MAX: u64 = 10_000;
/// The headers of an answer that an app is shown.
const HEADERS_SHOWN: [&str; 4] = ["content-type", "etag", "last-modified", "retry-after"];

/// Failures in a row, and until when the host is left alone.
type Circuit = (u32, Option<Instant>);

/// The circuits of this process, by tenant, plugin and host.
static CIRCUITS: LazyLock<moka::sync::Cache<String, Circuit>> =
    LazyLock::new(|| moka::sync::Cache::builder().max_capacity(CIRCUITS_MAX).time_to_idle(REST * 10).build());

/// Makes requests, all at the same time, and adds what came to what is there.
pub(super) async fn fetch(
    ctx: &Ctx,
    tenant: TenantId,
    plugin: &str,
    plans: Vec<FetchRequest>,
    have: &Arc<Fetches>,
) -> Arc<Fetches> {
    let mut all = Fetches::clone(have);
    let made = plans.into_iter().map(|plan| async move { (plan.digest(), one(ctx, tenant, plugin, &plan).await) });
    all.extend(join_all(made).await);
    Arc::new(all)
}

async fn one(ctx: &Ctx, tenant: TenantId, plugin: &str, plan: &FetchRequest) -> Result<FetchAnswer, FetchError> {
    if plan.method != Method::Get || plan.reuse_seconds == 0 {
        return ask(ctx, tenant, plugin, plan).await;
    }
    let place = Key::new(tenant, "fetch", &format!("{plugin}:{}", plan.digest()));
    let keep = Duration::from_secs(u64::from(plan.reuse_seconds));
    let bytes = ctx.cache.fill(&place, keep, || async {
        let answer = ask(ctx, tenant, plugin, plan).await?;
        serde_json::to_vec(&answer).map(Bytes::from).map_err(|_| FetchError::Unreachable)
    });
    serde_json::from_slice(&bytes.await?).map_err(|_| FetchError::Unreachable)
}

async fn ask(ctx: &Ctx, tenant: TenantId, plugin: &str, plan: &FetchRequest) -> Result<FetchAnswer, FetchError> {
    let host = crate::kernel::outbound::host_of(&plan.url).unwrap_or_default();
    let circuit = format!("{tenant} {plugin} {host}");
    let (failures, rests_until) = CIRCUITS.get(&circuit).unwrap_or_default();
    if rests_until.is_some_and(|until| ctx.now() < until) {
        return Err(FetchError::OpenCircuit);
    }
    let headers: Vec<(&str, &str)> = plan.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = (plan.method == Method::Post).then(|| Bytes::from(plan.body.clone()));
    let answered = ctx.outbound.send(&plan.url, &headers, body, &HEADERS_SHOWN, ANSWER_BYTES_MAX).await;
    match &answered {
        // A server that says that it fails counts as one that does.
        Ok(answer) if answer.status >= 500 => trip(ctx, circuit, failures),
        Err(crate::kernel::outbound::Error::Unreachable | crate::kernel::outbound::Error::TimedOut) => {
            trip(ctx, circuit, failures)
        }
        _ => CIRCUITS.invalidate(&circuit),
    }
    let answer = answered?;
    Ok(FetchAnswer { status: answer.status, headers: answer.headers, body: answer.body.to_vec() })
}

/// One failure more; the fifth opens the circuit, and after its rest one request may try.
fn trip(ctx: &Ctx, circuit: String, failures: u32) {
    let failures = failures.saturating_add(1);
    CIRCUITS.insert(circuit, (failures, (failures >= FAILURES_MAX).then(|| ctx.now().after(REST))));
}
