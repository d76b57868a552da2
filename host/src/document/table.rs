//! The tables of documents, of their numbers, and of the objects that hold their bytes.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

use crate::kernel::Ctx;
use crate::kernel::db::{Authority, Error, Scope, Write};
use crate::kernel::id::{CompanyId, DocumentId, OrderId, RunId, TenantId};
use crate::kernel::time::{Day, Instant};
use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

crate::words! {
    /// What became of a revision of a document.
    pub enum State {
        /// It counts.
        Issued = "issued",
        /// A later revision counts.
        Superseded = "superseded",
        /// It never counted, or no longer: its number stays used.
        Void = "void",
    }
}

mod document {
    use super::{Day, DocumentId, Instant, OrderId, RunId, State, TenantId};
    use sea_orm::entity::prelude::*;

    /// A revision of a document.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        /// The same for all revisions.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DocumentId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        /// Its order.
        pub order_id: OrderId,
        /// What it is about: the id of the order or of the shipment.
        pub subject: String,
        /// Which paper: `commercial-invoice`.
        pub kind: String,
        /// As printed.
        pub number: String,
        /// The version of the order that it shows.
        pub order_version: i64,
        /// Whether it counts.
        pub state: State,
        /// SHA-256 of the canonical data, as printed on the page and in its QR code.
        pub data_hash: String,
        /// SHA-256 of the file: the object's name.
        pub file_sha256: String,
        /// `application/pdf`, as a rule.
        pub media_type: String,
        /// How many pages.
        pub pages: i64,
        /// The run of the hook that prepared it.
        pub run: Option<RunId>,
        /// The date whose rules were applied.
        pub as_of: Day,
        /// Since when.
        pub created_at: Instant,
        /// Void since.
        pub voided_at: Option<Instant>,
        /// Why it is void. Personal: whoever writes it may name somebody.
        pub void_reason: Option<String>,
        /// The voided document whose place it takes; the same for all revisions.
        pub replaces: Option<DocumentId>,
    }

    crate::tenant_table!();
}

mod object {
    use super::{Instant, TenantId};
    use sea_orm::entity::prelude::*;

    /// That an object is there. Its bytes lie in `kernel::objects`, written before this row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "objects")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
        pub media_type: String,
        pub bytes: i64,
        pub created_at: Instant,
    }

    crate::tenant_table!();
}

mod series {
    use super::{CompanyId, TenantId};
    use sea_orm::entity::prelude::*;

    /// The last number of a series.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "document_series")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub company: CompanyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i64,
        pub last_number: i64,
    }

    crate::tenant_table!();
}

mod number {
    use super::{CompanyId, DocumentId, Instant, TenantId};
    use sea_orm::entity::prelude::*;

    /// A number of a series and the document that has it for good.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "document_numbers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub company: CompanyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub document: DocumentId,
        pub number: i64,
        pub reserved_at: Instant,
    }

    crate::tenant_table!();
}

pub use document::Model as Row;

/// Which series a number comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The company that issues.
    pub company: CompanyId,
    /// Which paper.
    pub kind: String,
    /// The year of the legal date.
    pub year: i16,
}

/// Reserves the next number of a series for a document, in a short transaction of its own: 1, 2, 3 … without a gap. A document that has
/// a number in the series keeps it, so a retry after a failure uses no second one.
///
/// # Errors
/// When the database fails.
pub async fn reserve_number(ctx: &Ctx, authority: &impl Authority, series: Series, document: DocumentId) -> Result<i64, Error> {
    let now = ctx.now();
    ctx.db
        .write(authority, move |tx| {
            let series = series.clone();
            async move { next_number(&tx, &series, document, now).await }
        })
        .await
}

async fn next_number(tx: &Write, series: &Series, document: DocumentId, now: Instant) -> Result<i64, Error> {
    let year = i64::from(series.year);
    let first =
        series::Model { tenant: tx.tenant_id(), company: series.company, kind: series.kind.clone(), year, last_number: 0 };
    tx.insert_new::<series::Entity>(first).await?;
    let row = series::Entity::find()
        .filter(series::Column::Company.eq(series.company))
        .filter(series::Column::Kind.eq(series.kind.as_str()))
        .filter(series::Column::Year.eq(year));
    // The series' row is locked before the document's number is looked for: two retries at once get one number.
    let last = tx.locked(row).await?.map_or(0, |row| row.last_number);
    let mine = number::Entity::find()
        .filter(number::Column::Company.eq(series.company))
        .filter(number::Column::Kind.eq(series.kind.as_str()))
        .filter(number::Column::Year.eq(year))
        .filter(number::Column::Document.eq(document));
    if let Some(mine) = tx.one(mine).await? {
        return Ok(mine.number);
    }
    let raise = series::Entity::update_many()
        .col_expr(series::Column::LastNumber, Expr::value(last + 1))
        .filter(series::Column::Company.eq(series.company))
        .filter(series::Column::Kind.eq(series.kind.as_str()))
        .filter(series::Column::Year.eq(year));
    tx.update(raise).await?;
    let taken = number::Model {
        tenant: tx.tenant_id(),
        company: series.company,
        kind: series.kind.clone(),
        year,
        document,
        number: last + 1,
        reserved_at: now,
    };
    tx.insert::<number::Entity>(taken).await?;
    Ok(last + 1)
}

/// Notes an object whose bytes `kernel::objects` has written.
///
/// # Errors
/// When the database fails.
pub async fn note_object(tx: &Write, sha256: &str, media_type: &str, bytes: u64, now: Instant) -> Result<(), Error> {
    let row = object::Model {
        tenant: tx.tenant_id(),
        sha256: sha256.to_owned(),
        media_type: media_type.to_owned(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        created_at: now,
    };
    tx.insert_new::<object::Entity>(row).await.map(|_| ())
}

/// Inserts a revision; the issued one before it of the same document is superseded. [`note_object`] comes first.
///
/// # Errors
/// [`Error::Taken`] when somebody else issued this paper of this subject meanwhile.
pub async fn issue(tx: &Write, row: Row) -> Result<(), Error> {
    let older = document::Entity::update_many()
        .col_expr(document::Column::State, Expr::value(State::Superseded))
        .filter(document::Column::Id.eq(row.id))
        .filter(document::Column::State.eq(State::Issued));
    tx.update(older).await?;
    tx.insert::<document::Entity>(row).await
}

/// Makes the issued revision of a document void; says whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn void(tx: &Write, id: DocumentId, reason: &str, now: Instant) -> Result<bool, Error> {
    let update = document::Entity::update_many()
        .col_expr(document::Column::State, Expr::value(State::Void))
        .col_expr(document::Column::VoidedAt, Expr::value(now))
        .col_expr(document::Column::VoidReason, Expr::value(reason))
        .filter(document::Column::Id.eq(id))
        .filter(document::Column::State.eq(State::Issued));
    Ok(tx.update(update).await? == 1)
}

/// The revision of a paper about a subject that counts.
///
/// # Errors
/// When the database fails.
pub async fn issued(scope: &Scope, order: OrderId, subject: &str, kind: &str) -> Result<Option<Row>, Error> {
    let one = document::Entity::find()
        .filter(document::Column::OrderId.eq(order))
        .filter(document::Column::Subject.eq(subject))
        .filter(document::Column::Kind.eq(kind))
        .filter(document::Column::State.eq(State::Issued));
    scope.one(one).await
}

/// All revisions of all documents of an order, by kind and age.
///
/// # Errors
/// When the database fails.
pub async fn of_order(scope: &Scope, order: OrderId) -> Result<Vec<Row>, Error> {
    let all = document::Entity::find()
        .filter(document::Column::OrderId.eq(order))
        .order_by_asc(document::Column::Kind)
        .order_by_asc(document::Column::Id)
        .order_by_asc(document::Column::Revision);
    scope.all(all).await
}

/// The revisions that count, of all documents of some orders.
///
/// # Errors
/// When the database fails.
pub async fn issued_of_orders(scope: &Scope, orders: &[OrderId]) -> Result<Vec<Row>, Error> {
    let all = document::Entity::find()
        .filter(document::Column::OrderId.is_in(orders.iter().copied()))
        .filter(document::Column::State.eq(State::Issued));
    scope.all(all).await
}

/// The newest revision of a document.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: DocumentId) -> Result<Option<Row>, Error> {
    scope.one(document::Entity::find().filter(document::Column::Id.eq(id)).order_by_desc(document::Column::Revision)).await
}

/// A revision of a document.
///
/// # Errors
/// When the database fails.
pub async fn by_revision(scope: &Scope, id: DocumentId, revision: i64) -> Result<Option<Row>, Error> {
    let one = document::Entity::find().filter(document::Column::Id.eq(id)).filter(document::Column::Revision.eq(revision));
    scope.one(one).await
}
