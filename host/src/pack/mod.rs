//! Country packs: what a country asks of an order, as data.
//!
//! A pack is compiled when it is read: a small table for the rulebook, templates for the renderer, sentences for people. Packs are
//! immutable; a new version stands beside the old one. An installation offers packs from a folder; a tenant installs what it wants, and
//! only that takes part. Nothing here interprets a rule.

mod archive;
mod catalogue;
mod install;
pub mod routes;
mod shelf;
pub mod table;

pub use install::{Card, InstallError, Installed, Offer, active, install, installed};
pub use shelf::Shelf;

use jiff::civil::Date;
use roro_pack::compile::{CompiledPack, Direction, Folder, PackFiles, RuleInfo, compile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::report::SourceLine;
use crate::finding::Finding;
use crate::order::file::Shipment;

/// A pack that can take part in a call.
#[derive(Debug)]
pub struct Pack {
    compiled: CompiledPack,
    templates: BTreeMap<String, Vec<u8>>,
    archive: bytes::Bytes,
}

/// What a document is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAbout {
    /// Its title by language.
    pub title: BTreeMap<String, String>,
    /// Its first language, ISO 639-1.
    pub language: String,
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What is wrong.
    pub says: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
}

/// Why packs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be read.
    #[error("cannot read {path}: {reason}. Name the folder of the packs with --packs")]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A pack has problems; every one of them.
    #[error("the pack in {path} has {} problems:\n{}", .problems.len(), .problems.join("\n"))]
    Problems {
        /// The pack's folder.
        path: PathBuf,
        /// Each with file, line and fix.
        problems: Vec<String>,
    },
    /// Two packs declare the same id, or a table cannot be read.
    #[error("these packs do not go together: {0}")]
    Together(#[from] roro_pack::Error),
}

impl Pack {
    /// Compiles a pack from its files.
    ///
    /// # Errors
    /// Every problem of the pack at once.
    pub fn compile(files: &dyn PackFiles, path: &Path) -> Result<Self, Error> {
        let compiled = compile(files, &catalogue::Fields).map_err(|problems| Error::Problems {
            path: path.to_path_buf(),
            problems: problems.iter().map(ToString::to_string).collect(),
        })?;
        let read = |name: &String| {
            let file = format!("templates/{name}");
            let bytes = files.read(&file).map_err(|error| Error::Read { path: path.join(&file), reason: error.to_string() })?;
            Ok((name.clone(), bytes))
        };
        let templates = compiled.templates.iter().map(read).collect::<Result<_, Error>>()?;
        let archive =
            archive::write(files).map_err(|error| Error::Read { path: path.to_path_buf(), reason: error.to_string() })?;
        Ok(Self { compiled, templates, archive: archive.into() })
    }

    /// Its id, for example `ke`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.compiled.manifest.id
    }

    /// Its version, for example `2026.11.0`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.compiled.manifest.version
    }

    /// SHA-256 of its files, in hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.compiled.digest
    }

    /// All of its files as one, from which it can be compiled again.
    #[must_use]
    pub fn archive(&self) -> &bytes::Bytes {
        &self.archive
    }

    /// The table that the rulebook reads.
    #[must_use]
    pub fn table(&self) -> &[u8] {
        &self.compiled.table
    }

    /// What the compiler found in it: rules, documents, milestones, texts.
    #[must_use]
    pub fn contents(&self) -> &CompiledPack {
        &self.compiled
    }

    /// A file below `templates/`.
    #[must_use]
    pub fn template(&self, file: &str) -> Option<&[u8]> {
        self.templates.get(file).map(Vec::as_slice)
    }

    /// Whether it holds the rules of a country for `export` or `import`.
    #[must_use]
    pub fn serves(&self, country: &str, direction: &str) -> bool {
        let of_side = match self.compiled.manifest.direction {
            Direction::Any => true,
            Direction::Export => direction == "export",
            Direction::Import => direction == "import",
        };
        of_side && self.compiled.manifest.jurisdiction == country
    }

    /// What a document of this pack is.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<DocumentAbout> {
        let info = self.compiled.documents.iter().find(|document| document.id == id)?;
        Some(DocumentAbout { title: info.title.clone(), language: info.language.clone() })
    }

    /// Whether its locale files know a rule or reason.
    #[must_use]
    pub fn speaks_of(&self, rule: &str) -> bool {
        self.compiled.locales.get("en").is_some_and(|locale| locale.contains_key(rule))
    }

    /// A finding in words, in a language of the pack.
    #[must_use]
    pub fn sentence(&self, language: &str, finding: &Finding) -> Option<Sentence> {
        let locale = self.compiled.locales.get(language)?;
        let parameters: Vec<(String, String)> =
            finding.parameters.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
        let texts = roro_pack::sentence(locale, &finding.rule, &parameters)?;
        Some(Sentence { says: texts.says, why: texts.why, fix: texts.fix })
    }

    /// Where the version of a rule that is in force comes from.
    #[must_use]
    pub fn source_of(&self, rule: &str, as_of: Date) -> Option<SourceLine> {
        let info = self.rule_in_force(rule, as_of)?;
        Some(SourceLine {
            pack: self.id().to_owned(),
            source: info.source.clone(),
            url: info.source_url.clone(),
            kind: word(info.source_kind),
            checked_on: info.checked_on.to_string(),
            confidence: word(info.confidence),
        })
    }

    fn rule_in_force(&self, rule: &str, as_of: Date) -> Option<&RuleInfo> {
        // Dates of ISO 8601 with four-digit years compare as texts.
        let as_of = as_of.to_string();
        let in_force = |info: &&RuleInfo| {
            info.id == rule
                && info.effective_from.to_string() <= as_of
                && info.effective_to.is_none_or(|to| as_of <= to.to_string())
        };
        self.compiled.rules.iter().find(in_force)
    }
}

/// The word of an enumeration's value, as the pack format writes it.
pub(crate) fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Reads and compiles the pack of one folder.
///
/// # Errors
/// When the folder cannot be read or the pack has problems; every one of them.
pub fn load(folder: &Path) -> Result<Pack, Error> {
    Pack::compile(&Folder::new(folder), folder)
}

/// Reads and compiles every pack of a folder, in the order of their ids.
///
/// # Errors
/// When the folder cannot be read, a pack has problems, or two packs declare one document.
pub fn load_folder(folder: &Path) -> Result<Vec<Arc<Pack>>, Error> {
    let fault = |error: std::io::Error| Error::Read { path: folder.to_path_buf(), reason: error.to_string() };
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.join("pack.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    let packs: Vec<Arc<Pack>> = folders.iter().map(|path| load(path).map(Arc::new)).collect::<Result<_, _>>()?;
    go_together(&packs)?;
    Ok(packs)
}

/// Whether packs can be active at once: no rule or document is declared by two of them.
fn go_together(packs: &[Arc<Pack>]) -> Result<(), roro_pack::Error> {
    let tables: Vec<&[u8]> = packs.iter().map(|pack| pack.table()).collect();
    roro_pack::Tables::join(&tables)?.check_ids()
}

/// The packs that take part in a shipment's calls: common rules, then the exporting country's, then the importing country's.
#[must_use]
pub fn for_route(shelf: &[Arc<Pack>], shipment: &Shipment) -> Vec<Arc<Pack>> {
    let common = shelf.iter().filter(|pack| pack.contents().manifest.jurisdiction == "*");
    let side = |country: &str, direction: &'static str| {
        let country = country.to_owned();
        shelf.iter().filter(move |pack| pack.serves(&country, direction))
    };
    let mut chosen: Vec<Arc<Pack>> = Vec::new();
    let export = side(shipment.country_of_export.as_str(), "export");
    let import = side(shipment.country_of_destination.as_str(), "import");
    for pack in common.chain(export).chain(import) {
        if !chosen.iter().any(|known| known.id() == pack.id()) {
            chosen.push(Arc::clone(pack));
        }
    }
    chosen
}
