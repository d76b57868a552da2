//! A plugin's project: the folder with plugin.toml, and what a component is checked against.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ended;
use crate::outbox;
use crate::plugin::manifest::{self, Manifest};

/// The file that makes a folder a project.
pub(super) const MANIFEST: &str = "plugin.toml";

/// Which project.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The project's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

impl Which {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A folder whose plugin.toml has been read.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
}

impl Project {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = join(folder, MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let there_is_none = format!("there is no {}", path.display());
                let fix = "Name the folder of a plugin, or make one: roro plugin new NAME --hook order-guard";
                return Err(ended::wrong_input(format!("{there_is_none}\n{fix}")));
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(ended::wrong_input(format!("{} is no UTF-8\nSave it as UTF-8", path.display())));
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Self { folder: folder.to_owned(), manifest: read(&path.display().to_string(), &text)? })
    }

    /// A file of the project, as people are told of it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        join(&self.folder, name)
    }

    /// A command of this folder on this project, to be typed.
    pub(super) fn command(&self, verb: &str) -> String {
        let here = self.folder == Path::new(".");
        if here { format!("roro plugin {verb}") } else { format!("roro plugin {verb} {}", self.folder.display()) }
    }

    /// Where the component belongs.
    pub(super) fn component_path(&self) -> Result<PathBuf> {
        let only_a_pack = "the plugin is only a pack: it has no component\nA pack's fixtures run with the packs; to add a component, add \
                           `component`, `class` and [[hooks]] to plugin.toml";
        self.manifest.component.as_deref().map(|name| self.path(name)).ok_or_else(|| ended::wrong_input(only_a_pack))
    }

    /// The component's bytes.
    pub(super) fn component(&self) -> Result<Vec<u8>> {
        let path = self.component_path()?;
        match fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let fix = format!("Build it: {}", self.command("build"));
                Err(ended::wrong_input(format!("{} is not there\n{fix}", path.display())))
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// Reads a plugin.toml; `name` is what its problems call it.
pub(super) fn read(name: &str, text: &str) -> Result<Manifest> {
    manifest::read(name, text, &outbox::heard()).map_err(|problems| ended::problems(name, &problems))
}

/// A file below a folder. `./plugin.toml` would say no more than `plugin.toml`.
pub(super) fn join(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}
