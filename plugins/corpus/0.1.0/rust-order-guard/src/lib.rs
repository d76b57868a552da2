//! Uses every import that a rule has in contract 0.1.0, and answers with one finding of each severity.

use roro_sdk::order_guard::exports::roro::guard::guard::{Finding, Guest};
use roro_sdk::order_guard::roro::host::{config, legal_date, log, random, tables};
use roro_sdk::order_guard::roro::order::fields::{self, Column, Error};
use roro_sdk::order_guard::roro::order::order::Order;
use roro_sdk::order_guard::roro::types::types::{Parameter, Severity};

/// A path of each kind of column, and one that has no value.
const PATHS: [&str; 8] = [
    "order.reference",
    "shipment.total_gross_mass_kg",
    "vehicle.first_registration",
    "vehicle.price",
    "vehicle.identity.number",
    "order.letter_of_credit.partial_shipments_allowed",
    "order.total",
    "container.number",
];

struct Guard;

impl Guest for Guard {
    fn check(step: String, order: &Order) -> Vec<Finding> {
        for level in [log::Level::Debug, log::Level::Info, log::Level::Warn, log::Level::Error] {
            log::write(level, &step);
        }
        let day = legal_date::as_of();
        let settings = vec![
            ("step", step),
            ("word", config::get("word").unwrap_or_else(|| "none".to_owned())),
            ("key", config::get("key").map_or("none", |_| "set").to_owned()),
            ("nothing", config::get("nothing").unwrap_or_else(|| "none".to_owned())),
            ("as_of", format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)),
            ("packs", tables::packs().len().to_string()),
            ("random", hex(&random::bytes(8))),
            ("random_most", random::bytes(5_000).len().to_string()),
        ];
        let columns = match fields::read(order, &PATHS.map(str::to_owned)) {
            Ok(columns) => PATHS.into_iter().zip(columns.into_iter().map(column)).collect(),
            Err(Error::UnknownPath(path)) => vec![("unknown", path)],
        };
        let unknown = match fields::read(order, &["order.reference".to_owned(), "vehicle.wings".to_owned()]) {
            Ok(_) => vec![("unknown", "none".to_owned())],
            Err(Error::UnknownPath(path)) => vec![("unknown", path)],
        };
        vec![
            found("01", Severity::Info, "/order", settings),
            found("02", Severity::Warn, "/vehicles", columns),
            found("03", Severity::Error, "/shipment", unknown),
            found("04", Severity::Block, "", Vec::new()),
        ]
    }
}

fn column(column: Column) -> String {
    fn each<T>(values: Vec<Option<T>>, text: impl Fn(T) -> String) -> String {
        values.into_iter().map(|value| value.map_or_else(|| "none".to_owned(), &text)).collect::<Vec<_>>().join(" ")
    }
    match column {
        Column::Texts(values) => format!("texts {}", each(values, |text| text)),
        Column::Numbers(values) => format!("numbers {}", each(values, |number| number.to_string())),
        Column::Decimals(values) => format!("decimals {}", each(values, |one| format!("{}e-{}", one.mantissa, one.scale))),
        Column::Dates(values) => {
            format!("dates {}", each(values, |day| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)))
        }
        Column::Booleans(values) => format!("booleans {}", each(values, |value| value.to_string())),
        Column::Moneys(values) => format!("moneys {}", each(values, |money| format!("{}{}", money.minor, money.currency))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn found(rule: &str, severity: Severity, place: &str, values: Vec<(&str, String)>) -> Finding {
    let parameters = values.into_iter().map(|(name, value)| Parameter { name: name.to_owned(), value }).collect();
    Finding { rule: format!("CORPUS-GUARD-{rule}"), severity, place: place.to_owned(), parameters }
}

roro_sdk::order_guard::export_order_guard!(Guard with_types_in roro_sdk::order_guard);
