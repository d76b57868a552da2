//! The tables of hook runs and of the snapshots that they judged.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::{OrderId, RunId, TenantId};
use crate::kernel::time::{Day, Instant};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Alias;
use sea_orm::{FromQueryResult, QueryOrder as _, QuerySelect as _};
use sha2::{Digest as _, Sha256};

mod run {
    use super::{Day, Instant, OrderId, RunId, TenantId};
    use sea_orm::entity::prelude::*;

    /// One call of one plugin: enough to do it again and get the same answer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hook_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        /// The order that it judged.
        pub order_id: OrderId,
        /// Which version of it.
        pub order_version: i64,
        /// `documents.check`.
        pub hook: String,
        /// The plugin's name.
        pub plugin: String,
        /// Digests of the plugin's component, its configuration and its packs.
        pub release: String,
        /// SHA-256 of the snapshot.
        pub snapshot: String,
        /// The date whose rules were applied.
        pub as_of: Day,
        /// How the call ended: `done`, or why it was stopped.
        pub outcome: String,
        /// SHA-256 of the answer.
        pub outcome_digest: String,
        /// The findings as JSON: rule, place, parameters; never a sentence.
        pub findings: String,
        /// Fuel used.
        pub fuel: i64,
        /// Peak of the guest's memory, in bytes.
        pub memory_bytes: i64,
        /// How many host calls.
        pub host_calls: i64,
        /// Wall time, in microseconds.
        pub duration_us: i64,
        /// When.
        pub created_at: Instant,
    }

    crate::tenant_table!();
}

mod snapshot {
    use super::{Instant, TenantId};
    use sea_orm::entity::prelude::*;

    /// What a plugin was shown. Personal: `body`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "snapshots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
        pub body: String,
        pub created_at: Instant,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Snapshot({})", self.sha256)
        }
    }

    crate::tenant_table!();
}

pub use run::Model as Row;

/// Keeps a snapshot under the SHA-256 of its text and answers that. The same text is kept once.
///
/// # Errors
/// When the database fails.
pub async fn keep_snapshot(tx: &Write, body: &str, now: Instant) -> Result<String, Error> {
    let sha256 = hex::encode(Sha256::digest(body.as_bytes()));
    let row = snapshot::Model { tenant: tx.tenant_id(), sha256: sha256.clone(), body: body.to_owned(), created_at: now };
    tx.insert_new::<snapshot::Entity>(row).await?;
    Ok(sha256)
}

/// The text of a snapshot.
///
/// # Errors
/// When the database fails.
pub async fn snapshot(scope: &Scope, sha256: &str) -> Result<Option<String>, Error> {
    let one = snapshot::Entity::find().filter(snapshot::Column::Sha256.eq(sha256));
    Ok(scope.one(one).await?.map(|row| row.body))
}

/// Inserts runs. Their snapshots come first.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &Write, rows: Vec<Row>) -> Result<(), Error> {
    tx.insert_all::<run::Entity>(rows).await
}

/// The runs for an order, newest first, after the run `after`.
///
/// # Errors
/// When the database fails.
pub async fn of_order(scope: &Scope, order: OrderId, after: Option<RunId>, rows: u64) -> Result<Vec<Row>, Error> {
    let mut of = run::Entity::find().filter(run::Column::OrderId.eq(order)).order_by_desc(run::Column::Id).limit(rows);
    if let Some(after) = after {
        of = of.filter(run::Column::Id.lt(after));
    }
    scope.all(of).await
}

/// The checks of orders, newest first, after the run `after`: each names the order, its version and the snapshot that was judged.
///
/// # Errors
/// When the database fails.
pub async fn checks(scope: &Scope, after: Option<RunId>, rows: u64) -> Result<Vec<Row>, Error> {
    let mut checks = run::Entity::find()
        .filter(run::Column::Hook.eq("documents.check"))
        .filter(run::Column::Plugin.eq("rulebook"))
        .order_by_desc(run::Column::Id)
        .limit(rows);
    if let Some(after) = after {
        checks = checks.filter(run::Column::Id.lt(after));
    }
    scope.all(checks).await
}

/// How the newest calls of a plugin through a hook ended, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn newest_of(scope: &Scope, plugin: &str, hook: &str, rows: u64) -> Result<Vec<Row>, Error> {
    let of = run::Entity::find()
        .filter(run::Column::Plugin.eq(plugin))
        .filter(run::Column::Hook.eq(hook))
        .order_by_desc(run::Column::Id)
        .limit(rows);
    scope.all(of).await
}

/// What calls of a plugin that ended alike came to.
#[derive(Debug, FromQueryResult)]
pub(super) struct Used {
    pub(super) hook: String,
    pub(super) outcome: String,
    pub(super) calls: i64,
    pub(super) fuel: i64,
    pub(super) fuel_most: i64,
    pub(super) memory_bytes_most: i64,
    pub(super) duration_us: i64,
    pub(super) duration_us_most: i64,
}

/// The most pairs of a hook and an outcome that are told; both lists are closed and far shorter.
const PAIRS_MAX: u64 = 200;

/// What the calls of a plugin since then came to, by hook and outcome. The index holds all that is read.
pub(super) async fn used(scope: &Scope, plugin: &str, since: Instant) -> Result<Vec<Used>, Error> {
    // PostgreSQL adds up 64-bit numbers as decimals.
    let sum = |column: run::Column| sea_orm::sea_query::ExprTrait::cast_as(column.sum(), Alias::new("BIGINT"));
    let of = run::Entity::find()
        .select_only()
        .column(run::Column::Hook)
        .column(run::Column::Outcome)
        .column_as(run::Column::Hook.count(), "calls")
        .column_as(sum(run::Column::Fuel), "fuel")
        .column_as(run::Column::Fuel.max(), "fuel_most")
        .column_as(run::Column::MemoryBytes.max(), "memory_bytes_most")
        .column_as(sum(run::Column::DurationUs), "duration_us")
        .column_as(run::Column::DurationUs.max(), "duration_us_most")
        .filter(run::Column::Plugin.eq(plugin))
        .filter(run::Column::CreatedAt.gte(since))
        .group_by(run::Column::Hook)
        .group_by(run::Column::Outcome)
        .limit(PAIRS_MAX);
    scope.all_into::<run::Entity, Used>(of).await
}

/// A run.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: RunId) -> Result<Option<Row>, Error> {
    scope.one(run::Entity::find().filter(run::Column::Id.eq(id))).await
}
