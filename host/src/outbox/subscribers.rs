//! Subscribers that every Roro has: the journal of what was told, and the forgetting of answers that a change made old.

use async_trait::async_trait;

use super::once;
use crate::access;
use crate::kernel::cache::Key;
use crate::kernel::queue::{Message, Refused, Subscriber};
use crate::kernel::{Ctx, db};

/// Writes down, once, every event that was told: what an administrator reads to see that events flow.
#[derive(Debug)]
pub struct Journal(Ctx);

impl Journal {
    /// The name under which deliveries are remembered.
    pub const NAME: &'static str = "journal";

    /// A journal.
    #[must_use]
    pub fn new(ctx: Ctx) -> Self {
        Self(ctx)
    }
}

#[async_trait]
impl Subscriber for Journal {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    async fn take(&self, message: &Message) -> Result<(), Refused> {
        let worker = access::worker(message.tenant);
        // The row of the delivery is all there is to write.
        let written = once(&self.0, &worker, Self::NAME, message, |_| async { Ok::<(), db::Error>(()) }).await;
        let fresh = written.map_err(|error| Refused { subscriber: Self::NAME, reason: error.to_string() })?;
        if fresh {
            tracing::info!(event.id = %message.id, event.kind = message.kind, event.line = message.line, "an event was told");
        }
        Ok(())
    }
}

/// Makes the cache forget what an event made old: the answers named by the event's line. Doing it twice does no harm.
#[derive(Debug)]
pub struct Forgetful(Ctx);

impl Forgetful {
    /// Forgets in this cache.
    #[must_use]
    pub fn new(ctx: Ctx) -> Self {
        Self(ctx)
    }

    /// Where an answer about a line lies, so that an event of the line drops it.
    #[must_use]
    pub fn key(authority: &impl db::Authority, line: &str) -> Key {
        Key::new(authority.tenant_id(), "line", line)
    }
}

#[async_trait]
impl Subscriber for Forgetful {
    fn name(&self) -> &'static str {
        "forgetful"
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    async fn take(&self, message: &Message) -> Result<(), Refused> {
        self.0.cache.forget(&Key::new(message.tenant, "line", &message.line)).await;
        Ok(())
    }
}
