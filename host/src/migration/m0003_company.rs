//! Companies and parties.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE companies (
                    tenant TEXT NOT NULL REFERENCES tenants (tenant),
                    id TEXT NOT NULL,
                    source TEXT,
                    external_id TEXT,
                    name TEXT NOT NULL,
                    country TEXT NOT NULL,
                    home_currency TEXT NOT NULL,
                    zone TEXT NOT NULL,
                    letterhead TEXT NOT NULL,
                    tax_ids TEXT NOT NULL,
                    bank_accounts TEXT NOT NULL,
                    seal_object TEXT,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    CONSTRAINT companies_external_id_key UNIQUE (tenant, source, external_id))",
                "CREATE TABLE parties (
                    tenant TEXT NOT NULL REFERENCES tenants (tenant),
                    id TEXT NOT NULL,
                    source TEXT,
                    external_id TEXT,
                    name TEXT NOT NULL,
                    name_folded TEXT NOT NULL,
                    country TEXT NOT NULL,
                    scripts TEXT NOT NULL,
                    tax_ids TEXT NOT NULL,
                    contacts TEXT NOT NULL,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    CONSTRAINT parties_external_id_key UNIQUE (tenant, source, external_id))",
                "CREATE INDEX parties_name ON parties (tenant, name_folded, id)",
            ],
            owned: &["companies", "parties"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
