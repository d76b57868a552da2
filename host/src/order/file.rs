//! The order file: the body of `POST /v1/orders/import` and the input of `roro documents`, format `roro.order/1`.
//!
//! Its shape is published as one JSON Schema, made from these types. Field paths of packs (`vehicle.hs6`), places of findings
//! (`/vehicles/1/hs6`) and this file share one shape, so that a person finds at once what a finding talks about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::text::{Amount, Country, CurrencyCode, LegalDate, Locode, LongText, Text};

/// The most vehicles that one order may hold: the largest car carriers take about 9 000 cars, and an order is one buyer's part.
pub const VEHICLES_MAX: usize = 2_000;

/// Facts that only some countries ask for, by a name that their pack declares: `{"cn_brand_type": "3"}`.
pub type Particulars = BTreeMap<String, Text>;

/// A used-car export order with everything that its documents need.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Roro order file", extend("$id" = "urn:roro:order-file:1"))]
pub struct OrderFile {
    /// Which version of this format the file follows.
    pub format: Format,
    /// The system that the order comes from. With `external_id` it names the order for good.
    pub source: Text,
    /// The order's id in that system.
    pub external_id: Text,
    /// The contract: what was agreed, when, for how much.
    pub order: Terms,
    /// The company that sells and exports.
    pub company: Company,
    /// Who buys and pays.
    pub buyer: Party,
    /// Who receives the goods, as the bill of lading shall name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consignee: Option<Party>,
    /// Whom the carrier tells of the arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Party>,
    /// The voyage.
    pub shipment: Shipment,
    /// The goods, one entry a vehicle.
    #[schemars(length(min = 1, max = 2000))]
    pub vehicles: Vec<Vehicle>,
    /// Containers, when the vehicles sail in containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500))]
    pub containers: Vec<Container>,
}

/// The versions of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "roro.order/1")]
    V1,
}

/// The contract and its money.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The firm's own reference. Document numbers derive from it in `roro documents`.
    pub reference: Text,
    /// The civil date of the contract in the company's zone: the order's legal date.
    pub contract_date: LegalDate,
    /// The contract's number, when it differs from the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_number: Option<Text>,
    /// The currency of every price and charge of the order, ISO 4217.
    pub currency: CurrencyCode,
    /// The rule of Incoterms 2020.
    pub incoterm: Incoterm,
    /// The named place of the rule, for example `Mombasa`.
    pub incoterm_place: Text,
    /// How and when the buyer pays, as it stands in the contract.
    pub payment: LongText,
    /// Sea freight that the seller charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight: Option<Amount>,
    /// Insurance premium that the seller charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_premium: Option<Amount>,
    /// Other charges to the buyer: inspection, inland haulage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_charges: Option<Amount>,
    /// The total that was agreed, when the source system states one: it must equal the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_total: Option<Amount>,
    /// Until when the offer holds; printed on the proforma invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<LegalDate>,
    /// The latest date of shipment that the contract allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_shipment: Option<LegalDate>,
    /// Warranty and after-sales service, as the contract words it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_sales: Option<LongText>,
    /// The law that governs the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governing_law: Option<Text>,
    /// Where disputes are settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arbitration: Option<Text>,
    /// The letter of credit, when payment is by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_of_credit: Option<LetterOfCredit>,
    /// The cargo insurance, once it is bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<Insurance>,
    /// The export licence, once it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_licence: Option<ExportLicence>,
    /// Facts that a country's pack asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: Particulars,
}

/// The eleven rules of Incoterms 2020.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the codes are the standard's own")]
pub enum Incoterm {
    Exw,
    Fca,
    Fas,
    Fob,
    Cfr,
    Cif,
    Cpt,
    Cip,
    Dap,
    Dpu,
    Ddp,
}

/// A documentary credit under UCP 600.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterOfCredit {
    /// The credit's number.
    pub number: Text,
    /// Its date of issue.
    pub date: LegalDate,
    /// The bank that issued it.
    pub issuing_bank: Text,
    /// Who asked for it; the invoice must be made out to them.
    pub applicant: Text,
    /// Who is paid; the invoice must be issued by them.
    pub beneficiary: Text,
    /// Its currency, ISO 4217.
    pub currency: CurrencyCode,
    /// Its amount.
    pub amount: Amount,
    /// The last day for presentation.
    pub expiry: LegalDate,
    /// The last day for shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_shipment: Option<LegalDate>,
    /// Whether it allows partial shipments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_shipments_allowed: Option<bool>,
}

/// Cargo insurance.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Insurance {
    /// Who insures.
    pub insurer: Text,
    /// Policy or certificate number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// Currency of the sum insured, ISO 4217.
    pub currency: CurrencyCode,
    /// The sum insured.
    pub sum_insured: Amount,
    /// The Institute Cargo Clauses that it is written on.
    pub clauses: InsuranceClauses,
    /// The day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<LegalDate>,
    /// From when it covers; at the latest the day of loading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_date: Option<LegalDate>,
}

/// The three sets of Institute Cargo Clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the letters are the clauses' own")]
pub enum InsuranceClauses {
    A,
    B,
    C,
}

/// An export licence, as issued.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportLicence {
    /// The licence's number. None while the application runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// When it is or was applied for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_date: Option<LegalDate>,
    /// The exporter that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exporter: Option<Text>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<LegalDate>,
    /// The country that it allows, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Country>,
    /// How many vehicles it still allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
}

/// The company of the tenant that sells: letterhead, registrations, bank.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The company's id in the source system.
    pub external_id: Text,
    /// The name in Latin letters, as on contracts and invoices.
    pub name: Text,
    /// The name in the script of its country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_local: Option<Text>,
    /// The address in Latin letters.
    pub address: Address,
    /// The address in the script of its country, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_local: Option<Text>,
    /// The tax number (China: the unified social credit code).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<Text>,
    /// The number under which customs knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_id: Option<Text>,
    /// Telephone, international form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// The IANA time zone in which its legal dates are reckoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Text>,
    /// Who signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory: Option<Text>,
    /// The signatory's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory_title: Option<Text>,
    /// Where the buyer pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAccount>,
    /// Facts that a country's pack asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: Particulars,
}

/// A bank account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// The bank's name.
    pub name: Text,
    /// Branch and address, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    /// BIC, ISO 9362.
    pub swift: Text,
    /// Account number or IBAN.
    pub account: Text,
    /// Whose account it is, when that is not the company's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Text>,
}

/// A postal address.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and building, a line each.
    #[schemars(length(min = 1, max = 4))]
    pub lines: Vec<Text>,
    /// Town.
    pub city: Text,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Text>,
    /// ISO 3166-1 alpha-2.
    pub country: Country,
}

/// Someone outside: buyer, consignee, notify party.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The party's id in the source system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Text>,
    /// The name in Latin letters.
    pub name: Text,
    /// The name in the script of its country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_local: Option<Text>,
    /// The address.
    pub address: Address,
    /// The tax number that its country gives it (PIN, TIN, EORI …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<Text>,
    /// Telephone, international form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// A person to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// Facts that a country's pack asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: Particulars,
}

/// What sails together under one booking.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    /// How the vehicles sail.
    pub mode: Mode,
    /// The country whose customs releases the goods, ISO 3166-1 alpha-2.
    pub country_of_export: Country,
    /// The country of destination, ISO 3166-1 alpha-2.
    pub country_of_destination: Country,
    /// UN/LOCODE of the port of loading, for example `JPYOK`.
    pub port_of_loading: Locode,
    /// Its name in Latin letters.
    pub port_of_loading_name: Text,
    /// UN/LOCODE of the port of discharge.
    pub port_of_discharge: Locode,
    /// Its name in Latin letters.
    pub port_of_discharge_name: Text,
    /// Where the carrier takes over, when not at the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_receipt: Option<Text>,
    /// Where the carrier delivers, when not at the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_delivery: Option<Text>,
    /// The carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Text>,
    /// The vessel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vessel: Option<Text>,
    /// The voyage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voyage: Option<Text>,
    /// The carrier's booking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_number: Option<Text>,
    /// Expected departure (ETD), civil date at the port of loading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure: Option<LegalDate>,
    /// Expected arrival (ETA), civil date at the port of discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<LegalDate>,
    /// When the goods are or will be declared to customs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_date: Option<LegalDate>,
    /// The freight clause for the bill of lading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_clause: Option<FreightClause>,
    /// How many original bills of lading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 9))]
    pub originals: Option<u8>,
    /// Shipping marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<Text>,
    /// Number of packages that was booked; a vehicle is one. Must equal the vehicles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<u32>,
    /// Net mass that was booked, kilograms. Must equal the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_mass_kg: Option<u32>,
    /// Gross mass that was booked, kilograms. Must equal the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_mass_kg: Option<u32>,
    /// The bill of lading, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_of_lading: Option<BillOfLading>,
    /// Facts that a country's pack asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: Particulars,
}

/// How vehicles sail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Driven on and off a car carrier.
    Roro,
    /// In containers.
    Container,
}

/// Who pays the freight, as the bill of lading says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FreightClause {
    /// Paid by the shipper.
    Prepaid,
    /// Paid by the consignee.
    Collect,
}

/// What the bill of lading, or its draft, says.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BillOfLading {
    /// Its number.
    pub number: Text,
    /// The date of loading on board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_board_date: Option<LegalDate>,
    /// Number of units that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<u32>,
    /// Gross mass that it states, kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_mass_kg: Option<u32>,
    /// UN/LOCODE of the port of loading that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port_of_loading: Option<Locode>,
    /// UN/LOCODE of the port of discharge that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port_of_discharge: Option<Locode>,
    /// The consignee that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consignee: Option<Text>,
}

/// A shipping container.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// ISO 6346: four letters, seven digits.
    pub number: Text,
    /// Size and type, for example `40HC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_type: Option<Text>,
    /// The seal's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Text>,
    /// Tare mass, kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tare_kg: Option<u32>,
    /// The most that it may weigh loaded, kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_gross_kg: Option<u32>,
    /// Verified gross mass (SOLAS VI/2), kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_gross_mass_kg: Option<u32>,
    /// Mass of the vehicles and lashings in it, kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cargo_kg: Option<u32>,
}

pub use super::vehicle_file::{
    Battery, BatteryChemistry, Body, Deregistration, DistanceUnit, Fuel, Identity, IdentityKind, Inspection, Odometer,
    Registration, Steering, Vehicle,
};
