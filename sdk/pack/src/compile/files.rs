//! The files of a pack, wherever they lie. Only reading, only below the pack's folder, never through a symbolic link.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The largest file of a pack, in bytes.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The most files of a pack.
pub const FILES_MAX: usize = 1_000;
const FOLDER_DEPTH_MAX: usize = 6;

/// The files of a pack by their path below its folder, with `/` between the parts.
pub trait PackFiles {
    /// Every file, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read or has more than [`FILES_MAX`] files.
    fn list(&self) -> io::Result<Vec<String>>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// When the file cannot be read or is larger than [`FILE_BYTES_MAX`].
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
}

/// A pack in a folder of this machine.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The pack in this folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn walk(&self, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) -> io::Result<()> {
        if depth > FOLDER_DEPTH_MAX {
            return Err(io::Error::other(format!(
                "`{prefix}` lies too deep: a pack has at most {FOLDER_DEPTH_MAX} levels of folders"
            )));
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name =
                name.to_str().ok_or_else(|| io::Error::other(format!("a file name in `{prefix}` is not UTF-8: rename it")))?;
            // Editors and version control leave hidden files; a pack has none.
            if name.starts_with('.') {
                continue;
            }
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&entry.path(), &path, depth + 1, found)?;
            } else if kind.is_file() {
                found.push(path);
            } else {
                return Err(io::Error::other(format!("`{path}` is neither a file nor a folder: replace the link by the file")));
            }
            if found.len() > FILES_MAX {
                return Err(io::Error::other(format!(
                    "the pack has more than {FILES_MAX} files: remove what does not belong to it"
                )));
            }
        }
        Ok(())
    }
}

impl PackFiles for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        self.walk(&self.root, "", 0, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let full = self.root.join(path);
        let size = std::fs::symlink_metadata(&full)?.len();
        if size > FILE_BYTES_MAX {
            return Err(io::Error::other(format!("it has {size} bytes: a file of a pack has at most {FILE_BYTES_MAX}")));
        }
        std::fs::read(full)
    }
}

impl PackFiles for BTreeMap<String, Vec<u8>> {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
