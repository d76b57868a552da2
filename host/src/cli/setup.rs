//! Where the command line finds packs, plugins, fonts and its cache, and how it starts the engine.

use anyhow::{Context, Result};
use clap::Args;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::guest::compiler::{Bounds, Compiler};
use crate::guest::{Dispatch, Runner};
use crate::kernel::font::{self, Font};
use crate::pack::{self, Pack};
use crate::plugin;

/// Where the packs are.
#[derive(Debug, Args)]
pub(super) struct PackFolder {
    /// Folder of country packs, one folder each.
    #[arg(long, value_name = "DIR", env = "RORO_PACKS_DIR", default_value = "plugins/packs")]
    packs: PathBuf,
}

impl PackFolder {
    /// The packs of the folder, each checked.
    pub(super) fn load(&self) -> Result<Vec<Arc<Pack>>> {
        pack::load_folder(&self.packs).with_context(|| format!("the packs in {}", self.packs.display()))
    }
}

/// Where everything is kept when nobody says.
const DATA: &str = "data";

/// The data folder.
#[derive(Debug, Args)]
pub(super) struct DataFolder {
    /// Folder of everything that is kept: compiled plugins, fonts, the embedded database and the documents. Without it what the settings say,
    /// else `data`.
    #[arg(long, value_name = "DIR", env = "RORO_DATA_DIR")]
    data: Option<PathBuf>,
}

impl DataFolder {
    /// The folder, if somebody named one.
    pub(super) fn chosen(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// The folder, also when nobody has named one.
    pub(super) fn folder(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(DATA))
    }
}

/// The plugins of tenants: what strangers send is compiled by a child of this program.
pub(super) fn shelf(config: &Config, runner: Runner) -> Result<plugin::Shelf> {
    let bounds =
        Bounds { cpu_s_max: config.plugins.compile_cpu_s_max, memory_bytes_max: config.plugins.compile_memory_bytes_max };
    let runner = runner.with_compiler(compiler(&config.data.folder, bounds)?);
    plugin::Shelf::new(Arc::new(runner), &config.plugins).context("plugins.trusted_keys")
}

/// A compiler that starts this program again.
pub(super) fn compiler(data: &Path, bounds: Bounds) -> Result<Compiler> {
    Ok(Compiler::new(&std::env::current_exe().context("this program's own file")?, data, bounds))
}

/// The folders of an installation.
#[derive(Debug, Args)]
pub(super) struct Folders {
    #[command(flatten)]
    packs: PackFolder,
    /// Folder of the plugins' components.
    #[arg(long, value_name = "DIR", env = "RORO_PLUGIN_DIR", default_value = "target/wasm32-wasip2/plugin")]
    plugins: PathBuf,
    #[command(flatten)]
    data: DataFolder,
    /// Folder of fonts; without it, `fonts` below the data folder.
    #[arg(long, value_name = "DIR", env = "RORO_FONTS_DIR")]
    fonts: Option<PathBuf>,
}

impl Folders {
    /// The data folder as it was given.
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }

    /// Takes the data folder that the settings name.
    pub(super) fn settle(&mut self, data: &Path) {
        self.data.data = Some(data.to_owned());
    }

    /// The packs of the folder.
    pub(super) fn packs(&self) -> Result<Vec<Arc<Pack>>> {
        self.packs.load()
    }

    /// The fonts of the folder; none when it is not there, for Latin documents need none.
    pub(super) fn fonts(&self) -> Result<Arc<[Font]>> {
        let folder = self.fonts.clone().unwrap_or_else(|| self.data.folder().join("fonts"));
        Ok(font::load_folder(&folder)?.into())
    }

    /// The engine with the shipped plugins. The first start compiles them, which takes up to a minute.
    pub(super) fn dispatch(&self) -> Result<Dispatch> {
        let progress = |name: &str| {
            if std::io::stderr().is_terminal() {
                eprintln!("loading {name} (the first time it is compiled for this machine: up to a minute) …");
            }
        };
        Ok(Dispatch::open(self.data.folder(), &self.plugins, &progress)?)
    }
}
