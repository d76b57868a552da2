//! The table of shipments. Exactly one an order for now.

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::{OrderId, ShipmentId, TenantId};
use crate::kernel::time::{Day, Instant};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

/// What sails together under one booking.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShipmentId,
    /// Its order.
    pub order_id: OrderId,
    /// UN/LOCODE.
    pub port_of_loading: String,
    /// UN/LOCODE.
    pub port_of_discharge: String,
    /// `roro` or `container`, as the order file says.
    pub mode: String,
    /// The ship.
    pub vessel: Option<String>,
    /// Its voyage.
    pub voyage: Option<String>,
    /// Expected departure, a civil date at the port of loading.
    pub etd: Option<Day>,
    /// Expected arrival, a civil date at the port of discharge.
    pub eta: Option<Day>,
    /// From 1, raised by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Called off since.
    pub archived_at: Option<Instant>,
}

crate::tenant_table!();

/// Inserts a shipment.
///
/// # Errors
/// [`Error::Taken`] when the order has one.
pub async fn insert(tx: &Write, row: Model) -> Result<(), Error> {
    tx.insert::<Entity>(row).await
}

/// The shipment of an order.
///
/// # Errors
/// When the database fails.
pub async fn of_order(scope: &Scope, order: OrderId) -> Result<Option<Model>, Error> {
    scope.one(Entity::find().filter(Column::OrderId.eq(order))).await
}

/// The shipments of some orders.
///
/// # Errors
/// When the database fails.
pub async fn of_orders(scope: &Scope, orders: &[OrderId]) -> Result<Vec<Model>, Error> {
    scope.all(Entity::find().filter(Column::OrderId.is_in(orders.iter().copied()))).await
}

/// A shipment.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: ShipmentId) -> Result<Option<Model>, Error> {
    scope.one(Entity::find().filter(Column::Id.eq(id))).await
}

/// Stores a changed shipment if its version still is `row.version`; says whether it did.
///
/// # Errors
/// When the database fails.
pub async fn advance(tx: &Write, row: Model) -> Result<bool, Error> {
    let update = Entity::update_many()
        .col_expr(Column::PortOfLoading, Expr::value(row.port_of_loading))
        .col_expr(Column::PortOfDischarge, Expr::value(row.port_of_discharge))
        .col_expr(Column::Mode, Expr::value(row.mode))
        .col_expr(Column::Vessel, Expr::value(row.vessel))
        .col_expr(Column::Voyage, Expr::value(row.voyage))
        .col_expr(Column::Etd, Expr::value(row.etd))
        .col_expr(Column::Eta, Expr::value(row.eta))
        .col_expr(Column::Version, Expr::value(row.version + 1))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version));
    Ok(tx.update(update).await? == 1)
}
