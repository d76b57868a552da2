//! `locales/*.toml`: the sentences of rules and reasons, in every language that a pack must speak.

use std::collections::{BTreeMap, BTreeSet};

use super::emit::Emitter;
use super::manifest::Manifest;
use super::{LANGUAGES, Sources};
use crate::reader::{Entry, Place, parse, suggest};
use crate::sentence::{Locale, Piece, Texts, pieces};

pub(super) fn load(sources: &Sources, manifest: Option<&Manifest>, emitter: &mut Emitter<'_>) -> BTreeMap<String, Locale> {
    let (parameters, reasons) = (std::mem::take(&mut emitter.rules), std::mem::take(&mut emitter.reasons));
    let mut locales = BTreeMap::new();
    for language in LANGUAGES {
        let name = format!("locales/{language}.toml");
        let Some(text) = sources.texts.get(&name) else {
            emitter.report.add_to_file(&name, "", "the file is missing", "add a table for every rule and reason");
            continue;
        };
        let file = emitter.report.file(&name, text);
        let table = parse(&mut emitter.report, file, text);
        let root = Entry::new(table.get_ref(), Place { file, span: 0..0 });
        let mut locale = Locale::new();
        let keys = root.keys();
        for (id, place) in &keys {
            let given = parameters.get(id);
            if given.is_none() && !reasons.contains(id) {
                let known: Vec<&str> = parameters.keys().map(String::as_str).chain(reasons.iter().map(String::as_str)).collect();
                let fix = suggest(id, known, "remove the text");
                emitter.report.add(place, id, "no rule and no document has this id", fix);
            }
            if let Some(entry) = root.entry(&mut emitter.report, id) {
                locale.extend(texts(entry, id, given, emitter).map(|texts| (id.clone(), texts)));
            }
        }
        let written: BTreeSet<&str> = keys.iter().map(|(id, _)| id.as_str()).collect();
        for id in
            parameters.keys().map(String::as_str).chain(reasons.iter().map(String::as_str)).filter(|id| !written.contains(id))
        {
            emitter.report.add_to_file(&name, id, "it has no text in this language", format!("add a table [{id}] with `says`"));
        }
        if let Some(manifest) = manifest {
            locale.extend(built_in(language, &manifest.id.to_uppercase()));
        }
        locales.insert(language.to_owned(), locale);
    }
    locales
}

/// The texts of one id. A rule has parameters and needs all three; a reason needs `says`.
fn texts(mut entry: Entry<'_, '_>, id: &str, given: Option<&BTreeSet<String>>, emitter: &mut Emitter<'_>) -> Option<Texts> {
    id.clone_into(&mut entry.item);
    let mut read = |key: &str, needed: bool| {
        let found = if needed { entry.text(&mut emitter.report, key) } else { entry.optional_text(&mut emitter.report, key) };
        let Some(found) = found else { return Some(String::new()).filter(|_| !needed) };
        for piece in pieces(&found.value) {
            let Piece::Name(name) = piece else { continue };
            if given.is_none_or(|given| !given.contains(name)) {
                let known = given.into_iter().flatten().map(String::as_str);
                let fix = suggest(name, known, "add it to the rule's parameters, or remove it from the text");
                emitter.report.add(&found.place, id, format!("not every version of the rule gives `{{{name}}}`"), fix);
            }
        }
        Some(found.value)
    };
    let is_rule = given.is_some();
    let texts = (read("says", true), read("why", is_rule), read("fix", is_rule));
    entry.finish(&mut emitter.report);
    Some(Texts { says: texts.0?, why: texts.1?, fix: texts.2? })
}

/// The texts of what the rulebook itself finds.
fn built_in(language: &str, pack: &str) -> [(String, Texts); 2] {
    let text = |says: &str, why: &str, fix: &str| Texts { says: says.to_owned(), why: why.to_owned(), fix: fix.to_owned() };
    let (stale, undecided) = match language {
        "zh" => (
            text(
                "{count} 条规则已超过复核期限，最早于 {checked_on} 核对：{rules}。",
                "法规常变，过期未核的规则可能已经失效。",
                "请核对这些规则的来源，或更新国家包。",
            ),
            text("无法判断规则 {rule}（{cause}）。", "订单中的数字超出范围，或混用了币种。", "请检查该处的数字和币种。"),
        ),
        _ => (
            text(
                "{count} rules are overdue for a check, the oldest since {checked_on}: {rules}.",
                "Rules change; one that nobody has checked for long may no longer hold.",
                "Check these rules against their sources, or update the pack.",
            ),
            text(
                "The rule {rule} could not be decided ({cause}).",
                "A number of the order is out of range, or currencies are mixed.",
                "Check the numbers and currencies at this place.",
            ),
        ),
    };
    [(format!("{pack}-STALE"), stale), (format!("{pack}-UNDECIDED"), undecided)]
}
