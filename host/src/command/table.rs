//! The tables of the command log and of stored answers.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use super::{Answer, Entry, Error, Request};
use crate::kernel::db::{self, Db, Scope, Write};
use crate::kernel::id::CommandId;
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

mod log {
    use crate::kernel::id::{CommandId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// One command. Rows are only ever added.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "commands")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CommandId,
        pub actor: String,
        pub door: String,
        pub verb: String,
        pub idempotency_key: Option<String>,
        pub subject: Option<String>,
        pub before_json: Option<String>,
        pub after_json: Option<String>,
        pub result: String,
        pub at: Instant,
    }

    crate::tenant_table!();
}

mod answer {
    use crate::kernel::id::{CommandId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// The answer to a command with a key. Status 0 while its transaction runs, which nobody else can see.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub actor: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub route: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idempotency_key: String,
        pub request_hash: String,
        pub command: CommandId,
        pub status: i64,
        pub answer: String,
        pub expires_at: Instant,
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}

pub use log::Model as Row;

pub(super) async fn insert(tx: &Write, id: CommandId, at: Instant, entry: Entry) -> Result<(), db::Error> {
    let row = log::Model {
        tenant: tx.tenant_id(),
        id,
        actor: entry.who,
        door: entry.door.to_owned(),
        verb: entry.verb.to_owned(),
        idempotency_key: entry.key,
        subject: entry.subject,
        before_json: entry.before.map(|value| value.to_string()),
        after_json: entry.after.map(|value| value.to_string()),
        result: "done".to_owned(),
        at,
    };
    tx.insert::<log::Entity>(row).await
}

/// The commands about a subject, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_subject(scope: &Scope, subject: &str, limit: u64) -> Result<Vec<Row>, db::Error> {
    let about = log::Entity::find().filter(log::Column::Subject.eq(subject)).order_by_desc(log::Column::Id).limit(limit);
    scope.all(about).await
}

/// An answer that an earlier request left.
pub(super) struct Stored(answer::Model);

impl Stored {
    pub(super) fn answer_to(self, request: &Request) -> Result<Answer, Error> {
        if self.0.request_hash != request.hash {
            return Err(Error::KeyReused);
        }
        Ok(Answer { status: u16::try_from(self.0.status).unwrap_or(500), body: self.0.answer, replayed: true })
    }
}

fn under(who: &str, route: &str, key: &str) -> Select<answer::Entity> {
    answer::Entity::find()
        .filter(answer::Column::Actor.eq(who))
        .filter(answer::Column::Route.eq(route))
        .filter(answer::Column::IdempotencyKey.eq(key))
}

pub(super) async fn stored(scope: &Scope, who: &str, route: &str, key: &str, now: Instant) -> Result<Option<Stored>, db::Error> {
    Ok(scope.one(under(who, route, key).filter(answer::Column::ExpiresAt.gt(now))).await?.map(Stored))
}

/// The place of an answer that is being made.
pub(super) struct Slot {
    pub(super) who: String,
    pub(super) request: Request,
    pub(super) command: CommandId,
    pub(super) now: Instant,
    pub(super) until: Instant,
}

impl Slot {
    /// Takes the place, or gives what is stored there. Without a key there is no place to take.
    pub(super) async fn take(&self, tx: &Write) -> Result<Option<Stored>, db::Error> {
        let Some(key) = &self.request.key else { return Ok(None) };
        let row = answer::Model {
            tenant: tx.tenant_id(),
            actor: self.who.clone(),
            route: self.request.route.to_owned(),
            idempotency_key: key.0.clone(),
            request_hash: self.request.hash.clone(),
            command: self.command,
            status: 0,
            answer: String::new(),
            expires_at: self.until,
        };
        if tx.insert_new::<answer::Entity>(row.clone()).await? {
            return Ok(None);
        }
        if let Some(stored) = stored(tx, &self.who, self.request.route, &key.0, self.now).await? {
            return Ok(Some(stored));
        }
        // What lies there is too old to count.
        tx.expire(self.mine(answer::Entity::delete_many(), &key.0).filter(answer::Column::ExpiresAt.lte(self.now))).await?;
        if tx.insert_new::<answer::Entity>(row).await? {
            Ok(None)
        } else {
            stored(tx, &self.who, self.request.route, &key.0, self.now).await
        }
    }

    /// Puts the answer into the place.
    pub(super) async fn fill(&self, tx: &Write, answer: &Answer) -> Result<(), db::Error> {
        let Some(key) = &self.request.key else { return Ok(()) };
        let update = answer::Entity::update_many()
            .col_expr(answer::Column::Status, Expr::value(i64::from(answer.status)))
            .col_expr(answer::Column::Answer, Expr::value(answer.body.clone()));
        tx.update(self.mine(update, &key.0)).await.map(|_| ())
    }

    fn mine<Q: QueryFilter>(&self, query: Q, key: &str) -> Q {
        query
            .filter(answer::Column::Actor.eq(self.who.as_str()))
            .filter(answer::Column::Route.eq(self.request.route))
            .filter(answer::Column::IdempotencyKey.eq(key))
    }
}

pub(super) async fn sweep(db: &Db, now: Instant) -> Result<u64, db::Error> {
    let over = move || answer::Entity::delete_many().filter(answer::Column::ExpiresAt.lte(now));
    db.system(move |system| async move { system.expire(over()).await }).await
}
