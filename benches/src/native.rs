//! The same work without a sandbox: what the answers are compared with before anything is measured.

use roro::document::Case;
use roro::finding::Finding;
use roro::order::Snapshot;
use roro::order::fields::{self, Kind};
use roro::order::file::{Fuel, Steering};
use roro_bench_rule::rule::{RULE, Tally, Vehicle};
use roro_engine::bindings::contract::roro::types::types;
use roro_pack::{Column, Date, Money, Step, Tables};
use serde_json::Value;

/// A finding without its severity: rule, place, parameters.
pub type Said = (String, String, Vec<(String, String)>);

/// A finding of the host without its severity.
#[must_use]
pub fn of_host(finding: &Finding) -> Said {
    let parameters = finding.parameters.iter().map(|one| (one.name.clone(), one.value.clone()));
    (finding.rule.clone(), finding.place.clone(), parameters.collect())
}

/// A finding as the contract has it, without its severity.
#[must_use]
pub fn of_wire(finding: &types::Finding) -> Said {
    let parameters = finding.parameters.iter().map(|one| (one.name.clone(), one.value.clone()));
    (finding.rule.clone(), finding.place.clone(), parameters.collect())
}

/// What the bench's own rule says.
#[must_use]
pub fn rule(snapshot: &Snapshot) -> Vec<Said> {
    let mut tally = Tally::default();
    for (vehicle, price) in snapshot.file.vehicles.iter().zip(&snapshot.prices) {
        let body = serde_json::to_value(vehicle.body).expect("a word");
        tally.add(&Vehicle {
            identity: vehicle.identity.number.as_str(),
            body: body.as_str().expect("a word"),
            has_cylinders: !matches!(vehicle.fuel, Fuel::BatteryElectric | Fuel::FuelCell),
            is_right_hand: vehicle.steering == Steering::Right,
            displacement_cc: vehicle.displacement_cc,
            year_of_manufacture: vehicle.year_of_manufacture,
            registration_year: vehicle.first_registration.map(|day| day.0.year().unsigned_abs()),
            gross_mass_g: u64::from(vehicle.gross_mass_kg) * 1000,
            hs6: vehicle.hs6.as_str(),
            price_minor: price.minor(),
            seats: i64::from(vehicle.seats),
            odometer: i64::from(vehicle.odometer.value),
        });
    }
    let parameters = tally.parameters().map(|(name, value)| (name.to_owned(), value));
    vec![(RULE.to_owned(), tally.place(), parameters.into())]
}

/// What the packs' tables say.
#[must_use]
pub fn rulebook(case: &Case) -> Vec<Said> {
    let tables: Vec<&[u8]> = case.packs.iter().map(|pack| pack.table()).collect();
    let joined = Tables::join(&tables).expect("tables");
    let reading = joined.reads(Step::Check).expect("reads");
    let columns = reading.paths().iter().map(|path| column(&case.snapshot.value, path)).collect();
    let as_of = Date::parse(&case.as_of.to_string()).expect("a date");
    let input = joined.input(as_of, &reading, columns).expect("input");
    let findings = joined.check(&input).expect("findings");
    findings.into_iter().map(|one| (one.rule, one.place, one.parameters)).collect()
}

fn column(snapshot: &Value, path: &str) -> Column {
    let (kind, rows) = fields::column(snapshot, path).expect("a field");
    let text = |row: &Option<&Value>| row.and_then(Value::as_str).map(str::to_owned);
    let money = |value: &Value| {
        Some(Money { minor: value.get("minor")?.as_i64()?, currency: value.get("currency")?.as_str()?.to_owned() })
    };
    match kind {
        Kind::Text => Column::Texts(rows.iter().map(text).collect()),
        Kind::Number => Column::Integers(rows.iter().map(|row| row.and_then(Value::as_i64)).collect()),
        Kind::Boolean => Column::Booleans(rows.iter().map(|row| row.and_then(Value::as_bool)).collect()),
        Kind::Date => Column::Dates(rows.iter().map(|row| row.and_then(Value::as_str).and_then(Date::parse)).collect()),
        Kind::Money => Column::Moneys(rows.iter().map(|row| row.and_then(money)).collect()),
    }
}
