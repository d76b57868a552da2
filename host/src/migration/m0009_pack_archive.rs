//! Installed packs keep their files: the object that holds them.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No earlier version of the program wrote a row here.
        Tables { statements: &["ALTER TABLE packs ADD COLUMN archive TEXT NOT NULL DEFAULT ''"], owned: &[], shared: &[] }
            .create(manager)
            .await
    }
}
