//! The table of calls of apps.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::RunId;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

mod run {
    use crate::kernel::id::{ReleaseId, RunId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// One call of an app.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        pub plugin: String,
        pub release: Option<ReleaseId>,
        pub component: String,
        /// `app.act` and so on.
        pub hook: String,
        /// Which action, kind of event, entry or task.
        pub name: String,
        /// What made it: a command, an event or a task. Unique where the call was committed.
        pub cause: String,
        /// The same as `cause` where the call was committed, else none.
        pub committed: Option<String>,
        /// The order or record that it was about.
        pub target: Option<String>,
        /// `done`, `refused`, or why it was stopped.
        pub outcome: String,
        pub fuel: i64,
        pub memory_bytes: i64,
        pub host_calls: i64,
        pub duration_us: i64,
        pub who: String,
        pub created_at: Instant,
    }

    crate::tenant_table!();
}

pub use run::Model as Row;

/// Writes a call down; says whether its cause was not committed before.
pub(super) async fn insert(tx: &Write, row: Row) -> Result<bool, Error> {
    tx.insert_new::<run::Entity>(row).await
}

/// Whether a cause was committed.
pub(super) async fn is_committed(scope: &Scope, plugin: &str, cause: &str) -> Result<bool, Error> {
    let found = run::Entity::find().filter(run::Column::Plugin.eq(plugin)).filter(run::Column::Committed.eq(cause));
    Ok(scope.one(found).await?.is_some())
}

/// The newest calls of an app, newest first.
pub(super) async fn newest(scope: &Scope, plugin: &str, after: Option<RunId>, rows: u64) -> Result<Vec<Row>, Error> {
    let mut page = run::Entity::find().filter(run::Column::Plugin.eq(plugin)).order_by_desc(run::Column::Id).limit(rows);
    if let Some(after) = after {
        page = page.filter(run::Column::Id.lt(after));
    }
    scope.all(page).await
}
