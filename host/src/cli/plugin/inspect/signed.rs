//! What a signature says of itself. Nobody has verified it: a stranger may have written every word.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::Serialize;
use serde_json::Value;

use crate::cli::plugin::say::plain;

/// How many characters of a stranger's word are shown.
const SHOWN_CHARACTERS_MAX: usize = 120;

/// A signature's own words; what it does not say is not there.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Signed {
    /// The keys that it names.
    pub(super) key_ids: Vec<String>,
    /// Which package it is about.
    pub(super) about: Option<String>,
    /// Until when it counts.
    pub(super) not_after: Option<String>,
    /// For whom.
    pub(super) audience: Vec<String>,
    /// Always false: `roro plugin verify` verifies.
    pub(super) verified: bool,
}

impl Signed {
    /// Reads an envelope as far as it can be read.
    pub(super) fn read(envelope: &[u8]) -> Self {
        let envelope: Value = serde_json::from_slice(envelope).unwrap_or_default();
        let payload = envelope.get("payload").and_then(Value::as_str).unwrap_or_default();
        let payload = STANDARD.decode(payload).or_else(|_| URL_SAFE.decode(payload)).unwrap_or_default();
        let statement: Value = serde_json::from_slice(&payload).unwrap_or_default();
        let predicate = statement.get("predicate").unwrap_or(&Value::Null);
        let word = |key: &str| predicate.get(key).and_then(Value::as_str).map(shown);
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let key_id = |signature: &Value| signature.get("keyid").and_then(Value::as_str).map(shown);
        Self {
            key_ids: list(envelope.get("signatures")).iter().filter_map(key_id).collect(),
            about: word("package").zip(word("version")).map(|(id, version)| format!("{id}@{version}")),
            not_after: word("not_after"),
            audience: list(predicate.get("audience")).iter().filter_map(Value::as_str).map(shown).collect(),
            verified: false,
        }
    }
}

fn shown(text: &str) -> String {
    plain(&text.chars().take(SHOWN_CHARACTERS_MAX).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::signature::{KeyPair, Statement, Subject, sign};

    #[test]
    fn a_signature_is_shown_as_it_was_made() {
        let pair = KeyPair::generate([7; 32]);
        let digest = || "a".repeat(64);
        let subject = Subject {
            id: "acme-guard".to_owned(),
            version: "1.2.0".parse().unwrap(),
            manifest_digest: digest(),
            component_digest: None,
            plugin_manifest_digest: digest(),
        };
        let (not_after, audience) = ("2027-01-01T00:00:00Z".parse().unwrap(), vec!["tenant:acme".to_owned()]);
        let signed = Signed::read(&sign(&Statement { subject, not_after, audience: audience.clone() }, &pair));
        let expected = Signed {
            key_ids: vec![pair.public().id()],
            about: Some("acme-guard@1.2.0".to_owned()),
            not_after: Some("2027-01-01T00:00:00Z".to_owned()),
            audience,
            verified: false,
        };
        assert_eq!(signed, expected);
    }

    #[test]
    fn what_a_stranger_wrote_is_shown_without_harm() {
        assert_eq!(Signed::read(b"no json"), Signed::default());
        assert_eq!(Signed::read(br#"{"payload": 7, "signatures": [{"keyid": "\u001b[2J"}, {}]}"#).key_ids, ["\u{fffd}[2J"]);
    }
}
