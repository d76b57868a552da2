//! Limits that a plugin sets itself, below those of its class.

use roro_pack::reader::{Entry, Report};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word::Class;

/// The records that a plugin may keep when its manifest does not say.
const RECORDS_DEFAULT: u32 = 10_000;
/// The records that a manifest may ask for.
const RECORDS_MAX: u32 = 1_000_000;

/// Limits of a plugin's own. A call gets the lower one of these and what its class gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginLimits")]
pub struct Limits {
    /// Fuel of one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// Memory of one call, MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Records of all its collections together.
    pub records_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: None, memory_mib: None, records_max: RECORDS_DEFAULT }
    }
}

impl Class {
    /// The fuel that every call of the class gets, before the lines of its order add to it.
    pub(super) const fn fuel_base(self) -> u64 {
        match self {
            Self::Rule => 200_000_000,
            Self::Interpreted => 4_000_000_000,
            Self::Renderer => 20_000_000_000,
        }
    }

    /// The memory that every call of the class gets, before the lines of its order add to it, MiB.
    pub(super) const fn memory_base_mib(self) -> u32 {
        match self {
            Self::Rule => 32,
            Self::Interpreted => 128,
            Self::Renderer => 384,
        }
    }
}

pub(super) fn load(root: &Entry<'_, '_>, class: Option<Class>, report: &mut Report) -> Limits {
    let mut limits = Limits::default();
    let Some(mut entry) = root.entry(report, "limits") else { return limits };
    "limits".clone_into(&mut entry.item);
    let (fuel_max, memory_max) = (class.map(Class::fuel_base), class.map(Class::memory_base_mib));
    limits.fuel = limit(&entry, "fuel", fuel_max.unwrap_or(u64::MAX), report);
    limits.memory_mib = limit(&entry, "memory_mib", memory_max.map_or(u64::from(u32::MAX), u64::from), report)
        .and_then(|mib| u32::try_from(mib).ok());
    let records = limit(&entry, "records_max", u64::from(RECORDS_MAX), report).and_then(|records| u32::try_from(records).ok());
    limits.records_max = records.unwrap_or(RECORDS_DEFAULT);
    entry.finish(report);
    limits
}

/// A number from 1 to `most`: a manifest lowers a limit, it never lifts one.
fn limit(entry: &Entry<'_, '_>, key: &str, most: u64, report: &mut Report) -> Option<u64> {
    let found = entry.optional_integer(report, key)?;
    let value = u64::try_from(found.value).ok().filter(|value| (1..=most).contains(value));
    if value.is_none() {
        let fix = format!("write a number from 1 to {most} or remove it");
        report.add(&found.place, &entry.item, format!("`{key}` is {}", found.value), fix);
    }
    value
}
