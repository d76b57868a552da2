//! A package as OCI has it: a manifest, its blobs, and signatures that refer to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use oci_spec::OciSpecError;
use oci_spec::image::{
    ANNOTATION_REF_NAME, ANNOTATION_TITLE, ANNOTATION_VERSION, Descriptor, ImageIndexBuilder, ImageManifest,
    ImageManifestBuilder, MediaType, OciLayoutBuilder, SCHEMA_VERSION, Sha256Digest,
};
use semver::Version;
use serde::Serialize;

use super::error::Error;
use super::layout::{INDEX_FILE, LAYOUT_FILE, LAYOUT_VERSION, blob_name};
use super::limits::TAR_ENTRIES_MAX;
use super::part::{ARTIFACT_TYPE, Part};
use super::{Package, archive, digest};
use crate::plugin::signature::{self, ENVELOPE_BYTES_MAX, ENVELOPES_MAX, Subject};

/// What the config of an artifact is.
pub(super) const EMPTY_CONFIG: &[u8] = b"{}";

/// The manifest of a package and its blobs. Digests are SHA-256 in hexadecimal, without a prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    pub(super) manifest: Bytes,
    pub(super) tag: Option<String>,
    pub(super) component_digest: Option<String>,
    pub(super) plugin_manifest_digest: String,
    /// Config and layers, by digest.
    pub(super) blobs: BTreeMap<String, Bytes>,
}

/// A signature as OCI has it: a manifest of its own that refers to the package's.
#[derive(Debug, Clone)]
pub struct Signed {
    /// How an index lists it.
    pub descriptor: Descriptor,
    /// Its manifest.
    pub manifest: Bytes,
    /// Its config and its envelope, by digest.
    pub blobs: BTreeMap<String, Bytes>,
}

impl Image {
    /// Makes the layers and the manifest of a package.
    pub(super) fn of(package: &Package, id: &str, version: &Version) -> Result<Self, Error> {
        let mut blobs = BTreeMap::new();
        let mut layers = Vec::new();
        for (part, bytes) in parts(package)? {
            if bytes.len() as u64 > part.bytes_max() {
                return Err(Error::TooLarge { what: part.title().to_owned(), bytes_max: part.bytes_max() });
            }
            let mut layer = keep(&mut blobs, MediaType::from(part.media_type()), bytes)?;
            layer.set_annotations(Some([(ANNOTATION_TITLE.to_owned(), part.title().to_owned())].into()));
            layers.push(layer);
        }
        let layer_digest = |part: Part| {
            let layer = layers.iter().find(|layer| layer.media_type().as_ref() == part.media_type());
            layer.and_then(Descriptor::as_digest_sha256).map(str::to_owned)
        };
        let plugin_manifest_digest =
            layer_digest(Part::PluginToml).ok_or(Error::LayerMissing { what: Part::PluginToml.title() })?;
        let component_digest = layer_digest(Part::Component);
        let annotations: HashMap<String, String> =
            [(ANNOTATION_TITLE.to_owned(), id.to_owned()), (ANNOTATION_VERSION.to_owned(), version.to_string())].into();
        let manifest = artifact(ARTIFACT_TYPE, &mut blobs, layers)?.annotations(annotations).build().map_err(encode)?;
        let manifest = canonical(&manifest)?;
        Ok(Self { manifest, tag: Some(version.to_string()), component_digest, plugin_manifest_digest, blobs })
    }

    /// The manifest, as bytes.
    #[must_use]
    pub fn manifest(&self) -> &Bytes {
        &self.manifest
    }

    /// The manifest's digest: what a release pins and a signature names.
    #[must_use]
    pub fn manifest_digest(&self) -> String {
        digest(&self.manifest)
    }

    /// The config and the layers, by digest.
    #[must_use]
    pub fn blobs(&self) -> &BTreeMap<String, Bytes> {
        &self.blobs
    }

    /// What a signature of this package must be about.
    #[must_use]
    pub fn subject(&self, id: &str, version: &Version) -> Subject {
        Subject {
            id: id.to_owned(),
            version: version.clone(),
            manifest_digest: self.manifest_digest(),
            component_digest: self.component_digest.clone(),
            plugin_manifest_digest: self.plugin_manifest_digest.clone(),
        }
    }

    /// Writes package and envelopes as an OCI layout into a folder, which must be new or empty.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written, or when there are too many or too large envelopes.
    pub fn write_folder(&self, envelopes: &[Bytes], folder: &Path) -> Result<(), Error> {
        let files = self.files(envelopes)?;
        let failed = |source| Error::Write { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        // Somebody's files would be mixed with ours.
        if fs::read_dir(folder).map_err(failed)?.next().is_some() {
            return Err(Error::FolderNotEmpty { folder: folder.to_owned() });
        }
        fs::create_dir_all(folder.join(blob_name(""))).map_err(failed)?;
        // In the order of names `oci-layout` comes last: without it a folder that is not finished is no layout.
        for (name, bytes) in &files {
            let path = folder.join(name);
            let mut file = fs::File::create_new(&path).map_err(|source| Error::Write { path: path.clone(), source })?;
            file.write_all(bytes).map_err(|source| Error::Write { path, source })?;
        }
        Ok(())
    }

    /// Writes package and envelopes as one tar archive of an OCI layout.
    ///
    /// # Errors
    /// When the writer fails, or when there are too many or too large envelopes.
    pub fn write_archive(&self, envelopes: &[Bytes], into: impl Write) -> Result<(), Error> {
        archive::write(&self.files(envelopes)?, into).map_err(|source| Error::WriteArchive { source })
    }

    /// How others refer to the package's manifest.
    fn described(&self) -> Result<Descriptor, Error> {
        describe(MediaType::ImageManifest, &self.manifest)
    }

    /// What stands beside the package: a manifest a signature. Equal envelopes are one signature.
    ///
    /// # Errors
    /// When there are too many or too large envelopes.
    pub fn signed(&self, envelopes: &[Bytes]) -> Result<Vec<Signed>, Error> {
        let (subject, mut seen, mut all) = (self.described()?, BTreeSet::new(), Vec::new());
        for envelope in envelopes {
            if !seen.insert(envelope) {
                continue;
            }
            if envelope.len() as u64 > ENVELOPE_BYTES_MAX {
                return Err(Error::TooLarge { what: "an envelope".to_owned(), bytes_max: ENVELOPE_BYTES_MAX });
            }
            if all.len() == ENVELOPES_MAX {
                return Err(Error::TooManySignatures);
            }
            let mut blobs = BTreeMap::new();
            let layer = keep(&mut blobs, MediaType::from(signature::MEDIA_TYPE), envelope.clone())?;
            let manifest = artifact(signature::MEDIA_TYPE, &mut blobs, vec![layer])?;
            let manifest = canonical(&manifest.subject(subject.clone()).build().map_err(encode)?)?;
            let mut descriptor = describe(MediaType::ImageManifest, &manifest)?;
            descriptor.set_artifact_type(Some(MediaType::from(signature::MEDIA_TYPE)));
            all.push(Signed { descriptor, manifest, blobs });
        }
        Ok(all)
    }

    /// The files of the layout.
    pub(super) fn files(&self, envelopes: &[Bytes]) -> Result<BTreeMap<String, Bytes>, Error> {
        let mut blobs = self.blobs.clone();
        let mut package = self.described()?;
        package.set_artifact_type(Some(MediaType::from(ARTIFACT_TYPE)));
        package.set_annotations(self.tag.clone().map(|tag| [(ANNOTATION_REF_NAME.to_owned(), tag)].into()));
        blobs.insert(self.manifest_digest(), self.manifest.clone());
        let mut manifests = vec![package];
        for signed in self.signed(envelopes)? {
            manifests.push(signed.descriptor);
            blobs.insert(digest(&signed.manifest), signed.manifest);
            blobs.extend(signed.blobs);
        }
        let index = ImageIndexBuilder::default().schema_version(SCHEMA_VERSION).media_type(MediaType::ImageIndex);
        let index = canonical(&index.manifests(manifests).build().map_err(encode)?)?;
        let layout = OciLayoutBuilder::default().image_layout_version(LAYOUT_VERSION).build().map_err(encode)?;
        let mut files: BTreeMap<String, Bytes> = blobs.into_iter().map(|(digest, bytes)| (blob_name(&digest), bytes)).collect();
        files.insert(INDEX_FILE.to_owned(), index);
        files.insert(LAYOUT_FILE.to_owned(), canonical(&layout)?);
        Ok(files)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({})", self.manifest_digest())
    }
}

/// The layers of a package, in their order, each only when there is something in it.
fn parts(package: &Package) -> Result<Vec<(Part, Bytes)>, Error> {
    let mut parts = vec![(Part::PluginToml, Bytes::from(package.manifest_text.clone()))];
    parts.extend(package.component.clone().map(|component| (Part::Component, component)));
    for (part, files) in [(Part::Pack, &package.pack), (Part::Assets, &package.assets), (Part::Fixtures, &package.fixtures)] {
        if files.is_empty() {
            continue;
        }
        if files.len() > TAR_ENTRIES_MAX {
            return Err(Error::TooManyEntries { what: part.title().to_owned() });
        }
        for name in files.keys() {
            archive::checked_name(part.title(), name)?;
        }
        let mut tar = Vec::new();
        archive::write(files, &mut tar).map_err(|source| Error::WriteArchive { source })?;
        parts.push((part, tar.into()));
    }
    Ok(parts)
}

/// The manifest of an artifact: no config, only layers.
fn artifact(kind: &str, blobs: &mut BTreeMap<String, Bytes>, layers: Vec<Descriptor>) -> Result<ImageManifestBuilder, Error> {
    let config = keep(blobs, MediaType::EmptyJSON, Bytes::from_static(EMPTY_CONFIG))?;
    let manifest = ImageManifestBuilder::default().schema_version(SCHEMA_VERSION).media_type(MediaType::ImageManifest);
    Ok(manifest.artifact_type(MediaType::from(kind)).config(config).layers(layers))
}

/// Keeps a blob under its digest and describes it.
fn keep(blobs: &mut BTreeMap<String, Bytes>, media_type: MediaType, bytes: Bytes) -> Result<Descriptor, Error> {
    let descriptor = describe(media_type, &bytes)?;
    blobs.insert(digest(&bytes), bytes);
    Ok(descriptor)
}

fn describe(media_type: MediaType, bytes: &[u8]) -> Result<Descriptor, Error> {
    let named: Sha256Digest = digest(bytes).parse().map_err(encode)?;
    Ok(Descriptor::new(media_type, bytes.len() as u64, named))
}

/// Canonical JSON (RFC 8785): the annotations of `oci-spec` are a hash map, which has another order each time.
pub(super) fn canonical(document: &impl Serialize) -> Result<Bytes, Error> {
    serde_json_canonicalizer::to_vec(document).map(Bytes::from).map_err(|error| encode(error.into()))
}

fn encode(source: OciSpecError) -> Error {
    Error::Encode { source }
}

/// The tag under which an image that was read is written again.
pub(super) fn tag(manifest: &ImageManifest) -> Option<String> {
    manifest.annotations().as_ref().and_then(|annotations| annotations.get(ANNOTATION_VERSION)).cloned()
}
