//! The tariff behind the contract.

use roro_sdk::pricing::exports::roro::pricing::pricing::{Charge, Finding, Guest, Line, Money, Order, Parameter, Quote};
use roro_sdk::pricing::roro::host::config;
use roro_sdk::pricing::roro::order::order::Shipment;
use roro_sdk::pricing::roro::types::types::Severity;

use crate::tariff::{self, Rate};

/// The rules of Incoterms 2020 under which the seller pays the main carriage.
const CARRIAGE_PAID: [&str; 7] = ["CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"];
/// Those under which the seller insures (A5).
const INSURED: [&str; 2] = ["CIF", "CIP"];

struct FreightTariff;

impl Guest for FreightTariff {
    fn price(order: &Order) -> Quote {
        let (currency, tariff) = (order.currency(), config::get("currency").unwrap_or_default());
        if currency != tariff {
            let parameters = parameters(&[("currency", currency), ("tariff", tariff)]);
            return stopped("FREIGHT-TARIFF-04", "/order/currency", parameters);
        }
        match lines(order, &currency) {
            Some(lines) => Quote { lines, findings: Vec::new() },
            None => stopped("FREIGHT-TARIFF-05", "/order", Vec::new()),
        }
    }
}

/// The lines of the tariff; none when an amount is out of range.
fn lines(order: &Order, currency: &str) -> Option<Vec<Line>> {
    let (shipment, incoterm) = (order.shipment(), order.incoterm());
    let decimals = decimals(currency);
    let line = |rule: &str, charge, minor, values: &[(&str, String)]| Line {
        rule: rule.to_owned(),
        charge,
        amount: Money { minor, currency: currency.to_owned() },
        parameters: parameters(values),
    };
    let mut lines = Vec::new();
    let mut freight_minor = 0;
    if let Some(text) = config::get("freight_per_m3").filter(|_| CARRIAGE_PAID.contains(&incoterm.as_str())) {
        let volume = volume_cubic_millimetres(&shipment);
        // A cubic metre has 10^9 cubic millimetres.
        freight_minor = Rate::read(&text)?.times(volume, 9, decimals)?;
        let values = [
            ("volume", tariff::cubic_metres(volume)?),
            ("rate", text),
            ("currency", currency.to_owned()),
            ("incoterm", incoterm.clone()),
        ];
        lines.push(line("FREIGHT-TARIFF-01", Charge::Freight, freight_minor, &values));
    }
    if let Some(text) = config::get("insurance_ppm").filter(|_| INSURED.contains(&incoterm.as_str())) {
        let goods_minor = shipment.prices().iter().try_fold(0_i64, |sum, price| sum.checked_add(price.minor))?;
        let (value, premium) = tariff::insurance(goods_minor, freight_minor, text.parse().ok()?)?;
        let values =
            [("ppm", text), ("value", amount(value, decimals)), ("currency", currency.to_owned()), ("incoterm", incoterm)];
        lines.push(line("FREIGHT-TARIFF-02", Charge::InsurancePremium, premium, &values));
    }
    if let Some(text) = config::get("handling") {
        let vehicles = shipment.vehicle_count();
        let minor = Rate::read(&text)?.times(vehicles.into(), 0, decimals)?;
        let values = [("vehicles", vehicles.to_string()), ("rate", text), ("currency", currency.to_owned())];
        lines.push(line("FREIGHT-TARIFF-03", Charge::Other, minor, &values));
    }
    Some(lines)
}

/// What the vehicles take up, as carriers measure it: length by width by height.
fn volume_cubic_millimetres(shipment: &Shipment) -> i128 {
    let vehicles = (0..shipment.vehicle_count()).filter_map(|index| shipment.vehicle(index));
    let volume = vehicles.map(|one| i128::from(one.length_mm()) * i128::from(one.width_mm()) * i128::from(one.height_mm()));
    volume.sum()
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

/// An amount in minor units as people write it.
fn amount(minor: i64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    let digits = decimals as usize;
    if decimals == 0 { minor.to_string() } else { format!("{}.{:0digits$}", minor / unit, minor % unit) }
}

fn stopped(rule: &str, place: &str, parameters: Vec<Parameter>) -> Quote {
    let finding = Finding { rule: rule.to_owned(), severity: Severity::Error, place: place.to_owned(), parameters };
    Quote { lines: Vec::new(), findings: vec![finding] }
}

fn parameters(values: &[(&str, String)]) -> Vec<Parameter> {
    values.iter().map(|(name, value)| Parameter { name: (*name).to_owned(), value: value.clone() }).collect()
}

roro_sdk::pricing::export_pricing!(FreightTariff with_types_in roro_sdk::pricing);
