//! One smoke comparison: the hook bench's rule on the ten-vehicle order, behind the `extism` crate with JSON in and out, beside our own hook.
//!
//! Our side is a child process, the program of the hook bench (two wasmtimes in one process would disturb each other), and both sides take
//! turns. The order is written as JSON once, outside the time that is measured, and the answer is not parsed inside it: both in extism's
//! favour. Arguments: the program of the hook bench, the guest's file.
#![expect(clippy::expect_used, reason = "a bench that cannot start has nothing better to do than to stop")]

#[path = "../../src/times.rs"]
#[expect(dead_code, reason = "shared with the other benches, which use the rest")]
mod times;

use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use times::{Table, Times, figure, interleave, ratio, show};

const ROUNDS: usize = 5;
const BLOCK: usize = 1_000;
/// What our engine allows a rule on an order of ten lines.
const FUEL: u64 = 300_000_000;
const WALL_TIME: Duration = Duration::from_millis(700);
const MEMORY_PAGES: u32 = 522;

/// The twelve fields that the rule reads, of every vehicle of the example order.
fn order() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/orders/yokohama-mombasa-10.json");
    let order: Value = serde_json::from_slice(&std::fs::read(file).expect("the example order")).expect("JSON");
    let at = |value: &Value, place: &str| value.pointer(place).cloned().unwrap_or_default();
    let currency = at(&order, "/order/currency");
    let vehicle = |one: &Value| {
        let price: i64 =
            at(one, "/price").as_str().and_then(|text| text.replace('.', "").parse().ok()).expect("a price in cents");
        json!({
            "identity": at(one, "/identity/number"), "body": at(one, "/body"), "fuel": at(one, "/fuel"),
            "steering": at(one, "/steering"), "displacement_cc": at(one, "/displacement_cc"),
            "year_of_manufacture": at(one, "/year_of_manufacture"), "first_registration": at(one, "/first_registration"),
            "gross_mass_g": at(one, "/gross_mass_kg").as_i64().expect("a mass") * 1000, "hs6": at(one, "/hs6"),
            "price": { "minor": price, "currency": currency }, "seats": at(one, "/seats"), "odometer": at(one, "/odometer/value"),
        })
    };
    let vehicles: Vec<Value> = order.get("vehicles").and_then(Value::as_array).expect("vehicles").iter().map(vehicle).collect();
    json!({ "vehicles": vehicles }).to_string()
}

/// What our own hook takes now, and its finding.
struct Ours {
    p50: Duration,
    p99: Duration,
    finding: Value,
}

fn ours(program: &Path) -> Ours {
    let output = Command::new(program).args(["--bench", "--one"]).output().expect("the hook bench");
    assert!(output.status.success(), "the hook bench failed: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("a line of JSON");
    let time = |name: &str| Duration::from_nanos(said.get(name).and_then(Value::as_u64).expect("a time"));
    Ours { p50: time("p50_ns"), p99: time("p99_ns"), finding: said.get("finding").cloned().expect("a finding") }
}

fn compiled(guest: &[u8], limited: bool) -> CompiledPlugin {
    let manifest = Manifest::new([Wasm::data(guest)]);
    if !limited {
        return PluginBuilder::new(manifest).with_wasi(false).compile().expect("a plugin");
    }
    let manifest = manifest.with_timeout(WALL_TIME).with_memory_max(MEMORY_PAGES);
    PluginBuilder::new(manifest).with_wasi(false).with_fuel_limit(FUEL).compile().expect("a plugin")
}

fn call(plugin: &mut Plugin, order: &str) -> String {
    plugin.call("check", order).expect("an answer")
}

fn timed(count: usize, mut work: impl FnMut() -> String) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        drop(work());
        times.push(started.elapsed());
    }
    times
}

/// Rule, place and parameters, as our side prints them.
fn said(answer: &str) -> Value {
    let finding: Value = serde_json::from_str(answer).expect("JSON");
    let part = |name: &str| finding.get(name).cloned().unwrap_or_default();
    json!([part("rule"), part("place"), part("parameters")])
}

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(program), Some(guest)) = (arguments.next(), arguments.next()) else {
        return println!("Arguments: the program of the hook bench, the guest's file. Run: cargo xtask bench extism");
    };
    let order = order();
    let guest = std::fs::read(guest).expect("the guest");
    println!("extism 1.30: guest {} kB, {} bytes of JSON in", guest.len() / 1000, order.len());
    let (plain, limited) = (compiled(&guest, false), compiled(&guest, true));
    let fresh = |compiled: &CompiledPlugin| call(&mut Plugin::new_from_compiled(compiled).expect("an instance"), &order);
    let warm = |compiled: &CompiledPlugin| Plugin::new_from_compiled(compiled).expect("an instance");
    let (mut warm_plain, mut warm_limited) = (warm(&plain), warm(&limited));
    let right = ours(&program).finding;
    for answer in [fresh(&plain), fresh(&limited), call(&mut warm_plain, &order), call(&mut warm_limited, &order)] {
        assert_eq!(said(&answer), right, "both sides find the same");
    }
    let mut hooks = Vec::new();
    let all = interleave(
        ROUNDS,
        BLOCK,
        &mut [
            Box::new(|_| {
                let one = ours(&program);
                let p50 = one.p50;
                hooks.push(one);
                vec![p50]
            }),
            Box::new(|count| timed(count, || fresh(&plain))),
            Box::new(|count| timed(count, || call(&mut warm_plain, &order))),
            Box::new(|count| timed(count, || fresh(&limited))),
            Box::new(|count| timed(count, || call(&mut warm_limited, &order))),
        ],
    );
    let [hook, fresh_plain, warm_plain, fresh_limited, warm_limited] = <[Times; 5]>::try_from(all).expect("five series");
    let tails = Times::new(hooks.iter().map(|one| one.p99).collect());
    println!("  our hook, fresh sandbox, median of {ROUNDS} runs of 1000: p50 {}, p99 {}", show(hook.p50()), show(tails.p50()));
    let table = Table::new("10 vehicles; ratio to our hook's p50", None);
    for (name, times) in [
        ("extism, fresh instance, no limits", &fresh_plain),
        ("extism, warm call, no limits", &warm_plain),
        ("extism, fresh instance, fuel, time and memory limited", &fresh_limited),
        ("extism, warm call, fuel, time and memory limited", &warm_limited),
    ] {
        table.row(&format!("{name}: {}", ratio(times.p50(), hook.p50())), times);
    }
    figure("extism fresh instance (limited) to our fresh sandbox, p50", &ratio(fresh_limited.p50(), hook.p50()), "≥ 4");
    figure("extism warm call (limited) to our fresh sandbox, p50", &ratio(warm_limited.p50(), hook.p50()), "≥ 1");
}
