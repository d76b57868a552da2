//! Types of `wasi:io` and its neighbours as the shim uses them. Handles carry a number and nothing else.

use wasmtime::component::{ComponentType, Lift, Lower, Resource};

use crate::guest::LogSource;

/// Standard output's number as a stream; everything else is standard error.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// `wasi:io/streams.input-stream`: always at its end.
pub(super) enum InputStream {}
/// `wasi:io/streams.output-stream`: standard output or standard error.
pub(super) enum OutputStream {}
/// `wasi:io/poll.pollable`: always ready.
pub(super) enum Pollable {}
/// `wasi:io/error.error`: none is ever made.
pub(super) enum IoError {}
/// A handle that is never given out: descriptors, directory streams, terminals.
pub(super) enum Never {}

/// `wasi:io/streams.stream-error`.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
pub(super) enum StreamError {
    /// Never made: the shim's streams cannot fail, only end.
    #[component(name = "last-operation-failed")]
    _LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

/// `wasi:clocks/wall-clock.datetime`.
#[derive(ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Datetime {
    pub(super) seconds: u64,
    pub(super) nanoseconds: u32,
}

/// The handle of a standard stream.
pub(super) fn output_stream(source: LogSource) -> Resource<OutputStream> {
    Resource::new_own(if source == LogSource::Stderr { STDERR } else { STDOUT })
}

/// Which standard stream a handle means.
pub(super) fn source_of(stream: &Resource<OutputStream>) -> LogSource {
    if stream.rep() == STDERR { LogSource::Stderr } else { LogSource::Stdout }
}
