//! The comparison with the `extism` crate: the hook bench's rule on the ten-vehicle order, in several languages behind our engine and as a guest
//! of an Extism PDK behind the crate, by 1, 2 and 8 callers at the same time.
//!
//! Our side is a child process, the program of the bench `languages` (two wasmtimes in one process would disturb each other), and both sides
//! take turns. What the crate's guest gets is written once, outside the time that is measured, and its answer is not parsed inside it: both in
//! extism's favour. The goals are held against its fastest way, the twelve fields alone as JSON; beside it stands the same function that our
//! engine calls, with the whole order. Arguments: the program of the bench `languages`, the guest's file.
#![expect(clippy::expect_used, reason = "a bench that cannot start has nothing better to do than to stop")]

#[path = "../../src/callers.rs"]
mod callers;
mod ours;
#[path = "../../src/times.rs"]
#[expect(dead_code, reason = "shared with the other benches, which use the rest")]
mod times;

use callers::{CALLERS, Row, Series, by_threads, measure, print};
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use ours::Ours;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;
use times::{figure, ratio, show};

const ROUNDS: usize = 5;
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

/// A way to call the guest: a function of it and what it gets.
struct Way<'a> {
    name: &'static str,
    compiled: &'a CompiledPlugin,
    function: &'static str,
    input: &'a str,
}

impl Way<'_> {
    fn instance(&self) -> Plugin {
        Plugin::new_from_compiled(self.compiled).expect("an instance")
    }

    fn call(&self, plugin: &mut Plugin) -> String {
        plugin.call(self.function, self.input).expect("an answer")
    }

    /// Fresh instance and warm call, after both have given the right answer.
    fn series(&self, right: &Value) -> [Series<'_>; 2] {
        let mut kept = self.instance();
        for answer in [self.call(&mut self.instance()), self.call(&mut kept), self.call(&mut kept)] {
            assert_eq!(said(&answer), *right, "{}: both sides find the same", self.name);
        }
        let fresh = move |callers, calls| by_threads(callers, calls, || move || drop(self.call(&mut self.instance())));
        let warm = move |callers, calls| {
            by_threads(callers, calls, || {
                let mut plugin = self.instance();
                move || drop(self.call(&mut plugin))
            })
        };
        [
            Series { name: format!("extism: fresh instance, {}", self.name), call: Box::new(fresh) },
            Series { name: format!("extism: warm call, {}", self.name), call: Box::new(warm) },
        ]
    }
}

fn compiled(guest: &[u8], limited: bool) -> CompiledPlugin {
    let manifest = Manifest::new([Wasm::data(guest)]);
    if !limited {
        return PluginBuilder::new(manifest).with_wasi(false).compile().expect("a plugin");
    }
    let manifest = manifest.with_timeout(WALL_TIME).with_memory_max(MEMORY_PAGES);
    PluginBuilder::new(manifest).with_wasi(false).with_fuel_limit(FUEL).compile().expect("a plugin")
}

/// Rule, place and parameters by name, whether the guest wrote one finding or a list, its parameters as pairs or as an object.
fn said(answer: &str) -> Value {
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    let finding = answer.get(0).unwrap_or(&answer);
    let part = |name: &str| finding.get(name).cloned().unwrap_or_default();
    let parameters = match part("parameters") {
        Value::Object(named) => named.into_iter().map(|(name, value)| json!([name, value])).collect(),
        other => other,
    };
    told(&json!([part("rule"), part("place"), parameters]))
}

/// The same with the parameters in the order of their names.
fn told(finding: &Value) -> Value {
    let mut finding = finding.clone();
    if let Some(Value::Array(parameters)) = finding.get_mut(2) {
        parameters.sort_by_key(Value::to_string);
    }
    finding
}

fn figures(ours: &Row, fresh: &Row, warm: &Row) {
    for (at, callers) in CALLERS.into_iter().enumerate() {
        let p50 = |row: &Row| row.get(at).map(|made| made.sorted().p50()).unwrap_or_default();
        let (us, fresh, warm) = (p50(ours), p50(fresh), p50(warm));
        let name = format!("to our fresh sandbox, p50, {callers} at a time");
        figure(&format!("extism fresh instance (limited) {name}"), &ratio(fresh, us), "≥ 4");
        figure(&format!("extism warm call (limited) {name}"), &ratio(warm, us), "≥ 1");
    }
}

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(program), Some(guest)) = (arguments.next(), arguments.next()) else {
        return println!("Arguments: the program of the bench `languages`, the guest's file. Run: cargo xtask bench extism");
    };
    let ours = Ours::start(&program);
    let guest = std::fs::read(guest).expect("the guest");
    let (fields, whole) = (order(), ours.input.clone());
    println!(
        "extism 1.30: guest {} kB, {} bytes of JSON in, {} for the whole order",
        guest.len() / 1000,
        fields.len(),
        whole.len()
    );
    let (plain, limited) = (compiled(&guest, false), compiled(&guest, true));
    let way = |name, compiled, function, input| Way { name, compiled, function, input };
    let ways = [
        way("twelve fields, limited", &limited, "check", fields.as_str()),
        way("twelve fields, no limits", &plain, "check", fields.as_str()),
        way("whole order, limited", &limited, "documents_check", whole.as_str()),
    ];
    let (right, names) = (told(&ours.finding), ours.rows.clone());
    let ours = RefCell::new(ours);
    let mut series = Vec::new();
    for (row, name) in names.into_iter().enumerate() {
        let child = &ours;
        series.push(Series { name, call: Box::new(move |callers, calls| child.borrow_mut().call(row, callers, calls)) });
    }
    let first_of_theirs = series.len();
    series.extend(ways.iter().flat_map(|way| way.series(&right)));
    let rows = measure(ROUNDS, &mut series);
    let named: Vec<(&str, &Row)> = series.iter().map(|one| one.name.as_str()).zip(&rows).collect();
    print("10 vehicles, one finding", &named);
    for (name, [alone, ..]) in named.iter().filter(|(name, _)| name.contains("component")) {
        let times = alone.sorted();
        figure(&format!("{name}, 1 caller: p50 / p99"), &format!("{} / {}", show(times.p50()), show(times.p99())), "");
    }
    if let (Some(us), Some(fresh), Some(warm)) = (rows.first(), rows.get(first_of_theirs), rows.get(first_of_theirs + 1)) {
        figures(us, fresh, warm);
    }
}
