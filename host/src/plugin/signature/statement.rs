//! What is signed: an in-toto statement (v1) about one package.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;
use serde_json::json;

use super::envelope::{malformed, not_json};
use super::refused::Refused;
use crate::kernel::time::Instant;

/// The audience of a statement that counts for everyone.
pub const EVERYONE: &str = "*";
/// The payload type of in-toto statements.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "urn:roro:plugin-package:1";

/// Which package, exactly. Digests are SHA-256 in hexadecimal, without a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The plugin's id, from plugin.toml.
    pub id: String,
    /// Its version, from plugin.toml.
    pub version: Version,
    /// Of the OCI manifest.
    pub manifest_digest: String,
    /// Of the component; none when the package has none.
    pub component_digest: Option<String>,
    /// Of plugin.toml.
    pub plugin_manifest_digest: String,
}

/// What a signer says of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The package.
    pub subject: Subject,
    /// The last moment at which the statement counts.
    pub not_after: Instant,
    /// For whom it counts: [`EVERYONE`], or names such as `tenant:acme` and `installation:tokyo`. With no name it counts for nobody.
    pub audience: Vec<String>,
}

impl Statement {
    pub(super) fn to_json(&self) -> String {
        let subject = &self.subject;
        json!({
            "_type": STATEMENT_TYPE,
            "subject": [{ "name": subject.name(), "digest": { "sha256": subject.manifest_digest } }],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "package": subject.id,
                "version": subject.version.to_string(),
                "component": subject.component_digest,
                "manifest": subject.plugin_manifest_digest,
                "not_after": self.not_after.to_string(),
                "audience": self.audience,
            },
        })
        .to_string()
    }
}

impl Subject {
    /// Id and version in one word.
    pub(super) fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// What kind of statement it is, which decides how the rest is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(rename = "_type")]
    statement: String,
    predicate_type: String,
}

/// A statement of our kind. Its words are compared as they are: what differs in writing is not the same.
#[derive(Deserialize)]
struct Said {
    subject: Vec<SaidSubject>,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct SaidSubject {
    name: String,
    digest: BTreeMap<String, String>,
}

/// The predicate. An unknown field is refused, not skipped as elsewhere in a statement: it might narrow what was said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    package: String,
    version: String,
    component: Option<String>,
    manifest: String,
    not_after: Instant,
    audience: Vec<String>,
}

/// What a statement says, once it is known to be one of ours.
pub(super) struct About {
    /// The name that the subject bears.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) manifest_digest: Option<String>,
    pub(super) component_digest: Option<String>,
    pub(super) plugin_manifest_digest: String,
    pub(super) not_after: Instant,
    pub(super) audience: Vec<String>,
}

impl About {
    /// Reads a payload whose signature holds.
    pub(super) fn read(payload_type: &str, payload: &[u8]) -> Result<Self, Refused> {
        if payload_type != PAYLOAD_TYPE {
            return Err(malformed(format!("its payload is not `{PAYLOAD_TYPE}`")));
        }
        let kind: Kind = serde_json::from_slice(payload).map_err(|error| not_json("it holds no in-toto statement", &error))?;
        if kind.statement != STATEMENT_TYPE || kind.predicate_type != PREDICATE_TYPE {
            return Err(malformed(format!("it holds no statement `{PREDICATE_TYPE}` of `{STATEMENT_TYPE}`")));
        }
        let Said { subject, predicate } = serde_json::from_slice(payload)
            .map_err(|error| not_json("its statement is not the one that its type promises", &error))?;
        let Ok([mut subject]) = <[SaidSubject; 1]>::try_from(subject) else {
            return Err(malformed("its statement is not about exactly one package"));
        };
        Ok(Self {
            name: subject.name,
            id: predicate.package,
            version: predicate.version,
            manifest_digest: subject.digest.remove("sha256"),
            component_digest: predicate.component,
            plugin_manifest_digest: predicate.manifest,
            not_after: predicate.not_after,
            audience: predicate.audience,
        })
    }
}
