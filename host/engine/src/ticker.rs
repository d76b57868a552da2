//! The clock of the sandboxes: a thread of its own that moves the engine's epoch every millisecond.
//!
//! It is an operating-system thread because a task of an async runtime stops with the runtime that a spinning guest has taken. Its last
//! beat can be asked for, so that a readiness check sees a dead clock: without it no guest would ever be stopped by time. It ends when
//! the engine is dropped and never touches a store.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crate::limits::EPOCH_TICK_MS;

/// Milliseconds since the engine was made, read without asking the operating system.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    beats: AtomicU64,
    elapsed_ms: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), beats: AtomicU64::new(0), elapsed_ms: AtomicU64::new(0) }
    }

    /// Milliseconds at the last beat.
    pub(crate) fn now_ms(&self) -> u64 {
        self.elapsed_ms.load(Ordering::Relaxed)
    }

    fn beat(&self) {
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.elapsed_ms.store(elapsed_ms, Ordering::Relaxed);
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    fn heartbeat(&self) -> Heartbeat {
        let last_beat = Duration::from_millis(self.now_ms());
        Heartbeat { beats: self.beats.load(Ordering::Relaxed), age: self.started.elapsed().saturating_sub(last_beat) }
    }
}

/// A sign of life of the epoch ticker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Beats since the engine was made, about one a millisecond.
    pub beats: u64,
    /// Since the last beat.
    pub age: Duration,
}

impl Heartbeat {
    /// Whether the ticker still beats. A second is a thousand missed beats: no busy machine explains that.
    pub fn is_alive(&self) -> bool {
        self.age < Duration::from_secs(1)
    }
}

/// The ticking thread; ends on drop.
#[derive(Debug)]
pub(crate) struct Ticker {
    clock: Arc<Clock>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &wasmtime::Engine) -> io::Result<Self> {
        let clock = Arc::new(Clock::new());
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, ticking, stopping) = (engine.weak(), Arc::clone(&clock), Arc::clone(&stop));
        let thread = Builder::new().name("roro-epoch".into()).spawn(move || {
            while !stopping.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(EPOCH_TICK_MS));
                let Some(engine) = engine.upgrade() else { return };
                ticking.beat();
                engine.increment_epoch();
            }
        })?;
        Ok(Self { clock, stop, thread: Some(thread) })
    }

    pub(crate) fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    pub(crate) fn heartbeat(&self) -> Heartbeat {
        self.clock.heartbeat()
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread has no way to panic; if it did, the clock is gone all the same.
            drop(thread.join());
        }
    }
}
