//! The data that an app keeps: collections of records, each with its fields and indexes.

use roro_pack::compile::Titles;
use roro_pack::reader::{Entry, Report, suggest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::text::{TITLE_CHARS_MAX, choices, entries, key, list, must_name, name, pairs, shown, titles};
use super::word::FieldKind;

/// The most collections of a plugin.
const COLLECTIONS_MAX: usize = 20;
/// The most fields of a collection.
const FIELDS_MAX: usize = 60;
/// The most indexes of a collection: each one makes every write slower.
const INDEXES_MAX: usize = 10;
/// The most fields of an index.
const INDEX_FIELDS_MAX: usize = 3;

/// Records of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginCollection")]
pub struct Collection {
    /// Its name for the component and for programs.
    pub name: String,
    /// Its name by language.
    pub title: Titles,
    /// What a record has.
    pub fields: Vec<Field>,
    /// How records are found quickly.
    pub indexes: Vec<Index>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginField")]
pub struct Field {
    /// Its name for the component and for programs.
    pub key: String,
    /// What it is.
    pub kind: FieldKind,
    /// Its name by language.
    pub title: Titles,
    /// Whether every record has it.
    pub required: bool,
    /// Whether it says something about a person: it is masked in logs and can be erased.
    pub personal: bool,
    /// The words of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Fields by which records are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginIndex")]
pub struct Index {
    /// Their keys, the most telling first.
    pub fields: Vec<String>,
    /// Whether no two records may have the same values there.
    pub unique: bool,
}

pub(super) fn load(root: &Entry<'_, '_>, report: &mut Report) -> Vec<Collection> {
    let mut names = BTreeSet::new();
    entries(root, "collections", COLLECTIONS_MAX, report)
        .into_iter()
        .filter_map(|entry| collection(entry, &mut names, report))
        .collect()
}

fn collection(mut entry: Entry<'_, '_>, names: &mut BTreeSet<String>, report: &mut Report) -> Option<Collection> {
    let name = name(&mut entry, "collection", names, report);
    let title = titles(&entry, "title", TITLE_CHARS_MAX, report);
    let below = entries(&entry, "fields", FIELDS_MAX, report);
    if below.is_empty() {
        report.add(&entry.place, &entry.item, "the collection has no fields", "add [[collections.fields]] with `key` and `kind`");
    }
    let above = name.as_ref().map(|name| format!("{}.", shown(name))).unwrap_or_default();
    let mut keys = BTreeSet::new();
    let fields = below.into_iter().filter_map(|field| self::field(field, &above, &mut keys, report)).collect();
    let below = entries(&entry, "indexes", INDEXES_MAX, report);
    let indexes = below.into_iter().filter_map(|index| self::index(index, &entry.item, &keys, report)).collect();
    entry.finish(report);
    Some(Collection { name: name?, title: title?, fields, indexes })
}

fn field(mut entry: Entry<'_, '_>, above: &str, keys: &mut BTreeSet<String>, report: &mut Report) -> Option<Field> {
    let key = key(&mut entry, "field", above, keys, report);
    let kind = entry.word(report, "kind", &pairs(FieldKind::ALL, FieldKind::as_str));
    let title = titles(&entry, "title", TITLE_CHARS_MAX, report);
    let required = entry.boolean(report, "required").unwrap_or(false);
    let personal = entry.boolean(report, "personal").unwrap_or(false);
    let choices = choices(&entry, kind.map(|kind| kind == FieldKind::Choice), report);
    entry.finish(report);
    Some(Field { key: key?, kind: kind?, title: title?, required, personal, choices })
}

fn index(mut entry: Entry<'_, '_>, item: &str, keys: &BTreeSet<String>, report: &mut Report) -> Option<Index> {
    item.clone_into(&mut entry.item);
    let fields = list(&entry, "fields", INDEX_FIELDS_MAX, report);
    must_name(&entry, "fields", "[\"…\"]", fields.as_deref(), report);
    let unique = entry.boolean(report, "unique").unwrap_or(false);
    entry.finish(report);
    let fields = fields?;
    for field in fields.iter().filter(|field| !keys.contains(&field.value)) {
        let fix = suggest(&field.value, keys.iter().map(String::as_str), "name fields of this collection");
        report.add(&field.place, item, format!("the collection has no field `{}`", field.value), fix);
    }
    Some(Index { fields: fields.into_iter().map(|field| field.value).collect(), unique })
}
