//! Which voided document a document replaces.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables { statements: &["ALTER TABLE documents ADD COLUMN replaces TEXT"], owned: &[], shared: &[] }.create(manager).await
    }
}
