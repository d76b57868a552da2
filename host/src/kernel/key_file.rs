//! Keys of the installation, each 32 random bytes in a file that only its owner can read: one seals compiled plugins, one the secrets of
//! tenants.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why the key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read or made.
    #[error("cannot use the key {path}: {reason}. Give the data folder to the user that runs roro")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is not 32 bytes long.
    #[error("{path} does not hold 32 bytes; restore it from the backup")]
    Size {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the key, or makes it when it is not there. Two processes that start together get the same.
///
/// # Errors
/// When the file cannot be read or made, or has another size.
pub fn read_or_make(path: &Path) -> Result<[u8; 32], Error> {
    let fault = |error: std::io::Error| Error::File { path: path.to_path_buf(), reason: error.to_string() };
    if !path.exists() {
        make(path).map_err(fault)?;
    }
    fs::read(path).map_err(fault)?.try_into().map_err(|_| Error::Size { path: path.to_path_buf() })
}

fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let key = super::rng::Rng::system().map_err(std::io::Error::other)?.bytes::<32>();
    let staging = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staging)?;
    file.write_all(&key).and_then(|()| file.sync_all())?;
    // A hard link never replaces: the first process wins, the others read what it made.
    let linked = fs::hard_link(&staging, path);
    fs::remove_file(&staging)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
