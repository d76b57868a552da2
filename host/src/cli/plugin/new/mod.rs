//! `roro plugin new`: a project that builds, passes its fixtures and needs nothing but crates.io, npm or `PyPI`.
//!
//! Everything is in this program: the templates, a copy of the SDK with the contract, an example order, and which versions of what the SDK
//! needs this program was built or tested with. It writes into a new or an empty folder only.

mod extism;
mod lock;
mod sdk;
mod template;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::language::Language;
use super::{ended, say};
use crate::outbox;
use crate::plugin::manifest;

/// Make the project of a new plugin: a small rule that works, yours to change.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Next: roro plugin build, roro plugin test. Exit codes: 0 the project is there; 2 the usage is wrong, or the folder is \
not empty; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// The plugin's id: 3 to 48 lower case letters, digits and single hyphens. Its rules begin with it.
    #[arg(value_name = "NAME")]
    name: String,
    /// The language of its source.
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// Where Roro asks it.
    #[arg(long, value_enum)]
    hook: Hook,
    /// The project's folder; without it, NAME.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A hook that projects can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hook {
    /// What is wrong with an order's papers: this one warns about missing colours and engine numbers.
    Documents,
    /// Whether an order may go on: this one refuses vehicles above a price limit.
    OrderGuard,
    /// What an order costs beside its vehicles: this one charges freight a vehicle, with a discount for many.
    Pricing,
    /// Actions and events over records of its own: this one keeps reminders on a board.
    App,
}

/// A file of a project: its path and its text.
type File = (String, String);

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { name, lang, hook, out } = arguments;
    if (*lang, *hook) == (Language::ExtismRust, Hook::App) {
        let fix = "Ask for it in --lang rust, ts or python; an Extism guest serves documents, order-guard and pricing";
        return Err(ended::wrong_input(format!(
            "an app is a component: what it imports, the Extism PDKs have no words for\n{fix}"
        )));
    }
    let files = files(name, *lang, *hook)?;
    let folder = out.clone().unwrap_or_else(|| PathBuf::from(name));
    must_be_empty(&folder)?;
    for (path, text) in &files {
        let path = folder.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("cannot write {}; name a place that you may write to with --out", path.display()))?;
    }
    println!("made the plugin {name} in {} ({})", folder.display(), say::counted(files.len(), "file"));
    println!("Next: cd {} && roro plugin build && roro plugin test", folder.display());
    Ok(ExitCode::SUCCESS)
}

/// Every file of a project.
fn files(name: &str, language: Language, hook: Hook) -> Result<Vec<File>> {
    let mut files = template::files(name, language, hook)?;
    if language == Language::ExtismRust {
        extism::replace(&mut files, name, hook);
    }
    // The reader of manifests knows which names are ids; the first problem is the name's, for the rest of the template is sound.
    let text = files.iter().find(|(path, _)| path == "plugin.toml").map(|(_, text)| text.as_str()).unwrap_or_default();
    if let Err(problems) = manifest::read("plugin.toml", text, &outbox::heard()) {
        let (message, fix) = problems.into_iter().next().map(|problem| (problem.message, problem.fix)).unwrap_or_default();
        return Err(ended::wrong_input(format!("{message}\n{fix}")));
    }
    if language == Language::ExtismRust {
        return Ok(files);
    }
    files.extend(sdk::files(language));
    if language == Language::Rust {
        files.push(("Cargo.lock".to_owned(), lock::of(name)?));
    }
    Ok(files)
}

/// Somebody's files would be mixed with ours.
fn must_be_empty(folder: &Path) -> Result<()> {
    let is_empty = fs::read_dir(folder).map(|mut entries| entries.next().is_none());
    match is_empty {
        Ok(true) => Ok(()),
        Ok(false) => {
            Err(ended::wrong_input(format!("{} is not empty\nName a new or an empty folder with --out", folder.display())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(ended::wrong_input(format!("{} is a file\nName a new or an empty folder with --out", folder.display())))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", folder.display())),
    }
}
