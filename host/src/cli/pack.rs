//! `roro pack …`: the packs of a folder, and those that a tenant has installed.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::EXIT_USAGE;
use super::setup::PackFolder;
use super::tenant::Installation;
use crate::access;
use crate::command::Request;
use crate::pack::{self, InstallError, Pack, Shelf};

/// What can be done with packs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the packs of the folder; with --tenant, those that the tenant has installed.
    List {
        /// The tenant's short name.
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        #[command(flatten)]
        folder: PackFolder,
        #[command(flatten)]
        on: Installation,
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
    /// Let packs take part in a tenant's checks and documents from now on.
    ///
    /// The files are copied into the installation. A running server uses them with its next request. The pack of the same name before it is
    /// retired; documents that were issued stay as they are. Exit codes: 0 done; 2 a pack is wrong or unknown; 3 the machine failed.
    Install(Install),
}

/// Which packs, for whom.
#[derive(Debug, Args)]
pub(super) struct Install {
    /// Packs: their ids in the folder of packs (`ke`), or folders of their own (`./my-pack`).
    #[arg(required_unless_present = "all", value_name = "PACK")]
    wanted: Vec<String>,
    /// Every pack of the folder.
    #[arg(long, conflicts_with = "wanted")]
    all: bool,
    /// The tenant's short name.
    #[arg(long, value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    folder: PackFolder,
    #[command(flatten)]
    on: Installation,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List { tenant: None, folder, on } => list(&folder.load()?, on.json),
        Command::List { tenant: Some(tenant), folder, on } => {
            let ctx = on.ctx().await?;
            let actor = access::operator(&ctx, &tenant).await?;
            let installed = pack::active(&ctx, &actor, &Shelf::new(folder.load()?)).await?;
            if installed.is_empty() && !on.json {
                println!("{tenant} has no packs. Install those of the folder: roro pack install --all --tenant {tenant}");
                return Ok(ExitCode::SUCCESS);
            }
            list(&installed, on.json)
        }
        Command::Show { id, folder, json } => show(&id, &folder, json),
        Command::Install(install) => install.run().await,
    }
}

impl Install {
    async fn run(self) -> Result<ExitCode> {
        let shelf = Shelf::new(self.folder.load()?);
        let chosen = match self.chosen(&shelf) {
            Ok(chosen) => chosen,
            Err(wrong) => {
                eprintln!("error: {wrong:#}");
                return Ok(ExitCode::from(EXIT_USAGE));
            }
        };
        let ctx = self.on.ctx().await?;
        let actor = access::operator(&ctx, &self.tenant).await?;
        for pack in chosen {
            let request = Request::new("roro pack install", None, &[pack.digest().as_bytes()]);
            let answer = match pack::install(&ctx, &actor, &shelf, request, Arc::clone(&pack)).await {
                Ok(answer) => answer,
                Err(error @ InstallError::Collides(_)) => {
                    eprintln!("error: {} was not installed: {error}", pack.id());
                    return Ok(ExitCode::from(EXIT_USAGE));
                }
                Err(error) => return Err(error).with_context(|| format!("the pack {}", pack.id())),
            };
            if self.on.json {
                println!("{}", answer.body);
                continue;
            }
            let contents = pack.contents();
            let (rules, documents) = (contents.rules.len(), contents.documents.len());
            let done = if answer.status == 201 { "installed" } else { "was there already:" };
            println!("{done} {} {} for {} ({rules} rules, {documents} documents)", pack.id(), pack.version(), self.tenant);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The packs that were named; the first that is none is the error.
    fn chosen(&self, shelf: &Shelf) -> Result<Vec<Arc<Pack>>> {
        if self.all {
            return Ok(shelf.offered().to_vec());
        }
        let find = |name: &String| {
            let folder = Path::new(name);
            if folder.join("pack.toml").is_file() {
                return Ok(Arc::new(pack::load(folder)?));
            }
            let known = || shelf.offered().iter().map(|pack| pack.id()).collect::<Vec<_>>().join(", ");
            shelf.offer(name).with_context(|| {
                format!("there is no pack `{name}` and no folder with a pack.toml of that name. Choose one of: {}", known())
            })
        };
        self.wanted.iter().map(find).collect()
    }
}

fn list(packs: &[Arc<Pack>], as_json: bool) -> Result<ExitCode> {
    if as_json {
        let line = |pack: &Arc<Pack>| {
            let contents = pack.contents();
            json!({ "id": pack.id(), "version": pack.version(), "sha256": pack.digest(), "manifest": contents.manifest, "rules": contents.rules.len(),
                "documents": contents.documents.len() })
        };
        println!("{}", serde_json::to_string_pretty(&packs.iter().map(line).collect::<Vec<_>>())?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:8} {:12} {:>5} {:>9}  TITLE", "PACK", "VERSION", "RULES", "DOCUMENTS");
    for pack in packs {
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
