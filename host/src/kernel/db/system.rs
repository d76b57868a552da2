//! The system's door: the few tables that must be read before a tenant is known, or across tenants.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, DeleteMany, EntityTrait, IntoActiveModel, QuerySelect as _, Select, UpdateMany,
};

use super::Error;
use super::error::Trouble;

/// A table that the system may read and write across tenants: tenants themselves, the outbox, what expires. Row-level security of
/// PostgreSQL has the same list, in the migrations.
pub trait Shared: EntityTrait {}

/// A scope without a tenant, for [`Shared`] tables only.
pub struct System {
    tx: Arc<DatabaseTransaction>,
    trouble: Trouble,
}

impl std::fmt::Debug for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("System")
    }
}

impl System {
    pub(super) fn new(tx: Arc<DatabaseTransaction>, trouble: Trouble) -> Self {
        Self { tx, trouble }
    }

    /// The first row of a query.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn one<E: Shared>(&self, select: Select<E>) -> Result<Option<E::Model>, Error> {
        select.one(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// All rows of a query. Give it a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all<E: Shared>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        select.all(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// All rows of a query that nobody else has locked; they stay locked until this write ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_free<E: Shared>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        let free = select.lock_with_behavior(sea_orm::sea_query::LockType::Update, sea_orm::sea_query::LockBehavior::SkipLocked);
        free.all(&*self.tx).await.map_err(|error| self.trouble.note(error))
    }

    /// Inserts a row.
    ///
    /// # Errors
    /// [`Error::Taken`] when a unique value is there already.
    pub async fn insert<E: Shared>(&self, row: E::Model) -> Result<(), Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let row = row.into_active_model().reset_all();
        E::insert(row).exec_without_returning(&*self.tx).await.map(|_| ()).map_err(|error| self.trouble.note(error))
    }

    /// Updates rows; says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update<E: Shared>(&self, update: UpdateMany<E>) -> Result<u64, Error> {
        update.exec(&*self.tx).await.map(|result| result.rows_affected).map_err(|error| self.trouble.note(error))
    }

    /// Deletes rows that have expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire<E: Shared>(&self, delete: DeleteMany<E>) -> Result<u64, Error> {
        delete.exec(&*self.tx).await.map(|result| result.rows_affected).map_err(|error| self.trouble.note(error))
    }
}
