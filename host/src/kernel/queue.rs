//! The queue: how an event of the outbox reaches those who want it.
//!
//! `publish` answers when every subscriber has taken the event, so the relay marks an event delivered only then: at least once. A
//! subscriber therefore may see an event twice and must do its work once (`outbox::once`). The back end here lives in the process; one
//! on a broker has the same face.

use std::sync::Arc;

use async_trait::async_trait;

use super::id::{EventId, TenantId};

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same on every delivery.
    pub id: EventId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Events of one line arrive in the order in which they were written: an order's id, for example.
    pub line: String,
    /// What happened: `order.imported`.
    pub kind: String,
    /// JSON.
    pub payload: String,
}

/// A subscriber could not take an event; it comes again later.
#[derive(Debug, thiserror::Error)]
#[error("{subscriber} could not take the event: {reason}")]
pub struct Refused {
    /// Who.
    pub subscriber: &'static str,
    /// Why.
    pub reason: String,
}

/// Somebody who acts on events.
#[async_trait]
pub trait Subscriber: Send + Sync {
    /// A name that never changes: what was delivered is remembered under it.
    fn name(&self) -> &'static str;

    /// Whether it wants events of this kind.
    fn wants(&self, kind: &str) -> bool;

    /// Takes an event.
    ///
    /// # Errors
    /// [`Refused`] to see it again later.
    async fn take(&self, message: &Message) -> Result<(), Refused>;
}

/// A way to the subscribers.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Brings a message to all who want it.
    ///
    /// # Errors
    /// [`Refused`] when one of them did not take it; the others may have.
    async fn publish(&self, message: &Message) -> Result<(), Refused>;
}

/// Subscribers in this process.
#[derive(Clone, Default)]
pub struct Memory(Arc<[Arc<dyn Subscriber>]>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|subscriber| subscriber.name())).finish()
    }
}

impl Memory {
    /// A queue to these.
    #[must_use]
    pub fn new(subscribers: Vec<Arc<dyn Subscriber>>) -> Self {
        Self(subscribers.into())
    }
}

#[async_trait]
impl Queue for Memory {
    async fn publish(&self, message: &Message) -> Result<(), Refused> {
        for subscriber in self.0.iter().filter(|subscriber| subscriber.wants(&message.kind)) {
            subscriber.take(message).await?;
        }
        Ok(())
    }
}
