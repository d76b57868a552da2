//! Problems: what is wrong, where, and what to do. A reader collects all of them before it gives up.

use std::fmt;
use std::ops::Range;

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file in the folder that is read.
    pub file: String,
    /// The line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// The column in characters, from 1; 0 like the line.
    pub column: usize,
    /// The rule, document, hook or other part that it belongs to; may be empty.
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
pub struct Place {
    /// The number that [`Report::file`] gave.
    pub file: usize,
    /// The bytes.
    pub span: Range<usize>,
}

/// A file that is read.
#[derive(Debug)]
struct File {
    name: String,
    text: String,
    /// Where each line begins, bytes: a file with many problems is not searched again for each of them.
    lines: Vec<usize>,
}

impl File {
    /// The line and the column of a byte, from 1.
    fn position(&self, byte: usize) -> (usize, usize) {
        let end = self.text.get(..byte).map_or(self.text.len(), str::len);
        let line = self.lines.partition_point(|begin| *begin <= end);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        (line, self.text.get(begin..end).unwrap_or_default().chars().count() + 1)
    }
}

/// The texts of the files that are read, and the problems found in them.
#[derive(Debug, Default)]
pub struct Report {
    files: Vec<File>,
    problems: Vec<Problem>,
}

impl Report {
    /// Adds a file's text; the number stands for it in places.
    pub fn file(&mut self, name: &str, text: &str) -> usize {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(File { name: name.to_owned(), text: text.to_owned(), lines });
        self.files.len() - 1
    }

    /// The text of a file; empty when no file has the number.
    #[must_use]
    pub fn text(&self, file: usize) -> &str {
        self.files.get(file).map(|file| file.text.as_str()).unwrap_or_default()
    }

    /// A problem at a place.
    pub fn add(&mut self, place: &Place, item: &str, message: impl Into<String>, fix: impl Into<String>) {
        let file = self.files.get(place.file);
        let (line, column) = file.map_or((1, 1), |file| file.position(place.span.start));
        let file = file.map(|file| file.name.clone()).unwrap_or_default();
        self.problems.push(Problem { file, line, column, item: item.to_owned(), message: message.into(), fix: fix.into() });
    }

    /// A problem of a file as a whole, or of one that is not there.
    pub fn add_to_file(&mut self, file: &str, item: &str, message: impl Into<String>, fix: impl Into<String>) {
        let (file, item) = (file.to_owned(), item.to_owned());
        self.problems.push(Problem { file, line: 0, column: 0, item, message: message.into(), fix: fix.into() });
    }

    /// The problems by file and line.
    #[must_use]
    pub fn finish(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    /// Whether there is no problem so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// `did you mean …?` with the nearest of the known words, or the list when it is short, or the other advice.
#[must_use]
pub fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>, otherwise: &str) -> String {
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
