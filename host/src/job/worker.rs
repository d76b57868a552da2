//! The workers: take what is due, ask the app, write down what came of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::state::{self, Attempt, State};
use super::table::Row;
use super::{Kind, ears, table};
use crate::access;
use crate::action::{self, Cause, Error};
use crate::document::hook::is_hosts_fault;
use crate::document::routes::Press;
use crate::kernel::id::TenantId;
use crate::kernel::shifts::Shifts;
use crate::kernel::{Ctx, db};
use crate::plugin;

/// How many jobs this process works on at the same time.
const JOBS_MAX: usize = 8;
/// How many of them for one tenant.
const TENANT_JOBS_MAX: usize = 2;
/// How long a worker may hold a job before another one may take it: longer than a call with its rounds takes.
const HOLD: Duration = Duration::from_secs(180);
/// How long workers sleep when nobody rings.
const ROUND: Duration = Duration::from_secs(1);

/// Works on jobs until it is told to stop.
#[derive(Clone)]
pub struct Worker {
    ctx: Ctx,
    press: Press,
    bell: Arc<Notify>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("job::Worker")
    }
}

impl Worker {
    /// Workers that this bell wakes.
    #[must_use]
    pub fn new(ctx: Ctx, press: Press, bell: Arc<Notify>) -> Self {
        Self { ctx, press, bell }
    }

    async fn take(&self, but: Vec<TenantId>) -> Result<Option<Row>, db::Error> {
        let now = self.ctx.now();
        table::take(&self.ctx.db, now, now.after(HOLD), but).await
    }

    /// Works until `stop` says true or its sender is gone; then ends what is under way and no more.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut shifts = Shifts::new(JOBS_MAX, TENANT_JOBS_MAX);
        while !*stop.borrow() {
            while shifts.has_room() {
                match self.take(shifts.full()).await {
                    Ok(Some(row)) => {
                        let (ctx, press) = (self.ctx.clone(), self.press.clone());
                        shifts.start(row.tenant, async move {
                            if let Err(error) = serve(&ctx, &press, row).await {
                                let error = &error as &dyn std::error::Error;
                                tracing::error!(error, "a job could not be written down and comes again");
                            }
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "no job could be looked for");
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

/// One attempt.
async fn serve(ctx: &Ctx, press: &Press, mut row: Row) -> Result<(), db::Error> {
    let worker = access::worker(row.tenant);
    let cause = Cause { key: format!("job:{}", row.id), target: None };
    let ended = Box::pin(action::turn(ctx, &worker, press, &row.plugin, &ears::ask(&row), &cause)).await;
    let attempt = how(&ended);
    row.attempts += 1;
    row.last_error = ended.as_ref().err().map(why);
    let now = ctx.now();
    let age = Duration::from_micros(u64::try_from(now.micros() - row.created_at.micros()).unwrap_or(0));
    let (next, wait) = state::next(u32::try_from(row.attempts).unwrap_or(u32::MAX), attempt, age);
    row.state = next;
    row.busy_until = now;
    if next == State::Waiting {
        row.due_at = now.after(wait);
    } else {
        row.ended_at = Some(now);
    }
    tracing::info!(
        job.id = %row.id, plugin = row.plugin, kind = row.kind.as_str(), name = row.name, state = next.as_str(),
        attempts = row.attempts, error = row.last_error, "a job was tried"
    );
    let kernel = ctx.clone();
    let written = ctx.db.write(&worker, move |tx| {
        let (ctx, row) = (kernel.clone(), row.clone());
        async move {
            table::note(&tx, &row).await?;
            if row.kind == Kind::Schedule && row.ended_at.is_some() && row.state != State::Skipped {
                ears::again(&tx, &ctx.mint, ctx.now(), &row.plugin).await?;
            }
            Ok::<_, plugin::Error>(())
        }
    });
    match Box::pin(written).await {
        Err(plugin::Error::Db(error)) => Err(error),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "what came of a job was not written down; it comes again");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn how(ended: &Result<action::Turn, Error>) -> Attempt {
    match ended {
        Ok(_) => Attempt::Committed,
        Err(Error::Refused(_)) => Attempt::Refused,
        Err(Error::Moved) => Attempt::Moved,
        Err(Error::Stopped { .. }) => Attempt::Stopped,
        Err(Error::Unknown(_)) => Attempt::Gone,
        Err(Error::Failed(failure)) if is_hosts_fault(failure.code) => Attempt::Fault,
        Err(Error::Failed(_) | Error::Proposed(_) | Error::Note(_) | Error::Input(_)) => Attempt::Failed,
        Err(Error::Plugin(_) | Error::Access(_) | Error::Command(_) | Error::Db(_) | Error::Json(_)) => Attempt::Fault,
    }
}

/// Why, in words that hold no one's data.
fn why(error: &Error) -> String {
    match error {
        Error::Refused(findings) => {
            findings.iter().filter(|one| one.severity.stops()).map(|one| one.rule.clone()).collect::<Vec<_>>().join(", ")
        }
        Error::Failed(failure) => failure.code.to_owned(),
        Error::Stopped { code, .. } => (*code).to_owned(),
        Error::Proposed(refused) => refused.to_string(),
        Error::Moved => "moved".to_owned(),
        Error::Unknown(_) => "gone".to_owned(),
        _ => "fault".to_owned(),
    }
}
