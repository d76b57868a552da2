//! Plain structs behind the imports: the least that a host can do to answer a guest.

use roro::document::Case;
use roro::order::fields::Kind;
use roro_engine::bindings::contract::roro::host::{config, legal_date, tables};
use roro_engine::bindings::contract::roro::order::fields::{Column, Error};
use roro_engine::bindings::contract::roro::order::{fields, order};
use roro_engine::bindings::contract::roro::types::types::{Date, Money, Odometer};
use roro_engine::{HostFault, ImportResult, Resource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An order as ready columns. Cheap to clone, like the host's own case.
#[derive(Clone)]
pub struct Plain(Arc<Columns>);

struct Columns {
    as_of: Date,
    packs: Vec<Vec<u8>>,
    by_path: BTreeMap<String, Column>,
    identities: Vec<String>,
    fuels: Vec<order::Fuel>,
    steerings: Vec<order::Steering>,
    displacements_cc: Vec<Option<u32>>,
    years: Vec<u16>,
    registrations: Vec<Option<Date>>,
    masses_g: Vec<u64>,
    hs6_codes: Vec<String>,
    prices: Vec<Money>,
}

impl Plain {
    /// Every column of a case: typed ones and ones by path.
    #[must_use]
    pub fn new(case: &Case) -> Self {
        let file = &case.snapshot.file;
        let vehicles = &file.vehicles;
        let value = &case.snapshot.value;
        let paths = roro::order::fields::catalogue().keys().filter(|path| !path.ends_with('.'));
        let packs: Vec<Vec<u8>> = case.packs.iter().map(|pack| pack.table().to_vec()).collect();
        let mut by_path: BTreeMap<String, Column> = paths.map(|path| (path.clone(), column(value, path))).collect();
        // Paths of particulars are no part of the catalogue: what the packs read says which there are.
        let tables: Vec<&[u8]> = packs.iter().map(Vec::as_slice).collect();
        let joined = roro_pack::Tables::join(&tables).expect("tables");
        for path in joined.reads(roro_pack::Step::Check).expect("reads").paths() {
            by_path.entry((*path).to_owned()).or_insert_with(|| column(value, path));
        }
        Self(Arc::new(Columns {
            as_of: date(case.as_of),
            packs,
            by_path,
            identities: vehicles.iter().map(|one| one.identity.number.to_string()).collect(),
            fuels: vehicles.iter().map(|one| fuel(one.fuel)).collect(),
            steerings: vehicles.iter().map(|one| steering(one.steering)).collect(),
            displacements_cc: vehicles.iter().map(|one| one.displacement_cc).collect(),
            years: vehicles.iter().map(|one| one.year_of_manufacture).collect(),
            registrations: vehicles.iter().map(|one| one.first_registration.map(|day| date(day.0))).collect(),
            masses_g: vehicles.iter().map(|one| u64::from(one.gross_mass_kg) * 1000).collect(),
            hs6_codes: vehicles.iter().map(|one| one.hs6.to_string()).collect(),
            prices: case.snapshot.prices.iter().map(|one| money(one.minor(), one.currency().code())).collect(),
        }))
    }
}

fn column(snapshot: &Value, path: &str) -> Column {
    let (kind, rows) = roro::order::fields::column(snapshot, path).expect("a field");
    let amount = |value: &Value| Some(money(value.get("minor")?.as_i64()?, value.get("currency")?.as_str()?));
    match kind {
        Kind::Text => Column::Texts(rows.iter().map(|row| row.and_then(Value::as_str).map(str::to_owned)).collect()),
        Kind::Number => Column::Numbers(rows.iter().map(|row| row.and_then(Value::as_i64)).collect()),
        Kind::Boolean => Column::Booleans(rows.iter().map(|row| row.and_then(Value::as_bool)).collect()),
        Kind::Date => Column::Dates(rows.iter().map(|row| row.and_then(Value::as_str)?.parse().ok().map(date)).collect()),
        Kind::Money => Column::Moneys(rows.iter().map(|row| row.and_then(amount)).collect()),
    }
}

fn date(date: jiff::civil::Date) -> Date {
    Date { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
}

fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: currency.to_owned() }
}

fn fuel(fuel: roro::order::file::Fuel) -> order::Fuel {
    use roro::order::file::Fuel;
    match fuel {
        Fuel::Petrol => order::Fuel::Petrol,
        Fuel::Diesel => order::Fuel::Diesel,
        Fuel::PetrolHybrid => order::Fuel::PetrolHybrid,
        Fuel::DieselHybrid => order::Fuel::DieselHybrid,
        Fuel::PetrolPlugInHybrid => order::Fuel::PetrolPlugInHybrid,
        Fuel::DieselPlugInHybrid => order::Fuel::DieselPlugInHybrid,
        Fuel::RangeExtender => order::Fuel::RangeExtender,
        Fuel::BatteryElectric => order::Fuel::BatteryElectric,
        Fuel::FuelCell => order::Fuel::FuelCell,
        Fuel::Lpg => order::Fuel::Lpg,
        Fuel::Cng => order::Fuel::Cng,
    }
}

fn steering(steering: roro::order::file::Steering) -> order::Steering {
    match steering {
        roro::order::file::Steering::Left => order::Steering::Left,
        roro::order::file::Steering::Right => order::Steering::Right,
    }
}

fn unread<T>() -> ImportResult<T> {
    Err(HostFault::new("no guest of the benches reads this").into())
}

/// Getters that the guests here never call.
macro_rules! unread {
    ($resource:ty; $($name:ident: $answer:ty,)*) => {
        $(fn $name(&mut self, _handle: Resource<$resource>) -> ImportResult<$answer> { unread() })*
        fn drop(&mut self, _handle: Resource<$resource>) -> ImportResult<()> { Ok(()) }
    };
}

/// Columns that are ready.
macro_rules! columns {
    ($($name:ident: $answer:ty = $column:ident,)*) => {
        $(fn $name(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<$answer>> { Ok(self.0.$column.clone()) })*
    };
}

impl config::Host for Plain {
    fn get(&mut self, _key: String) -> ImportResult<Option<String>> {
        Ok(None)
    }
}

impl legal_date::Host for Plain {
    fn as_of(&mut self) -> ImportResult<Date> {
        Ok(self.0.as_of)
    }
}

impl tables::Host for Plain {
    fn packs(&mut self) -> ImportResult<Vec<Vec<u8>>> {
        Ok(self.0.packs.clone())
    }
}

impl fields::Host for Plain {
    fn read(&mut self, _order: Resource<order::Order>, paths: Vec<String>) -> ImportResult<Result<Vec<Column>, Error>> {
        let read = |path: String| self.0.by_path.get(&path).cloned().ok_or(Error::UnknownPath(path));
        Ok(paths.into_iter().map(read).collect())
    }
}

impl order::Host for Plain {}

impl order::HostShipment for Plain {
    columns! {
        identities: String = identities,
        fuels: order::Fuel = fuels,
        steerings: order::Steering = steerings,
        displacements_cc: Option<u32> = displacements_cc,
        years_of_manufacture: u16 = years,
        first_registrations: Option<Date> = registrations,
        gross_masses_g: u64 = masses_g,
        hs6_codes: String = hs6_codes,
        prices: Money = prices,
    }

    fn vehicle(&mut self, _handle: Resource<order::Shipment>, _index: u32) -> ImportResult<Option<Resource<order::Vehicle>>> {
        unread()
    }

    unread! { order::Shipment;
        vehicle_count: u32,
        port_of_loading: String,
        port_of_discharge: String,
        departure: Option<Date>,
        arrival: Option<Date>,
        vessel: Option<String>,
        voyage: Option<String>,
    }
}

impl order::HostOrder for Plain {
    fn shipment(&mut self, _handle: Resource<order::Order>) -> ImportResult<Resource<order::Shipment>> {
        Ok(Resource::new_own(0))
    }

    fn party(&mut self, _handle: Resource<order::Order>, _role: order::Role) -> ImportResult<Option<Resource<order::Party>>> {
        unread()
    }

    unread! { order::Order;
        reference: String,
        contract_date: Date,
        currency: String,
        incoterm: String,
        incoterm_place: String,
        total: Money,
        country_of_export: String,
        country_of_destination: String,
    }
}

impl order::HostParty for Plain {
    unread! { order::Party;
        name: String,
        name_local: Option<String>,
        address: Vec<String>,
        country: String,
        tax_id: Option<String>,
    }
}

impl order::HostVehicle for Plain {
    unread! { order::Vehicle;
        identity: order::Identity,
        make: String,
        model: String,
        model_code: Option<String>,
        engine_number: Option<String>,
        body: String,
        colour: Option<String>,
        fuel: order::Fuel,
        displacement_cc: Option<u32>,
        seats: u8,
        steering: order::Steering,
        odometer: Odometer,
        year_of_manufacture: u16,
        first_registration: Option<Date>,
        origin: String,
        hs6: String,
        net_mass_g: u64,
        gross_mass_g: u64,
        length_mm: u32,
        width_mm: u32,
        height_mm: u32,
        price: Money,
    }
}
