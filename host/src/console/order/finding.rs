//! Findings on an order's page: the list that is worked through, and the marks that stand where each finding arises.

use serde::Serialize;

use super::super::packs::link;
use super::super::text::Language;
use crate::document::report::{FindingLine, Report};
use crate::finding::Severity;

/// The parts of an order file that have a place of their own on the page, with that place.
const PLACES: [(&str, &str); 8] = [
    ("order", "money"),
    ("shipment", "voyage"),
    ("containers", "voyage"),
    ("company", "parties"),
    ("buyer", "parties"),
    ("consignee", "parties"),
    ("notify", "parties"),
    ("vehicles", "vehicles"),
];

#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// Its number on the page, from 1.
    number: usize,
    rule: String,
    /// `block`, `error`, `warn` or `info`.
    severity: String,
    stops: bool,
    says: String,
    why: String,
    fix: String,
    place: Place,
    source: Option<Source>,
    /// The papers whose boxes it is about.
    #[serde(skip)]
    papers: Vec<String>,
}

/// Where it arises.
#[derive(Debug, Serialize)]
struct Place {
    /// JSON pointer into the order file.
    pointer: String,
    /// First part of the pointer: `vehicles`, `order` …; `file` for anything else.
    part: String,
    /// Of a vehicle or container, from 1.
    row: Option<usize>,
    /// Where on the page, without `#`.
    anchor: String,
}

#[derive(Debug, Serialize)]
struct Source {
    pack: String,
    text: String,
    url: Option<String>,
    kind: String,
    checked_on: String,
    confidence: String,
}

/// That a finding is about what stands here.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Mark {
    number: usize,
    rule: String,
    severity: String,
}

/// The word of a severity as keys and classes write it.
pub(super) fn word(severity: Severity) -> String {
    severity.word().to_lowercase()
}

/// The findings of a report, worst first.
pub(super) fn all(report: &Report, language: Language) -> Vec<Finding> {
    report.findings.iter().enumerate().map(|(at, line)| finding(at + 1, line, language)).collect()
}

fn finding(number: usize, line: &FindingLine, language: Language) -> Finding {
    let pick = |texts: &std::collections::BTreeMap<&'static str, String>| {
        texts.get(language.code()).or_else(|| texts.get("en")).cloned().unwrap_or_default()
    };
    // The host's finding of a missing value lists the boxes: `commercial-invoice: 4 Consignee; packing-list: 2 Consignee`.
    let boxes = line.parameters.iter().find(|one| one.name == "boxes").map(|one| one.value.as_str()).unwrap_or_default();
    let papers = boxes.split("; ").filter_map(|one| one.split_once(": ")).map(|(paper, _)| paper.to_owned()).collect();
    Finding {
        number,
        rule: line.rule.clone(),
        severity: word(line.severity),
        stops: line.severity.stops(),
        says: line.says(language.code()).to_owned(),
        why: pick(&line.why),
        fix: pick(&line.fix),
        place: place(&line.place),
        source: line.source.as_ref().map(|source| Source {
            pack: source.pack.clone(),
            text: source.source.clone(),
            url: source.url.as_deref().and_then(link),
            kind: source.kind.clone(),
            checked_on: source.checked_on.clone(),
            confidence: source.confidence.clone(),
        }),
        papers,
    }
}

fn place(pointer: &str) -> Place {
    let mut parts = pointer.split('/').skip(1);
    let part = parts.next().unwrap_or_default();
    let row = parts.next().and_then(|text| text.parse::<usize>().ok()).map(|at| at + 1);
    let known = PLACES.iter().find(|(name, _)| *name == part);
    let anchor = match (known, row) {
        (Some(("vehicles", _)), Some(row)) => format!("vehicle-{row}"),
        (Some((_, anchor)), _) => (*anchor).to_owned(),
        (None, _) => "order".to_owned(),
    };
    Place { pointer: pointer.to_owned(), part: known.map_or("file", |(name, _)| name).to_owned(), row, anchor }
}

/// The marks of findings at a place of the order file and below it.
pub(super) fn marks(findings: &[Finding], pointer: &str) -> Vec<Mark> {
    let below = |finding: &&Finding| {
        finding.place.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    findings.iter().filter(below).map(mark).collect()
}

/// The marks of findings about a paper's boxes.
pub(super) fn marks_of_paper(findings: &[Finding], paper: &str) -> Vec<Mark> {
    findings.iter().filter(|finding| finding.papers.iter().any(|one| one == paper)).map(mark).collect()
}

fn mark(finding: &Finding) -> Mark {
    Mark { number: finding.number, rule: finding.rule.clone(), severity: finding.severity.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_place_on_the_page() {
        for (pointer, part, row, anchor) in [
            ("/vehicles/1/hs6", "vehicles", Some(2), "vehicle-2"),
            ("/vehicles", "vehicles", None, "vehicles"),
            ("/order/freight", "order", None, "money"),
            ("/containers/0/seal", "containers", Some(1), "voyage"),
            ("/consignee", "consignee", None, "parties"),
            ("", "file", None, "order"),
            ("/odd", "file", None, "order"),
        ] {
            let place = place(pointer);
            assert_eq!((place.part.as_str(), place.row, place.anchor.as_str()), (part, row, anchor), "{pointer}");
        }
    }
}
