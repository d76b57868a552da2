use super::envelope::{pre_authentication_encoding, seal};
use super::*;
use crate::kernel::time::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

const NOW: &str = "2026-03-01T09:30:00Z";

fn key(seed: u8) -> KeyPair {
    KeyPair::generate([seed; 32])
}

fn subject() -> Subject {
    Subject {
        id: "acme.rebate".to_owned(),
        version: "1.2.0".parse().unwrap(),
        manifest_digest: "a".repeat(64),
        component_digest: Some("b".repeat(64)),
        plugin_manifest_digest: "c".repeat(64),
    }
}

fn statement() -> Statement {
    Statement {
        subject: subject(),
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        audience: vec!["tenant:acme".to_owned(), "installation:tokyo".to_owned()],
    }
}

fn trusted(seed: u8) -> Trusted {
    Trusted { key: key(seed).public(), name: format!("signer {seed}") }
}

/// Verifies in the name of acme, which trusts the keys 1 and 2.
fn check(envelopes: &[Vec<u8>]) -> Result<Verified, Refused> {
    check_at(envelopes, &subject(), NOW)
}

fn check_at(envelopes: &[Vec<u8>], expected: &Subject, now: &str) -> Result<Verified, Refused> {
    let now: Instant = now.parse().unwrap();
    verify(envelopes, expected, &[trusted(1), trusted(2)], &["installation:osaka", "tenant:acme"], now)
}

/// The envelope of key 1 with one thing changed and nothing signed again.
fn envelope_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut envelope: Value = serde_json::from_slice(&sign(&statement(), &key(1))).unwrap();
    change(&mut envelope);
    envelope.to_string().into_bytes()
}

/// The statement with one thing changed, then signed by key 1.
fn payload_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut payload: Value = serde_json::from_str(&statement().to_json()).unwrap();
    change(&mut payload);
    seal("application/vnd.in-toto+json", payload.to_string().as_bytes(), &key(1))
}

fn malformed(part: &str, refused: &Refused) {
    let Refused::Malformed { reason } = refused else { panic!("{refused:?}") };
    assert!(reason.contains(part), "{reason}");
}

#[test]
fn what_is_signed_is_encoded_as_the_specification_shows() {
    let encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn a_key_signs_as_the_first_vector_of_rfc_8032_shows() {
    let secret = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let pair = KeyPair::generate(secret.try_into().unwrap());
    let expected = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    assert_eq!(hex::encode(pair.sign(b"")), expected);
    assert_eq!(pair.public().to_string(), "roro-public-key-1:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

#[test]
fn a_signed_package_is_taken_and_equal_statements_give_equal_bytes() {
    let envelope = sign(&statement(), &key(1));
    assert_eq!(envelope, sign(&statement(), &key(1)));
    let verified = check(&[envelope]).unwrap();
    let Statement { not_after, audience, .. } = statement();
    assert_eq!(verified, Verified { signer: "signer 1".to_owned(), key_id: key(1).public().id(), not_after, audience });
}

#[test]
fn a_statement_for_everyone_counts_for_everyone_and_one_for_nobody_for_nobody() {
    let everyone = Statement { audience: vec![EVERYONE.to_owned()], ..statement() };
    let now = NOW.parse().unwrap();
    assert!(verify(&[sign(&everyone, &key(1))], &subject(), &[trusted(1)], &[], now).is_ok());
    let nobody = Statement { audience: vec![], ..statement() };
    assert_eq!(check(&[sign(&nobody, &key(1))]).unwrap_err().code(), "wrong-audience");
}

#[test]
fn a_package_without_an_envelope_is_unsigned() {
    let refused = check(&[]).unwrap_err();
    assert_eq!((refused.code(), &refused), ("unsigned", &Refused::Unsigned));
}

#[test]
fn what_is_no_envelope_is_malformed() {
    malformed("no DSSE envelope (line 1, column 1)", &check(&[b"roro".to_vec()]).unwrap_err());
    malformed("at most 65536 bytes", &check(&[vec![b' '; 65_537]]).unwrap_err());
    malformed("1 to 4 signatures", &check(&[envelope_with(|envelope| envelope["signatures"] = json!([]))]).unwrap_err());
    let five = envelope_with(|envelope| envelope["signatures"] = json!(vec![envelope["signatures"][0].clone(); 5]));
    malformed("1 to 4 signatures", &check(&[five]).unwrap_err());
    malformed("base64 is broken", &check(&[envelope_with(|envelope| envelope["payload"] = json!("=="))]).unwrap_err());
    malformed(
        "base64 is broken",
        &check(&[envelope_with(|envelope| envelope["signatures"][0]["sig"] = json!("a"))]).unwrap_err(),
    );
    malformed("at most 16 signatures", &check(&vec![sign(&statement(), &key(1)); 17]).unwrap_err());
}

#[test]
fn what_is_signed_but_no_statement_about_one_package_is_malformed() {
    let other = seal("text/plain", statement().to_json().as_bytes(), &key(1));
    malformed("its payload is not", &check(&[other]).unwrap_err());
    malformed("no in-toto statement", &check(&[seal("application/vnd.in-toto+json", b"[]", &key(1))]).unwrap_err());
    malformed(
        "no statement `urn:",
        &check(&[payload_with(|said| said["predicateType"] = json!("urn:roro:plugin-package:2"))]).unwrap_err(),
    );
    malformed(
        "no statement `urn:",
        &check(&[payload_with(|said| said["_type"] = json!("https://in-toto.io/Statement/v0.1"))]).unwrap_err(),
    );
    let two = payload_with(|said| said["subject"] = json!([said["subject"][0], said["subject"][0]]));
    malformed("not about exactly one", &check(&[two]).unwrap_err());
    // What an older host does not know might narrow what was said.
    let narrower = payload_with(|said| said["predicate"]["not_before"] = json!("2030-01-01T00:00:00Z"));
    malformed("its type promises", &check(&[narrower]).unwrap_err());
    let twice = statement().to_json().replace("\"not_after\":", "\"not_after\":\"2026-01-01T00:00:00Z\",\"not_after\":");
    malformed("its type promises", &check(&[seal("application/vnd.in-toto+json", twice.as_bytes(), &key(1))]).unwrap_err());
}

#[test]
fn only_trusted_keys_count_and_those_that_signed_are_named() {
    let refused = check(&[sign(&statement(), &key(3)), sign(&statement(), &key(4)), sign(&statement(), &key(3))]).unwrap_err();
    let key_ids = vec![key(3).public().id(), key(4).public().id()];
    assert_eq!((refused.code(), &refused), ("untrusted-key", &Refused::UntrustedKey { key_ids }));
    let rude = envelope_with(|envelope| {
        envelope["signatures"] = json!([{ "keyid": "\u{1b}[2J", "sig": "" }]);
    });
    assert_eq!(check(&[rude]).unwrap_err(), Refused::UntrustedKey { key_ids: vec!["a key without an id".to_owned()] });
}

#[test]
fn a_changed_statement_does_not_fit_its_signature() {
    let longer = STANDARD.encode(statement().to_json().replace("2027", "2099"));
    let refused = check(&[envelope_with(|envelope| envelope["payload"] = json!(longer))]).unwrap_err();
    assert_eq!(refused, Refused::BadSignature { signer: "signer 1".to_owned(), key_id: key(1).public().id() });
    assert_eq!(refused.code(), "bad-signature");
    // The kind of the payload is signed too, and another's name does not help.
    let kind = envelope_with(|envelope| envelope["payloadType"] = json!("application/vnd.in-toto+xml"));
    assert_eq!(check(&[kind]).unwrap_err().code(), "bad-signature");
    let mut forged: Value = serde_json::from_slice(&sign(&statement(), &key(3))).unwrap();
    forged["signatures"][0]["keyid"] = json!(key(1).public().id());
    assert_eq!(check(&[forged.to_string().into_bytes()]).unwrap_err().code(), "bad-signature");
}

#[test]
fn the_key_id_is_a_hint_and_both_alphabets_and_unknown_fields_are_read() {
    let url_safe = |text: &mut Value| {
        let bytes = STANDARD.decode(text.as_str().unwrap()).unwrap();
        *text = json!(URL_SAFE.encode(bytes));
    };
    let unnamed = envelope_with(|envelope| {
        envelope["signatures"][0].as_object_mut().unwrap().remove("keyid");
        url_safe(&mut envelope["payload"]);
        url_safe(&mut envelope["signatures"][0]["sig"]);
        assert!(envelope["signatures"][0]["sig"].as_str().unwrap().contains(['-', '_']));
        envelope["later"] = json!(1);
    });
    assert!(check(&[unnamed]).is_ok());
    let misnamed = envelope_with(|envelope| envelope["signatures"][0]["keyid"] = json!(key(3).public().id()));
    assert!(check(&[misnamed]).is_ok());
    assert!(check(&[payload_with(|said| said["later"] = json!(1))]).is_ok());
}

#[test]
fn a_statement_about_another_package_or_version_is_refused() {
    let envelope = [sign(&statement(), &key(1))];
    for (id, version, name) in [("acme.rebates", "1.2.0", "acme.rebates@1.2.0"), ("acme.rebate", "1.2.1", "acme.rebate@1.2.1")] {
        let expected = Subject { id: id.to_owned(), version: version.parse().unwrap(), ..subject() };
        let refused = check_at(&envelope, &expected, NOW).unwrap_err();
        let (signer, signed) = ("signer 1".to_owned(), "acme.rebate@1.2.0".to_owned());
        assert_eq!(refused, Refused::OtherPackage { signer, signed, expected: name.to_owned() });
        assert_eq!(refused.code(), "other-package");
    }
    let misnamed = payload_with(|said| said["subject"][0]["name"] = json!("acme.other@1.2.0"));
    assert_eq!(check(&[misnamed]).unwrap_err().code(), "other-package");
}

#[test]
fn a_package_with_other_content_is_tampered_with() {
    let envelope = [sign(&statement(), &key(1))];
    let changed = [
        (Subject { manifest_digest: "d".repeat(64), ..subject() }, Part::Package),
        (Subject { component_digest: Some("d".repeat(64)), ..subject() }, Part::Component),
        (Subject { component_digest: None, ..subject() }, Part::Component),
        (Subject { plugin_manifest_digest: "d".repeat(64), ..subject() }, Part::PluginManifest),
    ];
    for (expected, part) in changed {
        let refused = check_at(&envelope, &expected, NOW).unwrap_err();
        assert_eq!(refused, Refused::Tampered { signer: "signer 1".to_owned(), part });
        assert_eq!(refused.code(), "tampered");
    }
    let weaker = payload_with(|said| said["subject"][0]["digest"] = json!({ "sha1": "a".repeat(64) }));
    assert_eq!(check(&[weaker]).unwrap_err(), Refused::Tampered { signer: "signer 1".to_owned(), part: Part::Package });
}

#[test]
fn a_statement_counts_until_its_last_moment() {
    let envelope = [sign(&statement(), &key(1))];
    assert!(check_at(&envelope, &subject(), "2027-01-01T00:00:00Z").is_ok());
    let refused = check_at(&envelope, &subject(), "2027-01-01T00:00:00.000001Z").unwrap_err();
    assert_eq!(refused, Refused::Expired { signer: "signer 1".to_owned(), not_after: statement().not_after });
    assert_eq!(refused.code(), "expired");
}

#[test]
fn a_statement_for_others_is_refused() {
    let now = NOW.parse().unwrap();
    let refused = verify(&[sign(&statement(), &key(1))], &subject(), &[trusted(1)], &["tenant:umbrella"], now).unwrap_err();
    let (audience, we) = (statement().audience, vec!["tenant:umbrella".to_owned()]);
    assert_eq!(refused, Refused::WrongAudience { signer: "signer 1".to_owned(), audience, we });
    assert_eq!(refused.code(), "wrong-audience");
}

#[test]
fn of_several_envelopes_one_is_enough_and_the_furthest_is_reported() {
    let good = sign(&statement(), &key(2));
    let expired = sign(&Statement { not_after: "2026-01-01T00:00:00Z".parse().unwrap(), ..statement() }, &key(1));
    let (broken, stranger) = (b"{}".to_vec(), sign(&statement(), &key(3)));
    let verified = check(&[broken.clone(), stranger.clone(), expired.clone(), good]).unwrap();
    assert_eq!(verified.signer, "signer 2");
    assert_eq!(check(&[broken.clone(), expired.clone(), stranger.clone()]).unwrap_err().code(), "expired");
    assert_eq!(check(&[stranger.clone(), broken.clone()]).unwrap_err().code(), "untrusted-key");
    // Signed by a trusted key and unreadable is further than not trusted.
    let odd = seal("text/plain", b"", &key(1));
    assert_eq!(check(&[stranger, odd, broken]).unwrap_err().code(), "malformed");
}

#[test]
fn an_envelope_with_two_signatures_counts_when_one_of_them_does() {
    let mut both: Value = serde_json::from_slice(&sign(&statement(), &key(3))).unwrap();
    let ours: Value = serde_json::from_slice(&sign(&statement(), &key(1))).unwrap();
    both["signatures"].as_array_mut().unwrap().push(ours["signatures"][0].clone());
    assert_eq!(check(&[both.to_string().into_bytes()]).unwrap().signer, "signer 1");
}

#[test]
fn an_older_version_is_a_downgrade() {
    let version = |text: &str| text.parse().unwrap();
    for (active, candidate) in [("1.2.0", "1.2.0"), ("1.2.0", "1.10.0"), ("1.2.0-rc.1", "1.2.0"), ("1.2.0+b", "1.2.0+a")] {
        assert_eq!(not_a_downgrade(&version(active), &version(candidate)), Ok(()), "{active} {candidate}");
    }
    for (active, candidate) in [("1.10.0", "1.9.9"), ("1.2.0", "1.2.0-rc.1")] {
        let refused = not_a_downgrade(&version(active), &version(candidate)).unwrap_err();
        assert_eq!(refused, Refused::Downgraded { active: version(active), candidate: version(candidate) });
        assert_eq!(refused.code(), "downgraded");
    }
}

#[test]
fn a_key_is_read_back_from_its_text_and_a_private_one_never_shows() {
    let (pair, text) = (key(7), key(7).to_text());
    let again = KeyPair::from_text(&format!("{}\n", text.reveal())).unwrap();
    assert_eq!(again.public(), pair.public());
    assert_eq!(format!("{pair:?}"), format!("KeyPair({})", pair.public().id()));
    assert_eq!(pair.public().id().len(), 16);
    let public: PublicKey = pair.public().to_string().parse().unwrap();
    assert_eq!(public, pair.public());
    assert_eq!(serde_json::from_value::<PublicKey>(json!(public)).unwrap(), public);
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let secret = key(7).to_text();
    let public = key(7).public().to_string();
    assert_eq!(KeyPair::from_text(&public).unwrap_err(), KeyError::NotPrivate);
    assert_eq!(KeyPair::from_text("roro-private-key-1:AAAA").unwrap_err(), KeyError::NotWhole);
    assert_eq!(secret.reveal().parse::<PublicKey>().unwrap_err(), KeyError::PrivateForPublic);
    assert_eq!("ssh-ed25519 AAAA".parse::<PublicKey>().unwrap_err(), KeyError::NotPublic);
    assert_eq!(public[..40].parse::<PublicKey>().unwrap_err(), KeyError::NotWhole);
    // The neutral point: with it, anything would verify.
    let weak = format!("roro-public-key-1:{}", STANDARD.encode([[1].as_slice(), &[0; 31]].concat()));
    assert_eq!(weak.parse::<PublicKey>().unwrap_err(), KeyError::Weak);
    assert!(!KeyError::NotWhole.to_string().contains("AAAA"));
}
