//! A hook call in a fresh sandbox: the stock rulebook checks an order with the packs trade, jp and ke. Beside it the same tables, evaluated
//! natively by the same evaluator: what the sandbox, the border and the metering cost.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::document::Case;
use roro::document::hook::Hooks;
use roro::order::fields::{self, Kind};
use roro_benches::{Times, case, dispatch, order, ratio};
use roro_pack::{Column, Date, Money, Step, Tables};
use serde_json::Value;

fn native(case: &Case) -> usize {
    let tables: Vec<&[u8]> = case.packs.iter().map(|pack| pack.table()).collect();
    let joined = Tables::join(&tables).expect("tables");
    let reading = joined.reads(Step::Check).expect("reads");
    let columns = reading.paths().iter().map(|path| column(&case.snapshot.value, path)).collect();
    let as_of = Date::parse(&case.as_of.to_string()).expect("a date");
    let input = joined.input(as_of, &reading, columns).expect("input");
    joined.check(&input).expect("findings").len()
}

fn column(snapshot: &Value, path: &str) -> Column {
    let (kind, rows) = fields::column(snapshot, path).expect("a field");
    let text = |row: &Option<&Value>| row.and_then(Value::as_str).map(str::to_owned);
    let money = |value: &Value| {
        Some(Money { minor: value.get("minor")?.as_i64()?, currency: value.get("currency")?.as_str()?.to_owned() })
    };
    match kind {
        Kind::Text => Column::Texts(rows.iter().map(text).collect()),
        Kind::Number => Column::Integers(rows.iter().map(|row| row.and_then(Value::as_i64)).collect()),
        Kind::Boolean => Column::Booleans(rows.iter().map(|row| row.and_then(Value::as_bool)).collect()),
        Kind::Date => Column::Dates(rows.iter().map(|row| row.and_then(Value::as_str).and_then(Date::parse)).collect()),
        Kind::Money => Column::Moneys(rows.iter().map(|row| row.and_then(money)).collect()),
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let dispatch = dispatch();
    println!("hook: rulebook check, packs trade + jp + ke, fresh sandbox a call");
    for vehicles in [1, 10, 100] {
        let case = case(order(vehicles));
        let (findings, cost) = runtime.block_on(dispatch.check(&case)).expect("an answer");
        assert_eq!(findings.len(), native(&case), "sandbox and native find the same");
        let sandboxed =
            Times::of(1_000, || drop(runtime.block_on(dispatch.check(&case)))).print(&format!("{vehicles} vehicles, sandboxed"));
        let plain = Times::of(1_000, || {
            let _ = native(&case);
        })
        .print(&format!("{vehicles} vehicles, native"));
        println!(
            "  ratio {}   fuel {}   peak memory {} kB   findings {}",
            ratio(sandboxed, plain),
            cost.fuel,
            cost.peak_memory_bytes / 1000,
            findings.len()
        );
    }
}
