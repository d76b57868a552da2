//! The hook bench's rule as an extism plugin: the order's twelve fields a vehicle come as JSON, the finding goes as JSON.
//!
//! The rule is the very file that the component of `benches/guests/rule` compiles; only the way in and out differs.
#![cfg(target_family = "wasm")]

#[path = "../../../guests/rule/src/rule.rs"]
mod rule;

use extism_pdk::{FnResult, plugin_fn};
use rule::{RULE, Tally};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    vehicles: Vec<Vehicle<'a>>,
}

#[derive(Deserialize)]
struct Vehicle<'a> {
    identity: &'a str,
    body: &'a str,
    fuel: &'a str,
    steering: &'a str,
    displacement_cc: Option<u32>,
    year_of_manufacture: u16,
    first_registration: Option<&'a str>,
    gross_mass_g: u64,
    hs6: &'a str,
    #[serde(borrow)]
    price: Price<'a>,
    seats: i64,
    odometer: i64,
}

#[derive(Deserialize)]
struct Price<'a> {
    minor: i64,
    #[serde(rename = "currency")]
    _currency: &'a str,
}

#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    place: String,
    parameters: [(&'static str, String); 4],
}

#[plugin_fn]
pub fn check(input: String) -> FnResult<String> {
    let order: Order<'_> = serde_json::from_str(&input)?;
    let mut tally = Tally::default();
    for vehicle in &order.vehicles {
        tally.add(&rule::Vehicle {
            identity: vehicle.identity,
            body: vehicle.body,
            has_cylinders: !matches!(vehicle.fuel, "battery-electric" | "fuel-cell"),
            is_right_hand: vehicle.steering == "right",
            displacement_cc: vehicle.displacement_cc,
            year_of_manufacture: vehicle.year_of_manufacture,
            registration_year: vehicle.first_registration.and_then(|day| day.get(..4)?.parse().ok()),
            gross_mass_g: vehicle.gross_mass_g,
            hs6: vehicle.hs6,
            price_minor: vehicle.price.minor,
            seats: vehicle.seats,
            odometer: vehicle.odometer,
        });
    }
    let finding = Finding { rule: RULE, severity: "info", place: tally.place(), parameters: tally.parameters() };
    Ok(serde_json::to_string(&finding)?)
}
