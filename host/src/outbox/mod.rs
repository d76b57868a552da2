//! The outbox: what has happened, told to whoever wants to know.
//!
//! An event is a row in the transaction of the change that it tells of, so there is no change without its event and no event without
//! its change. The relay brings it to the subscribers at least once, the events of one line (an order) in the order in which they were written;
//! one that cannot be taken holds up its own line only. A subscriber that must act once uses `once`.

mod relay;
mod subscribers;
mod table;

use std::future::Future;

use crate::kernel::Ctx;
use crate::kernel::db::{self, Authority, Write};
use crate::kernel::id::{EventId, Mint};
use crate::kernel::queue::Message;
use crate::kernel::time::Instant;

pub use relay::Relay;
pub use subscribers::{Forgetful, Journal};
pub use table::DeliveryRow;

/// The kind under which events of apps go out.
pub(crate) const APP_EVENT: &str = "app.event";

/// Everything that can be told of, by alphabet: what an event's `kind` may be, and what others may ask to hear of.
pub const KINDS: &[&str] = &[
    APP_EVENT,
    "document.issued",
    "document.voided",
    "order.changed",
    "order.imported",
    "pack.installed",
    "plugin.activated",
    "plugin.installed",
    "plugin.released",
    "plugin.suspended",
    "plugin.uninstalled",
    "webhook.suspended",
];

/// What plugins may ask to hear of: everything but what apps tell themselves, for two of them could answer each other for ever.
#[must_use]
pub fn heard() -> Vec<&'static str> {
    KINDS.iter().copied().filter(|kind| *kind != APP_EVENT).collect()
}

/// Something that has happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// Events of one line are told in order: the id of the order, as a rule.
    pub line: String,
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// What a subscriber needs to know. Ids rather than personal fields.
    pub payload: serde_json::Value,
}

/// Writes an event, in the transaction of its change. Its id is made here, after the rows of its line are locked, so that ids of a line
/// rise in the order of the commits.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &Write, mint: &Mint, now: Instant, event: Event) -> Result<EventId, db::Error> {
    debug_assert!(KINDS.contains(&event.kind), "`{}` is not in the list of kinds", event.kind);
    table::insert(tx, mint.next(), now, event).await
}

/// Does `work` for a subscriber unless it has been done for this event: both in one transaction. Says whether it was done now.
///
/// # Errors
/// What `work` answers, or when the database fails.
pub async fn once<E, F, Fut>(
    ctx: &Ctx,
    authority: &impl Authority,
    subscriber: &'static str,
    message: &Message,
    work: F,
) -> Result<bool, E>
where
    E: From<db::Error> + Send + 'static,
    F: Fn(Write) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
{
    let (event, kind, now) = (message.id, message.kind.clone(), ctx.now());
    ctx.db
        .write(authority, move |tx| {
            let (kind, again) = (kind.clone(), tx.clone());
            let work = work(again);
            async move {
                if !table::first_delivery(&tx, subscriber, event, kind, now).await? {
                    return Ok(false);
                }
                work.await?;
                Ok(true)
            }
        })
        .await
}

/// What a subscriber has taken, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn deliveries(
    ctx: &Ctx,
    authority: &impl Authority,
    subscriber: &str,
    limit: u64,
) -> Result<Vec<DeliveryRow>, db::Error> {
    table::deliveries(&ctx.db.read(authority).await?, subscriber, limit).await
}

/// How many events still wait, over all tenants.
///
/// # Errors
/// When the database fails.
pub async fn waiting(ctx: &Ctx) -> Result<u64, db::Error> {
    table::waiting(&ctx.db).await
}
