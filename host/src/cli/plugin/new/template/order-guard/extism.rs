//! Refuses an order with a vehicle above the firm's price limit.
//!
//! `order_guard_check` is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, and its
//! variables live for one call, so the same order gets the same answer today and in ten years. It answers with findings, and the host acts.

use extism_pdk::{FnResult, Json, config, info, plugin_fn};
use serde::{Deserialize, Serialize};

/// A vehicle costs more than the limit. The sentences of both rules stand in `locales/`.
const TOO_DEAR: &str = "@RULE@-PRICE-01";
/// The order is in another currency than the limit: nobody has compared.
const OTHER_CURRENCY: &str = "@RULE@-PRICE-02";

/// What the host gives, as far as this plugin reads it; `schemas/` has the whole.
#[derive(Deserialize)]
struct Input {
    step: String,
    order: Order,
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "order")]
    terms: Terms,
    vehicles: Vec<Vehicle>,
}

#[derive(Deserialize)]
struct Terms {
    currency: String,
}

#[derive(Deserialize)]
struct Vehicle {
    identity: Identity,
    /// As people write it: `1234.50`.
    price: String,
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

/// What the sentence of each rule needs.
#[derive(Serialize)]
#[serde(untagged)]
enum Parameters {
    TooDear { row: String, vehicle: String, price: String, limit: String, currency: String },
    OtherCurrency { currency: String, limit_currency: String },
}

#[plugin_fn]
pub fn order_guard_check(Json(input): Json<Input>) -> FnResult<Json<Vec<Finding>>> {
    // Later hosts may ask about other steps; this guard has an opinion about papers only.
    if input.step != "issue-documents" {
        return Ok(Json(Vec::new()));
    }
    // The host has checked the settings against plugin.toml: what is there is a whole number.
    let Some(limit) = config::get("price_limit")?.and_then(|text| text.parse::<i64>().ok()) else {
        info!("no price limit is set, so no price is too high");
        return Ok(Json(Vec::new()));
    };
    let limit_currency = config::get("currency")?.unwrap_or_default();
    let currency = input.order.terms.currency;
    if currency != limit_currency {
        let parameters = Parameters::OtherCurrency { currency, limit_currency };
        let place = "/order/currency".to_owned();
        return Ok(Json(vec![Finding { rule: OTHER_CURRENCY, severity: "warn", place, parameters }]));
    }
    let mut findings = Vec::new();
    for (index, vehicle) in input.order.vehicles.into_iter().enumerate() {
        if is_above(&vehicle.price, limit) {
            findings.push(Finding {
                rule: TOO_DEAR,
                severity: "error",
                place: format!("/vehicles/{index}/price"),
                parameters: Parameters::TooDear {
                    row: (index + 1).to_string(),
                    vehicle: vehicle.identity.number,
                    price: vehicle.price,
                    limit: limit.to_string(),
                    currency: currency.clone(),
                },
            });
        }
    }
    Ok(Json(findings))
}

/// Whether an amount is above a limit in whole units. Money is compared as it is written, never as a floating-point number.
fn is_above(price: &str, limit: i64) -> bool {
    let (units, rest) = price.split_once('.').unwrap_or((price, ""));
    // More units than the type holds are above any limit.
    let units = units.parse::<i64>().unwrap_or(i64::MAX);
    units > limit || (units == limit && rest.bytes().any(|digit| digit != b'0'))
}
