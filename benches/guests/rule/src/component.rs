//! The rule behind the contract.

use roro_sdk::documents::exports::roro::documents::documents::{Error, Finding, Guest, Prepared, Requirement};
use roro_sdk::documents::roro::order::fields::{self, Column};
use roro_sdk::documents::roro::order::order::{Fuel, Order, Steering};
use roro_sdk::documents::roro::types::types::{Parameter, Severity};

use crate::rule::{RULE, Tally, Vehicle};

struct Rule;

impl Guest for Rule {
    fn requirements(_order: &Order) -> Result<Vec<Requirement>, Error> {
        Ok(Vec::new())
    }

    fn check(order: &Order) -> Result<Vec<Finding>, Error> {
        let tally = tally(order)?;
        let parameter = |(name, value): (&str, String)| Parameter { name: name.to_owned(), value };
        Ok(vec![Finding {
            rule: RULE.to_owned(),
            severity: Severity::Info,
            place: tally.place(),
            parameters: tally.parameters().map(parameter).into(),
        }])
    }

    fn prepare(_order: &Order, _documents: Vec<String>) -> Result<Vec<Prepared>, Error> {
        Ok(Vec::new())
    }
}

fn tally(order: &Order) -> Result<Tally, Error> {
    let by_path = ["vehicle.body", "vehicle.seats", "vehicle.odometer.value"].map(str::to_owned);
    let columns = fields::read(order, &by_path).map_err(|fields::Error::UnknownPath(path)| Error::BadTable(path))?;
    let Ok([Column::Texts(bodies), Column::Numbers(seats), Column::Numbers(odometers)]) = <[Column; 3]>::try_from(columns) else {
        return Err(Error::BadTable("a path has another kind".to_owned()));
    };
    let shipment = order.shipment();
    let (mut bodies, mut seats, mut odometers) = (bodies.into_iter(), seats.into_iter(), odometers.into_iter());
    let mut fuels = shipment.fuels().into_iter();
    let mut steerings = shipment.steerings().into_iter();
    let mut displacements = shipment.displacements_cc().into_iter();
    let mut years = shipment.years_of_manufacture().into_iter();
    let mut registrations = shipment.first_registrations().into_iter();
    let mut masses = shipment.gross_masses_g().into_iter();
    let mut codes = shipment.hs6_codes().into_iter();
    let mut prices = shipment.prices().into_iter();
    let mut tally = Tally::default();
    for identity in shipment.identities() {
        let mut next = || {
            Some((
                (bodies.next()??, seats.next()??, odometers.next()??, codes.next()?),
                (fuels.next()?, steerings.next()?, displacements.next()?),
                (years.next()?, registrations.next()?, masses.next()?, prices.next()?),
            ))
        };
        let row = next().ok_or_else(|| Error::BadTable("a column is too short".to_owned()))?;
        let ((body, seats, odometer, hs6), (fuel, steering, displacement_cc), (year_of_manufacture, registration, mass, price)) =
            row;
        tally.add(&Vehicle {
            identity: &identity,
            body: &body,
            has_cylinders: !matches!(fuel, Fuel::BatteryElectric | Fuel::FuelCell),
            is_right_hand: steering == Steering::Right,
            displacement_cc,
            year_of_manufacture,
            registration_year: registration.map(|date| date.year.unsigned_abs()),
            gross_mass_g: mass,
            hs6: &hs6,
            price_minor: price.minor,
            seats,
            odometer,
        });
    }
    Ok(tally)
}

roro_sdk::documents::export_documents!(Rule with_types_in roro_sdk::documents);
