//! From a case to its documents: check, required set, boxes, numbers, pages. Everything or nothing.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use super::hook::Case;
use super::hook::{Cost, Failure, Hooks, Job, Missing, Prepared, Reply, Requirement};
use crate::finding::{self, Finding, Severity};
use crate::order::snapshot;
use crate::plugin::Active;
use crate::plugin::manifest::{HookName, OnFailure};
use crate::price::Line;

/// A document's number and revision, as the caller's numbering gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number, printed on every page.
    pub number: String,
    /// The revision, 1 for the first issue.
    pub revision: u32,
}

/// A finished document.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Why it is there.
    pub requirement: Requirement,
    /// Number and revision.
    pub numbered: Numbered,
    /// The number of the voided document whose place it takes.
    pub replaces: Option<String>,
    /// English and Chinese title.
    pub title: BTreeMap<String, String>,
    /// SHA-256 of the canonical document data, as printed on the page, in hex.
    pub data_sha256: String,
    /// SHA-256 of the file, in hex.
    pub file_sha256: String,
    /// For example `application/pdf`.
    pub media_type: String,
    /// How many pages.
    pub pages: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Paper {
    /// The file's name: the document's id and the extension of its kind.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.requirement.document, extension(&self.media_type))
    }
}

/// The extension of a media type's files.
pub(super) fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "text/html" => "html",
        "application/xml" => "xml",
        "application/json" => "json",
        _ => "bin",
    }
}

/// The outcome for one order.
#[derive(Debug)]
pub struct Assembled {
    /// Every finding, worst first.
    pub findings: Vec<Finding>,
    /// The required set, also when it was refused.
    pub requirements: Vec<Requirement>,
    /// The documents; none when a finding stops them.
    pub papers: Vec<Paper>,
    /// What each call of the host's own plugins cost, by the hook's name.
    pub costs: Vec<(&'static str, Cost)>,
    /// How each of the tenant's plugins answered.
    pub asked: Vec<Asked>,
}

/// How a plugin of the tenant answered through one hook.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The plugin.
    pub plugin: Arc<Active>,
    /// The hook.
    pub hook: HookName,
    /// `done`, or the code of the failure.
    pub outcome: &'static str,
    /// What it found; when it failed, what the host says of that.
    pub findings: Vec<Finding>,
    /// Its part of a price.
    pub lines: Vec<Line>,
    /// What it cost.
    pub cost: Cost,
}

impl Assembled {
    /// Whether the documents were issued.
    #[must_use]
    pub fn is_issued(&self) -> bool {
        !self.findings.iter().any(|finding| finding.severity.stops())
    }
}

/// Why documents could not be made, apart from findings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A plugin was stopped, or trapped, or answered badly.
    #[error(transparent)]
    Plugin(#[from] Failure),
    /// A template and the data do not fit.
    #[error(
        "document {document} cannot be rendered: {reason}. Mend the template of its pack, or the field that the reason names"
    )]
    Render {
        /// The document.
        document: String,
        /// What the renderer said.
        reason: String,
    },
    /// A plugin answered about a document that it did not ask for, or left one out.
    #[error("the rulebook's answers do not fit together: {0}. Report it to the plugin's author")]
    Answer(String),
    /// The number could not be reserved.
    #[error("no number for document {document}: {reason}")]
    Number {
        /// The document.
        document: String,
        /// Why.
        reason: String,
    },
}

/// Gives a document its number, from its id and the hash of its data.
#[async_trait::async_trait]
pub trait Numbering: Send + Sync {
    /// The number for `document`, whose data has the hash `data_sha256`. The same data gets the same number and revision.
    async fn number(&self, document: &str, data_sha256: &str) -> Result<Numbered, String>;

    /// The number of the voided document whose place `document` takes.
    fn replaces(&self, _document: &str) -> Option<String> {
        None
    }
}

/// Findings and required set, without making documents.
///
/// # Errors
/// When a plugin fails.
pub async fn check(hooks: &dyn Hooks, case: &Case) -> Result<Assembled, Error> {
    let mut costs = Vec::new();
    let (mut findings, cost) = hooks.check(case).await?;
    costs.push(("check", cost));
    let asked = ask(hooks, case, HookName::judges_orders).await?;
    findings.extend(asked.iter().flat_map(|one| one.findings.iter().cloned()));
    findings.extend(of_route(case));
    findings.extend(of_size(case));
    let (mut requirements, cost) = hooks.requirements(case).await?;
    costs.push(("requirements", cost));
    requirements.sort_by(|a, b| (a.rank, &a.document).cmp(&(b.rank, &b.document)));
    finding::sort(&mut findings);
    Ok(Assembled { findings, requirements, papers: Vec::new(), costs, asked })
}

/// Checks a case and, when nothing stops it, makes its documents.
///
/// # Errors
/// When a plugin fails, a template does not fit, or no number can be had. No document is made then.
pub async fn assemble(hooks: &dyn Hooks, case: &Case, numbering: &dyn Numbering) -> Result<Assembled, Error> {
    let mut outcome = check(hooks, case).await?;
    let ids: Vec<String> = outcome.requirements.iter().map(|requirement| requirement.document.clone()).collect();
    let (prepared, cost) = hooks.prepare(case, &ids).await?;
    outcome.costs.push(("prepare", cost));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(missing) => {
            let said = of_missing(&missing, &outcome.findings);
            outcome.findings.extend(said);
            finding::sort(&mut outcome.findings);
            return Ok(outcome);
        }
    };
    if outcome.is_issued() {
        let (papers, cost) = make(hooks, case, &outcome.requirements, &prepared, numbering).await?;
        outcome.costs.push(("render", cost));
        outcome.papers = papers;
    }
    Ok(outcome)
}

/// Asks the tenant's plugins through some of their hooks, one after the other. All that they say counts: what one lets pass, another may still
/// refuse.
pub(crate) async fn ask(hooks: &dyn Hooks, case: &Case, wanted: fn(HookName) -> bool) -> Result<Vec<Asked>, Failure> {
    let mut asked = Vec::new();
    for plugin in case.plugins.iter() {
        for hook in plugin.hooks.iter().filter(|hook| wanted(hook.name)) {
            let (outcome, Reply { findings, lines }, cost) = match hooks.ask(case, plugin, hook.name).await {
                Ok((reply, cost)) => ("done", reply, cost),
                // It may answer in a moment: whoever asks comes again.
                Err(failure) if failure.is_transient && hook.on_failure != OnFailure::Open => return Err(failure),
                Err(failure) => {
                    let findings = vec![of_failure(plugin, hook.on_failure, &failure)];
                    (failure.code, Reply { findings, lines: Vec::new() }, failure.cost)
                }
            };
            asked.push(Asked { plugin: Arc::clone(plugin), hook: hook.name, outcome, findings, lines, cost });
        }
    }
    Ok(asked)
}

/// How a plugin that had no time is counted where nobody comes again.
pub(super) fn failed(plugin: &Arc<Active>, failure: Failure) -> Asked {
    let hook = plugin.hooks.iter().find(|hook| hook.name.as_str() == failure.hook).or(plugin.hooks.first());
    let on_failure = hook.map_or(OnFailure::Closed, |hook| hook.on_failure);
    let findings = vec![of_failure(plugin, on_failure, &failure)];
    let hook = hook.map_or(HookName::Documents, |hook| hook.name);
    Asked { plugin: Arc::clone(plugin), hook, outcome: failure.code, findings, lines: Vec::new(), cost: failure.cost }
}

/// What the host says of a plugin that failed: as the plugin's manifest and with it the administrator decided.
fn of_failure(plugin: &Active, on_failure: OnFailure, failure: &Failure) -> Finding {
    let (rule, severity) = match on_failure {
        OnFailure::Closed => ("HOST-PLUGIN-01", Severity::Block),
        OnFailure::Open => ("HOST-PLUGIN-02", Severity::Warn),
        OnFailure::Park => ("HOST-PLUGIN-03", Severity::Block),
    };
    Finding::of_host(
        rule,
        severity,
        "",
        &[("plugin", &failure.plugin), ("hook", failure.hook), ("code", failure.code), ("id", &plugin.id)],
    )
}

/// Findings of the host itself about the route: a country without a pack is said, not passed over.
fn of_route(case: &Case) -> Vec<Finding> {
    let shipment = &case.snapshot.file.shipment;
    let sides = [
        ("export", "HOST-PACK-01", &shipment.country_of_export, "/shipment/country_of_export"),
        ("import", "HOST-PACK-02", &shipment.country_of_destination, "/shipment/country_of_destination"),
    ];
    let lacking = sides
        .into_iter()
        .filter(|(direction, _, country, _)| !case.packs.iter().any(|pack| pack.serves(country.as_str(), direction)));
    lacking
        .map(|(_, rule, country, place)| Finding::of_host(rule, Severity::Warn, place, &[("country", country.as_str())]))
        .collect()
}

/// How many bytes of text the vehicles of an order may have together. A paper is laid out as a whole and the renderer's sandbox has 1 GiB;
/// measured with the shipped packs, a byte of a vehicle's text takes up to 560 bytes of it, whichever fields it stands in. 2 000 vehicles
/// with every field filled in, as exporters fill them, have 0.7 to 1.1 million.
const VEHICLE_TEXT_BYTES_MAX: usize = 1_700_000;

/// An order whose papers would not fit the renderer is refused before it is rendered, with the size that fits.
fn of_size(case: &Case) -> Option<Finding> {
    let vehicles = case.snapshot.value.get("vehicles")?;
    let bytes = text_bytes(vehicles);
    if bytes <= VEHICLE_TEXT_BYTES_MAX {
        return None;
    }
    let count = case.snapshot.file.vehicles.len();
    let fitting = (count.saturating_mul(VEHICLE_TEXT_BYTES_MAX) / bytes).max(1);
    let (count, fitting) = (count.to_string(), fitting.to_string());
    let (bytes, most) = (bytes.to_string(), VEHICLE_TEXT_BYTES_MAX.to_string());
    let parameters = [("vehicles", &*count), ("bytes", &bytes), ("bytes_max", &most), ("fitting", &fitting)];
    Some(Finding::of_host("HOST-SIZE-01", Severity::Error, "/vehicles", &parameters))
}

/// The bytes of all texts of a value, without the names of its fields.
fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(text_bytes).sum(),
        Value::Object(fields) => fields.values().map(text_bytes).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Each missing place once, with every box that needs it. A place that a rule already stops at is not said twice: its rule says it better.
fn of_missing(missing: &[Missing], findings: &[Finding]) -> Vec<Finding> {
    let below = |place: &str, known: &str| place.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let said = |place: &str| findings.iter().any(|finding| finding.severity.stops() && below(place, &finding.place));
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in missing.iter().filter(|one| !said(&one.place)) {
        places.entry(&one.place).or_default().push(format!("{}: {}", one.document, one.name));
    }
    let finding = |(place, boxes): (&str, Vec<String>)| {
        Finding::of_host("HOST-DATA-01", Severity::Error, place, &[("boxes", &boxes.join("; "))])
    };
    places.into_iter().map(finding).collect()
}

async fn make(
    hooks: &dyn Hooks,
    case: &Case,
    requirements: &[Requirement],
    prepared: &[Prepared],
    numbering: &dyn Numbering,
) -> Result<(Vec<Paper>, Cost), Error> {
    let drafts = draft(hooks, case, requirements, prepared, numbering).await?;
    // Papers name each other: a packing list prints the number of its invoice.
    let numbers: Map<String, Value> =
        drafts.iter().map(|draft| (draft.requirement.document.clone(), draft.numbered.number.clone().into())).collect();
    let mut jobs = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        let data = serde_json_canonicalizer::to_vec(&page_data(case, draft, &numbers))
            .map_err(|error| Error::Answer(error.to_string()))?;
        let requirement = draft.requirement;
        let title = draft.about.title.get("en").map_or(requirement.document.as_str(), String::as_str);
        jobs.push(Job {
            template: format!("{}/{}", requirement.pack, requirement.template),
            data,
            title: format!("{title} {}", draft.numbered.number),
            language: draft.about.language.clone(),
        });
    }
    let (rendered, cost) = hooks.render(case, jobs).await?;
    let rendered = rendered.map_err(|(index, reason)| Error::Render {
        document: requirements.get(index).map_or_else(|| index.to_string(), |requirement| requirement.document.clone()),
        reason,
    })?;
    if rendered.len() != drafts.len() {
        return Err(Error::Answer(format!("{} documents were asked for, {} were rendered", drafts.len(), rendered.len())));
    }
    let papers = drafts.into_iter().zip(rendered).map(|(draft, file)| Paper {
        requirement: draft.requirement.clone(),
        numbered: draft.numbered,
        replaces: draft.replaces,
        title: draft.about.title,
        data_sha256: draft.data_sha256,
        file_sha256: hex::encode(Sha256::digest(&file.bytes)),
        media_type: file.media_type,
        pages: file.pages,
        bytes: file.bytes,
    });
    Ok((papers.collect(), cost))
}

/// A document before its pages: data, hash and number.
struct Draft<'a> {
    requirement: &'a Requirement,
    about: crate::pack::DocumentAbout,
    boxes: &'a Prepared,
    data_sha256: String,
    numbered: Numbered,
    replaces: Option<String>,
}

async fn draft<'a>(
    hooks: &dyn Hooks,
    case: &Case,
    requirements: &'a [Requirement],
    prepared: &'a [Prepared],
    numbering: &dyn Numbering,
) -> Result<Vec<Draft<'a>>, Error> {
    let ground = ground(hooks, case);
    let mut drafts = Vec::with_capacity(requirements.len());
    for requirement in requirements {
        let boxes = prepared.iter().find(|prepared| prepared.document == requirement.document);
        let boxes = boxes.ok_or_else(|| Error::Answer(format!("`{}` is required and was not prepared", requirement.document)))?;
        let about =
            case.packs.iter().find(|pack| pack.id() == requirement.pack).and_then(|pack| pack.document(&requirement.document));
        let about = about.ok_or_else(|| {
            Error::Answer(format!("pack `{}` declares no document `{}`", requirement.pack, requirement.document))
        })?;
        // Made again for the page: the contents of all papers of a large order at once would be hundreds of megabytes.
        let data = json!({ "content": content(case, boxes), "document": requirement.document, "ground": ground });
        let data_sha256 = hash(&data)?;
        let number = numbering.number(&requirement.document, &data_sha256).await;
        let numbered = number.map_err(|reason| Error::Number { document: requirement.document.clone(), reason })?;
        let replaces = numbering.replaces(&requirement.document);
        drafts.push(Draft { requirement, about, boxes, data_sha256, numbered, replaces });
    }
    Ok(drafts)
}

/// What beside the order decides how a page looks: packs, fonts, components. Part of the printed hash.
fn ground(hooks: &dyn Hooks, case: &Case) -> Value {
    let packs: Map<String, Value> = case.packs.iter().map(|pack| (pack.id().to_owned(), pack.digest().into())).collect();
    let fonts: Map<String, Value> = case.fonts.iter().map(|font| (font.file.clone(), font.sha256.clone().into())).collect();
    let components: Map<String, Value> = hooks.components().into_iter().map(|(name, digest)| (name, digest.into())).collect();
    json!({ "as_of": case.as_of, "components": components, "fonts": fonts, "packs": packs })
}

fn content(case: &Case, prepared: &Prepared) -> Value {
    let map = |boxes: &[(String, String)]| {
        boxes.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>()
    };
    let mut content = case.snapshot.value.clone();
    if let Some(object) = content.as_object_mut() {
        for outside in ["format", "source", "external_id"] {
            object.remove(outside);
        }
        object.insert("boxes".into(), Value::Object(map(&prepared.boxes)));
        object.insert("rows".into(), prepared.rows.iter().map(|row| Value::Object(map(row))).collect());
    }
    content
}

fn page_data(case: &Case, draft: &Draft<'_>, numbers: &Map<String, Value>) -> Value {
    let (numbered, sha256) = (&draft.numbered, draft.data_sha256.as_str());
    let short: String = sha256.chars().take(16).collect();
    let doc = json!({
        "date": case.as_of,
        "draft": false,
        "hash": sha256,
        "hash16": short,
        "id": draft.requirement.document,
        "language": draft.about.language,
        "number": numbered.number,
        "numbers": numbers,
        "replaces": draft.replaces,
        "qr": format!("RORO/1 {} {} {}", numbered.number, numbered.revision, sha256),
        "revision": numbered.revision,
        "title": draft.about.title,
        "void": false,
    });
    let mut data = content(case, draft.boxes);
    if let Some(object) = data.as_object_mut() {
        object.insert("doc".into(), doc);
    }
    data
}

fn hash(value: &Value) -> Result<String, Error> {
    snapshot::digest(value).map_err(|problems| Error::Answer(problems.into_iter().map(|problem| problem.message).collect()))
}
