//! A plugin package: what an author hands over, as an OCI artifact (image-spec 1.1).
//!
//! It is plugin.toml, at most one component, at most one pack, assets and fixtures. It is made from a folder, becomes an [`Image`] (a manifest
//! and its blobs, the same bytes for the same files), and lies in an OCI layout: a folder, or one tar archive of it. Who vouches for a
//! package adds envelopes, each a manifest of its own that refers to the package's; the package stays as it is.
//!
//! What is read comes from strangers. Every blob is measured and hashed, every limit has a name, and nothing is unpacked: files stay in
//! memory under names that were checked. Nothing here trusts an envelope (`signature` does), understands plugin.toml, compiles a component or
//! calls a registry.

mod archive;
mod disk;
mod error;
mod folder;
mod image;
mod layout;
pub mod limits;
mod part;
mod read;
mod remote;
#[cfg(test)]
mod tests;

pub use error::Error;
pub(super) use error::shown;
pub use image::{Image, Signed};
pub use part::{ARTIFACT_TYPE, Part};
pub use remote::{Blob, Contents, assemble, contents, envelope, index, referrers};

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use bytes::Bytes;
use semver::Version;
use sha2::{Digest as _, Sha256};

use super::signature::Subject;
use layout::Layout;

/// The files of a package. Names have `/` between their parts and are below their own folder: `pack` holds `pack.toml`, not `pack/pack.toml`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// plugin.toml, as it is.
    pub manifest_text: String,
    /// The component.
    pub component: Option<Bytes>,
    /// Pictures and other files, and the sentences under `locales/`.
    pub assets: BTreeMap<String, Bytes>,
    /// Inputs with expected answers.
    pub fixtures: BTreeMap<String, Bytes>,
    /// The files of a pack.
    pub pack: BTreeMap<String, Bytes>,
}

/// A package that was read, with what belongs to it. Digests are SHA-256 in hexadecimal, without a prefix.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its files.
    pub package: Package,
    /// Its manifest and blobs as they were read, to be written again with the same digests.
    pub image: Image,
    /// Of the OCI manifest.
    pub manifest_digest: String,
    /// Of the component.
    pub component_digest: Option<String>,
    /// Of plugin.toml.
    pub plugin_manifest_digest: String,
    /// The envelopes that refer to it, in the order of the index. Nobody has verified them yet.
    pub envelopes: Vec<Bytes>,
    /// The bytes of its manifest, its blobs and its envelopes.
    pub bytes: u64,
}

impl Package {
    /// The package in a folder: plugin.toml, the named component, `assets/`, `locales/`, `fixtures/` and the named folder of a pack. Names
    /// are below the folder; hidden files are left out; a link is refused.
    ///
    /// # Errors
    /// When a file is missing, is a link, has a name that no package may hold, or is too large.
    pub fn from_folder(folder: &Path, component: Option<&str>, pack: Option<&str>) -> Result<Self, Error> {
        folder::read(folder, component, pack)
    }

    /// The package as an OCI manifest and its blobs. `id` and `version` are plugin.toml's, for whoever looks at the manifest.
    ///
    /// # Errors
    /// When a part is too large or a name is none that a package may hold.
    pub fn image(&self, id: &str, version: &Version) -> Result<Image, Error> {
        Image::of(self, id, version)
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("manifest_text", &self.manifest_text)
            .field("component_bytes", &self.component.as_ref().map(Bytes::len))
            .field("assets", &self.assets.keys())
            .field("fixtures", &self.fixtures.keys())
            .field("pack", &self.pack.keys())
            .finish()
    }
}

impl Stored {
    /// What a signature of this package must be about. `id` and `version` are plugin.toml's.
    #[must_use]
    pub fn subject(&self, id: &str, version: &Version) -> Subject {
        self.image.subject(id, version)
    }
}

/// Reads a package from an OCI layout in a folder. Several may lie in it; then a tag says which.
///
/// # Errors
/// Every [`Error`] of a layout: it is damaged, holds something else, or is too large.
pub fn read_folder(folder: &Path, tag: Option<&str>) -> Result<Stored, Error> {
    read::read(&Layout::folder(folder), tag)
}

/// Reads a package from a tar archive of an OCI layout.
///
/// # Errors
/// As [`read_folder`], and when the archive itself is damaged or holds names that a layout has not.
pub fn read_archive(archive: &Bytes, tag: Option<&str>) -> Result<Stored, Error> {
    read::read(&Layout::archive(archive)?, tag)
}

/// Reads a package from whichever of both lies at a path.
///
/// # Errors
/// As [`read_folder`] and [`read_archive`], and when there is nothing.
pub fn read_path(path: &Path, tag: Option<&str>) -> Result<Stored, Error> {
    if path.is_dir() {
        return read_folder(path, tag);
    }
    read_archive(&archive_at(path)?, tag)
}

/// The bytes of an archive, unread.
///
/// # Errors
/// When it is not there, is no file, or is larger than a package may be.
pub fn archive_at(path: &Path) -> Result<Bytes, Error> {
    disk::read(path, "the archive", limits::ARCHIVE_BYTES_MAX)
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
