//! Prices the freight of each vehicle, with a discount from a number of vehicles on.
//!
//! Pricing is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order
//! gets the same price today and in ten years. It changes nothing: a person sees the price first, and takes it over.

use roro_sdk::pricing::exports::roro::pricing::pricing::{Charge, Finding, Guest, Line, Quote};
use roro_sdk::pricing::roro::host::config;
use roro_sdk::pricing::roro::host::log::{self, Level};
use roro_sdk::pricing::roro::order::order::Order;
use roro_sdk::pricing::roro::types::types::{Money, Parameter, Severity};

/// What a line follows from. The sentences of all three rules stand in `locales/`.
const FREIGHT: &str = "@RULE@-FREIGHT-01";
const DISCOUNT: &str = "@RULE@-DISCOUNT-01";
/// The order is in another currency than the tariff.
const OTHER_CURRENCY: &str = "@RULE@-CURRENCY-01";

struct Tariff;

impl Guest for Tariff {
    fn price(order: &Order) -> Quote {
        let Some(rate) = setting("freight_per_vehicle") else {
            log::write(Level::Info, "no freight is set, so nothing is priced");
            return Quote { lines: Vec::new(), findings: Vec::new() };
        };
        let tariff_currency = config::get("currency").unwrap_or_default();
        let currency = order.currency();
        if currency != tariff_currency {
            return Quote { lines: Vec::new(), findings: vec![other_currency(currency, tariff_currency)] };
        }
        let vehicles = i64::from(order.shipment().vehicle_count());
        let freight = freight(vehicles, rate, &currency);
        let total = freight.amount.minor;
        let mut lines = vec![freight];
        if let (Some(percent @ 1..), Some(from)) = (setting("discount_percent"), setting("discount_from"))
            && vehicles >= from
        {
            lines.push(discount(total, percent, from, &currency));
        }
        Quote { lines, findings: Vec::new() }
    }
}

/// A whole number of the settings. The host has checked them against plugin.toml.
fn setting(key: &str) -> Option<i64> {
    config::get(key).and_then(|text| text.parse().ok())
}

fn freight(vehicles: i64, rate: i64, currency: &str) -> Line {
    let parameters = vec![
        parameter("currency", currency.to_owned()),
        parameter("rate", rate.to_string()),
        parameter("vehicles", vehicles.to_string()),
    ];
    let minor = vehicles * rate * 10_i64.pow(decimals(currency));
    Line { rule: FREIGHT.to_owned(), charge: Charge::Freight, amount: money(minor, currency), parameters }
}

fn discount(total: i64, percent: i64, from: i64, currency: &str) -> Line {
    let parameters = vec![
        parameter("currency", currency.to_owned()),
        parameter("from", from.to_string()),
        parameter("percent", percent.to_string()),
        parameter("total", amount(total, decimals(currency))),
    ];
    let minor = -percent_of(total, percent);
    Line { rule: DISCOUNT.to_owned(), charge: Charge::Freight, amount: money(minor, currency), parameters }
}

/// So many percent of an amount, exactly, and then rounded to whole minor units; a half goes to the even one. The product is below 2^127.
fn percent_of(minor: i64, percent: i64) -> i64 {
    let hundredths = i128::from(minor) * i128::from(percent);
    let (whole, rest) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
    let is_up = rest > 50 || (rest == 50 && whole % 2 != 0);
    i64::try_from(whole + i128::from(is_up)).unwrap_or(i64::MAX)
}

fn other_currency(currency: String, tariff_currency: String) -> Finding {
    Finding {
        rule: OTHER_CURRENCY.to_owned(),
        severity: Severity::Error,
        place: "/order/currency".to_owned(),
        parameters: vec![parameter("currency", currency), parameter("tariff_currency", tariff_currency)],
    }
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

fn parameter(name: &str, value: String) -> Parameter {
    Parameter { name: name.to_owned(), value }
}

roro_sdk::pricing::export_pricing!(Tariff with_types_in roro_sdk::pricing);
