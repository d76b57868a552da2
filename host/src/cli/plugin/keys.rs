//! `roro plugin key …`: the keys that a tenant trusts; `roro plugin trust` adds one.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::operator::{Firm, request, text, wrong};
use super::say;
use crate::plugin;

/// What can be done with trusted keys.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    List(List),
    Revoke(Revoke),
}

/// List the keys whose signatures a tenant trusts; revoked ones are gone.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    firm: Firm,
}

/// End a key: what only it has signed takes part no more from the next call on. It cannot be taken back.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done; 2 the tenant trusts no such key; 3 the machine failed.")]
pub(in crate::cli) struct Revoke {
    /// The key's id, as `roro plugin key list` shows it.
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    firm: Firm,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => list(arguments).await,
        Command::Revoke(arguments) => revoke(arguments).await,
    }
}

async fn list(arguments: List) -> Result<ExitCode> {
    let desk = arguments.firm.open().await?;
    let keys = plugin::keys(&desk.ctx, &desk.actor).await.map_err(wrong)?;
    if desk.as_json {
        println!("{}", serde_json::to_string_pretty(&keys)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:18} NAME", "KEY");
    for key in &keys {
        println!("{:18} {}", key.id, say::plain(&key.name));
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(arguments: Revoke) -> Result<ExitCode> {
    let desk = arguments.firm.open().await?;
    let done = plugin::revoke(&desk.ctx, &desk.actor, request("roro plugin key revoke"), &arguments.key).await;
    desk.settle(done, |card| format!("the key {} of {} counts no more", text(card, "id"), say::plain(text(card, "name"))))
}
