//! What the tests share: folders, the engine, example orders.

use roro::document::report::Report;
use roro::document::{self, Assembled, Case, Numbered, Numbering};
use roro::guest::Dispatch;
use roro::kernel::font::{self, Font};
use roro::order::{self, Snapshot};
use roro::pack::{self, Pack};
use roro_engine::EngineSettings;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A folder that `cargo xtask test` names, or where its commands put things by default.
pub(crate) fn folder(variable: &str, default: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| root().join(default), PathBuf::from)
}

/// The shipped plugins on a real engine. Compiled once for all tests of a machine.
pub(crate) fn dispatch() -> Dispatch {
    static DISPATCH: OnceLock<Dispatch> = OnceLock::new();
    let start = || {
        let mut settings = EngineSettings::for_testing();
        settings.artifacts = root().join("target/test-artifacts");
        Dispatch::start(settings, &folder("RORO_PLUGIN_DIR", "target/wasm32-wasip2/plugin"), &|_| {})
            .expect("run `cargo xtask test`")
    };
    DISPATCH.get_or_init(start).clone()
}

/// The bytes of a component that `cargo xtask plugins` builds.
pub(crate) fn component(file: &str) -> Vec<u8> {
    let path = folder("RORO_PLUGIN_DIR", "target/wasm32-wasip2/plugin").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask plugins`", path.display()))
}

/// The shipped packs.
pub(crate) fn shelf() -> &'static [Arc<Pack>] {
    static SHELF: OnceLock<Vec<Arc<Pack>>> = OnceLock::new();
    SHELF.get_or_init(|| pack::load_folder(&root().join("plugins/packs")).unwrap())
}

/// The fonts that `cargo xtask fonts` fetched.
pub(crate) fn fonts() -> Arc<[Font]> {
    static FONTS: OnceLock<Arc<[Font]>> = OnceLock::new();
    let load = || {
        let fonts = font::load_folder(&folder("RORO_FONTS_DIR", "data/fonts")).unwrap();
        assert!(!fonts.is_empty(), "no fonts: run `cargo xtask fonts`");
        fonts.into()
    };
    Arc::clone(FONTS.get_or_init(load))
}

/// The bytes of an example order, by its path below `examples/orders` without `.json`.
pub(crate) fn example(name: &str) -> Vec<u8> {
    let path = root().join("examples/orders").join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An example order as JSON, to change it.
pub(crate) fn example_json(name: &str) -> Value {
    serde_json::from_slice(&example(name)).unwrap()
}

/// Sets the value at a JSON pointer; the place must have a parent.
pub(crate) fn set(order: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let slot = order.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has no parent"));
    match slot {
        Value::Object(object) => drop(object.insert(key.to_owned(), value)),
        Value::Array(rows) => rows[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} lies below a plain value"),
    }
}

/// Removes the field at a JSON pointer.
pub(crate) fn remove(order: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap_or_else(|| panic!("{pointer} is not there"));
}

/// The order file of a JSON value, which must be of the right shape.
pub(crate) fn read(order: &Value) -> Snapshot {
    order::read(&serde_json::to_vec(order).unwrap()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The case of an order with the shipped packs, judged as of its legal date.
pub(crate) fn case(snapshot: Snapshot) -> Case {
    case_with(snapshot, shelf())
}

/// The same with other packs.
pub(crate) fn case_with(snapshot: Snapshot, shelf: &[Arc<Pack>]) -> Case {
    Case {
        as_of: snapshot.legal_date(),
        packs: pack::for_route(shelf, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::new(BTreeMap::new()),
        fonts: fonts(),
        plugins: Arc::new([]),
    }
}

/// Numbers that say which paper it is.
pub(crate) struct Plain;

#[async_trait::async_trait]
impl Numbering for Plain {
    async fn number(&self, document: &str, _data_sha256: &str) -> Result<Numbered, String> {
        Ok(Numbered { number: format!("T-{document}"), revision: 1 })
    }
}

/// Findings and required set only.
pub(crate) async fn check(case: &Case) -> Assembled {
    document::check(&dispatch(), case).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The documents of a case and its report.
pub(crate) async fn assemble(case: &Case) -> (Assembled, Report) {
    let dispatch = dispatch();
    let outcome = document::assemble(&dispatch, case, &Plain).await.unwrap_or_else(|error| panic!("{error}"));
    let report = Report::new(&dispatch, case, &outcome);
    (outcome, report)
}

/// Rule, severity and place of the findings that stop an order.
pub(crate) fn stops(outcome: &Assembled) -> Vec<(String, String, String)> {
    let stopping = outcome.findings.iter().filter(|finding| finding.severity.stops());
    stopping.map(|finding| (finding.rule.clone(), finding.severity.word().to_owned(), finding.place.clone())).collect()
}

/// The text of a PDF, as `pdftotext` reads it.
pub(crate) fn pdf_text(bytes: &[u8]) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is missing: run `cargo xtask test`");
    let mut input = reader.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = reader.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "pdftotext refused the file");
    String::from_utf8(output.stdout).unwrap()
}
