//! The table of companies.

use super::{Company, Input};
use crate::kernel::db::{self, Error, Scope, Write};
use crate::kernel::id::{CompanyId, TenantId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Instant, Zone};
use crate::register::Kept;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

/// The most companies that one page holds.
pub const PAGE_ROWS_MAX: u64 = 200;

/// A company. Personal: nothing but the names of people in `letterhead` and `bank_accounts`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "companies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CompanyId,
    pub source: Option<String>,
    pub external_id: Option<String>,
    pub name: String,
    pub country: String,
    pub home_currency: Currency,
    pub zone: Zone,
    pub letterhead: String,
    pub tax_ids: String,
    pub bank_accounts: String,
    pub seal_object: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub archived_at: Option<Instant>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Company({})", self.id)
    }
}

crate::tenant_table!();

fn row(tenant: TenantId, company: &Company) -> Result<Model, Error> {
    let name = company.input.scripts.first().map(|one| one.name.clone()).unwrap_or_default();
    Ok(Model {
        tenant,
        id: company.id,
        source: company.input.source.clone(),
        external_id: company.input.external_id.clone(),
        name,
        country: company.input.country.clone(),
        home_currency: company.input.home_currency,
        zone: company.input.zone.clone(),
        letterhead: db::to_json(&company.input.scripts)?,
        tax_ids: db::to_json(&company.input.tax_ids)?,
        bank_accounts: db::to_json(&company.input.bank_accounts)?,
        seal_object: company.input.seal_object.clone(),
        version: company.version,
        created_at: company.created_at,
        archived_at: None,
    })
}

fn company(row: Model) -> Result<Company, Error> {
    let input = Input {
        source: row.source,
        external_id: row.external_id,
        country: row.country,
        home_currency: row.home_currency,
        zone: row.zone,
        scripts: db::from_json(&row.letterhead)?,
        tax_ids: db::from_json(&row.tax_ids)?,
        bank_accounts: db::from_json(&row.bank_accounts)?,
        seal_object: row.seal_object,
    };
    Ok(Company { id: row.id, input, version: row.version, created_at: row.created_at })
}

impl Kept for Company {
    type Id = CompanyId;

    async fn insert(&self, tx: &Write) -> Result<bool, Error> {
        tx.insert_new::<Entity>(row(tx.tenant_id(), self)?).await
    }

    async fn advance(&self, tx: &Write, was: i64) -> Result<bool, Error> {
        let row = row(tx.tenant_id(), self)?;
        let update = Entity::update_many()
            .col_expr(Column::Source, Expr::value(row.source))
            .col_expr(Column::ExternalId, Expr::value(row.external_id))
            .col_expr(Column::Name, Expr::value(row.name))
            .col_expr(Column::Country, Expr::value(row.country))
            .col_expr(Column::HomeCurrency, Expr::value(row.home_currency))
            .col_expr(Column::Zone, Expr::value(row.zone))
            .col_expr(Column::Letterhead, Expr::value(row.letterhead))
            .col_expr(Column::TaxIds, Expr::value(row.tax_ids))
            .col_expr(Column::BankAccounts, Expr::value(row.bank_accounts))
            .col_expr(Column::SealObject, Expr::value(row.seal_object))
            .col_expr(Column::Version, Expr::value(row.version))
            .filter(Column::Id.eq(row.id))
            .filter(Column::Version.eq(was));
        Ok(tx.update(update).await? == 1)
    }

    async fn by_id(scope: &Scope, id: CompanyId) -> Result<Option<Self>, Error> {
        scope.one(Entity::find().filter(Column::Id.eq(id))).await?.map(company).transpose()
    }
}

/// A company by the id that its source system gave it.
///
/// # Errors
/// When the database fails.
pub async fn by_external_id(scope: &Scope, source: &str, external_id: &str) -> Result<Option<Company>, Error> {
    let same = Entity::find().filter(Column::Source.eq(source)).filter(Column::ExternalId.eq(external_id));
    scope.one(same).await?.map(company).transpose()
}

/// A page of companies, newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(scope: &Scope, after: Option<CompanyId>, rows: u64) -> Result<Vec<Company>, Error> {
    let mut page =
        Entity::find().filter(Column::ArchivedAt.is_null()).order_by_desc(Column::Id).limit(rows.min(PAGE_ROWS_MAX + 1));
    if let Some(after) = after {
        page = page.filter(Column::Id.lt(after));
    }
    scope.all(page).await?.into_iter().map(company).collect()
}
