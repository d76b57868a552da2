//! `locales/*.toml` of a plugin: its sentences, a table for each rule.

use anyhow::{Context as _, Result};
use roro_pack::Locale;
use roro_pack::reader::Report;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use super::ended;
use super::project::Project;
use crate::plugin::{LANGUAGES, locale_file, read_locale};

/// The sentences of a project by language. A language whose file is not there has none; whoever needs them says so.
pub(super) fn read(project: &Project) -> Result<BTreeMap<String, Locale>> {
    let mut report = Report::default();
    let mut locales = BTreeMap::new();
    for language in LANGUAGES {
        let path = project.path(&locale_file(language));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(ended::wrong_input(format!("{} is no UTF-8\nSave it as UTF-8", path.display())));
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        locales.insert(language.to_owned(), read_locale(&path.display().to_string(), &text, &project.manifest.id, &mut report));
    }
    if report.is_clean() { Ok(locales) } else { Err(ended::problems("the folder locales", &report.finish())) }
}
