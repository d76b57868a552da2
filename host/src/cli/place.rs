//! Which installation a command works on: its settings, its database, its data folder.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::setup::DataFolder;
use crate::config::{Config, Layers};

/// Where the settings and the database are.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// File of settings; `host/config.default.toml` lists them all. `RORO__SECTION__KEY` in the environment lies over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`; without it what the settings say, else roro.db in the data folder. A password
    /// is safer in the settings or in `RORO__DATABASE__URL`: others of the machine can see arguments.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Place {
    /// The settings, with what was said on the command line above them.
    pub(super) fn load(&self, data: &DataFolder) -> Result<Config> {
        Ok(self.layers(data).config()?)
    }

    /// The same as layers, whatever is wrong with them.
    pub(super) fn layers(&self, data: &DataFolder) -> Layers {
        let mut layers = Layers::load(self.config.as_deref());
        if let Some(folder) = data.chosen() {
            layers.argue("--data or RORO_DATA_DIR", "data", "folder", &folder.to_string_lossy());
        }
        if let Some(url) = &self.database {
            layers.argue("--database", "database", "url", url);
        }
        layers
    }
}
