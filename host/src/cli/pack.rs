//! `roro pack …`: what lies in the folder of packs.

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

use super::setup::PackFolder;
use crate::pack::Pack;

/// What can be asked about packs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the packs of the folder.
    List {
        #[command(flatten)]
        folder: PackFolder,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check a pack and show its rules with source, date and confidence, and its documents.
    Show {
        /// The pack's id, for example `ke`.
        id: String,
        #[command(flatten)]
        folder: PackFolder,
        /// Print JSON: everything that the compiler found.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::List { folder, json } => list(folder, *json),
        Command::Show { id, folder, json } => show(id, folder, *json),
    }
}

fn list(folder: &PackFolder, as_json: bool) -> Result<ExitCode> {
    let packs = folder.load()?;
    if as_json {
        let line = |pack: &std::sync::Arc<Pack>| {
            let contents = pack.contents();
            json!({ "id": pack.id(), "version": pack.version(), "sha256": pack.digest(), "manifest": contents.manifest, "rules": contents.rules.len(),
                "documents": contents.documents.len() })
        };
        println!("{}", serde_json::to_string_pretty(&packs.iter().map(line).collect::<Vec<_>>())?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:8} {:12} {:>5} {:>9}  TITLE", "PACK", "VERSION", "RULES", "DOCUMENTS");
    for pack in &packs {
        let contents = pack.contents();
        let title = contents.manifest.title.get("en").map_or("", String::as_str);
        println!("{:8} {:12} {:>5} {:>9}  {title}", pack.id(), pack.version(), contents.rules.len(), contents.documents.len());
    }
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str, folder: &PackFolder, as_json: bool) -> Result<ExitCode> {
    let packs = folder.load()?;
    let Some(pack) = packs.iter().find(|pack| pack.id() == id) else {
        let known: Vec<&str> = packs.iter().map(|pack| pack.id()).collect();
        bail!("there is no pack `{id}`. Choose one of: {}", known.join(", "))
    };
    let contents = pack.contents();
    if as_json {
        println!(
            "{}",
            serde_json::to_string_pretty(
                &json!({ "sha256": pack.digest(), "manifest": contents.manifest, "rules": contents.rules,
            "documents": contents.documents, "milestones": contents.milestones })
            )?
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} {}  {}", pack.id(), pack.version(), contents.manifest.title.get("en").map_or("", String::as_str));
    println!("sha256 {}", pack.digest());
    println!("reviewed by {}\n", contents.manifest.reviewer.as_deref().unwrap_or("nobody yet"));
    for rule in &contents.rules {
        let until = rule.effective_to.map_or_else(|| "open".to_owned(), |to| to.to_string());
        println!("{}  {}  from {} to {until}", rule.id, crate::pack::word(rule.severity).to_uppercase(), rule.effective_from);
        println!("    must: {}", rule.must);
        println!("    source: {} (confidence {}, checked {})", rule.source, crate::pack::word(rule.confidence), rule.checked_on);
    }
    for document in &contents.documents {
        println!("{}  {}", document.id, document.title.get("en").map_or("", String::as_str));
        println!("    when: {}", document.when.as_deref().unwrap_or("always"));
    }
    Ok(ExitCode::SUCCESS)
}
