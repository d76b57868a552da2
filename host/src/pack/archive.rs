//! A pack as one file: a tar archive whose bytes depend on the pack's files alone (sorted names, no times, no owners).

use std::collections::BTreeMap;
use std::io::{self, Read as _};

use roro_pack::compile::{FILE_BYTES_MAX, FILES_MAX, PackFiles};

/// The archive of a pack's files.
pub(super) fn write(files: &dyn PackFiles) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for name in files.list()? {
        let bytes = files.read(&name)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, &name, bytes.as_slice())?;
    }
    archive.into_inner()
}

/// The files of an archive, by name. They are never written to a disk, so no name can lead anywhere.
pub(super) fn read(bytes: &[u8]) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        if entry.size() > FILE_BYTES_MAX || files.len() == FILES_MAX {
            return Err(io::Error::other(format!("a pack has at most {FILES_MAX} files of {FILE_BYTES_MAX} bytes")));
        }
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_read_back_and_equal_files_give_equal_bytes() {
        let long = format!("templates/{}.typ.j2", "a".repeat(120));
        let files: BTreeMap<String, Vec<u8>> =
            [("pack.toml".to_owned(), b"id = 1".to_vec()), (long, vec![7; 2_000]), ("locales/zh.toml".to_owned(), vec![])].into();
        let bytes = write(&files).unwrap();
        assert_eq!(read(&bytes).unwrap(), files);
        assert_eq!(write(&files).unwrap(), bytes);
        assert!(read(&bytes[..bytes.len() / 2]).is_err());
    }
}
