//! The table of plugin.toml has every key that the reader knows, says which are needed, and shows lines that read.

use std::collections::BTreeSet;

use roro::outbox::KINDS;
use roro::plugin::manifest::{self, Manifest};
use serde_json::Value;
use toml::{Table, Value as Toml};

use super::{blocks, chapter, must_be, part, quoted, rows};
use crate::support::root;

/// Texts by language: one value, whatever stands in it.
const TITLES: [&str; 4] = ["title", "summary", "reason", "help"];

fn example() -> String {
    std::fs::read_to_string(root().join("host/src/plugin/manifest/example.toml")).unwrap()
}

/// The paths of all keys: `hooks.name`, tables included.
fn paths(table: &Table, above: &str, found: &mut BTreeSet<String>) {
    for (key, value) in table {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Toml::Table(below) if !TITLES.contains(&key.as_str()) => paths(below, &path, found),
            Toml::Array(rows) => rows.iter().filter_map(Toml::as_table).for_each(|row| paths(row, &path, found)),
            _ => {}
        }
        found.insert(path);
    }
}

/// The same from the description of what was read: a key that the example forgets is found here.
fn described(schema: &Value, definitions: &Value, above: &str, found: &mut BTreeSet<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => &definitions[reference.rsplit('/').next().unwrap()],
        None => schema,
    };
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        let below = if value["items"].is_object() { &value["items"] } else { value };
        described(below, definitions, &path, found);
        found.insert(path);
    }
}

/// The example without a key, wherever it stands.
fn without(table: &mut Table, path: &str) {
    let Some((first, rest)) = path.split_once('.') else {
        table.remove(path);
        return;
    };
    match table.get_mut(first) {
        Some(Toml::Table(below)) => without(below, rest),
        Some(Toml::Array(rows)) => rows.iter_mut().filter_map(Toml::as_table_mut).for_each(|row| without(row, rest)),
        other => panic!("{path}: {other:?}"),
    }
}

/// Key, kind, when it is needed, rule, example.
fn keys() -> Vec<[String; 5]> {
    let text = chapter("manifest.md");
    rows(&part(&text, "keys")).into_iter().map(|row| <[String; 5]>::try_from(row).unwrap()).collect()
}

#[test]
fn every_key_that_the_reader_knows_is_in_the_table_and_no_other() {
    let mut known = BTreeSet::new();
    paths(&example().parse().unwrap(), "", &mut known);
    let mut read = BTreeSet::new();
    let schema = schemars::schema_for!(Manifest).to_value();
    described(&schema, &schema["$defs"], "", &mut read);
    // What is only asked for, or kept in another form.
    read.extend(["format", "events.kind"].map(str::to_owned));
    assert_eq!(known, read, "host/src/plugin/manifest/example.toml has every key");
    let told: BTreeSet<String> = keys().iter().flat_map(|row| quoted(&row[0])).map(str::to_owned).collect();
    assert_eq!(told, known);
}

#[test]
fn what_is_needed_is_refused_when_it_is_not_there() {
    for [key, _, needed, ..] in keys() {
        let key = key.trim_matches('`');
        let mut table: Table = example().parse().unwrap();
        without(&mut table, key);
        let read = manifest::read("plugin.toml", &toml::to_string(&table).unwrap(), KINDS);
        assert_eq!(read.is_ok(), needed == "no", "{key}: {needed}; {read:?}");
    }
}

#[test]
fn every_example_of_a_key_stands_in_the_example() {
    let example = example();
    let lines: Vec<&str> = example.lines().map(str::trim).collect();
    for [key, .., shown] in keys() {
        for line in quoted(&shown) {
            assert!(lines.contains(&line), "{key}: the example has no line `{line}`");
        }
    }
    must_be("manifest.md", "example", &format!("```toml\n{}\n```", example.trim_end()));
}

#[test]
fn every_manifest_that_is_shown_reads() {
    let chapter = chapter("manifest.md");
    let shown: Vec<String> =
        blocks(&chapter).iter().filter(|block| block.info == "toml").map(|block| block.lines.join("\n")).collect();
    assert!(shown.len() >= 2);
    for text in shown {
        let read = manifest::read("plugin.toml", &text, KINDS);
        assert!(read.is_ok(), "{read:?}\n{text}");
    }
}
