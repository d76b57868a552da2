//! Reading the file: what stands at its top, then every part, then the rules that tie the parts to each other.

use roro_pack::compile::Titles;
use roro_pack::reader::{Entry, Place, Problem, Report, parse};
use semver::Version;
use std::collections::BTreeSet;

use super::text::{SENTENCE_CHARS_MAX, TITLE_CHARS_MAX, is_name, line, pairs, path, titles, version};
use super::word::{Class, GrantName, HookName};
use super::{MANIFEST_BYTES_MAX, Manifest, app, collection, grant, hook, limits, setting};

/// The shortest id, bytes.
const ID_BYTES_MIN: usize = 3;

/// The names of the host's own plugins; and `host`, in whose name the host itself speaks.
const RESERVED: [&str; 3] = ["host", "renderer", "rulebook"];
const HOSTS: &str = "host-";

/// What only a component can have.
const OF_A_COMPONENT: [&str; 8] = ["class", "hooks", "grants", "config", "collections", "events", "schedule", "limits"];

/// What was named so far, also by parts that have another problem: one mistake is one problem.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) hooks: BTreeSet<HookName>,
    pub(super) grants: BTreeSet<GrantName>,
    pub(super) settings: BTreeSet<String>,
    /// The first secret, and which setting it is.
    pub(super) secret: Option<(Place, String)>,
}

/// What stands at the top of the file.
struct Top {
    id: String,
    version: Version,
    title: Titles,
    summary: Titles,
    publisher: String,
    licence: Option<String>,
}

/// Reads a manifest. Events are known by their kinds; the others are refused.
///
/// # Errors
/// Every problem of the file, by line.
pub fn read(file_name: &str, text: &str, known_events: &[&str]) -> Result<Manifest, Vec<Problem>> {
    let mut report = Report::default();
    if text.len() > MANIFEST_BYTES_MAX {
        let message = format!("the file has {} bytes", text.len());
        report.add_to_file(file_name, "", message, format!("keep it below {MANIFEST_BYTES_MAX} bytes"));
        return Err(report.finish());
    }
    let file = report.file(file_name, text);
    let table = parse(&mut report, file, text);
    let root = Entry::new(table.get_ref(), Place { file, span: 0..0 });
    let manifest = load(&root, known_events, &mut report);
    root.finish(&mut report);
    match manifest {
        Some(manifest) if report.is_clean() => Ok(manifest),
        _ => Err(report.finish()),
    }
}

fn load(root: &Entry<'_, '_>, known_events: &[&str], report: &mut Report) -> Option<Manifest> {
    let top = top(root, report);
    let component = path(root, "component", "acme_guard.wasm", report);
    let pack = path(root, "pack", "pack", report);
    let classes = pairs(Class::ALL, Class::as_str);
    let class =
        if root.has("component") { root.word(report, "class", &classes) } else { root.optional_word(report, "class", &classes) };
    let mut seen = Seen::default();
    let hooks = hook::load(root, class, &mut seen, report);
    let grants = grant::load(root, &mut seen, report);
    let config = setting::load(root, &mut seen, report);
    let collections = collection::load(root, report);
    let events = app::events(root, known_events, report);
    let schedule = app::schedule(root, report);
    let limits = limits::load(root, class, report);
    if root.has("component") || !root.has("pack") {
        ties(root, &seen, report);
    }
    contents(root, report);
    let Top { id, version, title, summary, publisher, licence } = top?;
    Some(Manifest {
        id,
        version,
        title,
        summary,
        publisher,
        licence,
        component,
        pack,
        class,
        hooks,
        grants,
        config,
        collections,
        events,
        schedule,
        limits,
    })
}

fn top(root: &Entry<'_, '_>, report: &mut Report) -> Option<Top> {
    let format = root.integer(report, "format");
    if let Some(format) = format.filter(|format| format.value != 1) {
        report.add(&format.place, "", format!("format {} is not known", format.value), "this version of Roro reads format 1");
    }
    let id = root.text(report, "id");
    if let Some(id) = id.as_ref().filter(|id| id.value.len() < ID_BYTES_MIN || !is_name(&id.value)) {
        let fix = "use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter";
        report.add(&id.place, "", format!("`{}` is no plugin id", id.value), fix);
    }
    if let Some(id) = id.as_ref().filter(|id| RESERVED.contains(&id.value.as_str()) || id.value.starts_with(HOSTS)) {
        report.add(&id.place, "", format!("`{}` is a name of the host's own", id.value), "begin it with the publisher's name");
    }
    let version = version(root, "version", report);
    let title = titles(root, "title", TITLE_CHARS_MAX, report);
    let summary = titles(root, "summary", SENTENCE_CHARS_MAX, report);
    let publisher = line(root, "publisher", TITLE_CHARS_MAX, report);
    let licence = root.optional_text(report, "licence");
    if let Some(licence) = licence.as_ref().filter(|licence| !is_licence(&licence.value)) {
        let fix = "write an SPDX expression, for example Apache-2.0";
        report.add(&licence.place, "", format!("`{}` is no licence", licence.value), fix);
    }
    let licence = licence.map(|found| found.value);
    Some(Top { id: id?.value, version: version?, title: title?, summary: summary?, publisher: publisher?, licence })
}

/// The letters of an SPDX expression. Whether the list has the licence is for people to see.
fn is_licence(text: &str) -> bool {
    text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" .-+():".contains(&byte))
}

/// A plugin is a component, a pack, or both; what belongs to a component needs one.
fn contents(root: &Entry<'_, '_>, report: &mut Report) {
    match (root.has("component"), root.has("pack")) {
        (true, _) => {}
        (false, true) => {
            for key in OF_A_COMPONENT.iter().filter(|key| root.has(key)) {
                let message = format!("`{key}` is for a plugin with a component");
                report.add(&root.place_of(key), "", message, "add `component` or remove it");
            }
        }
        (false, false) => {
            let fix = "add `component = \"….wasm\"`, `pack = \"pack\"`, or both";
            report.add(&root.place, "", "there is neither `component` nor `pack`", fix);
        }
    }
}

/// The rules that tie one part to another.
fn ties(root: &Entry<'_, '_>, seen: &Seen, report: &mut Report) {
    let grants = [("config", GrantName::Config), ("collections", GrantName::Records), ("events", GrantName::Events)];
    for (part, grant) in grants.iter().filter(|(part, grant)| root.has(part) && !seen.grants.contains(grant)) {
        let message = format!("[[{part}]] needs the grant `{grant}`");
        report.add(&root.place_of(part), "", message, format!("add [[grants]] with `name = \"{grant}\"`"));
    }
    if let Some((place, setting)) = seen.secret.as_ref().filter(|_| !seen.grants.contains(&GrantName::Secrets)) {
        report.add(place, setting, "a secret needs the grant `secrets`", "add [[grants]] with `name = \"secrets\"`");
    }
    let parts = ["collections", "events", "schedule"];
    for part in parts.iter().filter(|part| root.has(part) && !seen.hooks.contains(&HookName::App)) {
        let message = format!("[[{part}]] needs the hook `app`");
        report.add(&root.place_of(part), "", message, format!("add [[hooks]] with `name = \"app\"` or remove [[{part}]]"));
    }
}
