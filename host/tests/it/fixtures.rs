//! The fixtures of the shipped packs: an example order, changed in one way, and the findings that the pack must give.

use serde::Deserialize;
use std::collections::BTreeSet;

use crate::support::{case, check, example_json, read, remove, root, set, shelf};

/// How many fixtures every pack ships at least.
const FIXTURES_MIN: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    order: String,
    as_of: Option<toml::value::Datetime>,
    #[serde(default)]
    set: Vec<Change>,
    expect: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    at: String,
    value: Option<serde_json::Value>,
    #[serde(default)]
    remove: bool,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(deny_unknown_fields)]
struct Expected {
    rule: String,
    severity: String,
    place: String,
}

/// What differs between a fixture's findings and those that it names. Infos count only where a fixture names them; a finding of another
/// pack counts when it stops the order.
async fn differences(pack: &roro::pack::Pack, text: &str) -> Vec<String> {
    let fixture: Fixture = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let mut order = example_json(&fixture.order);
    for change in &fixture.set {
        match &change.value {
            Some(value) => set(&mut order, &change.at, value.clone()),
            None if change.remove => remove(&mut order, &change.at),
            None => panic!("{}: neither value nor remove", change.at),
        }
    }
    let mut case = case(read(&order));
    if let Some(as_of) = fixture.as_of {
        case.as_of = as_of.to_string().parse().unwrap();
    }
    let found: BTreeSet<Expected> = check(&case)
        .await
        .findings
        .into_iter()
        .filter(|finding| finding.severity.stops() || pack.speaks_of(&finding.rule))
        .map(|finding| Expected { rule: finding.rule, severity: finding.severity.word().to_lowercase(), place: finding.place })
        .collect();
    let wanted: BTreeSet<Expected> = fixture.expect.into_iter().collect();
    let missing = wanted.difference(&found).map(|one| format!("missing {one:?}"));
    let extra = found.difference(&wanted).filter(|one| one.severity != "info").map(|one| format!("extra {one:?}"));
    missing.chain(extra).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fixture_of_every_pack_gives_its_findings() {
    let mut faults = Vec::new();
    for pack in shelf() {
        let names = &pack.contents().fixtures;
        assert!(names.len() >= FIXTURES_MIN, "pack {} has {} fixtures, at least {FIXTURES_MIN}", pack.id(), names.len());
        for name in names {
            let text = std::fs::read_to_string(root().join("plugins/packs").join(pack.id()).join("fixtures").join(name)).unwrap();
            faults.extend(differences(pack, &text).await.into_iter().map(|fault| format!("{}/{name}: {fault}", pack.id())));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
