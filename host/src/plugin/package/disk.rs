//! Files of this machine: whole, bounded, and never through a link below the folder that the caller has named.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;

use super::archive::checked_name;
use super::error::{Error, shown};
use super::limits::{FOLDER_DEPTH_MAX, TAR_ENTRIES_MAX};

/// The bytes of a file that must be there. `what` is its name for people.
pub(super) fn read(path: &Path, what: &str, bytes_max: u64) -> Result<Bytes, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    // A device would be waited for, and has no end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Error::TooLarge { what: what.to_owned(), bytes_max });
    }
    Ok(bytes.into())
}

/// The bytes of a file below a folder; none when it is not there.
pub(super) fn read_below(root: &Path, name: &str, bytes_max: u64) -> Result<Option<Bytes>, Error> {
    let name = checked_name("the folder", name)?;
    if !is_there(root, name)? {
        return Ok(None);
    }
    read(&root.join(name), name, bytes_max).map(Some)
}

/// Every file below a folder, sorted, by its name from there. None when the folder is not there.
pub(super) fn list_below(root: &Path, folder: &str) -> Result<Vec<String>, Error> {
    let folder = checked_name("the folder", folder)?;
    let mut found = Vec::new();
    if is_there(root, folder)? {
        walk(&root.join(folder), folder, "", 0, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// Whether something lies there. A link on the way is refused: it could lead anywhere.
fn is_there(root: &Path, name: &str) -> Result<bool, Error> {
    let mut path = root.to_owned();
    for part in name.split('/') {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => return Err(Error::NotAFile { path }),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok(true)
}

fn walk(folder: &Path, what: &str, prefix: &str, depth: usize, found: &mut Vec<String>) -> Result<(), Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    if depth > FOLDER_DEPTH_MAX {
        return Err(Error::TooDeep { path: folder.to_owned() });
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(Error::NameUnfit { what: what.to_owned(), name: shown(&name.to_string_lossy()) });
        };
        // Editors and version control leave hidden files; a package has none.
        if name.starts_with('.') {
            continue;
        }
        let name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            walk(&entry.path(), what, &name, depth + 1, found)?;
        } else if kind.is_file() {
            found.push(checked_name(what, &name)?.to_owned());
        } else {
            return Err(Error::NotAFile { path: entry.path() });
        }
        if found.len() > TAR_ENTRIES_MAX {
            return Err(Error::TooManyEntries { what: what.to_owned() });
        }
    }
    Ok(())
}
