//! The small texts of a manifest: names, sentences, paths, versions, lists of words.

use roro_pack::compile::Titles;
use roro_pack::reader::{Entry, Found, Report, suggest};
use semver::Version;
use std::collections::BTreeSet;

/// A name of something, characters.
pub(super) const TITLE_CHARS_MAX: usize = 80;
/// A sentence about something, characters.
pub(super) const SENTENCE_CHARS_MAX: usize = 300;
/// A name or key that programs use, bytes.
pub(super) const NAME_BYTES_MAX: usize = 48;
/// A text that a problem says again, characters.
const SHOWN_CHARS_MAX: usize = 64;
/// A path inside the package, bytes.
const PATH_BYTES_MAX: usize = 200;
/// A version, bytes.
const VERSION_BYTES_MAX: usize = 64;
/// The entries of a list of choices.
const CHOICES_MAX: usize = 50;

/// Whether a text is made of lower case letters, digits and single hyphens between them, and begins with a letter.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether a text is made of lower case letters, digits and underscores, and begins with a letter.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The `name` of an entry; from now on its problems name it as `what` and the name.
pub(super) fn name(entry: &mut Entry<'_, '_>, what: &str, seen: &mut BTreeSet<String>, report: &mut Report) -> Option<String> {
    what.clone_into(&mut entry.item);
    let name = entry.text(report, "name")?;
    entry.item = format!("{what} {}", shown(&name.value));
    if !is_name(&name.value) {
        let fix = format!("use at most {NAME_BYTES_MAX} lower case letters, digits and single hyphens, beginning with a letter");
        report.add(&name.place, &entry.item, format!("`{}` is no name", name.value), fix);
    }
    once(&name, &entry.item, seen, report);
    Some(name.value)
}

/// The `key` of an entry; from now on its problems name it as `what`, the path above it and the key.
pub(super) fn key(
    entry: &mut Entry<'_, '_>,
    what: &str,
    above: &str,
    seen: &mut BTreeSet<String>,
    report: &mut Report,
) -> Option<String> {
    what.clone_into(&mut entry.item);
    let key = entry.text(report, "key")?;
    entry.item = format!("{what} {above}{}", shown(&key.value));
    if !is_key(&key.value) {
        let fix = format!("use at most {NAME_BYTES_MAX} lower case letters, digits and underscores, beginning with a letter");
        report.add(&key.place, &entry.item, format!("`{}` is no key", key.value), fix);
    }
    once(&key, &entry.item, seen, report);
    Some(key.value)
}

/// The beginning of a text: what somebody pasted may be long, and a problem says it again.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

/// Reports what was named before.
pub(super) fn once(found: &Found<String>, item: &str, seen: &mut BTreeSet<String>, report: &mut Report) {
    if !seen.insert(found.value.clone()) {
        report.add(&found.place, item, format!("`{}` is there twice", found.value), "remove or rename one of them");
    }
}

/// The words of a closed list, as the reader wants them.
pub(super) fn pairs<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|one| (word(*one), *one)).collect()
}

/// A line of text that people read, at most so many characters.
pub(super) fn line(entry: &Entry<'_, '_>, key: &str, chars_max: usize, report: &mut Report) -> Option<String> {
    let found = entry.text(report, key)?;
    check_line(&found.value, key, entry, chars_max, report);
    Some(found.value)
}

/// A line of text in each language.
pub(super) fn titles(entry: &Entry<'_, '_>, key: &str, chars_max: usize, report: &mut Report) -> Option<Titles> {
    let (english, chinese) = entry.title(report, key)?;
    let titles = Titles::from([("en".to_owned(), english), ("zh".to_owned(), chinese)]);
    for text in titles.values() {
        check_line(text, key, entry, chars_max, report);
    }
    Some(titles)
}

fn check_line(text: &str, key: &str, entry: &Entry<'_, '_>, chars_max: usize, report: &mut Report) {
    let chars = text.chars().count();
    if chars > chars_max {
        let fix = format!("write at most {chars_max}");
        report.add(&entry.place_of(key), &entry.item, format!("`{key}` has {chars} characters"), fix);
    }
    if text.contains(char::is_control) {
        let message = format!("`{key}` has a line break or another control character");
        report.add(&entry.place_of(key), &entry.item, message, "write it on one line");
    }
}

/// A path inside the package.
pub(super) fn path(entry: &Entry<'_, '_>, key: &str, example: &str, report: &mut Report) -> Option<String> {
    let found = entry.optional_text(report, key)?;
    if !is_path(&found.value) {
        let fix = format!("write it relative to the package, with slashes and without `..`, for example {example}");
        report.add(&found.place, &entry.item, format!("`{}` is no path inside the package", found.value), fix);
    }
    Some(found.value)
}

/// A colon would name a drive or a stream on some machines.
fn is_path(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX
        && path.split('/').all(|part| !part.trim().is_empty() && part != "." && part != "..")
        && !path.contains(|letter: char| letter == '\\' || letter == ':' || letter.is_control())
}

/// A semantic version without build metadata: two builds of one version could not be told apart.
pub(super) fn version(entry: &Entry<'_, '_>, key: &str, report: &mut Report) -> Option<Version> {
    let found = entry.text(report, key)?;
    let version = Version::parse(&found.value).ok().filter(|_| found.value.len() <= VERSION_BYTES_MAX);
    match &version {
        None => {
            let message = format!("`{}` is no version", found.value);
            report.add(&found.place, &entry.item, message, "write major.minor.patch, for example 1.2.0");
        }
        Some(version) if !version.build.is_empty() => {
            let message = format!("`{}` has build metadata", found.value);
            report.add(&found.place, &entry.item, message, "leave out the `+` and what follows it");
        }
        Some(_) => {}
    }
    version
}

/// The texts of a list, each named once and no more than `count_max`; none when there is no list. What is over is left out, so that the
/// problems of a list have a limit too.
pub(super) fn list(entry: &Entry<'_, '_>, key: &str, count_max: usize, report: &mut Report) -> Option<Vec<Found<String>>> {
    let mut texts = entry.optional_texts(report, key)?;
    if texts.len() > count_max {
        let (message, fix) = (format!("`{key}` has {} entries", texts.len()), format!("name at most {count_max}"));
        report.add(&entry.place_of(key), &entry.item, message, fix);
        texts.truncate(count_max);
    }
    let mut seen = BTreeSet::new();
    for text in texts.iter().filter(|text| !seen.insert(text.value.as_str())) {
        report.add(&text.place, &entry.item, format!("`{key}` names `{}` twice", text.value), "name it once");
    }
    Some(texts)
}

/// Reports a list that is not there, or has nothing in it.
pub(super) fn must_name(entry: &Entry<'_, '_>, key: &str, example: &str, list: Option<&[Found<String>]>, report: &mut Report) {
    let message = match list {
        Some([]) => format!("`{key}` is empty"),
        None if !entry.has(key) => format!("`{key}` is missing"),
        // It names something, or it is no list, which is reported already.
        Some([_, ..]) | None => return,
    };
    report.add(&entry.place_of(key), &entry.item, message, format!("write `{key} = {example}`"));
}

/// The known words of a list, each named once.
pub(super) fn words<T: Copy>(entry: &Entry<'_, '_>, key: &str, known: &[(&str, T)], report: &mut Report) -> Vec<T> {
    let mut words = Vec::new();
    for text in list(entry, key, known.len(), report).into_iter().flatten() {
        if let Some((_, meaning)) = known.iter().find(|(word, _)| *word == text.value) {
            words.push(*meaning);
            continue;
        }
        let fix = suggest(&text.value, known.iter().map(|(word, _)| *word), "remove it");
        report.add(&text.place, &entry.item, format!("`{key}` does not know `{}`", text.value), fix);
    }
    words
}

/// The `choices` of an entry that is a choice, or is none, or whose kind cannot be read.
pub(super) fn choices(entry: &Entry<'_, '_>, is_choice: Option<bool>, report: &mut Report) -> Vec<String> {
    let choices = list(entry, "choices", CHOICES_MAX, report);
    belongs(entry, "choices", "`choice`", is_choice, report);
    if is_choice == Some(true) {
        must_name(entry, "choices", "[\"…\", \"…\"]", choices.as_deref(), report);
    }
    let choices = choices.unwrap_or_default();
    for choice in choices.iter().filter(|choice| !is_choice_text(&choice.value)) {
        let fix = format!("write one line of 1 to {TITLE_CHARS_MAX} characters, without blanks around it");
        report.add(&choice.place, &entry.item, format!("`{}` is no choice", choice.value), fix);
    }
    choices.into_iter().map(|choice| choice.value).collect()
}

fn is_choice_text(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && text.chars().count() <= TITLE_CHARS_MAX && !text.contains(char::is_control)
}

/// Reports a key that is only for another kind.
pub(super) fn belongs(entry: &Entry<'_, '_>, key: &str, kinds: &str, does: Option<bool>, report: &mut Report) {
    if entry.has(key) && does == Some(false) {
        let message = format!("`{key}` is only for kind {kinds}");
        report.add(&entry.place_of(key), &entry.item, message, "remove it or change `kind`");
    }
}

/// The tables below a key, no more than `count_max`. What is over is left out, so that the problems of a file have a limit too.
pub(super) fn entries<'e, 'i>(entry: &Entry<'e, 'i>, key: &str, count_max: usize, report: &mut Report) -> Vec<Entry<'e, 'i>> {
    let mut entries = entry.entries(report, key);
    if entries.len() > count_max {
        let message = format!("[[{key}]] is there {} times", entries.len());
        report.add(&entry.place_of(key), &entry.item, message, format!("keep at most {count_max}"));
        entries.truncate(count_max);
    }
    entries
}
