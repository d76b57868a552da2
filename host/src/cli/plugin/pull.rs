//! `roro plugin pull`: a package out of a registry.

use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

use super::registry::{self, HELP, Way};
use super::{ended, project, say, store};
use crate::plugin::registry::{Access, Reference, pull};

/// Fetch a package with its signatures out of a registry.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("Every byte is counted against the limits of a package and hashed against the digest that names it. Nobody is trusted \
by that: look at it with `roro plugin verify`. {HELP} Exit codes: 0 it is written; 2 the usage, the login or what the registry holds is wrong; \
3 the machine, the network or the registry failed.")
)]
pub(in crate::cli) struct Arguments {
    /// What: REGISTRY/REPOSITORY:VERSION, or REGISTRY/REPOSITORY@sha256:DIGEST, which never means another package.
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// Where to write it. An archive that lies there is replaced.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Write the OCI layout as a folder, new or empty, instead of one archive.
    #[arg(long)]
    folder: bool,
    #[command(flatten)]
    way: Way,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let reference: Reference = arguments.reference.parse().map_err(registry::failed)?;
    let client = arguments.way.open(&reference.repository, Access::Pull)?;
    let stored = pull(&client, reference.target.as_ref(), &registry::tell).await.map_err(registry::failed)?;
    let manifest = project::read(&format!("plugin.toml of {reference}"), &stored.package.manifest_text)?;
    if arguments.folder {
        stored.image.write_folder(&stored.envelopes, &arguments.out).map_err(ended::wrong_input)?;
    } else {
        let mut archive = Vec::new();
        stored.image.write_archive(&stored.envelopes, &mut archive).map_err(ended::wrong_input)?;
        store::replace(&arguments.out, &archive)?;
    }
    let (digest, signatures) = (&stored.manifest_digest, stored.envelopes.len());
    let said = json!({ "plugin": manifest.id, "version": manifest.version, "reference": reference.to_string(), "file": arguments.out,
        "bytes": stored.bytes, "sha256": digest, "signatures": signatures });
    registry::done(arguments.json, &said, || {
        let (bytes, signed, out) = (say::size(stored.bytes), say::counted(signatures, "signature"), arguments.out.display());
        format!("pulled {} {} into {out}: {bytes}, {signed}, sha256 {digest}", manifest.id, manifest.version)
    })
}
