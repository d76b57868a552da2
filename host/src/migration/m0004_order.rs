//! Orders and their versions.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE orders (
                    tenant TEXT NOT NULL REFERENCES tenants (tenant),
                    id TEXT NOT NULL,
                    source TEXT NOT NULL,
                    external_id TEXT NOT NULL,
                    company TEXT NOT NULL,
                    reference TEXT NOT NULL,
                    buyer_name TEXT NOT NULL,
                    buyer_folded TEXT NOT NULL,
                    commercial TEXT NOT NULL,
                    goods TEXT NOT NULL,
                    money TEXT NOT NULL,
                    currency TEXT NOT NULL,
                    total_minor BIGINT NOT NULL,
                    vehicle_count BIGINT NOT NULL,
                    contract_date TEXT NOT NULL,
                    etd TEXT,
                    eta TEXT,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    changed_at BIGINT NOT NULL,
                    archived_at BIGINT,
                    PRIMARY KEY (tenant, id),
                    CONSTRAINT orders_external_id_key UNIQUE (tenant, source, external_id),
                    CONSTRAINT orders_reference_key UNIQUE (tenant, company, reference),
                    FOREIGN KEY (tenant, company) REFERENCES companies (tenant, id))",
                "CREATE INDEX orders_etd ON orders (tenant, etd, id)",
                "CREATE INDEX orders_eta ON orders (tenant, eta, id)",
                "CREATE INDEX orders_buyer ON orders (tenant, buyer_folded, id)",
                "CREATE TABLE order_versions (
                    tenant TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    version BIGINT NOT NULL,
                    file TEXT NOT NULL,
                    file_hash TEXT NOT NULL,
                    command TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, order_id, version),
                    FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id))",
            ],
            owned: &["orders", "order_versions"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
