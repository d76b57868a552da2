//! The tables of plugins: the keys that a tenant trusts, packages, releases, and what became of them. Releases are never changed, and of a
//! package only who vouches for it.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use super::state::State;
use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::ReleaseId;
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

/// The most plugins of a tenant.
pub(super) const PLUGINS_MAX: u64 = 100;
/// The most keys that a tenant trusts.
pub(super) const KEYS_MAX: u64 = 100;
/// The most rows of a history that are shown.
const TURNS_MAX: u64 = 200;

mod key {
    use crate::kernel::id::TenantId;
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A key whose signatures count for a tenant.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub name: String,
        pub public_key: String,
        pub added_by: String,
        pub created_at: Instant,
        pub revoked_at: Option<Instant>,
    }

    crate::tenant_table!();
}

mod plugin {
    use super::State;
    use crate::kernel::id::{ReleaseId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A plugin of a tenant.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        /// The plugin's id, as its manifest gives it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub state: State,
        /// The release that takes part, or would when it is resumed.
        pub active: Option<ReleaseId>,
        /// From 1, raised by each change.
        pub version: i64,
        pub created_at: Instant,
        pub changed_at: Instant,
    }

    crate::tenant_table!();
}

mod package {
    use crate::kernel::id::TenantId;
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A package that a tenant holds.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_packages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        /// SHA-256 of the OCI manifest.
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        pub plugin: String,
        pub version: String,
        /// SHA-256 of the component.
        pub component: String,
        /// The object that holds the whole archive.
        pub archive: String,
        pub archive_bytes: i64,
        /// SHA-256 of plugin.toml.
        pub manifest_digest: String,
        /// The manifest as JSON.
        pub manifest: String,
        /// The sentences by language as JSON.
        pub locales: String,
        /// The signatures that came with it, each an envelope in base64, as a JSON list.
        pub envelopes: String,
        /// Who vouched for it when it came; none for an unsigned one.
        pub signer: Option<String>,
        pub signer_key: Option<String>,
        pub not_after: Option<Instant>,
        pub imported_by: String,
        pub created_at: Instant,
    }

    crate::tenant_table!();
}

mod release {
    use crate::kernel::id::{ReleaseId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A release: a package with settings and grants.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_releases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReleaseId,
        pub plugin: String,
        /// From 1, for people.
        pub number: i64,
        /// The package's digest.
        pub package: String,
        /// Settings by key as JSON, without the secrets.
        pub settings: String,
        /// Secrets by key as JSON, each sealed.
        pub secrets: String,
        /// The grants as JSON.
        pub grants: String,
        /// Whether its sandboxes may wait for the next call.
        pub warm: bool,
        pub made_by: String,
        pub created_at: Instant,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Release({}, {} {})", self.id, self.plugin, self.number)
        }
    }

    crate::tenant_table!();
}

mod turn {
    use super::super::state::Event;
    use crate::kernel::id::{CommandId, ReleaseId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// Something that happened to a plugin. Rows are only ever added.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_turns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        /// The command that did it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CommandId,
        pub plugin: String,
        pub event: Event,
        pub release: Option<ReleaseId>,
        pub who: String,
        pub reason: Option<String>,
        pub at: Instant,
    }

    crate::tenant_table!();
}

pub use key::Model as KeyRow;
pub use package::Model as PackageRow;
pub use plugin::Model as Row;
pub use release::Model as ReleaseRow;
pub use turn::Model as TurnRow;

/// The keys that count, by age.
pub(super) async fn keys(scope: &Scope) -> Result<Vec<KeyRow>, Error> {
    let live = key::Entity::find().filter(key::Column::RevokedAt.is_null()).order_by_asc(key::Column::CreatedAt).limit(KEYS_MAX);
    scope.all(live).await
}

/// Adds a key. One that was revoked counts again; says whether it did not count before.
pub(super) async fn add_key(tx: &Write, row: KeyRow) -> Result<bool, Error> {
    let again = key::Entity::update_many()
        .col_expr(key::Column::RevokedAt, Expr::value(None::<Instant>))
        .col_expr(key::Column::Name, Expr::value(row.name.as_str()))
        .filter(key::Column::Id.eq(row.id.as_str()))
        .filter(key::Column::RevokedAt.is_not_null());
    if tx.update(again).await? == 1 {
        return Ok(true);
    }
    tx.insert_new::<key::Entity>(row).await
}

/// Ends a key; says whether it counted.
pub(super) async fn revoke_key(tx: &Write, id: &str, now: Instant) -> Result<bool, Error> {
    let update = key::Entity::update_many()
        .col_expr(key::Column::RevokedAt, Expr::value(now))
        .filter(key::Column::Id.eq(id))
        .filter(key::Column::RevokedAt.is_null());
    Ok(tx.update(update).await? == 1)
}

/// A key, whether it counts or not.
pub(super) async fn key(scope: &Scope, id: &str) -> Result<Option<KeyRow>, Error> {
    scope.one(key::Entity::find().filter(key::Column::Id.eq(id))).await
}

/// The plugins of a tenant by name, the uninstalled ones left out.
pub(super) async fn plugins(scope: &Scope) -> Result<Vec<Row>, Error> {
    let there = plugin::Entity::find()
        .filter(plugin::Column::State.ne(State::Uninstalled))
        .order_by_asc(plugin::Column::Name)
        .limit(PLUGINS_MAX);
    scope.all(there).await
}

/// The plugins that take part, by name; those in quarantine take part as failing.
pub(super) async fn active(scope: &Scope) -> Result<Vec<Row>, Error> {
    let active = plugin::Entity::find()
        .filter(plugin::Column::State.is_in([State::Active, State::Quarantined]))
        .order_by_asc(plugin::Column::Name)
        .limit(PLUGINS_MAX);
    scope.all(active).await
}

/// A plugin, also one that is uninstalled.
pub(super) async fn plugin(scope: &Scope, name: &str) -> Result<Option<Row>, Error> {
    scope.one(plugin::Entity::find().filter(plugin::Column::Name.eq(name))).await
}

/// The same, held: nobody else changes it before this write ends.
pub(super) async fn hold(tx: &Write, name: &str) -> Result<Option<Row>, Error> {
    tx.locked(plugin::Entity::find().filter(plugin::Column::Name.eq(name))).await
}

/// Adds a plugin that was never there; says whether it was not.
pub(super) async fn insert(tx: &Write, row: Row) -> Result<bool, Error> {
    tx.insert_new::<plugin::Entity>(row).await
}

/// Stores a plugin's state and active release if its version still is `was`; says whether it did.
pub(super) async fn advance(
    tx: &Write,
    name: &str,
    was: i64,
    state: State,
    active: Option<ReleaseId>,
    now: Instant,
) -> Result<bool, Error> {
    let update = plugin::Entity::update_many()
        .col_expr(plugin::Column::State, Expr::value(state))
        .col_expr(plugin::Column::Active, Expr::value(active))
        .col_expr(plugin::Column::Version, Expr::value(was + 1))
        .col_expr(plugin::Column::ChangedAt, Expr::value(now))
        .filter(plugin::Column::Name.eq(name))
        .filter(plugin::Column::Version.eq(was));
    Ok(tx.update(update).await? == 1)
}

/// Keeps a package; says whether it was not there.
pub(super) async fn keep_package(tx: &Write, row: PackageRow) -> Result<bool, Error> {
    tx.insert_new::<package::Entity>(row).await
}

/// Adds what vouches for a package that is there: its signatures, and who stands for it now.
pub(super) async fn vouch(tx: &Write, row: &PackageRow) -> Result<(), Error> {
    let update = package::Entity::update_many()
        .col_expr(package::Column::Envelopes, Expr::value(row.envelopes.as_str()))
        .col_expr(package::Column::Signer, Expr::value(row.signer.clone()))
        .col_expr(package::Column::SignerKey, Expr::value(row.signer_key.clone()))
        .col_expr(package::Column::NotAfter, Expr::value(row.not_after))
        .filter(package::Column::Digest.eq(row.digest.as_str()));
    tx.update(update).await.map(drop)
}

/// The packages of a plugin, newest first.
pub(super) async fn packages(scope: &Scope, plugin: &str) -> Result<Vec<PackageRow>, Error> {
    let of = package::Entity::find()
        .filter(package::Column::Plugin.eq(plugin))
        .order_by_desc(package::Column::CreatedAt)
        .limit(PLUGINS_MAX);
    scope.all(of).await
}

/// A package.
pub(super) async fn package(scope: &Scope, digest: &str) -> Result<Option<PackageRow>, Error> {
    scope.one(package::Entity::find().filter(package::Column::Digest.eq(digest))).await
}

/// The packages of these digests.
pub(super) async fn packages_of(scope: &Scope, digests: &[String]) -> Result<Vec<PackageRow>, Error> {
    scope.all(package::Entity::find().filter(package::Column::Digest.is_in(digests)).limit(PLUGINS_MAX)).await
}

/// Adds a release with the next number of its plugin, which the caller holds; answers the number.
pub(super) async fn add_release(tx: &Write, mut row: ReleaseRow) -> Result<ReleaseRow, Error> {
    let newest = release::Entity::find()
        .filter(release::Column::Plugin.eq(row.plugin.as_str()))
        .order_by_desc(release::Column::Number)
        .limit(1);
    row.number = tx.one(newest).await?.map_or(1, |newest| newest.number + 1);
    tx.insert::<release::Entity>(row.clone()).await?;
    Ok(row)
}

/// The releases of a plugin, newest first.
pub(super) async fn releases(scope: &Scope, plugin: &str) -> Result<Vec<ReleaseRow>, Error> {
    let of = release::Entity::find()
        .filter(release::Column::Plugin.eq(plugin))
        .order_by_desc(release::Column::Number)
        .limit(TURNS_MAX);
    scope.all(of).await
}

/// A release.
pub(super) async fn release(scope: &Scope, id: ReleaseId) -> Result<Option<ReleaseRow>, Error> {
    scope.one(release::Entity::find().filter(release::Column::Id.eq(id))).await
}

/// The releases of these ids.
pub(super) async fn releases_of(scope: &Scope, ids: &[ReleaseId]) -> Result<Vec<ReleaseRow>, Error> {
    let ids = ids.iter().copied();
    scope.all(release::Entity::find().filter(release::Column::Id.is_in(ids)).limit(PLUGINS_MAX)).await
}

/// Writes down what happened.
pub(super) async fn note(tx: &Write, row: TurnRow) -> Result<(), Error> {
    tx.insert::<turn::Entity>(row).await
}

/// What happened to a plugin, newest first.
pub(super) async fn turns(scope: &Scope, plugin: &str) -> Result<Vec<TurnRow>, Error> {
    let of = turn::Entity::find().filter(turn::Column::Plugin.eq(plugin)).order_by_desc(turn::Column::Id).limit(TURNS_MAX);
    scope.all(of).await
}
