//! Couriers: they bring deliveries to their addresses.
//!
//! A courier takes one webhook at a time, so that an address never sees two requests at once and a slow one holds up itself only; a tenant
//! has at most `webhooks.tenant_couriers_max` of them at work in this process. A failed attempt lets the webhook rest for a moment, longer
//! with every failure in a row. What a process that died had taken comes again after a minute.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use bytes::Bytes;
use tokio::sync::{Notify, watch};

use super::state::{self, Attempt, Next};
use super::table::{self, DeliveryRow, Lane};
use super::{DeliveryState, sign};
use crate::access;
use crate::command;
use crate::config;
use crate::kernel::id::TenantId;
use crate::kernel::outbound;
use crate::kernel::secret::Secret;
use crate::kernel::shifts::Shifts;
use crate::kernel::vault;
use crate::kernel::{Ctx, db};
use crate::outbox::{self, Event};

/// How long a webhook belongs to a courier that does not give it back.
const HOLD: Duration = Duration::from_secs(60);
/// After this a courier gives its webhook back: less than [`HOLD`] by more than the longest request.
const SHIFT: Duration = Duration::from_secs(30);
/// The most deliveries of one shift.
const SHIFT_ROWS_MAX: u64 = 20;
/// How long couriers sleep when nobody rings: another process may have put something in line.
const ROUND: Duration = Duration::from_secs(1);

/// Brings deliveries until it is told to stop.
#[derive(Debug, Clone)]
pub struct Courier {
    ctx: Ctx,
    bell: Arc<Notify>,
    settings: config::Webhooks,
}

impl Courier {
    /// Couriers that listen to this bell.
    #[must_use]
    pub fn new(ctx: Ctx, bell: Arc<Notify>, settings: config::Webhooks) -> Self {
        Self { ctx, bell, settings }
    }

    /// Brings everything that is due now, one webhook after the other, and says how many attempts were made.
    ///
    /// # Errors
    /// When the database fails; what was taken comes again after a minute.
    pub async fn drain(&self) -> Result<usize, db::Error> {
        let (_tell, told) = watch::channel(false);
        let mut made = 0;
        while let Some(lane) = self.take(Vec::new()).await? {
            made += serve(&self.ctx, &lane, &told).await?;
        }
        Ok(made)
    }

    async fn take(&self, but: Vec<TenantId>) -> Result<Option<Lane>, db::Error> {
        let now = self.ctx.now();
        table::take_lane(&self.ctx.db, now, now.after(HOLD), but).await
    }

    /// Works until `stop` says true or its sender is gone; then ends the requests that are under way and no more.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut shifts = Shifts::new(self.settings.couriers_max, self.settings.tenant_couriers_max);
        while !*stop.borrow() {
            while shifts.has_room() {
                match self.take(shifts.full()).await {
                    Ok(Some(lane)) => {
                        let (ctx, told) = (self.ctx.clone(), stop.clone());
                        shifts.start(lane.tenant, async move {
                            if let Err(error) = serve(&ctx, &lane, &told).await {
                                let error = &error as &dyn std::error::Error;
                                tracing::error!(error, "deliveries could not be noted and come again");
                            }
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "no webhook could be looked for");
                        break;
                    }
                }
            }
            tokio::select! {
                () = self.bell.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
                Some(()) = shifts.ended() => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        shifts.end().await;
    }
}

/// A shift at one webhook: what is due, in order, until one attempt fails or time is up. Says how many attempts were made.
async fn serve(ctx: &Ctx, lane: &Lane, told: &watch::Receiver<bool>) -> Result<usize, db::Error> {
    let began = Stopwatch::now();
    let worker = access::worker(lane.tenant);
    let (sealed, rows) = {
        let scope = ctx.db.read(&worker).await?;
        table::due(&scope, lane.webhook, ctx.now(), SHIFT_ROWS_MAX).await?
    };
    // One that does not open signs nothing; the receiver then refuses, and the webhook's page says so.
    let open = |text: &String| ctx.vault.unseal(lane.tenant, &super::place(lane.webhook), text);
    let secrets: Vec<Secret> = sealed.iter().filter_map(|text| open(text).inspect_err(closed).ok()).collect();
    let (mut made, mut failures) = (0, lane.failures);
    for row in rows {
        if *told.borrow() || began.elapsed() > SHIFT || !table::stands(&ctx.db.read(&worker).await?, lane).await? {
            break;
        }
        made += 1;
        let (row, next) = attempt(ctx, lane, row, &secrets).await;
        let delivered = next == Next::Delivered;
        failures = if delivered { 0 } else { failures.saturating_add(1) };
        note(ctx, &worker, lane, row, next).await?;
        if !delivered {
            break;
        }
    }
    let (id, version, now) = (lane.webhook, lane.version, ctx.now());
    let from = now.after(if failures == 0 { Duration::ZERO } else { state::rest(failures) });
    ctx.db.write(&worker, move |tx| async move { table::release(&tx, id, version, failures, from, now).await }).await?;
    Ok(made)
}

fn closed(error: &vault::Error) {
    tracing::error!(error = error as &dyn std::error::Error, "a secret of a webhook does not open");
}

/// One request, and the delivery as it stands after it.
async fn attempt(ctx: &Ctx, lane: &Lane, mut row: DeliveryRow, secrets: &[Secret]) -> (DeliveryRow, Next) {
    let timestamp_s = ctx.now().micros() / 1_000_000;
    let (id, stamp) = (row.event.to_string(), timestamp_s.to_string());
    let signature = sign::signatures(secrets, &id, timestamp_s, &row.body);
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", id.as_str()),
        ("webhook-timestamp", stamp.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    let reply = ctx.outbound.post(&lane.url, &headers, Bytes::from(row.body.clone())).await;
    let ended = match &reply {
        Ok(reply) => Attempt::Answered { status: reply.status, retry_after_s: reply.retry_after_s },
        Err(_) => Attempt::Unanswered,
    };
    let outcome =
        reply.as_ref().map_or_else(outbound::Error::code, |reply| if reply.status < 300 { "delivered" } else { "refused" });
    ctx.metrics.webhook_tried(outcome);
    row.attempts += 1;
    row.last_status = reply.as_ref().ok().map(|reply| i64::from(reply.status));
    row.last_error = reply.as_ref().err().map(|error: &outbound::Error| error.code().to_owned());
    let next = state::next(u32::try_from(row.attempts).unwrap_or(u32::MAX), ended);
    let now = ctx.now();
    match next {
        Next::Delivered => (row.state, row.ended_at) = (DeliveryState::Delivered, Some(now)),
        Next::Again(wait) => row.due_at = now.after(wait),
        Next::Suspend => (row.state, row.ended_at) = (DeliveryState::Failed, Some(now)),
    }
    tracing::info!(
        webhook.id = %lane.webhook, event.id = %row.event, attempts = row.attempts, status = row.last_status,
        error = row.last_error, state = row.state.as_str(), "a webhook was tried"
    );
    (row, next)
}

/// Writes down what an attempt came to; a webhook that is to be suspended is, with an event and an entry in the log.
async fn note(ctx: &Ctx, worker: &access::Actor, lane: &Lane, row: DeliveryRow, next: Next) -> Result<(), db::Error> {
    let (id, version, now, mint) = (lane.webhook, lane.version, ctx.now(), ctx.mint.clone());
    let why = row.last_status.map_or_else(|| row.last_error.clone().unwrap_or_default(), |status| format!("status {status}"));
    let log = command::Entry::new(worker, "webhook.suspend", Some(id.to_string())).after(serde_json::json!({ "why": why }));
    ctx.db
        .write(worker, move |tx| {
            let (row, why, mint, log) = (row.clone(), why.clone(), mint.clone(), log.clone());
            async move {
                table::note(&tx, &row).await?;
                if next == Next::Suspend && table::suspend(&tx, id, version, &why, now).await? {
                    let payload = serde_json::json!({ "webhook": id, "why": why });
                    outbox::write(&tx, &mint, now, Event { line: id.to_string(), kind: "webhook.suspended", payload }).await?;
                    command::write(&tx, mint.next(), now, log).await?;
                }
                Ok(())
            }
        })
        .await
}
