//! The pricing hook of contract 0.1.0 from the Extism PDK: a line of each charge, one of them a discount, and a finding beside them.

use extism_pdk::{FnResult, Json, config, plugin_fn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Input {
    as_of: String,
    order: Order,
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "order")]
    terms: Terms,
}

#[derive(Deserialize)]
struct Terms {
    currency: String,
}

#[derive(Serialize)]
struct Quote {
    lines: Vec<Line>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Line {
    rule: &'static str,
    charge: &'static str,
    amount: Money,
    parameters: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Money {
    minor: i64,
    currency: String,
}

#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    place: &'static str,
    parameters: BTreeMap<&'static str, String>,
}

#[plugin_fn]
pub fn pricing_price(Json(input): Json<Input>) -> FnResult<Json<Quote>> {
    let word = config::get("word")?.unwrap_or_else(|| "none".to_owned());
    let line = |charge, minor| Line {
        rule: "CORPUS-X-PRICE-01",
        charge,
        amount: Money { minor, currency: input.order.terms.currency.clone() },
        parameters: BTreeMap::from([("word", word.clone())]),
    };
    let lines = vec![line("freight", 300_000), line("insurance-premium", 5_000), line("other", 60_000), line("other", -10_000)];
    let finding = Finding {
        rule: "CORPUS-X-PRICE-02",
        severity: "info",
        place: "/order",
        parameters: BTreeMap::from([("as_of", input.as_of)]),
    };
    Ok(Json(Quote { lines, findings: vec![finding] }))
}
