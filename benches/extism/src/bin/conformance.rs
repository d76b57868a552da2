//! What the `extism` crate answers to the cases of `conformance/`: compared with `expected.json`, or written there with `--write`.
//!
//! The tests of `host/engine` hold our own engine to the same file, in another process: two wasmtimes in one would disturb each other. So
//! both together say that a guest gets the same from both. Arguments: the guest's file, then `--write` to bless what is answered.
#![expect(clippy::expect_used, reason = "a comparison that cannot start has nothing better to do than to stop")]

use extism::{Manifest, Plugin, PluginBuilder, Wasm};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// The legal date of every case.
const AS_OF: &str = "2026-11-21";

/// What guests have logged since this was last emptied: level and line.
static LOG: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Keeps what guests log, down to `debug`.
struct Keeper;

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "extism::pdk" && *metadata.level() <= Level::DEBUG
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::DEBUG)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut Line(&mut line));
        let level = event.metadata().level().to_string().to_lowercase();
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push((level, line));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// What one case answers.
fn answer(guest: &[u8], case: &Value) -> Value {
    let at = |name: &str| case.get(name).cloned().unwrap_or_default();
    let settings = at("settings");
    let settings = settings.as_object().into_iter().flatten().map(|(key, value)| (key, value.as_str().unwrap_or_default()));
    let manifest = Manifest::new([Wasm::data(guest)]).with_config(settings);
    let compiled = PluginBuilder::new(manifest).with_wasi(true).compile().expect("a plugin");
    let mut plugin = Plugin::new_from_compiled(&compiled).expect("an instance");
    let order = json!({ "case": at("case"), "text": at("text") });
    let input = format!("{{\"as_of\":\"{AS_OF}\",\"order\":{order}}}");
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let called = plugin.call::<&str, String>("documents_check", &input);
    let log = std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner));
    let mut answer = match called {
        Ok(output) => json!({ "ends": "findings", "findings": serde_json::from_str::<Value>(&output).expect("findings") }),
        // Which words a host has for a guest that it stopped is its own affair; what a guest says of itself is the interface's.
        Err(error) if at("ends") == "error" => json!({ "ends": "error", "error": error.to_string() }),
        Err(_) => json!({ "ends": "stopped" }),
    };
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("log".into(), log.into_iter().map(|(level, line)| json!([level, line])).collect());
    }
    answer
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(guest) = arguments.next().map(PathBuf::from) else {
        println!("Arguments: the guest's file, --write. Run: cargo xtask bench extism");
        return ExitCode::from(2);
    };
    let writes = arguments.any(|argument| argument == "--write");
    tracing::subscriber::set_global_default(Keeper).expect("the first subscriber");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let read = |name: &str| serde_json::from_slice::<Value>(&std::fs::read(folder.join(name)).expect(name)).expect(name);
    let guest = std::fs::read(guest).expect("the guest");
    let (cases, mut answers, mut wrong) = (read("cases.json"), serde_json::Map::new(), 0);
    for case in cases.as_array().expect("a list of cases") {
        let name = case.get("name").and_then(Value::as_str).expect("a name");
        let found = answer(&guest, case);
        if found.get("ends") != case.get("ends") {
            println!("{name}: ends otherwise than cases.json says: {found}");
            wrong += 1;
        }
        answers.insert(name.to_owned(), found);
    }
    let answers = Value::Object(answers);
    if writes {
        let text = serde_json::to_string_pretty(&answers).expect("JSON") + "\n";
        std::fs::write(folder.join("expected.json"), text).expect("expected.json");
    } else {
        let expected = read("expected.json");
        for (name, found) in answers.as_object().into_iter().flatten() {
            if expected.get(name) != Some(found) {
                println!("{name}: extism answers {found}, expected.json has {}", expected.get(name).unwrap_or(&Value::Null));
                wrong += 1;
            }
        }
    }
    let count = answers.as_object().map_or(0, serde_json::Map::len);
    println!("extism 1.30: {count} cases, {wrong} otherwise than expected");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
