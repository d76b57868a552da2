//! Warns about vehicles without a colour or an engine number.
//!
//! `documents_check` is a pure function of the order and the legal date. It has no clock, no files and no network, and its variables live for
//! one call, so the same order gets the same answer today and in ten years. It answers with findings, and the host shows them.

use extism_pdk::{FnResult, Json, plugin_fn};
use serde::{Deserialize, Serialize};

/// What the host gives, as far as this plugin reads it; `schemas/` has the whole.
#[derive(Deserialize)]
struct Input {
    order: Order,
}

#[derive(Deserialize)]
struct Order {
    vehicles: Vec<Vehicle>,
}

#[derive(Deserialize)]
struct Vehicle {
    identity: Identity,
    colour: Option<String>,
    engine_number: Option<String>,
}

#[derive(Deserialize)]
struct Identity {
    number: String,
}

/// What the host gets.
#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    /// A JSON pointer into the order.
    place: String,
    parameters: Parameters,
}

#[derive(Serialize)]
struct Parameters {
    row: String,
    vehicle: String,
}

/// A field of each vehicle that papers print.
type Field = fn(&Vehicle) -> &Option<String>;

/// The fields, and the rule that asks for each. The sentences of the rules stand in `locales/`.
const ASKED: [(&str, &str, Field); 2] = [
    ("colour", "@RULE@-COLOUR-01", |vehicle| &vehicle.colour),
    ("engine_number", "@RULE@-ENGINE-01", |vehicle| &vehicle.engine_number),
];

#[plugin_fn]
pub fn documents_check(Json(input): Json<Input>) -> FnResult<Json<Vec<Finding>>> {
    let mut findings = Vec::new();
    for (field, rule, of) in ASKED {
        let vehicles = input.order.vehicles.iter().enumerate();
        findings.extend(vehicles.filter(|(_, vehicle)| of(vehicle).is_none()).map(|(index, vehicle)| Finding {
            rule,
            severity: "warn",
            place: format!("/vehicles/{index}/{field}"),
            parameters: Parameters { row: (index + 1).to_string(), vehicle: vehicle.identity.number.clone() },
        }));
    }
    Ok(Json(findings))
}
