//! What an administrator fills in.

use roro_pack::compile::Titles;
use roro_pack::reader::{Entry, Place, Report, suggest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::Seen;
use super::text::{SENTENCE_CHARS_MAX, TITLE_CHARS_MAX, belongs, choices, entries, key, pairs, shown, titles};
use super::word::SettingKind;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::Day;

/// The most settings of a plugin: more are no form that a person fills in.
const SETTINGS_MAX: usize = 60;
/// The length of a text or a secret that the manifest does not limit, characters.
const LENGTH_DEFAULT: u32 = 200;
/// The length that a manifest may allow, characters.
const LENGTH_MAX: u32 = 4000;

/// A setting: a field of the form that the administrator fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginSetting")]
pub struct Setting {
    /// Its name for the component and for programs.
    pub key: String,
    /// What it is.
    pub kind: SettingKind,
    /// Its name by language.
    pub title: Titles,
    /// What to write there, by language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Titles>,
    /// Whether it must be filled in.
    pub required: bool,
    /// What holds while it is not filled in, written as settings are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The least whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The greatest whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// The most characters of a text or a secret; always there for these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_max: Option<u32>,
    /// The words of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What is wrong with a value, and what to do.
pub(super) type Fault = (String, String);

impl Setting {
    /// The one way to write this value, when the value fits.
    pub(super) fn canonical(&self, value: &str) -> Result<String, Fault> {
        match self.kind {
            SettingKind::Text => self.text(value.replace("\r\n", "\n").trim()),
            // Blanks around a secret may belong to it.
            SettingKind::Secret => self.short(value).map(|()| value.to_owned()),
            SettingKind::Integer => self.integer(value.trim()),
            SettingKind::Decimal => {
                let decimal = value.trim().parse::<Decimal>();
                decimal
                    .map(|decimal| decimal.to_string())
                    .map_err(|_| unlike(value, "decimal", "digits with at most one point, for example 1.50"))
            }
            SettingKind::Boolean => {
                let answer = value.trim().parse::<bool>();
                answer.map(|answer| answer.to_string()).map_err(|_| unlike(value, "answer", "true or false"))
            }
            SettingKind::Date => {
                let day = value.trim().parse::<Day>().ok().map(|day| day.to_string()).filter(|day| day == value.trim());
                day.ok_or_else(|| unlike(value, "date", "year-month-day, for example 2026-01-31"))
            }
            SettingKind::Choice if self.choices.iter().any(|choice| choice == value) => Ok(value.to_owned()),
            SettingKind::Choice => {
                let fix = suggest(value, self.choices.iter().map(String::as_str), "choose one of the list");
                Err((format!("`{}` is not in the list", shown(value)), fix))
            }
        }
    }

    fn text(&self, value: &str) -> Result<String, Fault> {
        self.short(value)?;
        if value.contains(|letter: char| letter.is_control() && letter != '\n') {
            return Err(("the text has a control character".to_owned(), "write plain text".to_owned()));
        }
        Ok(value.to_owned())
    }

    fn short(&self, value: &str) -> Result<(), Fault> {
        let (chars, chars_max) = (value.chars().count(), self.length_max.unwrap_or(LENGTH_DEFAULT));
        if u32::try_from(chars).is_ok_and(|chars| chars <= chars_max) {
            return Ok(());
        }
        Err((format!("{chars} characters are too many"), format!("write at most {chars_max}")))
    }

    fn integer(&self, value: &str) -> Result<String, Fault> {
        let number: i64 = value.parse().map_err(|_| unlike(value, "whole number", "digits, for example 10"))?;
        if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
            return Err((format!("{number} is too small"), format!("write at least {minimum}")));
        }
        if let Some(maximum) = self.maximum.filter(|maximum| number > *maximum) {
            return Err((format!("{number} is too large"), format!("write at most {maximum}")));
        }
        Ok(number.to_string())
    }
}

fn unlike(value: &str, what: &str, write: &str) -> Fault {
    (format!("`{}` is no {what}", shown(value)), format!("write {write}"))
}

pub(super) fn load(root: &Entry<'_, '_>, seen: &mut Seen, report: &mut Report) -> Vec<Setting> {
    entries(root, "config", SETTINGS_MAX, report).into_iter().filter_map(|entry| setting(entry, seen, report)).collect()
}

fn setting(mut entry: Entry<'_, '_>, seen: &mut Seen, report: &mut Report) -> Option<Setting> {
    let key = key(&mut entry, "setting", "", &mut seen.settings, report);
    let kind = entry.word(report, "kind", &pairs(SettingKind::ALL, SettingKind::as_str));
    if kind == Some(SettingKind::Secret) && seen.secret.is_none() {
        seen.secret = Some((entry.place_of("kind"), entry.item.clone()));
    }
    let title = titles(&entry, "title", TITLE_CHARS_MAX, report);
    let help = if entry.has("help") { titles(&entry, "help", SENTENCE_CHARS_MAX, report) } else { None };
    entry.ask("help");
    let required = entry.boolean(report, "required").unwrap_or(false);
    let (minimum, maximum) = bounds(&entry, kind, report);
    let length_max = length(&entry, kind, report);
    let choices = choices(&entry, kind.map(|kind| kind == SettingKind::Choice), report);
    let default = default(&entry, kind, report);
    entry.finish(report);
    let (kind, is_whole) = (kind?, key.is_some() && title.is_some());
    // The default is checked also where the name is missing: both are to be said at once.
    let (key, title) = (key.unwrap_or_default(), title.unwrap_or_default());
    let mut setting = Setting { key, kind, title, help, required, default: None, minimum, maximum, length_max, choices };
    let is_open = kind == SettingKind::Choice && setting.choices.is_empty();
    if let Some((text, place)) = default.filter(|_| !is_open) {
        match setting.canonical(&text) {
            Ok(canonical) => setting.default = Some(canonical),
            Err((message, fix)) => report.add(&place, &entry.item, format!("`default` does not fit: {message}"), fix),
        }
    }
    is_whole.then_some(setting)
}

fn bounds(entry: &Entry<'_, '_>, kind: Option<SettingKind>, report: &mut Report) -> (Option<i64>, Option<i64>) {
    let (minimum, maximum) = (entry.optional_integer(report, "minimum"), entry.optional_integer(report, "maximum"));
    for key in ["minimum", "maximum"] {
        belongs(entry, key, "`integer`", kind.map(|kind| kind == SettingKind::Integer), report);
    }
    let (minimum, maximum) = (minimum.map(|found| found.value), maximum.map(|found| found.value));
    if let (Some(least), Some(greatest)) = (minimum, maximum)
        && least > greatest
    {
        let message = format!("`minimum` {least} is above `maximum` {greatest}");
        report.add(&entry.place_of("minimum"), &entry.item, message, "change one of them");
    }
    (minimum, maximum)
}

fn length(entry: &Entry<'_, '_>, kind: Option<SettingKind>, report: &mut Report) -> Option<u32> {
    let found = entry.optional_integer(report, "length_max");
    belongs(entry, "length_max", "`text` or `secret`", kind.map(SettingKind::has_length), report);
    let Some(found) = found else { return kind.filter(|kind| kind.has_length()).map(|_| LENGTH_DEFAULT) };
    let length = u32::try_from(found.value).ok().filter(|length| (1..=LENGTH_MAX).contains(length));
    if length.is_none() {
        let fix = format!("write a number from 1 to {LENGTH_MAX}");
        report.add(&found.place, &entry.item, format!("`length_max` is {}", found.value), fix);
    }
    length
}

/// The default as a text. A secret has none: whoever holds the package would know it.
fn default(entry: &Entry<'_, '_>, kind: Option<SettingKind>, report: &mut Report) -> Option<(String, Place)> {
    let key = "default";
    entry.ask(key);
    if !entry.has(key) {
        return None;
    }
    let text = match kind? {
        SettingKind::Secret => {
            report.add(&entry.place_of(key), &entry.item, "a secret has no default", "remove `default`");
            None
        }
        SettingKind::Boolean => entry.boolean(report, key).map(|answer| answer.to_string()),
        SettingKind::Integer => entry.optional_integer(report, key).map(|found| found.value.to_string()),
        SettingKind::Text | SettingKind::Decimal | SettingKind::Choice | SettingKind::Date => {
            entry.optional_text(report, key).map(|found| found.value)
        }
    };
    text.map(|text| (text, entry.place_of(key)))
}
