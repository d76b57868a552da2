//! `roro plugin …` as an author uses it: the real program, a folder for each test, real components.
//!
//! What cargo compiles for them lies in `target/author-tests` and stays there, so that only the first run of a machine waits. A test's folder
//! is emptied when the test begins, not when it ends: what a failed test has left can be looked at.

mod apps;
mod dev;
mod explain;
mod fixtures;
mod inspect;
pub(crate) mod languages;
mod life;
mod new;
mod sign;
mod templates;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::root;

/// The plugin of most tests: made and built once.
const GUARD: &str = "acme-guard";

/// A folder of one test, and the program in it.
pub(crate) struct Desk(PathBuf);

impl Desk {
    pub(crate) fn new(test: &str) -> Self {
        let folder = house().join("desks").join(test);
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A desk with the built project of the guard in `acme-guard`.
    pub(crate) fn with_guard(test: &str) -> Self {
        static GUARD_BUILT: OnceLock<PathBuf> = OnceLock::new();
        let built = GUARD_BUILT.get_or_init(|| {
            let desk = Self::new("the-guard-itself");
            desk.run(&["plugin", "new", GUARD, "--lang", "rust", "--hook", "order-guard"]).done();
            desk.run(&["plugin", "build", GUARD]).done();
            desk.path(GUARD)
        });
        let desk = Self::new(test);
        copy(built, &desk.path(GUARD));
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        // As editors save: nobody who watches sees the half of a file.
        std::fs::write(self.path(".saved"), text).unwrap();
        std::fs::rename(self.path(".saved"), self.path(name)).unwrap();
    }

    /// Replaces a piece of a file, which must be there.
    fn edit(&self, name: &str, piece: &str, other: &str) {
        let text = self.read(name);
        assert!(text.contains(piece), "{name} has no `{piece}`");
        self.write(name, &text.replace(piece, other));
    }

    pub(crate) fn roro(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roro"));
        command.args(arguments).current_dir(&self.0).env("CARGO_TARGET_DIR", house().join("cargo"));
        command.env("RORO_DATA_DIR", house().join("data"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.roro(arguments).output().unwrap())
    }
}

/// Where the tests of this folder keep what they make.
pub(crate) fn house() -> PathBuf {
    root().join("target/author-tests")
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// It ended with this code.
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    pub(crate) fn done(self) -> Self {
        self.ends(0)
    }

    /// Its output.
    pub(crate) fn said(&self) -> &str {
        &self.out
    }

    /// Its output is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The last line of its errors, which says what to do.
    fn fix(&self) -> &str {
        self.err.lines().last().unwrap_or_default()
    }

    pub(crate) fn has_said(&self, pieces: &[&str]) -> &Self {
        for piece in pieces {
            assert!(self.out.contains(piece) || self.err.contains(piece), "`{piece}` is not in {self:#?}");
        }
        self
    }
}
