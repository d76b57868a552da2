//! `roro plugin verify`: whether a package would be taken.

use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{ended, sign};
use crate::kernel::time::Clock;
use crate::plugin::signature::{self, PublicKey, Trusted};

/// Check the signatures of a package against keys that you trust.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "One signature that holds in every respect is enough. Exit codes: 0 the package is vouched for; 1 it is not, and the \
code says why (`roro plugin explain CODE`); 2 the usage or the package is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// The archive, or the folder of an OCI layout.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A key that you trust: the line that `roro plugin keygen` printed. May be given several times.
    #[arg(long, value_name = "PUBLICKEY", required = true)]
    trust: Vec<String>,
    /// Who you are, as signatures name you; without it, only those count that are for everyone.
    #[arg(long = "as", value_name = "WHO", value_parser = sign::audience)]
    we: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (stored, manifest) = sign::open(&arguments.file)?;
    let trusted = arguments.trust.iter().map(|text| trusted(text)).collect::<Result<Vec<Trusted>>>()?;
    let we: Vec<&str> = arguments.we.iter().map(String::as_str).collect();
    let subject = stored.subject(&manifest.id, &manifest.version);
    match signature::verify(&stored.envelopes, &subject, &trusted, &we, Clock::system().now()) {
        Ok(verified) => {
            let (plugin, version, until) = (&manifest.id, &manifest.version, verified.not_after);
            if arguments.json {
                let said = json!({ "verified": true, "plugin": plugin, "version": version, "sha256": stored.manifest_digest,
                    "key_id": verified.key_id, "not_after": until, "audience": verified.audience });
                println!("{}", serde_json::to_string_pretty(&said)?);
            } else {
                let audience = verified.audience.join(", ");
                println!("verified {plugin} {version}: {}, until {until}, for {audience}", verified.signer);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(refused) => {
            if arguments.json {
                let said = json!({ "verified": false, "plugin": manifest.id, "version": manifest.version, "code": refused.code(),
                    "message": refused.to_string() });
                println!("{}", serde_json::to_string_pretty(&said)?);
                return Ok(ExitCode::from(ended::EXIT_CHECK));
            }
            let more = format!("What that means: roro plugin explain {}", refused.code());
            Err(ended::check_failed(format!("{} is refused ({}): {refused}\n{more}", arguments.file.display(), refused.code())))
        }
    }
}

/// A key that was given. Read here and not by the parser of arguments, which would print a private key that somebody gave by mistake.
fn trusted(text: &str) -> Result<Trusted> {
    let key: PublicKey = text.parse().map_err(|error| ended::wrong_input(format!("--trust: {error}")))?;
    Ok(Trusted { key, name: format!("key {}", key.id()) })
}
