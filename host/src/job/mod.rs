//! Jobs: what waits for an app: an event to hear of, an entry of its timetable, a task that it has put off.
//!
//! A job is put in line in a transaction, by the relay once an event, by the commit of the call that puts something off, and for the timetable
//! when a plugin is activated and each time that the entry before it has ended. Workers take what is due, a few of one tenant at the same
//! time, and ask the app until it has answered (`state`). A job is never asked twice for what was committed. Nothing here decides what an app may.

mod ears;
pub mod state;
mod table;
mod worker;

use crate::access::Actor;
use crate::action::{Error, JobCard, Later};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::id::{JobId, RunId};
use crate::kernel::time::Instant;
use crate::record::Refused;

pub use ears::Ears;
pub use state::State;
pub use worker::Worker;

/// The most tasks of a plugin that wait.
pub(crate) const TASKS_WAITING_MAX: u64 = 10_000;
/// How long jobs that are over are kept.
const KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

crate::words! {
    /// What a job is.
    pub enum Kind {
        /// An event to hear of.
        Event = "event",
        /// An entry of the timetable.
        Schedule = "schedule",
        /// A task that the app has put off.
        Task = "task",
    }
}

/// Puts tasks in line, with the call that puts them off.
///
/// # Errors
/// [`Error::Proposed`] when too many wait already; [`Error::Db`].
pub async fn put_off(tx: &Write, ctx: &Ctx, plugin: &str, run: RunId, tasks: &[Later], now: Instant) -> Result<(), Error> {
    if tasks.is_empty() {
        return Ok(());
    }
    let waiting = table::waiting(tx, plugin, Kind::Task).await?;
    if waiting + tasks.len() as u64 > TASKS_WAITING_MAX {
        return Err(Error::Proposed(Refused::Invalid(format!("at most {TASKS_WAITING_MAX} tasks of a plugin wait"))));
    }
    let rows = tasks.iter().enumerate().map(|(at, task)| {
        let due_at = now.after(std::time::Duration::from_secs(u64::from(task.seconds.max(1))));
        let cause = format!("run:{run}:{at}");
        table::row(tx.tenant_id(), ctx.id(), plugin, Kind::Task, &task.name, &task.payload, cause, due_at, now)
    });
    Ok(table::enqueue(tx, rows.collect()).await?)
}

/// A page of a plugin's jobs, newest first. Ask for one more than is shown.
///
/// # Errors
/// When the database fails.
pub async fn list(ctx: &Ctx, actor: &Actor, plugin: &str, after: Option<JobId>, rows: u64) -> Result<Vec<JobCard>, db::Error> {
    let scope = ctx.db.read(actor).await?;
    Ok(table::newest(&scope, plugin, after, rows).await?.into_iter().map(JobCard::from).collect())
}

/// Removes jobs that were over a month ago. The server calls it now and then.
///
/// # Errors
/// When the database fails.
pub async fn sweep(ctx: &Ctx) -> Result<u64, db::Error> {
    table::sweep(&ctx.db, ctx.now().before(KEPT)).await
}

impl From<table::Row> for JobCard {
    fn from(row: table::Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            state: row.state,
            attempts: row.attempts,
            due_at: (row.state == State::Waiting).then_some(row.due_at),
            last_error: row.last_error,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}
