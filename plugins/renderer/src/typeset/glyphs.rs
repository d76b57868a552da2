//! Refuses pages on which a character has no glyph: a bank would read a box where a name should stand.

use std::collections::BTreeSet;

use typst::layout::{Frame, FrameItem};
use typst_layout::Page;

use crate::Error;

/// Characters that one message names at most.
const NAMED_MAX: usize = 12;

/// Fails with every character that no font has, and the fields of `data` that hold them.
pub(super) fn check(pages: &[Page], data: &serde_json::Value) -> Result<(), Error> {
    let mut missing = BTreeSet::new();
    for page in pages {
        collect(&page.frame, &mut missing);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let mut fields = Vec::new();
    find_fields(data, String::new(), &missing, &mut fields);
    let named: Vec<String> = missing.iter().take(NAMED_MAX).map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
    let more = if missing.len() > NAMED_MAX { " and others" } else { "" };
    let place = if fields.is_empty() { "the template's own text".to_owned() } else { fields.join(", ") };
    Err(Error::MissingGlyph(format!(
        "no font has {}{more}, needed by {place}: run `cargo xtask fonts` for Chinese and Japanese, or write it in another script",
        named.join(", ")
    )))
}

fn collect(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, missing),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    missing.extend(text.text.get(glyph.range()).unwrap_or_default().chars());
                }
            }
            _ => {}
        }
    }
}

/// JSON pointers of the strings that hold one of the characters.
fn find_fields(value: &serde_json::Value, place: String, missing: &BTreeSet<char>, fields: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if text.chars().any(|c| missing.contains(&c)) => fields.push(place),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_fields(item, format!("{place}/{index}"), missing, fields);
            }
        }
        serde_json::Value::Object(entries) => {
            for (name, entry) in entries {
                find_fields(entry, format!("{place}/{name}"), missing, fields);
            }
        }
        _ => {}
    }
}
