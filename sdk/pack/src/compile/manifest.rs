//! `pack.toml`: what the pack is.

use serde::{Deserialize, Serialize};

use super::emit::Emitter;
use super::{Sources, Titles, each_file, is_id, titles};

/// Which side of the border the pack is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Goods that leave the jurisdiction.
    Export,
    /// Goods that enter it.
    Import,
    /// Both.
    Any,
}

/// What a pack says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Lower case letters, digits, hyphens.
    pub id: String,
    /// Year, month and number: `2026.11.0`.
    pub version: String,
    /// ISO 3166-1 alpha-2, or `*` for what binds everywhere.
    pub jurisdiction: String,
    /// Which side of the border it is about.
    pub direction: Direction,
    /// Its name by language.
    pub title: Titles,
    /// Who answers for it, if anybody.
    pub reviewer: Option<String>,
}

impl Manifest {
    /// Whether the pack speaks of one country's law.
    #[must_use]
    pub fn is_national(&self) -> bool {
        self.jurisdiction != "*"
    }
}

pub(super) fn load(sources: &Sources, emitter: &mut Emitter<'_>) -> Option<Manifest> {
    let mut found = None;
    let mut seen = false;
    each_file(sources, "pack", emitter, |emitter, root| {
        seen = true;
        let report = &mut emitter.report;
        let id = root.text(report, "id");
        let version = root.text(report, "version");
        let format = root.integer(report, "format");
        let jurisdiction = root.text(report, "jurisdiction");
        let directions = [("import", Direction::Import), ("export", Direction::Export), ("any", Direction::Any)];
        let direction = root.word(report, "direction", &directions);
        let title = root.title(report, "title");
        let reviewer = root.optional_text(report, "reviewer").map(|found| found.value);
        root.finish(report);
        if let Some(id) = id.as_ref().filter(|id| !is_id(&id.value, u8::is_ascii_lowercase)) {
            report.add(&id.place, "", format!("`{}` is no pack id", id.value), "use lower case letters, digits and hyphens");
        }
        if let Some(version) = version.as_ref().filter(|version| !is_version(&version.value)) {
            report.add(
                &version.place,
                "",
                format!("`{}` is no version", version.value),
                "write year.month.number, for example 2026.11.0",
            );
        }
        if let Some(format) = format.filter(|format| format.value != 1) {
            report.add(&format.place, "", format!("format {} is not known", format.value), "this version of Roro reads format 1");
        }
        if let Some(jurisdiction) = jurisdiction.as_ref().filter(|found| !is_jurisdiction(&found.value)) {
            let message = format!("`{}` is no jurisdiction", jurisdiction.value);
            report.add(&jurisdiction.place, "", message, "write an ISO 3166-1 alpha-2 code, or \"*\"");
        }
        if let (Some(id), Some(version), Some(jurisdiction), Some(direction), Some(title)) =
            (id, version, jurisdiction, direction, title)
        {
            let (id, version, jurisdiction) = (id.value, version.value, jurisdiction.value);
            found = Some(Manifest { id, version, jurisdiction, direction, title: titles(title), reviewer });
        }
    });
    if !seen {
        emitter.report.add_to_file(
            "pack.toml",
            "",
            "the file is missing",
            "add it: id, version, format, jurisdiction, direction, title",
        );
    }
    found
}

fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_jurisdiction(text: &str) -> bool {
    text == "*" || (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
}
