//! When an app is called without being asked: events that happen in the house, and the clock.

use roro_pack::reader::{Entry, Report, suggest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::text::{entries, name, once, pairs, shown};
use super::word::Every;

/// The most calls by the clock that a plugin may have.
const SCHEDULES_MAX: usize = 20;

/// A call by the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginSchedule")]
pub struct Schedule {
    /// Its name for the component and for programs.
    pub name: String,
    /// How often.
    pub every: Every,
}

/// The kinds of events that the plugin wants to be told of.
pub(super) fn events(root: &Entry<'_, '_>, known: &[&str], report: &mut Report) -> Vec<String> {
    let mut kinds = BTreeSet::new();
    entries(root, "events", known.len(), report).into_iter().filter_map(|entry| event(entry, known, &mut kinds, report)).collect()
}

fn event(mut entry: Entry<'_, '_>, known: &[&str], kinds: &mut BTreeSet<String>, report: &mut Report) -> Option<String> {
    "event".clone_into(&mut entry.item);
    let kind = entry.text(report, "kind");
    if let Some(kind) = &kind {
        entry.item = format!("event {}", shown(&kind.value));
        if !known.contains(&kind.value.as_str()) {
            let fix = suggest(&kind.value, known.iter().copied(), "see the list of events");
            report.add(&kind.place, &entry.item, format!("there is no event `{}`", kind.value), fix);
        }
        once(kind, &entry.item, kinds, report);
    }
    entry.finish(report);
    Some(kind?.value)
}

/// When the plugin wants to be called by the clock.
pub(super) fn schedule(root: &Entry<'_, '_>, report: &mut Report) -> Vec<Schedule> {
    let mut names = BTreeSet::new();
    entries(root, "schedule", SCHEDULES_MAX, report).into_iter().filter_map(|entry| call(entry, &mut names, report)).collect()
}

fn call(mut entry: Entry<'_, '_>, names: &mut BTreeSet<String>, report: &mut Report) -> Option<Schedule> {
    let name = name(&mut entry, "schedule", names, report);
    let every = entry.word(report, "every", &pairs(Every::ALL, Every::as_str));
    entry.finish(report);
    Some(Schedule { name: name?, every: every? })
}
