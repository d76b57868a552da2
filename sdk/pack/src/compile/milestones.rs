//! `milestones.toml`: a country's part of the milestone graph. Parsed, checked and kept; the host composes the route's graph.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::emit::{Emitter, Setting};
use super::types::Type;
use super::{Sources, Titles, each_file, is_id, titles};
use crate::reader::{Entry, Place};
use crate::table::{Clock, Scope};

/// When a milestone is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The order date that it hangs on.
    pub clock: Clock,
    /// Days after it; negative is before.
    pub days: i32,
}

/// A node of the goods graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the README of the format explains each key")]
pub struct Milestone {
    pub id: String,
    pub title: Titles,
    pub owner: String,
    /// Milestones of this or another pack of the route that come before.
    pub after: Vec<String>,
    /// An expression over the order; none means always.
    pub when: Option<String>,
    pub due: Option<Due>,
    pub evidence: Vec<String>,
    /// Days before it is due.
    pub reminders_days: Vec<u32>,
}

pub(super) fn load(sources: &Sources, emitter: &mut Emitter<'_>) -> Vec<Milestone> {
    let mut milestones: Vec<Milestone> = Vec::new();
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    each_file(sources, "milestones", emitter, |emitter, root| {
        for mut entry in root.entries(&mut emitter.report, "milestone") {
            let id = entry.text(&mut emitter.report, "id");
            if let Some(id) = &id {
                entry.item.clone_from(&id.value);
                if !is_id(&id.value, u8::is_ascii_lowercase) {
                    emitter.report.add(
                        &id.place,
                        &id.value,
                        "this is no milestone id",
                        "use lower case letters, digits and hyphens",
                    );
                }
                if places.insert(id.value.clone(), id.place.clone()).is_some() {
                    emitter.report.add(&id.place, &id.value, "the pack declares this milestone twice", "rename one of them");
                }
            }
            milestones.extend(milestone(&entry, id.map(|found| found.value), emitter));
        }
        root.finish(&mut emitter.report);
    });
    emitter.take_reads();
    cycles(&milestones, &places, emitter);
    milestones
}

fn milestone(entry: &Entry<'_, '_>, id: Option<String>, emitter: &mut Emitter<'_>) -> Option<Milestone> {
    let title = entry.title(&mut emitter.report, "title");
    let owner = entry.text(&mut emitter.report, "owner");
    let after = entry.texts(&mut emitter.report, "after");
    let when = entry.optional_text(&mut emitter.report, "when");
    if let Some(when) = &when {
        let setting = Setting { item: &entry.item, each: Scope::Order, clock: false };
        emitter.typed(&when.value, &when.place, setting, Type::Boolean);
    }
    let due = entry.entry(&mut emitter.report, "due").and_then(|below| {
        let clock = below.word(&mut emitter.report, "clock", &Clock::ALL.map(|(clock, name, _)| (name, clock)));
        let days = below.integer(&mut emitter.report, "days");
        below.finish(&mut emitter.report);
        let days = days?;
        let Ok(number) = i32::try_from(days.value) else {
            emitter.report.add(&days.place, &entry.item, "`days` is out of range", "write a number of days");
            return None;
        };
        Some(Due { clock: clock?, days: number })
    });
    let evidence = entry.texts(&mut emitter.report, "evidence");
    let reminders = entry.integers(&mut emitter.report, "reminders_days");
    let reminders_days: Vec<u32> = reminders.iter().filter_map(|days| u32::try_from(*days).ok()).collect();
    if reminders_days.len() != reminders.len() {
        let place = entry.place_of("reminders_days");
        emitter.report.add(
            &place,
            &entry.item,
            "a reminder has a negative number of days",
            "write days before it is due, from 0 upwards",
        );
    }
    entry.finish(&mut emitter.report);
    let (title, owner, when) = (titles(title?), owner?.value, when.map(|found| found.value));
    Some(Milestone { id: id?, title, owner, after, when, due, evidence, reminders_days })
}

/// Reports milestones of this pack that wait for themselves.
fn cycles(milestones: &[Milestone], places: &BTreeMap<String, Place>, emitter: &mut Emitter<'_>) {
    let mut left: BTreeMap<&str, &[String]> = milestones.iter().map(|node| (node.id.as_str(), node.after.as_slice())).collect();
    loop {
        let waiting: BTreeSet<&str> = left.keys().copied().collect();
        left.retain(|_, after| after.iter().any(|id| waiting.contains(id.as_str())));
        if left.len() == waiting.len() {
            break;
        }
    }
    if let Some((id, _)) = left.first_key_value() {
        let ids: Vec<&str> = left.keys().copied().collect();
        let place = places.get(*id).cloned().unwrap_or_default();
        emitter.report.add(
            &place,
            id,
            format!("these milestones wait for one another: {}", ids.join(", ")),
            "remove one of their `after`",
        );
    }
}
