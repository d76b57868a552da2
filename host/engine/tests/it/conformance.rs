//! The same guest of the Extism PDK on our engine as on the `extism` crate: equal answers, errors and logs.
//!
//! What the crate answers stands in `benches/extism/conformance/expected.json`; `cargo xtask extism` compares it with the crate itself, in a
//! process without our engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roro_engine::bindings::contract::roro::host::log::Level;
use roro_engine::bindings::contract::roro::types::types::{Finding, Severity};
use roro_engine::{FailureKind, Limits, LogSource, Plugin, PluginId};
use serde_json::{Map, Value, json};

use crate::support::{Snapshot, call, engine};

fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/extism/conformance").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The guest, as `cargo xtask` builds it.
fn guest() -> Plugin<Snapshot> {
    let folder = std::env::var_os("RORO_EXTISM_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/extism/wasm32-wasip1/plugin"),
        PathBuf::from,
    );
    let path = folder.join("roro_extism_conformance_guest.wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask test` first", path.display()));
    engine().0.load(PluginId::new("conformance", "0.0.0"), &bytes).unwrap()
}

fn snapshot(case: &Value) -> Snapshot {
    let order = json!({ "case": case["case"], "text": case["text"] }).to_string().into_bytes();
    let settings = case["settings"].as_object().into_iter().flatten();
    let config = settings.map(|(key, value)| (&*key.clone().leak(), value.as_str().unwrap().to_owned())).collect();
    Snapshot { order, config, ..Snapshot::default() }
}

fn finding(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Block => "block",
        Severity::Error => "error",
        Severity::Warn => "warn",
        Severity::Info => "info",
    };
    let parameters: Map<String, Value> =
        finding.parameters.iter().map(|one| (one.name.clone(), one.value.clone().into())).collect();
    json!({ "rule": finding.rule, "severity": severity, "place": finding.place, "parameters": parameters })
}

/// The lines that a guest logged itself. What it prints is nobody's in Extism; here it is in the log too.
fn own_lines(log: &[(LogSource, String)]) -> Vec<Value> {
    let level = |level: Level| match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let own = |(source, line): &(LogSource, String)| match source {
        LogSource::Log(of) => Some(json!([level(*of), line])),
        LogSource::Stdout | LogSource::Stderr => None,
    };
    log.iter().filter_map(own).collect()
}

async fn answer(guest: &Plugin<Snapshot>, case: &Value) -> (Value, Option<FailureKind>) {
    let snapshot = snapshot(case);
    let log = snapshot.log.clone();
    let called = engine().0.documents_check(guest, call(snapshot, Limits::rule(10))).await;
    let (mut answer, kind) = match called {
        Ok((findings, _)) => {
            let findings: Vec<Value> = findings.unwrap().iter().map(finding).collect();
            (json!({ "ends": "findings", "findings": findings }), None)
        }
        Err(failure) if failure.kind == FailureKind::Refused => {
            (json!({ "ends": "error", "error": failure.reason }), Some(failure.kind))
        }
        Err(failure) => (json!({ "ends": "stopped" }), Some(failure.kind)),
    };
    answer["log"] = own_lines(&log.lock().unwrap()).into();
    (answer, kind)
}

#[tokio::test]
async fn guests_get_the_same_as_from_the_extism_crate() {
    let (cases, expected, guest) = (file("cases.json"), file("expected.json"), guest());
    let (mut seen, mut wrong) = (BTreeMap::new(), Vec::new());
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (found, kind) = answer(&guest, case).await;
        seen.insert(name, kind);
        if expected[name] != found {
            wrong.push(format!("{name}: ours {found}, extism {}", expected[name]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), expected.as_object().unwrap().len());
    // Where the crate only says that a guest failed, ours says which limit or grant it was.
    let stopped = |name| seen[name].unwrap();
    assert_eq!(stopped("http"), FailureKind::Denied);
    assert_eq!(stopped("vars-too-large"), FailureKind::OutputLimit);
    assert_eq!((stopped("panic"), stopped("exit-three")), (FailureKind::Trapped, FailureKind::Trapped));
}
