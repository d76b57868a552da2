//! What a developer of Roro runs, as `cargo xtask …`. Each command prints what it does while it does it and ends with how to go on.
//!
//! It never holds product logic: it builds, starts, checks and compares what the other packages are.
#![expect(clippy::print_stdout, reason = "this is a command-line tool")]

mod bench;
mod demo;
mod deny;
mod extism;
mod fonts;
mod plugins;
mod schemas;
mod services;
mod test;
mod tidy;
mod tools;
mod wit;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, try and check Roro")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and show it: example orders become checked documents.
    Demo(demo::Arguments),
    /// Install or start what the tests need, then run every test.
    Test(test::Arguments),
    /// Measure what a user feels beside its floor, in one run; name a bench to run it alone.
    Bench {
        /// hook, languages, attack, documents, order, trial, tenants, activation, server or extism; all without a name.
        name: Option<String>,
    },
    /// Build the sandboxed plugins (wasm32-wasip2).
    Plugins,
    /// Fetch the fonts that documents in Chinese and Japanese need.
    Fonts {
        /// The folder that gets `fonts/`.
        #[arg(long, default_value = "data")]
        data: PathBuf,
    },
    /// Copy the contract into the SDKs and make the schemas of its hooks; with `--check`, fail when one differs or a released package changed.
    Wit {
        #[arg(long)]
        check: bool,
    },
    /// Ask the `extism` crate what guests of its PDKs get, and compare that with what our engine is held to.
    Extism {
        /// Write what it answers as what is expected.
        #[arg(long)]
        write: bool,
    },
    /// Check licences, sources and second copies of all dependencies.
    Deny,
    /// Check layers, file sizes and module headers.
    Tidy,
}

fn main() -> Result<()> {
    let root = tools::root()?;
    match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&root, &arguments),
        Command::Test(arguments) => test::run(&root, &arguments),
        Command::Bench { name } => bench::run(&root, name.as_deref()),
        Command::Plugins => plugins::build(&root),
        Command::Fonts { data } => fonts::fetch(&data),
        Command::Wit { check } => wit::run(&root, check),
        Command::Extism { write } => extism::compare(&root, write),
        Command::Deny => deny::run(&root),
        Command::Tidy => tidy::run(&root),
    }
}
