//! `roro serve`: the server, from its folder and settings to the address that it prints.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::log;
use super::place::Place;
use super::setup::Folders;
use crate::app::{self, Server};
use crate::config::Config;
use crate::document::routes::Press;
use crate::pack::Shelf;
use crate::plugin::catalogue::Catalogue;

/// Serve the HTTP door until the process is told to end (SIGTERM or Ctrl-C).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An embedded database that is new gets its tables; an older one needs `roro migrate` first. On SIGTERM running requests \
finish, for http.drain_ms_max at most. Exit codes: 0 told to end; 2 the usage is wrong; 3 the start or the machine failed."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Address and port to listen on instead of http.listen; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Print the address as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(super) async fn run(mut arguments: Arguments) -> Result<ExitCode> {
    let mut config = arguments.place.load(arguments.folders.data())?;
    if let Some(listen) = arguments.listen {
        config.http.listen = listen;
    }
    let telemetry = log::start(&config)?;
    let _folder = app::take_folder(&config)?;
    let ctx = app::kernel(&config).await?;
    for (fact, value) in ctx.db.facts().await? {
        tracing::info!(fact, value, "the database");
    }
    arguments.folders.settle(&config.data.folder);
    // The first start compiles the plugins: nothing else needs this thread yet.
    let press = tokio::task::block_in_place(|| press(&config, &arguments.folders))?;
    // Only from here on: until now there is nothing to finish, and a signal ends the process at once.
    let ends = Ends::listen()?;
    let server = Server::bind(config, ctx, press).await?;
    let address = format!("http://{}", server.address());
    if arguments.json {
        println!("{}", json!({ "address": address }));
    } else {
        println!("Roro listens on {address}");
    }
    server.run(ends.wait()).await;
    if let Some(telemetry) = telemetry {
        telemetry.end().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// What documents are made with. The first start compiles the shipped plugins.
pub(super) fn press(config: &Config, folders: &Folders) -> Result<Press> {
    let dispatch = folders.dispatch()?;
    let plugins = super::setup::shelf(config, dispatch.runner().clone())?;
    let catalogue = Catalogue::new(&config.data.folder.join("catalogue"), &config.plugins, &config.outbound);
    let catalogue = catalogue.context("plugins.registries")?;
    let apps = Arc::new(dispatch.runner().clone());
    Ok(Press {
        packs: Shelf::new(folders.packs()?),
        fonts: folders.fonts()?,
        hooks: Arc::new(dispatch),
        apps,
        plugins,
        catalogue,
    })
}

/// The ways in which a process is told to end.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn listen() -> Result<Self> {
        let on = |kind| signal(kind).context("signals cannot be received");
        Ok(Self { terminate: on(SignalKind::terminate())?, interrupt: on(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
