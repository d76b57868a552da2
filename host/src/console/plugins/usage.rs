//! What a plugin used lately, for its page.

use serde::Serialize;

use super::super::text::grouped;
use super::trial::milliseconds;
use crate::hook_run::{HookUsage, Usage};

const MIB: u64 = 1_024 * 1_024;

/// The last day, or the last 30.
#[derive(Debug, Serialize)]
pub(super) struct Period {
    name: &'static str,
    hooks: Vec<Hook>,
}

#[derive(Debug, Serialize)]
struct Hook {
    name: String,
    calls: String,
    failures: Vec<Failure>,
    fuel: String,
    fuel_most: String,
    memory_mib: u64,
    mean_ms: String,
    most_ms: String,
}

#[derive(Debug, Serialize)]
struct Failure {
    code: String,
    calls: String,
}

pub(super) fn periods(usage: Usage) -> Vec<Period> {
    let of = |name, hooks: Vec<HookUsage>| Period { name, hooks: hooks.into_iter().map(hook).collect() };
    vec![of("day", usage.day), of("month", usage.month)]
}

fn hook(used: HookUsage) -> Hook {
    let number = |number: u64| grouped(&number.to_string());
    Hook {
        name: used.hook,
        calls: number(used.calls),
        failures: used.failures.into_iter().map(|(code, calls)| Failure { code, calls: number(calls) }).collect(),
        fuel: number(used.fuel),
        fuel_most: number(used.fuel_most),
        memory_mib: used.memory_bytes_most.div_ceil(MIB),
        mean_ms: milliseconds(used.duration_us_mean),
        most_ms: milliseconds(used.duration_us_most),
    }
}
