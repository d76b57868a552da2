//! The catalogue: packages that this installation offers, one archive each in a folder that the operator fills.
//!
//! The folder is looked at when somebody asks; an archive that has not changed is not read again. A file that is no package is passed over
//! with a line in the log: it never stops the host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use serde::Serialize;

use super::install::{Checked, check};
use super::manifest::Manifest;
use super::package;

/// The most archives that are looked at.
const ARCHIVES_MAX: usize = 1_000;

/// A package on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginOffer")]
pub struct Offer {
    /// SHA-256 of its OCI manifest: what an installation names.
    pub digest: String,
    /// What it says of itself: hooks, grants with their reasons, settings, limits.
    pub manifest: Manifest,
    /// SHA-256 of its component.
    pub component_sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many signatures came with it. Whose they are is judged when it is installed.
    pub signatures: usize,
}

impl Offer {
    fn of(checked: &Checked) -> Self {
        let stored = &checked.stored;
        Self {
            digest: stored.manifest_digest.clone(),
            manifest: checked.manifest.clone(),
            component_sha256: stored.component_digest.clone().unwrap_or_default(),
            bytes: stored.bytes,
            signatures: stored.envelopes.len(),
        }
    }
}

/// A file as it was when it was read.
type Seen = (PathBuf, u64, Option<SystemTime>);

/// The catalogue. Clones share what was read.
#[derive(Clone)]
pub struct Catalogue {
    folder: Arc<Path>,
    read: moka::sync::Cache<Seen, Option<Arc<Offer>>>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalogue({})", self.folder.display())
    }
}

impl Catalogue {
    /// The packages of a folder, which need not be there.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.into(), read: moka::sync::Cache::new(ARCHIVES_MAX as u64) }
    }

    /// What is on offer, by name, the newest version of each first. Blocks while archives are read that are new.
    #[must_use]
    pub fn offers(&self) -> Vec<Arc<Offer>> {
        let mut offers: Vec<Arc<Offer>> = self.files().iter().filter_map(|(_, offer)| offer.clone()).collect();
        offers.sort_by(|one, two| (&one.manifest.id, &two.manifest.version).cmp(&(&two.manifest.id, &one.manifest.version)));
        offers.dedup_by(|one, two| one.digest == two.digest);
        offers
    }

    /// The archive of a package on offer. Blocks.
    #[must_use]
    pub fn archive(&self, digest: &str) -> Option<Bytes> {
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
    let read = package::read_path(path, None).map_err(super::Error::from).and_then(check);
    match read {
        Ok(checked) => Some(Arc::new(Offer::of(&checked))),
        Err(error) => {
            tracing::warn!(file = %path.display(), error = &error as &dyn std::error::Error, "a file of the catalogue is no package");
            None
        }
    }
}
