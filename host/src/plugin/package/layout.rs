//! An OCI layout, wherever it lies: `oci-layout`, `index.json` and blobs by their digest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use oci_spec::image::{Descriptor, OciLayout};
use serde::de::DeserializeOwned;

use super::error::{Error, shown};
use super::limits::{ARCHIVE_BYTES_MAX, LAYOUT_BYTES_MAX};
use super::{archive, digest, disk};

pub(super) const LAYOUT_FILE: &str = "oci-layout";
pub(super) const INDEX_FILE: &str = "index.json";
pub(super) const LAYOUT_VERSION: &str = "1.0.0";
const BLOBS: &str = "blobs/sha256/";
const DIGEST_DIGITS: usize = 64;

/// Where a layout is read from.
pub(super) enum Layout {
    Folder(PathBuf),
    Archive(BTreeMap<String, Bytes>),
}

impl Layout {
    pub(super) fn folder(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }

    /// The layout in a tar archive. Names that no layout has are refused: nothing may hide beside the package.
    pub(super) fn archive(bytes: &Bytes) -> Result<Self, Error> {
        if bytes.len() as u64 > ARCHIVE_BYTES_MAX {
            return Err(Error::TooLarge { what: "the archive".to_owned(), bytes_max: ARCHIVE_BYTES_MAX });
        }
        let files = archive::read("the archive", bytes)?;
        if let Some(name) = files.keys().find(|name| !is_of_a_layout(name)) {
            return Err(Error::Stray { name: shown(name) });
        }
        Ok(Self::Archive(files))
    }

    /// Checks that this is a layout of the one version there is.
    pub(super) fn check_version(&self) -> Result<(), Error> {
        let bytes = self.needed(LAYOUT_FILE, LAYOUT_BYTES_MAX)?;
        let layout: OciLayout = json(LAYOUT_FILE, &bytes)?;
        if layout.image_layout_version() != LAYOUT_VERSION {
            return Err(Error::LayoutVersion { found: shown(layout.image_layout_version()) });
        }
        Ok(())
    }

    /// A file that every layout has.
    pub(super) fn needed(&self, name: &'static str, bytes_max: u64) -> Result<Bytes, Error> {
        self.file(name, bytes_max)?.ok_or(Error::NoLayout { name })
    }

    /// A blob that is what its descriptor says. Its limit is checked against the descriptor, before anything is read.
    pub(super) fn blob(&self, descriptor: &Descriptor, what: &str, bytes_max: u64) -> Result<Bytes, Error> {
        let what = what.to_owned();
        let Some(expected) = descriptor.as_digest_sha256() else {
            return Err(Error::DigestAlgorithm { what, digest: shown(descriptor.digest().as_ref()) });
        };
        if descriptor.size() > bytes_max {
            return Err(Error::TooLarge { what, bytes_max });
        }
        let digest_named = expected.to_owned();
        let Some(bytes) = self.file(&blob_name(expected), bytes_max)? else {
            return Err(Error::BlobMissing { what, digest: digest_named });
        };
        let size = bytes.len() as u64;
        if size != descriptor.size() {
            return Err(Error::BlobSize { what, digest: digest_named, expected: descriptor.size(), found: size });
        }
        let found = digest(&bytes);
        if found != expected {
            return Err(Error::BlobDigest { what, digest: digest_named, found });
        }
        Ok(bytes)
    }

    fn file(&self, name: &str, bytes_max: u64) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Folder(folder) => disk::read_below(folder, name, bytes_max),
            Self::Archive(files) => match files.get(name) {
                Some(bytes) if bytes.len() as u64 > bytes_max => Err(Error::TooLarge { what: name.to_owned(), bytes_max }),
                found => Ok(found.cloned()),
            },
        }
    }
}

/// Reads a JSON document.
pub(super) fn json<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| Error::Json { what: what.to_owned(), source })
}

/// The name of a blob in a layout.
pub(super) fn blob_name(digest: &str) -> String {
    format!("{BLOBS}{digest}")
}

fn is_of_a_layout(name: &str) -> bool {
    let is_hex = |digits: &str| digits.len() == DIGEST_DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    name == LAYOUT_FILE || name == INDEX_FILE || name.strip_prefix(BLOBS).is_some_and(is_hex)
}
