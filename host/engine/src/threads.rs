//! The threads that run guests and nothing else, and each class's share of them.
//!
//! A guest that spins holds one of these threads for a millisecond at a time and never a worker of the server. Every class has a number of
//! places; who finds none waits in line. A caller that goes away takes its guest with it.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinError};

use crate::limits::Class;
use crate::settings::EngineSettings;

thread_local! {
    /// Which engine's thread this is; 0 is none.
    static ENGINE_OF_THREAD: Cell<u64> = const { Cell::new(0) };
}

/// Guest threads of one engine.
#[derive(Debug)]
pub(crate) struct Threads {
    id: u64,
    runtime: Option<Runtime>,
    handle: Handle,
    places: [Arc<Semaphore>; Class::ALL.len()],
}

impl Threads {
    pub(crate) fn start(settings: &EngineSettings) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let runtime = Builder::new_multi_thread()
            .worker_threads(settings.guest_threads.max(1))
            .thread_name("roro-guest")
            .on_thread_start(move || ENGINE_OF_THREAD.set(id))
            .build()?;
        // The shares add up to the pool, so that who has a place always finds a slot.
        let calls_max = settings.pool.calls_max;
        let renders = settings.pool.renders_max.clamp(1, (calls_max / 2).max(1));
        let interpreted = ((calls_max - renders) / 4).max(1);
        let rules = calls_max.saturating_sub(renders + interpreted).max(1);
        let places = [rules, interpreted, renders].map(|places| Arc::new(Semaphore::new(usize::try_from(places).unwrap_or(1))));
        Ok(Self { id, handle: runtime.handle().clone(), runtime: Some(runtime), places })
    }

    pub(crate) fn places(&self, class: Class) -> Arc<Semaphore> {
        let [rules, interpreted, renders] = &self.places;
        Arc::clone(match class {
            Class::Rule => rules,
            Class::Interpreted => interpreted,
            Class::Renderer => renders,
        })
    }

    /// Runs `work` on a guest thread: here when this is one, else over there. Dropping the returned future drops `work` at its next wait,
    /// at most a tick later. Fails when `work` panics or the engine ends.
    pub(crate) async fn run<F>(&self, work: F) -> Result<F::Output, JoinError>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if ENGINE_OF_THREAD.get() == self.id {
            return Ok(work.await);
        }
        let task = self.handle.spawn(work);
        let _leash = Leash(task.abort_handle());
        task.await
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not a plain drop: an engine may end inside another runtime, where waiting for threads is forbidden.
            runtime.shutdown_background();
        }
    }
}

struct Leash(AbortHandle);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.abort();
    }
}
