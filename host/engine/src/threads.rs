//! The threads that run guests and nothing else, and each class's share of them.
//!
//! A guest that spins holds one of these threads for a millisecond at a time. Every class has a number of places; who finds none waits in
//! line. A caller that goes away takes its guest with it. A short call may spend its first turn, one tick at most, on its caller's thread
//! ([`Threads::run_here_first`]): the way to another thread and back costs more than most rules take.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::limits::Class;
use crate::settings::EngineSettings;

/// Why work came to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// It panicked.
    Panicked,
    /// The engine ends.
    Ending,
}

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
    /// at most a tick later.
    pub(crate) async fn run<F>(&self, work: F) -> Result<F::Output, Unfinished>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if ENGINE_OF_THREAD.get() == self.id {
            return Ok(work.await);
        }
        let task = self.handle.spawn(work);
        let _leash = Leash(task.abort_handle());
        task.await.map_err(|error| if error.is_panic() { Unfinished::Panicked } else { Unfinished::Ending })
    }

    /// Runs the first turn of `work` on the caller's thread, and the rest of it as [`Threads::run`] does. A guest's turn ends with the
    /// tick, so a guest that spins takes a millisecond of a worker of the server once a call and no more.
    pub(crate) async fn run_here_first<F>(&self, work: F) -> Result<F::Output, Unfinished>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if ENGINE_OF_THREAD.get() == self.id {
            return Ok(work.await);
        }
        let mut work = Box::pin(work);
        // A panic must not reach the caller, as it does not from another thread; what panicked is dropped and never looked at again.
        let turn = poll_fn(|context| Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))));
        match turn.await {
            Ok(Poll::Ready(answer)) => Ok(answer),
            Ok(Poll::Pending) => self.run(work).await,
            Err(_) => Err(Unfinished::Panicked),
        }
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
