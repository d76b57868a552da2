//! Reading order files: nothing that comes in makes the reader panic, run long, or pass what cannot be printed.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

use crate::support::{example, example_json, read, set};

#[test]
fn every_problem_is_named_at_once_with_its_place() {
    let mut order = example_json("yokohama-mombasa");
    set(&mut order, "/order/currency", json!("usd"));
    set(&mut order, "/vehicles/0/price", json!(12000));
    set(&mut order, "/vehicles/1/hs6", json!("8703"));
    set(&mut order, "/buyer/nmae", json!("x"));
    set(&mut order, "/shipment/departure", json!("2026-02-30"));
    let problems = roro::order::read(&serde_json::to_vec(&order).unwrap()).unwrap_err();
    let mut places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["/buyer/nmae", "/order/currency", "/shipment/departure", "/vehicles/0/price", "/vehicles/1/hs6"]);
    assert!(problems.iter().all(|problem| !problem.message.is_empty() && !problem.fix.is_empty()));
}

#[test]
fn an_amount_with_more_decimals_than_its_currency_is_refused() {
    let mut order = example_json("yokohama-mombasa");
    set(&mut order, "/order/currency", json!("JPY"));
    set(&mut order, "/vehicles/0/price", json!("100.50"));
    let problems = roro::order::read(&serde_json::to_vec(&order).unwrap()).unwrap_err();
    assert!(problems.iter().any(|problem| problem.pointer == "/vehicles/0/price"), "{problems:?}");
}

#[test]
fn a_file_of_five_megabytes_is_answered_in_bounded_time() {
    let mut order = example_json("yokohama-mombasa-40");
    let vehicle = order["vehicles"][0].clone();
    let one = serde_json::to_vec(&vehicle).unwrap().len();
    order["vehicles"] = Value::Array(vec![vehicle; 5_000_000 / one]);
    let bytes = serde_json::to_vec(&order).unwrap();
    assert!(bytes.len() > 4_500_000);
    let started = Instant::now();
    let problems = roro::order::read(&bytes).unwrap_err();
    assert!(problems.iter().any(|problem| problem.pointer == "/vehicles"), "more than 2000 vehicles: {problems:?}");
    // Not a figure of speed: a bound that only a runaway reader breaks.
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn equal_orders_have_equal_digests_whatever_the_order_of_their_keys() {
    let order = example_json("yokohama-mombasa");
    let mut turned = serde_json::Map::new();
    for (key, value) in order.as_object().unwrap().iter().rev() {
        turned.insert(key.clone(), value.clone());
    }
    assert_eq!(read(&order).digest, read(&Value::Object(turned)).digest);
}

#[test]
fn the_published_schema_is_the_one_in_the_docs() {
    let path = crate::support::root().join("docs/order.schema.json");
    let schema = serde_json::to_string_pretty(roro::order::reader::schema()).unwrap() + "\n";
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == schema,
        "docs/order.schema.json is not up to date: run `cargo run -p roro -- order schema > docs/order.schema.json`"
    );
}

#[test]
fn the_reference_of_fields_is_the_one_in_the_docs() {
    let published = std::fs::read_to_string(crate::support::root().join("docs/fields.md")).unwrap_or_default();
    assert!(
        published == roro::order::fields::page(),
        "docs/fields.md is not up to date: run `cargo run -p roro -- order fields > docs/fields.md`"
    );
}

/// Any JSON, not too deep.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,12}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place of a JSON value.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        all.push(place.clone());
        places(value, &place, all);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(rows) => rows.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), value)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_never_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = roro::order::read(&bytes);
    }

    #[test]
    fn an_order_with_any_value_at_any_place_is_read_or_refused(pick in any::<prop::sample::Index>(), value in json_value()) {
        let mut order = example_json("tianjin-mombasa");
        let mut all = Vec::new();
        places(&order, "", &mut all);
        let place = pick.get(&all).clone();
        set(&mut order, &place, value);
        if let Err(problems) = roro::order::read(&serde_json::to_vec(&order).unwrap()) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| !problem.message.is_empty() && !problem.fix.is_empty()));
        }
    }

    #[test]
    fn a_cut_file_is_refused(cut in 2_usize..200) {
        let bytes = example("yokohama-mombasa");
        prop_assert!(roro::order::read(&bytes[..bytes.len() - cut]).is_err());
    }
}
