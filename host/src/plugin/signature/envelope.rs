//! DSSE v1 envelopes (secure-systems-lab/dsse 1.0.2): a payload, what kind it is, and signatures over both.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::Deserialize;
use serde_json::json;

use super::key::KeyPair;
use super::refused::Refused;

/// The media type of an envelope.
pub const MEDIA_TYPE: &str = "application/vnd.dsse.envelope.v1+json";
/// The largest envelope, in bytes.
pub const ENVELOPE_BYTES_MAX: u64 = 64 * 1024;
/// The most envelopes of one package.
pub const ENVELOPES_MAX: usize = 16;
/// The most signatures in one envelope. Each is tried with each trusted key.
pub const SIGNATURES_MAX: usize = 4;

/// An envelope, decoded. The specification has unknown fields ignored, and the key id is a hint that nobody has signed.
pub(super) struct Envelope {
    pub(super) payload_type: String,
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signed>,
}

/// One signature of an envelope.
pub(super) struct Signed {
    pub(super) key_id: String,
    pub(super) signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopeJson {
    payload: String,
    payload_type: String,
    signatures: Vec<SignatureJson>,
}

#[derive(Deserialize)]
struct SignatureJson {
    #[serde(default)]
    keyid: Option<String>,
    sig: String,
}

impl Envelope {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() as u64 > ENVELOPE_BYTES_MAX {
            return Err(malformed(format!("an envelope has at most {ENVELOPE_BYTES_MAX} bytes")));
        }
        let json: EnvelopeJson = serde_json::from_slice(bytes).map_err(|error| not_json("it is no DSSE envelope", &error))?;
        if json.signatures.is_empty() || json.signatures.len() > SIGNATURES_MAX {
            return Err(malformed(format!("an envelope has 1 to {SIGNATURES_MAX} signatures")));
        }
        let decoded = |text: &str| decode(text).ok_or_else(|| malformed("its base64 is broken"));
        let mut signatures = Vec::with_capacity(json.signatures.len());
        for signature in json.signatures {
            signatures.push(Signed { key_id: signature.keyid.unwrap_or_default(), signature: decoded(&signature.sig)? });
        }
        Ok(Self { payload_type: json.payload_type, payload: decoded(&json.payload)?, signatures })
    }

    /// The bytes that are signed.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(&self.payload_type, &self.payload)
    }
}

/// The envelope of a payload, signed by one key.
pub(super) fn seal(payload_type: &str, payload: &[u8], key: &KeyPair) -> Vec<u8> {
    let signature = key.sign(&pre_authentication_encoding(payload_type, payload));
    let envelope = json!({
        "payload": STANDARD.encode(payload),
        "payloadType": payload_type,
        "signatures": [{ "keyid": key.public().id(), "sig": STANDARD.encode(signature) }],
    });
    envelope.to_string().into_bytes()
}

/// DSSE's PAE: the kind and the payload, each after its length, so that no two pairs give the same bytes.
pub(super) fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// The refusal of what cannot be read.
pub(super) fn malformed(reason: impl Into<String>) -> Refused {
    Refused::Malformed { reason: reason.into() }
}

/// The refusal of broken JSON. It says where, and nothing that a stranger wrote.
pub(super) fn not_json(what: &str, error: &serde_json::Error) -> Refused {
    malformed(format!("{what} (line {}, column {})", error.line(), error.column()))
}

/// The specification allows both alphabets.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}
