//! What a project depends on, and what of it has changed. It looks; it does not wait to be told, so it needs nothing of the system.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files and folders of a project that decide what its component is, in any language. Not the locks: cargo and npm write them while they build.
const CODE: [&str; 6] = ["src", "roro-sdk", "Cargo.toml", "package.json", "tsconfig.json", "requirements.txt"];
/// Folders in them that tools write.
const WRITTEN: [&str; 3] = ["target", "node_modules", "__pycache__"];
/// Those that decide what its fixtures find.
const DATA: [&str; 3] = ["plugin.toml", "locales", "fixtures"];
/// Folders below one another. Deeper ones are no one's sources.
const DEPTH_MAX: usize = 8;

/// The files of a project, each with when it was written and how large it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen(BTreeMap<PathBuf, (SystemTime, u64)>);

impl Seen {
    /// Looks at a project now. What cannot be read is not there.
    pub(super) fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for name in CODE.iter().chain(&DATA) {
            look(&folder.join(name), Path::new(name), 0, &mut files);
        }
        Self(files)
    }

    /// The files that were written, added or removed since, by name.
    pub(super) fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let differs = |path: &&PathBuf| self.0.get(*path) != before.0.get(*path);
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        let mut changed: Vec<PathBuf> = self.0.keys().filter(differs).chain(gone).cloned().collect();
        changed.sort();
        changed
    }

    /// A file that decides what the component is and was written after a moment.
    pub(super) fn code_after(&self, moment: SystemTime) -> Option<PathBuf> {
        let is_late = |path: &Path, at: SystemTime| is_code(path) && at > moment;
        self.0.iter().find(|(path, (at, _))| is_late(path, *at)).map(|(path, _)| path.clone())
    }
}

/// Whether a file decides what the component is.
pub(super) fn is_code(path: &Path) -> bool {
    CODE.iter().any(|name| path.starts_with(name))
}

fn look(path: &Path, name: &Path, depth: usize, files: &mut BTreeMap<PathBuf, (SystemTime, u64)>) {
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_file() {
        files.insert(name.to_owned(), (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten().filter(|_| depth < DEPTH_MAX) {
        let file = entry.file_name();
        // Editors leave hidden files while they save.
        if file.to_str().is_some_and(|file| !file.starts_with('.') && !WRITTEN.contains(&file)) {
            look(&entry.path(), &name.join(&file), depth + 1, files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_added_or_removed_has_changed() {
        let at = |second: u64| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(second);
        let seen =
            |files: &[(&str, u64)]| Seen(files.iter().map(|(name, second)| (PathBuf::from(name), (at(*second), 1))).collect());
        let before = seen(&[("plugin.toml", 1), ("src/a.rs", 1), ("src/b.rs", 1)]);
        let after = seen(&[("plugin.toml", 1), ("src/a.rs", 2), ("src/c.rs", 1)]);
        assert_eq!(after.changed_since(&before), ["src/a.rs", "src/b.rs", "src/c.rs"].map(PathBuf::from));
        assert_eq!(after.changed_since(&after), [] as [PathBuf; 0]);
        assert_eq!(after.code_after(at(1)), Some(PathBuf::from("src/a.rs")));
        assert_eq!(after.code_after(at(2)), None);
        assert!(is_code(Path::new("roro-sdk/wit/world.wit")) && !is_code(Path::new("fixtures/a/order.json")));
    }
}
