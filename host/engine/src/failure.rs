//! How a call ends when it does not end well: a closed set of kinds with stable codes.
//!
//! A [`Failure`] says which plugin, which hook, what it had cost until then and where in the guest it happened. It is for the host's log
//! and for the failure policy of the hook; what a person reads is made from the code. Nothing here decides what to do about a failure.

use std::fmt;

use crate::meter::Cost;
use crate::plugin::{Hook, PluginId};
use crate::wasi::Exited;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $code:literal,)*) => {
        /// Why a call failed. The codes are stable; a kind is added, never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FailureKind { $($(#[$doc])* $kind,)* }

        impl FailureKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The stable code of logs, metrics and problem reports.
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }
        }
    };
}

kinds! {
    /// The plugin does not export the hook that was called, or answered it with an error of its own.
    Refused = "refused",
    /// Used up its fuel.
    OutOfFuel = "out-of-fuel",
    /// Ran longer than its wall time, or kept the host's imports busy for too long.
    OutOfTime = "out-of-time",
    /// Asked for more memory than it may have.
    OutOfMemory = "out-of-memory",
    /// Asked for more table elements than it may have.
    TableLimit = "table-limit",
    /// Called itself too deeply.
    StackOverflow = "stack-overflow",
    /// Handed more bytes to the host than it may.
    OutputLimit = "output-limit",
    /// Wrote more log than it may.
    LogLimit = "log-limit",
    /// Called imports more often than it may.
    HostCallLimit = "host-call-limit",
    /// Trapped: a panic, an access out of bounds, an unreachable instruction.
    Trapped = "trapped",
    /// Handed over a value that breaks the contract.
    BadOutput = "bad-output",
    /// Used a handle that it does not have: forged, stale, dropped, or of another type.
    BadHandle = "bad-handle",
    /// Called an import for which it has no grant.
    Denied = "denied",
    /// An import failed on the host's side. Not the guest's fault.
    HostFault = "host-fault",
    /// The pool had no room, or the engine is shutting down. Not the guest's fault; may be tried again.
    Overloaded = "overloaded",
}

impl FailureKind {
    /// Whether the same call may go well at another time. Everything else is a property of the plugin and its input.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Overloaded | Self::OutOfTime)
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A call that did not end well.
#[derive(Clone, Debug, thiserror::Error)]
#[error("plugin {plugin} stopped in hook {hook}: {kind}: {reason}")]
pub struct Failure {
    /// Why.
    pub kind: FailureKind,
    /// Who.
    pub plugin: PluginId,
    /// Which function of which hook.
    pub hook: Hook,
    /// What it had used until then.
    pub cost: Cost,
    /// The reason in words, for the log. May quote the guest: never show it to another tenant.
    pub reason: String,
    /// The guest's frames, innermost first, names demangled; empty when the guest was not running.
    pub backtrace: Vec<String>,
}

/// How an import says that it cannot answer because of the host, not of the guest: `return Err(HostFault::new("…").into())`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct HostFault {
    message: String,
}

impl HostFault {
    /// A fault that the log will show as `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// How an import says that the guest has no grant for it: `return Err(Denied::new("config", "roro:host/config").into())`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{import} needs the grant `{grant}`, which the plugin was not given")]
pub struct Denied {
    grant: &'static str,
    import: &'static str,
}

impl Denied {
    /// An import without its grant.
    pub const fn new(grant: &'static str, import: &'static str) -> Self {
        Self { grant, import }
    }
}

/// A limit that the engine itself has seen broken, carried through wasmtime as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Stop {
    pub(crate) kind: FailureKind,
    pub(crate) reason: &'static str,
}

impl Stop {
    pub(crate) const fn new(kind: FailureKind, reason: &'static str) -> Self {
        Self { kind, reason }
    }
}

/// The same with words of its own: what the guest said, or where its answer is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Said {
    kind: FailureKind,
    reason: String,
}

impl Said {
    pub(crate) fn new(kind: FailureKind, reason: String) -> Self {
        Self { kind, reason }
    }
}

/// Sorts an error of wasmtime into a kind.
pub(crate) fn classify(error: &wasmtime::Error) -> FailureKind {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stop.kind;
    }
    if let Some(said) = error.downcast_ref::<Said>() {
        return said.kind;
    }
    if error.is::<Exited>() {
        return FailureKind::Trapped;
    }
    if error.is::<Denied>() {
        return FailureKind::Denied;
    }
    if error.is::<HostFault>() {
        return FailureKind::HostFault;
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return FailureKind::Overloaded;
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::OutOfFuel) => FailureKind::OutOfFuel,
        Some(wasmtime::Trap::Interrupt) => FailureKind::OutOfTime,
        Some(wasmtime::Trap::StackOverflow) => FailureKind::StackOverflow,
        Some(_) => FailureKind::Trapped,
        None => classify_text(&error.root_cause().to_string()),
    }
}

/// wasmtime gives these no type, so their words decide; the attackers' tests hold the words fast across updates.
fn classify_text(text: &str) -> FailureKind {
    let is_handle = ["unknown handle", "resource", "handle index", "handle is not", "borrow handles still remain"];
    if text.contains("fuel allocated for hostcalls") {
        FailureKind::OutputLimit
    } else if is_handle.iter().any(|words| text.contains(words)) {
        FailureKind::BadHandle
    } else {
        FailureKind::BadOutput
    }
}

/// The guest's frames of an error, innermost first.
pub(crate) fn backtrace(error: &wasmtime::Error) -> Vec<String> {
    let Some(trace) = error.downcast_ref::<wasmtime::WasmBacktrace>() else { return Vec::new() };
    trace.frames().iter().map(describe_frame).collect()
}

fn describe_frame(frame: &wasmtime::FrameInfo) -> String {
    let module = frame.module().name().unwrap_or("module");
    let name = frame.func_name().map_or_else(|| format!("function {}", frame.func_index()), demangle);
    match frame.module_offset() {
        Some(offset) => format!("{module}!{name} +{offset:#x}"),
        None => format!("{module}!{name}"),
    }
}

fn demangle(name: &str) -> String {
    rustc_demangle::try_demangle(name).map_or_else(|_| name.to_owned(), |name| format!("{name:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        let codes: std::collections::BTreeSet<_> = FailureKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), FailureKind::ALL.len());
    }
}
