//! The table of tenants. It is read before a tenant is known, so it stands open to the system's door.

use super::Card;
use crate::kernel::db::{Db, Error, Shared};
use crate::kernel::id::TenantId;
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

/// The most tenants that a list shows.
const LIST_MAX: u64 = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    pub handle: String,
    pub name: String,
    pub development: bool,
    pub created_at: Instant,
    pub archived_at: Option<Instant>,
}

crate::tenant_table!();

impl Shared for Entity {}

impl From<Model> for Card {
    fn from(row: Model) -> Self {
        Self { id: row.tenant, handle: row.handle, name: row.name, development: row.development, created_at: row.created_at }
    }
}

pub(super) async fn insert(db: &Db, card: &Card) -> Result<(), Error> {
    let row = Model {
        tenant: card.id,
        handle: card.handle.clone(),
        name: card.name.clone(),
        development: card.development,
        created_at: card.created_at,
        archived_at: None,
    };
    db.system(move |system| {
        let row = row.clone();
        async move { system.insert::<Entity>(row).await }
    })
    .await
}

pub(super) async fn by_handle(db: &Db, handle: &str) -> Result<Option<Card>, Error> {
    let live = Entity::find().filter(Column::Handle.eq(handle)).filter(Column::ArchivedAt.is_null());
    Ok(db.read_system().await?.one(live).await?.map(Card::from))
}

pub(super) async fn by_id(db: &Db, id: TenantId) -> Result<Option<Card>, Error> {
    let live = Entity::find().filter(Column::Tenant.eq(id)).filter(Column::ArchivedAt.is_null());
    Ok(db.read_system().await?.one(live).await?.map(Card::from))
}

pub(super) async fn all(db: &Db) -> Result<Vec<Card>, Error> {
    let live = Entity::find().filter(Column::ArchivedAt.is_null()).order_by_asc(Column::Handle).limit(LIST_MAX);
    Ok(db.read_system().await?.all(live).await?.into_iter().map(Card::from).collect())
}
