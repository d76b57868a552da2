//! The example orders at several sizes, the shipped packs, fonts and plugins, and guests of the benches in a plugin's place.

use roro::document::Case;
use roro::guest::Dispatch;
use roro::kernel::font;
use roro::order::Snapshot;
use roro::pack::{self, Pack};
use roro_engine::{EngineSettings, MacKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The example order of ten vehicles; its papers are Latin.
pub const LATIN: &str = "yokohama-mombasa-10";
/// The example order whose papers are in Chinese and English.
pub const CHINESE: &str = "tianjin-mombasa";

/// The workspace's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("benches lies in the workspace").to_path_buf()
}

/// A folder for what benches leave between runs: compiled plugins, and nothing that a figure depends on.
#[must_use]
pub fn folder() -> PathBuf {
    root().join("target/bench-data")
}

/// Where the built components lie.
#[must_use]
pub fn components() -> PathBuf {
    root().join("target/wasm32-wasip2/plugin")
}

/// The engine as it ships, with the benches' folder of compiled plugins.
#[must_use]
pub fn settings() -> EngineSettings {
    EngineSettings::new(folder().join("engine"), MacKey::new(*b"one fixed key of benches, public"))
}

/// The shipped plugins on a real engine.
#[must_use]
pub fn dispatch() -> Dispatch {
    Dispatch::start(settings(), &components(), &|_| {}).expect("run `cargo xtask bench`")
}

/// The host's door with `component` where the rulebook belongs: what the host does for a call, with another guest.
#[must_use]
pub fn dispatch_with(component: &str) -> Dispatch {
    let plugins = folder().join(format!("instead-{component}"));
    std::fs::remove_dir_all(&plugins).ok();
    std::fs::create_dir_all(&plugins).expect("a folder");
    for (name, source) in [("roro_rulebook.wasm", component), ("roro_renderer.wasm", "roro_renderer.wasm")] {
        std::os::unix::fs::symlink(components().join(source), plugins.join(name)).expect("a link");
    }
    Dispatch::start(settings(), &plugins, &|_| {}).expect("run `cargo xtask bench`")
}

/// The bytes of a built component.
#[must_use]
pub fn component(file: &str) -> Vec<u8> {
    std::fs::read(components().join(file)).expect("run `cargo xtask bench`")
}

/// An example order's file, as JSON.
#[must_use]
pub fn example(name: &str) -> Value {
    let bytes = std::fs::read(root().join(format!("examples/orders/{name}.json"))).expect("the example order");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// An example order under another reference, so that it can be stored beside its like.
#[must_use]
pub fn numbered(template: &Value, number: usize) -> Vec<u8> {
    let mut order = template.clone();
    for (place, text) in [("/external_id", format!("BENCH-{number}")), ("/order/reference", format!("B-{number}"))] {
        if let Some(slot) = order.pointer_mut(place) {
            *slot = Value::from(text);
        }
    }
    serde_json::to_vec(&order).expect("JSON")
}

/// The ten-vehicle order, its vehicles repeated with numbers of their own until there are `vehicles`.
#[must_use]
pub fn order(vehicles: usize) -> Snapshot {
    let mut order = example(LATIN);
    let rows = order.get("vehicles").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = Vec::new();
    for (number, row) in rows.iter().cycle().take(vehicles).enumerate() {
        let mut row = row.clone();
        if number >= rows.len()
            && let Some(identity) = row.pointer_mut("/identity/number")
        {
            *identity = Value::from(format!("NHP10-{number:07}"));
        }
        all.push(row);
    }
    if let Some(slot) = order.get_mut("vehicles") {
        *slot = Value::Array(all);
    }
    read(&order)
}

/// An order file's snapshot.
#[must_use]
pub fn read(order: &Value) -> Snapshot {
    roro::order::read(&serde_json::to_vec(order).expect("JSON")).expect("the example order is valid")
}

/// The shipped packs.
#[must_use]
pub fn packs() -> Vec<Arc<Pack>> {
    pack::load_folder(&root().join("plugins/packs")).expect("the shipped packs")
}

/// The fetched fonts.
#[must_use]
pub fn fonts() -> Arc<[font::Font]> {
    font::load_folder(&root().join("data/fonts")).expect("run `cargo xtask fonts`").into()
}

/// The case of an order with the shipped packs and fonts.
#[must_use]
pub fn case(snapshot: Snapshot) -> Case {
    Case {
        as_of: snapshot.legal_date(),
        packs: pack::for_route(&packs(), &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::new(BTreeMap::new()),
        fonts: fonts(),
        plugins: Arc::new([]),
    }
}
