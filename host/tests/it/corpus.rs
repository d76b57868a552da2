//! The plugins that were built for a released contract keep running: those in `plugins/corpus` as they were built, those in TypeScript and Python
//! made again from sources that never change.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::author::languages::{Language, PYTHON, TYPESCRIPT};
use crate::author::{Desk, copy};
use crate::support::root;

/// No binary of the corpus is larger.
const BYTES_MAX: usize = 300_000;

/// The binaries by their folder, with their digest, as `corpus.toml` has them.
fn listed() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("plugins/corpus/corpus.toml")).unwrap();
    let table: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(&text).unwrap();
    table.into_values().next().unwrap()
}

#[test]
fn every_binary_of_the_corpus_answers_as_on_the_day_it_was_built() {
    let desk = Desk::new("corpus");
    for (folder, digest) in listed() {
        let place = root().join("plugins/corpus").join(&folder);
        let entries = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
        let [wasm] =
            entries.filter(|path| path.extension().is_some_and(|end| end == "wasm")).collect::<Vec<_>>().try_into().unwrap();
        let bytes = std::fs::read(&wasm).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), digest, "{folder}: a binary of the corpus never changes");
        assert!(bytes.len() < BYTES_MAX, "{folder}: {} bytes", bytes.len());
        let said = desk.run(&["plugin", "test", &place.display().to_string()]).done();
        assert!(said.said().contains("all as expected."), "{folder}: {said:#?}");
    }
}

#[test]
fn the_corpus_has_every_hook_and_nothing_that_is_not_listed() {
    let corpus = root().join("plugins/corpus/0.1.0");
    let folders = std::fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut built: Vec<String> = folders.filter(|name| !["typescript", "python"].contains(&name.as_str())).collect();
    built.sort();
    let listed: Vec<String> = listed().keys().map(|folder| folder.strip_prefix("0.1.0/").unwrap().to_owned()).collect();
    assert_eq!(built, listed);
    for kind in ["rust", "extism"] {
        for hook in ["documents", "order-guard", "pricing", "app"] {
            // What an app imports, the Extism PDKs have no words for.
            assert_eq!(built.contains(&format!("{kind}-{hook}")), (kind, hook) != ("extism", "app"), "{kind} {hook}");
        }
    }
}

/// Builds a plugin of every hook from its pinned source and asks all of its fixtures.
fn made_again(language: &Language, folder: &str, id: &str) {
    let desk = Desk::new(&format!("corpus-{folder}"));
    desk.run(&["plugin", "new", id, "--lang", language.word, "--hook", "app"]).done();
    for part in ["fixtures", "locales", "src"] {
        std::fs::remove_dir_all(desk.path(&format!("{id}/{part}"))).unwrap();
    }
    copy(&root().join("plugins/corpus/0.1.0").join(folder), &desk.path(id));
    language.lend(&desk, id);
    let built = desk.run(&["plugin", "build", id, "--json"]).done().json();
    assert_eq!(built["hooks"], serde_json::json!(["documents", "order-guard", "pricing", "app"]));
    desk.run(&["plugin", "test", id]).done().has_said(&["4 fixtures: all as expected."]);
}

#[test]
fn the_corpus_in_typescript_is_made_again_from_its_source() {
    made_again(&TYPESCRIPT, "typescript", "corpus-ts");
}

#[test]
fn the_corpus_in_python_is_made_again_from_its_source() {
    made_again(&PYTHON, "python", "corpus-py");
}
