//! Scopes: the only things that run queries, and they add the tenant to every one.

use std::ops::Deref;
use std::sync::Arc;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, DatabaseTransaction, DeleteMany, EntityTrait, FromQueryResult, IntoActiveModel,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select, UpdateMany,
};

use super::Error;
use super::error::Trouble;
use crate::kernel::id::TenantId;

/// A table whose rows belong to tenants. [`crate::tenant_table`] writes this.
pub trait Owned: EntityTrait {
    /// The column that names the tenant, the first of the primary key.
    const TENANT: Self::Column;

    /// The tenant of a row.
    fn tenant(row: &Self::Model) -> TenantId;
}

/// The rest of an entity of a table whose rows belong to tenants.
#[macro_export]
macro_rules! tenant_table {
    () => {
        /// Rows are found by query, never by walking a graph of entities.
        #[derive(Clone, Copy, Debug, sea_orm::EnumIter, sea_orm::DeriveRelation)]
        pub enum Relation {}

        impl sea_orm::ActiveModelBehavior for ActiveModel {}

        impl $crate::kernel::db::Owned for Entity {
            const TENANT: Column = Column::Tenant;

            fn tenant(row: &Model) -> $crate::kernel::id::TenantId {
                row.tenant
            }
        }
    };
}

/// What a tenant's rows look like at one moment.
#[derive(Clone)]
pub struct Scope {
    tx: Arc<DatabaseTransaction>,
    tenant: TenantId,
    trouble: Trouble,
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scope({})", self.tenant)
    }
}

impl Scope {
    pub(super) fn new(tx: Arc<DatabaseTransaction>, tenant: TenantId) -> Self {
        Self { tx, tenant, trouble: Trouble::default() }
    }

    /// Whose rows these are.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    fn mine<E: Owned>(&self, select: Select<E>) -> Select<E> {
        select.filter(E::TENANT.eq(self.tenant))
    }

    /// The first row of a query.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn one<E: Owned>(&self, select: Select<E>) -> Result<Option<E::Model>, Error> {
        self.mine(select).one(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// All rows of a query. Give it a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all<E: Owned>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        self.mine(select).all(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// All rows of a query that asks for some columns or sums only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_into<E: Owned, M: FromQueryResult + Send + Sync>(&self, select: Select<E>) -> Result<Vec<M>, Error> {
        self.mine(select).into_model::<M>().all(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// How many rows a query has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count<E: Owned>(&self, select: Select<E>) -> Result<u64, Error>
    where
        E::Model: Sync,
    {
        self.mine(select).count(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }
}

/// A tenant's rows, for writing. It reads as [`Scope`] does, its own writes included.
#[derive(Clone)]
pub struct Write(Scope);

impl Deref for Write {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.0
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Write({})", self.0.tenant)
    }
}

impl Write {
    pub(super) fn new(tx: Arc<DatabaseTransaction>, tenant: TenantId, trouble: Trouble) -> Self {
        Self(Scope { tx, tenant, trouble })
    }

    /// The first row of a query, which nobody else changes before this write ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locked<E: Owned>(&self, select: Select<E>) -> Result<Option<E::Model>, Error> {
        self.mine(select).lock_exclusive().one(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// Inserts a row.
    ///
    /// # Errors
    /// [`Error::Taken`] when a unique value is there already; the whole write is lost then.
    pub async fn insert<E: Owned>(&self, row: E::Model) -> Result<(), Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let row = self.checked::<E>(row)?;
        E::insert(row).exec_without_returning(&*self.tx).await.map(|_| ()).map_err(|error| self.trouble.note(error))
    }

    /// Inserts a row unless one with the same unique values is there; says whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_new<E: Owned>(&self, row: E::Model) -> Result<bool, Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let row = self.checked::<E>(row)?;
        // Without a target: whichever of the row's unique values is there already.
        let insert = E::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
        insert.exec_without_returning(&*self.tx).await.map(|rows| rows > 0).map_err(|error| self.trouble.note(error))
    }

    /// Inserts many rows, a hundred a statement.
    ///
    /// # Errors
    /// As [`Write::insert`].
    pub async fn insert_all<E: Owned>(&self, rows: Vec<E::Model>) -> Result<(), Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let rows = rows.into_iter().map(|row| self.checked::<E>(row)).collect::<Result<Vec<_>, _>>()?;
        // SQLite takes 32 766 parameters a statement; a hundred rows of the widest table are far below.
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<_> = rows.by_ref().take(100).collect();
            E::insert_many(some).exec_without_returning(&*self.tx).await.map_err(|error| self.trouble.note(error))?;
        }
        Ok(())
    }

    /// Updates rows; says how many.
    ///
    /// # Errors
    /// As [`Write::insert`].
    pub async fn update<E: Owned>(&self, update: UpdateMany<E>) -> Result<u64, Error> {
        let update = update.filter(E::TENANT.eq(self.0.tenant));
        update.exec(&*self.tx).await.map(|result| result.rows_affected).map_err(|error| self.trouble.note(error))
    }

    /// Deletes rows that may go: what has expired. Business rows are archived, voided or superseded instead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire<E: Owned>(&self, delete: DeleteMany<E>) -> Result<u64, Error> {
        let delete = delete.filter(E::TENANT.eq(self.0.tenant));
        delete.exec(&*self.tx).await.map(|result| result.rows_affected).map_err(|error| self.trouble.note(error))
    }

    fn checked<E: Owned>(&self, row: E::Model) -> Result<E::ActiveModel, Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        if E::tenant(&row) != self.0.tenant {
            return Err(Error::ForeignTenant);
        }
        Ok(row.into_active_model().reset_all())
    }
}
