//! `roro plugin pack`: from a folder to the archive that travels.

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

use super::bench::{self, Engine};
use super::project::{Project, Which};
use super::{ended, say, store};
use crate::plugin::package::{self, Package};
use crate::plugin::{self, Error};

/// Pack a plugin into one file: plugin.toml, the component, locales, assets, fixtures and its pack.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The file is an OCI layout in a tar archive; the same files give the same bytes. Exit codes: 0 it is written; 1 the \
component does not fit plugin.toml; 2 the usage is wrong, or a file is missing or too large; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    project: Which,
    /// The archive. What lies there is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::open(arguments.project.folder())?;
    let manifest = &project.manifest;
    if manifest.component.is_some() {
        // What does not load here would be refused by every installation, too late for its author.
        let bytes = project.component()?;
        bench::note_older_component(&project);
        let facts = bench::load(&arguments.engine.start()?, &manifest.id, &manifest.version, &bytes)?;
        bench::fits(&project, &facts)?;
    }
    let package = Package::from_folder(&project.folder, manifest.component.as_deref(), manifest.pack.as_deref());
    let image = package.and_then(|package| package.image(&manifest.id, &manifest.version)).map_err(ended::wrong_input)?;
    let mut archive = Vec::new();
    image.write_archive(&[], &mut archive).map_err(ended::wrong_input)?;
    let archive = Bytes::from(archive);
    if manifest.component.is_some() {
        would_be_taken(&archive)?;
    }
    store::replace(&arguments.out, &archive)?;
    let (bytes, digest, out) = (archive.len() as u64, image.manifest_digest(), arguments.out.display());
    if arguments.json {
        let packed = json!({ "plugin": manifest.id, "version": manifest.version, "file": arguments.out, "bytes": bytes, "sha256": digest });
        println!("{}", serde_json::to_string_pretty(&packed)?);
    } else {
        println!("packed {} {} into {out}: {}, sha256 {digest}", manifest.id, manifest.version, say::size(bytes));
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks the package as an installation does that is asked to take it.
fn would_be_taken(archive: &Bytes) -> Result<()> {
    let stored = package::read_archive(archive, None).map_err(ended::wrong_input)?;
    match plugin::check(stored) {
        Ok(_) => Ok(()),
        Err(Error::Unfit(wrong)) => {
            Err(ended::check_failed(format!("no installation would take the package\n{}", wrong.join("\n"))))
        }
        Err(other) => Err(other.into()),
    }
}
