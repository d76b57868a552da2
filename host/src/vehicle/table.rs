//! The table of vehicles. Found by VIN, frame number, or by their last characters, through a column that holds the identity backwards.

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::{OrderId, TenantId, VehicleId};
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

/// The most vehicles that a search answers.
pub const FOUND_MAX: u64 = 100;

crate::words! {
    /// How a vehicle is identified.
    pub enum IdentityKind {
        /// ISO 3779.
        Vin = "vin",
        /// A Japanese frame number.
        Frame = "frame",
        /// Anything else.
        Other = "other",
    }
}

/// A vehicle of an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VehicleId,
    /// Its order.
    pub order_id: OrderId,
    /// Its place in the order's file, from 0.
    pub position: i64,
    /// What `identity` is.
    pub identity_kind: IdentityKind,
    /// VIN or frame number, as printed.
    pub identity: String,
    /// [`normal`] of the identity.
    pub identity_normal: String,
    /// [`normal`] backwards, so that an index finds the last characters.
    pub identity_reversed: String,
    /// Who built it.
    pub make: String,
    /// Which model.
    pub model: String,
    /// The newest milestone that it has reached.
    pub milestone: Option<String>,
    /// From 1, raised by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Off the order since.
    pub archived_at: Option<Instant>,
}

crate::tenant_table!();

/// An identity as it is compared: capital letters and digits only, so that `NZE141-1234567` is found however it is typed.
#[must_use]
pub fn normal(identity: &str) -> String {
    identity.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// [`normal`] backwards.
#[must_use]
pub fn reversed(identity: &str) -> String {
    normal(identity).chars().rev().collect()
}

/// Inserts the vehicles of an order.
///
/// # Errors
/// [`Error::Taken`] when two of them have the same identity.
pub async fn insert(tx: &Write, rows: Vec<Model>) -> Result<(), Error> {
    tx.insert_all::<Entity>(rows).await
}

/// The vehicles of an order, in the order of its file.
///
/// # Errors
/// When the database fails.
pub async fn of_order(scope: &Scope, order: OrderId) -> Result<Vec<Model>, Error> {
    let live = Entity::find().filter(Column::OrderId.eq(order)).filter(Column::ArchivedAt.is_null());
    scope.all(live.order_by_asc(Column::Position)).await
}

/// A vehicle.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: VehicleId) -> Result<Option<Model>, Error> {
    scope.one(Entity::find().filter(Column::Id.eq(id))).await
}

/// Puts a vehicle that stays on its order to its place in a new version of the file.
///
/// # Errors
/// When the database fails.
pub async fn keep(tx: &Write, row: &Model) -> Result<(), Error> {
    let update = Entity::update_many()
        .col_expr(Column::Position, Expr::value(row.position))
        .col_expr(Column::IdentityKind, Expr::value(row.identity_kind))
        .col_expr(Column::Identity, Expr::value(row.identity.clone()))
        .col_expr(Column::Make, Expr::value(row.make.clone()))
        .col_expr(Column::Model, Expr::value(row.model.clone()))
        .col_expr(Column::Version, Expr::value(row.version + 1))
        .filter(Column::Id.eq(row.id));
    tx.update(update).await.map(|_| ())
}

/// Takes vehicles off their order.
///
/// # Errors
/// When the database fails.
pub async fn archive(tx: &Write, ids: &[VehicleId], at: Instant) -> Result<(), Error> {
    let update =
        Entity::update_many().col_expr(Column::ArchivedAt, Expr::value(at)).filter(Column::Id.is_in(ids.iter().copied()));
    tx.update(update).await.map(|_| ())
}

/// Vehicles whose identity is, or ends with, what somebody typed; newest first. Fewer than four characters find nothing, because they
/// would find everything.
///
/// # Errors
/// When the database fails.
pub async fn search(scope: &Scope, typed: &str, rows: u64) -> Result<Vec<Model>, Error> {
    let tail = reversed(typed);
    if tail.len() < 4 {
        return Ok(Vec::new());
    }
    // A range, not LIKE: an index serves it on both engines whatever the collation says about case. The letters are ASCII capitals.
    let end = format!("{tail}~");
    let found = Entity::find()
        .filter(Column::IdentityReversed.gte(tail))
        .filter(Column::IdentityReversed.lt(end))
        .filter(Column::ArchivedAt.is_null())
        .order_by_desc(Column::Id)
        .limit(rows.min(FOUND_MAX));
    scope.all(found).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_compared_without_hyphens_and_case() {
        assert_eq!(normal("nze141-1234567"), "NZE1411234567");
        assert_eq!(reversed("JT-12 x"), "X21TJ");
    }
}
