//! The book for authors and administrators of plugins (`docs/book`): what it shows is run, what it lists is compared with the code.
//!
//! A part that the code knows better stands between two marks, `<!-- name -->` and `<!-- /name -->`. When it is not what it should be, the whole
//! chapter as it should be is left in `target/book-tests`, to be looked at and copied. No test changes the book.

mod chapters;
mod extism;
mod first_plugin;
mod hooks;
mod limits;
mod manifest;
mod security;
mod states;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::support::root;

/// The folder of the chapters.
fn folder() -> PathBuf {
    root().join("docs/book/src")
}

fn chapter(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The part of a chapter between its marks.
fn part(chapter: &str, name: &str) -> String {
    let between = || {
        let (_, from) = chapter.split_once(&format!("<!-- {name} -->\n"))?;
        Some(from.split_once(&format!("<!-- /{name} -->"))?.0.trim_matches('\n').to_owned())
    };
    between().unwrap_or_else(|| panic!("the chapter has no part `{name}` between its marks"))
}

/// The part of a chapter is this, apart from blank lines around it.
fn must_be(file: &str, name: &str, expected: &str) {
    let (text, expected) = (chapter(file), expected.trim_matches('\n'));
    let found = part(&text, name);
    if found == expected {
        return;
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let house = root().join("target/book-tests");
    std::fs::create_dir_all(&house).unwrap();
    let path = house.join(file);
    // Several parts of one chapter are put right one after the other, also when the chapter itself was edited meanwhile.
    let changed = |path: &Path| std::fs::metadata(path).and_then(|about| about.modified()).ok();
    let is_newer = changed(&path) > changed(&folder().join(file));
    let text = std::fs::read_to_string(&path).ok().filter(|_| is_newer).unwrap_or(text);
    let (before, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    let (_, after) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    std::fs::write(&path, format!("{before}<!-- {name} -->\n\n{expected}\n\n<!-- /{name} -->{after}")).unwrap();
    let differs = found.lines().zip(expected.lines()).find(|(one, other)| one != other);
    panic!("`{name}` of docs/book/src/{file} is out of date, at {differs:#?}: compare it with {} and copy that", path.display());
}

/// The rows of a table, without its head; a cell is trimmed.
fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A fenced block: what follows the fence, and its lines.
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) lines: Vec<String>,
}

pub(crate) fn blocks(chapter: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    for line in chapter.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { info: info.to_owned(), lines: Vec::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}
