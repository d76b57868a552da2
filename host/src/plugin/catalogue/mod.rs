//! The catalogue: packages that this installation offers. They lie in a folder that the operator fills, and in repositories of registries that
//! the operator names.
//!
//! The folder is looked at when somebody asks. Registries are looked at in the background, and what was seen last is shown: one that is slow or
//! gone is said to be, and stops neither the host nor the folder's list. A package of a registry is fetched when somebody installs it, by the
//! digest that was on offer. Nothing here judges a signature: installing does.

mod folder;
mod shop;

use std::path::Path;

use bytes::Bytes;
use serde::Serialize;

use super::error::Error;
use super::install::Checked;
use super::manifest::Manifest;
use super::registry;
use crate::config;
use crate::kernel::outbound;
use folder::Folder;
use shop::Shop;

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
    /// The repository of a registry in which it lies; none when it lies in the catalogue's folder.
    pub repository: Option<String>,
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
            repository: None,
        }
    }
}

/// A repository that could not be read when it was looked at last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginCatalogueTrouble")]
pub struct Trouble {
    /// The repository.
    pub repository: String,
    /// Why, as a stable code.
    pub code: String,
    /// Why, and what to do.
    pub message: String,
}

/// What the catalogue shows.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginCatalogue")]
pub struct Shown {
    /// The packages, by name, the newest version of each first.
    pub items: Vec<Offer>,
    /// The `after` of the next page; none, for there is one page.
    pub next: Option<String>,
    /// The repositories that could not be read. What they offered before still stands among the packages.
    pub troubles: Vec<Trouble>,
}

/// The catalogue. Clones share what was read.
#[derive(Clone)]
pub struct Catalogue {
    folder: Folder,
    shop: Shop,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalogue({})", self.folder.path().display())
    }
}

impl Catalogue {
    /// The packages of a folder, which need not be there, and of the registries of the settings. Nothing is read yet.
    ///
    /// # Errors
    /// When a repository of the settings has a name that none can have.
    pub fn new(folder: &Path, settings: &config::Plugins, outbound: &outbound::Settings) -> Result<Self, registry::Error> {
        Ok(Self { folder: Folder::new(folder), shop: Shop::new(settings, outbound)? })
    }

    /// What is on offer, by name, the newest version of each first. A package that lies in the folder too is shown as the folder's.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the reading itself breaks down.
    pub async fn offers(&self) -> Result<Shown, Error> {
        let folder = self.folder.clone();
        let (own, (others, troubles)) = tokio::join!(tokio::task::spawn_blocking(move || folder.offers()), self.shop.look());
        let mut items = own.map_err(|_| Error::Damaged)?;
        items.extend(others);
        // Stable: of equal ones the folder's stays first.
        items.sort_by(|one, two| {
            let newest_first = two.manifest.version.cmp(&one.manifest.version);
            one.manifest.id.cmp(&two.manifest.id).then(newest_first).then_with(|| one.digest.cmp(&two.digest))
        });
        items.dedup_by(|later, first| later.digest == first.digest);
        Ok(Shown { items: items.iter().map(|offer| (**offer).clone()).collect(), next: None, troubles })
    }

    /// The archive of a package on offer.
    ///
    /// # Errors
    /// [`Error::Unknown`] when no such package is on offer, [`Error::Registry`] when it lies in a registry and cannot be fetched.
    pub async fn archive(&self, digest: &str) -> Result<Bytes, Error> {
        let (folder, wanted) = (self.folder.clone(), digest.to_owned());
        let own = tokio::task::spawn_blocking(move || folder.archive(&wanted)).await.map_err(|_| Error::Damaged)?;
        match own {
            Some(archive) => Ok(archive),
            None => self.shop.fetch(digest).await?.ok_or(Error::Unknown("package on offer")),
        }
    }
}
