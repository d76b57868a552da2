//! WASI preview 1, which core modules import: the same closed world as the shim for components, said with pointers and numbers of errors.
//!
//! Descriptors 0, 1 and 2 are the standard streams and there is no other: whatever asks for one is told that it is not open. A pointer
//! outside the guest's memory stops it.

use wasmtime::{Caller, Extern, Linker, Memory};

use crate::failure::{FailureKind, Stop};
use crate::guest::{Answers, Guest, LogSource};

/// The module of the imports.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

/// How a guest left through `proc_exit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the guest called exit with {0}")]
pub(crate) struct Exited(pub(crate) i32);

const OUTSIDE: Stop = Stop::new(FailureKind::BadOutput, "a pointer outside the guest's memory");
const NO_MEMORY: Stop = Stop::new(FailureKind::BadOutput, "the guest exports no memory that WASI could use");
const RANDOM_BYTES: Stop = Stop::new(FailureKind::OutputLimit, "more random bytes than an answer may have");
const WRITE: Stop = Stop::new(FailureKind::OutputLimit, "more pieces at once than a guest may hand over");
const RAISED: Stop = Stop::new(FailureKind::Trapped, "the guest raised a signal");

/// Numbers of errors, as the interface has them.
const SUCCESS: i32 = 0;
const NOT_OPEN: i32 = 8;
const INVALID: i32 = 28;
const NO_SEEK: i32 = 70;

const RANDOM_BYTES_MAX: u32 = 64 * 1024;
/// Pieces of one `fd_write`, and things that one `poll_oneoff` waits for. Standard libraries use two.
const PIECES_MAX: u32 = 1024;
const NANOSECONDS: u64 = 1_000_000_000;
const STDIN: i32 = 0;
const STDERR: i32 = 2;
/// A file of characters, as a terminal is: standard libraries then write line by line.
const CHARACTER_DEVICE: u8 = 2;
const STAT_BYTES: usize = 24;
const SUBSCRIPTION_BYTES: u32 = 48;
const EVENT_BYTES: u32 = 32;

/// Functions on descriptors that only an open file has, by the types of their arguments: none is open.
const FILE_FUNCTIONS: &[(&str, &str)] = &[
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_datasync", "i"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_sync", "i"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// Every function that a guest may import.
pub(crate) const FUNCTIONS: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
];

/// Links the shim.
pub(crate) fn link<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    link_start(linker)?;
    link_clocks(linker)?;
    link_random(linker)?;
    link_streams(linker)?;
    link_write(linker)?;
    link_poll(linker)?;
    link_files(linker)
}

fn counted<'a, S: Answers>(caller: &'a mut Caller<'_, Guest<S>>) -> &'a mut Guest<S> {
    let guest = caller.data_mut();
    guest.meter.host_call();
    guest
}

/// The guest's memory: kept when the instance was made, looked up before that.
fn memory<S: Answers>(caller: &mut Caller<'_, Guest<S>>) -> Result<Memory, Stop> {
    let kept = caller.data().kernel.guest_memory;
    kept.or_else(|| caller.get_export("memory").and_then(Extern::into_memory)).ok_or(NO_MEMORY)
}

fn write<S: Answers>(caller: &mut Caller<'_, Guest<S>>, at: u32, bytes: &[u8]) -> Result<(), Stop> {
    let at = usize::try_from(at).map_err(|_| OUTSIDE)?;
    memory(caller)?.write(caller, at, bytes).map_err(|_| OUTSIDE)
}

fn read<S: Answers, const N: usize>(caller: &mut Caller<'_, Guest<S>>, at: u32) -> Result<[u8; N], Stop> {
    let mut bytes = [0; N];
    let at = usize::try_from(at).map_err(|_| OUTSIDE)?;
    memory(caller)?.read(caller, at, &mut bytes).map_err(|_| OUTSIDE)?;
    Ok(bytes)
}

fn number<S: Answers>(caller: &mut Caller<'_, Guest<S>>, at: u32) -> Result<u32, Stop> {
    Ok(u32::from_le_bytes(read(caller, at)?))
}

/// The place of one of several records in a row.
fn nth(at: u32, index: u32, bytes: u32) -> Result<u32, Stop> {
    index.checked_mul(bytes).and_then(|offset| at.checked_add(offset)).ok_or(OUTSIDE)
}

/// No arguments, no environment, and an end.
fn link_start<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    for name in ["args_sizes_get", "environ_sizes_get"] {
        linker.func_wrap(MODULE, name, |mut caller: Of<'_, S>, count: u32, bytes: u32| -> wasmtime::Result<i32> {
            counted(&mut caller);
            write(&mut caller, count, &[0; 4])?;
            write(&mut caller, bytes, &[0; 4])?;
            Ok(SUCCESS)
        })?;
    }
    for name in ["args_get", "environ_get"] {
        linker.func_wrap(MODULE, name, |mut caller: Of<'_, S>, _: u32, _: u32| {
            counted(&mut caller);
            SUCCESS
        })?;
    }
    linker.func_wrap(MODULE, "proc_exit", |mut caller: Of<'_, S>, code: i32| -> wasmtime::Result<()> {
        counted(&mut caller);
        Err(Exited(code).into())
    })?;
    linker.func_wrap(MODULE, "proc_raise", |mut caller: Of<'_, S>, _: i32| -> wasmtime::Result<i32> {
        counted(&mut caller);
        Err(RAISED.into())
    })?;
    linker.func_wrap(MODULE, "sched_yield", |mut caller: Of<'_, S>| {
        counted(&mut caller);
        SUCCESS
    })?;
    Ok(())
}

/// The wall clock shows midnight of the legal date; the others stand at zero.
fn link_clocks<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    linker.func_wrap(MODULE, "clock_res_get", |mut caller: Of<'_, S>, clock: u32, at: u32| -> wasmtime::Result<i32> {
        counted(&mut caller);
        if clock > 3 {
            return Ok(INVALID);
        }
        write(&mut caller, at, &1_u64.to_le_bytes())?;
        Ok(SUCCESS)
    })?;
    linker.func_wrap(
        MODULE,
        "clock_time_get",
        |mut caller: Of<'_, S>, clock: u32, _precision: u64, at: u32| -> wasmtime::Result<i32> {
            let guest = counted(&mut caller);
            let now = match clock {
                0 => guest.wasi.now_seconds.saturating_mul(NANOSECONDS),
                1..=3 => 0,
                _ => return Ok(INVALID),
            };
            write(&mut caller, at, &now.to_le_bytes())?;
            Ok(SUCCESS)
        },
    )?;
    Ok(())
}

fn link_random<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "random_get", |mut caller: Caller<'_, Guest<S>>, at: u32, count: u32| -> wasmtime::Result<i32> {
        let guest = counted(&mut caller);
        if count > RANDOM_BYTES_MAX {
            return Err(RANDOM_BYTES.into());
        }
        guest.meter.bytes_moved(count.into());
        let count = usize::try_from(count)?;
        let mut drawn = Vec::with_capacity(count + size_of::<u64>());
        while drawn.len() < count {
            drawn.extend_from_slice(&guest.wasi.random_u64().to_le_bytes());
        }
        drawn.truncate(count);
        write(&mut caller, at, &drawn)?;
        Ok(SUCCESS)
    })?;
    Ok(())
}

/// What can be asked of the standard streams, beside writing.
fn link_streams<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    type Of<'a, S> = Caller<'a, Guest<S>>;
    let is_stream = |descriptor: i32| (STDIN..=STDERR).contains(&descriptor);
    linker.func_wrap(
        MODULE,
        "fd_fdstat_get",
        move |mut caller: Of<'_, S>, descriptor: i32, at: u32| -> wasmtime::Result<i32> {
            counted(&mut caller);
            if !is_stream(descriptor) {
                return Ok(NOT_OPEN);
            }
            // Every right: there is nothing that one could do with them.
            let mut stat = [0xff; STAT_BYTES];
            stat[..8].copy_from_slice(&[CHARACTER_DEVICE, 0, 0, 0, 0, 0, 0, 0]);
            write(&mut caller, at, &stat)?;
            Ok(SUCCESS)
        },
    )?;
    linker.func_wrap(MODULE, "fd_fdstat_set_flags", move |mut caller: Of<'_, S>, descriptor: i32, _: i32| {
        counted(&mut caller);
        if is_stream(descriptor) { SUCCESS } else { NOT_OPEN }
    })?;
    linker.func_wrap(MODULE, "fd_close", move |mut caller: Of<'_, S>, descriptor: i32| {
        counted(&mut caller);
        if is_stream(descriptor) { SUCCESS } else { NOT_OPEN }
    })?;
    linker.func_wrap(MODULE, "fd_seek", move |mut caller: Of<'_, S>, descriptor: i32, _: i64, _: i32, _: u32| {
        counted(&mut caller);
        if is_stream(descriptor) { NO_SEEK } else { NOT_OPEN }
    })?;
    linker.func_wrap(MODULE, "fd_tell", move |mut caller: Of<'_, S>, descriptor: i32, _: u32| {
        counted(&mut caller);
        if is_stream(descriptor) { NO_SEEK } else { NOT_OPEN }
    })?;
    linker.func_wrap(
        MODULE,
        "fd_read",
        |mut caller: Of<'_, S>, descriptor: i32, _: u32, _: u32, read: u32| -> wasmtime::Result<i32> {
            counted(&mut caller);
            if descriptor != STDIN {
                return Ok(NOT_OPEN);
            }
            // Standard input is at its end.
            write(&mut caller, read, &[0; 4])?;
            Ok(SUCCESS)
        },
    )?;
    Ok(())
}

/// Standard output and error go into the bounded log.
fn link_write<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "fd_write",
        |mut caller: Caller<'_, Guest<S>>, descriptor: i32, pieces: u32, count: u32, written: u32| -> wasmtime::Result<i32> {
            counted(&mut caller);
            let source = match descriptor {
                1 => LogSource::Stdout,
                STDERR => LogSource::Stderr,
                _ => return Ok(NOT_OPEN),
            };
            if count > PIECES_MAX {
                return Err(WRITE.into());
            }
            let memory = memory(&mut caller)?;
            let mut total = 0_u32;
            for index in 0..count {
                let piece = nth(pieces, index, 8)?;
                let (at, length) = (number(&mut caller, piece)?, number(&mut caller, nth(piece, 1, 4)?)?);
                let (bytes, guest) = memory.data_and_store_mut(&mut caller);
                let from = usize::try_from(at)?;
                let bytes = bytes.get(from..from.saturating_add(usize::try_from(length)?)).ok_or(OUTSIDE)?;
                guest.print(source, bytes)?;
                total = total.saturating_add(length);
            }
            write(&mut caller, written, &total.to_le_bytes())?;
            Ok(SUCCESS)
        },
    )?;
    Ok(())
}

/// Whatever a guest waits for has happened: a sleep returns at once.
fn link_poll<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "poll_oneoff",
        |mut caller: Caller<'_, Guest<S>>, waits: u32, events: u32, count: u32, happened: u32| -> wasmtime::Result<i32> {
            counted(&mut caller);
            if count == 0 {
                return Ok(INVALID);
            }
            if count > PIECES_MAX {
                return Err(WRITE.into());
            }
            for index in 0..count {
                let wait = nth(waits, index, SUBSCRIPTION_BYTES)?;
                let user_data: [u8; 8] = read(&mut caller, wait)?;
                let [kind] = read(&mut caller, nth(wait, 1, 8)?)?;
                let mut event = [0; 32];
                event[..8].copy_from_slice(&user_data);
                event[10] = kind;
                write(&mut caller, nth(events, index, EVENT_BYTES)?, &event)?;
            }
            write(&mut caller, happened, &count.to_le_bytes())?;
            Ok(SUCCESS)
        },
    )?;
    Ok(())
}

fn link_files<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    use wasmtime::{FuncType, Val, ValType};
    let engine = linker.engine().clone();
    for (name, arguments) in FILE_FUNCTIONS {
        let arguments = arguments.chars().map(|one| if one == 'I' { ValType::I64 } else { ValType::I32 });
        let ty = FuncType::new(&engine, arguments, [ValType::I32]);
        linker.func_new(MODULE, name, ty, |mut caller, _, results| {
            counted(&mut caller);
            if let Some(result) = results.first_mut() {
                *result = Val::I32(NOT_OPEN);
            }
            Ok(())
        })?;
    }
    Ok(())
}
