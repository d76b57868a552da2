//! The packs of this process: those that the installation offers, and those that tenants have installed, each compiled once.

use std::sync::Arc;

use bytes::Bytes;

use super::Pack;

/// The most compiled packs that are kept beside the offered ones; one takes some hundred kilobytes.
const COMPILED_MAX: u64 = 1_000;

/// The packs. Clones share them.
#[derive(Clone)]
pub struct Shelf {
    offered: Arc<[Arc<Pack>]>,
    compiled: moka::sync::Cache<String, Arc<Pack>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shelf({} offered)", self.offered.len())
    }
}

impl Shelf {
    /// A shelf that offers these packs.
    #[must_use]
    pub fn new(offered: Vec<Arc<Pack>>) -> Self {
        Self { offered: offered.into(), compiled: moka::sync::Cache::new(COMPILED_MAX) }
    }

    /// The packs that a tenant can install by name.
    #[must_use]
    pub fn offered(&self) -> &[Arc<Pack>] {
        &self.offered
    }

    /// The offered pack of a name.
    #[must_use]
    pub fn offer(&self, name: &str) -> Option<Arc<Pack>> {
        self.offered.iter().find(|pack| pack.id() == name).cloned()
    }

    /// The pack of a digest, if this process has compiled it.
    pub(super) fn compiled(&self, digest: &str) -> Option<Arc<Pack>> {
        let offered = self.offered.iter().find(|pack| pack.digest() == digest).cloned();
        offered.or_else(|| self.compiled.get(digest))
    }

    /// Keeps a pack that was just compiled.
    pub(super) fn keep(&self, pack: Arc<Pack>) {
        self.compiled.insert(pack.digest().to_owned(), pack);
    }
}

/// The bytes of an installed pack, made into a pack again. Compiling takes some milliseconds of a core.
pub(super) fn compile(archive: &Bytes) -> Result<Pack, super::Error> {
    let place = std::path::Path::new("archive");
    let files = super::archive::read(archive)
        .map_err(|error| super::Error::Read { path: place.to_path_buf(), reason: error.to_string() })?;
    Pack::compile(&files, place)
}
