//! A release says whether the sandboxes of its plugin may wait for the next call.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &["ALTER TABLE plugin_releases ADD COLUMN warm BOOLEAN NOT NULL DEFAULT FALSE"],
            owned: &[],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
