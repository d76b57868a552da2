//! Reads everything that an order offers in contract 0.1.0, by every getter and every column, and answers with what it has read.
//!
//! The host calls `check` of a firm's plugin; `requirements` and `prepare` answer as the contract says, so that a later host may call them.

use roro_sdk::documents::exports::roro::documents::documents::{
    Error, FilledBox, Finding, Guest, Missing, Order, Prepared, Requirement, Subject,
};
use roro_sdk::documents::roro::host::{legal_date, log};
use roro_sdk::documents::roro::order::order::{Identity, Party, Role, Shipment, Vehicle};
use roro_sdk::documents::roro::types::types::{Date, Parameter, Severity};

struct Documents;

impl Guest for Documents {
    fn requirements(_order: &Order) -> Result<Vec<Requirement>, Error> {
        Ok(vec![Requirement {
            document: "corpus-sheet".to_owned(),
            pack: "corpus".to_owned(),
            subject: Subject::Shipment,
            template: "corpus-sheet.typ.j2".to_owned(),
            rank: 900,
            reason: "CORPUS-DOCUMENTS-01".to_owned(),
        }])
    }

    fn check(order: &Order) -> Result<Vec<Finding>, Error> {
        log::write(log::Level::Debug, "reading");
        let shipment = order.shipment();
        let mut findings = vec![found("01", "/order", of_order(order)), found("02", "/shipment", of_shipment(&shipment))];
        for role in [Role::Seller, Role::Buyer, Role::Consignee, Role::NotifyParty] {
            let place = match role {
                Role::Seller => "/company",
                Role::Buyer => "/buyer",
                Role::Consignee => "/consignee",
                Role::NotifyParty => "/notify",
            };
            findings.push(found("03", place, order.party(role).map(|party| of_party(&party)).unwrap_or_default()));
        }
        for index in 0..shipment.vehicle_count() {
            let vehicle = shipment.vehicle(index).map(|vehicle| of_vehicle(&vehicle)).unwrap_or_default();
            findings.push(found("04", &format!("/vehicles/{index}"), vehicle));
        }
        findings.push(found("05", "/vehicles", columns(&shipment)));
        if shipment.vehicle(shipment.vehicle_count()).is_some() {
            return Err(Error::BadTable("a vehicle behind the last".to_owned()));
        }
        Ok(findings)
    }

    fn prepare(order: &Order, documents: Vec<String>) -> Result<Vec<Prepared>, Error> {
        let prepared = documents.into_iter().map(|document| match document.as_str() {
            "corpus-sheet" => Ok(Prepared {
                document,
                boxes: vec![FilledBox { name: "reference".to_owned(), value: order.reference() }],
                rows: Vec::new(),
            }),
            "corpus-gap" => Err(Error::Incomplete(vec![Missing {
                document,
                place: "/order".to_owned(),
                box_: "1".to_owned(),
            }])),
            _ => Err(Error::UnknownDocument(document)),
        });
        prepared.collect()
    }
}

fn found(rule: &str, place: &str, values: Vec<(&str, String)>) -> Finding {
    let parameters = values.into_iter().map(|(name, value)| Parameter { name: name.to_owned(), value }).collect();
    Finding { rule: format!("CORPUS-DOCUMENTS-{rule}"), severity: Severity::Info, place: place.to_owned(), parameters }
}

fn day(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
}

fn maybe<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "none".to_owned(), text)
}

fn joined<T>(values: Vec<T>, text: impl Fn(T) -> String) -> String {
    values.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn of_order(order: &Order) -> Vec<(&'static str, String)> {
    let total = order.total();
    vec![
        ("as_of", day(legal_date::as_of())),
        ("reference", order.reference()),
        ("contract_date", day(order.contract_date())),
        ("currency", order.currency()),
        ("incoterm", order.incoterm()),
        ("incoterm_place", order.incoterm_place()),
        ("total", format!("{} {}", total.minor, total.currency)),
        ("country_of_export", order.country_of_export()),
        ("country_of_destination", order.country_of_destination()),
    ]
}

fn of_party(party: &Party) -> Vec<(&'static str, String)> {
    vec![
        ("name", party.name()),
        ("name_local", maybe(party.name_local(), |name| name)),
        ("address", party.address().join(" / ")),
        ("country", party.country()),
        ("tax_id", maybe(party.tax_id(), |id| id)),
    ]
}

fn of_shipment(shipment: &Shipment) -> Vec<(&'static str, String)> {
    vec![
        ("vehicle_count", shipment.vehicle_count().to_string()),
        ("port_of_loading", shipment.port_of_loading()),
        ("port_of_discharge", shipment.port_of_discharge()),
        ("departure", maybe(shipment.departure(), day)),
        ("arrival", maybe(shipment.arrival(), day)),
        ("vessel", maybe(shipment.vessel(), |name| name)),
        ("voyage", maybe(shipment.voyage(), |name| name)),
    ]
}

fn of_vehicle(vehicle: &Vehicle) -> Vec<(&'static str, String)> {
    let (odometer, price) = (vehicle.odometer(), vehicle.price());
    vec![
        (
            "identity",
            match vehicle.identity() {
                Identity::Vin(number) => format!("vin {number}"),
                Identity::Frame(number) => format!("frame {number}"),
                Identity::Other(number) => format!("other {number}"),
            },
        ),
        ("make", vehicle.make()),
        ("model", vehicle.model()),
        ("model_code", maybe(vehicle.model_code(), |code| code)),
        ("engine_number", maybe(vehicle.engine_number(), |number| number)),
        ("body", vehicle.body()),
        ("colour", maybe(vehicle.colour(), |colour| colour)),
        ("fuel", format!("{:?}", vehicle.fuel())),
        ("displacement_cc", maybe(vehicle.displacement_cc(), |cc| cc.to_string())),
        ("seats", vehicle.seats().to_string()),
        ("steering", format!("{:?}", vehicle.steering())),
        ("odometer", format!("{} {:?}", odometer.value, odometer.unit)),
        ("year_of_manufacture", vehicle.year_of_manufacture().to_string()),
        ("first_registration", maybe(vehicle.first_registration(), day)),
        ("origin", vehicle.origin()),
        ("hs6", vehicle.hs6()),
        ("masses_g", format!("{} {}", vehicle.net_mass_g(), vehicle.gross_mass_g())),
        ("measures_mm", format!("{} {} {}", vehicle.length_mm(), vehicle.width_mm(), vehicle.height_mm())),
        ("price", format!("{} {}", price.minor, price.currency)),
    ]
}

fn columns(shipment: &Shipment) -> Vec<(&'static str, String)> {
    vec![
        ("identities", shipment.identities().join(" ")),
        ("fuels", joined(shipment.fuels(), |fuel| format!("{fuel:?}"))),
        ("steerings", joined(shipment.steerings(), |side| format!("{side:?}"))),
        ("displacements_cc", joined(shipment.displacements_cc(), |cc| maybe(cc, |cc| cc.to_string()))),
        ("years_of_manufacture", joined(shipment.years_of_manufacture(), |year| year.to_string())),
        ("first_registrations", joined(shipment.first_registrations(), |date| maybe(date, day))),
        ("gross_masses_g", joined(shipment.gross_masses_g(), |mass| mass.to_string())),
        ("hs6_codes", shipment.hs6_codes().join(" ")),
        ("prices", joined(shipment.prices(), |price| price.minor.to_string())),
    ]
}

roro_sdk::documents::export_documents!(Documents with_types_in roro_sdk::documents);
