//! Gates: of those who come with the same key, one goes at a time. Within this process; across processes the database decides.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// Gates by key. Clones share them; a gate that nobody uses is forgotten.
#[derive(Clone, Debug, Default)]
pub struct Gates(Arc<Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>>);

impl Gates {
    /// Waits for the key's turn and holds it until the pass is dropped.
    pub async fn pass(&self, key: &str) -> OwnedMutexGuard<()> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Sweep when the map has grown to twice what is in use: constant work a call, and no memory for keys of the past.
            if gates.len() >= 64 && gates.len().is_power_of_two() {
                gates.retain(|_, gate| gate.strong_count() > 0);
            }
            let known = gates.get(key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let gate = Arc::new(tokio::sync::Mutex::new(()));
                gates.insert(key.to_owned(), Arc::downgrade(&gate));
                gate
            })
        };
        gate.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn one_at_a_time_with_the_same_key() {
        let gates = Gates::default();
        let inside = Arc::new(AtomicU32::new(0));
        let all = (0..32).map(|_| {
            let (gates, inside) = (gates.clone(), inside.clone());
            tokio::spawn(async move {
                let _pass = gates.pass("key").await;
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            })
        });
        for one in futures::future::join_all(all).await {
            one.unwrap();
        }
    }

    #[tokio::test]
    async fn gates_of_the_past_are_forgotten() {
        let gates = Gates::default();
        for key in 0..10_000 {
            drop(gates.pass(&key.to_string()).await);
        }
        assert!(gates.0.lock().unwrap().len() <= 128);
    }
}
