//! Compiling a pack: from its folder to one table and what the host keeps beside it.
//!
//! It runs when a pack is installed or tested. It reads every file, reports every problem at once, and gives a [`CompiledPack`] only when
//! there is none. It never evaluates anything and never touches the network.

mod catalogue;
mod documents;
mod emit;
mod emit_call;
mod files;
mod locales;
mod manifest;
mod milestones;
mod rules;
mod syntax;
mod tables;
mod types;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use crate::reader::Problem;
pub use catalogue::{Catalogue, Field};
pub use documents::{BoxInfo, DocumentInfo};
pub use files::{FILE_BYTES_MAX, FILES_MAX, Folder, PackFiles};
pub use manifest::{Direction, Manifest};
pub use milestones::{Due, Milestone};
pub use rules::{Confidence, RuleInfo, SourceKind};

use emit::Emitter;

use crate::reader::{Entry, Place, parse, suggest};
use crate::sentence::Locale;
use crate::table::{LAYOUT, Path, Table};

/// The languages that every pack must speak.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];

/// A title or text by language.
pub type Titles = BTreeMap<String, String>;

/// A pack that has no problem.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CompiledPack {
    /// What the pack says of itself.
    pub manifest: Manifest,
    /// The table for the rulebook.
    pub table: Vec<u8>,
    /// Every version of every rule, in the order of the files.
    pub rules: Vec<RuleInfo>,
    /// The documents, by rank.
    pub documents: Vec<DocumentInfo>,
    /// The country's part of the milestone graph.
    pub milestones: Vec<Milestone>,
    /// The texts by language: rules, reasons, and the built-in ones for stale and undecided rules.
    pub locales: BTreeMap<String, Locale>,
    /// The files below `templates/`, without that prefix.
    pub templates: Vec<String>,
    /// The files below `fixtures/`, without that prefix.
    pub fixtures: Vec<String>,
    /// SHA-256 over the paths and bytes of all files, in hexadecimal.
    pub digest: String,
}

/// The files of a pack, read.
struct Sources {
    names: Vec<String>,
    texts: BTreeMap<String, String>,
    digest: String,
}

impl Sources {
    /// The TOML files of a section: `rules.toml` and `rules/*.toml`.
    fn section(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let (file, folder) = (format!("{name}.toml"), format!("{name}/"));
        let belongs = move |path: &str| path == file || (path.starts_with(&folder) && is_toml(path));
        self.texts.iter().filter(move |(path, _)| belongs(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn below(&self, prefix: &str) -> Vec<String> {
        self.names.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect()
    }
}

/// Compiles the pack in these files against these fields.
///
/// # Errors
/// Every problem of the pack, by file and line.
pub fn compile(files: &dyn PackFiles, catalogue: &dyn Catalogue) -> Result<CompiledPack, Vec<Problem>> {
    let mut emitter = Emitter::new(catalogue);
    let sources = read(files, &mut emitter);
    let manifest = manifest::load(&sources, &mut emitter);
    let codes = tables::load_codes(&sources, &mut emitter);
    let decisions = tables::load_decisions(&sources, &mut emitter);
    emitter.take_reads();
    let rules = rules::load(&sources, manifest.as_ref(), &mut emitter);
    let check_reads = emitter.take_reads();
    let documents = documents::load(&sources, &mut emitter);
    let milestones = milestones::load(&sources, &mut emitter);
    let locales = locales::load(&sources, manifest.as_ref(), &mut emitter);
    let (Some(manifest), true) = (manifest, emitter.report.is_clean()) else {
        return Err(emitter.report.finish());
    };
    let encoded_rules = rules::encode(&rules).map_err(too_large)?;
    let encoded_documents = documents::encode(&documents).map_err(too_large)?;
    let table = Table {
        layout: LAYOUT,
        pack: &manifest.id,
        paths: emitter.paths.iter().map(|(path, scope, kind)| Path { path, scope: *scope, kind: *kind }).collect(),
        check_reads: check_reads.into_iter().collect(),
        requirement_reads: documents.requirement_reads.iter().copied().collect(),
        shared: emitter.shared_codes.iter().map(Vec::as_slice).collect(),
        codes: codes.iter().map(Vec::as_slice).collect(),
        decisions: decisions.iter().map(tables::DecisionCode::borrowed).collect(),
        rules: &encoded_rules,
        documents: &encoded_documents,
    };
    let table = postcard::to_allocvec(&table).map_err(too_large)?;
    Ok(CompiledPack {
        manifest,
        table,
        rules: rules.into_iter().map(|rule| rule.info).collect(),
        documents: documents.infos,
        milestones,
        locales,
        templates: sources.below("templates/"),
        fixtures: sources.below("fixtures/"),
        digest: sources.digest,
    })
}

fn too_large(error: postcard::Error) -> Vec<Problem> {
    vec![Problem {
        file: "pack.toml".to_owned(),
        line: 0,
        column: 0,
        item: String::new(),
        message: format!("the table cannot be written: {error}"),
        fix: "make the pack smaller".to_owned(),
    }]
}

fn is_toml(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "toml")
}

/// Reads every file, for the digest; keeps the texts of the TOML files.
fn read(files: &dyn PackFiles, emitter: &mut Emitter<'_>) -> Sources {
    let report = &mut emitter.report;
    let mut names = files.list().unwrap_or_else(|error| {
        report.add_to_file("pack.toml", "", format!("the folder cannot be read: {error}"), "check the path and its rights");
        Vec::new()
    });
    names.sort();
    let mut texts = BTreeMap::new();
    let mut digest = Sha256::new();
    for name in &names {
        let bytes = match files.read(name) {
            Ok(bytes) => bytes,
            Err(error) => {
                report.add_to_file(name, "", format!("the file cannot be read: {error}"), "check the file and its rights");
                continue;
            }
        };
        // Lengths keep two files from being taken for one of another name.
        for part in [name.as_bytes(), &bytes] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        if !is_toml(name) || name.starts_with("fixtures/") || name.starts_with("templates/") {
            continue;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                texts.insert(name.clone(), text);
            }
            Err(_) => report.add_to_file(name, "", "the file is not UTF-8", "save it as UTF-8"),
        }
    }
    let known = |name: &str| {
        let folders = ["rules/", "documents/", "tables/", "milestones/"];
        let files =
            ["pack.toml", "rules.toml", "documents.toml", "tables.toml", "milestones.toml", "locales/en.toml", "locales/zh.toml"];
        files.contains(&name) || folders.iter().any(|folder| name.starts_with(folder))
    };
    for name in texts.keys().filter(|name| !known(name)) {
        let files =
            ["pack.toml", "rules.toml", "documents.toml", "tables.toml", "milestones.toml", "locales/en.toml", "locales/zh.toml"];
        let fix = suggest(name, files, "remove it");
        report.add_to_file(name, "", "the format has no such file", fix);
    }
    let mut hexadecimal = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    Sources { names, texts, digest: hexadecimal }
}

/// Parses each file of a section and hands its root table on.
fn each_file(
    sources: &Sources,
    section: &str,
    emitter: &mut Emitter<'_>,
    mut work: impl FnMut(&mut Emitter<'_>, &Entry<'_, '_>),
) {
    for (name, text) in sources.section(section) {
        let file = emitter.report.file(name, text);
        let root = parse(&mut emitter.report, file, text);
        let place = Place { file, span: 0..0 };
        work(emitter, &Entry::new(root.get_ref(), place));
    }
}

/// Whether an id is made of these letters, digits and single hyphens between them.
fn is_id(id: &str, letter: fn(&u8) -> bool) -> bool {
    !id.is_empty()
        && id.len() <= 64
        && !id.starts_with('-')
        && !id.ends_with('-')
        && !id.contains("--")
        && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || letter(&byte))
}

fn titles((english, chinese): (String, String)) -> Titles {
    Titles::from([("en".to_owned(), english), ("zh".to_owned(), chinese)])
}
