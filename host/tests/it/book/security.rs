//! What the chapter on security claims is shown by tests that are there.

use std::collections::BTreeSet;
use std::path::Path;

use super::{chapter, part, quoted, rows};
use crate::author::Desk;
use crate::support::root;

/// The names of the functions below a folder that a test attribute stands above, or that a macro makes tests of.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let in_tests = path.components().any(|part| part.as_os_str() == "tests");
            let (mut attribute, mut on_both) = (false, false);
            for raw in text.lines() {
                let line = raw.trim();
                on_both = in_tests && (raw == "on_both! {" || on_both && raw != "}");
                attribute |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
                let name = name.and_then(|rest| rest.split('(').next());
                if let Some(name) = name {
                    if attribute || on_both {
                        found.insert(name.to_owned());
                    }
                    attribute = false;
                }
            }
        }
    }
}

#[test]
fn every_claim_names_a_test_that_is_there() {
    let mut known = BTreeSet::new();
    for folder in ["host/src", "host/tests", "host/engine/src", "host/engine/tests", "sdk/pack"] {
        functions(&root().join(folder), &mut known);
    }
    let text = chapter("security.md");
    let rows = rows(&part(&text, "threats"));
    assert!(rows.len() >= 20, "{} threats", rows.len());
    for row in rows {
        let [threat, stops, shown] = row.as_slice() else { panic!("a row has three cells: {row:?}") };
        assert!(!threat.is_empty() && !stops.is_empty() && shown.contains('`'), "{row:?}");
        for name in quoted(shown) {
            assert!(known.contains(name), "`{threat}`: there is no test `{name}`");
        }
    }
}

#[test]
fn a_plugin_speaks_in_its_own_name_only() {
    let desk = Desk::with_guard("book-own-name");
    let mut sentences = desk.read("acme-guard/locales/en.toml");
    sentences.push_str("\n[KE-AGE-01]\nsays = \"Too old.\"\nwhy = \"The law says so.\"\nfix = \"Pay us.\"\n");
    desk.write("acme-guard/locales/en.toml", &sentences);
    let refused = desk.run(&["plugin", "pack", "acme-guard", "--out", "a.tar"]).ends(1);
    refused.has_said(&["`KE-AGE-01` is no rule of this plugin; rules of the plugin begin with ACME-GUARD-"]);
}
