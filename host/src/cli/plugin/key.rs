//! `roro plugin keygen`: a pair of keys to sign packages with. And reading the private one back.

use anyhow::{Context as _, Result};
use serde_json::json;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::ended;
use crate::kernel::rng::Rng;
use crate::plugin::signature::KeyPair;

/// Nobody but the owner may read or write a private key.
const PRIVATE: u32 = 0o600;
/// The bits of everyone else.
const OTHERS: u32 = 0o077;

/// Make a pair of keys to sign packages with; prints the public one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The private key is written for its owner alone, and never over a file that is there. Exit codes: 0 done; 2 the usage \
is wrong, or the file is there; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// The file that gets the private key.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let path = &arguments.out;
    let pair = KeyPair::generate(Rng::system()?.bytes());
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let fix = "Name another file: what an old key has signed cannot be signed again without it";
            return Err(ended::wrong_input(format!("{} is there already\n{fix}", path.display())));
        }
        file => file.with_context(|| format!("cannot make {}; name a place that you may write to", path.display()))?,
    };
    // The one place where it leaves the process: into the file that was asked for.
    let secret = pair.to_text();
    let written = writeln!(file, "{}", secret.reveal()).and_then(|()| file.sync_all());
    written.with_context(|| format!("cannot write {}", path.display()))?;
    let (public, id) = (pair.public().to_string(), pair.public().id());
    if arguments.json {
        println!("{}", json!({ "public_key": public, "key_id": id, "private_key_file": path }));
    } else {
        println!("{public}");
        eprintln!("Key {id}. Give the line above to those who shall trust it; keep {} to yourself.", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The pair in a private key file.
pub(super) fn read(path: &Path) -> Result<KeyPair> {
    let text = fs::read_to_string(path).map_err(|error| {
        ended::wrong_input(format!("cannot read {}: {error}\nName the file that `roro plugin keygen` wrote", path.display()))
    })?;
    let pair = KeyPair::from_text(&text).map_err(|error| ended::wrong_input(format!("{}: {error}", path.display())))?;
    let mode = fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))?.permissions().mode();
    if mode & OTHERS != 0 {
        eprintln!("note: others of this machine may read the private key; run: chmod 600 {}", path.display());
    }
    Ok(pair)
}
