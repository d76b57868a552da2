//! `roro plugin …`: what the author of a plugin needs, from an empty folder to a signed package; and what whoever holds the machine does with
//! the plugins of a tenant (`operator`).
//!
//! A project is a folder with plugin.toml. Its fixtures run on the same engine and under the same limits as in production, so that what
//! passes here passes there. The author's commands read no database and change no installation; of the data folder only the compiled components and
//! the key that seals them are used. No rule lives here: manifest, package and signature are nouns of their own.

mod bench;
mod beside;
mod build;
mod called;
mod dev;
mod difference;
mod ended;
mod explain;
mod fixture;
mod inspect;
mod key;
mod keys;
mod language;
mod locales;
mod new;
mod operator;
mod pack;
mod project;
mod publish;
mod pull;
mod registry;
mod run;
mod say;
mod sign;
mod store;
mod test;
mod trial;
mod verify;
mod watch;

use anyhow::Result;
use clap::Subcommand;
use std::process::ExitCode;

use operator::Turn;

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(new::Arguments),
    Build(build::Arguments),
    Test(test::Arguments),
    Run(run::Arguments),
    Dev(dev::Arguments),
    Inspect(inspect::Arguments),
    Explain(explain::Arguments),
    Pack(pack::Arguments),
    Keygen(key::Arguments),
    Sign(sign::Arguments),
    Verify(verify::Arguments),
    Publish(publish::Arguments),
    Pull(pull::Arguments),
    Import(operator::Import),
    List(operator::List),
    Trust(operator::Trust),
    /// The keys that a tenant trusts: list them, end one.
    #[command(subcommand)]
    Key(keys::Command),
    Release(operator::Release),
    Trial(trial::Arguments),
    Activate(operator::Activate),
    /// Let the release take part again that was active before.
    Rollback(operator::Named),
    /// Stop a plugin: it takes part no more until it is resumed.
    Suspend(operator::Named),
    /// Let a suspended plugin go on, or one in quarantine.
    Resume(operator::Named),
    /// Take a plugin away; its history stays in the log.
    Uninstall(operator::Named),
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let result = match command {
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Test(arguments) => test::run(&arguments).await,
        Command::Run(arguments) => run::run(&arguments).await,
        Command::Dev(arguments) => dev::run(&arguments).await,
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Keygen(arguments) => key::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments).await,
        Command::Pull(arguments) => pull::run(&arguments).await,
        Command::Import(arguments) => operator::import(arguments).await,
        Command::List(arguments) => operator::list(arguments).await,
        Command::Trust(arguments) => operator::trust(arguments).await,
        Command::Key(command) => keys::run(command).await,
        Command::Release(arguments) => operator::release(arguments).await,
        Command::Trial(arguments) => trial::run(arguments).await,
        Command::Activate(arguments) => operator::activate(arguments).await,
        Command::Rollback(named) => operator::turn(named, Turn::RollBack).await,
        Command::Suspend(named) => operator::turn(named, Turn::Suspend).await,
        Command::Resume(named) => operator::turn(named, Turn::Resume).await,
        Command::Uninstall(named) => operator::turn(named, Turn::Uninstall).await,
    };
    ended::settle(result)
}
