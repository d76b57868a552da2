//! The vehicles of an order file: what a car is, and the papers that came with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::file::Particulars;
use super::text::{Amount, Country, Hs6, LegalDate, Text};

/// One physical car.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vehicle {
    /// The vehicle's id in the source system (stock number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Text>,
    /// VIN, Japanese frame number, or other.
    pub identity: Identity,
    /// Maker's brand.
    pub make: Text,
    /// Model name.
    pub model: Text,
    /// The type or model code (Japan: 型式; China: 型号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_code: Option<Text>,
    /// Trim or grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trim: Option<Text>,
    /// Engine number, or the motor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_number: Option<Text>,
    /// Body type.
    pub body: Body,
    /// Number of doors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doors: Option<u8>,
    /// Number of seats, the driver's included.
    #[schemars(range(min = 1, max = 100))]
    pub seats: u8,
    /// Side of the steering wheel.
    pub steering: Steering,
    /// What drives it.
    pub fuel: Fuel,
    /// Engine displacement, cubic centimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 30000))]
    pub displacement_cc: Option<u32>,
    /// Power of engine or motor, kilowatts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2000))]
    pub power_kw: Option<u32>,
    /// The traction battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<Battery>,
    /// Gearbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmission: Option<Text>,
    /// Driven wheels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive: Option<Text>,
    /// Colour of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Text>,
    /// The odometer's reading.
    pub odometer: Odometer,
    /// Calendar year of manufacture.
    #[schemars(range(min = 1900, max = 2100))]
    pub year_of_manufacture: u16,
    /// Calendar month of manufacture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 12))]
    pub month_of_manufacture: Option<u8>,
    /// Date of the first registration; where a certificate gives only the month, its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_registration: Option<LegalDate>,
    /// The emission standard that it meets, in the words of its scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emission_standard: Option<Text>,
    /// Mass of the empty vehicle, kilograms.
    #[schemars(range(min = 1, max = 60000))]
    pub net_mass_kg: u32,
    /// Mass as shipped, kilograms.
    #[schemars(range(min = 1, max = 60000))]
    pub gross_mass_kg: u32,
    /// Permitted mass when fully loaded (GVW), kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100000))]
    pub permitted_mass_kg: Option<u32>,
    /// Length, millimetres.
    #[schemars(range(min = 500, max = 25000))]
    pub length_mm: u32,
    /// Width, millimetres.
    #[schemars(range(min = 500, max = 4000))]
    pub width_mm: u32,
    /// Height, millimetres.
    #[schemars(range(min = 500, max = 5000))]
    pub height_mm: u32,
    /// Country of manufacture, ISO 3166-1 alpha-2.
    pub origin: Country,
    /// Harmonized System 2022, six digits.
    pub hs6: Hs6,
    /// The exporting country's longer code, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hs_national: Option<Text>,
    /// The price of this vehicle in the order's currency, without freight and insurance.
    pub price: Amount,
    /// The number of the container that it sails in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Text>,
    /// Whether it drives under its own power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// The registration certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// The certificate of deregistration or export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistration: Option<Deregistration>,
    /// The inspection certificate that the destination or the licence asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Inspection>,
    /// Facts that a country's pack asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: Particulars,
}

/// How the vehicle is identified.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// What kind of number it is.
    pub kind: IdentityKind,
    /// The number, exactly as on the certificate.
    pub number: Text,
}

/// Kinds of vehicle numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// ISO 3779, 17 characters.
    Vin,
    /// A Japanese frame number, hyphen kept.
    Frame,
    /// Anything else.
    Other,
}

/// Body types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the trade's own")]
pub enum Body {
    Sedan,
    Hatchback,
    Wagon,
    Suv,
    Mpv,
    Coupe,
    Convertible,
    Pickup,
    Van,
    Truck,
    Bus,
    Other,
}

/// Side of the steering wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "two sides")]
pub enum Steering {
    Left,
    Right,
}

/// What drives a vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fuel {
    /// Petrol engine only.
    Petrol,
    /// Diesel engine only.
    Diesel,
    /// Petrol engine and motor, no charging socket.
    PetrolHybrid,
    /// Diesel engine and motor, no charging socket.
    DieselHybrid,
    /// Petrol engine and motor, with a charging socket.
    PetrolPlugInHybrid,
    /// Diesel engine and motor, with a charging socket.
    DieselPlugInHybrid,
    /// Motor drives, an engine charges.
    RangeExtender,
    /// Battery only.
    BatteryElectric,
    /// Fuel cell.
    FuelCell,
    /// Liquefied petroleum gas.
    Lpg,
    /// Compressed natural gas.
    Cng,
}

/// A traction battery.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// Its chemistry decides the UN number.
    pub chemistry: BatteryChemistry,
    /// Capacity, watt-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_wh: Option<u32>,
    /// State of health, per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub state_of_health_percent: Option<u8>,
}

/// Battery chemistries that the dangerous-goods code tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum BatteryChemistry {
    LithiumIon,
    LithiumMetal,
    SodiumIon,
    NickelMetalHydride,
    LeadAcid,
}

/// Units of distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DistanceUnit {
    /// Kilometres.
    #[serde(rename = "km")]
    Kilometre,
    /// Statute miles.
    #[serde(rename = "mi")]
    Mile,
}

/// What the odometer shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Odometer {
    /// The reading.
    #[schemars(range(max = 5_000_000))]
    pub value: u32,
    /// Its unit.
    pub unit: DistanceUnit,
}

/// A registration certificate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The certificate's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// The plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<Text>,
    /// The owner, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// The vehicle's number, as printed on the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Text>,
    /// China: the day of the transfer registration for export (转让登记待出口日期).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_transfer_date: Option<LegalDate>,
}

/// A certificate of deregistration for export.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregistration {
    /// The certificate's number.
    pub number: Text,
    /// Its date.
    pub date: LegalDate,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Text>,
    /// The owner, as printed.
    pub owner: Text,
    /// The vehicle's number, as printed on the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Text>,
    /// Until when the vehicle must leave (Japan: the planned export date).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<LegalDate>,
}

/// An inspection certificate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// What it certifies, for example `CoR` or `WM/T 8-2022`.
    pub scheme: Text,
    /// Who inspected, for example `QISJ`.
    pub body: Text,
    /// The certificate's number.
    pub number: Text,
    /// Its date.
    pub date: LegalDate,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<LegalDate>,
    /// The vehicle's number, as printed on the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Text>,
    /// The odometer at the inspection, in the unit of the vehicle's own odometer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odometer_value: Option<u32>,
    /// Side of the steering wheel, as inspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steering: Option<Steering>,
}
