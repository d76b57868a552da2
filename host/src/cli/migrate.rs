//! `roro migrate`: brings the tables to this program's version.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::place::Place;
use super::setup::DataFolder;
use crate::app;
use crate::kernel::db::{Db, Engine};

/// Bring the database's tables to this version of roro. Make a backup first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "All steps run in one transaction: when one fails, nothing is changed. Exit codes: 0 the tables are up to date; 1 with \
--check, steps are missing; 2 the usage is wrong; 3 the machine failed."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    data: DataFolder,
    /// Only list the steps that are missing.
    #[arg(long)]
    check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let config = arguments.place.load(&arguments.data)?;
    app::make_folder(&config)?;
    let db = Db::open(&config.database()).await?;
    // An embedded database is changed by nobody else meanwhile; a server's has its own lock for the steps.
    let _folder = (db.engine() == Engine::Sqlite && !arguments.check).then(|| app::take_folder(&config)).transpose()?;
    let steps = app::pending(&db).await?;
    if !arguments.check && !steps.is_empty() {
        app::migrate(&db).await?;
    }
    if arguments.json {
        println!("{}", json!({ "steps": steps, "done": !arguments.check }));
    } else if steps.is_empty() {
        println!("The tables are up to date.");
    } else {
        let word = if arguments.check { "missing" } else { "done" };
        for step in &steps {
            println!("{word}  {step}");
        }
    }
    Ok(if arguments.check && !steps.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
