//! Installed packs, runs of hooks and the snapshots they judged.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE packs (
                    tenant TEXT NOT NULL REFERENCES tenants (tenant),
                    id TEXT NOT NULL,
                    name TEXT NOT NULL,
                    version TEXT NOT NULL,
                    digest TEXT NOT NULL,
                    manifest TEXT NOT NULL,
                    state TEXT NOT NULL,
                    installed_by TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    retired_at BIGINT,
                    PRIMARY KEY (tenant, id))",
                "CREATE UNIQUE INDEX packs_active_key ON packs (tenant, name) WHERE state = 'active'",
                "CREATE TABLE snapshots (
                    tenant TEXT NOT NULL,
                    sha256 TEXT NOT NULL,
                    body TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, sha256))",
                "CREATE TABLE hook_runs (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    order_version BIGINT NOT NULL,
                    hook TEXT NOT NULL,
                    plugin TEXT NOT NULL,
                    release TEXT NOT NULL,
                    snapshot TEXT NOT NULL,
                    as_of TEXT NOT NULL,
                    outcome TEXT NOT NULL,
                    outcome_digest TEXT NOT NULL,
                    findings TEXT NOT NULL,
                    fuel BIGINT NOT NULL,
                    memory_bytes BIGINT NOT NULL,
                    host_calls BIGINT NOT NULL,
                    duration_us BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, id),
                    FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id),
                    FOREIGN KEY (tenant, snapshot) REFERENCES snapshots (tenant, sha256))",
                "CREATE INDEX hook_runs_order ON hook_runs (tenant, order_id, id)",
            ],
            owned: &["packs", "snapshots", "hook_runs"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
