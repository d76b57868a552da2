//! Tenants, and how people and programs prove who they are.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE tenants (
                    tenant TEXT NOT NULL PRIMARY KEY,
                    handle TEXT NOT NULL CONSTRAINT tenants_handle_key UNIQUE,
                    name TEXT NOT NULL,
                    development BOOLEAN NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT)",
                "CREATE TABLE users (
                    tenant TEXT NOT NULL REFERENCES tenants (tenant),
                    id TEXT NOT NULL,
                    email TEXT NOT NULL,
                    email_folded TEXT NOT NULL,
                    name TEXT NOT NULL,
                    role TEXT NOT NULL,
                    password_hash TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    CONSTRAINT users_email_key UNIQUE (tenant, email_folded))",
                "CREATE TABLE sessions (
                    tenant TEXT NOT NULL,
                    secret_hash TEXT NOT NULL,
                    id TEXT NOT NULL,
                    user_id TEXT NOT NULL,
                    csrf TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, secret_hash),
                    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id))",
                "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
                "CREATE INDEX sessions_user ON sessions (tenant, user_id)",
                "CREATE TABLE api_tokens (
                    tenant TEXT NOT NULL,
                    secret_hash TEXT NOT NULL,
                    id TEXT NOT NULL,
                    name TEXT NOT NULL,
                    role TEXT NOT NULL,
                    created_by TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT,
                    revoked_at BIGINT,
                    PRIMARY KEY (tenant, secret_hash),
                    CONSTRAINT api_tokens_id_key UNIQUE (tenant, id))",
                "CREATE TABLE sign_in_failures (
                    tenant TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    failures BIGINT NOT NULL,
                    last_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, subject))",
                "CREATE INDEX sign_in_failures_last_at ON sign_in_failures (last_at)",
            ],
            owned: &["users", "api_tokens"],
            shared: &["tenants", "sessions", "sign_in_failures"],
        }
        .create(manager)
        .await
    }
}
