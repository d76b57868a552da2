//! The relay: a worker that brings events to the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::table;
use crate::kernel::queue::{Queue, Refused};
use crate::kernel::telemetry::SPANS;
use crate::kernel::{Ctx, db};

/// How many events are taken at once.
const HELD_MAX: u64 = 100;
/// How long a relay may hold events before another one may take them: longer than subscribers take.
const HOLD: Duration = Duration::from_secs(60);
/// How long the relay sleeps when nobody rings: another process may have left events.
const ROUND: Duration = Duration::from_secs(1);
/// How long delivered events are kept.
const KEPT: Duration = Duration::from_secs(7 * 86_400);

/// Brings events to subscribers until it is told to stop.
#[derive(Clone)]
pub struct Relay {
    ctx: Ctx,
    queue: Arc<dyn Queue>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

/// How long to wait after a number of failed attempts: a second, doubled each time, at most five minutes.
fn wait(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    Duration::from_secs(2_u64.pow(doublings).min(300))
}

impl Relay {
    /// A relay to this queue.
    #[must_use]
    pub fn new(ctx: Ctx, queue: Arc<dyn Queue>) -> Self {
        Self { ctx, queue }
    }

    /// Brings everything that is due now and says how many events were taken.
    ///
    /// # Errors
    /// When the database fails; what was held comes again after a minute.
    pub async fn drain(&self) -> Result<usize, db::Error> {
        let mut taken = 0;
        loop {
            let now = self.ctx.now();
            let held = table::hold(&self.ctx.db, now, now.after(HOLD), HELD_MAX).await?;
            if held.is_empty() {
                return Ok(taken);
            }
            let mut outcomes = Vec::with_capacity(held.len());
            for event in held {
                let again = match self.publish(&event).await {
                    Ok(()) => {
                        taken += 1;
                        None
                    }
                    Err(error) => {
                        let wait = wait(event.attempts);
                        tracing::warn!(
                            event.id = %event.message.id, event.kind = event.message.kind, attempts = event.attempts,
                            error = &error as &dyn std::error::Error, "an event was not taken and will come again",
                        );
                        Some(self.ctx.now().after(wait))
                    }
                };
                outcomes.push((event.message, again));
            }
            table::settle(&self.ctx.db, self.ctx.now(), outcomes).await?;
        }
    }

    /// Brings one event to its subscribers, in a span of its own.
    async fn publish(&self, event: &table::Held) -> Result<(), Refused> {
        let span = tracing::info_span!(
            target: SPANS, "relay", otel.kind = "producer", tenant.id = %event.message.tenant, event.id = %event.message.id,
            event.kind = event.message.kind, event.attempts = event.attempts, otel.status_code = Empty,
        );
        let taken = self.queue.publish(&event.message).instrument(span.clone()).await;
        if taken.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        taken
    }

    /// Works until `stop` says true or its sender is gone.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.drain().await {
                tracing::error!(error = &error as &dyn std::error::Error, "the relay of events failed and tries again");
            }
            tokio::select! {
                () = self.ctx.bell.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Removes events that were delivered a week ago. The server calls it now and then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, db::Error> {
        table::sweep(&self.ctx.db, self.ctx.now().before(KEPT)).await
    }
}
