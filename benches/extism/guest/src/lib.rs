//! The hook bench's rule as an extism plugin, twice: `check` gets the order's twelve fields a vehicle as JSON and nothing else, which is the
//! fastest way through the `extism` crate; `documents_check` is the hook that our engine calls, with the order file as it is.
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

/// What our engine gives.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    order: File<'a>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    vehicles: Vec<Car<'a>>,
}

/// A vehicle of the order file, as far as the rule reads it.
#[derive(Deserialize)]
struct Car<'a> {
    #[serde(borrow)]
    identity: Identity<'a>,
    body: &'a str,
    fuel: &'a str,
    steering: &'a str,
    displacement_cc: Option<u32>,
    year_of_manufacture: u16,
    first_registration: Option<&'a str>,
    gross_mass_kg: u64,
    hs6: &'a str,
    /// With the two decimals of the bench's order.
    price: &'a str,
    seats: i64,
    odometer: Odometer,
}

#[derive(Deserialize)]
struct Identity<'a> {
    number: &'a str,
}

#[derive(Deserialize)]
struct Odometer {
    value: i64,
}

/// A finding as our engine reads it.
#[derive(Serialize)]
struct Told {
    rule: &'static str,
    severity: &'static str,
    place: String,
    parameters: Parameters,
}

#[derive(Serialize)]
struct Parameters {
    vehicles: String,
    odd: String,
    gross_mass_g: String,
    price_minor: String,
}

fn has_cylinders(fuel: &str) -> bool {
    !matches!(fuel, "battery-electric" | "fuel-cell")
}

fn year(day: &str) -> Option<u16> {
    day.get(..4)?.parse().ok()
}

#[plugin_fn]
pub fn documents_check(input: String) -> FnResult<String> {
    let asked: Asked<'_> = serde_json::from_str(&input)?;
    let mut tally = Tally::default();
    for vehicle in &asked.order.vehicles {
        tally.add(&rule::Vehicle {
            identity: vehicle.identity.number,
            body: vehicle.body,
            has_cylinders: has_cylinders(vehicle.fuel),
            is_right_hand: vehicle.steering == "right",
            displacement_cc: vehicle.displacement_cc,
            year_of_manufacture: vehicle.year_of_manufacture,
            registration_year: vehicle.first_registration.and_then(year),
            gross_mass_g: vehicle.gross_mass_kg * 1000,
            hs6: vehicle.hs6,
            price_minor: vehicle.price.replace('.', "").parse()?,
            seats: vehicle.seats,
            odometer: vehicle.odometer.value,
        });
    }
    let [vehicles, odd, gross_mass_g, price_minor] = tally.parameters().map(|(_, value)| value);
    let parameters = Parameters { vehicles, odd, gross_mass_g, price_minor };
    let told = Told { rule: RULE, severity: "info", place: tally.place(), parameters };
    Ok(serde_json::to_string(&[told])?)
}

#[plugin_fn]
pub fn check(input: String) -> FnResult<String> {
    let order: Order<'_> = serde_json::from_str(&input)?;
    let mut tally = Tally::default();
    for vehicle in &order.vehicles {
        tally.add(&rule::Vehicle {
            identity: vehicle.identity,
            body: vehicle.body,
            has_cylinders: has_cylinders(vehicle.fuel),
            is_right_hand: vehicle.steering == "right",
            displacement_cc: vehicle.displacement_cc,
            year_of_manufacture: vehicle.year_of_manufacture,
            registration_year: vehicle.first_registration.and_then(year),
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
