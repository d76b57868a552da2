//! What can go wrong in the database, as a closed list that says what to do.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What went wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A URL of neither engine.
    #[error("database.url starts with `{scheme}:`; write sqlite:PATH or postgres://USER@HOST/NAME")]
    Url {
        /// What stands before the colon.
        scheme: String,
    },
    /// The folder of the database cannot be made.
    #[error("cannot make the folder {}; create it or change database.url", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process serves this folder.
    #[error("{} is served by another process; stop it first, or give this one its own data.folder", folder.display())]
    FolderTaken {
        /// Which folder.
        folder: PathBuf,
    },
    /// The SQLite library is too old to be trusted with several connections.
    #[error("SQLite {found} is too old; build with the bundled one, 3.51.3 or newer")]
    SqliteTooOld {
        /// Which version it is.
        found: String,
    },
    /// No answer when connecting.
    #[error("the database cannot be reached; check database.url and that the server runs")]
    Unreachable(#[source] DbErr),
    /// A row with these unique values is there already.
    #[error("already there: {constraint}")]
    Taken {
        /// The database's own words; they name the constraint or its columns, never a value.
        constraint: String,
    },
    /// A row names another row that is not there.
    #[error("a row names another one that is not there: {constraint}")]
    Dangling {
        /// The database's own words.
        constraint: String,
    },
    /// Too many wait for a connection, a lock or the writer.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// PostgreSQL could not order this write among others, also after trying again.
    #[error("the write collided with others too often; try again")]
    Contended(#[source] DbErr),
    /// A write took too long and was undone.
    #[error("the write took longer than {} ms and was undone; try again with less, or raise database.write_ms_max", limit.as_millis())]
    TooSlow {
        /// How long it may take.
        limit: Duration,
    },
    /// A row of one tenant in the scope of another: a fault of this program.
    #[error("a row of another tenant was about to be written; nothing was")]
    ForeignTenant,
    /// The scope of a write outlived its closure: a fault of this program.
    #[error("the scope of a write was kept after its closure; the write was undone")]
    ScopeKept,
    /// The closure of a write panicked: a fault of this program.
    #[error("the write stopped by a fault of the program and was undone")]
    Panicked,
    /// The commit that this write shared with others failed.
    #[error("the commit failed and the write was undone; try again")]
    Undone,
    /// The writer has ended with the process.
    #[error("the database is shutting down; try again")]
    Stopped,
    /// A column of JSON could not be written or read.
    #[error("a stored value does not have its shape; restore the row from the backup")]
    Json(#[source] serde_json::Error),
    /// Anything else.
    #[error("the database failed")]
    Failed(#[source] DbErr),
}

impl Error {
    /// Whether the same request may succeed when it is sent again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Contended(_) | Self::TooSlow { .. } | Self::Undone | Self::Stopped | Self::Unreachable(_)
        )
    }

    pub(super) fn from_connect(error: DbErr) -> Self {
        Self::Unreachable(error)
    }
}

fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else { return None };
    match error.as_ref() {
        sqlx::Error::Database(error) => error.code().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(constraint)) => return Self::Taken { constraint },
            Some(SqlErr::ForeignKeyConstraintViolation(constraint)) => return Self::Dangling { constraint },
            _ => {}
        }
        if matches!(error, DbErr::ConnectionAcquire(_)) {
            return Self::Busy;
        }
        match code(&error).as_deref() {
            // PostgreSQL: serialization failure, deadlock.
            Some("40001" | "40P01") => Self::Contended(error),
            // PostgreSQL: lock not available, statement timeout; SQLite: busy, locked, busy snapshot.
            Some("55P03" | "57014" | "5" | "6" | "261" | "517") => Self::Busy,
            _ => Self::Failed(error),
        }
    }
}

/// Remembers whether a statement of an attempt failed in a way that a new attempt may mend: the caller's own error type hides it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble(Arc<AtomicBool>);

impl Trouble {
    pub(super) fn note(&self, error: DbErr) -> Error {
        let error = Error::from(error);
        if matches!(error, Error::Contended(_)) {
            self.0.store(true, Ordering::SeqCst);
        }
        error
    }

    pub(super) fn can_be_tried_again(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
