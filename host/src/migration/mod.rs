//! The tables, step by step. One file a noun; a step that has shipped is never changed, a new one is added after it.
//!
//! The statements are written so that SQLite and PostgreSQL both take them: text, 64-bit numbers, booleans. Instants are microseconds
//! since 1970 in UTC, civil dates are text. Every primary key starts with the tenant. PostgreSQL also gets a policy per table, so that a
//! query that forgets the tenant sees nothing. Steps run only in `roro migrate` and when an empty data folder is first opened.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the trait of the migration library has its lifetimes elided, and the signatures must match"
)]

mod m0001_access;
mod m0002_command;
mod m0003_company;
mod m0004_order;
mod m0005_vehicle;
mod m0006_document;
mod m0007_pack;
mod m0008_replaces;
mod m0009_pack_archive;
mod m0010_webhook;
mod m0011_plugin;
mod m0012_app;
mod m0013_hook_run_usage;
mod m0014_warm;

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_access::Step),
            Box::new(m0002_command::Step),
            Box::new(m0003_company::Step),
            Box::new(m0004_order::Step),
            Box::new(m0005_vehicle::Step),
            Box::new(m0006_document::Step),
            Box::new(m0007_pack::Step),
            Box::new(m0008_replaces::Step),
            Box::new(m0009_pack_archive::Step),
            Box::new(m0010_webhook::Step),
            Box::new(m0011_plugin::Step),
            Box::new(m0012_app::Step),
            Box::new(m0013_hook_run_usage::Step),
            Box::new(m0014_warm::Step),
        ]
    }
}

/// What a step makes.
struct Tables<'a> {
    /// Statements for both engines.
    statements: &'a [&'a str],
    /// Tables that only their tenant may see.
    owned: &'a [&'a str],
    /// Tables that the system's door may see across tenants as well.
    shared: &'a [&'a str],
}

impl Tables<'_> {
    async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in self.statements {
            connection.execute_unprepared(statement).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            for table in self.owned {
                self.protect(manager, table, "tenant = current_setting('roro.tenant', true)").await?;
            }
            for table in self.shared {
                let rule = "tenant = current_setting('roro.tenant', true) OR current_setting('roro.system', true) = 'on'";
                self.protect(manager, table, rule).await?;
            }
        }
        Ok(())
    }

    /// Forced, so that the owner of the tables, who usually is also the one who serves, is held to it too.
    async fn protect(&self, manager: &SchemaManager<'_>, table: &str, rule: &str) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in [
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
            format!("CREATE POLICY {table}_tenant ON {table} USING ({rule}) WITH CHECK ({rule})"),
        ] {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
