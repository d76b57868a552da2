//! The report of one order: what was found, what was issued, from which packs, components and fonts. `findings.json` is its JSON.
//!
//! The same input gives the same report, byte for byte: it holds no time and no duration.

use serde::Serialize;
use std::collections::BTreeMap;

use super::assemble::{Asked, Assembled, Case};
use super::hook::Hooks;
use crate::finding::{Finding, Parameter, Severity};
use crate::kernel::id::ReleaseId;
use crate::plugin;

/// The report.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// `roro.findings/1`.
    pub format: &'static str,
    /// Whether documents were issued: nothing stops them, and they were made.
    pub issued: bool,
    /// Which order.
    pub order: OrderLine,
    /// The date whose rules applied.
    pub as_of: String,
    /// Every finding, worst first.
    pub findings: Vec<FindingLine>,
    /// The required set, with the file of each that was issued.
    pub documents: Vec<DocumentLine>,
    /// The packs that took part.
    pub packs: Vec<PackLine>,
    /// The firm's own plugins that were asked.
    pub plugins: Vec<PluginLine>,
    /// SHA-256 of the components, by name.
    pub components: BTreeMap<String, String>,
    /// SHA-256 of the fonts, by file.
    pub fonts: BTreeMap<String, String>,
}

/// Which order.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReportOrder")]
pub struct OrderLine {
    /// The firm's reference.
    pub reference: String,
    /// The source system.
    pub source: String,
    /// The id there.
    pub external_id: String,
    /// SHA-256 of the canonical snapshot.
    pub snapshot_sha256: String,
}

/// A finding with its sentences and its source.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Finding")]
pub struct FindingLine {
    /// The rule.
    pub rule: String,
    /// What it does.
    pub severity: Severity,
    /// A JSON pointer into the order file.
    pub place: String,
    /// The values of the sentence.
    pub parameters: Vec<Parameter>,
    /// What is wrong, by language.
    pub says: BTreeMap<&'static str, String>,
    /// Why it matters, by language.
    pub why: BTreeMap<&'static str, String>,
    /// What to do, by language.
    pub fix: BTreeMap<&'static str, String>,
    /// Where the rule comes from; none for findings of the host itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceLine>,
    /// The firm's plugin whose rule it is: id and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

/// A plugin of the firm that was asked.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReportPlugin")]
pub struct PluginLine {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The release; none where nothing is kept.
    pub release: Option<ReleaseId>,
    /// SHA-256 of the component.
    pub component_sha256: String,
    /// The hook through which it was asked.
    pub hook: &'static str,
    /// `done`, or why it failed.
    pub outcome: &'static str,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "FindingSource")]
pub struct SourceLine {
    /// The pack.
    pub pack: String,
    /// The text, notice or standard.
    pub source: String,
    /// Its address, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Law, agency, standard, press, seller, general-knowledge.
    pub kind: String,
    /// When it was last checked.
    pub checked_on: String,
    /// A, B or C.
    pub confidence: String,
}

/// A document of the required set.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReportDocument")]
pub struct DocumentLine {
    /// For example `commercial-invoice`.
    pub document: String,
    /// The pack that declares it.
    pub pack: String,
    /// The title, by language.
    pub title: BTreeMap<String, String>,
    /// The rule or custom that asks for it.
    pub reason: String,
    /// What was issued; none when the order was refused.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub issued: Option<IssuedLine>,
}

/// An issued document.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReportIssuedDocument")]
pub struct IssuedLine {
    /// The number on its pages.
    pub number: String,
    /// The revision.
    pub revision: u32,
    /// The number of the voided document whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The file's name.
    pub file: String,
    /// For example `application/pdf`.
    pub media_type: String,
    /// How many pages.
    pub pages: u32,
    /// SHA-256 of the canonical data; its first 16 digits stand on every page.
    pub data_sha256: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
}

/// A pack that took part.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReportPack")]
pub struct PackLine {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its files.
    pub sha256: String,
}

impl Report {
    /// The report of an outcome.
    #[must_use]
    pub fn new(hooks: &dyn Hooks, case: &Case, outcome: &Assembled) -> Self {
        let file = &case.snapshot.file;
        Self {
            format: "roro.findings/1",
            issued: outcome.is_issued() && !outcome.papers.is_empty(),
            order: OrderLine {
                reference: file.order.reference.to_string(),
                source: file.source.to_string(),
                external_id: file.external_id.to_string(),
                snapshot_sha256: case.snapshot.digest.clone(),
            },
            as_of: case.as_of.to_string(),
            findings: outcome.findings.iter().map(|finding| FindingLine::new(case, finding)).collect(),
            documents: documents(case, outcome),
            packs: case
                .packs
                .iter()
                .map(|p| PackLine { id: p.id().to_owned(), version: p.version().to_owned(), sha256: p.digest().to_owned() })
                .collect(),
            plugins: outcome.asked.iter().map(PluginLine::new).collect(),
            components: hooks.components().into_iter().collect(),
            fonts: case.fonts.iter().map(|font| (font.file.clone(), font.sha256.clone())).collect(),
        }
    }

    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

impl PluginLine {
    pub(crate) fn new(asked: &Asked) -> Self {
        Self {
            id: asked.plugin.id.clone(),
            version: asked.plugin.version.to_string(),
            release: asked.plugin.release,
            component_sha256: asked.plugin.component_digest.clone(),
            hook: asked.hook.as_str(),
            outcome: asked.outcome,
        }
    }
}

impl FindingLine {
    /// A finding with its sentences, from the packs of the case.
    #[must_use]
    pub fn new(case: &Case, finding: &Finding) -> Self {
        let mut line = Self {
            rule: finding.rule.clone(),
            severity: finding.severity,
            place: finding.place.clone(),
            parameters: finding.parameters.clone(),
            says: BTreeMap::new(),
            why: BTreeMap::new(),
            fix: BTreeMap::new(),
            source: None,
            plugin: None,
        };
        let pack = case.packs.iter().find(|pack| pack.speaks_of(&finding.rule));
        let plugin = plugin::speaker(&case.plugins, &finding.rule);
        for language in ["en", "zh"] {
            let sentence = match (pack, plugin) {
                (Some(pack), _) => pack.sentence(language, finding),
                (None, Some(plugin)) => plugin.sentence(language, finding),
                (None, None) => super::locale::sentence(language, finding),
            };
            let Some(sentence) = sentence else { continue };
            line.says.insert(language, sentence.says);
            line.why.insert(language, sentence.why);
            line.fix.insert(language, sentence.fix);
        }
        line.plugin = plugin.filter(|_| pack.is_none()).map(|plugin| format!("{} {}", plugin.id, plugin.version));
        line.source = pack.and_then(|pack| pack.source_of(&finding.rule, case.as_of));
        line
    }

    /// What is wrong, in a language or else in English.
    #[must_use]
    pub fn says(&self, language: &str) -> &str {
        self.says.get(language).or_else(|| self.says.get("en")).map_or(self.rule.as_str(), String::as_str)
    }
}

fn documents(case: &Case, outcome: &Assembled) -> Vec<DocumentLine> {
    let line = |requirement: &super::hook::Requirement| {
        let about =
            case.packs.iter().find(|pack| pack.id() == requirement.pack).and_then(|pack| pack.document(&requirement.document));
        let paper = outcome.papers.iter().find(|paper| paper.requirement.document == requirement.document);
        DocumentLine {
            document: requirement.document.clone(),
            pack: requirement.pack.clone(),
            title: about.map(|about| about.title).unwrap_or_default(),
            reason: requirement.reason.clone(),
            issued: paper.map(|paper| IssuedLine {
                number: paper.numbered.number.clone(),
                revision: paper.numbered.revision,
                replaces: paper.replaces.clone(),
                file: paper.file_name(),
                media_type: paper.media_type.clone(),
                pages: paper.pages,
                data_sha256: paper.data_sha256.clone(),
                file_sha256: paper.file_sha256.clone(),
            }),
        }
    };
    outcome.requirements.iter().map(line).collect()
}
