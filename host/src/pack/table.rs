//! The table of installed packs. A version that was installed stays, because documents were made by it.

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::{PackId, TenantId};
use crate::kernel::time::Instant;
use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

crate::words! {
    /// Whether an installed pack takes part.
    pub enum State {
        /// It does; at most one version of a name.
        Active = "active",
        /// It did.
        Retired = "retired",
    }
}

/// A pack as it was installed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PackId,
    /// The pack's name: `ke`.
    pub name: String,
    /// The pack's own version.
    pub version: String,
    /// SHA-256 of its files.
    pub digest: String,
    /// The object that holds its files: SHA-256 of the archive.
    pub archive: String,
    /// Its manifest as JSON.
    pub manifest: String,
    /// Whether it takes part.
    pub state: State,
    /// Who installed it.
    pub installed_by: String,
    /// Since when.
    pub created_at: Instant,
    /// Out since.
    pub retired_at: Option<Instant>,
}

crate::tenant_table!();

/// Makes a pack the active one of its name; the one before it is retired.
///
/// # Errors
/// When the database fails.
pub async fn activate(tx: &Write, row: Model) -> Result<(), Error> {
    let older = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Retired))
        .col_expr(Column::RetiredAt, Expr::value(row.created_at))
        .filter(Column::Name.eq(row.name.as_str()))
        .filter(Column::State.eq(State::Active));
    tx.update(older).await?;
    tx.insert::<Entity>(row).await
}

/// The active packs, by name.
///
/// # Errors
/// When the database fails.
pub async fn active(scope: &Scope) -> Result<Vec<Model>, Error> {
    scope.all(Entity::find().filter(Column::State.eq(State::Active)).order_by_asc(Column::Name)).await
}

/// The active pack of a name.
///
/// # Errors
/// When the database fails.
pub async fn active_by_name(scope: &Scope, name: &str) -> Result<Option<Model>, Error> {
    scope.one(Entity::find().filter(Column::Name.eq(name)).filter(Column::State.eq(State::Active))).await
}

/// An installed pack, active or not.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: PackId) -> Result<Option<Model>, Error> {
    scope.one(Entity::find().filter(Column::Id.eq(id))).await
}
