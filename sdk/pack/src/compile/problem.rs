//! Problems of a pack: what is wrong, where, and what to do. A compile collects all of them before it gives up.

use std::fmt;
use std::ops::Range;

/// Something that is wrong in a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file in the pack's folder.
    pub file: String,
    /// The line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// The column in characters, from 1; 0 like the line.
    pub column: usize,
    /// The rule, document, table or milestone that it belongs to; may be empty.
    pub item: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        if !self.item.is_empty() {
            write!(formatter, ": {}", self.item)?;
        }
        write!(formatter, ": {}; {}", self.message, self.fix)
    }
}

impl std::error::Error for Problem {}

/// Where something stands: a file and a range of bytes in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

/// The texts of the pack's files, and the problems found in them.
#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Report {
    /// Adds a file's text; the number stands for it in places.
    pub(super) fn file(&mut self, name: &str, text: &str) -> usize {
        self.files.push((name.to_owned(), text.to_owned()));
        self.files.len() - 1
    }

    pub(super) fn text(&self, file: usize) -> &str {
        self.files.get(file).map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    /// A problem at a place.
    pub(super) fn add(&mut self, place: &Place, item: &str, message: impl Into<String>, fix: impl Into<String>) {
        let (file, text) = self.files.get(place.file).map(|(name, text)| (name.clone(), text.as_str())).unwrap_or_default();
        let before = text.get(..place.span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.problems.push(Problem { file, line, column, item: item.to_owned(), message: message.into(), fix: fix.into() });
    }

    /// A problem of a file as a whole, or of one that is not there.
    pub(super) fn add_to_file(&mut self, file: &str, item: &str, message: impl Into<String>, fix: impl Into<String>) {
        let (file, item) = (file.to_owned(), item.to_owned());
        self.problems.push(Problem { file, line: 0, column: 0, item, message: message.into(), fix: fix.into() });
    }

    /// The problems by file and line.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// `did you mean …?` with the nearest of the known words, or the list when it is short, or the other advice.
pub(super) fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>, otherwise: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known.iter().map(|candidate| (distance(word, candidate), *candidate)).min();
    match nearest {
        Some((distance, candidate)) if distance <= (word.chars().count() / 3).max(1) && distance < word.chars().count() => {
            format!("did you mean `{candidate}`?")
        }
        _ if !known.is_empty() && known.len() <= 12 => format!("write one of: {}", known.join(", ")),
        _ => otherwise.to_owned(),
    }
}

/// How many letters must be typed, dropped or changed to turn one word into the other.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (at, letter) in one.chars().take(80).enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&two) {
            let above = *cell;
            let changed = diagonal + usize::from(letter != *other);
            *cell = changed.min(above + 1).min(left + 1);
            diagonal = above;
            left = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}
