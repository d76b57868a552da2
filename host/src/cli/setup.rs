//! Where the command line finds packs, plugins, fonts and its cache, and how it starts the engine.

use anyhow::{Context, Result};
use clap::Args;
use roro_engine::{EngineSettings, MacKey};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use crate::guest::{Dispatch, seal};
use crate::kernel::font::{self, Font};
use crate::pack::{self, Pack};

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

/// The folders of an installation.
#[derive(Debug, Args)]
pub(super) struct Folders {
    #[command(flatten)]
    packs: PackFolder,
    /// Folder of the plugins' components.
    #[arg(long, value_name = "DIR", env = "RORO_PLUGIN_DIR", default_value = "target/wasm32-wasip2/plugin")]
    plugins: PathBuf,
    /// Folder for compiled plugins and fonts. Nothing of an order is kept there.
    #[arg(long, value_name = "DIR", env = "RORO_DATA_DIR", default_value = "data")]
    data: PathBuf,
    /// Folder of fonts; without it, `fonts` below the data folder.
    #[arg(long, value_name = "DIR", env = "RORO_FONTS_DIR")]
    fonts: Option<PathBuf>,
}

impl Folders {
    /// The packs of the folder.
    pub(super) fn packs(&self) -> Result<Vec<Arc<Pack>>> {
        self.packs.load()
    }

    /// The fonts of the folder; none when it is not there, for Latin documents need none.
    pub(super) fn fonts(&self) -> Result<Arc<[Font]>> {
        let folder = self.fonts.clone().unwrap_or_else(|| self.data.join("fonts"));
        Ok(font::load_folder(&folder)?.into())
    }

    /// The engine with the shipped plugins. The first start compiles them, which takes up to a minute.
    pub(super) fn dispatch(&self) -> Result<Dispatch> {
        let key = seal::read_or_make(&self.data.join("engine.key"))?;
        let settings = EngineSettings::new(self.data.join("artifacts"), MacKey::new(key));
        let progress = |name: &str| {
            if std::io::stderr().is_terminal() {
                eprintln!("loading {name} (the first time it is compiled for this machine: up to a minute) …");
            }
        };
        Ok(Dispatch::start(settings, &self.plugins, &progress)?)
    }
}
