//! A package from an author's folder.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;

use super::error::Error;
use super::limits::TAR_BYTES_MAX;
use super::part::Part;
use super::{Package, disk};

type Files = BTreeMap<String, Bytes>;

/// Reads plugin.toml, what is named, and the folders that a package may have.
pub(super) fn read(folder: &Path, component: Option<&str>, pack: Option<&str>) -> Result<Package, Error> {
    let manifest = needed(folder, Part::PluginToml.title(), Part::PluginToml)?;
    let manifest_text = String::from_utf8(manifest.into()).map_err(|_| Error::NotText)?;
    let component = component.map(|name| needed(folder, name, Part::Component)).transpose()?;
    let mut assets = files(folder, "assets")?;
    for (name, bytes) in files(folder, "locales")? {
        let name = format!("locales/{name}");
        if assets.contains_key(&name) {
            return Err(Error::NameTwice { what: "assets".to_owned(), name });
        }
        assets.insert(name, bytes);
    }
    let fixtures = files(folder, "fixtures")?;
    let pack = match pack {
        None => Files::new(),
        Some(name) => {
            let files = files(folder, name)?;
            if files.is_empty() {
                return Err(Error::Missing { path: folder.join(name) });
            }
            files
        }
    };
    Ok(Package { manifest_text, component, assets, fixtures, pack })
}

fn needed(folder: &Path, name: &str, part: Part) -> Result<Bytes, Error> {
    disk::read_below(folder, name, part.bytes_max())?.ok_or_else(|| Error::Missing { path: folder.join(name) })
}

fn files(root: &Path, folder: &str) -> Result<Files, Error> {
    let mut files = Files::new();
    let mut left = TAR_BYTES_MAX;
    for name in disk::list_below(root, folder)? {
        let path = format!("{folder}/{name}");
        let too_large = || Error::TooLarge { what: folder.to_owned(), bytes_max: TAR_BYTES_MAX };
        let bytes = disk::read_below(root, &path, TAR_BYTES_MAX)?.ok_or_else(|| Error::Missing { path: root.join(&path) })?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        files.insert(name, bytes);
    }
    Ok(files)
}
