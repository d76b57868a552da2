//! `extism:host/env`: which functions a guest of a PDK finds, and what they answer. Names, types and who frees what are Extism's own.
//!
//! An import that takes a block takes it for good: the guest need not free it. Its bytes are counted and bounded as those that a component
//! hands over are. Settings need the grant `config`, like a component's; HTTP is refused.

use wasmtime::{Caller, Linker};

use crate::bindings::contract::roro::host::log::Level;
use crate::failure::{Denied, FailureKind, Stop};
use crate::guest::{Answers, Guest, LogSource};
use crate::limits::{FUEL_PER_HOST_CALL, FUEL_PER_PAGE, PAGE_BYTES};

/// The module of the PDKs' imports.
pub(crate) const MODULE: &str = "extism:host/env";

/// Every function that a guest may import from it.
pub(crate) const FUNCTIONS: &[&str] = &[
    "alloc",
    "free",
    "length",
    "length_unsafe",
    "load_u8",
    "load_u64",
    "store_u8",
    "store_u64",
    "input_length",
    "input_offset",
    "input_load_u8",
    "input_load_u64",
    "output_set",
    "error_set",
    "error_get",
    "config_get",
    "var_get",
    "var_set",
    "http_request",
    "http_status_code",
    "http_headers",
    "log_trace",
    "log_debug",
    "log_info",
    "log_warn",
    "log_error",
    "get_log_level",
];

const OUTPUT: Stop = Stop::new(FailureKind::OutputLimit, "more bytes at once than a guest may hand over");
const NOT_UTF8: Stop = Stop::new(FailureKind::BadOutput, "the name is not UTF-8");

/// Extism's number for the level `debug`, the lowest that is kept: a PDK leaves out what is below.
const LOG_LEVEL: i32 = 1;

/// The guest's state, for a function of the kernel: counts the call.
fn counted<'a, S: Answers>(caller: &'a mut Caller<'_, Guest<S>>) -> &'a mut Guest<S> {
    let guest = caller.data_mut();
    guest.meter.host_call();
    guest
}

/// The same for a function that only moves bytes of a block: it costs what a call costs and is not counted as one, because a PDK copies what
/// it is given eight bytes a call, and the number of calls is a limit on what a guest asks of the host.
fn paid<'a, S: Answers>(caller: &'a mut Caller<'_, Guest<S>>) -> &'a mut Guest<S> {
    let guest = caller.data_mut();
    guest.meter.charge(FUEL_PER_HOST_CALL);
    guest
}

impl<S: Answers> Guest<S> {
    /// A block that the guest hands over, for good; who takes it counts its bytes. Fails with `output-limit` when it is too large for that.
    fn take(&mut self, offset: u64) -> wasmtime::Result<Vec<u8>> {
        let block = self.kernel.block(offset)?;
        if block.len() > self.meter.limits().output_bytes {
            return Err(OUTPUT.into());
        }
        let bytes = block.to_vec();
        self.kernel.free(offset, &mut self.meter);
        Ok(bytes)
    }

    /// The same, counted.
    fn take_counted(&mut self, offset: u64) -> wasmtime::Result<Vec<u8>> {
        let bytes = self.take(offset)?;
        self.meter.bytes_moved(u64::try_from(bytes.len())?);
        Ok(bytes)
    }

    fn take_name(&mut self, offset: u64) -> wasmtime::Result<String> {
        String::from_utf8(self.take_counted(offset)?).map_err(|_| NOT_UTF8.into())
    }

    /// A block for the guest; 0 for nothing.
    fn give(&mut self, bytes: Option<Vec<u8>>) -> wasmtime::Result<u64> {
        let bytes = bytes.unwrap_or_default();
        self.meter.bytes_moved(u64::try_from(bytes.len())?);
        Ok(self.kernel.keep(bytes, &mut self.meter)?)
    }
}

/// Links the kernel's functions.
pub(crate) fn link<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    link_blocks(linker)?;
    link_input_and_output(linker)?;
    link_settings(linker)?;
    link_http(linker)?;
    link_log(linker)
}

fn link_blocks<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    linker.func_wrap(MODULE, "alloc", |mut caller: Of<'_, S>, length: u64| -> wasmtime::Result<u64> {
        let guest = counted(&mut caller);
        let block = guest.kernel.alloc(length, &mut guest.meter)?;
        // As `memory.grow` costs, so that asking for much again and again is paid for.
        guest.meter.charge(length.div_ceil(PAGE_BYTES).saturating_mul(u64::from(FUEL_PER_PAGE)));
        Ok(block)
    })?;
    linker.func_wrap(MODULE, "free", |mut caller: Of<'_, S>, offset: u64| {
        let guest = counted(&mut caller);
        guest.kernel.free(offset, &mut guest.meter);
    })?;
    for name in ["length", "length_unsafe"] {
        linker.func_wrap(MODULE, name, |mut caller: Of<'_, S>, offset: u64| counted(&mut caller).kernel.length(offset))?;
    }
    linker.func_wrap(MODULE, "load_u8", |mut caller: Of<'_, S>, offset: u64| -> wasmtime::Result<u32> {
        let [byte] = paid(&mut caller).kernel.load(offset)?;
        Ok(byte.into())
    })?;
    linker.func_wrap(MODULE, "load_u64", |mut caller: Of<'_, S>, offset: u64| -> wasmtime::Result<u64> {
        Ok(u64::from_le_bytes(paid(&mut caller).kernel.load(offset)?))
    })?;
    linker.func_wrap(MODULE, "store_u8", |mut caller: Of<'_, S>, offset: u64, byte: u32| -> wasmtime::Result<()> {
        let [byte, ..] = byte.to_le_bytes();
        Ok(paid(&mut caller).kernel.store(offset, &[byte])?)
    })?;
    linker.func_wrap(MODULE, "store_u64", |mut caller: Of<'_, S>, offset: u64, bytes: u64| -> wasmtime::Result<()> {
        Ok(paid(&mut caller).kernel.store(offset, &bytes.to_le_bytes())?)
    })?;
    Ok(())
}

fn link_input_and_output<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    linker.func_wrap(MODULE, "input_length", |mut caller: Of<'_, S>| counted(&mut caller).kernel.input_length())?;
    linker.func_wrap(MODULE, "input_offset", |mut caller: Of<'_, S>| counted(&mut caller).kernel.input_offset())?;
    linker.func_wrap(MODULE, "input_load_u8", |mut caller: Of<'_, S>, at: u64| {
        let [byte] = paid(&mut caller).kernel.input(at);
        u32::from(byte)
    })?;
    linker.func_wrap(MODULE, "input_load_u64", |mut caller: Of<'_, S>, at: u64| {
        u64::from_le_bytes(paid(&mut caller).kernel.input(at))
    })?;
    linker.func_wrap(MODULE, "output_set", |mut caller: Of<'_, S>, offset: u64, length: u64| -> wasmtime::Result<()> {
        let guest = counted(&mut caller);
        if usize::try_from(length).map_or(true, |length| length > guest.meter.limits().output_bytes) {
            return Err(OUTPUT.into());
        }
        guest.meter.bytes_moved(length);
        Ok(guest.kernel.set_output(offset, length)?)
    })?;
    linker.func_wrap(MODULE, "error_set", |mut caller: Of<'_, S>, offset: u64| -> wasmtime::Result<()> {
        Ok(counted(&mut caller).kernel.set_error(offset)?)
    })?;
    linker.func_wrap(MODULE, "error_get", |mut caller: Of<'_, S>| counted(&mut caller).kernel.error_offset())?;
    Ok(())
}

fn link_settings<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    linker.func_wrap(MODULE, "config_get", |mut caller: Of<'_, S>, key: u64| -> wasmtime::Result<u64> {
        let guest = counted(&mut caller);
        let key = guest.take_name(key)?;
        let value = crate::bindings::contract::roro::host::config::Host::get(&mut guest.answers, key)?;
        // The host counts the bytes of its answer itself; these would be counted twice.
        guest.answers.take_bytes_moved();
        guest.give(value.map(String::into_bytes))
    })?;
    linker.func_wrap(MODULE, "var_get", |mut caller: Of<'_, S>, name: u64| -> wasmtime::Result<u64> {
        let guest = counted(&mut caller);
        let name = guest.take_name(name)?;
        let value = guest.kernel.var(&name).map(<[u8]>::to_vec);
        guest.give(value)
    })?;
    linker.func_wrap(MODULE, "var_set", |mut caller: Of<'_, S>, name: u64, value: u64| -> wasmtime::Result<()> {
        let guest = counted(&mut caller);
        let name = guest.take_name(name)?;
        let value = if value == 0 { None } else { Some(guest.take_counted(value)?) };
        Ok(guest.kernel.set_var(name, value, &mut guest.meter)?)
    })?;
    Ok(())
}

fn link_http<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    linker.func_wrap(MODULE, "http_request", |mut caller: Of<'_, S>, _: u64, _: u64| -> wasmtime::Result<u64> {
        counted(&mut caller);
        Err(Denied::new("fetch", "extism:host/env/http_request").into())
    })?;
    // Of the last request, and there is never one.
    linker.func_wrap(MODULE, "http_status_code", |mut caller: Of<'_, S>| {
        counted(&mut caller);
        0_i32
    })?;
    linker.func_wrap(MODULE, "http_headers", |mut caller: Of<'_, S>| {
        counted(&mut caller);
        0_u64
    })?;
    Ok(())
}

fn link_log<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    for (name, level) in
        [("log_debug", Level::Debug), ("log_info", Level::Info), ("log_warn", Level::Warn), ("log_error", Level::Error)]
    {
        linker.func_wrap(MODULE, name, move |mut caller: Of<'_, S>, line: u64| -> wasmtime::Result<()> {
            let guest = counted(&mut caller);
            let line = guest.take(line)?;
            guest.write_log(LogSource::Log(level), &String::from_utf8_lossy(&line))
        })?;
    }
    linker.func_wrap(MODULE, "log_trace", |mut caller: Of<'_, S>, line: u64| {
        let guest = counted(&mut caller);
        guest.kernel.free(line, &mut guest.meter);
    })?;
    linker.func_wrap(MODULE, "get_log_level", |mut caller: Of<'_, S>| {
        counted(&mut caller);
        LOG_LEVEL
    })?;
    Ok(())
}
