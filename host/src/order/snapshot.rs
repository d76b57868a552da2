//! The snapshot of an order: the file, its sums, and one canonical JSON value that rules read by path and templates print.
//!
//! It is immutable and content-addressed: the digest is of the canonical JSON (RFC 8785), so equal orders have equal digests. It never
//! holds what a plugin said.

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::fields::{self, Kind};
use super::file::{Address, OrderFile};
use super::reader::{self, Problem};
use super::text::Amount;
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::Zone;

/// An order as plugins see it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The order file.
    pub file: OrderFile,
    /// The order's currency.
    pub currency: Currency,
    /// The price of each vehicle, in the order of the vehicles.
    pub prices: Vec<Money>,
    /// The sum of the prices.
    pub goods_total: Money,
    /// Goods, freight, insurance and other charges.
    pub total: Money,
    /// The whole as JSON: the file's shape, amounts as `{minor, currency}`, absent fields as null, derived fields added.
    pub value: Value,
    /// SHA-256 of the canonical JSON of `value`, in hex.
    pub digest: String,
}

impl Snapshot {
    /// Derives the sums of an order file and freezes it.
    ///
    /// # Errors
    /// Every amount that does not fit its currency, unknown currencies, and sums out of range, each with its place.
    pub fn new(file: OrderFile) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let currency = currency_of(file.order.currency.as_str(), "/order/currency", &mut problems);
        let mut value = serde_json::to_value(&file).map_err(|error| {
            vec![Problem::new("", format!("cannot be written as JSON: {error}"), "report this as a bug of Roro")]
        })?;
        let root = reader::schema();
        if let Some(currency) = currency {
            complete(root, root, &mut value, currency, &mut String::new(), &mut problems);
        }
        if let Some(zone) = file.company.time_zone.as_ref().filter(|zone| zone.as_str().parse::<Zone>().is_err()) {
            problems.push(Self::zone_problem(zone.as_str()));
        }
        let (Some(currency), true) = (currency, problems.is_empty()) else { return Err(problems) };
        let sums = sums(&file, currency).ok_or_else(|| {
            vec![Problem::new(
                "/order",
                "the sum of prices and charges is out of range",
                "check the amounts: one of them is far too large",
            )]
        })?;
        derive(&file, &sums, &mut value);
        let digest = digest(&value)?;
        Ok(Self { file, currency, prices: sums.prices, goods_total: sums.goods, total: sums.total, value, digest })
    }

    /// The problem of a time zone that nobody knows.
    pub(super) fn zone_problem(zone: &str) -> Problem {
        Problem::new(
            "/company/time_zone",
            format!("`{zone}` is not a time zone of the IANA database"),
            "write its name, for example \"Africa/Nairobi\"",
        )
    }

    /// The order's legal date: the contract's civil date in the company's zone.
    #[must_use]
    pub fn legal_date(&self) -> Date {
        self.file.order.contract_date.0
    }

    /// The firm's own reference.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.file.order.reference.as_str()
    }
}

/// SHA-256 of the canonical JSON (RFC 8785) of a value, in hex.
///
/// # Errors
/// When the value cannot be written canonically, which JSON read from text never shows.
pub fn digest(value: &Value) -> Result<String, Vec<Problem>> {
    let canonical = serde_json_canonicalizer::to_vec(value)
        .map_err(|error| vec![Problem::new("", format!("no canonical form: {error}"), "report this as a bug of Roro")])?;
    Ok(hex::encode(Sha256::digest(canonical)))
}

struct Sums {
    prices: Vec<Money>,
    goods: Money,
    total: Money,
}

fn sums(file: &OrderFile, currency: Currency) -> Option<Sums> {
    let amount = |amount: &Amount| Money::parse(amount.as_str(), currency).ok();
    let prices: Vec<Money> = file.vehicles.iter().map(|vehicle| amount(&vehicle.price)).collect::<Option<_>>()?;
    let goods = prices.iter().try_fold(Money::new(0, currency), |sum, price| sum.checked_add(*price).ok())?;
    let charges = [&file.order.freight, &file.order.insurance_premium, &file.order.other_charges];
    let total = charges.into_iter().flatten().try_fold(goods, |sum, charge| sum.checked_add(amount(charge)?).ok())?;
    Some(Sums { prices, goods, total })
}

fn currency_of(code: &str, pointer: &str, problems: &mut Vec<Problem>) -> Option<Currency> {
    let currency = code.parse::<Currency>().ok();
    if currency.is_none() {
        problems.push(Problem::new(
            pointer,
            format!("`{code}` is not a currency of ISO 4217"),
            "use the three letters of the currency, for example \"USD\"",
        ));
    }
    currency
}

/// Walks schema and value together: writes absent fields as null and amounts as money in the nearest currency.
fn complete(root: &Value, node: &Value, value: &mut Value, near: Currency, pointer: &mut String, problems: &mut Vec<Problem>) {
    let node = fields::resolve(root, node);
    if let (Some(properties), Some(object)) = (node.get("properties").and_then(Value::as_object), value.as_object_mut()) {
        let near = match object.get("currency").and_then(Value::as_str) {
            Some(code) => currency_of(code, &format!("{pointer}/currency"), problems).unwrap_or(near),
            None => near,
        };
        // The prices of the vehicles and the charges are in the order's currency: the root hands it down.
        for (name, below) in properties {
            let length = pointer.len();
            pointer.push('/');
            pointer.push_str(name);
            let empty = if fields::is_map(fields::resolve(root, below)) { Value::Object(Map::new()) } else { Value::Null };
            let slot = object.entry(name.clone()).or_insert(empty);
            complete(root, below, slot, near, pointer, problems);
            pointer.truncate(length);
        }
    } else if let (Some(items), Some(rows)) = (node.get("items"), value.as_array_mut()) {
        for (index, row) in rows.iter_mut().enumerate() {
            let length = pointer.len();
            pointer.push('/');
            pointer.push_str(&index.to_string());
            complete(root, items, row, near, pointer, problems);
            pointer.truncate(length);
        }
    } else if fields::scalar(node) == Some(Kind::Money)
        && let Some(text) = value.as_str()
    {
        match Money::parse(text, near) {
            Ok(money) => *value = money_json(money),
            Err(error) => problems.push(Problem::new(
                pointer.clone(),
                error.to_string(),
                format!("write the amount with at most {} decimals", near.exponent()),
            )),
        }
    }
}

fn money_json(money: Money) -> Value {
    json!({ "minor": money.minor(), "currency": money.currency().code() })
}

fn derive(file: &OrderFile, sums: &Sums, value: &mut Value) {
    if let Some(order) = fields::object(value, "order") {
        order.insert("goods_total".into(), money_json(sums.goods));
        order.insert("total".into(), money_json(sums.total));
    }
    let addresses = [
        ("company", Some(&file.company.address)),
        ("buyer", Some(&file.buyer.address)),
        ("consignee", file.consignee.as_ref().map(|party| &party.address)),
        ("notify", file.notify.as_ref().map(|party| &party.address)),
    ];
    for (key, address) in addresses {
        let Some(address) = address else { continue };
        if let Some(slot) = value.pointer_mut(&format!("/{key}/address")).and_then(Value::as_object_mut) {
            slot.insert("text".into(), one_line(address).into());
        }
    }
    let volume = |vehicle: &super::file::Vehicle| {
        u64::from(vehicle.length_mm) * u64::from(vehicle.width_mm) * u64::from(vehicle.height_mm) / 1000
    };
    if let Some(shipment) = fields::object(value, "shipment") {
        shipment.insert("vehicle_count".into(), file.vehicles.len().into());
        shipment.insert("container_count".into(), file.containers.len().into());
        shipment.insert("total_net_mass_kg".into(), file.vehicles.iter().map(|v| u64::from(v.net_mass_kg)).sum::<u64>().into());
        shipment
            .insert("total_gross_mass_kg".into(), file.vehicles.iter().map(|v| u64::from(v.gross_mass_kg)).sum::<u64>().into());
        shipment.insert("total_volume_cm3".into(), file.vehicles.iter().map(volume).sum::<u64>().into());
    }
    if let Some(rows) = value.get_mut("vehicles").and_then(Value::as_array_mut) {
        for (row, vehicle) in rows.iter_mut().zip(&file.vehicles) {
            if let Some(row) = row.as_object_mut() {
                row.insert("volume_cm3".into(), volume(vehicle).into());
            }
        }
    }
    let Some(rows) = value.get_mut("containers").and_then(Value::as_array_mut) else {
        value.as_object_mut().map(|object| object.insert("containers".into(), Value::Array(Vec::new())));
        return;
    };
    for (row, container) in rows.iter_mut().zip(&file.containers) {
        let inside = || file.vehicles.iter().filter(|vehicle| vehicle.container.as_ref() == Some(&container.number));
        if let Some(row) = row.as_object_mut() {
            row.insert("vehicle_count".into(), inside().count().into());
            row.insert("vehicles_gross_mass_kg".into(), inside().map(|v| u64::from(v.gross_mass_kg)).sum::<u64>().into());
        }
    }
}

fn one_line(address: &Address) -> String {
    let mut parts: Vec<&str> = address.lines.iter().map(super::text::Text::as_str).collect();
    parts.push(address.city.as_str());
    parts.extend(address.postal_code.as_ref().map(super::text::Text::as_str));
    parts.join(", ")
}
