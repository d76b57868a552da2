//! The table of notes.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::OrderId;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Note;

mod note {
    use crate::kernel::id::{NoteId, OrderId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A note. Personal: `body`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoteId,
        pub order_id: OrderId,
        pub who: String,
        /// What it says. Personal.
        pub body: String,
        pub created_at: Instant,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Note({} of {})", self.id, self.order_id)
        }
    }

    crate::tenant_table!();
}

pub(super) async fn insert(tx: &Write, note: &Note) -> Result<(), Error> {
    let Note { id, order, who, text, at } = note.clone();
    let row = note::Model { tenant: tx.tenant_id(), id, order_id: order, who, body: text, created_at: at };
    tx.insert::<note::Entity>(row).await
}

pub(super) async fn of(scope: &Scope, order: OrderId, rows: u64) -> Result<Vec<Note>, Error> {
    let newest = note::Entity::find().filter(note::Column::OrderId.eq(order)).order_by_desc(note::Column::Id).limit(rows);
    let note = |row: note::Model| Note { id: row.id, order: row.order_id, who: row.who, text: row.body, at: row.created_at };
    Ok(scope.all(newest).await?.into_iter().map(note).collect())
}
