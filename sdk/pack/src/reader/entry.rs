//! The tables of a file: every missing, misspelt or mistyped key becomes a problem, and reading goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Report, suggest};
use crate::date::Date;

/// A table of a file. Remembers which keys were asked for, so that the others can be reported.
pub struct Entry<'e, 'i> {
    table: &'e DeTable<'i>,
    /// Where it stands. A missing key is reported here.
    pub place: Place,
    /// The id that problems name; empty until it is known.
    pub item: String,
    asked: RefCell<BTreeSet<String>>,
}

/// A value with its place.
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Parses a file; syntax problems are reported and the readable rest is returned.
pub fn parse<'i>(report: &mut Report, file: usize, text: &'i str) -> Spanned<DeTable<'i>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = Place { file, span: error.span().unwrap_or_default() };
        report.add(&place, "", format!("the TOML cannot be read: {}", error.message()), "correct the syntax");
    }
    table
}

impl<'e, 'i> Entry<'e, 'i> {
    /// A table of a file, and where it stands.
    #[must_use]
    pub fn new(table: &'e DeTable<'i>, place: Place) -> Self {
        Self { table, place, item: String::new(), asked: RefCell::default() }
    }

    /// Where the value of a key stands; the place of the table when the key is not there.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        self.table.get(key).map_or_else(|| self.place.clone(), |value| Place { file: self.place.file, span: value.span() })
    }

    /// Whether the key is there, whatever its value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Counts a key as asked for: it is known, and another problem keeps it from being read.
    pub fn ask(&self, key: &str) {
        self.asked.borrow_mut().insert(key.to_owned());
    }

    fn raw(&self, key: &str) -> Option<(&'e DeValue<'i>, Place)> {
        self.ask(key);
        self.table.get(key).map(|value| (value.get_ref(), Place { file: self.place.file, span: value.span() }))
    }

    fn wrong(&self, report: &mut Report, key: &str, place: &Place, wanted: &str, found: &DeValue<'_>) {
        report.add(place, &self.item, format!("`{key}` is {}", found.type_str()), format!("write {wanted}"));
    }

    /// Reports the key when it is not there.
    fn must_be<T>(&self, report: &mut Report, key: &str, wanted: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            report.add(&self.place, &self.item, format!("`{key}` is missing"), format!("add `{key} = …`, {wanted}"));
        }
        value
    }

    /// A text that is not blank, if the key is there.
    pub fn optional_text(&self, report: &mut Report, key: &str) -> Option<Found<String>> {
        let (value, place) = self.raw(key)?;
        let Some(text) = value.as_str() else {
            self.wrong(report, key, &place, "a text in quotes", value);
            return None;
        };
        if text.trim().is_empty() {
            report.add(&place, &self.item, format!("`{key}` is empty"), "write the text or remove the key");
            return None;
        }
        Some(Found { value: text.to_owned(), place })
    }

    /// A text that is not blank.
    pub fn text(&self, report: &mut Report, key: &str) -> Option<Found<String>> {
        let value = self.optional_text(report, key);
        self.must_be(report, key, "a text in quotes", value)
    }

    /// A JSON pointer, if the key is there; it may be empty.
    pub fn pointer(&self, report: &mut Report, key: &str) -> Option<Found<String>> {
        let (value, place) = self.raw(key)?;
        let Some(text) = value.as_str() else {
            self.wrong(report, key, &place, "a JSON pointer in quotes", value);
            return None;
        };
        if !text.is_empty() && !text.starts_with('/') {
            report.add(&place, &self.item, format!("`{key}` is no JSON pointer"), "begin it with a slash, for example \"/hs6\"");
        }
        Some(Found { value: text.to_owned(), place })
    }

    /// A whole number, if the key is there.
    pub fn optional_integer(&self, report: &mut Report, key: &str) -> Option<Found<i64>> {
        let (value, place) = self.raw(key)?;
        let number = value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if number.is_none() {
            self.wrong(report, key, &place, "a whole number", value);
        }
        number.map(|value| Found { value, place })
    }

    /// A whole number.
    pub fn integer(&self, report: &mut Report, key: &str) -> Option<Found<i64>> {
        let value = self.optional_integer(report, key);
        self.must_be(report, key, "a whole number", value)
    }

    /// True or false, if the key is there.
    pub fn boolean(&self, report: &mut Report, key: &str) -> Option<bool> {
        let (value, place) = self.raw(key)?;
        let answer = value.as_bool();
        if answer.is_none() {
            self.wrong(report, key, &place, "true or false", value);
        }
        answer
    }

    /// A date without a time, if the key is there.
    pub fn optional_date(&self, report: &mut Report, key: &str) -> Option<Found<Date>> {
        let (value, place) = self.raw(key)?;
        let date = value.as_datetime().filter(|time| time.time.is_none() && time.offset.is_none()).and_then(|time| time.date);
        let date = date.and_then(|date| Date::new(i32::from(date.year), date.month, date.day));
        if date.is_none() {
            self.wrong(report, key, &place, "a date without quotes, for example 2026-01-01", value);
        }
        date.map(|value| Found { value, place })
    }

    /// A date without a time.
    pub fn date(&self, report: &mut Report, key: &str) -> Option<Found<Date>> {
        let value = self.optional_date(report, key);
        self.must_be(report, key, "a date without quotes, for example 2026-01-01", value)
    }

    /// One of the known words, as what it stands for, if the key is there.
    pub fn optional_word<T: Copy>(&self, report: &mut Report, key: &str, known: &[(&str, T)]) -> Option<T> {
        let found = self.optional_text(report, key)?;
        let meaning = known.iter().find(|(word, _)| *word == found.value).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let fix = suggest(&found.value, known.iter().map(|(word, _)| *word), "see the README of the format");
            report.add(&found.place, &self.item, format!("`{key}` does not know `{}`", found.value), fix);
        }
        meaning
    }

    /// One of the known words, as what it stands for.
    pub fn word<T: Copy>(&self, report: &mut Report, key: &str, known: &[(&str, T)]) -> Option<T> {
        let value = self.optional_word(report, key, known);
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        self.must_be(report, key, &format!("one of {}", words.join(", ")), value)
    }

    /// The tables of an array of tables; none when the key is not there.
    pub fn entries(&self, report: &mut Report, key: &str) -> Vec<Entry<'e, 'i>> {
        let Some((value, place)) = self.raw(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong(report, key, &place, &format!("tables under [[{key}]]"), value);
            return Vec::new();
        };
        let mut entries = Vec::new();
        for value in array.iter() {
            let place = Place { file: self.place.file, span: value.span() };
            match value.get_ref().as_table() {
                Some(table) => entries.push(Entry::new(table, place)),
                None => self.wrong(report, key, &place, &format!("tables under [[{key}]]"), value.get_ref()),
            }
        }
        entries
    }

    /// A table below a key, if the key is there.
    pub fn entry(&self, report: &mut Report, key: &str) -> Option<Entry<'e, 'i>> {
        let (value, place) = self.raw(key)?;
        let Some(table) = value.as_table() else {
            self.wrong(report, key, &place, "a table", value);
            return None;
        };
        Some(Entry { table, place, item: self.item.clone(), asked: RefCell::default() })
    }

    /// Every key with its place, all of them counted as asked for.
    #[must_use]
    pub fn keys(&self) -> Vec<(String, Place)> {
        let keys = self.table.keys().map(|key| {
            self.asked.borrow_mut().insert(key.get_ref().to_string());
            (key.get_ref().to_string(), Place { file: self.place.file, span: key.span() })
        });
        keys.collect()
    }

    /// The texts of an array, each with its place, if the key is there.
    pub fn optional_texts(&self, report: &mut Report, key: &str) -> Option<Vec<Found<String>>> {
        let (value, place) = self.raw(key)?;
        let read = |text: &Spanned<DeValue<'i>>| {
            let place = Place { file: self.place.file, span: text.span() };
            text.get_ref().as_str().map(|value| Found { value: value.to_owned(), place })
        };
        let texts: Option<Option<Vec<Found<String>>>> = value.as_array().map(|array| array.iter().map(read).collect());
        let texts = texts.flatten();
        if texts.is_none() {
            self.wrong(report, key, &place, "a list of texts", value);
        }
        texts
    }

    /// The texts of an array; none when the key is not there.
    pub fn texts(&self, report: &mut Report, key: &str) -> Vec<String> {
        self.optional_texts(report, key).into_iter().flatten().map(|found| found.value).collect()
    }

    /// The whole numbers of an array; none when the key is not there.
    pub fn integers(&self, report: &mut Report, key: &str) -> Vec<i64> {
        let Some((value, place)) = self.raw(key) else { return Vec::new() };
        let read = |number: &Spanned<DeValue<'i>>| {
            number.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
        };
        let numbers: Option<Option<Vec<i64>>> = value.as_array().map(|array| array.iter().map(read).collect());
        numbers.flatten().unwrap_or_else(|| {
            self.wrong(report, key, &place, "a list of whole numbers", value);
            Vec::new()
        })
    }

    /// A text in English and in Chinese.
    pub fn title(&self, report: &mut Report, key: &str) -> Option<(String, String)> {
        let entry = self.entry(report, key);
        let mut entry = self.must_be(report, key, "{ en = \"…\", zh = \"…\" }", entry)?;
        entry.item.clone_from(&self.item);
        let (english, chinese) = (entry.text(report, "en"), entry.text(report, "zh"));
        entry.finish(report);
        Some((english?.value, chinese?.value))
    }

    /// Reports every key that nobody asked for.
    pub fn finish(&self, report: &mut Report) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !asked.contains(name) {
                let place = Place { file: self.place.file, span: key.span() };
                let fix = suggest(name, asked.iter().map(String::as_str), "remove it");
                report.add(&place, &self.item, format!("the format has no key `{name}` here"), fix);
            }
        }
    }
}
