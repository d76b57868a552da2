//! The tables of events and of what subscribers have taken.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use super::Event;
use crate::kernel::db::{Db, Error, Scope, Write};
use crate::kernel::id::EventId;
use crate::kernel::queue::Message;
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{QueryOrder as _, QuerySelect as _};

mod event {
    use crate::kernel::id::{EventId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// An event. `due_at` is when it may be tried (again): in the future while a relay holds it or after a failure.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EventId,
        pub line: String,
        pub kind: String,
        pub payload: String,
        pub created_at: Instant,
        pub attempts: i64,
        pub due_at: Instant,
        pub delivered_at: Option<Instant>,
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}

mod delivery {
    use crate::kernel::id::{EventId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// An event that a subscriber has acted on.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subscriber: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event: EventId,
        pub kind: String,
        pub at: Instant,
    }

    crate::tenant_table!();
}

pub use delivery::Model as DeliveryRow;

/// An event that a relay holds.
pub(super) struct Held {
    pub(super) message: Message,
    pub(super) attempts: i64,
}

pub(super) async fn insert(tx: &Write, id: EventId, now: Instant, event: Event) -> Result<EventId, Error> {
    let row = event::Model {
        tenant: tx.tenant_id(),
        id,
        line: event.line,
        kind: event.kind.to_owned(),
        payload: event.payload.to_string(),
        created_at: now,
        attempts: 0,
        due_at: now,
        delivered_at: None,
    };
    tx.insert::<event::Entity>(row).await?;
    Ok(id)
}

/// Takes hold of the first waiting event of each line that is due, until `until`. Nobody else gets them before that.
pub(super) async fn hold(db: &Db, now: Instant, until: Instant, limit: u64) -> Result<Vec<Held>, Error> {
    let earlier = Alias::new("earlier");
    let in_line = |column: event::Column| Expr::col((earlier.clone(), column));
    let before = Query::select()
        .expr(Expr::value(1))
        .from_as(event::Entity, earlier.clone())
        .and_where(in_line(event::Column::Tenant).equals((event::Entity, event::Column::Tenant)))
        .and_where(in_line(event::Column::Line).equals((event::Entity, event::Column::Line)))
        .and_where(in_line(event::Column::DeliveredAt).is_null())
        .and_where(in_line(event::Column::Id).lt(Expr::col((event::Entity, event::Column::Id))))
        .to_owned();
    let heads = event::Entity::find()
        .filter(event::Column::DeliveredAt.is_null())
        .filter(event::Column::DueAt.lte(now))
        .filter(Expr::exists(before).not())
        .order_by_asc(event::Column::DueAt)
        .order_by_asc(event::Column::Id)
        .limit(limit);
    db.system(move |system| {
        let heads = heads.clone();
        async move {
            let mut held = Vec::new();
            for row in system.all_free(heads).await? {
                let take = event::Entity::update_many()
                    .col_expr(event::Column::DueAt, Expr::value(until))
                    .col_expr(event::Column::Attempts, Expr::value(row.attempts + 1))
                    .filter(event::Column::Tenant.eq(row.tenant))
                    .filter(event::Column::Id.eq(row.id))
                    .filter(event::Column::Attempts.eq(row.attempts))
                    .filter(event::Column::DeliveredAt.is_null());
                if system.update(take).await? == 1 {
                    let message =
                        Message { id: row.id, tenant: row.tenant, line: row.line, kind: row.kind, payload: row.payload };
                    held.push(Held { message, attempts: row.attempts + 1 });
                }
            }
            Ok(held)
        }
    })
    .await
}

/// Notes what became of held events: delivered now, or to be tried again at a time.
pub(super) async fn settle(db: &Db, now: Instant, outcomes: Vec<(Message, Option<Instant>)>) -> Result<(), Error> {
    db.system(move |system| {
        let outcomes = outcomes.clone();
        async move {
            for (message, again) in outcomes {
                let update = event::Entity::update_many()
                    .filter(event::Column::Tenant.eq(message.tenant))
                    .filter(event::Column::Id.eq(message.id));
                let update = match again {
                    None => update.col_expr(event::Column::DeliveredAt, Expr::value(now)),
                    Some(at) => update.col_expr(event::Column::DueAt, Expr::value(at)),
                };
                system.update(update).await?;
            }
            Ok(())
        }
    })
    .await
}

pub(super) async fn waiting(db: &Db) -> Result<u64, Error> {
    // Up to a thousand: enough to tell "none" from "some" and "many".
    let some = event::Entity::find().filter(event::Column::DeliveredAt.is_null()).limit(1_000);
    Ok(u64::try_from(db.read_system().await?.all(some).await?.len()).unwrap_or(u64::MAX))
}

/// Removes events that were delivered before `before`.
pub(super) async fn sweep(db: &Db, before: Instant) -> Result<u64, Error> {
    let old = move || event::Entity::delete_many().filter(event::Column::DeliveredAt.lt(before));
    db.system(move |system| async move { system.expire(old()).await }).await
}

pub(super) async fn first_delivery(
    tx: &Write,
    subscriber: &str,
    event: EventId,
    kind: String,
    at: Instant,
) -> Result<bool, Error> {
    let row = delivery::Model { tenant: tx.tenant_id(), subscriber: subscriber.to_owned(), event, kind, at };
    tx.insert_new::<delivery::Entity>(row).await
}

pub(super) async fn deliveries(scope: &Scope, subscriber: &str, limit: u64) -> Result<Vec<DeliveryRow>, Error> {
    let taken = delivery::Entity::find()
        .filter(delivery::Column::Subscriber.eq(subscriber))
        .order_by_asc(delivery::Column::Event)
        .limit(limit);
    scope.all(taken).await
}
