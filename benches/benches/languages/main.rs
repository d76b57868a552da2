//! The same rule in Rust, TypeScript and Python, and as a guest of an Extism PDK, each as a tenant's plugin on the ten-vehicle order: 1, 2 and 8
//! callers at the same time.
//!
//! A call gets a fresh sandbox, whatever its language: that is what the server does, and for an interpreter it means to start from the memory
//! that its component was frozen with. The rows `kept warm` are what a firm gets that has asked for it: a sandbox waits for the next call of the
//! same release. The rows `warm, wasmtime alone` are the floor of that: one store for all calls of a caller, plain structs behind the imports, no
//! meter. The rows `16 MiB kept` are what the engine's settings offer:
//! a slot of the pool keeps all pages of an interpreter's memory for the next call, which writes the changed ones back, where by default only
//! the first 512 KiB are kept and the rest comes again page by page.
//!
//! With `--answer` it prints no table: it is the child of the comparison in `benches/extism`, which asks for one block of calls a line of JSON
//! on its standard input, so that both sides take turns. `cargo xtask bench extism` prints the whole table.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints its table and stops when it cannot start"
)]

mod guests;

use guests::{Guest, Hired, Warmed};
use roro::document::Case;
use roro::guest::{Dispatch, Runner};
use roro_benches::callers::{Made, Series, measure, print};
use roro_benches::cases::{case, components, folder, order, settings};
use roro_benches::floor::Machine;
use roro_benches::native::{self, Said};
use roro_benches::times::{figure, show};
use roro_engine::{EngineSettings, PoolSettings};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::runtime::Runtime;

const ROUNDS: usize = 5;
const VEHICLES: usize = 10;
/// Bytes of a memory that stay resident, for the rows that try it: all of an interpreter's.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// Every series, after each has given the right answer.
fn series<'a>(server: &'a Runtime, case: &Case, right: &[Said]) -> Vec<Series<'a>> {
    let runner = Runner::open(&folder().join("languages")).expect("an engine");
    let mut all = Vec::new();
    for guest in guests::all() {
        let hired = Hired::new(&runner, &guest, case);
        assert_eq!(hired.says(server), right, "{}", guest.name);
        all.push(Series {
            name: format!("ours: {}, fresh sandbox", guest.name),
            call: Box::new(move |callers, calls| hired.call(server, callers, calls)),
        });
    }
    for guest in guests::all().into_iter().filter(Guest::is_interpreted) {
        let hired = Hired::new(&runner, &guest, case).kept_warm();
        for _ in 0..3 {
            assert_eq!(hired.says(server), right, "{}, kept warm", guest.name);
        }
        all.push(Series {
            name: format!("ours: {}, kept warm", guest.name),
            call: Box::new(move |callers, calls| hired.call(server, callers, calls)),
        });
    }
    let pool = PoolSettings { memory_resident_bytes: KEPT_BYTES, ..PoolSettings::default() };
    let kept = Dispatch::start(EngineSettings { pool, ..settings() }, &components(), &|_| {}).expect("an engine");
    for guest in guests::all().into_iter().filter(Guest::is_interpreted) {
        let hired = Hired::new(kept.runner(), &guest, case);
        assert_eq!(hired.says(server), right, "{}, kept", guest.name);
        all.push(Series {
            name: format!("ours: {}, fresh sandbox, 16 MiB kept", guest.name),
            call: Box::new(move |callers, calls| hired.call(server, callers, calls)),
        });
    }
    let machine = Machine::still(true);
    for guest in guests::all().into_iter().filter(|guest| guest.is_component) {
        println!("  compiling the {} once more, without the engine (Python takes up to a minute)", guest.name);
        let warmed = Warmed::new(&machine, &guest, case);
        assert_eq!(warmed.says(), right, "{}, warm", guest.name);
        all.push(Series {
            name: format!("warm, wasmtime alone: {}", guest.name),
            call: Box::new(move |callers, calls| warmed.call(callers, calls)),
        });
    }
    all
}

fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Answers the comparison: first what there is, then a block of calls a line.
fn answer(series: &mut [Series<'_>], case: &Case, right: &[Said]) {
    let file = serde_json::to_string(&case.snapshot.file).expect("JSON");
    let rows: Vec<&str> = series.iter().map(|one| one.name.as_str()).collect();
    let input = format!("{{\"as_of\":\"{}\",\"order\":{file}}}", case.as_of);
    println!("{}", json!({ "rows": rows, "input": input, "finding": right.first() }));
    for line in std::io::stdin().lines() {
        let asked: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let number = |name: &str| asked.get(name).and_then(Value::as_u64).and_then(|one| usize::try_from(one).ok());
        let (row, callers, calls) = (number("row"), number("callers"), number("calls"));
        let one = row.and_then(|row| series.get_mut(row)).expect("a row");
        let Made { times, elapsed } = (one.call)(callers.expect("callers"), calls.expect("calls"));
        let times: Vec<u64> = times.into_iter().map(ns).collect();
        println!("{}", json!({ "ns": times, "elapsed_ns": ns(elapsed) }));
    }
}

fn main() {
    // As the server runs: a runtime of its own, beside the engine's threads.
    let server = Runtime::new().expect("a runtime");
    let case = case(order(VEHICLES));
    let right = native::rule(&case.snapshot);
    println!("languages: one rule, {VEHICLES} vehicles, as a tenant's plugin");
    let mut series = series(&server, &case, &right);
    if std::env::args().any(|argument| argument == "--answer") {
        return answer(&mut series, &case, &right);
    }
    let rows = measure(ROUNDS, &mut series);
    let named: Vec<_> = series.iter().map(|one| one.name.as_str()).zip(&rows).collect();
    print(&format!("{VEHICLES} vehicles, one finding"), &named);
    for (name, row) in named {
        let [alone, ..] = row;
        let times = alone.sorted();
        figure(&format!("{name}, 1 caller: p50 / p99"), &format!("{} / {}", show(times.p50()), show(times.p99())), "");
    }
}
