//! The folder that the operator fills with archives.
//!
//! It is looked at when somebody asks; an archive that has not changed is not read again. A file that is no package is passed over with a
//! line in the log: it never stops the host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::Offer;
use crate::plugin::install::check;
use crate::plugin::{Error, package};

/// The most archives that are looked at.
const ARCHIVES_MAX: usize = 1_000;

/// A file as it was when it was read.
type Seen = (PathBuf, u64, Option<SystemTime>);

/// The folder. Clones share what was read.
#[derive(Clone)]
pub(super) struct Folder {
    folder: Arc<Path>,
    read: moka::sync::Cache<Seen, Option<Arc<Offer>>>,
}

impl Folder {
    /// The packages of a folder, which need not be there.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.into(), read: moka::sync::Cache::new(ARCHIVES_MAX as u64) }
    }

    /// What lies there. Blocks while archives are read that are new.
    pub(super) fn offers(&self) -> Vec<Arc<Offer>> {
        self.files().iter().filter_map(|(_, offer)| offer.clone()).collect()
    }

    /// The folder's path.
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// The archive of a package on offer. Blocks.
    pub(super) fn archive(&self, digest: &str) -> Option<Bytes> {
        let files = self.files();
        let path =
            files.iter().find(|(_, offer)| offer.as_ref().is_some_and(|offer| offer.digest == digest)).map(|(path, _)| path)?;
        std::fs::read(path).ok().map(Bytes::from)
    }

    fn files(&self) -> Vec<(PathBuf, Option<Arc<Offer>>)> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut files = Vec::new();
        for path in entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "tar"))
            .take(ARCHIVES_MAX)
        {
            let Ok(about) = path.metadata() else { continue };
            let seen = (path.clone(), about.len(), about.modified().ok());
            let offer = self.read.get_with(seen, || offer(&path));
            files.push((path, offer));
        }
        files.sort_by(|one, two| one.0.cmp(&two.0));
        files
    }
}

fn offer(path: &Path) -> Option<Arc<Offer>> {
    let read = package::read_path(path, None).map_err(Error::from).and_then(check);
    match read {
        Ok(checked) => Some(Arc::new(Offer::of(&checked))),
        Err(error) => {
            tracing::warn!(file = %path.display(), error = &error as &dyn std::error::Error, "a file of the catalogue is no package");
            None
        }
    }
}
