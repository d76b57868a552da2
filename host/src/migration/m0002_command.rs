//! The command log, answers under idempotency keys, and the outbox.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE commands (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    door TEXT NOT NULL,
                    verb TEXT NOT NULL,
                    idempotency_key TEXT,
                    subject TEXT,
                    before_json TEXT,
                    after_json TEXT,
                    result TEXT NOT NULL,
                    at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, id))",
                "CREATE INDEX commands_subject ON commands (tenant, subject, id)",
                "CREATE TABLE idempotency_keys (
                    tenant TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    route TEXT NOT NULL,
                    idempotency_key TEXT NOT NULL,
                    request_hash TEXT NOT NULL,
                    command TEXT NOT NULL,
                    status BIGINT NOT NULL,
                    answer TEXT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, actor, route, idempotency_key))",
                "CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at)",
                "CREATE TABLE outbox (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    line TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    payload TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    attempts BIGINT NOT NULL,
                    due_at BIGINT NOT NULL,
                    delivered_at BIGINT,
                    PRIMARY KEY (tenant, id))",
                "CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE delivered_at IS NULL",
                "CREATE INDEX outbox_line ON outbox (tenant, line, id) WHERE delivered_at IS NULL",
                "CREATE TABLE deliveries (
                    tenant TEXT NOT NULL,
                    subscriber TEXT NOT NULL,
                    event TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, subscriber, event))",
            ],
            owned: &["commands", "deliveries"],
            shared: &["idempotency_keys", "outbox"],
        }
        .create(manager)
        .await
    }
}
