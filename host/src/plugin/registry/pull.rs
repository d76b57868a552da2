//! A package out of a registry: the manifest first, then only what it names and a package may hold.

use std::collections::BTreeMap;

use bytes::Bytes;
use semver::Version;

use super::client::Client;
use super::error::Error;
use super::reference::{Reference, Target};
use super::{Step, Watch};
use crate::plugin::package::{self, Blob, Contents, Stored, digest, shown};
use crate::plugin::signature::ENVELOPES_MAX;

/// What can be known of a package without fetching it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// SHA-256 of its manifest.
    pub digest: String,
    /// plugin.toml.
    pub manifest_text: String,
    /// SHA-256 of its component.
    pub component_digest: Option<String>,
    /// The bytes of its manifest and its blobs.
    pub bytes: u64,
}

/// Fetches a package with its signatures. Every blob is measured and hashed; nobody has verified the signatures yet.
///
/// # Errors
/// All of [`Error`] but those of a push.
pub async fn pull(client: &Client, target: Option<&Target>, watch: Watch<'_>) -> Result<Stored, Error> {
    let (manifest, contents, place) = find(client, target).await?;
    let mut blobs = BTreeMap::new();
    for blob in &contents.blobs {
        watch(Step::Fetches { what: blob.what.to_owned(), bytes: blob.bytes });
        blobs.insert(blob.digest.clone(), client.blob(blob).await?);
    }
    let envelopes = envelopes(client, &manifest, watch).await?;
    let assembled = tokio::task::spawn_blocking(move || package::assemble(manifest, blobs, &envelopes)).await;
    assembled.map_err(|_| Error::Unavailable)?.map_err(|source| Error::Package { place, source })
}

/// Looks at a package: its manifest and plugin.toml, nothing else.
///
/// # Errors
/// As [`pull`].
pub async fn glance(client: &Client, manifest: &Bytes) -> Result<Glance, Error> {
    let contents = package::contents(manifest).map_err(|source| client.unfit(source))?;
    let text = client.blob(&contents.plugin_toml).await?;
    let manifest_text = String::from_utf8(text.into()).map_err(|_| client.unfit(package::Error::NotText))?;
    let Contents { component_digest, bytes, .. } = contents;
    Ok(Glance { digest: digest(manifest), manifest_text, component_digest, bytes })
}

/// How many signatures lie beside a package.
///
/// # Errors
/// As [`pull`].
pub async fn signatures(client: &Client, manifest: &[u8]) -> Result<usize, Error> {
    Ok(client.signatures(&digest(manifest)).await?.len())
}

/// The manifest of a target and what it names.
async fn find(client: &Client, target: Option<&Target>) -> Result<(Bytes, Contents, String), Error> {
    let repository = client.repository().to_string();
    let Some(target) = target else { return Err(Error::NoTarget { repository, tags: tags(client).await? }) };
    let place = Reference { repository: client.repository().clone(), target: Some(target.clone()) }.to_string();
    let Some(manifest) = client.manifest(target).await? else {
        return Err(match target {
            Target::Tag(tag) => Error::NoTag { repository, tag: shown(tag), tags: tags(client).await? },
            Target::Digest(digest) => Error::NoDigest { repository, digest: digest.clone() },
        });
    };
    let contents = package::contents(&manifest).map_err(|source| Error::Package { place: place.clone(), source })?;
    Ok((manifest, contents, place))
}

/// The tags that are versions, the newest first, for a sentence.
async fn tags(client: &Client) -> Result<Vec<String>, Error> {
    let mut tags: Vec<_> = client.tags().await?.into_iter().filter_map(|tag| Some((tag.parse::<Version>().ok()?, tag))).collect();
    tags.sort_by(|one, two| two.cmp(one));
    Ok(tags.into_iter().map(|(_, tag)| shown(&tag)).collect())
}

async fn envelopes(client: &Client, manifest: &Bytes, watch: Watch<'_>) -> Result<Vec<Bytes>, Error> {
    let subject = digest(manifest);
    let listed = client.signatures(&subject).await?;
    if listed.len() > ENVELOPES_MAX {
        return Err(client.unfit(package::Error::TooManySignatures));
    }
    let mut envelopes = Vec::new();
    for one in listed {
        let named = one.as_digest_sha256().unwrap_or_default().to_owned();
        let missing = || Error::BlobMissing {
            what: "a signature".to_owned(),
            digest: named.clone(),
            repository: client.repository().to_string(),
        };
        let bytes = client.manifest(&Target::Digest(named.clone())).await?.ok_or_else(missing)?;
        let blob: Blob = package::envelope(&bytes, &subject).map_err(|source| client.unfit(source))?;
        watch(Step::Fetches { what: blob.what.to_owned(), bytes: blob.bytes });
        envelopes.push(client.blob(&blob).await?);
    }
    Ok(envelopes)
}
