//! Sandboxes that are kept for the next call, where a tenant has asked for it.
//!
//! An interpreter takes a hundred times longer to come up than to answer. A sandbox that has answered well may therefore wait for the next call of
//! the same tenant's same release through the same hook, and for no other: what a guest leaves in its memory is seen by nobody else. Everything
//! of a call comes anew with it: who answers, grants and settings, limits, fuel, date, chance. A sandbox that was stopped, trapped, abandoned,
//! has grown large or has served long is dropped. Nothing is kept without a [`WarmKey`].

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use wasmtime::Store;

use crate::engine::{Call, InSandbox, Outcome, close, open};
use crate::guest::{Answers, Guest};
use crate::meter::Meter;
use crate::plugin::{Hook, PluginId};
use crate::ticker::Clock;
use crate::wasi::Wasi;

/// After so many calls a sandbox is made anew: what a runtime leaks is gone then.
const CALLS_MAX: u32 = 1_000;

/// Whose sandboxes may be kept together: a tenant's release. Calls with equal keys may share one, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WarmKey(Arc<str>);

impl WarmKey {
    /// A name that no other tenant and no other release has.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

/// What may share a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) key: WarmKey,
    /// SHA-256 of the component.
    pub(crate) digest: String,
    pub(crate) hook: Hook,
}

/// A sandbox that waits.
struct Sandbox<S: Answers> {
    store: Store<Guest<S>>,
    /// The instance, as the hook's bindings have it.
    guest: Arc<dyn Any + Send + Sync>,
    calls: u32,
}

/// The sandboxes that wait, the one that was used last at the end.
pub(crate) struct Kept<S: Answers> {
    waiting: Mutex<VecDeque<(Place, Sandbox<S>)>>,
    sandboxes_max: usize,
}

impl<S: Answers> fmt::Debug for Kept<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept(at most {})", self.sandboxes_max)
    }
}

impl<S: Answers> Kept<S> {
    pub(crate) fn new(sandboxes_max: u32) -> Self {
        let sandboxes_max = usize::try_from(sandboxes_max).unwrap_or(usize::MAX);
        Self { waiting: Mutex::default(), sandboxes_max }
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self, place: &Place) -> Option<Sandbox<S>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().rposition(|(known, _)| known == place)?;
        waiting.remove(at).map(|(_, sandbox)| sandbox)
    }

    /// Keeps a sandbox that has answered, in the place of the one that has waited longest if there is no room.
    fn give(&self, place: Place, sandbox: Sandbox<S>) {
        let meter = &sandbox.store.data().meter;
        if sandbox.calls >= CALLS_MAX || meter.is_large() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back((place, sandbox));
        let longest = if waiting.len() > self.sandboxes_max { waiting.pop_front() } else { None };
        drop(waiting);
        // Giving its memory back takes a while: not under the lock.
        drop(longest);
    }

    /// One call, in a sandbox that waits for it or in a fresh one that waits afterwards.
    pub(crate) async fn ask<T, G, I, W>(
        &self,
        engine: &wasmtime::Engine,
        clock: Arc<Clock>,
        (plugin, place): (PluginId, Place),
        call: Call<S>,
        (instantiate, ask): (I, W),
    ) -> Outcome<T>
    where
        G: Send + Sync + 'static,
        I: for<'a> FnOnce(&'a mut Store<Guest<S>>) -> InSandbox<'a, G> + Send,
        W: for<'a> FnOnce(Arc<G>, &'a mut Store<Guest<S>>) -> InSandbox<'a, T> + Send,
    {
        let (started, fuel, hook) = (Instant::now(), call.limits.fuel, place.hook);
        let (mut store, ready, calls) = match self.take(&place) {
            Some(Sandbox { mut store, guest, calls }) => {
                renew(&mut store, call, clock);
                (store, guest.downcast::<G>().ok(), calls)
            }
            None => (open(engine, call, clock), None, 0),
        };
        let ran = async {
            store.set_fuel(fuel)?;
            let guest = match ready {
                Some(guest) => guest,
                None => Arc::new(instantiate(&mut store).await?),
            };
            Ok((ask(Arc::clone(&guest), &mut store).await?, guest))
        };
        let (ran, guest) = match ran.await {
            Ok((answer, guest)) => (Ok(answer), Some(guest)),
            Err(error) => (Err(error), None),
        };
        let outcome = close(&mut store, ran, (fuel, started), plugin, hook);
        if let (Ok(_), Some(guest)) = (&outcome, guest) {
            self.give(place, Sandbox { store, guest, calls: calls + 1 });
        }
        outcome
    }
}

/// Gives a sandbox everything of another call. Its memory stays, and counts.
fn renew<S: Answers>(store: &mut Store<Guest<S>>, call: Call<S>, clock: Arc<Clock>) {
    let output_bytes = call.limits.output_bytes;
    let guest = store.data_mut();
    guest.answers = call.answers;
    guest.meter = Meter::resumed(call.limits, clock, &guest.meter);
    guest.wasi = Wasi::new(call.as_of, call.seed);
    store.set_hostcall_fuel(output_bytes);
    store.set_epoch_deadline(1);
}
