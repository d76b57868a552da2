//! Whether a package may be taken: the envelopes against the package, the trusted keys, the moment and ourselves.

use semver::Version;

use super::envelope::{ENVELOPES_MAX, Envelope, malformed};
use super::key::PublicKey;
use super::refused::{Part, Refused};
use super::statement::{About, EVERYONE, Subject};
use crate::kernel::time::Instant;

/// How many characters a key id has; anything else in its place is not shown.
const KEY_ID_CHARACTERS: usize = 16;

/// A key that counts, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, for people.
    pub name: String,
}

/// Who vouches for the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The name of the key that has signed.
    pub signer: String,
    /// Its id.
    pub key_id: String,
    /// The last moment at which the statement counts.
    pub not_after: Instant,
    /// For whom it counts.
    pub audience: Vec<String>,
}

/// How far an envelope got.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Read,
    Key,
    Signature,
    Statement,
    Package,
    Digests,
    Time,
    Audience,
}

type Attempt<T> = Result<T, (Stage, Refused)>;

/// Takes the package when one envelope holds in every respect; else says why the one that got furthest does not. `audience` is who we are.
///
/// # Errors
/// Every [`Refused`] but [`Refused::Downgraded`].
pub fn verify(
    envelopes: &[impl AsRef<[u8]>],
    expected: &Subject,
    trusted: &[Trusted],
    audience: &[&str],
    now: Instant,
) -> Result<Verified, Refused> {
    if envelopes.len() > ENVELOPES_MAX {
        return Err(malformed(format!("a package has at most {ENVELOPES_MAX} signatures")));
    }
    let mut furthest: Option<(Stage, Refused)> = None;
    for bytes in envelopes {
        match attempt(bytes.as_ref(), expected, trusted, audience, now) {
            Ok(verified) => return Ok(verified),
            Err(failed) => furthest = Some(further(furthest, failed)),
        }
    }
    Err(furthest.map_or(Refused::Unsigned, |(_, refused)| refused))
}

/// Refuses a version older than the active one. Build metadata does not count: it orders nothing in semantic versions.
///
/// # Errors
/// [`Refused::Downgraded`].
pub fn not_a_downgrade(active: &Version, candidate: &Version) -> Result<(), Refused> {
    if candidate.cmp_precedence(active).is_lt() {
        return Err(Refused::Downgraded { active: active.clone(), candidate: candidate.clone() });
    }
    Ok(())
}

/// The one that got further. Of two the first, except that the ids of all untrusted keys are named together.
fn further(before: Option<(Stage, Refused)>, failed: (Stage, Refused)) -> (Stage, Refused) {
    match (before, failed) {
        (None, failed) => failed,
        (Some((stage, Refused::UntrustedKey { mut key_ids })), (_, Refused::UntrustedKey { key_ids: more })) => {
            for key_id in more {
                if !key_ids.contains(&key_id) {
                    key_ids.push(key_id);
                }
            }
            (stage, Refused::UntrustedKey { key_ids })
        }
        (Some(before), failed) => {
            if failed.0 > before.0 {
                failed
            } else {
                before
            }
        }
    }
}

fn attempt(bytes: &[u8], expected: &Subject, trusted: &[Trusted], audience: &[&str], now: Instant) -> Attempt<Verified> {
    let envelope = Envelope::read(bytes).map_err(|refused| (Stage::Read, refused))?;
    let signer = signer(&envelope, trusted)?;
    // From here on the words are the signer's: only now are they read.
    let about = About::read(&envelope.payload_type, &envelope.payload).map_err(|refused| (Stage::Statement, refused))?;
    is_about(&about, expected, signer)?;
    if now > about.not_after {
        return Err((Stage::Time, Refused::Expired { signer: signer.name.clone(), not_after: about.not_after }));
    }
    let is_for_us = |name: &String| name == EVERYONE || audience.contains(&name.as_str());
    if !about.audience.iter().any(is_for_us) {
        let we = audience.iter().map(|&name| name.to_owned()).collect();
        return Err((Stage::Audience, Refused::WrongAudience { signer: signer.name.clone(), audience: about.audience, we }));
    }
    Ok(Verified { signer: signer.name.clone(), key_id: signer.key.id(), not_after: about.not_after, audience: about.audience })
}

/// Whose signature holds. Every trusted key is tried, whatever key id the envelope names: the id is not signed, so it only serves to say
/// what went wrong.
fn signer<'a>(envelope: &Envelope, trusted: &'a [Trusted]) -> Attempt<&'a Trusted> {
    let message = envelope.signed_bytes();
    let has_signed =
        |trusted: &&Trusted| envelope.signatures.iter().any(|signed| trusted.key.has_signed(&message, &signed.signature));
    if let Some(signer) = trusted.iter().find(has_signed) {
        return Ok(signer);
    }
    let named = |trusted: &&Trusted| envelope.signatures.iter().any(|signed| signed.key_id == trusted.key.id());
    if let Some(named) = trusted.iter().find(named) {
        return Err((Stage::Signature, Refused::BadSignature { signer: named.name.clone(), key_id: named.key.id() }));
    }
    let key_ids = envelope.signatures.iter().map(|signed| shown(&signed.key_id)).collect();
    Err((Stage::Key, Refused::UntrustedKey { key_ids }))
}

fn is_about(about: &About, expected: &Subject, signer: &Trusted) -> Attempt<()> {
    let version = expected.version.to_string();
    if about.id != expected.id || about.version != version || about.name != expected.name() {
        // The name is shown as the signer wrote it, id and version first: they are what a release is kept under.
        let signed = format!("{}@{}", about.id, about.version);
        let signed = if signed == expected.name() { about.name.clone() } else { signed };
        let other = Refused::OtherPackage { signer: signer.name.clone(), signed, expected: expected.name() };
        return Err((Stage::Package, other));
    }
    let part = if about.plugin_manifest_digest != expected.plugin_manifest_digest {
        Part::PluginManifest
    } else if about.component_digest != expected.component_digest {
        Part::Component
    } else if about.manifest_digest.as_ref() != Some(&expected.manifest_digest) {
        // Last: it changes with every part, and the part says more.
        Part::Package
    } else {
        return Ok(());
    };
    Err((Stage::Digests, Refused::Tampered { signer: signer.name.clone(), part }))
}

/// A key id as it may be shown: strangers write it.
fn shown(key_id: &str) -> String {
    let is_id = key_id.len() == KEY_ID_CHARACTERS && key_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { key_id.to_owned() } else { "a key without an id".to_owned() }
}
