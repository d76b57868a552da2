//! Runs of hooks: which plugin was asked what, with which snapshot, and what it answered at which cost.
//!
//! A run is written once and never changed. With its snapshot and its release it can be done again and must give the same answer. From an
//! order, one query leads to every run that judged it.

pub mod routes;
pub mod table;
mod usage;

use serde::Serialize;

use crate::access::Actor;
use crate::kernel::id::{OrderId, RunId};
use crate::kernel::time::{Day, Instant};
use crate::kernel::{Ctx, db};

pub use usage::{HookUsage, Usage, usage};

/// A run, as lists show it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "HookRun")]
pub struct Card {
    /// Its id.
    pub id: RunId,
    /// The version of the order that was judged.
    pub order_version: i64,
    /// The hook: `documents.check`, `order-guard`.
    pub hook: String,
    /// The plugin.
    pub plugin: String,
    /// What answered: the component's digest, with the packs for the host's own plugins, with release and version for a firm's.
    pub release: serde_json::Value,
    /// SHA-256 of the snapshot.
    pub snapshot_sha256: String,
    /// The date whose rules were applied.
    pub as_of: Day,
    /// `done`, or why it was stopped.
    pub outcome: String,
    /// SHA-256 of the answer.
    pub answer_sha256: String,
    /// Fuel used.
    pub fuel: i64,
    /// The most memory that it held, bytes.
    pub memory_bytes: i64,
    /// How often it called the host.
    pub host_calls: i64,
    /// Wall time, microseconds.
    pub duration_us: i64,
    /// When.
    pub at: Instant,
}

impl From<table::Row> for Card {
    fn from(row: table::Row) -> Self {
        Self {
            id: row.id,
            order_version: row.order_version,
            hook: row.hook,
            plugin: row.plugin,
            release: serde_json::from_str(&row.release).unwrap_or_default(),
            snapshot_sha256: row.snapshot,
            as_of: row.as_of,
            outcome: row.outcome,
            answer_sha256: row.outcome_digest,
            fuel: row.fuel,
            memory_bytes: row.memory_bytes,
            host_calls: row.host_calls,
            duration_us: row.duration_us,
            at: row.created_at,
        }
    }
}

/// A page of the runs that judged an order, newest first. Ask for one more than is shown. An order that is not there has none.
///
/// # Errors
/// When the database fails.
pub async fn of_order(ctx: &Ctx, actor: &Actor, order: OrderId, after: Option<RunId>, rows: u64) -> Result<Vec<Card>, db::Error> {
    let scope = ctx.db.read(actor).await?;
    Ok(table::of_order(&scope, order, after, rows).await?.into_iter().map(Card::from).collect())
}
