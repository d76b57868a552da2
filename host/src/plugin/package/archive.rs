//! Tar archives: the layers of files, and a whole layout as one file.
//!
//! Written, the bytes depend on names and content alone: sorted, no times, no owners. Read, an archive holds files and folders, once each and
//! under plain names; whatever else tar can say is refused. The files are slices of the archive: nothing is copied, nothing reaches a disk.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bytes::Bytes;
use tar::EntryType;

use super::error::{Error, shown};
use super::limits::{NAME_BYTES_MAX, TAR_ENTRIES_MAX};

const FILE_MODE: u32 = 0o644;

/// Writes files as a tar archive.
pub(super) fn write(files: &BTreeMap<String, Bytes>, into: impl Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(into);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(FILE_MODE);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, name, bytes.as_ref())?;
    }
    archive.into_inner()?.flush()
}

/// The files of an archive, by name. `what` is the archive's name for people.
pub(super) fn read(what: &str, archive: &Bytes) -> Result<BTreeMap<String, Bytes>, Error> {
    let damaged = |source| Error::Archive { what: what.to_owned(), source };
    let mut files = BTreeMap::new();
    for (count, entry) in tar::Archive::new(archive.as_ref()).entries().map_err(damaged)?.enumerate() {
        if count == TAR_ENTRIES_MAX {
            return Err(Error::TooManyEntries { what: what.to_owned() });
        }
        let entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            checked_folder(what, &name)?;
            continue;
        }
        let name = checked_name(what, own_name(&name))?.to_owned();
        if kind != EntryType::Regular {
            return Err(Error::NotRegular { what: what.to_owned(), name, kind: kind_name(kind) });
        }
        let bytes = slice(archive, entry.raw_file_position(), entry.size())
            .ok_or_else(|| damaged(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends before its last file")))?;
        if files.contains_key(&name) {
            return Err(Error::NameTwice { what: what.to_owned(), name });
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

/// A name that a package may hold: relative, plain parts with `/` between them, nothing that leads elsewhere or cannot be shown.
pub(super) fn checked_name<'a>(what: &str, name: &'a str) -> Result<&'a str, Error> {
    if name.starts_with('/') {
        return Err(Error::NameAbsolute { what: what.to_owned(), name: shown(name) });
    }
    if name.split('/').any(|part| part == "..") {
        return Err(Error::NameEscapes { what: what.to_owned(), name: shown(name) });
    }
    let is_plain = |part: &str| !part.is_empty() && part != ".";
    let is_odd = |character: char| character.is_control() || matches!(character, '\\' | char::REPLACEMENT_CHARACTER);
    if name.len() > NAME_BYTES_MAX || !name.split('/').all(is_plain) || name.contains(is_odd) {
        return Err(Error::NameUnfit { what: what.to_owned(), name: shown(name) });
    }
    Ok(name)
}

/// Folders are not kept, but a name that leads elsewhere is refused as a file's is.
fn checked_folder(what: &str, name: &str) -> Result<(), Error> {
    let name = own_name(name);
    let name = name.strip_suffix('/').unwrap_or(name);
    if name.is_empty() || name == "." { Ok(()) } else { checked_name(what, name).map(|_| ()) }
}

/// `tar -C folder .` puts `./` before every name.
fn own_name(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

fn slice(archive: &Bytes, position: u64, size: u64) -> Option<Bytes> {
    let start = usize::try_from(position).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    archive.get(start..end).map(|found| archive.slice_ref(found))
}

fn kind_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link | EntryType::Symlink => "a link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        EntryType::GNUSparse => "a sparse file",
        _ => "of a kind that no package needs",
    }
}
