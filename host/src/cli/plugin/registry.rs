//! What `publish` and `pull` share: how a registry is spoken to, who asks, and how the way there is told.

use anyhow::Result;
use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;

use super::{ended, say};
use crate::plugin::registry::{Access, Client, Error, Login, Options, Repository, Step};

/// The environment variables of a login: a password among the arguments can be seen by others of the machine.
const USERNAME: &str = "RORO_REGISTRY_USERNAME";
const PASSWORD: &str = "RORO_REGISTRY_PASSWORD";
/// The longest password or token.
const PASSWORD_BYTES_MAX: u64 = 64 * 1024;

/// What stands below the help of both commands.
pub(super) const HELP: &str = "The registry is always named, with the port if it has one. A login comes from --username with \
--password-stdin, or from RORO_REGISTRY_USERNAME and RORO_REGISTRY_PASSWORD; it goes to the registry and to the sign-in service that it \
names, and is never printed. Certificates of the system's authorities count.";

/// Where plain HTTP may be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Plain {
    /// To a registry on this very machine.
    Loopback,
    /// To any: everything, the password too, can be read and changed on the way.
    Anywhere,
}

/// How to speak to the registry.
#[derive(Debug, clap::Args)]
pub(super) struct Way {
    /// The user; without it, nobody in particular asks.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the user's password, or a token of the registry, from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Speak plain HTTP instead of HTTPS: alone, to a registry on this machine; as --plain-http=anywhere, to any, with everything to be
    /// read on the way, the password too.
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "loopback")]
    plain_http: Option<Plain>,
}

impl Way {
    pub(super) fn open(&self, repository: &Repository, access: Access) -> Result<Client> {
        let refused = self.plain_http == Some(Plain::Loopback) && !repository.is_loopback();
        if refused {
            return Err(ended::wrong_input(format!(
                "{} is not on this machine, and plain HTTP can be read and changed on the way\nUse HTTPS, or say --plain-http=anywhere",
                repository.host()
            )));
        }
        let options = Options { plain_http: self.plain_http.is_some(), login: self.login()?, networks: None };
        Client::open(repository, &options, access).map_err(failed)
    }

    fn login(&self) -> Result<Option<Login>> {
        // Clap shows the values of its variables in usage errors; these are nobody's to see.
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let username = self.username.clone().or_else(|| variable(USERNAME));
        let password = if self.password_stdin { Some(from_stdin()?) } else { variable(PASSWORD) };
        match (username, password) {
            (Some(username), Some(password)) => Ok(Some(Login { username, password })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(ended::wrong_input(format!(
                "there is a user and no password\nSend it to standard input with --password-stdin, or set {PASSWORD}"
            ))),
            (None, Some(_)) => Err(ended::wrong_input(format!(
                "there is a password and no user\nName the user with --username, or set {USERNAME}"
            ))),
        }
    }
}

fn from_stdin() -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(PASSWORD_BYTES_MAX).read_to_string(&mut text);
    let password = text.trim_end_matches(['\r', '\n']);
    match read {
        Ok(_) if !password.is_empty() => Ok(password.to_owned()),
        _ => Err(ended::wrong_input("standard input holds no password\nSend it there as text, for example from a file")),
    }
}

/// How a command ends whose registry has failed it: with 3 when another moment may help, else with 2.
pub(super) fn failed(error: Error) -> anyhow::Error {
    if error.is_of_the_way() { error.into() } else { ended::wrong_input(error) }
}

/// Tells what happens while it happens, to people.
pub(super) fn tell(step: Step) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    match step {
        Step::Sends { what, bytes } => eprintln!("sending {} ({}) …", say::plain(&what), say::size(bytes)),
        Step::Has { what } => eprintln!("{} is there already", say::plain(&what)),
        Step::Fetches { what, bytes } => eprintln!("fetching {} ({}) …", say::plain(&what), say::size(bytes)),
    }
}

/// The end of a command that has done what it was asked for.
pub(super) fn done(as_json: bool, json: &serde_json::Value, text: impl FnOnce() -> String) -> Result<ExitCode> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(json)?);
    } else {
        println!("{}", text());
    }
    Ok(ExitCode::SUCCESS)
}
