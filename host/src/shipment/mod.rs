//! Shipments: what sails together under one booking.
//!
//! A shipment comes with its order and changes with it. Papers about the voyage have it as their subject. It never calls a plugin.

pub mod table;

use std::collections::BTreeMap;

use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::OrderId;

/// From where to where, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// UN/LOCODE of the port of loading.
    pub loading: String,
    /// UN/LOCODE of the port of discharge.
    pub discharge: String,
}

/// The ports of some orders' shipments.
///
/// # Errors
/// When the database fails.
pub async fn ports(ctx: &Ctx, actor: &Actor, orders: &[OrderId]) -> Result<BTreeMap<OrderId, Ports>, db::Error> {
    let rows = table::of_orders(&ctx.db.read(actor).await?, orders).await?;
    let ports = |row: table::Model| (row.order_id, Ports { loading: row.port_of_loading, discharge: row.port_of_discharge });
    Ok(rows.into_iter().map(ports).collect())
}
