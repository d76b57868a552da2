//! The settings as layers: what ships, a file, the environment, the command line; each value with where it came from, each fault with its
//! fix.
//!
//! A layer that is wrong somewhere still counts everywhere else, so that one look names every problem.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use toml::{Table, Value};

use super::{Config, DEFAULT, Error};

/// Settings that may hold a password or a key: their values are never shown.
const SECRETS: [&str; 3] = ["database.url", "cache.redis_url", "telemetry.otlp_headers"];
/// The name of the file that ships, where faults of it are reported.
const SHIPPED: &str = "config.default.toml";

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// As it ships.
    Default,
    /// The file that was given.
    File,
    /// A variable of the environment.
    Environment,
    /// The command line.
    Argument,
}

impl Source {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Argument => "argument",
        }
    }
}

/// One setting as it counts.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// `section.key`.
    pub key: String,
    /// Its value; none for a secret.
    pub value: Option<Value>,
    /// For a secret: whether there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<bool>,
    /// What a number counts.
    pub unit: Option<&'static str>,
    /// Where the value came from.
    pub from: Source,
    /// The file with its line, the variable or the option; none for what ships.
    pub place: Option<String>,
    /// What the setting does.
    pub about: String,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file with its line, the variable or the setting.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    /// A problem at a place, with what to do about it.
    #[must_use]
    pub fn new(place: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), fix: fix.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.message, self.fix)
    }
}

/// All layers, the upper ones laid over the lower ones.
#[derive(Debug, Clone)]
pub struct Layers {
    table: Table,
    from: BTreeMap<String, (Source, String)>,
    problems: Vec<Problem>,
}

impl Layers {
    /// The defaults, then the file if one is given, then the environment of this process.
    #[must_use]
    pub fn load(file: Option<&Path>) -> Self {
        // A variable that is not UTF-8 cannot be one of ours that means something: its name would still match, so say so.
        let mut environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.into_string().ok().filter(|name| name.starts_with("RORO__"))?;
                Some((name, value.to_string_lossy().into_owned()))
            })
            .collect();
        environment.sort();
        let mut unread = None;
        let text = file.and_then(|path| match std::fs::read_to_string(path) {
            Ok(text) => Some((path.display().to_string(), text)),
            Err(error) => {
                let message = format!("the settings cannot be read: {error}");
                unread = Some(Problem::new(path.display().to_string(), message, "check the path and its rights"));
                None
            }
        });
        let mut layers = Self::of(text, environment);
        layers.problems.splice(0..0, unread);
        layers
    }

    /// The same of these layers: the file with its name, and variables.
    #[must_use]
    pub fn of(file: Option<(String, String)>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut layers = Self { table: Table::new(), from: BTreeMap::new(), problems: Vec::new() };
        match DEFAULT.parse::<Table>() {
            Ok(table) => layers.table = table,
            Err(error) => layers.wrong(SHIPPED, format!("it is not TOML: {error}"), "build roro again"),
        }
        if let Some((name, text)) = file {
            layers.lay_file(&name, &text);
        }
        for (name, value) in environment {
            layers.lay_variable(&name, &value);
        }
        layers
    }

    /// Lays a value of the command line over everything.
    pub fn argue(&mut self, option: &str, section: &str, key: &str, value: &str) {
        self.lay(Source::Argument, option.to_owned(), section, key, Value::String(value.to_owned()));
    }

    /// The settings, if nothing is wrong with them.
    ///
    /// # Errors
    /// [`Error`] with every problem.
    pub fn config(&self) -> Result<Config, Error> {
        let (config, problems) = self.judged();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(Error(problems)),
        }
    }

    /// The settings as far as they can be read, and everything that is wrong with them.
    #[must_use]
    pub fn judged(&self) -> (Option<Config>, Vec<Problem>) {
        let mut problems = self.problems.clone();
        match self.table.clone().try_into::<Config>() {
            Ok(config) => {
                config.judge(&mut problems);
                (Some(config), problems)
            }
            // Each value was tried when it was laid: only what ships can be wrong here.
            Err(error) => {
                problems.push(Problem::new(SHIPPED, error.message().to_owned(), "build roro again"));
                (None, problems)
            }
        }
    }

    /// Every setting as it counts, in the order of the file that ships.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let (mut section, mut about) = (String::new(), Vec::new());
        for line in DEFAULT.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut section);
                about.clear();
            } else if let Some(said) = line.strip_prefix('#') {
                about.push(said.trim());
            } else if let Some((key, _)) = line.split_once(" = ") {
                settings.extend(self.setting(&section, key, about.join(" ")));
                about.clear();
            }
        }
        settings
    }

    fn setting(&self, section: &str, key: &str, about: String) -> Option<Setting> {
        let value = self.table.get(section)?.get(key)?;
        let name = format!("{section}.{key}");
        let (from, place) =
            self.from.get(&name).map_or((Source::Default, None), |(source, place)| (*source, Some(place.clone())));
        let secret = SECRETS.contains(&name.as_str());
        let set = secret.then(|| value.as_str().is_none_or(|text| !text.is_empty()));
        let unit = value.is_integer().then(|| unit(key)).flatten();
        Some(Setting { key: name, value: (!secret).then(|| value.clone()), set, unit, from, place, about })
    }

    fn wrong(&mut self, place: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::new(place, message, fix));
    }

    fn lay_file(&mut self, name: &str, text: &str) {
        let line_of = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let sections = match toml::de::DeTable::parse(text) {
            Ok(sections) => sections,
            Err(error) => {
                let place = error.span().map_or_else(|| name.to_owned(), |span| format!("{name}:{}", line_of(span.start)));
                return self.wrong(place, format!("this is not TOML: {}", error.message()), "mend the line");
            }
        };
        // In the order of the file, which is the order in which somebody mends it.
        let mut written: Vec<(usize, &str, Option<&str>)> = Vec::new();
        for (section, keys) in sections.get_ref() {
            let (at, section) = (section.span().start, &**section.get_ref());
            match keys.get_ref().as_table().filter(|_| self.table.contains_key(section)) {
                Some(keys) => written.extend(keys.keys().map(|key| (key.span().start, section, Some(&**key.get_ref())))),
                None => written.push((at, section, None)),
            }
        }
        written.sort_unstable();
        let read: Table = text.parse().unwrap_or_default();
        for (at, section, key) in written {
            let (place, found) = (format!("{name}:{}", line_of(at)), read.get(section));
            match (key, found.and_then(|keys| keys.get(key?))) {
                (Some(key), Some(value)) => self.lay(Source::File, place, section, key, value.clone()),
                _ if found.is_some_and(Value::is_table) => self.unknown_section(place, section),
                _ => self.wrong(place, format!("`{section}` stands in no section"), "write it below a line like [http]"),
            }
        }
    }

    /// `RORO__HTTP__LISTEN=0.0.0.0:80` as a layer. A value is TOML if it reads as that, else text, so that nobody must quote a path.
    fn lay_variable(&mut self, name: &str, value: &str) {
        let path: Vec<String> = name.split("__").skip(1).map(str::to_ascii_lowercase).collect();
        let [section, key] = path.as_slice() else {
            return self.wrong(name, "this names no setting", "write RORO__SECTION__KEY, or unset it");
        };
        if !self.table.contains_key(section) {
            return self.unknown_section(name.to_owned(), section);
        }
        let read = format!("value = {value}").parse::<Table>().ok().filter(|table| table.len() == 1);
        // A text of digits alone is a text where one is wanted.
        let wants_text = self.table.get(section).and_then(|keys| keys.get(key)).is_some_and(Value::is_str);
        let value = read
            .and_then(|mut table| table.remove("value"))
            .filter(|value| !wants_text || value.is_str())
            .unwrap_or_else(|| Value::String(value.to_owned()));
        self.lay(Source::Environment, name.to_owned(), section, key, value);
    }

    /// Lays one value over what is there, unless it does not fit.
    fn lay(&mut self, source: Source, place: String, section: &str, key: &str, value: Value) {
        let name = format!("{section}.{key}");
        let Some(keys) = self.table.get(section).and_then(Value::as_table) else { return };
        let Some(before) = keys.get(key) else {
            let known: Vec<&str> = keys.keys().map(String::as_str).collect();
            let fix = format!("[{section}] has: {}", known.join(", "));
            return self.wrong(place, format!("there is no setting `{name}`"), fix);
        };
        let like = if SECRETS.contains(&name.as_str()) {
            "a text in quotation marks".to_owned()
        } else {
            format!("a value like {before}")
        };
        let mut tried = self.table.clone();
        if let Some(keys) = tried.get_mut(section).and_then(Value::as_table_mut) {
            keys.insert(key.to_owned(), value);
        }
        if let Err(error) = tried.clone().try_into::<Config>() {
            // The message repeats the value, which may be a secret that stands in the wrong place.
            let message =
                if SECRETS.contains(&name.as_str()) { "the value is of the wrong kind" } else { error.message().trim() };
            return self.wrong(place, format!("{name}: {message}"), format!("write {like}"));
        }
        self.table = tried;
        self.from.insert(name, (source, place));
    }

    fn unknown_section(&mut self, place: String, section: &str) {
        let known: Vec<&str> = self.table.keys().map(String::as_str).collect();
        let fix = format!("the sections are: {}", known.join(", "));
        self.wrong(place, format!("there is no section `{section}`"), fix);
    }
}

/// What a number counts: the words of the house put it last, or before `_max`.
fn unit(key: &str) -> Option<&'static str> {
    let most = key.strip_suffix("_max");
    match most.unwrap_or(key).rsplit('_').next()? {
        "ms" => Some("milliseconds"),
        "s" => Some("seconds"),
        "bytes" => Some("bytes"),
        "second" => Some("a second"),
        _ => most.map(|_| "count"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(file: &str, environment: &[(&str, &str)]) -> Layers {
        let file = (!file.is_empty()).then(|| ("roro.toml".to_owned(), file.to_owned()));
        Layers::of(file, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn one(layers: &Layers, key: &str) -> Setting {
        layers.settings().into_iter().find(|setting| setting.key == key).unwrap()
    }

    #[test]
    fn every_setting_says_where_it_came_from() {
        let mut layers = layers(
            "# mine\n[http]\nlisten = \"127.0.0.1:1\"\nrequests_max = 7",
            &[("RORO__HTTP__LISTEN", "127.0.0.1:2"), ("RORO__PLUGINS__INSTALLATION", "7")],
        );
        layers.argue("--data", "data", "folder", "elsewhere");
        let said = |key: &str| {
            let setting = one(&layers, key);
            (setting.value.unwrap().to_string(), setting.from, setting.place)
        };
        assert_eq!(said("http.listen"), ("\"127.0.0.1:2\"".into(), Source::Environment, Some("RORO__HTTP__LISTEN".into())));
        assert_eq!(said("http.requests_max"), ("7".into(), Source::File, Some("roro.toml:4".into())));
        assert_eq!(said("plugins.installation").0, "\"7\"");
        assert_eq!(said("http.drain_ms_max"), ("20000".into(), Source::Default, None));
        assert_eq!(said("data.folder"), ("\"elsewhere\"".into(), Source::Argument, Some("--data".into())));
        assert!(layers.config().is_ok());
    }

    #[test]
    fn every_key_that_ships_is_shown_with_what_it_does_and_every_number_with_its_unit() {
        let layers = layers("", &[]);
        let settings = layers.settings();
        let keys = layers.table.values().filter_map(Value::as_table).map(Table::len).sum::<usize>();
        assert_eq!(settings.len(), keys);
        for setting in settings {
            assert!(setting.about.len() > 10, "{setting:?}");
            let number = setting.value.as_ref().is_some_and(Value::is_integer);
            assert_eq!(number, setting.unit.is_some(), "{setting:?}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let url = "postgres://roro:sesame@db/roro";
        let layers = layers("[cache]\nredis_url = \"redis://:sesame@cache\"", &[("RORO__DATABASE__URL", url)]);
        let shown = serde_json::to_string(&layers.settings()).unwrap();
        assert!(!shown.contains("sesame"), "{shown}");
        assert_eq!((one(&layers, "database.url").set, one(&layers, "cache.redis_url").set), (Some(true), Some(true)));
        for name in ["url", "header", "secret", "password", "token", "credential"] {
            for setting in layers.settings().iter().filter(|setting| setting.key.contains(name) && setting.value.is_some()) {
                let known = ["http.client_address_header", "cache.memory_bytes_max"];
                assert!(
                    known.contains(&setting.key.as_str()) || !setting.value.as_ref().is_some_and(Value::is_str),
                    "{setting:?}"
                );
            }
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_with_its_place_and_its_fix() {
        let file = "top = 1\n[htp]\nlisten = \"x\"\n[http]\nlistn = \"x\"\nrequests_max = \"many\"\nbody_bytes_max = 9\nbodies_bytes_max = 8\n[database]\nurl = 5\n";
        let layers = layers(file, &[("RORO__HTTP", "x"), ("RORO__OUTBOUND__REQUEST_MS_MAX", "30000")]);
        let (_, problems) = layers.judged();
        let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let expected = [
            "roro.toml:1: `top` stands in no section; write it below",
            "roro.toml:2: there is no section `htp`; the sections are: access, ",
            "roro.toml:5: there is no setting `http.listn`; [http] has: bodies_bytes_max, ",
            "roro.toml:6: http.requests_max: invalid type: string \"many\"",
            "RORO__HTTP: this names no setting; write RORO__SECTION__KEY",
            "roro.toml:10: database.url: the value is of the wrong kind; write a text",
            "http.bodies_bytes_max: it is smaller than",
            "outbound.request_ms_max: ",
        ];
        for start in expected {
            assert!(said.iter().any(|one| one.starts_with(start)), "{start}\n{said:#?}");
        }
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        assert!(layers.config().unwrap_err().to_string().lines().count() >= expected.len());
    }

    #[test]
    fn a_file_that_is_not_toml_is_named_with_its_line() {
        let (_, problems) = layers("[http]\nlisten = \n", &[]).judged();
        assert!(problems.len() == 1 && problems.iter().all(|one| one.place == "roro.toml:2"), "{problems:?}");
    }
}
