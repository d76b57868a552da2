//! `roro plugin publish`: a package into a registry.

use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

use super::registry::{self, HELP, Way};
use super::{ended, say, sign};
use crate::plugin::registry::{Access, Error, Reference, Target, publish};

/// Push a package with its signatures into a registry, under its version.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("What is there already is not sent again, and new signatures of the same package are added: sign and publish again at \
any time. A version that is there with other content is refused. {HELP} Exit codes: 0 it is there; 2 the usage, the package, the login or the \
registry's answer is wrong; 3 the machine, the network or the registry failed.")
)]
pub(in crate::cli) struct Arguments {
    /// The archive that `roro plugin pack` wrote, or the folder of an OCI layout.
    #[arg(value_name = "PACKAGE")]
    package: PathBuf,
    /// Where to: REGISTRY/REPOSITORY, for example registry.example.com/plugins/price-cap. The version becomes the tag.
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    way: Way,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let reference: Reference = arguments.reference.parse().map_err(registry::failed)?;
    let (stored, manifest) = sign::open(&arguments.package)?;
    match &reference.target {
        Some(Target::Tag(tag)) if *tag != manifest.version.to_string() => {
            let error = Error::TagNotVersion { tag: tag.clone(), version: manifest.version.clone() };
            return Err(ended::wrong_input(error));
        }
        Some(Target::Digest(_)) => return Err(ended::wrong_input(Error::TargetIsDigest)),
        _ => {}
    }
    let client = arguments.way.open(&reference.repository, Access::Push)?;
    let published = publish(&client, &stored, &manifest.version, &registry::tell).await.map_err(registry::failed)?;
    let (place, digest) = (published.reference.to_string(), &published.digest);
    let said = json!({ "plugin": manifest.id, "version": manifest.version, "reference": place, "sha256": digest,
        "was_there": published.was_there, "signatures_added": published.signatures_added, "bytes_sent": published.bytes_sent });
    registry::done(arguments.json, &said, || {
        let added = say::counted(published.signatures_added, "new signature");
        let what = if published.was_there { "was there already" } else { "published" };
        format!("{what}: {place}, {} sent, {added}, sha256 {digest}", say::size(published.bytes_sent))
    })
}
