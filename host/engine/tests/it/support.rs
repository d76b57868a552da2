//! An order that answers the contract's imports, and a way to run the attackers' component against it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::ThreadId;

use roro_engine::bindings::contract::roro::host::{config, legal_date, tables};
use roro_engine::bindings::contract::roro::order::{fields, order};
use roro_engine::bindings::contract::roro::render::sources;
use roro_engine::bindings::contract::roro::types::types::{Date, DistanceUnit, Finding, Money, Odometer};
use roro_engine::{
    Answers, Call, Cost, Engine, EngineSettings, Failure, HostFault, ImportResult, Limits, LogSource, Plugin, PluginId, Resource,
};

/// The legal date of every call here.
pub(crate) const AS_OF: Date = Date { year: 2026, month: 11, day: 21 };

/// What a guest has logged, kept beyond its call.
pub(crate) type Log = Arc<Mutex<Vec<(LogSource, String)>>>;

/// An order of `vehicles` equal vehicles, and a configuration.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) config: Vec<(&'static str, String)>,
    pub(crate) vehicles: u32,
    pub(crate) log: Log,
    /// Makes `tables.packs` fail as a broken host would.
    pub(crate) is_broken: bool,
    /// Makes `tables.packs` panic as a faulty host would.
    pub(crate) panics: bool,
    /// The threads on which `config.get` was answered.
    pub(crate) threads: Arc<Mutex<Vec<ThreadId>>>,
    pub(crate) bytes_moved: u64,
    /// The order as a guest of an Extism PDK gets it.
    pub(crate) order: Vec<u8>,
}

impl Snapshot {
    pub(crate) fn attack(attack: &str) -> Self {
        Self { config: vec![("attack", attack.into())], vehicles: 10, ..Self::default() }
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.config.push((key, value.to_string()));
        self
    }

    fn column<T: Clone>(&mut self, value: T) -> ImportResult<Vec<T>> {
        let count = usize::try_from(self.vehicles)?;
        self.bytes_moved += u64::try_from(count * size_of::<T>())?;
        Ok(vec![value; count])
    }
}

fn price() -> Money {
    Money { minor: 1_250_000, currency: "USD".into() }
}

impl Answers for Snapshot {
    fn log(&mut self, source: LogSource, line: &str) {
        self.log.lock().unwrap().push((source, line.to_owned()));
    }

    fn take_bytes_moved(&mut self) -> u64 {
        std::mem::take(&mut self.bytes_moved)
    }

    fn order_json(&mut self) -> ImportResult<Vec<u8>> {
        Ok(self.order.clone())
    }
}

impl config::Host for Snapshot {
    fn get(&mut self, key: String) -> ImportResult<Option<String>> {
        self.threads.lock().unwrap().push(std::thread::current().id());
        Ok(self.config.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()))
    }
}

impl legal_date::Host for Snapshot {
    fn as_of(&mut self) -> ImportResult<Date> {
        Ok(AS_OF)
    }
}

impl tables::Host for Snapshot {
    fn packs(&mut self) -> ImportResult<Vec<Vec<u8>>> {
        assert!(!self.panics, "the host is at fault");
        if self.is_broken {
            return Err(HostFault::new("the pack's table is not there").into());
        }
        self.bytes_moved += 200_000;
        Ok(vec![vec![0; 100_000]; 2])
    }
}

impl fields::Host for Snapshot {
    fn read(
        &mut self,
        _order: Resource<order::Order>,
        paths: Vec<String>,
    ) -> ImportResult<Result<Vec<fields::Column>, fields::Error>> {
        Ok(Err(fields::Error::UnknownPath(paths.into_iter().next().unwrap_or_default())))
    }
}

impl sources::Host for Snapshot {
    fn read(&mut self, _path: String) -> ImportResult<Option<Vec<u8>>> {
        Ok(None)
    }
    fn fonts(&mut self) -> ImportResult<Vec<sources::Font>> {
        Ok(Vec::new())
    }
    fn font_file(&mut self, _index: u32) -> ImportResult<Option<Vec<u8>>> {
        Ok(None)
    }
}

macro_rules! getters {
    ($resource:ty; $($name:ident: $answer:ty = $value:expr;)*) => {
        $(fn $name(&mut self, _handle: Resource<$resource>) -> ImportResult<$answer> { Ok($value) })*
        fn drop(&mut self, _handle: Resource<$resource>) -> ImportResult<()> { Ok(()) }
    };
}

impl order::HostParty for Snapshot {
    getters! { order::Party;
        name: String = "Mombasa Motors".into();
        name_local: Option<String> = None;
        address: Vec<String> = vec!["1 Port Road".into()];
        country: String = "KE".into();
        tax_id: Option<String> = None;
    }
}

impl order::HostVehicle for Snapshot {
    getters! { order::Vehicle;
        identity: order::Identity = order::Identity::Frame("NZE141-1234567".into());
        make: String = "Toyota".into();
        model: String = "Corolla".into();
        model_code: Option<String> = None;
        engine_number: Option<String> = None;
        body: String = "sedan".into();
        colour: Option<String> = None;
        fuel: order::Fuel = order::Fuel::Petrol;
        displacement_cc: Option<u32> = Some(1496);
        seats: u8 = 5;
        steering: order::Steering = order::Steering::Right;
        odometer: Odometer = Odometer { value: 50_000, unit: DistanceUnit::Kilometre };
        year_of_manufacture: u16 = 2020;
        first_registration: Option<Date> = None;
        origin: String = "JP".into();
        hs6: String = "870322".into();
        net_mass_g: u64 = 1_200_000;
        gross_mass_g: u64 = 1_300_000;
        length_mm: u32 = 4_400;
        width_mm: u32 = 1_700;
        height_mm: u32 = 1_460;
        price: Money = price();
    }
}

impl order::HostShipment for Snapshot {
    fn vehicle_count(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<u32> {
        Ok(self.vehicles)
    }
    fn vehicle(&mut self, _handle: Resource<order::Shipment>, index: u32) -> ImportResult<Option<Resource<order::Vehicle>>> {
        Ok((index < self.vehicles).then(|| Resource::new_own(index)))
    }
    fn identities(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<String>> {
        self.column("NZE141-1234567".into())
    }
    fn fuels(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<order::Fuel>> {
        self.column(order::Fuel::Petrol)
    }
    fn steerings(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<order::Steering>> {
        self.column(order::Steering::Right)
    }
    fn displacements_cc(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<Option<u32>>> {
        self.column(Some(1496))
    }
    fn years_of_manufacture(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<u16>> {
        self.column(2020)
    }
    fn first_registrations(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<Option<Date>>> {
        self.column(Some(AS_OF))
    }
    fn gross_masses_g(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<u64>> {
        self.column(1_300_000)
    }
    fn hs6_codes(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<String>> {
        self.column("870322".into())
    }
    fn prices(&mut self, _handle: Resource<order::Shipment>) -> ImportResult<Vec<Money>> {
        self.column(price())
    }
    getters! { order::Shipment;
        port_of_loading: String = "JPYOK".into();
        port_of_discharge: String = "KEMBA".into();
        departure: Option<Date> = Some(AS_OF);
        arrival: Option<Date> = None;
        vessel: Option<String> = None;
        voyage: Option<String> = None;
    }
}

impl order::HostOrder for Snapshot {
    fn party(&mut self, _handle: Resource<order::Order>, role: order::Role) -> ImportResult<Option<Resource<order::Party>>> {
        Ok(Some(Resource::new_own(role as u32)))
    }
    fn shipment(&mut self, _handle: Resource<order::Order>) -> ImportResult<Resource<order::Shipment>> {
        Ok(Resource::new_own(0))
    }
    getters! { order::Order;
        reference: String = "E-1".into();
        contract_date: Date = AS_OF;
        currency: String = "USD".into();
        incoterm: String = "CIF".into();
        incoterm_place: String = "Mombasa".into();
        total: Money = price();
        country_of_export: String = "JP".into();
        country_of_destination: String = "KE".into();
    }
}

impl order::Host for Snapshot {}

/// The bytes of the attackers' component.
pub(crate) fn attackers() -> Vec<u8> {
    let folder = std::env::var_os("RORO_PLUGIN_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/wasm32-wasip2/plugin"), PathBuf::from);
    let path = folder.join("roro_attackers.wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask plugins` first", path.display()))
}

/// One engine for all tests that do not need their own: its pool shows what an attack would leave behind.
pub(crate) fn engine() -> &'static (Engine<Snapshot>, Plugin<Snapshot>) {
    static ENGINE: OnceLock<(Engine<Snapshot>, Plugin<Snapshot>)> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Engine::new(EngineSettings::for_testing()).unwrap();
        let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &attackers()).unwrap();
        (engine, plugin)
    })
}

pub(crate) fn call(answers: Snapshot, limits: Limits) -> Call<Snapshot> {
    Call { answers, limits, as_of: AS_OF, warm: None, seed: 7 }
}

/// Runs `check` and unwraps the plugin's own answer.
pub(crate) async fn check(answers: Snapshot, limits: Limits) -> Result<(Vec<Finding>, Cost), Box<Failure>> {
    let (engine, plugin) = engine();
    let (answer, cost) = engine.documents_check(plugin, call(answers, limits)).await?;
    Ok((answer.unwrap(), cost))
}
