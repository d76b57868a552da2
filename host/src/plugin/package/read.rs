//! From a layout to a package: the index, the one package in it, its layers, its signatures.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use oci_spec::image::{ANNOTATION_REF_NAME, Descriptor, ImageIndex, ImageManifest, MediaType, SCHEMA_VERSION};

use super::error::{Error, shown};
use super::image::{self, EMPTY_CONFIG, Image};
use super::layout::{INDEX_FILE, Layout, json};
use super::limits::{CONFIG_BYTES_MAX, INDEX_BYTES_MAX, INDEX_MANIFESTS_MAX, MANIFEST_BYTES_MAX};
use super::part::{ARTIFACT_TYPE, Part};
use super::{Package, Stored, archive};
use crate::plugin::signature::{ENVELOPE_BYTES_MAX, ENVELOPES_MAX, MEDIA_TYPE};

pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// A manifest of the index. Its JSON is read when it is needed: decoded, 64 of a stranger's manifests could take much of the memory.
struct Found {
    digest: String,
    tags: Vec<String>,
    bytes: Bytes,
    /// What it refers to; a package refers to nothing.
    signs: Option<String>,
}

/// Reads the package with this tag, or the only one.
pub(super) fn read(layout: &Layout, tag: Option<&str>) -> Result<Stored, Error> {
    layout.check_version()?;
    let (packages, signatures) = manifests(layout)?;
    let package = select(&packages, tag)?;
    let envelopes = envelopes(layout, &packages, &signatures, package)?;
    stored(layout, package, envelopes)
}

/// Every manifest of the index, once each: packages and signatures.
fn manifests(layout: &Layout) -> Result<(Vec<Found>, Vec<Found>), Error> {
    let index: ImageIndex = json(INDEX_FILE, &layout.needed(INDEX_FILE, INDEX_BYTES_MAX)?)?;
    check_schema(INDEX_FILE, index.schema_version())?;
    if index.manifests().len() > INDEX_MANIFESTS_MAX {
        return Err(Error::TooManyManifests);
    }
    let (mut packages, mut signatures) = (Vec::<Found>::new(), Vec::<Found>::new());
    for descriptor in index.manifests() {
        // One manifest may stand in the index under several tags.
        let found =
            packages.iter_mut().chain(&mut signatures).find(|found| Some(found.digest.as_str()) == descriptor.as_digest_sha256());
        if let Some(found) = found {
            found.tags.extend(tag_of(descriptor));
            continue;
        }
        let found = manifest(layout, descriptor)?;
        if found.signs.is_some() { &mut signatures } else { &mut packages }.push(found);
    }
    Ok((packages, signatures))
}

fn manifest(layout: &Layout, descriptor: &Descriptor) -> Result<Found, Error> {
    let digest = descriptor.digest().digest().to_owned();
    let what = format!("the manifest {}", shown(&digest));
    check_type(&what, descriptor.media_type(), MANIFEST_TYPE)?;
    let bytes = layout.blob(descriptor, &what, MANIFEST_BYTES_MAX)?;
    let manifest: ImageManifest = json(&what, &bytes)?;
    check_schema(&what, manifest.schema_version())?;
    if let Some(media_type) = manifest.media_type() {
        check_type(&what, media_type, MANIFEST_TYPE)?;
    }
    let signs = match manifest.artifact_type().as_ref().map_or("", AsRef::as_ref) {
        ARTIFACT_TYPE => None,
        MEDIA_TYPE => {
            let subject = manifest.subject().as_ref().and_then(Descriptor::as_digest_sha256);
            Some(subject.ok_or_else(|| Error::StraySignature { digest: digest.clone() })?.to_owned())
        }
        found => return Err(Error::UnknownArtifact { digest, found: shown(found) }),
    };
    check_type(&format!("the config of {what}"), manifest.config().media_type(), EMPTY_TYPE)?;
    if layout.blob(manifest.config(), &format!("the config of {what}"), CONFIG_BYTES_MAX)? != EMPTY_CONFIG {
        return Err(Error::Config { what });
    }
    Ok(Found { digest, tags: tag_of(descriptor).into_iter().collect(), bytes, signs })
}

fn select<'a>(packages: &'a [Found], tag: Option<&str>) -> Result<&'a Found, Error> {
    let tags = || {
        let name =
            |found: &Found| if found.tags.is_empty() { "one without a tag".to_owned() } else { shown(&found.tags.join(", ")) };
        packages.iter().map(name).collect::<Vec<String>>()
    };
    let has = |found: &&Found| tag.is_none_or(|tag| found.tags.iter().any(|own| own == tag));
    let mut fitting = packages.iter().filter(has);
    match (packages, fitting.next(), fitting.next(), tag) {
        ([], ..) => Err(Error::NoPackage),
        (_, Some(found), None, _) => Ok(found),
        (_, None, _, tag) => Err(Error::TagUnknown { tag: shown(tag.unwrap_or_default()), tags: tags() }),
        (_, Some(_), Some(_), Some(tag)) => Err(Error::TagTwice { tag: shown(tag) }),
        (_, Some(_), Some(_), None) => Err(Error::SeveralPackages { tags: tags() }),
    }
}

/// The envelopes that refer to the package. Those of the other packages are left alone.
fn envelopes(layout: &Layout, packages: &[Found], signatures: &[Found], package: &Found) -> Result<Vec<Bytes>, Error> {
    let mut envelopes = Vec::new();
    for signature in signatures {
        let subject = signature.signs.as_deref().unwrap_or_default();
        if !packages.iter().any(|package| package.digest == subject) {
            return Err(Error::StraySignature { digest: signature.digest.clone() });
        }
        if subject != package.digest {
            continue;
        }
        let what = format!("the signature {}", signature.digest);
        let manifest: ImageManifest = json(&what, &signature.bytes)?;
        let [layer] = manifest.layers().as_slice() else {
            return Err(Error::SignatureLayers { digest: signature.digest.clone(), layers: manifest.layers().len() });
        };
        check_type(&what, layer.media_type(), MEDIA_TYPE)?;
        if envelopes.len() == ENVELOPES_MAX {
            return Err(Error::TooManySignatures);
        }
        envelopes.push(layout.blob(layer, &what, ENVELOPE_BYTES_MAX)?);
    }
    Ok(envelopes)
}

fn stored(layout: &Layout, found: &Found, envelopes: Vec<Bytes>) -> Result<Stored, Error> {
    let what = format!("the manifest {}", found.digest);
    let manifest: ImageManifest = json(&what, &found.bytes)?;
    let mut layers = layers(layout, &manifest)?;
    let digest_of = |part: Part| layers.get(&part).map(|(digest, _)| digest.clone());
    let component_digest = digest_of(Part::Component);
    let plugin_manifest_digest = digest_of(Part::PluginToml).ok_or(Error::LayerMissing { what: Part::PluginToml.title() })?;
    let mut blobs: BTreeMap<String, Bytes> = layers.values().cloned().collect();
    let config = layout.blob(manifest.config(), "the config", CONFIG_BYTES_MAX)?;
    blobs.insert(super::digest(&config), config);
    let bytes = blobs.values().chain(&envelopes).chain([&found.bytes]).map(|bytes| bytes.len() as u64).sum();
    let package = package(&mut layers)?;
    let image = Image {
        manifest: found.bytes.clone(),
        tag: image::tag(&manifest),
        component_digest: component_digest.clone(),
        plugin_manifest_digest: plugin_manifest_digest.clone(),
        blobs,
    };
    Ok(Stored {
        package,
        image,
        manifest_digest: found.digest.clone(),
        component_digest,
        plugin_manifest_digest,
        envelopes,
        bytes,
    })
}

/// The layers of a package with their digests. A package has each part once, and no other layer.
fn layers(layout: &Layout, manifest: &ImageManifest) -> Result<BTreeMap<Part, (String, Bytes)>, Error> {
    let mut layers = BTreeMap::new();
    for layer in manifest.layers() {
        let media_type = layer.media_type().as_ref();
        let part = Part::of(media_type).ok_or_else(|| Error::UnknownLayer { media_type: shown(media_type) })?;
        if layers.contains_key(&part) {
            return Err(Error::LayerTwice { what: part.title() });
        }
        let bytes = layout.blob(layer, part.title(), part.bytes_max())?;
        layers.insert(part, (layer.digest().digest().to_owned(), bytes));
    }
    Ok(layers)
}

fn package(layers: &mut BTreeMap<Part, (String, Bytes)>) -> Result<Package, Error> {
    let mut take = |part: Part| layers.remove(&part).map(|(_, bytes)| bytes);
    let text = take(Part::PluginToml).ok_or(Error::LayerMissing { what: Part::PluginToml.title() })?;
    let component = take(Part::Component);
    let mut files = |part: Part| take(part).map_or_else(|| Ok(BTreeMap::new()), |tar| archive::read(part.title(), &tar));
    Ok(Package {
        manifest_text: String::from_utf8(text.into()).map_err(|_| Error::NotText)?,
        component,
        pack: files(Part::Pack)?,
        assets: files(Part::Assets)?,
        fixtures: files(Part::Fixtures)?,
    })
}

fn tag_of(descriptor: &Descriptor) -> Option<String> {
    descriptor
        .annotations()
        .as_ref()
        .and_then(|annotations: &HashMap<String, String>| annotations.get(ANNOTATION_REF_NAME))
        .cloned()
}

pub(super) fn check_schema(what: &str, found: u32) -> Result<(), Error> {
    if found == SCHEMA_VERSION { Ok(()) } else { Err(Error::SchemaVersion { what: what.to_owned(), found }) }
}

pub(super) fn check_type(what: &str, found: &MediaType, expected: &'static str) -> Result<(), Error> {
    let found: &str = found.as_ref();
    if found == expected {
        return Ok(());
    }
    Err(Error::MediaType { what: what.to_owned(), found: shown(found), expected })
}
