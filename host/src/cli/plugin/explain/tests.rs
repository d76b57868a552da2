use std::collections::BTreeSet;

use roro_engine::FailureKind;

use super::*;
use crate::plugin::manifest::GrantName;
use crate::plugin::signature::{Part, Refused};
use crate::plugin::state::State;

fn codes(kind: Kind) -> Vec<&'static str> {
    texts().filter(|text| text.kind == kind).map(|text| text.code).collect()
}

/// One of each. A variant that is added does not compile until it is here.
fn refusals() -> Vec<Refused> {
    let (signer, version) = (String::new, || "1.0.0".parse().unwrap());
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let all = vec![
        Refused::Unsigned,
        Refused::Malformed { reason: String::new() },
        Refused::UntrustedKey { key_ids: Vec::new() },
        Refused::BadSignature { signer: signer(), key_id: String::new() },
        Refused::OtherPackage { signer: signer(), signed: String::new(), expected: String::new() },
        Refused::Tampered { signer: signer(), part: Part::Package },
        Refused::Expired { signer: signer(), not_after: now },
        Refused::WrongAudience { signer: signer(), audience: Vec::new(), we: Vec::new() },
        Refused::Downgraded { active: version(), candidate: version() },
    ];
    for refused in &all {
        match refused {
            Refused::Unsigned
            | Refused::Malformed { .. }
            | Refused::UntrustedKey { .. }
            | Refused::BadSignature { .. }
            | Refused::OtherPackage { .. }
            | Refused::Tampered { .. }
            | Refused::Expired { .. }
            | Refused::WrongAudience { .. }
            | Refused::Downgraded { .. } => {}
        }
    }
    all
}

#[test]
fn every_failure_of_a_call_has_a_text() {
    let known: Vec<&str> =
        FailureKind::ALL.iter().map(|kind| kind.code()).chain(["not-loaded", State::Quarantined.as_str()]).collect();
    assert_eq!(codes(Kind::Failure), known);
}

#[test]
fn every_refusal_of_a_package_has_a_text() {
    let known: Vec<&str> = refusals().iter().map(Refused::code).collect();
    assert_eq!(codes(Kind::Refusal), known);
}

#[test]
fn every_grant_has_a_text_with_the_line_that_asks_for_it() {
    let known: Vec<&str> = GrantName::ALL.iter().map(|grant| grant.as_str()).collect();
    assert_eq!(codes(Kind::Grant), known);
    for text in texts().filter(|text| text.kind == Kind::Grant) {
        assert!(text.todo.contains(&format!("[[grants]]\nname = \"{}\"\nreason = ", text.code)), "{}", text.code);
    }
}

#[test]
fn a_code_means_one_thing_and_is_said_shortly() {
    let all: Vec<Text> = texts().collect();
    assert_eq!(all.iter().map(|text| text.code).collect::<BTreeSet<_>>().len(), all.len());
    for text in all {
        assert!(
            !text.means.is_empty() && text.means.ends_with('.') && !text.means.contains('\n') && text.means.len() <= 110,
            "{}",
            text.code
        );
        assert!(!text.todo.is_empty(), "{}", text.code);
    }
}
