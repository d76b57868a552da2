//! Keeping the contract's copies and the schemas made from it equal, and its released packages frozen.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::schemas;
use crate::tools::say;

/// The SDKs that carry a copy of `wit/`.
const COPIES: [&str; 1] = ["sdk/rust/wit"];

#[derive(serde::Deserialize)]
struct Released {
    packages: BTreeMap<String, String>,
}

pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let contract = read_folder(&root.join("wit"))?;
    check_released(root, &contract)?;
    for copy in COPIES {
        keep_equal(root, copy, &contract, check)?;
    }
    keep_equal(root, schemas::FOLDER, &schemas::make(&root.join("wit"))?, check)
}

/// Compares a folder with what it should hold; writes it anew, or fails when only a check was asked for.
fn keep_equal(root: &Path, name: &str, files: &BTreeMap<PathBuf, Vec<u8>>, check: bool) -> Result<()> {
    let folder = root.join(name);
    let equal = folder.is_dir() && read_folder(&folder)? == *files;
    match (equal, check) {
        (true, _) => say(&format!("{name} follows wit/")),
        (false, true) => bail!("{name} differs from wit/. Run: cargo xtask wit"),
        (false, false) => {
            write_folder(&folder, files)?;
            say(&format!("{name} brought up to date"));
        }
    }
    Ok(())
}

/// A package marked with a hash must still have it; a package of the folder must be listed.
fn check_released(root: &Path, contract: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let text = std::fs::read_to_string(root.join("wit/released.toml")).context("wit/released.toml")?;
    let released: Released = toml::from_str(&text).context("wit/released.toml")?;
    let mut hashes: BTreeMap<String, Sha256> = BTreeMap::new();
    for (path, bytes) in contract.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "wit")) {
        let text = String::from_utf8_lossy(bytes);
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("package "))
            .with_context(|| format!("wit/{} names no package", path.display()))?;
        hashes.entry(name.trim_end_matches(';').to_owned()).or_default().update(bytes);
    }
    for (name, hash) in hashes {
        let found = hex::encode(hash.finalize());
        match released.packages.get(&name).map(String::as_str) {
            None => bail!("wit/released.toml does not list {name}: add it as \"draft\""),
            Some("draft") => {}
            Some(frozen) if frozen == found => {}
            Some(_) => {
                bail!("{name} is released and frozen, but its text changed. Undo the change or add a new version beside it")
            }
        }
    }
    Ok(())
}

fn read_folder(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.to_path_buf(), std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

fn write_folder(folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    if folder.is_dir() {
        std::fs::remove_dir_all(folder)?;
    }
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
