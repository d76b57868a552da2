//! Vehicles and shipments of orders.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE vehicles (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    position BIGINT NOT NULL,
                    identity_kind TEXT NOT NULL,
                    identity TEXT NOT NULL,
                    identity_normal TEXT NOT NULL,
                    identity_reversed TEXT NOT NULL,
                    make TEXT NOT NULL,
                    model TEXT NOT NULL,
                    milestone TEXT,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id))",
                "CREATE UNIQUE INDEX vehicles_order_identity_key ON vehicles (tenant, order_id, identity_normal) WHERE archived_at IS NULL",
                "CREATE INDEX vehicles_order ON vehicles (tenant, order_id, position)",
                "CREATE INDEX vehicles_identity ON vehicles (tenant, identity_normal)",
                "CREATE INDEX vehicles_reversed ON vehicles (tenant, identity_reversed, id)",
                "CREATE TABLE shipments (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    port_of_loading TEXT NOT NULL,
                    port_of_discharge TEXT NOT NULL,
                    mode TEXT NOT NULL,
                    vessel TEXT,
                    voyage TEXT,
                    etd TEXT,
                    eta TEXT,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    CONSTRAINT shipments_order_key UNIQUE (tenant, order_id),
                    FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id))",
            ],
            owned: &["vehicles", "shipments"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
