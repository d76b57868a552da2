//! `rules.toml`: dated rules with their sources.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::emit::{Emitter, Setting};
use super::manifest::Manifest;
use super::types::Type;
use super::{Sources, each_file, is_id};
use crate::date::Date;
use crate::reader::{Entry, Place, Report};
use crate::table::{Clock, Rule, Scope, Severity};

const STALE_AFTER_DAYS: i64 = 365;
const STALE_AFTER_DAYS_MAX: i64 = 3_660;

/// What kind of source a rule rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum SourceKind {
    Law,
    Agency,
    Standard,
    Press,
    Seller,
    GeneralKnowledge,
}

/// How far a source is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// The authority itself or its contractor.
    A,
    /// Press, or a reprint of an official text.
    B,
    /// Sellers and forwarders.
    C,
}

/// A version of a rule, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the README of the format explains each key")]
pub struct RuleInfo {
    pub id: String,
    pub each: Scope,
    pub severity: Severity,
    pub applies_if: Option<String>,
    pub must: String,
    pub clock: Clock,
    pub basis: Option<String>,
    pub place: String,
    /// Name and expression, in the order of the names.
    pub parameters: BTreeMap<String, String>,
    pub effective_from: Date,
    pub effective_to: Option<Date>,
    pub source: String,
    pub source_url: Option<String>,
    pub source_kind: SourceKind,
    pub checked_on: Date,
    pub confidence: Confidence,
    pub stale_after_days: u32,
}

/// A rule with its programs.
pub(super) struct Compiled {
    pub(super) info: RuleInfo,
    uses_clock: bool,
    declared: Place,
    clock: Vec<u16>,
    stale_from: i32,
    applies_if: Option<Vec<u8>>,
    must: Vec<u8>,
    parameters: Vec<(String, Vec<u8>)>,
}

pub(super) fn load(sources: &Sources, manifest: Option<&Manifest>, emitter: &mut Emitter<'_>) -> Vec<Compiled> {
    let mut rules = Vec::new();
    each_file(sources, "rules", emitter, |emitter, root| {
        for mut entry in root.entries(&mut emitter.report, "rule") {
            rules.extend(rule(&mut entry, manifest, emitter));
        }
        root.finish(&mut emitter.report);
    });
    overlaps(&rules, &mut emitter.report);
    rules
}

/// What stands in an entry beside its expressions.
struct Facts {
    severity: Option<Severity>,
    clock: Clock,
    basis: Option<String>,
    place: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    source: Option<String>,
    source_url: Option<String>,
    source_kind: Option<SourceKind>,
    checked_on: Option<Date>,
    confidence: Option<Confidence>,
    stale_after_days: i64,
}

fn rule(entry: &mut Entry<'_, '_>, manifest: Option<&Manifest>, emitter: &mut Emitter<'_>) -> Option<Compiled> {
    let id = identify(entry, &mut emitter.report);
    let scopes = Scope::ALL.map(|scope| (scope.name(), scope));
    let each = entry.word(&mut emitter.report, "each", &scopes);
    let facts = facts(entry, &mut emitter.report);
    trust(entry, &facts, manifest, &mut emitter.report);
    let item = entry.item.clone();
    // A wrong scope is reported once; its expressions are still read, with all that the order offers.
    let setting = Setting { item: &item, each: each.unwrap_or(Scope::Order), clock: true };
    let must_text = entry.text(&mut emitter.report, "must");
    let applies_text = entry.optional_text(&mut emitter.report, "applies_if");
    let mut uses_clock = false;
    let mut programs = Vec::new();
    for found in [must_text.as_ref(), applies_text.as_ref()] {
        let program = found.and_then(|found| emitter.typed(&found.value, &found.place, setting, Type::Boolean));
        uses_clock |= program.as_ref().is_some_and(|program| program.uses_clock);
        programs.push(program.map(|program| program.code));
    }
    let mut sources = BTreeMap::new();
    let mut parameters = Vec::new();
    if let Some(below) = entry.entry(&mut emitter.report, "parameters") {
        for (name, place) in below.keys() {
            let Some(found) = below.text(&mut emitter.report, &name) else { continue };
            if !is_parameter(&name) {
                let fix = "use small letters, digits and underscores; clock and clock_from are given by themselves";
                emitter.report.add(&place, &item, format!("`{name}` is no name for a parameter"), fix);
            }
            if let Some(program) = emitter.program(&found.value, &found.place, setting) {
                uses_clock |= program.uses_clock;
                parameters.push((name.clone(), program.code));
            }
            sources.insert(name, found.value);
        }
    }
    entry.finish(&mut emitter.report);
    // A rule that names its clock says so in its findings even when only other fields are compared.
    uses_clock |= entry.has("clock");
    if let Some(id) = &id {
        declare(id, sources.keys(), uses_clock, emitter);
    }
    let clock = if uses_clock { clock_paths(facts.clock, emitter) } else { Vec::new() };
    let (applies_if, must) = (programs.pop()?, programs.pop()??);
    let checked_on = facts.checked_on?;
    let stale_after_days = u32::try_from(facts.stale_after_days).ok()?;
    let stale_from = checked_on.days().saturating_add(i32::try_from(facts.stale_after_days).ok()?).saturating_add(1);
    let info = RuleInfo {
        id: id?,
        each: each?,
        severity: facts.severity?,
        applies_if: applies_text.map(|found| found.value),
        must: must_text?.value,
        clock: facts.clock,
        basis: facts.basis,
        place: facts.place?,
        parameters: sources,
        effective_from: facts.from?,
        effective_to: facts.to,
        source: facts.source?,
        source_url: facts.source_url,
        source_kind: facts.source_kind?,
        checked_on,
        confidence: facts.confidence?,
        stale_after_days,
    };
    Some(Compiled { info, uses_clock, declared: entry.place.clone(), clock, stale_from, applies_if, must, parameters })
}

fn identify(entry: &mut Entry<'_, '_>, report: &mut Report) -> Option<String> {
    let id = entry.text(report, "id")?;
    entry.item.clone_from(&id.value);
    if !is_id(&id.value, u8::is_ascii_uppercase) {
        report.add(&id.place, &id.value, "this is no rule id", "use capital letters, digits and hyphens, for example KE-AGE-01");
    }
    if id.value.ends_with("-STALE") || id.value.ends_with("-UNDECIDED") {
        report.add(&id.place, &id.value, "ids that end so are made by the rulebook", "choose another ending");
    }
    Some(id.value)
}

fn facts(entry: &Entry<'_, '_>, report: &mut Report) -> Facts {
    let severities = [("block", Severity::Block), ("error", Severity::Error), ("warn", Severity::Warn), ("info", Severity::Info)];
    let kinds = [
        ("law", SourceKind::Law),
        ("agency", SourceKind::Agency),
        ("standard", SourceKind::Standard),
        ("press", SourceKind::Press),
        ("seller", SourceKind::Seller),
        ("general-knowledge", SourceKind::GeneralKnowledge),
    ];
    let confidences = [("A", Confidence::A), ("B", Confidence::B), ("C", Confidence::C)];
    let clocks = Clock::ALL.map(|(clock, name, _)| (name, clock));
    let from = entry.date(report, "effective_from");
    let to = entry.optional_date(report, "effective_to");
    if let (Some(from), Some(to)) = (&from, &to)
        && to.value < from.value
    {
        report.add(
            &to.place,
            &entry.item,
            "`effective_to` is before `effective_from`",
            "let the range end on or after its first day",
        );
    }
    let source_url = entry.optional_text(report, "source_url");
    if let Some(url) = source_url.as_ref().filter(|url| !url.value.starts_with("https://") && !url.value.starts_with("http://")) {
        report.add(&url.place, &entry.item, "`source_url` is no web address", "begin it with https:// or http://");
    }
    let stale = entry.optional_integer(report, "stale_after_days");
    if let Some(days) = stale.as_ref().filter(|days| !(1..=STALE_AFTER_DAYS_MAX).contains(&days.value)) {
        report.add(
            &days.place,
            &entry.item,
            format!("{} days is out of range", days.value),
            format!("write 1 to {STALE_AFTER_DAYS_MAX}"),
        );
    }
    let place = entry.pointer(report, "place").map(|found| found.value);
    if place.is_none() && !entry.has("place") {
        report.add(&entry.place, &entry.item, "`place` is missing", "add the JSON pointer of the value that the rule is about");
    }
    Facts {
        severity: entry.word(report, "severity", &severities),
        clock: entry.optional_word(report, "clock", &clocks).unwrap_or(Clock::AsOf),
        basis: entry.optional_text(report, "basis").map(|found| found.value),
        place,
        from: from.map(|found| found.value),
        to: to.map(|found| found.value),
        source: entry.text(report, "source").map(|found| found.value),
        source_url: source_url.map(|found| found.value),
        source_kind: entry.word(report, "source_kind", &kinds),
        checked_on: entry.date(report, "checked_on").map(|found| found.value),
        confidence: entry.word(report, "confidence", &confidences),
        stale_after_days: stale.map_or(STALE_AFTER_DAYS, |found| found.value),
    }
}

/// A country's law known only from general knowledge may warn, not refuse.
fn trust(entry: &Entry<'_, '_>, facts: &Facts, manifest: Option<&Manifest>, report: &mut Report) {
    let national = manifest.is_some_and(Manifest::is_national);
    let refuses = facts.severity.is_some_and(|severity| severity <= Severity::Error);
    if national && refuses && facts.source_kind == Some(SourceKind::GeneralKnowledge) {
        let message = "a country's rule without a named source would stop documents";
        report.add(&entry.place_of("severity"), &entry.item, message, "use severity \"warn\", or name a source");
    }
}

fn clock_paths(clock: Clock, emitter: &mut Emitter<'_>) -> Vec<u16> {
    let chain = Clock::ALL.iter().find(|(known, ..)| *known == clock).map(|(_, _, chain)| *chain).unwrap_or_default();
    let mut paths = Vec::new();
    for path in chain {
        // A host whose orders lack a link of the chain goes on to the next.
        if let Some(field) =
            emitter.catalogue.field(path).filter(|field| Type::from(field.kind) == Type::Date && field.scope == Scope::Order)
        {
            paths.push(emitter.read(path, &field));
        }
    }
    paths
}

fn is_parameter(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    letters && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) && name != "clock" && name != "clock_from"
}

/// Versions of one rule must not be in force on one day.
fn overlaps(rules: &[Compiled], report: &mut Report) {
    let mut versions: BTreeMap<&str, Vec<&Compiled>> = BTreeMap::new();
    for rule in rules {
        versions.entry(&rule.info.id).or_default().push(rule);
    }
    for (id, mut versions) in versions {
        versions.sort_by_key(|rule| rule.info.effective_from);
        for pair in versions.windows(2) {
            let [earlier, later] = pair else { continue };
            if earlier.info.effective_to.is_none_or(|to| to >= later.info.effective_from) {
                let message = format!("two versions are in force on {}", later.info.effective_from);
                report.add(
                    &later.declared,
                    id,
                    message,
                    "give the earlier one an `effective_to` before that day, or the other an id of its own",
                );
            }
        }
    }
}

/// Notes a rule and the names that its texts may use: what every version gives.
fn declare<'n>(id: &str, names: impl Iterator<Item = &'n String>, uses_clock: bool, emitter: &mut Emitter<'_>) {
    let mut given: BTreeSet<String> = names.cloned().collect();
    if uses_clock {
        given.extend(["clock".to_owned(), "clock_from".to_owned()]);
    }
    emitter.rules.entry(id.to_owned()).and_modify(|known| known.retain(|name| given.contains(name))).or_insert(given);
}

/// The rules as the rulebook reads them.
pub(super) fn encode(rules: &[Compiled]) -> Result<Vec<u8>, postcard::Error> {
    let encoded: Vec<Rule<'_>> = rules
        .iter()
        .map(|rule| Rule {
            id: &rule.info.id,
            severity: rule.info.severity,
            each: rule.info.each,
            place: &rule.info.place,
            effective_from: rule.info.effective_from.days(),
            effective_to: rule.info.effective_to.map(Date::days),
            checked_on: rule.info.checked_on.days(),
            stale_from: rule.stale_from,
            clock: rule.clock.clone(),
            shows_clock: rule.uses_clock,
            applies_if: rule.applies_if.as_deref(),
            must: &rule.must,
            parameters: rule.parameters.iter().map(|(name, code)| (name.as_str(), code.as_slice())).collect(),
        })
        .collect();
    postcard::to_allocvec(&encoded)
}
