//! Prices the freight of each vehicle, with a discount from a number of vehicles on.
//!
//! `pricing_price` is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, and its
//! variables live for one call, so the same order gets the same price today and in ten years. It changes nothing: a person takes it over.

use extism_pdk::{FnResult, Json, config, info, plugin_fn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a line follows from. The sentences of all three rules stand in `locales/`.
const FREIGHT: &str = "@RULE@-FREIGHT-01";
const DISCOUNT: &str = "@RULE@-DISCOUNT-01";
/// The order is in another currency than the tariff.
const OTHER_CURRENCY: &str = "@RULE@-CURRENCY-01";

/// What the host gives, as far as this plugin reads it; `schemas/` has the whole.
#[derive(Deserialize)]
struct Input {
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

/// They are counted only.
#[derive(Deserialize)]
struct Vehicle {}

/// What the host gets.
#[derive(Default, Serialize)]
struct Quote {
    lines: Vec<Line>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Line {
    rule: &'static str,
    charge: &'static str,
    amount: Money,
    parameters: Parameters,
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
    /// A JSON pointer into the order.
    place: &'static str,
    parameters: Parameters,
}

/// What the sentence of a rule needs.
type Parameters = BTreeMap<&'static str, String>;

#[plugin_fn]
pub fn pricing_price(Json(input): Json<Input>) -> FnResult<Json<Quote>> {
    let mut quote = Quote::default();
    let Some(rate) = setting("freight_per_vehicle")? else {
        info!("no freight is set, so nothing is priced");
        return Ok(Json(quote));
    };
    let tariff_currency = config::get("currency")?.unwrap_or_default();
    let currency = input.order.terms.currency;
    if currency != tariff_currency {
        let parameters = Parameters::from([("currency", currency), ("tariff_currency", tariff_currency)]);
        quote.findings.push(Finding { rule: OTHER_CURRENCY, severity: "error", place: "/order/currency", parameters });
        return Ok(Json(quote));
    }
    let vehicles = i64::try_from(input.order.vehicles.len())?;
    let freight = freight(vehicles, rate, &currency);
    let total = freight.amount.minor;
    quote.lines.push(freight);
    if let (Some(percent @ 1..), Some(from)) = (setting("discount_percent")?, setting("discount_from")?)
        && vehicles >= from
    {
        quote.lines.push(discount(total, percent, from, &currency));
    }
    Ok(Json(quote))
}

/// A whole number of the settings. The host has checked them against plugin.toml.
fn setting(key: &str) -> FnResult<Option<i64>> {
    Ok(config::get(key)?.and_then(|text| text.parse().ok()))
}

fn freight(vehicles: i64, rate: i64, currency: &str) -> Line {
    let parameters = [("currency", currency.to_owned()), ("rate", rate.to_string()), ("vehicles", vehicles.to_string())];
    let minor = vehicles * rate * 10_i64.pow(decimals(currency));
    Line { rule: FREIGHT, charge: "freight", amount: money(minor, currency), parameters: parameters.into() }
}

fn discount(total: i64, percent: i64, from: i64, currency: &str) -> Line {
    let parameters = [
        ("currency", currency.to_owned()),
        ("from", from.to_string()),
        ("percent", percent.to_string()),
        ("total", amount(total, decimals(currency))),
    ];
    let minor = -percent_of(total, percent);
    Line { rule: DISCOUNT, charge: "freight", amount: money(minor, currency), parameters: parameters.into() }
}

/// So many percent of an amount, exactly, and then rounded to whole minor units; a half goes to the even one. The product is below 2^127.
fn percent_of(minor: i64, percent: i64) -> i64 {
    let hundredths = i128::from(minor) * i128::from(percent);
    let (whole, rest) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
    let is_up = rest > 50 || (rest == 50 && whole % 2 != 0);
    i64::try_from(whole + i128::from(is_up)).unwrap_or(i64::MAX)
}

/// How many decimals a currency has (ISO 4217).
fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount in minor units as people write it: `123456` with two decimals is `1234.56`.
fn amount(minor: i64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    let digits = decimals as usize;
    if decimals == 0 { minor.to_string() } else { format!("{}.{:0digits$}", minor / unit, minor % unit) }
}

fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: currency.to_owned() }
}
