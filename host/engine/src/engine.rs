//! The engine: made once, loads plugins, calls their hooks, each call in a sandbox of its own.
//!
//! A call takes a place of its class, gets a fresh sandbox, is metered, and is dropped with everything it had, whether
//! it answered, trapped or was abandoned. Nothing of one call is ever seen by the next, unless both bear one [`WarmKey`].

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::Store;
use wasmtime::component::Linker;

use crate::artifacts::{ArtifactError, Artifacts, digest};
use crate::bindings::contract::roro::types::types::Date;
use crate::config::config;
use crate::extism::{self, Kernel};
use crate::failure::{Failure, FailureKind, backtrace, classify};
use crate::guest::{Answers, Guest, on_call, on_epoch};
use crate::kept::{Kept, Place, WarmKey};
use crate::limits::{COMPONENT_BYTES_MAX, Class, Limits};
use crate::meter::{Cost, Meter};
use crate::plugin::{Hook, LoadError, Plugin, PluginId};
use crate::settings::{EngineSettings, PoolSettings};
use crate::threads::{Threads, Unfinished};
use crate::ticker::{Clock, Heartbeat, Ticker};
use crate::wasi::{self, Wasi};

/// What a call answers, and what it cost.
pub type Outcome<T> = Result<(T, Cost), Box<Failure>>;

/// Work inside one sandbox.
pub(crate) type InSandbox<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// Why an engine cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The artifact folder.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The system gives no thread.
    #[error("the engine's threads cannot start: raise the process's thread limit")]
    Threads(#[source] std::io::Error),
    /// wasmtime refuses the settings or the reservation of addresses.
    #[error("the sandbox pool cannot be made ({reason}): lower the pool's sizes or raise the limit of virtual memory")]
    Pool {
        /// What wasmtime said.
        reason: String,
    },
}

/// One call: who answers its imports, what it may use, and what it takes for now and for chance.
#[derive(Debug)]
pub struct Call<S> {
    /// Answers the imports. Dropped when the call ends.
    pub answers: S,
    /// What the call may use.
    pub limits: Limits,
    /// The legal date: what WASI's clocks show.
    pub as_of: Date,
    /// Whose sandbox it may use again; none for a fresh one. Only calls with the limits of an interpreter are ever kept.
    pub warm: Option<WarmKey>,
    /// Where the guest's randomness comes from: take it from the snapshot's digest, so that a replay draws the same.
    pub seed: u64,
}

/// Runs plugins. Cheap to clone; the last clone ends the threads.
pub struct Engine<S: Answers> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: Answers> {
    // Dropped from the top: guests end first, then the clock that would stop them.
    threads: Threads,
    ticker: Ticker,
    wasmtime: wasmtime::Engine,
    linker: Linker<Guest<S>>,
    /// For core modules.
    module_linker: wasmtime::Linker<Guest<S>>,
    artifacts: Artifacts,
    pool: PoolSettings,
    kept: Arc<Kept<S>>,
}

impl<S: Answers> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Answers> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("pool", &self.shared.pool).finish_non_exhaustive()
    }
}

impl<S: Answers> Engine<S> {
    /// Makes the engine: reserves the pool, opens the artifact folder, starts the threads and the ticker.
    pub fn new(settings: EngineSettings) -> Result<Self, EngineError> {
        let pool = |error: wasmtime::Error| EngineError::Pool { reason: format!("{error:#}") };
        let artifacts = Artifacts::open(&settings.artifacts, &settings.mac_key)?;
        let wasmtime = wasmtime::Engine::new(&config(&settings.pool)).map_err(pool)?;
        let mut linker = Linker::new(&wasmtime);
        crate::guest::link(&mut linker).map_err(pool)?;
        wasi::link(&mut linker).map_err(pool)?;
        let mut module_linker = wasmtime::Linker::new(&wasmtime);
        extism::link(&mut module_linker).map_err(pool)?;
        wasi::link_preview1(&mut module_linker).map_err(pool)?;
        let ticker = Ticker::start(&wasmtime).map_err(EngineError::Threads)?;
        let threads = Threads::start(&settings).map_err(EngineError::Threads)?;
        let pool = settings.pool;
        let kept = Arc::new(Kept::new(pool.kept_sandboxes_max));
        Ok(Self { shared: Arc::new(Shared { threads, ticker, wasmtime, linker, module_linker, artifacts, pool, kept }) })
    }

    /// Checks, compiles (or takes from the artifact folder) and links a component, or the core module of an Extism PDK. Takes milliseconds from an artifact and up to a minute
    /// without: call it where blocking is allowed.
    pub fn load(&self, id: PluginId, bytes: &[u8]) -> Result<Plugin<S>, LoadError> {
        if bytes.len() > COMPONENT_BYTES_MAX {
            return Err(LoadError::TooLarge { plugin: id, bytes: bytes.len() });
        }
        let shared = &self.shared;
        let digest = digest(bytes);
        let invalid = |error: wasmtime::Error| LoadError::Invalid { plugin: id.clone(), reason: format!("{error:#}") };
        if extism::is_module(bytes) {
            let module = shared.artifacts.compiled(&shared.wasmtime, bytes, &digest).map_err(invalid)?;
            return Plugin::link_module(id, digest, &module, &shared.module_linker, &shared.pool);
        }
        let component = shared.artifacts.compiled(&shared.wasmtime, bytes, &digest).map_err(invalid)?;
        Plugin::link(id, digest, &component, &shared.linker, &shared.pool)
    }

    /// Whether a component was compiled before by this host's engine: then [`Engine::load`] takes milliseconds.
    pub fn is_compiled(&self, bytes: &[u8]) -> bool {
        self.shared.artifacts.has(&self.shared.wasmtime, &digest(bytes))
    }

    /// The ticker's last sign of life, for readiness checks.
    pub fn heartbeat(&self) -> Heartbeat {
        self.shared.ticker.heartbeat()
    }

    /// How many more calls of a class could start now.
    pub fn free_places(&self, class: Class) -> usize {
        self.shared.threads.places(class).available_permits()
    }

    /// How many sandboxes wait for another call of their release.
    pub fn kept_sandboxes(&self) -> usize {
        self.shared.kept.count()
    }

    /// Runs `work` on a guest thread. Calls made inside stay on that thread, which spares each of them the way there and back: worth it
    /// for several calls in a row. `work` must not block and must wait only for calls.
    pub async fn on_guest_thread<F>(&self, work: F) -> Option<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.shared.threads.run(work).await.ok()
    }

    /// One call in a fresh sandbox.
    pub(crate) async fn run<T, W>(&self, plugin: &Plugin<S>, call: Call<S>, hook: Hook, work: W) -> Outcome<T>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a mut Store<Guest<S>>) -> InSandbox<'a, T> + Send + 'static,
    {
        let (wasmtime, clock) = (self.shared.wasmtime.clone(), Arc::clone(self.shared.ticker.clock()));
        let (id, class) = (plugin.id().clone(), call.limits.class);
        self.on_thread(plugin, class, hook, async move { sandboxed(&wasmtime, clock, id, call, hook, work).await }).await
    }

    /// One call of a hook's function, in a sandbox that is kept if the call says so.
    pub(crate) async fn run_guest<T, G, I, W>(&self, plugin: &Plugin<S>, call: Call<S>, hook: Hook, make: I, ask: W) -> Outcome<T>
    where
        T: Send + 'static,
        G: Send + Sync + 'static,
        I: for<'a> FnOnce(&'a mut Store<Guest<S>>) -> InSandbox<'a, G> + Send + 'static,
        W: for<'a> FnOnce(Arc<G>, &'a mut Store<Guest<S>>) -> InSandbox<'a, T> + Send + 'static,
    {
        let class = call.limits.class;
        let Some(key) = call.warm.clone().filter(|_| class == Class::Interpreted) else {
            return self
                .run(plugin, call, hook, |store: &mut Store<Guest<S>>| -> InSandbox<'_, T> {
                    Box::pin(async move {
                        let guest = Arc::new(make(&mut *store).await?);
                        ask(guest, store).await
                    })
                })
                .await;
        };
        let place = Place { key, digest: plugin.digest().to_owned(), hook };
        let (wasmtime, clock, kept) =
            (self.shared.wasmtime.clone(), Arc::clone(self.shared.ticker.clock()), Arc::clone(&self.shared.kept));
        let id = plugin.id().clone();
        let work = async move { kept.ask(&wasmtime, clock, (id, place), call, (make, ask)).await };
        self.on_thread(plugin, class, hook, work).await
    }

    /// Runs a call once its class has a place for it.
    async fn on_thread<T: Send + 'static>(
        &self,
        plugin: &Plugin<S>,
        class: Class,
        hook: Hook,
        call: impl Future<Output = Outcome<T>> + Send + 'static,
    ) -> Outcome<T> {
        let shared = &self.shared;
        let places = shared.threads.places(class);
        let work = async move {
            // The semaphore is never closed; if it were, the pool still says when it is full.
            let _place = places.acquire().await.ok();
            call.await
        };
        // Most rules are done within their first turn: docs/decisions/0007.
        let is_short = class == Class::Rule;
        let ran = if is_short { shared.threads.run_here_first(work).await } else { shared.threads.run(work).await };
        match ran {
            Ok(outcome) => outcome,
            Err(unfinished) => {
                let (kind, reason) = match unfinished {
                    Unfinished::Panicked => (FailureKind::HostFault, "an import panicked"),
                    Unfinished::Ending => (FailureKind::Overloaded, "the engine is shutting down"),
                };
                Err(Box::new(Failure {
                    kind,
                    plugin: plugin.id().clone(),
                    hook,
                    cost: Cost::default(),
                    reason: reason.to_owned(),
                    backtrace: Vec::new(),
                }))
            }
        }
    }
}

/// The life of one sandbox.
async fn sandboxed<S, T, W>(
    engine: &wasmtime::Engine,
    clock: Arc<Clock>,
    plugin: PluginId,
    call: Call<S>,
    hook: Hook,
    work: W,
) -> Outcome<T>
where
    S: Answers,
    W: for<'a> FnOnce(&'a mut Store<Guest<S>>) -> InSandbox<'a, T>,
{
    let (started, fuel) = (Instant::now(), call.limits.fuel);
    let mut store = open(engine, call, clock);
    let ran = match store.set_fuel(fuel) {
        Ok(()) => work(&mut store).await,
        Err(error) => Err(error),
    };
    close(&mut store, ran, (fuel, started), plugin, hook)
}

/// A sandbox with everything of a call but its fuel.
pub(crate) fn open<S: Answers>(engine: &wasmtime::Engine, call: Call<S>, clock: Arc<Clock>) -> Store<Guest<S>> {
    let output_bytes = call.limits.output_bytes;
    let guest = Guest {
        answers: call.answers,
        meter: Meter::new(call.limits, clock),
        wasi: Wasi::new(call.as_of, call.seed),
        kernel: Kernel::default(),
    };
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.meter);
    store.set_hostcall_fuel(output_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(on_epoch);
    store.call_hook(on_call);
    store
}

/// How a call ended: its answer or why there is none, with what it cost.
pub(crate) fn close<S: Answers, T>(
    store: &mut Store<Guest<S>>,
    ran: wasmtime::Result<T>,
    (fuel, started): (u64, Instant),
    plugin: PluginId,
    hook: Hook,
) -> Outcome<T> {
    let fuel_left = store.get_fuel().unwrap_or(0);
    let guest = store.data_mut();
    guest.finish_printing();
    let cost = guest.meter.cost(fuel.saturating_sub(fuel_left), started.elapsed());
    match ran {
        Ok(answer) => Ok((answer, cost)),
        Err(error) => Err(Box::new(Failure {
            kind: classify(&error),
            plugin,
            hook,
            cost,
            reason: error.root_cause().to_string(),
            backtrace: backtrace(&error),
        })),
    }
}
