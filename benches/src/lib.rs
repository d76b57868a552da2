//! What the benches share: the example order at several sizes, the shipped plugins, and percentiles.
//!
//! Each bench compares inside one run (with the same work done natively, or with a floor), because absolute times of a shared machine mean
//! little. It prints a table and judges nothing.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::expect_used, reason = "a bench that cannot start has nothing better to do than to stop")]

use roro::document::Case;
use roro::guest::Dispatch;
use roro::kernel::font;
use roro::order::Snapshot;
use roro::pack;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The workspace's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("benches lies in the workspace").to_path_buf()
}

/// The shipped plugins on a real engine with the settings of production.
#[must_use]
pub fn dispatch() -> Dispatch {
    let root = root();
    Dispatch::open(&root.join("target/bench-data"), &root.join("target/wasm32-wasip2/plugin"), &|_| {})
        .expect("run `cargo xtask bench`")
}

/// The ten-vehicle order, its vehicles repeated with numbers of their own until there are `vehicles`.
#[must_use]
pub fn order(vehicles: usize) -> Snapshot {
    let bytes = std::fs::read(root().join("examples/orders/yokohama-mombasa-10.json")).expect("the example order");
    let mut order: Value = serde_json::from_slice(&bytes).expect("JSON");
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
    roro::order::read(&serde_json::to_vec(&order).expect("JSON")).expect("the example order is valid")
}

/// The case of an order with the shipped packs and fonts.
#[must_use]
pub fn case(snapshot: Snapshot) -> Case {
    let shelf = pack::load_folder(&root().join("plugins/packs")).expect("the shipped packs");
    Case {
        as_of: snapshot.legal_date(),
        packs: pack::for_route(&shelf, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::new(BTreeMap::new()),
        fonts: font::load_folder(&root().join("data/fonts")).expect("run `cargo xtask fonts`").into(),
    }
}

/// Durations of one thing, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// Wraps measured durations.
    #[must_use]
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Measures `work` after a tenth of the rounds as warm-up.
    pub fn of(rounds: usize, mut work: impl FnMut()) -> Self {
        (0..rounds.div_ceil(10)).for_each(|_| work());
        let measure = |()| {
            let started = Instant::now();
            work();
            started.elapsed()
        };
        Self::new(std::iter::repeat_n((), rounds).map(measure).collect())
    }

    /// The duration below which so many per cent lie.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    /// One line of a table; gives the median in microseconds.
    pub fn print(&self, name: &str) -> u128 {
        let (median, high) = (self.percentile(50).as_micros(), self.percentile(99).as_micros());
        println!("{name:48} p50 {median:>9} µs   p99 {high:>9} µs   n {}", self.0.len());
        median
    }
}

/// The PostgreSQL that `cargo xtask bench` started, if it did.
#[must_use]
pub fn postgres_url() -> Option<String> {
    std::env::var("RORO_TEST_POSTGRES_URL").ok()
}

/// A ratio to two decimals, without a float.
#[must_use]
pub fn ratio(one: u128, other: u128) -> String {
    let hundredths = (one * 100).checked_div(other).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
