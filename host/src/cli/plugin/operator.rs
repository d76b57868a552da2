//! The administrator's half on the machine itself: packages into a tenant, releases, and which of them takes part. The same verbs as over
//! HTTP and in the console, by whoever holds the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Deserialize as _;

use super::super::setup;
use super::super::tenant::Installation;
use super::{beside, ended};
use crate::access::{self, Actor};
use crate::command::{self, Answer, Request};
use crate::guest::Runner;
use crate::kernel::Ctx;
use crate::kernel::id::ReleaseId;
use crate::plugin::manifest::{GrantName, Wrong};
use crate::plugin::signature::PublicKey;
use crate::plugin::{self, Error, New, PluginCard, Shelf, package};
use crate::tenant;

/// Whose plugins, on which installation.
#[derive(Debug, Args)]
pub(super) struct Firm {
    /// The tenant's short name.
    #[arg(long, value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    on: Installation,
}

/// Bring a package into a tenant. Nothing takes part before a release is activated.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done; 2 the package is refused, with everything that is wrong; 3 the machine failed.")]
pub(in crate::cli) struct Import {
    /// The archive of the package.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    firm: Firm,
}

/// List a tenant's plugins.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    firm: Firm,
}

/// Trust a key: packages that it signs can be brought into the tenant.
#[derive(Debug, Args)]
pub(in crate::cli) struct Trust {
    /// The public key, as `roro plugin keygen` prints it.
    #[arg(value_name = "PUBLIC-KEY")]
    key: String,
    /// Whose it is.
    #[arg(long, value_name = "TEXT")]
    name: String,
    #[command(flatten)]
    firm: Firm,
}

/// Make a release of the package that came last, with settings and grants; with --activate it takes part at once.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done; 2 settings or grants do not fit, with everything that is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Release {
    /// The plugin's name.
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// A setting. Others of the machine can see arguments: write a secret as KEY=@FILE, which reads it from a file. A value that begins
    /// with @ is written with two.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Something that the manifest asks for and that is granted.
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
    /// Keep the sandboxes of an interpreter for the next call of this release, instead of making one for each call.
    #[arg(long)]
    warm: bool,
    /// Let it take part from the next call on.
    #[arg(long)]
    activate: bool,
    #[command(flatten)]
    firm: Firm,
}

/// What happens to a plugin that is there.
#[derive(Debug, Args)]
pub(in crate::cli) struct Named {
    /// The plugin's name.
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    firm: Firm,
}

/// Let a release take part from the next call on.
#[derive(Debug, Args)]
pub(in crate::cli) struct Activate {
    /// The plugin's name.
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The release's id.
    #[arg(value_name = "RELEASE")]
    release: String,
    #[command(flatten)]
    firm: Firm,
}

/// What is done to a plugin by its name alone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    RollBack,
    Suspend,
    Resume,
    Uninstall,
}

/// A tenant's plugins, open.
pub(super) struct Desk {
    pub(super) ctx: Ctx,
    pub(super) actor: Actor,
    shelf: Shelf,
    pub(super) as_json: bool,
}

impl Firm {
    pub(super) async fn open(&self) -> Result<Desk> {
        let config = self.on.config()?;
        let ctx = self.on.ctx().await?;
        let actor = access::operator(&ctx, &self.tenant).await?;
        let shelf = setup::shelf(&config, Runner::open(&config.data.folder)?)?;
        Ok(Desk { ctx, actor, shelf, as_json: self.on.json })
    }
}

/// A request of the command line: it has no key, for whoever types it again means it again.
pub(super) fn request(route: &'static str) -> Request {
    Request::new(route, None, &[])
}

impl Desk {
    /// Prints an answer, or everything that is wrong.
    pub(super) fn settle(
        &self,
        outcome: Result<Answer, Error>,
        say: impl FnOnce(&serde_json::Value) -> String,
    ) -> Result<ExitCode> {
        match outcome {
            Ok(answer) if self.as_json => println!("{}", answer.body),
            Ok(answer) => println!("{}", say(&serde_json::from_str(&answer.body)?)),
            Err(error) => return Err(wrong(error)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What stopped a command: a fault of the machine as it is, everything else as what is wrong with the input, all of it.
pub(super) fn wrong(error: Error) -> anyhow::Error {
    match error {
        Error::Db(_) | Error::Objects(_) | Error::Json(_) | Error::Vault(_) | Error::Damaged => error.into(),
        Error::Command(command::Error::Db(_)) | Error::Tenant(tenant::Error::Db(_)) | Error::Access(access::Error::Db(_)) => {
            error.into()
        }
        Error::Unfit(problems) => ended::wrong_input(problems.join("\n")),
        Error::Input(wrong) => {
            let line = |one: &Wrong| format!("{}: {}; {}", one.pointer, one.message, one.fix);
            ended::wrong_input(wrong.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        Error::Refused(refused) => {
            let code = refused.code();
            ended::wrong_input(format!("{refused}\nWhat that means: roro plugin explain {code}"))
        }
        error => ended::wrong_input(error),
    }
}

pub(super) fn text<'a>(answer: &'a serde_json::Value, field: &str) -> &'a str {
    answer.get(field).and_then(serde_json::Value::as_str).unwrap_or_default()
}

pub(super) async fn import(arguments: Import) -> Result<ExitCode> {
    let bytes = package::archive_at(&arguments.file).map_err(ended::wrong_input)?;
    let desk = arguments.firm.open().await?;
    let done = plugin::install(&desk.ctx, &desk.actor, &desk.shelf, request("roro plugin import"), bytes);
    let done = Box::pin(done).await;
    desk.settle(done, |package| {
        let signer =
            package.get("signer").and_then(serde_json::Value::as_str).unwrap_or("nobody: the firm is in development mode");
        format!(
            "{} {} is there, signed by {signer}. Next: roro plugin release {0} --activate",
            text(package, "plugin"),
            text(package, "version")
        )
    })
}

pub(super) async fn list(arguments: List) -> Result<ExitCode> {
    let desk = arguments.firm.open().await?;
    let plugins = plugin::list(&desk.ctx, &desk.actor).await.map_err(wrong)?;
    if desk.as_json {
        println!("{}", serde_json::to_string_pretty(&plugins)?);
        return Ok(ExitCode::SUCCESS);
    }
    if plugins.is_empty() {
        println!("{0} has no plugins. Bring one in: roro plugin import FILE --tenant {0}", arguments.firm.tenant);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:24} {:10} {:11} {:30} TITLE", "PLUGIN", "VERSION", "STATE", "RELEASE");
    for PluginCard { name, version, state, active, title, .. } in &plugins {
        let release = active.as_ref().map_or_else(|| "-".to_owned(), |one| one.id.to_string());
        println!("{name:24} {version:10} {:11} {release:30} {}", state.as_str(), title.get("en").map_or("", String::as_str));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn trust(arguments: Trust) -> Result<ExitCode> {
    let key: PublicKey = arguments.key.parse().map_err(ended::wrong_input)?;
    let desk = arguments.firm.open().await?;
    let done = plugin::trust(&desk.ctx, &desk.actor, request("roro plugin trust"), key, &arguments.name).await;
    desk.settle(done, |card| format!("{} trusts the key {} of {}", arguments.firm.tenant, text(card, "id"), text(card, "name")))
}

pub(super) async fn release(arguments: Release) -> Result<ExitCode> {
    let new = New { warm: arguments.warm, ..new(&arguments.settings, &arguments.grants)? };
    let desk = arguments.firm.open().await?;
    let name = &arguments.plugin;
    let done = plugin::release(&desk.ctx, &desk.actor, request("roro plugin release"), name, new).await;
    let made = match &done {
        Ok(answer) if arguments.activate => serde_json::from_str::<serde_json::Value>(&answer.body)?,
        _ => {
            return desk
                .settle(done, |card| format!("release {} of {name}. Next: roro plugin activate {name} {0}", text(card, "id")));
        }
    };
    activated(&desk, name, text(&made, "id")).await
}

/// Settings and grants as they were typed; or everything that is wrong with the typing.
fn new(settings: &[String], grants: &[String]) -> Result<New> {
    let (mut read, mut wrong) = (BTreeMap::new(), Vec::new());
    for one in settings {
        let Some((key, value)) = one.split_once('=') else {
            wrong.push(format!("`{one}` is no setting: write KEY=VALUE"));
            continue;
        };
        let value = match value.strip_prefix('@') {
            Some(text) if text.starts_with('@') => Ok(text.to_owned()),
            Some(file) => from_file(file).map_err(|error| format!("{key}: cannot read {file}: {error}")),
            None => Ok(value.to_owned()),
        };
        match value {
            Ok(value) => drop(read.insert(key.to_owned(), value)),
            Err(said) => wrong.push(said),
        }
    }
    let mut given = BTreeSet::new();
    for one in grants {
        match GrantName::deserialize(serde_json::Value::from(one.as_str())) {
            Ok(grant) => drop(given.insert(grant)),
            Err(_) => {
                let known: Vec<&str> = GrantName::ALL.iter().map(|grant| grant.as_str()).collect();
                wrong.push(format!("`{one}` is no grant: write one of {}", known.join(", ")));
            }
        }
    }
    if wrong.is_empty() {
        Ok(New { settings: read, grants: given, ..New::default() })
    } else {
        Err(ended::wrong_input(wrong.join("\n")))
    }
}

/// A value from a file, without the end of its last line: blanks may belong to a secret.
fn from_file(file: &str) -> std::io::Result<String> {
    let mut text = std::fs::read_to_string(file)?;
    if text.ends_with('\n') {
        text.pop();
        text.truncate(text.strip_suffix('\r').unwrap_or(&text).len());
    }
    Ok(text)
}

pub(super) async fn activate(arguments: Activate) -> Result<ExitCode> {
    let desk = arguments.firm.open().await?;
    activated(&desk, &arguments.plugin, &arguments.release).await
}

async fn activated(desk: &Desk, name: &str, release: &str) -> Result<ExitCode> {
    let release: ReleaseId = release.parse().map_err(ended::wrong_input)?;
    if !desk.as_json {
        let hooks = plugin::beside(&desk.ctx, &desk.actor, name, release).await.map_err(wrong)?;
        beside::lines(name, &hooks).iter().for_each(|line| println!("{line}"));
    }
    let done =
        Box::pin(plugin::activate(&desk.ctx, &desk.actor, &desk.shelf, request("roro plugin activate"), name, release)).await;
    desk.settle(done, stands)
}

pub(super) async fn turn(arguments: Named, turn: Turn) -> Result<ExitCode> {
    let desk = arguments.firm.open().await?;
    let (ctx, actor, shelf, name) = (&desk.ctx, &desk.actor, &desk.shelf, arguments.plugin.as_str());
    let done = match turn {
        Turn::RollBack => Box::pin(plugin::roll_back(ctx, actor, shelf, request("roro plugin rollback"), name)).await,
        Turn::Suspend => Box::pin(plugin::suspend(ctx, actor, shelf, request("roro plugin suspend"), name, None)).await,
        Turn::Resume => Box::pin(plugin::resume(ctx, actor, shelf, request("roro plugin resume"), name)).await,
        Turn::Uninstall => Box::pin(plugin::uninstall(ctx, actor, shelf, request("roro plugin uninstall"), name)).await,
    };
    desk.settle(done, stands)
}

fn stands(card: &serde_json::Value) -> String {
    let release = card.get("active").and_then(|one| one.get("number")).and_then(serde_json::Value::as_i64);
    let release = release.map_or_else(String::new, |number| format!(", release {number}"));
    format!("{} {} is {}{release}", text(card, "name"), text(card, "version"), text(card, "state"))
}
