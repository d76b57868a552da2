//! Which functions of WASI 0.2 a guest finds, and what they answer.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType};

use super::io::{Datetime, InputStream, IoError, Never, OutputStream, Pollable, StreamError, output_stream, source_of};
use crate::failure::{FailureKind, Stop};
use crate::guest::{Answers, Guest, LogSource};

const EXIT: Stop = Stop::new(FailureKind::Trapped, "the guest called exit");
const NO_HANDLE: Stop = Stop::new(FailureKind::BadHandle, "the handle of this function is never given out");
const EMPTY_POLL: Stop = Stop::new(FailureKind::Trapped, "poll was called with nothing to wait for");
const RANDOM_BYTES: Stop = Stop::new(FailureKind::OutputLimit, "more random bytes than an answer may have");

/// Bytes that `check-write` allows at a time, as the interface asks of a caller.
const WRITE_BYTES_MAX: u64 = 4096;
const RANDOM_BYTES_MAX: u64 = 64 * 1024;
/// A clock that stands still still has a unit: a nanosecond.
const CLOCK_RESOLUTION_NS: u64 = 1;

/// Functions on descriptors. No descriptor is ever given out; standard libraries only need them to be there.
const DESCRIPTOR_FUNCTIONS: &[&str] = &[
    "filesystem-error-code",
    "[method]descriptor.read-via-stream",
    "[method]descriptor.write-via-stream",
    "[method]descriptor.append-via-stream",
    "[method]descriptor.advise",
    "[method]descriptor.sync-data",
    "[method]descriptor.get-flags",
    "[method]descriptor.get-type",
    "[method]descriptor.set-size",
    "[method]descriptor.set-times",
    "[method]descriptor.read",
    "[method]descriptor.write",
    "[method]descriptor.read-directory",
    "[method]descriptor.sync",
    "[method]descriptor.create-directory-at",
    "[method]descriptor.stat",
    "[method]descriptor.stat-at",
    "[method]descriptor.set-times-at",
    "[method]descriptor.link-at",
    "[method]descriptor.open-at",
    "[method]descriptor.readlink-at",
    "[method]descriptor.remove-directory-at",
    "[method]descriptor.rename-at",
    "[method]descriptor.symlink-at",
    "[method]descriptor.unlink-file-at",
    "[method]descriptor.is-same-object",
    "[method]descriptor.metadata-hash",
    "[method]descriptor.metadata-hash-at",
    "[method]directory-entry-stream.read-directory-entry",
];

type Store<'a, S> = StoreContextMut<'a, Guest<S>>;

/// The guest's state, for a function of the shim: counts the call.
fn counted<'a, S: Answers>(store: &'a mut Store<'_, S>) -> &'a mut Guest<S> {
    let guest = store.data_mut();
    guest.meter.host_call();
    guest
}

/// Links the shim.
pub(crate) fn link<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    link_cli(linker)?;
    link_terminals(linker)?;
    link_clocks(linker)?;
    link_random(linker)?;
    link_files(linker)?;
    link_poll(linker)?;
    resource::<S, IoError>(&mut linker.instance("wasi:io/error@0.2.0")?, "error")?;
    never(&mut linker.instance("wasi:io/error@0.2.0")?, "[method]error.to-debug-string")?;
    let mut streams = linker.instance("wasi:io/streams@0.2.0")?;
    resource::<S, InputStream>(&mut streams, "input-stream")?;
    resource::<S, OutputStream>(&mut streams, "output-stream")?;
    link_input(&mut streams)?;
    link_output(&mut streams)
}

/// A resource whose handles hold nothing: dropping one costs the call and does no more.
fn resource<S: Answers, T: 'static>(instance: &mut LinkerInstance<'_, Guest<S>>, name: &str) -> wasmtime::Result<()> {
    instance.resource(name, ResourceType::host::<T>(), |mut store, _| {
        counted(&mut store);
        Ok(())
    })
}

/// A function that takes a handle which is never given out.
fn never<S: Answers>(instance: &mut LinkerInstance<'_, Guest<S>>, name: &str) -> wasmtime::Result<()> {
    instance.func_new(name, |_, _, _, _| Err(NO_HANDLE.into()))
}

fn link_cli<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    let mut environment = linker.instance("wasi:cli/environment@0.2.0")?;
    environment.func_wrap("get-environment", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((Vec::<(String, String)>::new(),))
    })?;
    environment.func_wrap("get-arguments", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((Vec::<String>::new(),))
    })?;
    environment.func_wrap("initial-cwd", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((None::<String>,))
    })?;
    let mut exit = linker.instance("wasi:cli/exit@0.2.0")?;
    exit.func_wrap("exit", |_: Store<'_, S>, (_,): (Result<(), ()>,)| -> wasmtime::Result<()> { Err(EXIT.into()) })?;
    exit.func_wrap("exit-with-code", |_: Store<'_, S>, (_,): (u8,)| -> wasmtime::Result<()> { Err(EXIT.into()) })?;
    linker.instance("wasi:cli/stdin@0.2.0")?.func_wrap("get-stdin", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((Resource::<InputStream>::new_own(0),))
    })?;
    linker.instance("wasi:cli/stdout@0.2.0")?.func_wrap("get-stdout", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((output_stream(LogSource::Stdout),))
    })?;
    linker.instance("wasi:cli/stderr@0.2.0")?.func_wrap("get-stderr", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((output_stream(LogSource::Stderr),))
    })
}

fn link_terminals<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    resource::<S, Never>(&mut linker.instance("wasi:cli/terminal-input@0.2.0")?, "terminal-input")?;
    resource::<S, Never>(&mut linker.instance("wasi:cli/terminal-output@0.2.0")?, "terminal-output")?;
    for (interface, function) in [
        ("wasi:cli/terminal-stdin@0.2.0", "get-terminal-stdin"),
        ("wasi:cli/terminal-stdout@0.2.0", "get-terminal-stdout"),
        ("wasi:cli/terminal-stderr@0.2.0", "get-terminal-stderr"),
    ] {
        linker.instance(interface)?.func_wrap(function, |mut store: Store<'_, S>, (): ()| {
            counted(&mut store);
            Ok((None::<Resource<Never>>,))
        })?;
    }
    Ok(())
}

fn link_clocks<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    let mut wall = linker.instance("wasi:clocks/wall-clock@0.2.0")?;
    wall.func_wrap("now", |mut store: Store<'_, S>, (): ()| {
        Ok((Datetime { seconds: counted(&mut store).wasi.now_seconds, nanoseconds: 0 },))
    })?;
    wall.func_wrap("resolution", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((Datetime { seconds: 0, nanoseconds: 1 },))
    })?;
    let mut monotonic = linker.instance("wasi:clocks/monotonic-clock@0.2.0")?;
    monotonic.func_wrap("now", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((0u64,))
    })?;
    monotonic.func_wrap("resolution", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((CLOCK_RESOLUTION_NS,))
    })?;
    for function in ["subscribe-instant", "subscribe-duration"] {
        monotonic.func_wrap(function, |mut store: Store<'_, S>, (_,): (u64,)| {
            counted(&mut store);
            Ok((Resource::<Pollable>::new_own(0),))
        })?;
    }
    Ok(())
}

fn link_random<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    for (interface, bytes, number) in [
        ("wasi:random/random@0.2.0", "get-random-bytes", "get-random-u64"),
        ("wasi:random/insecure@0.2.0", "get-insecure-random-bytes", "get-insecure-random-u64"),
    ] {
        let mut random = linker.instance(interface)?;
        random.func_wrap(bytes, |mut store: Store<'_, S>, (count,): (u64,)| {
            let guest = counted(&mut store);
            if count > RANDOM_BYTES_MAX {
                return Err(RANDOM_BYTES.into());
            }
            guest.meter.bytes_moved(count);
            let count = usize::try_from(count)?;
            let mut drawn = Vec::with_capacity(count + size_of::<u64>());
            while drawn.len() < count {
                drawn.extend_from_slice(&guest.wasi.random_u64().to_le_bytes());
            }
            drawn.truncate(count);
            Ok((drawn,))
        })?;
        random.func_wrap(number, |mut store: Store<'_, S>, (): ()| Ok((counted(&mut store).wasi.random_u64(),)))?;
    }
    linker.instance("wasi:random/insecure-seed@0.2.0")?.func_wrap("insecure-seed", |mut store: Store<'_, S>, (): ()| {
        let seed = counted(&mut store).wasi.random_seed;
        Ok(((seed, !seed),))
    })
}

fn link_files<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    let mut types = linker.instance("wasi:filesystem/types@0.2.0")?;
    resource::<S, Never>(&mut types, "descriptor")?;
    resource::<S, Never>(&mut types, "directory-entry-stream")?;
    for function in DESCRIPTOR_FUNCTIONS {
        never(&mut types, function)?;
    }
    linker.instance("wasi:filesystem/preopens@0.2.0")?.func_wrap("get-directories", |mut store: Store<'_, S>, (): ()| {
        counted(&mut store);
        Ok((Vec::<(Resource<Never>, String)>::new(),))
    })
}

fn link_poll<S: Answers>(linker: &mut Linker<Guest<S>>) -> wasmtime::Result<()> {
    let mut poll = linker.instance("wasi:io/poll@0.2.0")?;
    resource::<S, Pollable>(&mut poll, "pollable")?;
    poll.func_wrap("[method]pollable.ready", |mut store: Store<'_, S>, (_,): (Resource<Pollable>,)| {
        counted(&mut store);
        Ok((true,))
    })?;
    poll.func_wrap("[method]pollable.block", |mut store: Store<'_, S>, (_,): (Resource<Pollable>,)| {
        counted(&mut store);
        Ok(())
    })?;
    poll.func_wrap("poll", |mut store: Store<'_, S>, (pollables,): (Vec<Resource<Pollable>>,)| {
        counted(&mut store);
        if pollables.is_empty() {
            return Err(EMPTY_POLL.into());
        }
        Ok(((0u32..).take(pollables.len()).collect::<Vec<_>>(),))
    })
}

fn link_input<S: Answers>(streams: &mut LinkerInstance<'_, Guest<S>>) -> wasmtime::Result<()> {
    for function in ["read", "blocking-read"] {
        let name = format!("[method]input-stream.{function}");
        streams.func_wrap(&name, |mut store: Store<'_, S>, (_, _): (Resource<InputStream>, u64)| {
            counted(&mut store);
            Ok((Err::<Vec<u8>, _>(StreamError::Closed),))
        })?;
    }
    for function in ["skip", "blocking-skip"] {
        let name = format!("[method]input-stream.{function}");
        streams.func_wrap(&name, |mut store: Store<'_, S>, (_, _): (Resource<InputStream>, u64)| {
            counted(&mut store);
            Ok((Err::<u64, _>(StreamError::Closed),))
        })?;
    }
    streams.func_wrap("[method]input-stream.subscribe", |mut store: Store<'_, S>, (_,): (Resource<InputStream>,)| {
        counted(&mut store);
        Ok((Resource::<Pollable>::new_own(0),))
    })
}

fn link_output<S: Answers>(streams: &mut LinkerInstance<'_, Guest<S>>) -> wasmtime::Result<()> {
    streams.func_wrap("[method]output-stream.check-write", |mut store: Store<'_, S>, (_,): (Resource<OutputStream>,)| {
        counted(&mut store);
        Ok((Ok::<u64, StreamError>(WRITE_BYTES_MAX),))
    })?;
    for function in ["write", "blocking-write-and-flush"] {
        let name = format!("[method]output-stream.{function}");
        streams.func_wrap(&name, |mut store: Store<'_, S>, (stream, bytes): (Resource<OutputStream>, Vec<u8>)| {
            counted(&mut store).print(source_of(&stream), &bytes)?;
            Ok((Ok::<(), StreamError>(()),))
        })?;
    }
    for function in ["write-zeroes", "blocking-write-zeroes-and-flush"] {
        let name = format!("[method]output-stream.{function}");
        streams.func_wrap(&name, |mut store: Store<'_, S>, (stream, count): (Resource<OutputStream>, u64)| {
            let guest = counted(&mut store);
            let count = usize::try_from(count.min(guest.meter.limits().log_bytes + 1))?;
            guest.print(source_of(&stream), &vec![0; count])?;
            Ok((Ok::<(), StreamError>(()),))
        })?;
    }
    for function in ["flush", "blocking-flush"] {
        let name = format!("[method]output-stream.{function}");
        streams.func_wrap(&name, |mut store: Store<'_, S>, (_,): (Resource<OutputStream>,)| {
            counted(&mut store);
            Ok((Ok::<(), StreamError>(()),))
        })?;
    }
    for function in ["splice", "blocking-splice"] {
        let name = format!("[method]output-stream.{function}");
        type Splice = (Resource<OutputStream>, Resource<InputStream>, u64);
        streams.func_wrap(&name, |mut store: Store<'_, S>, (_, _, _): Splice| {
            counted(&mut store);
            Ok((Err::<u64, _>(StreamError::Closed),))
        })?;
    }
    streams.func_wrap("[method]output-stream.subscribe", |mut store: Store<'_, S>, (_,): (Resource<OutputStream>,)| {
        counted(&mut store);
        Ok((Resource::<Pollable>::new_own(0),))
    })
}
