//! The tables of records: the records, the keys by which they are found, and how many a plugin keeps.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::RecordId;
use crate::kernel::time::Instant;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

use super::key::Range;

mod record {
    use crate::kernel::id::{RecordId, TenantId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A record. Personal: `fields`, as the manifest marks them.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_records")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RecordId,
        pub plugin: String,
        pub collection: String,
        /// From 1, raised by each write.
        pub version: i64,
        /// The values as JSON. Personal.
        pub fields: String,
        pub created_at: Instant,
        pub changed_at: Instant,
        pub archived_at: Option<Instant>,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Record({} version {})", self.id, self.version)
        }
    }

    crate::tenant_table!();
}

mod key {
    use crate::kernel::id::{RecordId, TenantId};
    use sea_orm::entity::prelude::*;

    /// A key of a record in an index. Personal: `key`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_record_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub plugin: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub collection: String,
        /// The index's name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub record: RecordId,
        pub is_unique: bool,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Key({} of {})", self.place, self.record)
        }
    }

    crate::tenant_table!();
}

mod store {
    use crate::kernel::id::TenantId;
    use sea_orm::entity::prelude::*;

    /// How much a plugin keeps. Writes of its records hold this row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_stores")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub plugin: String,
        pub records: i64,
        /// The names of the indexes whose keys are there, as JSON.
        pub indexes: String,
    }

    crate::tenant_table!();
}

pub use key::Model as KeyRow;
pub use record::Model as Row;
pub use store::Model as StoreRow;

fn of(plugin: &str, collection: &str) -> sea_orm::Select<record::Entity> {
    record::Entity::find()
        .filter(record::Column::Plugin.eq(plugin))
        .filter(record::Column::Collection.eq(collection))
        .filter(record::Column::ArchivedAt.is_null())
}

/// A record of a collection.
pub(super) async fn record(scope: &Scope, plugin: &str, collection: &str, id: RecordId) -> Result<Option<Row>, Error> {
    scope.one(of(plugin, collection).filter(record::Column::Id.eq(id))).await
}

/// Records of a collection, by their ids.
pub(super) async fn records(scope: &Scope, plugin: &str, collection: &str, ids: &[RecordId]) -> Result<Vec<Row>, Error> {
    let rows = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    scope.all(of(plugin, collection).filter(record::Column::Id.is_in(ids.iter().copied())).limit(rows)).await
}

/// Records of a collection, oldest first.
pub(super) async fn by_age(
    scope: &Scope,
    plugin: &str,
    collection: &str,
    after: Option<RecordId>,
    rows: u64,
) -> Result<Vec<Row>, Error> {
    let mut page = of(plugin, collection).order_by_asc(record::Column::Id).limit(rows);
    if let Some(after) = after {
        page = page.filter(record::Column::Id.gt(after));
    }
    scope.all(page).await
}

/// Keys of a range, in their order.
pub(super) async fn keys_between(
    scope: &Scope,
    plugin: &str,
    collection: &str,
    range: &Range,
    rows: u64,
) -> Result<Vec<KeyRow>, Error> {
    let mut page = key::Entity::find()
        .filter(key::Column::Plugin.eq(plugin))
        .filter(key::Column::Collection.eq(collection))
        .filter(key::Column::Place.eq(range.index.as_str()))
        .filter(key::Column::Key.gte(range.from.as_str()))
        .filter(key::Column::Key.lt(range.below.as_str()))
        .order_by_asc(key::Column::Key)
        .order_by_asc(key::Column::Record)
        .limit(rows);
    if let Some((key, record)) = &range.after {
        let further = Condition::all().add(key::Column::Key.eq(key.as_str())).add(key::Column::Record.gt(*record));
        page = page.filter(Condition::any().add(key::Column::Key.gt(key.as_str())).add(further));
    }
    scope.all(page).await
}

/// The record that has a key of a unique index.
pub(super) async fn holder(
    scope: &Scope,
    plugin: &str,
    collection: &str,
    place: &str,
    key: &str,
) -> Result<Option<RecordId>, Error> {
    let found = key::Entity::find()
        .filter(key::Column::Plugin.eq(plugin))
        .filter(key::Column::Collection.eq(collection))
        .filter(key::Column::Place.eq(place))
        .filter(key::Column::Key.eq(key));
    Ok(scope.one(found).await?.map(|row| row.record))
}

/// Adds a record.
pub(super) async fn insert(tx: &Write, row: Row) -> Result<(), Error> {
    tx.insert::<record::Entity>(row).await
}

/// Adds keys.
pub(super) async fn insert_keys(tx: &Write, rows: Vec<KeyRow>) -> Result<(), Error> {
    tx.insert_all::<key::Entity>(rows).await
}

/// Removes the keys of a record.
pub(super) async fn drop_keys(tx: &Write, plugin: &str, record: RecordId) -> Result<(), Error> {
    let keys = key::Entity::delete_many().filter(key::Column::Plugin.eq(plugin)).filter(key::Column::Record.eq(record));
    tx.expire(keys).await.map(drop)
}

/// Removes all keys of a plugin.
pub(super) async fn drop_all_keys(tx: &Write, plugin: &str) -> Result<(), Error> {
    tx.expire(key::Entity::delete_many().filter(key::Column::Plugin.eq(plugin))).await.map(drop)
}

/// Stores other values of a record if its version still is `was`; says whether it did.
pub(super) async fn replace(tx: &Write, plugin: &str, id: RecordId, was: i64, fields: &str, now: Instant) -> Result<bool, Error> {
    let update = record::Entity::update_many()
        .col_expr(record::Column::Fields, Expr::value(fields))
        .col_expr(record::Column::Version, Expr::value(was + 1))
        .col_expr(record::Column::ChangedAt, Expr::value(now));
    Ok(tx.update(standing(update, plugin, id, was)).await? == 1)
}

/// Archives a record if its version still is `was`; says whether it did.
pub(super) async fn end(tx: &Write, plugin: &str, id: RecordId, was: i64, now: Instant) -> Result<bool, Error> {
    let update = record::Entity::update_many().col_expr(record::Column::ArchivedAt, Expr::value(now));
    Ok(tx.update(standing(update, plugin, id, was)).await? == 1)
}

fn standing(
    update: sea_orm::UpdateMany<record::Entity>,
    plugin: &str,
    id: RecordId,
    was: i64,
) -> sea_orm::UpdateMany<record::Entity> {
    update
        .filter(record::Column::Plugin.eq(plugin))
        .filter(record::Column::Id.eq(id))
        .filter(record::Column::Version.eq(was))
        .filter(record::Column::ArchivedAt.is_null())
}

/// Archives all records of a plugin.
pub(super) async fn end_all(tx: &Write, plugin: &str, now: Instant) -> Result<(), Error> {
    let update = record::Entity::update_many()
        .col_expr(record::Column::ArchivedAt, Expr::value(now))
        .filter(record::Column::Plugin.eq(plugin))
        .filter(record::Column::ArchivedAt.is_null());
    tx.update(update).await?;
    set_store(tx, plugin, 0, "[]").await
}

/// What a plugin keeps, held: nobody else writes its records before this write ends. Made when it is not there.
pub(super) async fn hold_store(tx: &Write, plugin: &str) -> Result<StoreRow, Error> {
    let row = StoreRow { tenant: tx.tenant_id(), plugin: plugin.to_owned(), records: 0, indexes: "[]".to_owned() };
    tx.insert_new::<store::Entity>(row.clone()).await?;
    let held = tx.locked(store::Entity::find().filter(store::Column::Plugin.eq(plugin))).await?;
    Ok(held.unwrap_or(row))
}

/// Stores how much a plugin keeps, and the names of its indexes.
pub(super) async fn set_store(tx: &Write, plugin: &str, records: i64, indexes: &str) -> Result<(), Error> {
    let update = store::Entity::update_many()
        .col_expr(store::Column::Records, Expr::value(records))
        .col_expr(store::Column::Indexes, Expr::value(indexes))
        .filter(store::Column::Plugin.eq(plugin));
    tx.update(update).await.map(drop)
}

/// How many records a plugin keeps.
pub(super) async fn count(scope: &Scope, plugin: &str) -> Result<i64, Error> {
    Ok(scope.one(store::Entity::find().filter(store::Column::Plugin.eq(plugin))).await?.map_or(0, |row| row.records))
}
