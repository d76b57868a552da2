//! The table of jobs. Workers look at it across tenants, so the system's door may see it.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::db::{Db, Error, Scope, Write};
use crate::kernel::id::{JobId, TenantId};
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::{Kind, State};

mod job {
    use super::super::{Kind, State};
    use crate::kernel::id::{JobId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A job. Personal: `payload` may be.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        pub plugin: String,
        pub kind: Kind,
        pub name: String,
        pub payload: String,
        /// What it comes from, unique for a plugin.
        pub cause: String,
        pub state: State,
        pub attempts: i64,
        pub due_at: Instant,
        /// Until when a worker holds it.
        pub busy_until: Instant,
        pub last_error: Option<String>,
        pub created_at: Instant,
        pub ended_at: Option<Instant>,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Job({}, {} {} of {})", self.id, self.kind, self.name, self.plugin)
        }
    }

    impl crate::kernel::db::Shared for Entity {}

    crate::tenant_table!();
}

pub use job::Model as Row;

#[expect(clippy::too_many_arguments, reason = "a row with all that it says")]
pub(super) fn row(
    tenant: TenantId,
    id: JobId,
    plugin: &str,
    kind: Kind,
    name: &str,
    payload: &str,
    cause: String,
    due_at: Instant,
    now: Instant,
) -> Row {
    Row {
        tenant,
        id,
        plugin: plugin.to_owned(),
        kind,
        name: name.to_owned(),
        payload: payload.to_owned(),
        cause,
        state: State::Waiting,
        attempts: 0,
        due_at,
        busy_until: now,
        last_error: None,
        created_at: now,
        ended_at: None,
    }
}

/// Puts jobs in line; one whose cause is there already is left out.
pub(super) async fn enqueue(tx: &Write, rows: Vec<Row>) -> Result<(), Error> {
    for row in rows {
        tx.insert_new::<job::Entity>(row).await?;
    }
    Ok(())
}

/// How many jobs of a kind wait for a plugin.
pub(super) async fn waiting(scope: &Scope, plugin: &str, kind: Kind) -> Result<u64, Error> {
    let waiting = job::Entity::find()
        .filter(job::Column::Plugin.eq(plugin))
        .filter(job::Column::Kind.eq(kind))
        .filter(job::Column::State.eq(State::Waiting));
    scope.count(waiting).await
}

/// The entries of a plugin's timetable that wait.
pub(super) async fn timetable(scope: &Scope, plugin: &str) -> Result<Vec<Row>, Error> {
    let waiting = job::Entity::find()
        .filter(job::Column::Plugin.eq(plugin))
        .filter(job::Column::Kind.eq(Kind::Schedule))
        .filter(job::Column::State.eq(State::Waiting))
        .limit(100);
    scope.all(waiting).await
}

/// Takes one job that is due and that nobody holds, of a tenant that is not among `but`; holds it until `until`.
pub(super) async fn take(db: &Db, now: Instant, until: Instant, but: Vec<TenantId>) -> Result<Option<Row>, Error> {
    let mut due = job::Entity::find()
        .filter(job::Column::State.eq(State::Waiting))
        .filter(job::Column::DueAt.lte(now))
        .filter(job::Column::BusyUntil.lte(now))
        .order_by_asc(job::Column::DueAt)
        .limit(1);
    if !but.is_empty() {
        due = due.filter(job::Column::Tenant.is_not_in(but));
    }
    db.system(move |system| {
        let due = due.clone();
        async move {
            let Some(row) = system.all_free(due).await?.pop() else { return Ok(None) };
            let take = job::Entity::update_many()
                .col_expr(job::Column::BusyUntil, Expr::value(until))
                .filter(job::Column::Tenant.eq(row.tenant))
                .filter(job::Column::Id.eq(row.id))
                .filter(job::Column::BusyUntil.eq(row.busy_until));
            Ok((system.update(take).await? == 1).then_some(row))
        }
    })
    .await
}

/// Writes down where a job stands.
pub(super) async fn note(tx: &Write, row: &Row) -> Result<(), Error> {
    let update = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(row.state))
        .col_expr(job::Column::Attempts, Expr::value(row.attempts))
        .col_expr(job::Column::DueAt, Expr::value(row.due_at))
        .col_expr(job::Column::BusyUntil, Expr::value(row.busy_until))
        .col_expr(job::Column::LastError, Expr::value(row.last_error.clone()))
        .col_expr(job::Column::EndedAt, Expr::value(row.ended_at))
        .filter(job::Column::Id.eq(row.id));
    tx.update(update).await.map(drop)
}

/// The newest jobs of a plugin, newest first.
pub(super) async fn newest(scope: &Scope, plugin: &str, after: Option<JobId>, rows: u64) -> Result<Vec<Row>, Error> {
    let mut page = job::Entity::find().filter(job::Column::Plugin.eq(plugin)).order_by_desc(job::Column::Id).limit(rows);
    if let Some(after) = after {
        page = page.filter(job::Column::Id.lt(after));
    }
    scope.all(page).await
}

/// Removes what was over before `before`.
pub(super) async fn sweep(db: &Db, before: Instant) -> Result<u64, Error> {
    db.system(
        move |system| async move { system.expire(job::Entity::delete_many().filter(job::Column::EndedAt.lt(before))).await },
    )
    .await
}
