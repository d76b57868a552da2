//! Fonts beyond those that the renderer carries: read once from the folder that `cargo xtask fonts` fills.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A font file in memory.
#[derive(Debug, Clone)]
pub struct Font {
    /// For example `Noto Sans SC`.
    pub family: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The file.
    pub bytes: Arc<[u8]>,
}

/// Why fonts could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing or unreadable.
    #[error("cannot read {path}: {reason}. Run: cargo xtask fonts")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file is not the one that the list names.
    #[error("{path} has another SHA-256 than fonts.toml says. Remove the folder and run: cargo xtask fonts")]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    font: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    family: String,
    file: String,
    sha256: String,
}

/// Reads the fonts that `fonts.toml` of a folder lists, each checked against its SHA-256. No list, no fonts: Latin documents need none.
///
/// # Errors
/// When a listed file cannot be read or is another file.
pub fn load_folder(folder: &Path) -> Result<Vec<Font>, Error> {
    let list = folder.join("fonts.toml");
    let fault = |path: &Path, reason: String| Error::Read { path: path.to_path_buf(), reason };
    if !list.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&list).map_err(|error| fault(&list, error.to_string()))?;
    let entries: List = toml::from_str(&text).map_err(|error| fault(&list, error.to_string()))?;
    let read = |entry: Entry| {
        let path = folder.join(&entry.file);
        let bytes = std::fs::read(&path).map_err(|error| fault(&path, error.to_string()))?;
        if hex::encode(Sha256::digest(&bytes)) != entry.sha256 {
            return Err(Error::Changed { path });
        }
        Ok(Font { family: entry.family, file: entry.file, sha256: entry.sha256, bytes: bytes.into() })
    };
    entries.font.into_iter().map(read).collect()
}
