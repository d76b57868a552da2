//! The order guard's hook of contract 0.1.0 from the Extism PDK: the step, a setting, and findings that stop.

use extism_pdk::{FnResult, Json, config, plugin_fn, warn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Input {
    step: String,
    as_of: String,
    order: Order,
}

#[derive(Deserialize)]
struct Order {
    vehicles: Vec<Vehicle>,
}

#[derive(Deserialize)]
struct Vehicle {
    hs6: String,
}

#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    place: String,
    parameters: BTreeMap<&'static str, String>,
}

#[plugin_fn]
pub fn order_guard_check(Json(input): Json<Input>) -> FnResult<Json<Vec<Finding>>> {
    warn!("step {}", input.step);
    let word = config::get("word")?.unwrap_or_else(|| "none".to_owned());
    let mut findings: Vec<Finding> = input
        .order
        .vehicles
        .into_iter()
        .enumerate()
        .map(|(index, vehicle)| Finding {
            rule: "CORPUS-X-GUARD-01",
            severity: "error",
            place: format!("/vehicles/{index}/hs6"),
            parameters: BTreeMap::from([("hs6", vehicle.hs6)]),
        })
        .collect();
    let parameters = BTreeMap::from([("step", input.step), ("as_of", input.as_of), ("word", word)]);
    findings.push(Finding { rule: "CORPUS-X-GUARD-02", severity: "block", place: String::new(), parameters });
    Ok(Json(findings))
}
