//! Webhooks, the secrets that sign what is sent to them, and what is sent.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE webhooks (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    url TEXT NOT NULL,
                    description TEXT NOT NULL,
                    kinds TEXT NOT NULL,
                    enabled BOOLEAN NOT NULL,
                    suspended_at BIGINT,
                    suspended_for TEXT,
                    failures BIGINT NOT NULL,
                    busy_until BIGINT NOT NULL,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id))",
                "CREATE TABLE webhook_secrets (
                    tenant TEXT NOT NULL,
                    webhook TEXT NOT NULL,
                    generation BIGINT NOT NULL,
                    secret TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT,
                    PRIMARY KEY (tenant, webhook, generation),
                    FOREIGN KEY (tenant, webhook) REFERENCES webhooks (tenant, id))",
                "CREATE TABLE webhook_deliveries (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    webhook TEXT NOT NULL,
                    event TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    body TEXT NOT NULL,
                    state TEXT NOT NULL,
                    attempts BIGINT NOT NULL,
                    due_at BIGINT NOT NULL,
                    last_status BIGINT,
                    last_error TEXT,
                    created_at BIGINT NOT NULL,
                    ended_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    FOREIGN KEY (tenant, webhook) REFERENCES webhooks (tenant, id))",
                "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant, webhook, due_at) WHERE state = 'waiting'",
                "CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at)",
            ],
            owned: &["webhook_secrets"],
            shared: &["webhooks", "webhook_deliveries"],
        }
        .create(manager)
        .await
    }
}
