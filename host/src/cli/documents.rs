//! `roro documents`: an order file in, checked documents out. It keeps nothing.

use anyhow::{Context, Result};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::{EXIT_USAGE, setup::Folders};
use crate::document::report::Report;
use crate::document::{self, Assembled, Case, Numbered, Numbering};
use crate::finding::Severity;
use crate::order;
use crate::pack;

const REPORT: &str = "findings.json";

/// Check an order file and write its documents.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 the documents were issued; 1 a finding of severity BLOCK or ERROR stops them, only findings.json is written; \
2 the input's shape or the usage is wrong, nothing is written; 3 the machine failed."
)]
pub(super) struct Arguments {
    /// The order file (`roro order schema` prints its JSON Schema).
    #[arg(value_name = "ORDER.json")]
    order: PathBuf,
    /// The folder that gets the documents and findings.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The date whose rules apply; without it, the order's contract date.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Print findings.json instead of the summary.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

/// Numbers for documents that no database keeps: the initials of the document and the order's reference.
struct FromReference(String);

#[async_trait::async_trait]
impl Numbering for FromReference {
    async fn number(&self, document: &str, _data_sha256: &str) -> Result<Numbered, String> {
        Ok(Numbered { number: format!("{}-{}", document::initials(document), self.0), revision: 1 })
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let bytes = match fs::read(&arguments.order) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("error: cannot read {}: {error}", arguments.order.display());
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let snapshot = match order::read(&bytes) {
        Ok(snapshot) => snapshot,
        Err(problems) => {
            super::order::say_problems(&arguments.order, &problems, arguments.json)?;
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let shelf = arguments.folders.packs()?;
    let case = Case {
        as_of: arguments.as_of.unwrap_or_else(|| snapshot.legal_date()),
        packs: pack::for_route(&shelf, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::new(BTreeMap::new()),
        fonts: arguments.folders.fonts()?,
        plugins: Arc::new([]),
    };
    let dispatch = arguments.folders.dispatch()?;
    let numbering = FromReference(case.snapshot.reference().to_owned());
    let outcome = document::assemble(&dispatch, &case, &numbering).await?;
    let report = Report::new(&dispatch, &case, &outcome);
    let text = serde_json::to_string_pretty(&report)? + "\n";
    write(&arguments.out, &outcome, &text)?;
    if arguments.json {
        print!("{text}");
    } else {
        summarise(&arguments.out, &report);
    }
    Ok(if report.issued { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn write(folder: &Path, outcome: &Assembled, report: &str) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    remove_earlier(folder);
    for paper in &outcome.papers {
        let path = folder.join(paper.file_name());
        fs::write(&path, &paper.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let path = folder.join(REPORT);
    fs::write(&path, report).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes the files that an earlier run's report names: papers of another state of the order must not lie beside the new ones.
fn remove_earlier(folder: &Path) {
    let Ok(text) = fs::read(folder.join(REPORT)) else { return };
    let Ok(earlier) = serde_json::from_slice::<serde_json::Value>(&text) else { return };
    let documents = earlier.get("documents").and_then(serde_json::Value::as_array);
    for file in documents.into_iter().flatten().filter_map(|line| line.get("file")?.as_str()) {
        // A report is data: only a plain file name of this folder is ever removed.
        if Path::new(file).file_name().is_some_and(|name| name == file) {
            fs::remove_file(folder.join(file)).ok();
        }
    }
}

fn summarise(folder: &Path, report: &Report) {
    for finding in &report.findings {
        println!("{:5} {}  {}: {}", finding.severity.word(), finding.rule, finding.place, finding.says("en"));
        if let Some(source) = &finding.source {
            println!("      Source: {} (confidence {}, checked {}).", source.source, source.confidence, source.checked_on);
        }
        if let Some(fix) = finding.fix.get("en") {
            println!("      Fix: {fix}");
        }
    }
    let (reference, warnings) = (&report.order.reference, counted(report.count(Severity::Warn), "warning"));
    let documents = counted(report.documents.len(), "document");
    if report.issued {
        for document in &report.documents {
            let Some(issued) = &document.issued else { continue };
            println!("  {}  {} ({})", issued.number, issued.file, counted(issued.pages as usize, "page"));
        }
        println!("Issued {documents} of {reference} into {}, {warnings}.", folder.display());
    } else {
        let stopping = report.findings.iter().filter(|finding| finding.severity.stops()).count();
        let stop = if stopping == 1 { "stops" } else { "stop" };
        let place = folder.join(REPORT);
        println!(
            "Refused {reference}: {} {stop} its {documents}, {warnings}. See {}.",
            counted(stopping, "finding"),
            place.display()
        );
    }
}

/// `1 page`, `2 pages`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
