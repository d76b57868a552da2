//! The table of parties.

use super::{Input, Party};
use crate::kernel::db::{self, Error, Scope, Write};
use crate::kernel::id::{PartyId, TenantId};
use crate::kernel::time::Instant;
use crate::register::Kept;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

/// The most parties that one page holds.
pub const PAGE_ROWS_MAX: u64 = 200;

/// A party. Personal: `name`, `name_folded`, `scripts`, `tax_ids`, `contacts`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartyId,
    pub source: Option<String>,
    pub external_id: Option<String>,
    pub name: String,
    pub name_folded: String,
    pub country: String,
    pub scripts: String,
    pub tax_ids: String,
    pub contacts: String,
    pub version: i64,
    pub created_at: Instant,
    pub archived_at: Option<Instant>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Party({})", self.id)
    }
}

crate::tenant_table!();

/// A party as a row.
///
/// # Errors
/// When it has no JSON, a fault of this program.
pub fn row_of(tenant: TenantId, party: &Party) -> Result<Model, Error> {
    let name = party.input.scripts.first().map(|one| one.name.clone()).unwrap_or_default();
    Ok(Model {
        tenant,
        id: party.id,
        source: party.input.source.clone(),
        external_id: party.input.external_id.clone(),
        name_folded: name.to_lowercase(),
        name,
        country: party.input.country.clone(),
        scripts: db::to_json(&party.input.scripts)?,
        tax_ids: db::to_json(&party.input.tax_ids)?,
        contacts: db::to_json(&party.input.contacts)?,
        version: party.version,
        created_at: party.created_at,
        archived_at: None,
    })
}

fn party(row: Model) -> Result<Party, Error> {
    let input = Input {
        source: row.source,
        external_id: row.external_id,
        country: row.country,
        scripts: db::from_json(&row.scripts)?,
        tax_ids: db::from_json(&row.tax_ids)?,
        contacts: db::from_json(&row.contacts)?,
    };
    Ok(Party { id: row.id, input, version: row.version, created_at: row.created_at })
}

impl Kept for Party {
    type Id = PartyId;

    async fn insert(&self, tx: &Write) -> Result<bool, Error> {
        tx.insert_new::<Entity>(row_of(tx.tenant_id(), self)?).await
    }

    async fn advance(&self, tx: &Write, was: i64) -> Result<bool, Error> {
        let row = row_of(tx.tenant_id(), self)?;
        let update = Entity::update_many()
            .col_expr(Column::Source, Expr::value(row.source))
            .col_expr(Column::ExternalId, Expr::value(row.external_id))
            .col_expr(Column::Name, Expr::value(row.name))
            .col_expr(Column::NameFolded, Expr::value(row.name_folded))
            .col_expr(Column::Country, Expr::value(row.country))
            .col_expr(Column::Scripts, Expr::value(row.scripts))
            .col_expr(Column::TaxIds, Expr::value(row.tax_ids))
            .col_expr(Column::Contacts, Expr::value(row.contacts))
            .col_expr(Column::Version, Expr::value(row.version))
            .filter(Column::Id.eq(row.id))
            .filter(Column::Version.eq(was));
        Ok(tx.update(update).await? == 1)
    }

    async fn by_id(scope: &Scope, id: PartyId) -> Result<Option<Self>, Error> {
        scope.one(Entity::find().filter(Column::Id.eq(id))).await?.map(party).transpose()
    }
}

/// A party by the id that its source system gave it.
///
/// # Errors
/// When the database fails.
pub async fn by_external_id(scope: &Scope, source: &str, external_id: &str) -> Result<Option<Party>, Error> {
    let same = Entity::find().filter(Column::Source.eq(source)).filter(Column::ExternalId.eq(external_id));
    scope.one(same).await?.map(party).transpose()
}

/// A page of parties, newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(scope: &Scope, name: Option<&str>, after: Option<PartyId>, rows: u64) -> Result<Vec<Party>, Error> {
    let mut page =
        Entity::find().filter(Column::ArchivedAt.is_null()).order_by_desc(Column::Id).limit(rows.min(PAGE_ROWS_MAX + 1));
    if let Some(after) = after {
        page = page.filter(Column::Id.lt(after));
    }
    if let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) {
        page = page.filter(Column::NameFolded.like(db::like_part(&name.to_lowercase())));
    }
    scope.all(page).await?.into_iter().map(party).collect()
}
