//! A package into a registry. What is there already is not sent again; the tag comes last, so that whoever finds it finds everything.

use std::collections::BTreeMap;

use bytes::Bytes;
use semver::Version;

use super::client::{Client, INDEX_TYPE, MANIFEST_TYPE, referrers_tag};
use super::error::Error;
use super::reference::{Reference, Target};
use super::{Step, Watch};
use crate::plugin::package::{self, Signed, Stored, digest as digest_of};
use crate::plugin::signature::ENVELOPES_MAX;

/// What a push has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Where it lies: repository and tag.
    pub reference: Reference,
    /// SHA-256 of its manifest.
    pub digest: String,
    /// Whether the version was there before, the same to the byte.
    pub was_there: bool,
    /// How many of its signatures lie beside it and were not there before.
    pub signatures_added: usize,
    /// How many bytes of blobs were sent.
    pub bytes_sent: u64,
}

/// Pushes a package with its signatures under its version. One that is there, the same to the byte, only takes up new signatures.
///
/// # Errors
/// [`Error::OtherContent`] when the version is there with other content; all of [`Error`] that speak of the way, of rights and of sizes.
pub async fn publish(client: &Client, stored: &Stored, version: &Version, watch: Watch<'_>) -> Result<Published, Error> {
    let (image, digest) = (&stored.image, stored.image.manifest_digest());
    let tag = Target::Tag(version.to_string());
    let reference = Reference { repository: client.repository().clone(), target: Some(tag.clone()) };
    let there = client.manifest(&tag).await?.map(|bytes| digest_of(&bytes));
    if let Some(there) = there.as_ref().filter(|there| **there != digest) {
        return Err(Error::OtherContent { place: reference.to_string(), there: there.clone(), ours: digest });
    }
    let signed = image.signed(&stored.envelopes).map_err(|source| client.unfit(source))?;
    let contents = package::contents(image.manifest()).map_err(|source| client.unfit(source))?;
    let names: BTreeMap<&str, &str> = contents.blobs.iter().map(|blob| (blob.digest.as_str(), blob.what)).collect();
    let mut bytes_sent = 0;
    for (blob, bytes) in image.blobs() {
        let what = names.get(blob.as_str()).copied().unwrap_or("a blob");
        bytes_sent += send(client, what, blob, bytes, watch).await?;
    }
    let by_digest = Target::Digest(digest.clone());
    client.put_manifest(&by_digest, MANIFEST_TYPE, image.manifest()).await?;
    let (signatures_added, more) = sign(client, &digest, &signed, watch).await?;
    if there.is_none() {
        client.put_manifest(&tag, MANIFEST_TYPE, image.manifest()).await?;
    }
    let bytes_sent = bytes_sent + more;
    Ok(Published { reference, digest, was_there: there.is_some(), signatures_added, bytes_sent })
}

/// Puts the signatures beside the package that are not there yet. Answers how many, and the bytes that were sent for them.
async fn sign(client: &Client, subject: &str, signed: &[Signed], watch: Watch<'_>) -> Result<(usize, u64), Error> {
    let there = client.signatures(subject).await?;
    let missing: Vec<&Signed> =
        signed.iter().filter(|one| !there.iter().any(|other| other.digest() == one.descriptor.digest())).collect();
    if there.len() + missing.len() > ENVELOPES_MAX {
        return Err(client.unfit(package::Error::TooManySignatures));
    }
    let (mut bytes_sent, mut kept_by_registry) = (0, true);
    for one in &missing {
        for (blob, bytes) in &one.blobs {
            bytes_sent += send(client, "a signature", blob, bytes, watch).await?;
        }
        let target = Target::Digest(digest_of(&one.manifest));
        kept_by_registry &= client.put_manifest(&target, MANIFEST_TYPE, &one.manifest).await?;
    }
    // A registry that does not keep the list itself has it under a tag, which the specification leaves to those who push.
    if !kept_by_registry {
        let mut listed = client.tagged(subject).await?;
        listed.extend(missing.iter().map(|one| one.descriptor.clone()));
        let index = package::index(listed).map_err(|source| client.unfit(source))?;
        client.put_manifest(&referrers_tag(subject), INDEX_TYPE, &index).await?;
    }
    Ok((missing.len(), bytes_sent))
}

/// Sends a blob unless it is there. Answers the bytes that were sent.
async fn send(client: &Client, what: &str, blob: &str, bytes: &Bytes, watch: Watch<'_>) -> Result<u64, Error> {
    let what = what.to_owned();
    if client.has_blob(blob).await? {
        watch(Step::Has { what });
        return Ok(0);
    }
    let size = bytes.len() as u64;
    watch(Step::Sends { what: what.clone(), bytes: size });
    client.put_blob(&what, blob, bytes).await?;
    Ok(size)
}
