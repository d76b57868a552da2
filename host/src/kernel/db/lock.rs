//! One serving process per data folder.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::Error;

/// Held while a process serves a data folder. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
    folder: PathBuf,
}

impl FolderLock {
    /// Takes the folder, making it when it is not there.
    ///
    /// # Errors
    /// [`Error::FolderTaken`] when another process has it; [`Error::Folder`] when it cannot be made.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Folder { folder: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("roro.lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file, folder: folder.to_owned() }),
            Err(TryLockError::WouldBlock) => Err(Error::FolderTaken { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
