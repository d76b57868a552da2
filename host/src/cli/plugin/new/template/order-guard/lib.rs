//! Refuses an order with a vehicle above the firm's price limit.
//!
//! A guard is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order
//! gets the same answer today and in ten years. It writes nothing: it answers with findings, and the host acts on them.

use roro_sdk::order_guard::exports::roro::guard::guard::{Finding, Guest};
use roro_sdk::order_guard::roro::host::config;
use roro_sdk::order_guard::roro::host::log::{self, Level};
use roro_sdk::order_guard::roro::order::order::Order;
use roro_sdk::order_guard::roro::types::types::{Parameter, Severity};

/// A vehicle costs more than the limit. The sentences of both rules stand in `locales/`.
const TOO_DEAR: &str = "@RULE@-PRICE-01";
/// The order is in another currency than the limit: nobody has compared.
const OTHER_CURRENCY: &str = "@RULE@-PRICE-02";

struct Guard;

impl Guest for Guard {
    fn check(step: String, order: &Order) -> Vec<Finding> {
        // Later hosts may ask about other steps; this guard has an opinion about papers only.
        if step != "issue-documents" {
            return Vec::new();
        }
        // The host has checked the settings against plugin.toml: what is there is a whole number.
        let Some(limit) = config::get("price_limit").and_then(|text| text.parse::<i64>().ok()) else {
            log::write(Level::Info, "no price limit is set, so no price is too high");
            return Vec::new();
        };
        let limit_currency = config::get("currency").unwrap_or_default();
        let currency = order.currency();
        if currency != limit_currency {
            let parameters = vec![parameter("currency", currency), parameter("limit_currency", limit_currency)];
            return vec![finding(OTHER_CURRENCY, Severity::Warn, "/order/currency".to_owned(), parameters)];
        }
        too_dear(order, limit, &currency)
    }
}

/// A finding for every vehicle above the limit.
fn too_dear(order: &Order, limit: i64, currency: &str) -> Vec<Finding> {
    let decimals = decimals(currency);
    let limit_minor = limit.saturating_mul(10_i64.pow(decimals));
    // Columns: two calls for the whole shipment, not two a vehicle. Every call of the host costs fuel.
    let shipment = order.shipment();
    let vehicles = shipment.identities().into_iter().zip(shipment.prices());
    let dear = vehicles.enumerate().filter(|(_, (_, price))| price.minor > limit_minor);
    dear.map(|(index, (identity, price))| {
        let parameters = vec![
            parameter("row", (index + 1).to_string()),
            parameter("vehicle", identity),
            parameter("price", amount(price.minor, decimals)),
            parameter("limit", limit.to_string()),
            parameter("currency", currency.to_owned()),
        ];
        finding(TOO_DEAR, Severity::Error, format!("/vehicles/{index}/price"), parameters)
    })
    .collect()
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

fn finding(rule: &str, severity: Severity, place: String, parameters: Vec<Parameter>) -> Finding {
    Finding { rule: rule.to_owned(), severity, place, parameters }
}

fn parameter(name: &str, value: String) -> Parameter {
    Parameter { name: name.to_owned(), value }
}

roro_sdk::order_guard::export_order_guard!(Guard with_types_in roro_sdk::order_guard);
