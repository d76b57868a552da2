//! The database: SQLite or PostgreSQL behind one door.
//!
//! `Db` lives as long as the process. Reads see one snapshot (`db.read`), all writes go through `db.write`: on SQLite to a single
//! writer that lets many requests share one commit, on PostgreSQL to a transaction of their own, tried again when the database
//! asks for it. Both hand out a scope that adds the tenant to every query, so a query without a tenant cannot be written; PostgreSQL
//! checks the same once more by row-level security. Never hold a scope while a plugin runs.

mod error;
mod lock;
mod scope;
mod system;
mod value;
mod writer;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use serde::Deserialize;

pub use error::Error;
pub use lock::FolderLock;
pub use scope::{Owned, Scope, Write};
pub use system::{Shared, System};
pub use value::UnknownWord;

use super::id::TenantId;

/// The oldest SQLite that may serve: 3.51.3 mends a race between a write-ahead-log checkpoint and a commit that could corrupt a
/// database with several connections (sqlite.org, release log of 3.51.3, 2026-03).
const SQLITE_OLDEST: (u32, u32, u32) = (3, 51, 3);

/// Proof that somebody may act for a tenant. Only `access` implements it, on a type that only `access` can make; a test of the house
/// keeps it so.
pub trait Authority: Send + Sync {
    /// The tenant to act for.
    fn tenant_id(&self) -> TenantId;
}

/// Section `[database]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH`, `sqlite::memory:` or `postgres://…`. Empty: `roro.db` in the data folder.
    pub url: String,
    /// Connections that read (SQLite) or do everything (PostgreSQL).
    pub connections_max: u32,
    /// How long a request waits for a connection or for SQLite's lock, in milliseconds.
    pub wait_ms_max: u64,
    /// How long one write may take, in milliseconds.
    pub write_ms_max: u64,
    /// How many writes may share one commit.
    pub batch_max: usize,
    /// After how long a batch stops taking more writes, in milliseconds.
    pub batch_ms_max: u64,
    /// How many writes may wait for the writer; more are refused as busy.
    pub queue_max: usize,
    /// How often a write is tried again when PostgreSQL reports a deadlock or a serialization failure.
    pub retries_max: u32,
}

impl Settings {
    /// Small and strict, for tests.
    #[must_use]
    pub fn for_testing(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            connections_max: 4,
            wait_ms_max: 10_000,
            write_ms_max: 10_000,
            batch_max: 64,
            batch_ms_max: 10,
            queue_max: 1_024,
            retries_max: 5,
        }
    }
}

/// Which database stands behind the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, or memory.
    Sqlite,
    /// A server.
    Postgres,
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    readers: DatabaseConnection,
    writer: Writer,
    retries_max: u32,
}

enum Writer {
    /// SQLite: all writes queue for one connection.
    Single { connection: DatabaseConnection, queue: writer::Queue },
    /// PostgreSQL: a transaction each on the pool.
    Pool { write: Duration },
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.0.engine)
    }
}

impl Db {
    /// Connects. Tables are made by [`Db::migrate`].
    ///
    /// # Errors
    /// When the URL is of neither engine, the database cannot be reached, or its version is too old.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        if settings.url.starts_with("sqlite:") {
            Self::open_sqlite(settings).await
        } else if settings.url.starts_with("postgres://") || settings.url.starts_with("postgresql://") {
            Self::open_postgres(settings).await
        } else {
            // The URL may hold a password: only what stands before the colon is repeated.
            Err(Error::Url { scheme: settings.url.split(':').next().unwrap_or_default().chars().take(16).collect() })
        }
    }

    async fn open_sqlite(settings: &Settings) -> Result<Self, Error> {
        let memory = settings.url.contains(":memory:");
        if let Some(folder) =
            sqlite_file(&settings.url).as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|source| Error::Folder { folder: folder.to_owned(), source })?;
        }
        let connection = sqlite(settings, 1, false).await?;
        check_sqlite_version(&connection).await?;
        // A database in memory belongs to its one connection: readers take turns with the writer on it.
        let readers = if memory { connection.clone() } else { sqlite(settings, settings.connections_max, true).await? };
        let queue = writer::Queue::start(connection.clone(), settings);
        Ok(Self(Arc::new(Inner {
            engine: Engine::Sqlite,
            readers,
            writer: Writer::Single { connection, queue },
            retries_max: settings.retries_max,
        })))
    }

    async fn open_postgres(settings: &Settings) -> Result<Self, Error> {
        let mut options = ConnectOptions::new(settings.url.clone());
        options
            .max_connections(settings.connections_max)
            .acquire_timeout(Duration::from_millis(settings.wait_ms_max))
            .connect_timeout(Duration::from_millis(settings.wait_ms_max))
            .statement_timeout(Duration::from_millis(settings.write_ms_max))
            .test_before_acquire(false)
            .set_application_name("roro")
            .sqlx_logging(false);
        let readers = Database::connect(options).await.map_err(Error::from_connect)?;
        Ok(Self(Arc::new(Inner {
            engine: Engine::Postgres,
            readers,
            writer: Writer::Pool { write: Duration::from_millis(settings.write_ms_max) },
            retries_max: settings.retries_max,
        })))
    }

    /// Which database this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// Brings the tables to the newest version: all steps in one transaction, and one process at a time.
    ///
    /// # Errors
    /// When a step fails; nothing is changed then.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Error> {
        let tx = self.begin_write().await?;
        if self.0.engine == Engine::Postgres {
            tx.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('roro.migrate'))").await?;
        }
        M::up(&tx, None).await?;
        Ok(tx.commit().await?)
    }

    /// The names of the steps that [`Db::migrate`] would run.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending<M: MigratorTrait>(&self) -> Result<Vec<String>, Error> {
        let pending = M::get_pending_migrations_read_only(&self.0.readers).await?;
        Ok(pending.iter().map(|step| step.name().to_owned()).collect())
    }

    /// Whether the database answers: for readiness.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.0.readers.execute_unprepared("SELECT 1").await.map(|_| ())?)
    }

    /// What stands behind the door, for the log of the start: version, journal, how hard a commit is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facts(&self) -> Result<Vec<(&'static str, String)>, Error> {
        let (connection, questions): (_, &[(&str, &str)]) = match &self.0.writer {
            Writer::Single { connection, .. } => (
                connection,
                &[
                    ("version", "SELECT sqlite_version()"),
                    ("journal", "PRAGMA journal_mode"),
                    ("synchronous", "PRAGMA synchronous"),
                ],
            ),
            Writer::Pool { .. } => (
                &self.0.readers,
                &[("version", "SHOW server_version"), ("synchronous", "SHOW synchronous_commit"), ("fsync", "SHOW fsync")],
            ),
        };
        let mut facts = Vec::new();
        for (name, sql) in questions {
            let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), *sql)).await?;
            let value = row
                .map(|row| row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string())));
            facts.push((*name, value.transpose()?.unwrap_or_default()));
        }
        Ok(facts)
    }

    /// A snapshot for reading. Drop it soon: it holds a connection, and in memory the only one.
    ///
    /// # Errors
    /// When no connection is free in time or the database fails.
    pub async fn read(&self, authority: &impl Authority) -> Result<Scope, Error> {
        let tenant = authority.tenant_id();
        let tx = self.begin_read().await?;
        self.name_tenant(&tx, tenant).await?;
        Ok(Scope::new(Arc::new(tx), tenant))
    }

    /// Runs `work` in a write transaction of a tenant and returns its answer after the commit. An `Err` undoes all of it.
    ///
    /// `work` may run more than once, as PostgreSQL may ask to try again: it owns what it needs behind an [`Arc`] and does nothing but
    /// use the scope.
    ///
    /// # Errors
    /// What `work` answers, or why the commit failed.
    pub async fn write<T, E, F, Fut>(&self, authority: &impl Authority, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(Write) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let tenant = authority.tenant_id();
        self.submit(Some(tenant), move |tx, trouble| work(Write::new(tx, tenant, trouble))).await
    }

    /// Runs `work` through the system's door: only on the tables that belong to no single tenant ([`Shared`]).
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn system<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(System) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.submit(None, move |tx, trouble| work(System::new(tx, trouble))).await
    }

    /// A snapshot of the tables that belong to no single tenant.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_system(&self) -> Result<System, Error> {
        let tx = self.begin_read().await?;
        self.name_system(&tx).await?;
        Ok(System::new(Arc::new(tx), error::Trouble::default()))
    }

    async fn submit<T, E, F, Fut>(&self, tenant: Option<TenantId>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(Arc<DatabaseTransaction>, error::Trouble) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        match &self.0.writer {
            Writer::Single { queue, .. } => queue.submit(work).await,
            Writer::Pool { write } => {
                for attempt in 0.. {
                    let trouble = error::Trouble::default();
                    let result = self.attempt(tenant, *write, &work, trouble.clone()).await;
                    if result.is_ok() || !trouble.can_be_tried_again() || attempt >= self.0.retries_max {
                        return result;
                    }
                    tokio::time::sleep(writer::backoff(attempt)).await;
                }
                Err(Error::Stopped.into())
            }
        }
    }

    async fn attempt<T, E, F, Fut>(
        &self,
        tenant: Option<TenantId>,
        limit: Duration,
        work: &F,
        trouble: error::Trouble,
    ) -> Result<T, E>
    where
        E: From<Error>,
        F: Fn(Arc<DatabaseTransaction>, error::Trouble) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let tx = self.begin_write().await?;
        match tenant {
            Some(tenant) => self.name_tenant(&tx, tenant).await?,
            None => self.name_system(&tx).await?,
        }
        let tx = Arc::new(tx);
        let result = writer::bounded(limit, work(tx.clone(), trouble.clone())).await;
        let tx = Arc::try_unwrap(tx).map_err(|_| Error::ScopeKept)?;
        if result.is_ok() {
            tx.commit().await.map_err(|error| trouble.note(error))?;
        } else {
            // The answer is the error of the work; a connection that cannot even roll back is closed by the pool.
            let _ = tx.rollback().await;
        }
        result
    }

    async fn begin_read(&self) -> Result<DatabaseTransaction, Error> {
        let tx = self.0.readers.begin().await?;
        if self.0.engine == Engine::Postgres {
            // One snapshot for all statements, as SQLite gives by itself.
            tx.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        }
        Ok(tx)
    }

    async fn begin_write(&self) -> Result<DatabaseTransaction, Error> {
        match &self.0.writer {
            Writer::Single { connection, .. } => begin_immediate(connection).await,
            Writer::Pool { .. } => Ok(self.0.readers.begin().await?),
        }
    }

    async fn name_tenant(&self, tx: &DatabaseTransaction, tenant: TenantId) -> Result<(), Error> {
        self.name(tx, "SELECT set_config('roro.tenant', $1, true)", tenant.to_string()).await
    }

    async fn name_system(&self, tx: &DatabaseTransaction) -> Result<(), Error> {
        self.name(tx, "SELECT set_config('roro.system', $1, true)", "on".to_owned()).await
    }

    async fn name(&self, tx: &DatabaseTransaction, sql: &'static str, value: String) -> Result<(), Error> {
        if self.0.engine == Engine::Postgres {
            tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [value.into()])).await?;
        }
        Ok(())
    }
}

async fn begin_immediate(connection: &DatabaseConnection) -> Result<DatabaseTransaction, Error> {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    Ok(connection.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }).await?)
}

async fn sqlite(settings: &Settings, connections: u32, read_only: bool) -> Result<DatabaseConnection, Error> {
    let wait = Duration::from_millis(settings.wait_ms_max);
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(wait)
        // A database in memory dies with its connection, and a file's connection costs nothing to keep.
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(wait)
                .statement_cache_capacity(512);
            if read_only { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    Database::connect(options).await.map_err(Error::from_connect)
}

/// The file of a SQLite URL; none for a database in memory.
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.contains(":memory:")).then(|| PathBuf::from(path))
}

async fn check_sqlite_version(connection: &DatabaseConnection) -> Result<(), Error> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version")).await?;
    let found: String = row.map(|row| row.try_get("", "version")).transpose()?.unwrap_or_default();
    let mut parts = found.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version < SQLITE_OLDEST {
        return Err(Error::SqliteTooOld { found });
    }
    Ok(())
}

/// A pattern that finds `text` anywhere and takes its `%`, `_` and `\` literally.
#[must_use]
pub fn like_part(text: &str) -> sea_orm::sea_query::LikeExpr {
    let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    sea_orm::sea_query::LikeExpr::new(format!("%{literal}%")).escape('\\')
}

/// A column of JSON text.
///
/// # Errors
/// When the value has no JSON, a fault of this program.
pub fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::Json)
}

/// The value of a column of JSON text.
///
/// # Errors
/// When the text is not what this version writes, nor what an earlier one wrote.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(Error::Json)
}
