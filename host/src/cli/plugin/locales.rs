//! `locales/*.toml` of a plugin: its sentences, a table for each rule.

use anyhow::{Context as _, Result};
use roro_pack::reader::{Entry, Place, Report, parse};
use roro_pack::{Locale, Texts};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use super::ended;
use super::project::Project;
use crate::plugin::LANGUAGES;

/// The sentences of a project by language. A language whose file is not there has none; whoever needs them says so.
pub(super) fn read(project: &Project) -> Result<BTreeMap<String, Locale>> {
    let prefix = format!("{}-", project.manifest.id.to_uppercase());
    let mut report = Report::default();
    let mut locales = BTreeMap::new();
    for language in LANGUAGES {
        let path = project.path(&file_name(language));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(ended::wrong_input(format!("{} is no UTF-8\nSave it as UTF-8", path.display())));
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        locales.insert(language.to_owned(), locale(&path.display().to_string(), &text, &prefix, &mut report));
    }
    if report.is_clean() { Ok(locales) } else { Err(ended::problems("the folder locales", &report.finish())) }
}

/// The file of a language.
pub(super) fn file_name(language: &str) -> String {
    format!("locales/{language}.toml")
}

fn locale(name: &str, text: &str, prefix: &str, report: &mut Report) -> Locale {
    let file = report.file(name, text);
    let table = parse(report, file, text);
    let root = Entry::new(table.get_ref(), Place { file, span: 0..0 });
    let mut locale = Locale::new();
    for (rule, place) in root.keys() {
        if !rule.starts_with(prefix) {
            let message = format!("`{rule}` is no rule of this plugin");
            report.add(&place, "", message, format!("rules of the plugin begin with {prefix}; rename it or remove the table"));
        }
        let Some(mut entry) = root.entry(report, &rule) else { continue };
        entry.item.clone_from(&rule);
        let mut read = |key: &str| entry.text(report, key).map(|found| found.value);
        let texts = (read("says"), read("why"), read("fix"));
        entry.finish(report);
        if let (Some(says), Some(why), Some(fix)) = texts {
            locale.insert(rule, Texts { says, why, fix });
        }
    }
    locale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_and_belongs_to_the_plugin() {
        let mut report = Report::default();
        let text = "[ACME-A]\nsays = \"a\"\nwhy = \"b\"\nfix = \"c\"\n[ACME-B]\nsays = \"a\"\nwhy = \"b\"\n[KE-AGE-01]\nsays = \"a\"\nwhy = \"b\"\nfix = \"c\"\n";
        let locale = locale("en.toml", text, "ACME-", &mut report);
        assert_eq!(locale.keys().collect::<Vec<_>>(), ["ACME-A", "KE-AGE-01"]);
        let problems: Vec<String> = report.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "en.toml:5:1: ACME-B: `fix` is missing; add `fix = …`, a text in quotes",
                "en.toml:8:2: `KE-AGE-01` is no rule of this plugin; rules of the plugin begin with ACME-; rename it or remove the table",
            ]
        );
    }
}
