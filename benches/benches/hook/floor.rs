//! The floor: wasmtime called directly, set as the server sets it, with the same component and the same fuel and epoch. No meter, no limits
//! beyond the fuel, no threads of its own, no words for failures.

use roro_engine::bindings::contract::roro::host::{config, legal_date, tables};
use roro_engine::bindings::contract::roro::order::{fields, order};
use roro_engine::bindings::contract::roro::types::types::Finding;
use roro_engine::bindings::documents::DocumentsPre;
use roro_engine::{Limits, ORDER, PoolSettings, Resource, wasmtime_config};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker, ResourceType};
use wasmtime::{Engine, Store};

/// What answers the imports that a rule's guest calls.
pub(crate) trait Imports:
    config::Host + legal_date::Host + tables::Host + order::Host + fields::Host + Send + 'static
{
}

impl<T: config::Host + legal_date::Host + tables::Host + order::Host + fields::Host + Send + 'static> Imports for T {}

/// An engine whose epoch is moved every millisecond, as the server's is.
#[derive(Clone)]
pub(crate) struct Machine {
    engine: Engine,
    has_fuel: bool,
    _clock: Arc<Clock>,
}

struct Clock(Arc<AtomicBool>);

impl Drop for Clock {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Machine {
    /// The server's settings; `has_fuel` false leaves fuel out of the compiled code.
    pub(crate) fn new(has_fuel: bool) -> Self {
        let mut config = wasmtime_config(&PoolSettings::default());
        config.consume_fuel(has_fuel);
        let engine = Engine::new(&config).expect("the server's settings");
        let stop = Arc::new(AtomicBool::new(false));
        let (ticking, stopping) = (engine.weak(), Arc::clone(&stop));
        std::thread::spawn(move || {
            while let (false, Some(engine)) = (stopping.load(Ordering::Relaxed), ticking.upgrade()) {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self { engine, has_fuel, _clock: Arc::new(Clock(stop)) }
    }

    /// Compiles and links a component behind `S`.
    pub(crate) fn load<S: Imports>(&self, bytes: &[u8]) -> Floor<S> {
        let component = Component::new(&self.engine, bytes).expect("a component");
        let mut linker: Linker<S> = Linker::new(&self.engine);
        config::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("config");
        legal_date::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("legal-date");
        tables::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("tables");
        order::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("order");
        fields::add_to_linker::<_, HasSelf<S>>(&mut linker, |state| state).expect("fields");
        trap_wasi(&mut linker, &component);
        let pre = linker.instantiate_pre(&component).and_then(DocumentsPre::new).expect("the contract");
        Floor { machine: self.clone(), pre }
    }
}

/// The standard library's imports of WASI, which these guests never call.
fn trap_wasi<S: 'static>(linker: &mut Linker<S>, component: &Component) {
    let engine = component.engine();
    for (name, import) in component.component_type().imports(engine).filter(|(name, _)| name.starts_with("wasi:")) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        let mut instance = linker.instance(name).expect("an interface");
        for (name, export) in interface.exports(engine) {
            match export.ty {
                ComponentItem::ComponentFunc(_) => {
                    let trap =
                        instance.func_new(name, |_, _, _, _| Err(wasmtime::Error::msg("no guest of the benches calls WASI")));
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
pub(crate) struct Floor<S: 'static> {
    machine: Machine,
    pre: DocumentsPre<S>,
}

impl<S: Imports> Floor<S> {
    /// `check` in a fresh sandbox.
    pub(crate) async fn check(&self, state: S, limits: &Limits) -> Vec<Finding> {
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
}
