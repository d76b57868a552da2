//! What a plugin's calls came to: how many, how they ended, what they cost.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::table;
use crate::kernel::db::{self, Scope};
use crate::kernel::time::Instant;

/// How ended calls are told from failed ones.
const DONE: &str = "done";
const DAY: Duration = Duration::from_secs(24 * 3_600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What a plugin used lately, by hook. Counted are the calls that judged an order for a click; those of trials and of pages are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginUsage")]
pub struct Usage {
    /// The plugin.
    pub plugin: String,
    /// Until when it is counted.
    pub at: Instant,
    /// The last 24 hours.
    pub day: Vec<HookUsage>,
    /// The last 30 days.
    pub month: Vec<HookUsage>,
}

/// What the calls of one hook came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginHookUsage")]
pub struct HookUsage {
    /// The hook.
    pub hook: String,
    /// All calls, failed ones included.
    pub calls: u64,
    /// The failed ones, by code.
    pub failures: BTreeMap<String, u64>,
    /// Fuel of all calls together.
    pub fuel: u64,
    /// Fuel of the dearest call.
    pub fuel_most: u64,
    /// The most memory that a call held, bytes.
    pub memory_bytes_most: u64,
    /// Wall time of the mean call, microseconds.
    pub duration_us_mean: u64,
    /// Wall time of the slowest call, microseconds.
    pub duration_us_most: u64,
}

/// What a plugin used in the last day and the last 30 days.
///
/// # Errors
/// When the database fails.
pub async fn usage(scope: &Scope, plugin: &str, now: Instant) -> Result<Usage, db::Error> {
    let day = together(table::used(scope, plugin, now.before(DAY)).await?);
    let month = together(table::used(scope, plugin, now.before(MONTH)).await?);
    Ok(Usage { plugin: plugin.to_owned(), at: now, day, month })
}

/// One line a hook, from one a hook and outcome.
fn together(rows: Vec<table::Used>) -> Vec<HookUsage> {
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    let mut hooks: BTreeMap<String, (HookUsage, u64)> = BTreeMap::new();
    for row in rows {
        let (used, duration_us) = hooks.entry(row.hook.clone()).or_default();
        let calls = positive(row.calls);
        used.hook = row.hook;
        used.calls += calls;
        if row.outcome != DONE {
            used.failures.insert(row.outcome, calls);
        }
        used.fuel = used.fuel.saturating_add(positive(row.fuel));
        used.fuel_most = used.fuel_most.max(positive(row.fuel_most));
        used.memory_bytes_most = used.memory_bytes_most.max(positive(row.memory_bytes_most));
        used.duration_us_most = used.duration_us_most.max(positive(row.duration_us_most));
        *duration_us = duration_us.saturating_add(positive(row.duration_us));
    }
    let mean = |(used, duration_us): (HookUsage, u64)| HookUsage { duration_us_mean: duration_us / used.calls.max(1), ..used };
    hooks.into_values().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_a_hook_come_together() {
        let row = |hook: &str, outcome: &str, calls: i64, number: i64| table::Used {
            hook: hook.to_owned(),
            outcome: outcome.to_owned(),
            calls,
            fuel: calls * number,
            fuel_most: number,
            memory_bytes_most: number,
            duration_us: calls * number,
            duration_us_most: number,
        };
        let found = together(vec![row("a", "done", 3, 10), row("a", "trapped", 1, 50), row("b", "out-of-fuel", 2, 7)]);
        let [a, b] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((a.calls, a.fuel, a.fuel_most, a.memory_bytes_most), (4, 80, 50, 50));
        assert_eq!((a.duration_us_mean, a.duration_us_most), (20, 50));
        assert_eq!(a.failures, BTreeMap::from([("trapped".to_owned(), 1)]));
        assert_eq!((b.calls, b.failures.get("out-of-fuel")), (2, Some(&2)));
    }
}
