//! What stands behind a sandbox while a call runs: the host's answers, the meter, and what the closed WASI shim and the Extism kernel need.
//!
//! A guest is made for one call and dropped with it. The engine owns metering and the log's bound; the host owns the answers
//! ([`Answers`]) and knows nothing of fuel.

use wasmtime::component::HasSelf;
use wasmtime::{CallHook, StoreContextMut, UpdateDeadline};

use crate::bindings::contract::roro::host::{cache, config, events, fetch, legal_date, log, random, tables, tasks};
use crate::bindings::contract::roro::order::{fields, order, orders};
use crate::bindings::contract::roro::records::records;
use crate::bindings::contract::roro::render::sources;
use crate::bindings::contract::roro::types::types;
use crate::extism::Kernel;
use crate::meter::Meter;
use crate::wasi::Wasi;

/// Where a log line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The plugin's own log, at a level.
    Log(log::Level),
    /// A line of standard output.
    Stdout,
    /// A line of standard error: the message of a panic comes this way.
    Stderr,
}

/// What the host answers in one call: the imports of the contract and where log lines go.
///
/// The order of the call is handle number [`ORDER`]; every other handle is a number that the host chooses (an index into its snapshots)
/// and gets back unchanged, with its type. Dropping one asks nothing of the host.
pub trait Answers:
    config::Host
    + legal_date::Host
    + tables::Host
    + random::Host
    + cache::Host
    + fetch::Host
    + tasks::Host
    + events::Host
    + order::Host
    + fields::Host
    + orders::Host
    + records::Host
    + sources::Host
    + Send
    + 'static
{
    /// Keeps or prints a line of the guest's log. Bounded before it comes here.
    fn log(&mut self, source: LogSource, line: &str);

    /// Bytes of strings, lists and files that the answers have moved across the border since this was last asked; the guest pays
    /// fuel for them. Count what is large or repeated; the call itself is paid for already.
    fn take_bytes_moved(&mut self) -> u64;

    /// The order of the call as one JSON value, for guests that read it so and not by handles.
    fn order_json(&mut self) -> crate::ImportResult<Vec<u8>>;
}

/// The number behind the handle of the call's order.
pub const ORDER: u32 = 0;

/// The state of one sandbox.
pub(crate) struct Guest<S> {
    pub(crate) answers: S,
    pub(crate) meter: Meter,
    pub(crate) wasi: Wasi,
    pub(crate) kernel: Kernel,
}

impl<S: Answers> Guest<S> {
    /// The answers, for an import: every call of one comes through here and is counted.
    fn answer(&mut self) -> &mut S {
        self.meter.host_call();
        &mut self.answers
    }

    fn counted(&mut self) -> &mut Self {
        self.meter.host_call();
        self
    }

    /// Writes a log line within the bound. An empty line is free of bytes and still a call.
    pub(crate) fn write_log(&mut self, source: LogSource, line: &str) -> wasmtime::Result<()> {
        self.meter.log(line.len())?;
        self.answers.log(source, line);
        Ok(())
    }
}

impl<S: Answers> log::Host for Guest<S> {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.write_log(LogSource::Log(level), &message)
    }
}

impl<S: Answers> types::Host for Guest<S> {}

/// Links every import of the contract.
pub(crate) fn link<S: Answers>(linker: &mut wasmtime::component::Linker<Guest<S>>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<Guest<S>>>(linker, Guest::counted)?;
    log::add_to_linker::<_, HasSelf<Guest<S>>>(linker, Guest::counted)?;
    config::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    legal_date::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    tables::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    random::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    cache::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    fetch::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    tasks::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    events::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    order::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    fields::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    orders::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    records::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)?;
    sources::add_to_linker::<_, HasSelf<S>>(linker, Guest::answer)
}

/// Charges for imports. Runs at every border crossing, so it must stay a handful of instructions.
pub(crate) fn on_call<S: Answers>(mut store: StoreContextMut<'_, Guest<S>>, hook: CallHook) -> wasmtime::Result<()> {
    match hook {
        CallHook::CallingHost => store.data_mut().meter.enter_host(),
        CallHook::ReturningFromHost => {
            let guest = store.data_mut();
            guest.meter.bytes_moved(guest.answers.take_bytes_moved());
            let due = guest.meter.leave_host()?;
            if due > 0 {
                let left = Meter::pay(store.get_fuel()?, due);
                store.set_fuel(*left.as_ref().unwrap_or(&0))?;
                left?;
            }
        }
        CallHook::CallingWasm => store.data_mut().meter.enter_guest(),
        CallHook::ReturningFromWasm => store.data_mut().meter.leave_guest(),
    }
    Ok(())
}

/// Runs at every tick while the guest runs: looks at the clock, then lets others have the thread.
pub(crate) fn on_epoch<S: Answers>(mut store: StoreContextMut<'_, Guest<S>>) -> wasmtime::Result<UpdateDeadline> {
    let meter = &mut store.data_mut().meter;
    meter.check_time()?;
    Ok(UpdateDeadline::YieldCustom(1, Box::pin(meter.wait_a_turn())))
}
