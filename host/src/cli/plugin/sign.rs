//! `roro plugin sign`: vouching for a package.

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::{ended, key, project, store};
use crate::kernel::time::{Clock, Instant};
use crate::plugin::manifest::Manifest;
use crate::plugin::package::{self, Stored};
use crate::plugin::signature::{self, EVERYONE, Statement};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest that a signature counts, days. Keys get lost.
const DAYS_MAX: i64 = 3_650;

/// Vouch for a package: adds a signature to its archive.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A signature names the package, its version and digests, until when it counts and for whom. Those that are there stay. \
Exit codes: 0 it is signed; 2 the usage, the package or the key is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// The archive that `roro plugin pack` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The private key that `roro plugin keygen` wrote.
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// For how many days it counts.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=DAYS_MAX))]
    valid_days: u32,
    /// For whom it counts: `*`, `tenant:NAME` or `installation:NAME`. May be given several times.
    #[arg(long, value_name = "WHO", default_value = EVERYONE, value_parser = audience)]
    audience: Vec<String>,
    /// The archive with the signature; without it, the same file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Somebody for whom a signature counts.
pub(super) fn audience(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let name = text.strip_prefix("tenant:").or_else(|| text.strip_prefix("installation:"));
    if text == EVERYONE || name.is_some_and(is_name) {
        Ok(text.to_owned())
    } else {
        Err("write tenant:NAME, installation:NAME, or '*' for everyone".to_owned())
    }
}

/// A package and its plugin.toml, as they lie at a path.
pub(super) fn open(path: &Path) -> Result<(Stored, Manifest)> {
    let stored = package::read_path(path, None).map_err(|error| ended::wrong_input(format!("{}: {error}", path.display())))?;
    let manifest = project::read(&format!("plugin.toml in {}", path.display()), &stored.package.manifest_text)?;
    Ok((stored, manifest))
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (stored, manifest) = open(&arguments.file)?;
    let out = match &arguments.out {
        Some(out) => out,
        None if arguments.file.is_dir() => {
            return Err(ended::wrong_input("a layout in a folder is not changed in place\nName the archive to write with --out"));
        }
        None => &arguments.file,
    };
    let pair = key::read(&arguments.key)?;
    let statement = Statement {
        subject: stored.subject(&manifest.id, &manifest.version),
        not_after: last_moment(arguments.valid_days),
        audience: arguments.audience.clone(),
    };
    let mut envelopes = stored.envelopes.clone();
    envelopes.push(Bytes::from(signature::sign(&statement, &pair)));
    let mut archive = Vec::new();
    stored.image.write_archive(&envelopes, &mut archive).map_err(ended::wrong_input)?;
    store::replace(out, &archive)?;
    let (key_id, until) = (pair.public().id(), statement.not_after);
    if arguments.json {
        let signed = json!({ "plugin": manifest.id, "version": manifest.version, "file": out, "key_id": key_id, "not_after": until,
            "audience": statement.audience, "signatures": envelopes.len() });
        println!("{}", serde_json::to_string_pretty(&signed)?);
    } else {
        let audience = statement.audience.join(", ");
        println!(
            "signed {} {} in {} with key {key_id}, until {until}, for {audience}",
            manifest.id,
            manifest.version,
            out.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The end of the term, in whole seconds: nobody counts on less.
fn last_moment(days: u32) -> Instant {
    const SECOND: i64 = 1_000_000;
    let end = Clock::system().now().after(DAY * days);
    Instant::from_micros(end.micros() - end.micros().rem_euclid(SECOND)).unwrap_or(end)
}
