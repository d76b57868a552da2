//! The tables of orders and of their versions.
//!
//! An order's row holds what is listed, searched or unique; everything else stands in the order file of its version, as it came.

use crate::kernel::db::{Error, Scope, Write};
use crate::kernel::id::{CommandId, CompanyId, OrderId, TenantId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Day, Instant};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

/// The most orders that one page holds.
pub const PAGE_ROWS_MAX: u64 = 200;

crate::words! {
    /// Where an order stands commercially.
    pub enum Commercial {
        /// A buyer asks.
        Enquiry = "enquiry",
        /// A price was given.
        Quoted = "quoted",
        /// Agreed.
        Contracted = "contracted",
        /// Done.
        Closed = "closed",
        /// The buyer went elsewhere.
        Lost = "lost",
        /// Called off after it was agreed.
        Cancelled = "cancelled",
    }
}

crate::words! {
    /// Where an order's vehicles stand, all of them together.
    pub enum Goods {
        /// None has left.
        Waiting = "waiting",
        /// Some have left.
        Moving = "moving",
        /// All have arrived.
        Arrived = "arrived",
    }
}

crate::words! {
    /// Where an order's money stands.
    pub enum Paid {
        /// Nothing has come.
        Open = "open",
        /// Some has come.
        Part = "part",
        /// All has come.
        Full = "full",
    }
}

mod order {
    use super::{Commercial, CompanyId, Currency, Day, Goods, Instant, OrderId, Paid, TenantId};
    use sea_orm::entity::prelude::*;

    /// An order. Personal: `buyer_name`, `buyer_folded`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OrderId,
        /// The system it comes from; with `external_id` unique in the tenant.
        pub source: String,
        /// Its id there.
        pub external_id: String,
        /// The company that sells.
        pub company: CompanyId,
        /// The firm's own reference, unique in the company.
        pub reference: String,
        /// The buyer, as printed. Personal.
        pub buyer_name: String,
        /// The buyer in lower case, for the list. Personal.
        pub buyer_folded: String,
        /// The commercial axis.
        pub commercial: Commercial,
        /// The goods axis.
        pub goods: Goods,
        /// The money axis.
        pub money: Paid,
        /// Of the total.
        pub currency: Currency,
        /// The total in minor units.
        pub total_minor: i64,
        /// How many vehicles.
        pub vehicle_count: i64,
        /// The legal date.
        pub contract_date: Day,
        /// Expected departure.
        pub etd: Option<Day>,
        /// Expected arrival.
        pub eta: Option<Day>,
        /// The newest version, from 1.
        pub version: i64,
        /// Since when.
        pub created_at: Instant,
        /// When the newest version came.
        pub changed_at: Instant,
        /// Out of the lists since.
        pub archived_at: Option<Instant>,
    }

    // Logs show which order, not whose.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Order({} version {})", self.id, self.version)
        }
    }

    crate::tenant_table!();
}

mod version {
    use super::{CommandId, Instant, OrderId, TenantId};
    use sea_orm::entity::prelude::*;

    /// A version of an order, never changed. Personal: `file`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: OrderId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// The order file as JSON. Personal.
        pub file: String,
        /// SHA-256 of the canonical JSON.
        pub file_hash: String,
        /// The command that brought it.
        pub command: CommandId,
        /// Since when.
        pub created_at: Instant,
    }

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "OrderVersion({} {})", self.order_id, self.version)
        }
    }

    crate::tenant_table!();
}

pub use order::Model as Row;
pub use version::Model as VersionRow;

/// Inserts an order with its first version. An order with the same source and external id is there already: nothing is written and the
/// answer is false.
///
/// # Errors
/// [`Error::Taken`] when the company has another order with this reference.
pub async fn insert(tx: &Write, row: Row, first: VersionRow) -> Result<bool, Error> {
    if by_external_id(tx, &row.source, &row.external_id).await?.is_some() {
        return Ok(false);
    }
    tx.insert::<order::Entity>(row).await?;
    tx.insert::<version::Entity>(first).await?;
    Ok(true)
}

/// Makes `row` the newest version of its order if `was` still is; says whether it did.
///
/// # Errors
/// When the database fails.
pub async fn advance(tx: &Write, was: i64, row: Row, next: VersionRow) -> Result<bool, Error> {
    let update = order::Entity::update_many()
        .col_expr(order::Column::Reference, Expr::value(row.reference))
        .col_expr(order::Column::BuyerName, Expr::value(row.buyer_name))
        .col_expr(order::Column::BuyerFolded, Expr::value(row.buyer_folded))
        .col_expr(order::Column::Commercial, Expr::value(row.commercial))
        .col_expr(order::Column::Goods, Expr::value(row.goods))
        .col_expr(order::Column::Money, Expr::value(row.money))
        .col_expr(order::Column::Currency, Expr::value(row.currency))
        .col_expr(order::Column::TotalMinor, Expr::value(row.total_minor))
        .col_expr(order::Column::VehicleCount, Expr::value(row.vehicle_count))
        .col_expr(order::Column::ContractDate, Expr::value(row.contract_date))
        .col_expr(order::Column::Etd, Expr::value(row.etd))
        .col_expr(order::Column::Eta, Expr::value(row.eta))
        .col_expr(order::Column::Version, Expr::value(next.version))
        .col_expr(order::Column::ChangedAt, Expr::value(row.changed_at))
        .filter(order::Column::Id.eq(row.id))
        .filter(order::Column::Version.eq(was));
    if tx.update(update).await? == 0 {
        return Ok(false);
    }
    tx.insert::<version::Entity>(next).await?;
    Ok(true)
}

/// Holds the order's row until the write ends, if its newest version still is `version`; says whether it is. What was read before a
/// plugin ran is checked with it.
///
/// # Errors
/// When the database fails.
pub async fn hold_version(tx: &Write, id: OrderId, version: i64) -> Result<bool, Error> {
    Ok(hold(tx, id).await?.is_some_and(|row| row.version == version))
}

/// Holds the order's row until the write ends: others who hold it wait.
///
/// # Errors
/// When the database fails.
pub async fn hold(tx: &Write, id: OrderId) -> Result<Option<Row>, Error> {
    tx.locked(order::Entity::find().filter(order::Column::Id.eq(id))).await
}

/// An order.
///
/// # Errors
/// When the database fails.
pub async fn by_id(scope: &Scope, id: OrderId) -> Result<Option<Row>, Error> {
    scope.one(order::Entity::find().filter(order::Column::Id.eq(id))).await
}

/// Some orders.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(scope: &Scope, ids: &[OrderId]) -> Result<Vec<Row>, Error> {
    scope.all(order::Entity::find().filter(order::Column::Id.is_in(ids.iter().copied()))).await
}

/// An order by the id that its source system gave it.
///
/// # Errors
/// When the database fails.
pub async fn by_external_id(scope: &Scope, source: &str, external_id: &str) -> Result<Option<Row>, Error> {
    let same = order::Entity::find().filter(order::Column::Source.eq(source)).filter(order::Column::ExternalId.eq(external_id));
    scope.one(same).await
}

/// A version of an order.
///
/// # Errors
/// When the database fails.
pub async fn version(scope: &Scope, id: OrderId, version: i64) -> Result<Option<VersionRow>, Error> {
    let one = version::Entity::find().filter(version::Column::OrderId.eq(id)).filter(version::Column::Version.eq(version));
    scope.one(one).await
}

/// Which orders a page shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the buyer's name or of the reference.
    pub text: Option<String>,
    /// The commercial axis.
    pub commercial: Option<Commercial>,
}

/// A page of orders, newest first, after the order `after`. Ask for one more than is shown to see whether there is a next page.
///
/// # Errors
/// When the database fails.
pub async fn page(scope: &Scope, filter: &Filter, after: Option<OrderId>, rows: u64) -> Result<Vec<Row>, Error> {
    let mut page = order::Entity::find()
        .filter(order::Column::ArchivedAt.is_null())
        .order_by_desc(order::Column::Id)
        .limit(Ord::min(rows, PAGE_ROWS_MAX + 1));
    if let Some(after) = after {
        page = page.filter(order::Column::Id.lt(after));
    }
    if let Some(commercial) = filter.commercial {
        page = page.filter(order::Column::Commercial.eq(commercial));
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let text = crate::kernel::db::like_part(&text.to_lowercase());
        let buyer = Expr::col(order::Column::BuyerFolded).like(text.clone());
        let reference = Expr::expr(sea_orm::sea_query::Func::lower(Expr::col(order::Column::Reference))).like(text);
        page = page.filter(Condition::any().add(buyer).add(reference));
    }
    scope.all(page).await
}
