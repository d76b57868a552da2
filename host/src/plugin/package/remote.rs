//! A package in pieces: what a manifest from elsewhere names, so that it can be fetched within bounds, and the package that the pieces make.
//!
//! What is said here is checked before the first blob is asked for. Put together, the pieces are a layout like any other and are read as one:
//! no check is left out because a package came in pieces.

use std::collections::BTreeMap;

use bytes::Bytes;
use oci_spec::image::{Descriptor, ImageIndex, ImageIndexBuilder, ImageManifest, MediaType, SCHEMA_VERSION};

use super::error::{Error, shown};
use super::image::{self, Image, canonical};
use super::layout::{Layout, json};
use super::limits::{ARCHIVE_BYTES_MAX, CONFIG_BYTES_MAX, INDEX_MANIFESTS_MAX};
use super::part::{ARTIFACT_TYPE, Part};
use super::read::{self, MANIFEST_TYPE, check_schema, check_type};
use super::{Stored, digest};
use crate::plugin::signature::{ENVELOPE_BYTES_MAX, MEDIA_TYPE};

/// What the manifest of a signature is called.
const SIGNATURE: &str = "a signature";

/// A blob that a manifest names. Its size is within the limit of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What it is, for people.
    pub what: &'static str,
    /// SHA-256 in hexadecimal, without a prefix.
    pub digest: String,
    /// How many bytes it has, as its descriptor says.
    pub bytes: u64,
}

/// What the manifest of a package names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// plugin.toml.
    pub plugin_toml: Blob,
    /// The digest of the component.
    pub component_digest: Option<String>,
    /// Every blob, the config and plugin.toml among them.
    pub blobs: Vec<Blob>,
    /// The bytes of the manifest and of its blobs.
    pub bytes: u64,
}

impl Blob {
    fn of(descriptor: &Descriptor, what: &'static str, bytes_max: u64) -> Result<Self, Error> {
        let Some(digest) = descriptor.as_digest_sha256() else {
            return Err(Error::DigestAlgorithm { what: what.to_owned(), digest: shown(descriptor.digest().as_ref()) });
        };
        if descriptor.size() > bytes_max {
            return Err(Error::TooLarge { what: what.to_owned(), bytes_max });
        }
        Ok(Self { what, digest: digest.to_owned(), bytes: descriptor.size() })
    }
}

/// What the manifest of a package names.
///
/// # Errors
/// When it is none, names what no package has, or more bytes than a package may have.
pub fn contents(manifest: &[u8]) -> Result<Contents, Error> {
    let (read, kind) = manifest_of("the manifest", manifest)?;
    if kind != ARTIFACT_TYPE {
        return Err(Error::UnknownArtifact { digest: digest(manifest), found: shown(&kind) });
    }
    let mut blobs = vec![Blob::of(read.config(), "the config", CONFIG_BYTES_MAX)?];
    let mut parts = BTreeMap::new();
    for layer in read.layers() {
        let media_type = layer.media_type().as_ref();
        let part = Part::of(media_type).ok_or_else(|| Error::UnknownLayer { media_type: shown(media_type) })?;
        let blob = Blob::of(layer, part.title(), part.bytes_max())?;
        blobs.push(blob.clone());
        if parts.insert(part, blob).is_some() {
            return Err(Error::LayerTwice { what: part.title() });
        }
    }
    // Each is bounded and there are six at most: no sum can overflow.
    let bytes = blobs.iter().map(|blob| blob.bytes).sum::<u64>() + manifest.len() as u64;
    if bytes > ARCHIVE_BYTES_MAX {
        return Err(Error::TooLarge { what: "the package".to_owned(), bytes_max: ARCHIVE_BYTES_MAX });
    }
    let plugin_toml = parts.remove(&Part::PluginToml).ok_or(Error::LayerMissing { what: Part::PluginToml.title() })?;
    Ok(Contents { plugin_toml, component_digest: parts.remove(&Part::Component).map(|blob| blob.digest), blobs, bytes })
}

/// The envelope that the manifest of a signature names. `subject` is the digest of the package's manifest.
///
/// # Errors
/// When it is no signature of this package.
pub fn envelope(manifest: &[u8], subject: &str) -> Result<Blob, Error> {
    let (read, kind) = manifest_of(SIGNATURE, manifest)?;
    let signs = read.subject().as_ref().and_then(Descriptor::as_digest_sha256);
    if kind != MEDIA_TYPE || signs != Some(subject) {
        return Err(Error::StraySignature { digest: digest(manifest) });
    }
    let [layer] = read.layers().as_slice() else {
        return Err(Error::SignatureLayers { digest: digest(manifest), layers: read.layers().len() });
    };
    check_type(SIGNATURE, layer.media_type(), MEDIA_TYPE)?;
    Blob::of(layer, SIGNATURE, ENVELOPE_BYTES_MAX)
}

/// The manifests that refer to a package, of whatever kind, from the index that lists them.
///
/// # Errors
/// When it is no index, or lists too many.
pub fn referrers(index: &[u8]) -> Result<Vec<Descriptor>, Error> {
    let what = "the list of signatures";
    let read: ImageIndex = json(what, index)?;
    check_schema(what, read.schema_version())?;
    if read.manifests().len() > INDEX_MANIFESTS_MAX {
        return Err(Error::TooManyManifests);
    }
    Ok(read.manifests().clone())
}

/// The index that lists these manifests.
///
/// # Errors
/// A fault of this program.
pub fn index(manifests: Vec<Descriptor>) -> Result<Bytes, Error> {
    let index = ImageIndexBuilder::default().schema_version(SCHEMA_VERSION).media_type(MediaType::ImageIndex);
    canonical(&index.manifests(manifests).build().map_err(|source| Error::Encode { source })?)
}

/// The package that these pieces make, checked as a layout is. `blobs` by digest.
///
/// # Errors
/// As for a layout that is read.
pub fn assemble(manifest: Bytes, blobs: BTreeMap<String, Bytes>, envelopes: &[Bytes]) -> Result<Stored, Error> {
    let (read, _) = manifest_of("the manifest", &manifest)?;
    // The digests of parts are read again from the layout: what stands here is only written.
    let image = Image { tag: image::tag(&read), manifest, component_digest: None, plugin_manifest_digest: String::new(), blobs };
    read::read(&Layout::Archive(image.files(envelopes)?), None)
}

/// A manifest and the type of its artifact.
fn manifest_of(what: &str, bytes: &[u8]) -> Result<(ImageManifest, String), Error> {
    let manifest: ImageManifest = json(what, bytes)?;
    check_schema(what, manifest.schema_version())?;
    if let Some(media_type) = manifest.media_type() {
        check_type(what, media_type, MANIFEST_TYPE)?;
    }
    let kind = manifest.artifact_type().as_ref().map_or_else(String::new, |kind| kind.as_ref().to_owned());
    Ok((manifest, kind))
}
