//! What a plugin used lately is read from an index alone.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &["CREATE INDEX hook_runs_used ON hook_runs
                (tenant, plugin, created_at, hook, outcome, fuel, memory_bytes, duration_us)"],
            owned: &[],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
