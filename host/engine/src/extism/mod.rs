//! Guests of the Extism PDKs: core modules that answer a hook with JSON, run by this engine under the limits of every other guest.
//!
//! A PDK imports the functions of `extism:host/env`, Extism's "kernel". There they are a module with a memory of its own; here they are
//! functions of the host over a memory for one call ([`memory`]), which the meter counts with the guest's own. Beside them a guest may import
//! WASI preview 1, closed like the shim for components. Anything else refuses the module at load, by name; `extism:host/user`, which a host of
//! Extism fills with functions of its own, is among it. A hook is the exported function of its name ([`export`]); [`document`] makes its input
//! and reads its answer. The `extism` crate is nowhere here: it would bring a second, differently patched wasmtime into the process.
//!
//! Every call gets a fresh instance, so variables live for one call. There is no HTTP. Nothing here knows what an order is.

mod document;
mod link;
mod memory;
mod quote;

use wasmtime::{ExternType, Func, Instance, InstancePre, Linker, Module, Store, Val};

pub(crate) use document::findings;
pub(crate) use link::{FUNCTIONS, MODULE, link};
pub(crate) use memory::Kernel;
pub(crate) use quote::quote;

use crate::bindings::contract::roro::types::types::Date;
use crate::failure::{FailureKind, Said, Stop};
use crate::guest::{Answers, Guest};
use crate::plugin::Hook;
use crate::wasi::{Exited, PREVIEW1, PREVIEW1_FUNCTIONS};

const NO_HOOK: Stop = Stop::new(FailureKind::Refused, "the plugin does not export this hook");

/// Functions that set a guest's language up, as the `extism` crate calls them: the first that is there, before the input.
const INITIALISERS: [&str; 2] = ["__wasm_call_ctors", "_initialize"];
/// What sets up Haskell; called after its reactor's `_initialize`, with no arguments for the program.
const HASKELL: &str = "hs_init";

/// Makes sense of a guest's output; the number is how many bytes of the host it may take.
pub(crate) type ReadOutput<T> = fn(&[u8], usize) -> Result<T, Said>;

/// The exported function that answers a hook: the hook's name and its function in snake case.
pub(crate) fn export(hook: Hook) -> Option<&'static str> {
    match hook {
        Hook::DocumentsCheck => Some("documents_check"),
        Hook::OrderGuardCheck => Some("order_guard_check"),
        Hook::PricingPrice => Some("pricing_price"),
        // Asked of components only: of the host's own, and of apps, whose imports Extism has no words for.
        Hook::DocumentsRequirements
        | Hook::DocumentsPrepare
        | Hook::AppDescribe
        | Hook::AppAct
        | Hook::AppEvent
        | Hook::AppSchedule
        | Hook::AppTask
        | Hook::Render => None,
    }
}

/// Whether bytes are a core module: the layer in the preamble says so. Anything else is left to the reader of components.
pub(crate) fn is_module(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x01\0\0\0")
}

/// The imports of a module by name, and those among them that are not offered.
pub(crate) fn imports(module: &Module) -> (Vec<String>, Vec<String>) {
    let (mut all, mut refused) = (Vec::new(), Vec::new());
    for import in module.imports() {
        let offered = match import.module() {
            MODULE => FUNCTIONS,
            PREVIEW1 => PREVIEW1_FUNCTIONS,
            _ => &[],
        };
        let name = format!("{}/{}", import.module(), import.name());
        let is_function = matches!(import.ty(), ExternType::Func(_));
        if !is_function || !offered.contains(&import.name()) {
            refused.push(name.clone());
        }
        all.push(name);
    }
    (all, refused)
}

/// A linked module.
pub(crate) struct Extism<S: Answers> {
    pre: InstancePre<Guest<S>>,
    hooks: Vec<Hook>,
}

impl<S: Answers> Clone for Extism<S> {
    fn clone(&self) -> Self {
        Self { pre: self.pre.clone(), hooks: self.hooks.clone() }
    }
}

/// The hooks that a module answers. Fails when the function of one takes arguments or answers with more than a status.
pub(crate) fn hooks(module: &Module) -> Result<Vec<Hook>, String> {
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let Some(name) = export(hook) else { continue };
        let Some(found) = module.get_export(name) else { continue };
        let is_fit = found.func().is_some_and(|function| {
            let results: Vec<_> = function.results().collect();
            function.params().len() == 0 && matches!(results.as_slice(), [] | [wasmtime::ValType::I32])
        });
        if !is_fit {
            return Err(format!("`{name}` is no function without arguments that answers with an i32"));
        }
        hooks.push(hook);
    }
    Ok(hooks)
}

impl<S: Answers> Extism<S> {
    /// Links a module whose imports were looked at.
    pub(crate) fn link(module: &Module, hooks: Vec<Hook>, linker: &Linker<Guest<S>>) -> wasmtime::Result<Self> {
        Ok(Self { pre: linker.instantiate_pre(module)?, hooks })
    }

    pub(crate) fn answers(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }

    /// Asks a hook: one instance, one input, what `read` makes of its output.
    pub(crate) async fn ask<T>(
        &self,
        store: &mut Store<Guest<S>>,
        hook: Hook,
        step: Option<&str>,
        as_of: Date,
        read: ReadOutput<T>,
    ) -> wasmtime::Result<T> {
        let name = export(hook).filter(|_| self.answers(hook)).ok_or(NO_HOOK)?;
        let instance = self.pre.instantiate_async(&mut *store).await?;
        store.data_mut().kernel.guest_memory = instance.get_memory(&mut *store, "memory");
        initialise(store, &instance).await?;
        give_input(store, step, as_of)?;
        let function = instance.get_func(&mut *store, name).ok_or(NO_HOOK)?;
        let status = call(store, function, &[]).await?;
        let guest = store.data_mut();
        let output_bytes_max = guest.meter.limits().output_bytes;
        if let Some(error) = guest.kernel.error() {
            return Err(Said::new(FailureKind::Refused, text_of(error)).into());
        }
        if status != 0 {
            return Err(
                Said::new(FailureKind::Refused, format!("`{name}` answered with the status {status} and no error")).into()
            );
        }
        read(guest.kernel.output()?, output_bytes_max).map_err(Into::into)
    }
}

/// What a guest says of itself when it fails, cut to what a log line may have.
fn text_of(error: &[u8]) -> String {
    const ERROR_BYTES_MAX: usize = 4 * 1024;
    String::from_utf8_lossy(error.get(..ERROR_BYTES_MAX).unwrap_or(error)).into_owned()
}

/// Lets the guest's language set itself up. What it leaves in the kernel's memory is forgotten, as Extism does.
async fn initialise<S: Answers>(store: &mut Store<Guest<S>>, instance: &Instance) -> wasmtime::Result<()> {
    if let Some(haskell) = instance.get_func(&mut *store, HASKELL) {
        if let Some(reactor) = plain(store, instance, "_initialize") {
            call(store, reactor, &[]).await?;
        }
        call(store, haskell, &[Val::I32(0), Val::I32(0)]).await?;
    } else if let Some(initialiser) = INITIALISERS.iter().find_map(|name| plain(store, instance, name)) {
        call(store, initialiser, &[]).await?;
    }
    let guest = store.data_mut();
    guest.kernel.reset(&mut guest.meter);
    Ok(())
}

/// An exported function that takes nothing and gives nothing.
fn plain<S: Answers>(store: &mut Store<Guest<S>>, instance: &Instance, name: &str) -> Option<Func> {
    let function = instance.get_func(&mut *store, name)?;
    function.typed::<(), ()>(&*store).is_ok().then_some(function)
}

/// Calls a function; its status, 0 when it gives none. A guest that leaves through `proc_exit(0)` has answered, as in Extism.
async fn call<S: Answers>(store: &mut Store<Guest<S>>, function: Func, arguments: &[Val]) -> wasmtime::Result<i32> {
    let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
    match function.call_async(&mut *store, arguments, &mut results).await {
        Ok(()) => Ok(results.first().and_then(Val::i32).unwrap_or(0)),
        Err(error) if error.downcast_ref() == Some(&Exited(0)) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Puts the input where the guest reads it. Its bytes count as the guest's memory and cost what bytes across the border cost.
fn give_input<S: Answers>(store: &mut Store<Guest<S>>, step: Option<&str>, as_of: Date) -> wasmtime::Result<()> {
    let guest = store.data_mut();
    let order = guest.answers.order_json()?;
    // What the host counted itself while it answered is a part of these bytes.
    guest.answers.take_bytes_moved();
    let input = document::input(step, as_of, &order);
    let due = u64::try_from(input.len())?.saturating_mul(crate::limits::FUEL_PER_BYTE);
    guest.kernel.set_input(input, &mut guest.meter)?;
    let left = crate::meter::Meter::pay(store.get_fuel()?, due);
    store.set_fuel(*left.as_ref().unwrap_or(&0))?;
    left?;
    Ok(())
}
