//! The tables of webhooks, of their secrets, and of what is sent to them.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use std::time::Duration;

use super::{Delivery, DeliveryState, Input, Webhook};
use crate::kernel::db::{self, Db, Error, Scope, Write};
use crate::kernel::id::{DeliveryId, TenantId, WebhookId};
use crate::kernel::time::Instant;
use crate::register::Kept;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

mod webhook {
    use crate::kernel::id::{TenantId, WebhookId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A webhook. Personal: `description` and `url` may name people.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhooks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookId,
        pub url: String,
        pub description: String,
        /// The kinds of events, as JSON; empty for all.
        pub kinds: String,
        pub enabled: bool,
        pub suspended_at: Option<Instant>,
        pub suspended_for: Option<String>,
        /// Attempts that failed since the last that did not.
        pub failures: i64,
        /// Nobody else sends to it before: it is being served, or rests.
        pub busy_until: Instant,
        pub version: i64,
        pub created_at: Instant,
        pub archived_at: Option<Instant>,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Webhook({})", self.id)
        }
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}

mod secret {
    use crate::kernel::id::{TenantId, WebhookId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A secret of a webhook, sealed. It must be readable again, because it signs.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_secrets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub webhook: WebhookId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        pub secret: String,
        pub created_at: Instant,
        pub expires_at: Option<Instant>,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Secret({}, {})", self.webhook, self.generation)
        }
    }

    crate::tenant_table!();
}

mod delivery {
    use super::DeliveryState;
    use crate::kernel::id::{DeliveryId, EventId, TenantId, WebhookId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// One event on its way to one webhook.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeliveryId,
        pub webhook: WebhookId,
        pub event: EventId,
        pub kind: String,
        /// What is sent, byte for byte.
        pub body: String,
        pub state: DeliveryState,
        pub attempts: i64,
        pub due_at: Instant,
        pub last_status: Option<i64>,
        pub last_error: Option<String>,
        pub created_at: Instant,
        pub ended_at: Option<Instant>,
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}

pub use delivery::Model as DeliveryRow;
pub use webhook::Model as Row;

fn webhook(row: Row) -> Result<Webhook, Error> {
    let input = Input { url: row.url, description: row.description, kinds: db::from_json(&row.kinds)?, enabled: row.enabled };
    Ok(Webhook {
        id: row.id,
        input,
        suspended_at: row.suspended_at,
        suspended_for: row.suspended_for,
        version: row.version,
        created_at: row.created_at,
    })
}

impl Kept for Webhook {
    type Id = WebhookId;

    async fn insert(&self, tx: &Write) -> Result<bool, Error> {
        let row = Row {
            tenant: tx.tenant_id(),
            id: self.id,
            url: self.input.url.clone(),
            description: self.input.description.clone(),
            kinds: db::to_json(&self.input.kinds)?,
            enabled: self.input.enabled,
            suspended_at: None,
            suspended_for: None,
            failures: 0,
            busy_until: self.created_at,
            version: self.version,
            created_at: self.created_at,
            archived_at: None,
        };
        tx.insert_new::<webhook::Entity>(row).await
    }

    /// A person has looked at it: a suspension ends with it.
    async fn advance(&self, tx: &Write, was: i64) -> Result<bool, Error> {
        let update = webhook::Entity::update_many()
            .col_expr(webhook::Column::Url, Expr::value(self.input.url.as_str()))
            .col_expr(webhook::Column::Description, Expr::value(self.input.description.as_str()))
            .col_expr(webhook::Column::Kinds, Expr::value(db::to_json(&self.input.kinds)?))
            .col_expr(webhook::Column::Enabled, Expr::value(self.input.enabled))
            .col_expr(webhook::Column::SuspendedAt, Expr::value(None::<Instant>))
            .col_expr(webhook::Column::SuspendedFor, Expr::value(None::<String>))
            .col_expr(webhook::Column::Failures, Expr::value(0_i64))
            .col_expr(webhook::Column::Version, Expr::value(self.version))
            .filter(webhook::Column::Id.eq(self.id))
            .filter(webhook::Column::ArchivedAt.is_null())
            .filter(webhook::Column::Version.eq(was));
        Ok(tx.update(update).await? == 1)
    }

    async fn by_id(scope: &Scope, id: WebhookId) -> Result<Option<Self>, Error> {
        let standing = webhook::Entity::find().filter(webhook::Column::Id.eq(id)).filter(webhook::Column::ArchivedAt.is_null());
        scope.one(standing).await?.map(webhook).transpose()
    }
}

/// The webhooks of a tenant, by age; at most `limit`.
pub(super) async fn all(scope: &Scope, limit: u64) -> Result<Vec<Webhook>, Error> {
    let standing =
        webhook::Entity::find().filter(webhook::Column::ArchivedAt.is_null()).order_by_asc(webhook::Column::Id).limit(limit);
    scope.all(standing).await?.into_iter().map(webhook).collect()
}

/// Ends a webhook; says whether it was there. What still waits for it is not sent any more.
pub(super) async fn archive(tx: &Write, id: WebhookId, now: Instant) -> Result<bool, Error> {
    let update = webhook::Entity::update_many()
        .col_expr(webhook::Column::ArchivedAt, Expr::value(now))
        .filter(webhook::Column::Id.eq(id))
        .filter(webhook::Column::ArchivedAt.is_null());
    let gone = tx.update(update).await? == 1;
    if gone {
        let rest = delivery::Entity::update_many()
            .col_expr(delivery::Column::State, Expr::value(DeliveryState::Failed))
            .col_expr(delivery::Column::EndedAt, Expr::value(now))
            .filter(delivery::Column::Webhook.eq(id))
            .filter(delivery::Column::State.eq(DeliveryState::Waiting));
        tx.update(rest).await?;
    }
    Ok(gone)
}

/// Adds a secret; those before it end at `older_until`.
pub(super) async fn add_secret(tx: &Write, id: WebhookId, sealed: &str, now: Instant, older_until: Instant) -> Result<(), Error> {
    let newest = secret::Entity::find().filter(secret::Column::Webhook.eq(id)).order_by_desc(secret::Column::Generation).limit(1);
    let generation = tx.one(newest).await?.map_or(1, |row| row.generation + 1);
    let older = secret::Entity::update_many()
        .col_expr(secret::Column::ExpiresAt, Expr::value(older_until))
        .filter(secret::Column::Webhook.eq(id))
        .filter(secret::Column::ExpiresAt.is_null());
    tx.update(older).await?;
    let row = secret::Model {
        tenant: tx.tenant_id(),
        webhook: id,
        generation,
        secret: sealed.to_owned(),
        created_at: now,
        expires_at: None,
    };
    tx.insert::<secret::Entity>(row).await
}

/// The secrets that count, sealed, newest first.
pub(super) async fn secrets(scope: &Scope, id: WebhookId, now: Instant) -> Result<Vec<String>, Error> {
    let live = Condition::any().add(secret::Column::ExpiresAt.is_null()).add(secret::Column::ExpiresAt.gt(now));
    let found = secret::Entity::find()
        .filter(secret::Column::Webhook.eq(id))
        .filter(live)
        .order_by_desc(secret::Column::Generation)
        .limit(10);
    Ok(scope.all(found).await?.into_iter().map(|row| row.secret).collect())
}

/// Puts deliveries in line.
pub(super) async fn enqueue(tx: &Write, rows: Vec<DeliveryRow>) -> Result<(), Error> {
    tx.insert_all::<delivery::Entity>(rows).await
}

/// A page of what was and will be sent to a webhook, newest first.
pub(super) async fn deliveries(
    scope: &Scope,
    id: WebhookId,
    after: Option<DeliveryId>,
    rows: u64,
) -> Result<Vec<Delivery>, Error> {
    let mut page =
        delivery::Entity::find().filter(delivery::Column::Webhook.eq(id)).order_by_desc(delivery::Column::Id).limit(rows);
    if let Some(after) = after {
        page = page.filter(delivery::Column::Id.lt(after));
    }
    Ok(scope.all(page).await?.into_iter().map(Delivery::from).collect())
}

/// A delivery.
pub(super) async fn delivery(scope: &Scope, id: DeliveryId) -> Result<Option<DeliveryRow>, Error> {
    scope.one(delivery::Entity::find().filter(delivery::Column::Id.eq(id))).await
}

/// A webhook that a courier serves.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) tenant: TenantId,
    pub(super) webhook: WebhookId,
    /// The version of the webhook whose address this is.
    pub(super) version: i64,
    pub(super) url: String,
    pub(super) failures: u32,
}

/// Takes the webhook that has waited longest of those with something due, until `until`: nobody else gets it before that. The tenants of
/// `but` are passed over.
pub(super) async fn take_lane(db: &Db, now: Instant, until: Instant, but: Vec<TenantId>) -> Result<Option<Lane>, Error> {
    let of_webhook = |column: webhook::Column| (webhook::Entity, column);
    let due = Query::select()
        .expr(Expr::value(1))
        .from(delivery::Entity)
        .and_where(Expr::col((delivery::Entity, delivery::Column::Tenant)).equals(of_webhook(webhook::Column::Tenant)))
        .and_where(Expr::col((delivery::Entity, delivery::Column::Webhook)).equals(of_webhook(webhook::Column::Id)))
        .and_where(Expr::col((delivery::Entity, delivery::Column::State)).eq(DeliveryState::Waiting))
        .and_where(Expr::col((delivery::Entity, delivery::Column::DueAt)).lte(now))
        .to_owned();
    let mut ready = webhook::Entity::find()
        .filter(webhook::Column::Enabled.eq(true))
        .filter(webhook::Column::SuspendedAt.is_null())
        .filter(webhook::Column::ArchivedAt.is_null())
        .filter(webhook::Column::BusyUntil.lte(now))
        .filter(Expr::exists(due))
        .order_by_asc(webhook::Column::BusyUntil)
        .limit(1);
    if !but.is_empty() {
        ready = ready.filter(webhook::Column::Tenant.is_not_in(but));
    }
    db.system(move |system| {
        let ready = ready.clone();
        async move {
            let Some(row) = system.all_free(ready).await?.pop() else { return Ok(None) };
            let take = webhook::Entity::update_many()
                .col_expr(webhook::Column::BusyUntil, Expr::value(until))
                .filter(webhook::Column::Tenant.eq(row.tenant))
                .filter(webhook::Column::Id.eq(row.id))
                .filter(webhook::Column::BusyUntil.eq(row.busy_until));
            let taken = system.update(take).await? == 1;
            let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
            Ok(taken.then_some(Lane { tenant: row.tenant, webhook: row.id, version: row.version, url: row.url, failures }))
        }
    })
    .await
}

/// What is due to a webhook, oldest first, with the secrets to sign it.
pub(super) async fn due(scope: &Scope, id: WebhookId, now: Instant, rows: u64) -> Result<(Vec<String>, Vec<DeliveryRow>), Error> {
    let waiting = delivery::Entity::find()
        .filter(delivery::Column::Webhook.eq(id))
        .filter(delivery::Column::State.eq(DeliveryState::Waiting))
        .filter(delivery::Column::DueAt.lte(now))
        .order_by_asc(delivery::Column::DueAt)
        .order_by_asc(delivery::Column::Id)
        .limit(rows);
    Ok((secrets(scope, id, now).await?, scope.all(waiting).await?))
}

/// Whether a lane still leads where it led when it was taken: nobody has replaced, stopped or ended its webhook.
pub(super) async fn stands(scope: &Scope, lane: &Lane) -> Result<bool, Error> {
    let same = webhook::Entity::find()
        .filter(webhook::Column::Id.eq(lane.webhook))
        .filter(webhook::Column::Version.eq(lane.version))
        .filter(webhook::Column::Enabled.eq(true))
        .filter(webhook::Column::ArchivedAt.is_null());
    Ok(scope.one(same).await?.is_some())
}

/// Notes what an attempt came to, unless the delivery ended meanwhile with its webhook.
pub(super) async fn note(tx: &Write, row: &DeliveryRow) -> Result<(), Error> {
    let update = delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(row.state))
        .col_expr(delivery::Column::Attempts, Expr::value(row.attempts))
        .col_expr(delivery::Column::DueAt, Expr::value(row.due_at))
        .col_expr(delivery::Column::LastStatus, Expr::value(row.last_status))
        .col_expr(delivery::Column::LastError, Expr::value(row.last_error.clone()))
        .col_expr(delivery::Column::EndedAt, Expr::value(row.ended_at))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::State.eq(DeliveryState::Waiting));
    tx.update(update).await.map(drop)
}

/// Stops everything to a webhook until a person replaces it; says whether it was not stopped or replaced yet.
pub(super) async fn suspend(tx: &Write, id: WebhookId, version: i64, why: &str, now: Instant) -> Result<bool, Error> {
    let update = webhook::Entity::update_many()
        .col_expr(webhook::Column::SuspendedAt, Expr::value(now))
        .col_expr(webhook::Column::SuspendedFor, Expr::value(why))
        .filter(webhook::Column::Id.eq(id))
        .filter(webhook::Column::Version.eq(version))
        .filter(webhook::Column::SuspendedAt.is_null());
    Ok(tx.update(update).await? == 1)
}

/// Gives a webhook back, to be served again from `from` on. One that was replaced meanwhile begins anew, and at once.
pub(super) async fn release(
    tx: &Write,
    id: WebhookId,
    version: i64,
    failures: u32,
    from: Instant,
    now: Instant,
) -> Result<(), Error> {
    let of = |from: Instant| {
        webhook::Entity::update_many().col_expr(webhook::Column::BusyUntil, Expr::value(from)).filter(webhook::Column::Id.eq(id))
    };
    let same = of(from)
        .col_expr(webhook::Column::Failures, Expr::value(i64::from(failures)))
        .filter(webhook::Column::Version.eq(version));
    if tx.update(same).await? == 0 {
        tx.update(of(now)).await?;
    }
    Ok(())
}

/// Removes what ended longer ago than `kept`.
pub(super) async fn sweep(db: &Db, now: Instant, kept: Duration) -> Result<u64, Error> {
    let old = move || delivery::Entity::delete_many().filter(delivery::Column::EndedAt.lt(now.before(kept)));
    db.system(move |system| async move { system.expire(old()).await }).await
}
