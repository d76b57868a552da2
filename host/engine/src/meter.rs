//! What a call uses, counted while it runs and held against its limits.
//!
//! A meter lives as long as its sandbox. wasmtime asks it before memory and tables grow, the imports report to it, and the epoch asks it
//! whether time is up. It counts; [`crate::failure`] names what was broken; it never judges what the guest says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::failure::{FailureKind, Stop};
use crate::limits::{FUEL_PER_BYTE, FUEL_PER_HOST_CALL, HOST_TIME_FACTOR, Limits};
use crate::ticker::Clock;

const OUT_OF_FUEL: Stop = Stop::new(FailureKind::OutOfFuel, "the fuel is used up");
const OUT_OF_TIME: Stop = Stop::new(FailureKind::OutOfTime, "the wall time is used up");
const HOST_TIME: Stop = Stop::new(FailureKind::OutOfTime, "the imports took too long");
const OUT_OF_MEMORY: Stop = Stop::new(FailureKind::OutOfMemory, "the memories together would be over the limit");
const TABLE_LIMIT: Stop = Stop::new(FailureKind::TableLimit, "the tables together would be over the limit");
const LOG_LIMIT: Stop = Stop::new(FailureKind::LogLimit, "the log would be over the limit");
const HOST_CALLS: Stop = Stop::new(FailureKind::HostCallLimit, "too many calls of imports");

/// What one call has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Fuel, imports and growth included. Deterministic: the same call costs the same on every machine.
    pub fuel: u64,
    /// The most bytes that all memories held together, with what the host held for the guest.
    pub peak_memory_bytes: u64,
    /// Calls of imports.
    pub host_calls: u64,
    /// Bytes of log lines.
    pub log_bytes: u64,
    /// From the start of the sandbox to its end, waiting between turns included.
    pub duration: Duration,
}

/// Counts what one sandbox uses.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    clock: Arc<Clock>,
    started_ms: u64,
    /// How often the guest has left for the host and not come back: twice while its allocator works for an import.
    host_depth: u32,
    host_since_ms: u64,
    host_ms: u64,
    /// Shared with the future that a waiting guest leaves behind; made at the first wait, which short calls never see.
    waited_ms: Option<Arc<AtomicU64>>,
    memory_bytes: u64,
    /// What the host holds for the guest outside its memories: blocks and variables of an Extism guest.
    held_bytes: u64,
    peak_memory_bytes: u64,
    table_elements: u64,
    host_calls: u64,
    log_bytes: u64,
    fuel_due: u64,
}

impl Meter {
    pub(crate) fn new(limits: Limits, clock: Arc<Clock>) -> Self {
        let started_ms = clock.now_ms();
        Self {
            limits,
            clock,
            started_ms,
            host_depth: 0,
            host_since_ms: 0,
            host_ms: 0,
            waited_ms: None,
            memory_bytes: 0,
            held_bytes: 0,
            peak_memory_bytes: 0,
            table_elements: 0,
            host_calls: 0,
            log_bytes: 0,
            fuel_due: 0,
        }
    }

    /// The meter of another call in the same sandbox: what the guest's memories and tables hold already counts from the beginning.
    pub(crate) fn resumed(limits: Limits, clock: Arc<Clock>, before: &Self) -> Self {
        let (memory_bytes, table_elements) = (before.memory_bytes, before.table_elements);
        Self { memory_bytes, table_elements, peak_memory_bytes: memory_bytes, ..Self::new(limits, clock) }
    }

    /// Whether the guest holds so much that the next call would have little room.
    pub(crate) fn is_large(&self) -> bool {
        self.memory_bytes > self.limits.memory_bytes / 2
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn cost(&self, fuel: u64, duration: Duration) -> Cost {
        Cost { fuel, peak_memory_bytes: self.peak_memory_bytes, host_calls: self.host_calls, log_bytes: self.log_bytes, duration }
    }

    /// Counts a call of an import. The fuel is due when the import returns.
    pub(crate) fn host_call(&mut self) {
        self.host_calls += 1;
        self.fuel_due = self.fuel_due.saturating_add(FUEL_PER_HOST_CALL);
    }

    /// Counts bytes that crossed the border.
    pub(crate) fn bytes_moved(&mut self, bytes: u64) {
        self.fuel_due = self.fuel_due.saturating_add(bytes.saturating_mul(FUEL_PER_BYTE));
    }

    /// Counts fuel that an import costs beside its call and its bytes.
    pub(crate) fn charge(&mut self, fuel: u64) {
        self.fuel_due = self.fuel_due.saturating_add(fuel);
    }

    /// Counts bytes that the host is about to hold for the guest, as memory. Fails with `out-of-memory`.
    pub(crate) fn hold(&mut self, bytes: u64) -> Result<(), Stop> {
        let total = self.memory_bytes.saturating_add(self.held_bytes).saturating_add(bytes);
        if total > self.limits.memory_bytes {
            return Err(OUT_OF_MEMORY);
        }
        self.held_bytes += bytes;
        self.peak_memory_bytes = self.peak_memory_bytes.max(total);
        Ok(())
    }

    /// The host holds so many bytes less.
    pub(crate) fn release(&mut self, bytes: u64) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
    }

    /// Counts log bytes. Fails with `log-limit` before the line is kept.
    pub(crate) fn log(&mut self, bytes: usize) -> Result<(), Stop> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes_moved(bytes);
        self.log_bytes = self.log_bytes.saturating_add(bytes);
        if self.log_bytes > self.limits.log_bytes { Err(LOG_LIMIT) } else { Ok(()) }
    }

    /// The guest has left for the host, for an import or for wasmtime itself: its time stands still.
    pub(crate) fn enter_host(&mut self) {
        self.host_depth += 1;
        if self.host_depth == 1 {
            self.host_since_ms = self.clock.now_ms();
        }
    }

    /// The host has called the guest. Inside an import that is the guest's allocator, whose time is the guest's.
    pub(crate) fn enter_guest(&mut self) {
        if self.host_depth == 1 {
            self.host_ms = self.host_ms.saturating_add(self.clock.now_ms().saturating_sub(self.host_since_ms));
        }
    }

    /// The guest has answered the host.
    pub(crate) fn leave_guest(&mut self) {
        if self.host_depth == 1 {
            self.host_since_ms = self.clock.now_ms();
        }
    }

    /// The guest goes on. Returns the fuel that is due.
    ///
    /// Nothing is due when the host was only wasmtime itself (growing a memory, looking at the clock), be it for the guest or for its
    /// allocator inside an import: there the guest keeps its fuel in a register and would undo the charge.
    pub(crate) fn leave_host(&mut self) -> Result<u64, Stop> {
        self.host_depth = self.host_depth.saturating_sub(1);
        if self.host_depth > 0 {
            return Ok(0);
        }
        self.host_ms = self.host_ms.saturating_add(self.clock.now_ms().saturating_sub(self.host_since_ms));
        if self.fuel_due == 0 {
            return Ok(0);
        }
        if self.host_calls > self.limits.host_calls {
            return Err(HOST_CALLS);
        }
        if Duration::from_millis(self.host_ms / HOST_TIME_FACTOR) > self.limits.wall_time {
            return Err(HOST_TIME);
        }
        Ok(std::mem::take(&mut self.fuel_due))
    }

    /// Takes `due` from the `fuel` that is left. Fails with `out-of-fuel`.
    pub(crate) fn pay(fuel: u64, due: u64) -> Result<u64, Stop> {
        fuel.checked_sub(due).ok_or(OUT_OF_FUEL)
    }

    /// Asked at every tick of the epoch. Fails with `out-of-time`.
    pub(crate) fn check_time(&self) -> Result<(), Stop> {
        let waited_ms = self.waited_ms.as_ref().map_or(0, |waited| waited.load(Ordering::Relaxed));
        let passed_ms = self.clock.now_ms().saturating_sub(self.started_ms);
        let ran_ms = passed_ms.saturating_sub(self.host_ms).saturating_sub(waited_ms);
        if Duration::from_millis(ran_ms) > self.limits.wall_time { Err(OUT_OF_TIME) } else { Ok(()) }
    }

    /// Lets other guests run; the time until this one's turn comes is not held against it.
    pub(crate) fn wait_a_turn(&mut self) -> impl Future<Output = ()> + Send + 'static {
        let waited = Arc::clone(self.waited_ms.get_or_insert_default());
        let (clock, since_ms) = (Arc::clone(&self.clock), self.clock.now_ms());
        async move {
            tokio::task::yield_now().await;
            waited.fetch_add(clock.now_ms().saturating_sub(since_ms), Ordering::Relaxed);
        }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growth = u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX);
        let total = self.memory_bytes.saturating_add(self.held_bytes).saturating_add(growth);
        if total > self.limits.memory_bytes {
            return Err(OUT_OF_MEMORY.into());
        }
        self.memory_bytes += growth;
        self.peak_memory_bytes = self.peak_memory_bytes.max(total);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growth = u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX);
        let total = self.table_elements.saturating_add(growth);
        if total > self.limits.table_elements {
            return Err(TABLE_LIMIT.into());
        }
        self.table_elements = total;
        Ok(true)
    }
}
