//! `tables.toml`: code tables and decision tables.

use super::emit::{Decided, Emitter, Setting};
use super::types::Type;
use super::{Sources, each_file, is_id};
use crate::code::write;
use crate::reader::Entry;
use crate::table::{Decision, Scope};

/// A decision with its programs.
pub(super) struct DecisionCode {
    scope: Scope,
    rows: Vec<(Vec<u8>, Vec<u8>)>,
}

impl DecisionCode {
    pub(super) fn borrowed(&self) -> Decision<'_> {
        Decision { scope: self.scope, rows: self.rows.iter().map(|(when, then)| (when.as_slice(), then.as_slice())).collect() }
    }
}

/// Code tables first: decisions and rules look codes up. `[[decision]]` is read by [`load_decisions`].
pub(super) fn load_codes(sources: &Sources, emitter: &mut Emitter<'_>) -> Vec<Vec<u8>> {
    let mut tables = Vec::new();
    each_file(sources, "tables", emitter, |emitter, root| {
        let Some(codes) = root.entry(&mut emitter.report, "code") else { return };
        for (name, place) in codes.keys() {
            if !is_id(&name, u8::is_ascii_lowercase) {
                emitter.report.add(
                    &place,
                    &name,
                    "this is no name of a code table",
                    "use lower case letters, digits and hyphens",
                );
            }
            if emitter.code_tables.contains_key(&name) {
                emitter.report.add(&place, &name, "the pack has two code tables of this name", "merge them");
                continue;
            }
            let Some(mut table) = codes.entry(&mut emitter.report, &name) else { continue };
            table.item.clone_from(&name);
            let mut bytes = Vec::new();
            for (code, _) in table.keys() {
                if let Some(text) = table.text(&mut emitter.report, &code) {
                    write::block(&mut bytes, code.as_bytes());
                    write::block(&mut bytes, text.value.as_bytes());
                }
            }
            emitter.code_tables.insert(name, tables.len());
            tables.push(bytes);
        }
    });
    tables
}

pub(super) fn load_decisions(sources: &Sources, emitter: &mut Emitter<'_>) -> Vec<DecisionCode> {
    let mut decisions = Vec::new();
    each_file(sources, "tables", emitter, |emitter, root| {
        for mut entry in root.entries(&mut emitter.report, "decision") {
            let number = decisions.len();
            if let Some(decision) = decision(&mut entry, number, emitter) {
                decisions.push(decision);
            }
        }
        // The codes were read before.
        root.has("code").then(|| root.entry(&mut emitter.report, "code"));
        root.finish(&mut emitter.report);
    });
    decisions
}

fn decision(entry: &mut Entry<'_, '_>, number: usize, emitter: &mut Emitter<'_>) -> Option<DecisionCode> {
    let id = entry.text(&mut emitter.report, "id");
    if let Some(id) = &id {
        entry.item.clone_from(&id.value);
        if !is_id(&id.value, u8::is_ascii_lowercase) {
            emitter.report.add(
                &id.place,
                &id.value,
                "this is no name of a decision",
                "use lower case letters, digits and hyphens",
            );
        }
        if emitter.decisions.contains_key(&id.value) {
            emitter.report.add(&id.place, &id.value, "the pack has two decisions of this name", "rename one of them");
        }
    }
    let scopes = Scope::ALL.map(|scope| (scope.name(), scope));
    let scope = entry.word(&mut emitter.report, "each", &scopes).unwrap_or(Scope::Order);
    let item = entry.item.clone();
    let setting = Setting { item: &item, each: scope, clock: false };
    let (mut rows, mut gives, mut height) = (Vec::new(), Type::Any, 0);
    emitter.take_reads();
    for mut row in entry.entries(&mut emitter.report, "row") {
        row.item.clone_from(&item);
        let (when, then) = (row.text(&mut emitter.report, "when"), row.text(&mut emitter.report, "then"));
        row.finish(&mut emitter.report);
        let when = when.and_then(|found| emitter.typed(&found.value, &found.place, setting, Type::Boolean));
        let result = then.as_ref().and_then(|found| emitter.program(&found.value, &found.place, setting));
        let (Some(when), Some(result), Some(then)) = (when, result, then) else { continue };
        match Type::common(gives, result.gives) {
            Some(common) => gives = common,
            None => {
                let message = format!("this row gives {}, the rows above give {}", result.gives.name(), gives.name());
                emitter.report.add(&then.place, &item, message, "let every row give one type");
            }
        }
        height = height.max(when.height).max(result.height);
        rows.push((when.code, result.code));
    }
    if rows.is_empty() {
        emitter.report.add(&entry.place, &item, "the decision has no row", "add [[decision.row]] with `when` and `then`");
    }
    entry.finish(&mut emitter.report);
    let reads = emitter.take_reads();
    let id = id?.value;
    emitter.decisions.entry(id).or_insert((number, Decided { scope, gives, height, reads }));
    Some(DecisionCode { scope, rows })
}
