//! The packs that take part in the firm's checks: their rules with sources and dates, their documents, their milestones.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roro_pack::compile::{CompiledPack, DocumentInfo, Milestone, RuleInfo};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Console;
use super::document::Moment;
use super::visitor::Visitor;
use crate::pack::{self, Installed, Pack};
use crate::web::{Kind, Problem};

/// The packs that take part for the visitor's firm, with when each was installed.
async fn installed(console: &Console, visitor: &Visitor) -> Result<Vec<Installed>, Problem> {
    Ok(pack::installed(&console.ctx, visitor.actor(), &console.press.packs).await?)
}

/// The same packs, for whoever needs only what is in them.
pub(super) async fn active(console: &Console, visitor: &Visitor) -> Result<Vec<Arc<Pack>>, Problem> {
    Ok(installed(console, visitor).await?.into_iter().map(|one| one.pack).collect())
}

#[derive(Debug, Serialize)]
struct Card {
    id: String,
    title: String,
    version: String,
    jurisdiction: String,
    direction: String,
    rules: usize,
    documents: usize,
    milestones: usize,
    reviewer: Option<String>,
    /// The day of the oldest check of a source.
    checked_since: Option<String>,
    /// How many rules rest on a check that is too old by now.
    stale: usize,
    installed: Moment,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct List {
    packs: Vec<Card>,
}

#[derive(Debug, Serialize)]
struct Rule {
    id: String,
    severity: String,
    says: String,
    must: String,
    applies_if: Option<String>,
    from: String,
    to: Option<String>,
    source: String,
    url: Option<String>,
    kind: String,
    confidence: String,
    checked_on: String,
    stale: bool,
}

#[derive(Debug, Serialize)]
struct Document {
    id: String,
    title: String,
    language: String,
    reason: String,
    why: String,
    when: Option<String>,
    boxes: usize,
}

#[derive(Debug, Serialize)]
struct Step {
    id: String,
    title: String,
    owner: String,
    after: Vec<String>,
    when: Option<String>,
    /// The order date that it hangs on, days from it, and whether before.
    due: Option<Due>,
    evidence: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Due {
    clock: String,
    days: u32,
    before: bool,
}

#[derive(Debug, Serialize)]
struct InFull {
    card: Card,
    rules: Vec<Rule>,
    documents: Vec<Document>,
    milestones: Vec<Step>,
}

pub(super) async fn list(State(console): State<Console>, visitor: Visitor) -> Result<Response, Problem> {
    let today = today(&console);
    let packs = installed(&console, &visitor).await?;
    let packs = packs.iter().map(|one| card(one, visitor.ask.language.code(), today)).collect();
    visitor.show(&console, "packs", "packs.html.j2", List { packs })
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let (today, language) = (today(&console), visitor.ask.language.code());
    let packs = installed(&console, &visitor).await?;
    let one = packs.iter().find(|one| one.pack.id() == id);
    let one = one
        .ok_or_else(|| Problem::new(Kind::NotFound, "Your firm has no such pack; the list of packs shows those that it has."))?;
    let contents = one.pack.contents();
    let page = InFull {
        card: card(one, language, today),
        rules: contents.rules.iter().map(|info| rule(contents, info, language, today)).collect(),
        documents: contents.documents.iter().map(|info| document(contents, info, language)).collect(),
        milestones: contents.milestones.iter().map(|milestone| step(milestone, language)).collect(),
    };
    visitor.show(&console, "packs", "pack.html.j2", page)
}

fn today(console: &Console) -> Date {
    let micros = console.ctx.now().micros();
    jiff::Timestamp::from_microsecond(micros).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

fn in_language(texts: &BTreeMap<String, String>, language: &str, otherwise: &str) -> String {
    texts.get(language).or_else(|| texts.get("en")).map_or(otherwise, String::as_str).to_owned()
}

/// Whether the source was looked at longer ago than the rule allows.
fn is_stale(info: &RuleInfo, today: Date) -> bool {
    let checked: Option<Date> = info.checked_on.to_string().parse().ok();
    let ends = checked.and_then(|day| day.checked_add(jiff::Span::new().days(i64::from(info.stale_after_days))).ok());
    ends.is_some_and(|ends| ends < today)
}

fn card(one: &Installed, language: &str, today: Date) -> Card {
    let (pack, contents) = (&one.pack, one.pack.contents());
    let manifest = &contents.manifest;
    Card {
        id: pack.id().to_owned(),
        title: in_language(&manifest.title, language, pack.id()),
        version: pack.version().to_owned(),
        jurisdiction: manifest.jurisdiction.clone(),
        direction: pack::word(manifest.direction),
        rules: contents.rules.len(),
        documents: contents.documents.len(),
        milestones: contents.milestones.len(),
        reviewer: manifest.reviewer.clone(),
        // Dates of ISO 8601 with four-digit years compare as texts.
        checked_since: contents.rules.iter().map(|rule| rule.checked_on.to_string()).min(),
        stale: contents.rules.iter().filter(|rule| is_stale(rule, today)).count(),
        installed: one.installed_at.into(),
        sha256: pack.digest().to_owned(),
    }
}

fn rule(contents: &CompiledPack, info: &RuleInfo, language: &str, today: Date) -> Rule {
    Rule {
        says: sentence(contents, &info.id, language),
        id: info.id.clone(),
        severity: pack::word(info.severity).to_uppercase(),
        must: info.must.clone(),
        applies_if: info.applies_if.clone(),
        from: info.effective_from.to_string(),
        to: info.effective_to.map(|day| day.to_string()),
        source: info.source.clone(),
        url: info.source_url.as_deref().and_then(link),
        kind: pack::word(info.source_kind),
        confidence: pack::word(info.confidence),
        checked_on: info.checked_on.to_string(),
        stale: is_stale(info, today),
    }
}

fn document(contents: &CompiledPack, info: &DocumentInfo, language: &str) -> Document {
    Document {
        id: info.id.clone(),
        title: in_language(&info.title, language, &info.id),
        language: info.language.clone(),
        why: sentence(contents, &info.reason, language),
        reason: info.reason.clone(),
        when: info.when.clone(),
        boxes: info.boxes.len() + info.rows.len(),
    }
}

fn step(milestone: &Milestone, language: &str) -> Step {
    let due =
        |due: &roro_pack::compile::Due| Due { clock: pack::word(due.clock), days: due.days.unsigned_abs(), before: due.days < 0 };
    Step {
        id: milestone.id.clone(),
        title: in_language(&milestone.title, language, &milestone.id),
        owner: milestone.owner.clone(),
        after: milestone.after.clone(),
        when: milestone.when.clone(),
        due: milestone.due.as_ref().map(due),
        evidence: milestone.evidence.clone(),
    }
}

/// What a pack says of a rule or reason, with its placeholders as they are: there is no order to fill them from.
pub(super) fn sentence(contents: &CompiledPack, rule: &str, language: &str) -> String {
    let say = |language: &str| contents.locales.get(language)?.get(rule).map(|texts| texts.says.clone());
    say(language).or_else(|| say("en")).unwrap_or_default()
}

/// An address that a page may link to: the web's, never `javascript:` or the like.
pub(super) fn link(url: &str) -> Option<String> {
    (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}
