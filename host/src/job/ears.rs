//! From an event to the jobs of those apps that want to hear of it: once an event, in one transaction. And from an activation to a timetable.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{Kind, table};
use crate::access;
use crate::action::port::Ask;
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::id::Mint;
use crate::kernel::queue::{Message, Refused, Subscriber};
use crate::kernel::time::Instant;
use crate::outbox::{APP_EVENT, once};
use crate::plugin::manifest::{GrantName, Manifest};
use crate::plugin::{self, Standing};

/// Puts events in line for apps.
#[derive(Debug)]
pub struct Ears {
    ctx: Ctx,
    bell: Arc<Notify>,
}

impl Ears {
    /// The name under which deliveries are remembered.
    pub const NAME: &'static str = "apps";

    /// Ears that ring for the workers.
    #[must_use]
    pub fn new(ctx: Ctx, bell: Arc<Notify>) -> Self {
        Self { ctx, bell }
    }
}

#[async_trait]
impl Subscriber for Ears {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Not what apps tell themselves: two of them could answer each other for ever.
    fn wants(&self, kind: &str) -> bool {
        kind != APP_EVENT
    }

    async fn take(&self, message: &Message) -> Result<(), Refused> {
        let worker = access::worker(message.tenant);
        let (mint, now, heard) = (self.ctx.mint.clone(), self.ctx.now(), message.clone());
        let written = once(&self.ctx, &worker, Self::NAME, message, move |tx| {
            let (mint, heard) = (mint.clone(), heard.clone());
            async move {
                for app in plugin::standing(&tx).await? {
                    hear(&tx, &mint, now, &app, &heard).await?;
                    timetable(&tx, &mint, now, &app.manifest).await?;
                }
                Ok(())
            }
        });
        let refused = |error: plugin::Error| Refused { subscriber: Self::NAME, reason: error.to_string() };
        Box::pin(written).await.map_err(refused)?;
        self.bell.notify_one();
        Ok(())
    }
}

async fn hear(tx: &Write, mint: &Mint, now: Instant, app: &Standing, heard: &Message) -> Result<(), db::Error> {
    let wants = app.manifest.events.contains(&heard.kind) && app.grants.contains(&GrantName::Events);
    if !wants {
        return Ok(());
    }
    let cause = format!("event:{}", heard.id);
    let row =
        table::row(tx.tenant_id(), mint.next(), &app.manifest.id, Kind::Event, &heard.kind, &heard.payload, cause, now, now);
    table::enqueue(tx, vec![row]).await
}

/// Puts the next turn of each entry of a timetable in line that has none.
async fn timetable(tx: &Write, mint: &Mint, now: Instant, manifest: &Manifest) -> Result<(), db::Error> {
    if manifest.schedule.is_empty() {
        return Ok(());
    }
    let there = table::timetable(tx, &manifest.id).await?;
    let missing = manifest.schedule.iter().filter(|entry| !there.iter().any(|row| row.name == entry.name));
    let rows = missing.map(|entry| {
        let due_at = next_turn(now, entry.every.period());
        let cause = format!("schedule:{}:{due_at}", entry.name);
        table::row(tx.tenant_id(), mint.next(), &manifest.id, Kind::Schedule, &entry.name, "", cause, due_at, now)
    });
    table::enqueue(tx, rows.collect()).await
}

/// Puts the next turn in line after one has ended, for a plugin that still takes part.
pub(super) async fn again(tx: &Write, mint: &Mint, now: Instant, plugin: &str) -> Result<(), plugin::Error> {
    for app in plugin::standing(tx).await?.iter().filter(|one| one.manifest.id == plugin) {
        timetable(tx, mint, now, &app.manifest).await?;
    }
    Ok(())
}

/// The next full period after a moment, reckoned from 1970 in UTC: two processes agree on it.
pub(super) fn next_turn(now: Instant, period: Duration) -> Instant {
    let period_us = i64::try_from(period.as_micros()).unwrap_or(i64::MAX).max(1);
    let past_us = now.micros().rem_euclid(period_us);
    now.after(Duration::from_micros(u64::try_from(period_us - past_us).unwrap_or(0)))
}

/// What a job asks, and under which cause it is committed.
pub(super) fn ask(row: &table::Row) -> Ask {
    match row.kind {
        Kind::Event => Ask::Event {
            id: row.cause.strip_prefix("event:").unwrap_or(&row.cause).to_owned(),
            kind: row.name.clone(),
            payload: row.payload.clone(),
        },
        Kind::Schedule => Ask::Schedule { name: row.name.clone() },
        Kind::Task => Ask::Task { name: row.name.clone(), payload: row.payload.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_lie_on_full_periods() {
        let now: Instant = "2026-03-01T09:30:00Z".parse().unwrap();
        assert_eq!(next_turn(now, Duration::from_secs(3_600)).to_string(), "2026-03-01T10:00:00Z");
        assert_eq!(next_turn(now, Duration::from_secs(86_400)).to_string(), "2026-03-02T00:00:00Z");
        let full: Instant = "2026-03-01T10:00:00Z".parse().unwrap();
        assert_eq!(next_turn(full, Duration::from_secs(3_600)).to_string(), "2026-03-01T11:00:00Z");
    }
}
