//! Plugins of tenants: the keys that they trust, the packages that they hold, releases, and which of them are active.

use super::Tables;
use sea_orm_migration::prelude::*;

const STATEMENTS: [&str; 7] = [
    "CREATE TABLE plugin_keys (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        public_key TEXT NOT NULL,
        added_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        revoked_at BIGINT,
        PRIMARY KEY (tenant, id))",
    "CREATE TABLE plugins (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        active TEXT,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, name))",
    "CREATE TABLE plugin_packages (
        tenant TEXT NOT NULL,
        digest TEXT NOT NULL,
        plugin TEXT NOT NULL,
        version TEXT NOT NULL,
        component TEXT NOT NULL,
        archive TEXT NOT NULL,
        archive_bytes BIGINT NOT NULL,
        manifest_digest TEXT NOT NULL,
        manifest TEXT NOT NULL,
        locales TEXT NOT NULL,
        envelopes TEXT NOT NULL,
        signer TEXT,
        signer_key TEXT,
        not_after BIGINT,
        imported_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, digest),
        FOREIGN KEY (tenant, plugin) REFERENCES plugins (tenant, name))",
    "CREATE TABLE plugin_releases (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        number BIGINT NOT NULL,
        package TEXT NOT NULL,
        settings TEXT NOT NULL,
        secrets TEXT NOT NULL,
        grants TEXT NOT NULL,
        made_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, id),
        CONSTRAINT plugin_releases_number_key UNIQUE (tenant, plugin, number),
        FOREIGN KEY (tenant, package) REFERENCES plugin_packages (tenant, digest))",
    "CREATE TABLE plugin_turns (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        event TEXT NOT NULL,
        release TEXT,
        who TEXT NOT NULL,
        reason TEXT,
        at BIGINT NOT NULL,
        PRIMARY KEY (tenant, id),
        FOREIGN KEY (tenant, plugin) REFERENCES plugins (tenant, name))",
    "CREATE INDEX hook_runs_of_plugin ON hook_runs (tenant, plugin, id)",
    "CREATE INDEX plugin_turns_of ON plugin_turns (tenant, plugin, id)",
];

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &STATEMENTS,
            owned: &["plugin_keys", "plugins", "plugin_packages", "plugin_releases", "plugin_turns"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
