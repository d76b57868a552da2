//! Apps: their records with keys, their calls, what waits for them, and the notes that they and people put beside orders.

use super::Tables;
use sea_orm_migration::prelude::*;

const STATEMENTS: [&str; 13] = [
    "CREATE TABLE app_records (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        collection TEXT NOT NULL,
        version BIGINT NOT NULL,
        fields TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        archived_at BIGINT,
        PRIMARY KEY (tenant, id))",
    "CREATE INDEX app_records_of ON app_records (tenant, plugin, collection, id) WHERE archived_at IS NULL",
    "CREATE TABLE app_record_keys (
        tenant TEXT NOT NULL,
        plugin TEXT NOT NULL,
        collection TEXT NOT NULL,
        place TEXT NOT NULL,
        key TEXT NOT NULL,
        record TEXT NOT NULL,
        is_unique BOOLEAN NOT NULL,
        PRIMARY KEY (tenant, plugin, collection, place, key, record),
        FOREIGN KEY (tenant, record) REFERENCES app_records (tenant, id))",
    "CREATE UNIQUE INDEX app_record_keys_unique ON app_record_keys (tenant, plugin, collection, place, key) WHERE is_unique",
    "CREATE INDEX app_record_keys_record ON app_record_keys (tenant, record)",
    "CREATE TABLE app_stores (
        tenant TEXT NOT NULL,
        plugin TEXT NOT NULL,
        records BIGINT NOT NULL,
        indexes TEXT NOT NULL,
        PRIMARY KEY (tenant, plugin))",
    "CREATE TABLE app_runs (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        release TEXT,
        component TEXT NOT NULL,
        hook TEXT NOT NULL,
        name TEXT NOT NULL,
        cause TEXT NOT NULL,
        committed TEXT,
        target TEXT,
        outcome TEXT NOT NULL,
        fuel BIGINT NOT NULL,
        memory_bytes BIGINT NOT NULL,
        host_calls BIGINT NOT NULL,
        duration_us BIGINT NOT NULL,
        who TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, id),
        CONSTRAINT app_runs_committed_key UNIQUE (tenant, plugin, committed))",
    "CREATE INDEX app_runs_of ON app_runs (tenant, plugin, id)",
    "CREATE TABLE app_jobs (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        payload TEXT NOT NULL,
        cause TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        busy_until BIGINT NOT NULL,
        last_error TEXT,
        created_at BIGINT NOT NULL,
        ended_at BIGINT,
        PRIMARY KEY (tenant, id),
        CONSTRAINT app_jobs_cause_key UNIQUE (tenant, plugin, cause))",
    "CREATE INDEX app_jobs_due ON app_jobs (due_at) WHERE state = 'waiting'",
    "CREATE INDEX app_jobs_ended ON app_jobs (ended_at)",
    "CREATE TABLE order_notes (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        order_id TEXT NOT NULL,
        who TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, id),
        FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id))",
    "CREATE INDEX order_notes_of ON order_notes (tenant, order_id, id)",
];

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &STATEMENTS,
            owned: &["app_records", "app_record_keys", "app_stores", "app_runs", "order_notes"],
            shared: &["app_jobs"],
        }
        .create(manager)
        .await
    }
}
