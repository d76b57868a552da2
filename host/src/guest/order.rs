//! `roro:order/order`: the snapshot behind resources.
//!
//! A handle's number says which of the call's orders it is of, and where in that one: a party's role, a vehicle's row. A rule has one order, number 0;
//! an app has those that it has opened.

use roro_engine::bindings::contract::roro::order::order::{
    Fuel, Host, HostOrder, HostParty, HostShipment, HostVehicle, Identity, Order, Party, Role, Shipment, Steering, Vehicle,
};
use roro_engine::bindings::contract::roro::types::types::{Date, DistanceUnit, Money, Odometer};
use roro_engine::{HostFault, Resource};

use std::sync::Arc;

use super::answers::{Answers, date};
use crate::order::Snapshot;
use crate::order::file::{self, Address};
use crate::order::text::Text;

type Reply<T> = roro_engine::ImportResult<T>;

impl Host for Answers {}

/// The parts of a party that the company and an outside party share.
struct Person<'a> {
    name: &'a Text,
    name_local: Option<&'a Text>,
    address: &'a Address,
    tax_id: Option<&'a Text>,
}

/// The bits of a handle's number that say where in its order it is; those above say which order.
const PLACE_BITS: u32 = 20;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;

/// Where in its order a handle is.
fn place<T>(handle: &Resource<T>) -> usize {
    (handle.rep() & PLACE_MASK) as usize
}

/// A handle of a part of the same order.
fn part<T: 'static, U: 'static>(handle: &Resource<T>, place: u32) -> Resource<U> {
    Resource::new_own((handle.rep() & !PLACE_MASK) | (place & PLACE_MASK))
}

/// The handle of an order by its number in the call.
pub(super) fn order_handle(number: usize) -> Resource<Order> {
    Resource::new_own(u32::try_from(number).unwrap_or(u32::MAX) << PLACE_BITS)
}

impl Answers {
    /// The order that a handle is of, or is a part of.
    pub(super) fn snapshot<T>(&self, handle: &Resource<T>) -> Reply<&Arc<Snapshot>> {
        let number = (handle.rep() >> PLACE_BITS) as usize;
        self.orders.get(number).ok_or_else(|| HostFault::new("a handle is of no order of the call").into())
    }

    fn file<T>(&self, handle: &Resource<T>) -> Reply<&file::OrderFile> {
        Ok(&self.snapshot(handle)?.file)
    }

    fn car(&self, handle: &Resource<Vehicle>) -> Reply<&file::Vehicle> {
        let car = self.file(handle)?.vehicles.get(place(handle));
        car.ok_or_else(|| HostFault::new("a vehicle handle lies outside the order").into())
    }

    fn person(&self, handle: &Resource<Party>) -> Reply<Person<'_>> {
        let file = self.file(handle)?;
        let party = match place(handle) {
            0 => {
                let company = &file.company;
                return Ok(Person {
                    name: &company.name,
                    name_local: company.name_local.as_ref(),
                    address: &company.address,
                    tax_id: company.tax_id.as_ref(),
                });
            }
            1 => Some(&file.buyer),
            2 => file.consignee.as_ref(),
            _ => file.notify.as_ref(),
        };
        let party = party.ok_or_else(|| HostFault::new("a party handle lies outside the order"))?;
        Ok(Person {
            name: &party.name,
            name_local: party.name_local.as_ref(),
            address: &party.address,
            tax_id: party.tax_id.as_ref(),
        })
    }

    fn money(&mut self, money: crate::kernel::money::Money) -> Money {
        Money { minor: money.minor(), currency: self.text(money.currency().code()) }
    }

    /// A column of the vehicles, counted at `bytes` each.
    fn column<T>(&mut self, handle: &Resource<Shipment>, bytes: usize, read: impl Fn(&file::Vehicle) -> T) -> Reply<Vec<T>> {
        let column: Vec<T> = self.file(handle)?.vehicles.iter().map(read).collect();
        self.moved(column.len().saturating_mul(bytes));
        Ok(column)
    }

    fn optional(&mut self, text: Option<String>) -> Option<String> {
        self.moved(text.as_ref().map_or(0, String::len));
        text
    }
}

fn fuel(fuel: file::Fuel) -> Fuel {
    match fuel {
        file::Fuel::Petrol => Fuel::Petrol,
        file::Fuel::Diesel => Fuel::Diesel,
        file::Fuel::PetrolHybrid => Fuel::PetrolHybrid,
        file::Fuel::DieselHybrid => Fuel::DieselHybrid,
        file::Fuel::PetrolPlugInHybrid => Fuel::PetrolPlugInHybrid,
        file::Fuel::DieselPlugInHybrid => Fuel::DieselPlugInHybrid,
        file::Fuel::RangeExtender => Fuel::RangeExtender,
        file::Fuel::BatteryElectric => Fuel::BatteryElectric,
        file::Fuel::FuelCell => Fuel::FuelCell,
        file::Fuel::Lpg => Fuel::Lpg,
        file::Fuel::Cng => Fuel::Cng,
    }
}

fn steering(steering: file::Steering) -> Steering {
    match steering {
        file::Steering::Left => Steering::Left,
        file::Steering::Right => Steering::Right,
    }
}

/// The name of an enumeration's value, as the order file writes it.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl HostParty for Answers {
    fn name(&mut self, handle: Resource<Party>) -> Reply<String> {
        let name = self.person(&handle)?.name.to_string();
        self.moved(name.len());
        Ok(name)
    }

    fn name_local(&mut self, handle: Resource<Party>) -> Reply<Option<String>> {
        let name = self.person(&handle)?.name_local.map(ToString::to_string);
        Ok(self.optional(name))
    }

    fn address(&mut self, handle: Resource<Party>) -> Reply<Vec<String>> {
        let address = self.person(&handle)?.address;
        let mut lines: Vec<String> = address.lines.iter().map(ToString::to_string).collect();
        lines.push(
            address.postal_code.as_ref().map_or_else(|| address.city.to_string(), |code| format!("{}, {code}", address.city)),
        );
        self.moved(lines.iter().map(String::len).sum());
        Ok(lines)
    }

    fn country(&mut self, handle: Resource<Party>) -> Reply<String> {
        Ok(self.person(&handle)?.address.country.to_string())
    }

    fn tax_id(&mut self, handle: Resource<Party>) -> Reply<Option<String>> {
        let id = self.person(&handle)?.tax_id.map(ToString::to_string);
        Ok(self.optional(id))
    }

    fn drop(&mut self, _handle: Resource<Party>) -> Reply<()> {
        Ok(())
    }
}

impl HostVehicle for Answers {
    fn identity(&mut self, handle: Resource<Vehicle>) -> Reply<Identity> {
        let identity = &self.car(&handle)?.identity;
        let (kind, number) = (identity.kind, identity.number.to_string());
        self.moved(number.len());
        Ok(match kind {
            file::IdentityKind::Vin => Identity::Vin(number),
            file::IdentityKind::Frame => Identity::Frame(number),
            file::IdentityKind::Other => Identity::Other(number),
        })
    }

    fn make(&mut self, handle: Resource<Vehicle>) -> Reply<String> {
        let make = self.car(&handle)?.make.to_string();
        self.moved(make.len());
        Ok(make)
    }

    fn model(&mut self, handle: Resource<Vehicle>) -> Reply<String> {
        let model = self.car(&handle)?.model.to_string();
        self.moved(model.len());
        Ok(model)
    }

    fn model_code(&mut self, handle: Resource<Vehicle>) -> Reply<Option<String>> {
        let code = self.car(&handle)?.model_code.as_ref().map(ToString::to_string);
        Ok(self.optional(code))
    }

    fn engine_number(&mut self, handle: Resource<Vehicle>) -> Reply<Option<String>> {
        let number = self.car(&handle)?.engine_number.as_ref().map(ToString::to_string);
        Ok(self.optional(number))
    }

    fn body(&mut self, handle: Resource<Vehicle>) -> Reply<String> {
        Ok(word(self.car(&handle)?.body))
    }

    fn colour(&mut self, handle: Resource<Vehicle>) -> Reply<Option<String>> {
        let colour = self.car(&handle)?.colour.as_ref().map(ToString::to_string);
        Ok(self.optional(colour))
    }

    fn fuel(&mut self, handle: Resource<Vehicle>) -> Reply<Fuel> {
        Ok(fuel(self.car(&handle)?.fuel))
    }

    fn displacement_cc(&mut self, handle: Resource<Vehicle>) -> Reply<Option<u32>> {
        Ok(self.car(&handle)?.displacement_cc)
    }

    fn seats(&mut self, handle: Resource<Vehicle>) -> Reply<u8> {
        Ok(self.car(&handle)?.seats)
    }

    fn steering(&mut self, handle: Resource<Vehicle>) -> Reply<Steering> {
        Ok(steering(self.car(&handle)?.steering))
    }

    fn odometer(&mut self, handle: Resource<Vehicle>) -> Reply<Odometer> {
        let odometer = &self.car(&handle)?.odometer;
        let unit = match odometer.unit {
            file::DistanceUnit::Kilometre => DistanceUnit::Kilometre,
            file::DistanceUnit::Mile => DistanceUnit::Mile,
        };
        Ok(Odometer { value: odometer.value, unit })
    }

    fn year_of_manufacture(&mut self, handle: Resource<Vehicle>) -> Reply<u16> {
        Ok(self.car(&handle)?.year_of_manufacture)
    }

    fn first_registration(&mut self, handle: Resource<Vehicle>) -> Reply<Option<Date>> {
        Ok(self.car(&handle)?.first_registration.map(|day| date(day.0)))
    }

    fn origin(&mut self, handle: Resource<Vehicle>) -> Reply<String> {
        Ok(self.car(&handle)?.origin.to_string())
    }

    fn hs6(&mut self, handle: Resource<Vehicle>) -> Reply<String> {
        Ok(self.car(&handle)?.hs6.to_string())
    }

    fn net_mass_g(&mut self, handle: Resource<Vehicle>) -> Reply<u64> {
        Ok(u64::from(self.car(&handle)?.net_mass_kg) * 1000)
    }

    fn gross_mass_g(&mut self, handle: Resource<Vehicle>) -> Reply<u64> {
        Ok(u64::from(self.car(&handle)?.gross_mass_kg) * 1000)
    }

    fn length_mm(&mut self, handle: Resource<Vehicle>) -> Reply<u32> {
        Ok(self.car(&handle)?.length_mm)
    }

    fn width_mm(&mut self, handle: Resource<Vehicle>) -> Reply<u32> {
        Ok(self.car(&handle)?.width_mm)
    }

    fn height_mm(&mut self, handle: Resource<Vehicle>) -> Reply<u32> {
        Ok(self.car(&handle)?.height_mm)
    }

    fn price(&mut self, handle: Resource<Vehicle>) -> Reply<Money> {
        let price = self.snapshot(&handle)?.prices.get(place(&handle)).copied();
        let price = price.ok_or_else(|| HostFault::new("a vehicle handle lies outside the order"))?;
        Ok(self.money(price))
    }

    fn drop(&mut self, _handle: Resource<Vehicle>) -> Reply<()> {
        Ok(())
    }
}

impl HostShipment for Answers {
    fn vehicle_count(&mut self, handle: Resource<Shipment>) -> Reply<u32> {
        Ok(u32::try_from(self.file(&handle)?.vehicles.len()).unwrap_or(u32::MAX))
    }

    fn vehicle(&mut self, handle: Resource<Shipment>, index: u32) -> Reply<Option<Resource<Vehicle>>> {
        Ok(((index as usize) < self.file(&handle)?.vehicles.len()).then(|| part(&handle, index)))
    }

    fn port_of_loading(&mut self, handle: Resource<Shipment>) -> Reply<String> {
        Ok(self.file(&handle)?.shipment.port_of_loading.to_string())
    }

    fn port_of_discharge(&mut self, handle: Resource<Shipment>) -> Reply<String> {
        Ok(self.file(&handle)?.shipment.port_of_discharge.to_string())
    }

    fn departure(&mut self, handle: Resource<Shipment>) -> Reply<Option<Date>> {
        Ok(self.file(&handle)?.shipment.departure.map(|day| date(day.0)))
    }

    fn arrival(&mut self, handle: Resource<Shipment>) -> Reply<Option<Date>> {
        Ok(self.file(&handle)?.shipment.arrival.map(|day| date(day.0)))
    }

    fn vessel(&mut self, handle: Resource<Shipment>) -> Reply<Option<String>> {
        let vessel = self.file(&handle)?.shipment.vessel.as_ref().map(ToString::to_string);
        Ok(self.optional(vessel))
    }

    fn voyage(&mut self, handle: Resource<Shipment>) -> Reply<Option<String>> {
        let voyage = self.file(&handle)?.shipment.voyage.as_ref().map(ToString::to_string);
        Ok(self.optional(voyage))
    }

    fn identities(&mut self, handle: Resource<Shipment>) -> Reply<Vec<String>> {
        self.column(&handle, 24, |vehicle| vehicle.identity.number.to_string())
    }

    fn fuels(&mut self, handle: Resource<Shipment>) -> Reply<Vec<Fuel>> {
        self.column(&handle, 1, |vehicle| fuel(vehicle.fuel))
    }

    fn steerings(&mut self, handle: Resource<Shipment>) -> Reply<Vec<Steering>> {
        self.column(&handle, 1, |vehicle| steering(vehicle.steering))
    }

    fn displacements_cc(&mut self, handle: Resource<Shipment>) -> Reply<Vec<Option<u32>>> {
        self.column(&handle, 8, |vehicle| vehicle.displacement_cc)
    }

    fn years_of_manufacture(&mut self, handle: Resource<Shipment>) -> Reply<Vec<u16>> {
        self.column(&handle, 2, |vehicle| vehicle.year_of_manufacture)
    }

    fn first_registrations(&mut self, handle: Resource<Shipment>) -> Reply<Vec<Option<Date>>> {
        self.column(&handle, 6, |vehicle| vehicle.first_registration.map(|day| date(day.0)))
    }

    fn gross_masses_g(&mut self, handle: Resource<Shipment>) -> Reply<Vec<u64>> {
        self.column(&handle, 8, |vehicle| u64::from(vehicle.gross_mass_kg) * 1000)
    }

    fn hs6_codes(&mut self, handle: Resource<Shipment>) -> Reply<Vec<String>> {
        self.column(&handle, 14, |vehicle| vehicle.hs6.to_string())
    }

    fn prices(&mut self, handle: Resource<Shipment>) -> Reply<Vec<Money>> {
        let prices = self.snapshot(&handle)?.prices.clone();
        Ok(prices.into_iter().map(|price| self.money(price)).collect())
    }

    fn drop(&mut self, _handle: Resource<Shipment>) -> Reply<()> {
        Ok(())
    }
}

impl HostOrder for Answers {
    fn reference(&mut self, handle: Resource<Order>) -> Reply<String> {
        let reference = self.file(&handle)?.order.reference.to_string();
        self.moved(reference.len());
        Ok(reference)
    }

    fn contract_date(&mut self, handle: Resource<Order>) -> Reply<Date> {
        Ok(date(self.file(&handle)?.order.contract_date.0))
    }

    fn currency(&mut self, handle: Resource<Order>) -> Reply<String> {
        Ok(self.file(&handle)?.order.currency.to_string())
    }

    fn incoterm(&mut self, handle: Resource<Order>) -> Reply<String> {
        Ok(word(self.file(&handle)?.order.incoterm))
    }

    fn incoterm_place(&mut self, handle: Resource<Order>) -> Reply<String> {
        let place = self.file(&handle)?.order.incoterm_place.to_string();
        self.moved(place.len());
        Ok(place)
    }

    fn total(&mut self, handle: Resource<Order>) -> Reply<Money> {
        let total = self.snapshot(&handle)?.total;
        Ok(self.money(total))
    }

    fn country_of_export(&mut self, handle: Resource<Order>) -> Reply<String> {
        Ok(self.file(&handle)?.shipment.country_of_export.to_string())
    }

    fn country_of_destination(&mut self, handle: Resource<Order>) -> Reply<String> {
        Ok(self.file(&handle)?.shipment.country_of_destination.to_string())
    }

    fn party(&mut self, handle: Resource<Order>, role: Role) -> Reply<Option<Resource<Party>>> {
        let file = self.file(&handle)?;
        let (number, there) = match role {
            Role::Seller => (0, true),
            Role::Buyer => (1, true),
            Role::Consignee => (2, file.consignee.is_some()),
            Role::NotifyParty => (3, file.notify.is_some()),
        };
        Ok(there.then(|| part(&handle, number)))
    }

    fn shipment(&mut self, handle: Resource<Order>) -> Reply<Resource<Shipment>> {
        Ok(part(&handle, 0))
    }

    fn drop(&mut self, _handle: Resource<Order>) -> Reply<()> {
        Ok(())
    }
}
