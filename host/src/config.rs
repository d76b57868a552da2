//! Settings. `host/config.default.toml` lists every key with its default and what it does; a file and the environment lay over it.
//!
//! This is the only place that reads the environment: `RORO__SECTION__KEY` sets `section.key`. A key that does not exist stops the start,
//! because a misspelt limit is no limit.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::kernel::{cache, db, outbound, telemetry};

mod layers;

pub use layers::{Layers, Problem, Setting, Source};

/// The settings as they ship.
pub const DEFAULT: &str = include_str!("../config.default.toml");

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where everything lies.
    pub data: Data,
    /// The database.
    pub database: db::Settings,
    /// The cache.
    pub cache: cache::Settings,
    /// The HTTP door.
    pub http: Http,
    /// Signing in.
    pub access: Access,
    /// Requests to hosts that tenants name.
    pub outbound: outbound::Settings,
    /// Telling other systems of events.
    pub webhooks: Webhooks,
    /// Plugins of tenants.
    pub plugins: Plugins,
    /// What an operator watches.
    pub metrics: Metrics,
    /// Traces of the work.
    pub telemetry: telemetry::Settings,
    /// What is written about the work.
    pub log: Log,
}

/// Section `[data]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The folder of the database, the objects, the fonts and the compiled plugins.
    pub folder: PathBuf,
}

/// Section `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: String,
    /// The largest body that a request may have, in bytes.
    pub body_bytes_max: usize,
    /// How many bytes the bodies of all requests may have together, while they are worked on; more are told to come back.
    pub bodies_bytes_max: usize,
    /// How long a request may take, in milliseconds.
    pub request_ms_max: u64,
    /// How long a connection may take to send the head of a request, or stay idle between two, in milliseconds.
    pub header_ms_max: u64,
    /// How many connections are open at once; more wait in the system's queue.
    pub connections_max: usize,
    /// How many requests are worked on at once; more are told to come back.
    pub requests_max: usize,
    /// How many requests a second one tenant may send for long; 0 for no limit.
    pub tenant_requests_per_second_max: u32,
    /// How many it may send at once after a pause.
    pub tenant_requests_burst_max: u32,
    /// How long running requests may take when the process is asked to end, in milliseconds.
    pub drain_ms_max: u64,
    /// Whether the console's cookies ask for HTTPS. Off only for a browser on the same machine.
    pub secure_cookies: bool,
    /// The header in which a proxy in front of this server says who asks; empty to believe nobody.
    pub client_address_header: String,
}

/// Section `[access]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// How many passwords are hashed at once; each takes 19 MiB.
    pub hashes_max: usize,
}

/// Section `[webhooks]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// How many webhooks this process serves at once; 0 for none.
    pub couriers_max: usize,
    /// How many of them may be one tenant's.
    pub tenant_couriers_max: usize,
}

/// Section `[plugins]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugins {
    /// What signatures call this installation, as `installation:NAME`.
    pub installation: String,
    /// Public keys whose signatures count for every tenant, as `roro plugin keygen` prints them.
    pub trusted_keys: Vec<String>,
    /// Processor time for compiling one component, seconds.
    pub compile_cpu_s_max: u64,
    /// Memory for compiling one component, bytes.
    pub compile_memory_bytes_max: u64,
    /// Registries whose packages are on offer beside the catalogue's folder.
    pub registries: Vec<Registry>,
    /// How long what was seen of them counts before they are looked at again, in milliseconds.
    pub registry_refresh_ms: u64,
    /// How long fetching one package may take, in milliseconds.
    pub registry_fetch_ms_max: u64,
}

/// A registry of section `[plugins]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The host, with a port if it has one.
    pub host: String,
    /// The repositories that are looked at, one a plugin.
    pub repositories: Vec<String>,
    /// Who asks; empty for nobody in particular.
    #[serde(default)]
    pub username: String,
    /// The file that holds the user's password.
    #[serde(default)]
    pub password_file: PathBuf,
    /// Whether plain HTTP is spoken, with everything to be read on the way.
    #[serde(default)]
    pub plain_http: bool,
}

/// Section `[metrics]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Address and port of the listener for `/metrics`; empty for none.
    pub listen: String,
}

/// Section `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What to write, in the syntax of `tracing`'s `EnvFilter`.
    pub filter: String,
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What is wrong with the settings, all of it.
#[derive(Debug, thiserror::Error)]
#[error("{}", told(.0))]
pub struct Error(pub Vec<Problem>);

fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    format!("{}\n`roro config show` lists every setting with its value and where it came from", lines.join("\n"))
}

impl Config {
    /// The defaults, then the file if one is given, then the environment.
    ///
    /// # Errors
    /// [`Error`]: every problem with the file or the variable.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        Layers::load(file).config()
    }

    /// The settings of these layers: for tests.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_layers(
        file: Option<(String, String)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        Layers::of(file, environment).config()
    }

    /// What no single value shows.
    fn judge(&self, problems: &mut Vec<Problem>) {
        if self.http.bodies_bytes_max < self.http.body_bytes_max {
            let message = "it is smaller than http.body_bytes_max, so the largest body would never be taken";
            problems.push(Problem::new("http.bodies_bytes_max", message, "raise it"));
        }
        self.plugins.judge(problems);
        let traces = self.telemetry.wrong().into_iter();
        problems.extend(traces.map(|(place, message, fix)| Problem::new(place, message, fix)));
        // A courier holds its webhook for longer than the longest request.
        if self.outbound.request_ms_max > 20_000 {
            problems.push(Problem::new("outbound.request_ms_max", "it is larger than 20000", "lower it"));
        }
    }

    /// The URL of the database: the one that is set, or the file in the data folder.
    #[must_use]
    pub fn database(&self) -> db::Settings {
        let mut settings = self.database.clone();
        if settings.url.is_empty() {
            settings.url = format!("sqlite:{}", self.data.folder.join("roro.db").display());
        }
        settings
    }
}

impl Plugins {
    fn judge(&self, problems: &mut Vec<Problem>) {
        let halves = self.registries.iter().filter(|one| one.username.is_empty() != one.password_file.as_os_str().is_empty());
        problems.extend(halves.map(|one| {
            let message = format!("{} has only one of username and password_file", one.host);
            Problem::new("plugins.registries", message, "set both, or neither")
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, Error> {
        let file = (!file.is_empty()).then(|| ("roro.toml".to_owned(), file.to_owned()));
        Config::from_layers(file, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = load("", &[]).unwrap();
        assert!(config.database().url.starts_with("sqlite:") && config.database().url.ends_with("roro.db"));
    }

    #[test]
    fn the_environment_lies_over_the_file_and_the_file_over_the_defaults() {
        let file = "[http]\nlisten = \"127.0.0.1:1\"\nbody_bytes_max = 7";
        let config = load(file, &[("RORO__HTTP__LISTEN", "127.0.0.1:2"), ("RORO__DATABASE__BATCH_MAX", "9")]).unwrap();
        assert_eq!((config.http.listen.as_str(), config.http.body_bytes_max, config.database.batch_max), ("127.0.0.1:2", 7, 9));
    }

    #[test]
    fn a_key_that_does_not_exist_stops_the_start_and_is_named() {
        let error = load("", &[("RORO__HTTP__LISTENN", "x")]).unwrap_err().to_string();
        assert!(error.contains("RORO__HTTP__LISTENN") && error.contains("listenn"), "{error}");
        let error = load("[htp]\nlisten = \"x\"", &[]).unwrap_err().to_string();
        assert!(error.contains("roro.toml") && error.contains("htp"), "{error}");
        assert!(load("", &[("RORO__HTTP", "x")]).is_err());
    }

    #[test]
    fn room_for_all_bodies_is_room_for_one() {
        let error = load("[http]\nbody_bytes_max = 1000", &[("RORO__HTTP__BODIES_BYTES_MAX", "999")]).unwrap_err().to_string();
        assert!(error.contains("http.bodies_bytes_max") && error.contains("raise it"), "{error}");
    }

    #[test]
    fn a_registry_is_named_with_user_and_password_or_with_neither() {
        let registry = |rest: &str| format!("[[plugins.registries]]\nhost = \"example.com\"\nrepositories = [\"a/b\"]\n{rest}");
        let read = load(&registry("username = \"reader\"\npassword_file = \"/x\""), &[]).unwrap();
        assert_eq!(read.plugins.registries.first().map(|one| one.repositories.len()), Some(1));
        let error = load(&registry("username = \"reader\""), &[]).unwrap_err().to_string();
        assert!(error.contains("plugins.registries") && error.contains("password_file"), "{error}");
        assert!(load(&registry("pasword = \"x\""), &[]).is_err());
        let environment = [("RORO__PLUGINS__REGISTRIES", "[{ host = \"example.com\", repositories = [\"a\"] }]")];
        assert_eq!(load("", &environment).unwrap().plugins.registries.len(), 1);
    }

    #[test]
    fn every_default_says_what_it_does() {
        let mut described = false;
        for line in DEFAULT.lines() {
            if line.starts_with('#') {
                described = true;
            } else if line.contains(" = ") {
                assert!(described, "`{line}` has no line of description above it");
                described = false;
            }
        }
    }
}
