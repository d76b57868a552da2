//! The floor: wasmtime called directly, set as the server sets it, with the same component and the same fuel and epoch. No meter, no limits
//! beyond the fuel, no threads of its own, no words for failures. And one step below it, which the server never takes: one sandbox for many
//! calls.

use roro_engine::bindings::contract::roro::host::{config, legal_date, tables};
use roro_engine::bindings::contract::roro::order::{fields, order};
use roro_engine::bindings::contract::roro::types::types::Finding;
use roro_engine::bindings::documents::{Documents, DocumentsPre};
use roro_engine::{Limits, ORDER, PoolSettings, Resource, wasmtime_config};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker, ResourceType};
use wasmtime::{Engine, Store};

/// What answers the imports that a rule's guest calls.
pub trait Imports: config::Host + legal_date::Host + tables::Host + order::Host + fields::Host + Send + 'static {}

impl<T: config::Host + legal_date::Host + tables::Host + order::Host + fields::Host + Send + 'static> Imports for T {}

/// An engine whose epoch is moved every millisecond, as the server's is.
#[derive(Clone)]
pub struct Machine {
    engine: Engine,
    has_fuel: bool,
    /// None for a machine whose epoch stands still.
    _clock: Option<Arc<Clock>>,
}

struct Clock(Arc<AtomicBool>);

impl Clock {
    fn start(engine: &Engine) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (ticking, stopping) = (engine.weak(), Arc::clone(&stop));
        std::thread::spawn(move || {
            while let (false, Some(engine)) = (stopping.load(Ordering::Relaxed), ticking.upgrade()) {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self(stop)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Machine {
    /// The server's settings; `has_fuel` false leaves fuel out of the compiled code.
    #[must_use]
    pub fn new(has_fuel: bool) -> Self {
        let machine = Self::still(has_fuel);
        let clock = Clock::start(&machine.engine);
        Self { _clock: Some(Arc::new(clock)), ..machine }
    }

    /// The same without the clock, so that nothing of it runs between measurements: its guests are not interrupted.
    #[must_use]
    pub fn still(has_fuel: bool) -> Self {
        let mut config = wasmtime_config(&PoolSettings::default());
        config.consume_fuel(has_fuel);
        Self { engine: Engine::new(&config).expect("the server's settings"), has_fuel, _clock: None }
    }

    /// Compiles and links a component behind `S`.
    pub fn load<S: Imports>(&self, bytes: &[u8]) -> Floor<S> {
        let component = Component::new(&self.engine, bytes).expect("a component");
        let mut linker: Linker<S> = Linker::new(&self.engine);
        config::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("config");
        legal_date::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("legal-date");
        tables::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("tables");
        order::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("order");
        fields::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("fields");
        trap_the_rest(&mut linker, &component);
        let pre = linker.instantiate_pre(&component).and_then(DocumentsPre::new).expect("the contract");
        Floor { machine: self.clone(), pre }
    }
}

/// Imports that these guests have and never call: the standard library's of WASI, and the log, which interpreters take with everything else.
fn trap_the_rest<S: 'static>(linker: &mut Linker<S>, component: &Component) {
    let engine = component.engine();
    let is_called = |name: &str| !name.starts_with("wasi:") && !name.starts_with("roro:host/log@");
    for (name, import) in component.component_type().imports(engine).filter(|(name, _)| !is_called(name)) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        let mut instance = linker.instance(name).expect("an interface");
        for (name, export) in interface.exports(engine) {
            match export.ty {
                ComponentItem::ComponentFunc(_) => {
                    let trap =
                        instance.func_new(name, |_, _, _, _| Err(wasmtime::Error::msg("no guest of the benches calls it")));
                    trap.expect("a function");
                }
                ComponentItem::Resource(_) => {
                    instance.resource(name, ResourceType::host::<()>(), |_, _| Ok(())).expect("a resource");
                }
                _ => {}
            }
        }
    }
}

/// A component on a machine.
pub struct Floor<S: 'static> {
    machine: Machine,
    pre: DocumentsPre<S>,
}

impl<S: Imports> Floor<S> {
    /// `check` in a fresh sandbox.
    pub async fn check(&self, state: S, limits: &Limits) -> Vec<Finding> {
        let mut store = Store::new(&self.machine.engine, state);
        if self.machine.has_fuel {
            store.set_fuel(limits.fuel).expect("fuel");
        }
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let guest = self.pre.instantiate_async(&mut store).await.expect("an instance");
        let answer = guest.roro_documents_documents().call_check(&mut store, Resource::new_borrow(ORDER)).await;
        answer.expect("an answer").expect("findings")
    }
    /// One sandbox for many calls, each with fuel of its own.
    pub async fn warm(&self, state: S) -> Warm<S> {
        let mut store = Store::new(&self.machine.engine, state);
        if self.machine.has_fuel {
            // What setting up takes is not measured; without any fuel it would not be done.
            store.set_fuel(u64::MAX).expect("fuel");
        }
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let guest = self.pre.instantiate_async(&mut store).await.expect("an instance");
        Warm { store, guest, has_fuel: self.machine.has_fuel }
    }
}

/// A sandbox that stays. What one call leaves in it, the next one finds: the server never does this, so it only says what it would save.
pub struct Warm<S: 'static> {
    store: Store<S>,
    guest: Documents,
    has_fuel: bool,
}

impl<S: Imports> Warm<S> {
    /// `check` once more.
    pub async fn check(&mut self, limits: &Limits) -> Vec<Finding> {
        if self.has_fuel {
            self.store.set_fuel(limits.fuel).expect("fuel");
        }
        let answer = self.guest.roro_documents_documents().call_check(&mut self.store, Resource::new_borrow(ORDER)).await;
        answer.expect("an answer").expect("findings")
    }
}
