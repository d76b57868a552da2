//! Vehicles: the physical cars of orders.
//!
//! A vehicle comes with its order, reaches milestones, and is archived when a later version of the order no longer has it. Its identity is
//! a VIN, a frame number or another one; a wrong check digit is a pack's finding, never a refusal here.

pub mod routes;
pub mod table;

use serde::Serialize;

use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::{OrderId, VehicleId};

/// What can go wrong with vehicles.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too little to search for.
    #[error("write at least 4 letters or digits of the VIN or frame number: its last 6 to 8 are enough")]
    TooShort,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A vehicle, as searches show it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "VehicleCard")]
pub struct Card {
    /// Its id.
    pub id: VehicleId,
    /// Its order.
    pub order: OrderId,
    /// Its place in the order's file, from 0.
    pub position: i64,
    /// VIN, frame number or another.
    pub identity_kind: table::IdentityKind,
    /// As printed.
    pub identity: String,
    /// Who built it.
    pub make: String,
    /// Which model.
    pub model: String,
}

/// Vehicles whose VIN or frame number is, or ends with, `q`; newest first.
///
/// # Errors
/// [`Error::TooShort`], [`Error::Db`].
pub async fn search(ctx: &Ctx, actor: &Actor, q: &str, rows: u64) -> Result<Vec<Card>, Error> {
    if table::normal(q).len() < 4 {
        return Err(Error::TooShort);
    }
    let card = |row: table::Model| Card {
        id: row.id,
        order: row.order_id,
        position: row.position,
        identity_kind: row.identity_kind,
        identity: row.identity,
        make: row.make,
        model: row.model,
    };
    Ok(table::search(&ctx.db.read(actor).await?, q, rows).await?.into_iter().map(card).collect())
}
