//! Documents, their numbers, and the objects that hold their bytes.

use super::Tables;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables {
            statements: &[
                "CREATE TABLE objects (
                    tenant TEXT NOT NULL,
                    sha256 TEXT NOT NULL,
                    media_type TEXT NOT NULL,
                    bytes BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, sha256))",
                "CREATE TABLE document_series (
                    tenant TEXT NOT NULL,
                    company TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    year BIGINT NOT NULL,
                    last_number BIGINT NOT NULL,
                    PRIMARY KEY (tenant, company, kind, year))",
                "CREATE TABLE document_numbers (
                    tenant TEXT NOT NULL,
                    company TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    year BIGINT NOT NULL,
                    document TEXT NOT NULL,
                    number BIGINT NOT NULL,
                    reserved_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, company, kind, year, document),
                    CONSTRAINT document_numbers_number_key UNIQUE (tenant, company, kind, year, number))",
                "CREATE TABLE documents (
                    tenant TEXT NOT NULL,
                    id TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    number TEXT NOT NULL,
                    revision BIGINT NOT NULL,
                    order_version BIGINT NOT NULL,
                    state TEXT NOT NULL,
                    data_hash TEXT NOT NULL,
                    file_sha256 TEXT NOT NULL,
                    media_type TEXT NOT NULL,
                    pages BIGINT NOT NULL,
                    run TEXT,
                    as_of TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    voided_at BIGINT,
                    void_reason TEXT,
                    PRIMARY KEY (tenant, id, revision),
                    FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id),
                    FOREIGN KEY (tenant, file_sha256) REFERENCES objects (tenant, sha256))",
                "CREATE UNIQUE INDEX documents_issued_key ON documents (tenant, order_id, subject, kind) WHERE state = 'issued'",
                "CREATE INDEX documents_order ON documents (tenant, order_id, kind, revision)",
                "CREATE INDEX documents_number ON documents (tenant, number, revision)",
            ],
            owned: &["objects", "document_series", "document_numbers", "documents"],
            shared: &[],
        }
        .create(manager)
        .await
    }
}
