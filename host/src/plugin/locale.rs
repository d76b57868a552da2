//! `locales/*.toml` of a plugin: its sentences, a table for each rule. The author's commands and the installation read them alike.

use roro_pack::reader::{Entry, Place, Report, parse};
use roro_pack::{Locale, Texts};

use super::manifest::rule_prefix;

/// The languages in which a plugin may speak; the first one it must.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];

/// The file of a language, below the plugin's folder.
#[must_use]
pub fn locale_file(language: &str) -> String {
    format!("locales/{language}.toml")
}

/// Reads the sentences of the plugin `id` from a file; what is wrong with them goes into the report.
pub fn read_locale(name: &str, text: &str, id: &str, report: &mut Report) -> Locale {
    let prefix = rule_prefix(id);
    let file = report.file(name, text);
    let table = parse(report, file, text);
    let root = Entry::new(table.get_ref(), Place { file, span: 0..0 });
    let mut locale = Locale::new();
    for (rule, place) in root.keys() {
        if !rule.starts_with(&prefix) {
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
        let locale = read_locale("en.toml", text, "acme", &mut report);
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
