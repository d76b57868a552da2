//! Actions: what people, events and the clock make an app do, and how what it proposes becomes true.
//!
//! An app says once what it offers ([`Description`]). A call of it ([`Ask`]) begins with an action that somebody takes, an event, an entry of its
//! timetable or a task that it has put off; it runs outside any transaction, over what the desk ([`Desk`]) lets it read, and proposes
//! [`Effects`]. When its answer refuses nothing, everything that it has read is compared again and all effects are committed with the record of
//! the call in one transaction, or none are. A call whose ground has moved comes again, three times. What was committed for a cause is not
//! committed for it again. Nothing here knows how a component is run.

mod commit;
mod describe;
mod desk;
mod fetched;
mod openapi;
mod perform;
pub mod port;
pub mod routes;
mod table;
mod view;

use crate::kernel::{db, outbound};
use crate::plugin;
use crate::record;
use crate::{access, command, note};

pub use describe::{Action, Description, Layout, Target, View, Wanted, fits};
pub use desk::Live;
pub(crate) use perform::ROUNDS_MAX;
pub use perform::{Cause, Said, Turn, act, turn};
pub use port::{Apps, Ask, Desk, DeskError, Effects, FetchAnswer, FetchError, FetchRequest, Later, Method, Question, Reply};
pub use view::{AppCard, JobCard, RunCard, active, app, card, list, records, runs};

use crate::document::hook::Failure;
use crate::finding::Finding;

/// How often a call comes again when what it has read has changed meanwhile.
pub(crate) const TRIES_MAX: usize = 3;

/// One input of an action that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "ActionInputWrong")]
pub struct Wrong {
    /// Where, as a JSON pointer: `/inputs/` and the key, or `/target`.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// What can go wrong with actions.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such app, action, collection or record; or the app takes no part now.
    #[error("there is no such {0}; a list shows what is there")]
    Unknown(&'static str),
    /// Inputs that do not fit: every one.
    #[error("the action does not fit: {}", .0.iter().map(|one| format!("{}: {}; {}", one.pointer, one.message, one.fix)).collect::<Vec<_>>().join("; "))]
    Input(Vec<Wrong>),
    /// The app refuses, with its findings.
    #[error("the app refuses this: each of its findings says why")]
    Refused(Vec<Finding>),
    /// The app may not run.
    #[error("the app `{plugin}` may not run: {code}")]
    Stopped {
        /// Which.
        plugin: String,
        /// Why, in one word.
        code: &'static str,
    },
    /// The app failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// What it proposes cannot be committed.
    #[error("what the app proposed could not be kept: {0}")]
    Proposed(record::Refused),
    /// What it read kept changing.
    #[error("what the app has read changed each time before it was done; try again")]
    Moved,
    /// The tenant's plugins.
    #[error(transparent)]
    Plugin(#[from] plugin::Error),
    /// A note.
    #[error(transparent)]
    Note(#[from] note::Error),
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl From<record::Error> for Error {
    fn from(error: record::Error) -> Self {
        match error {
            record::Error::Refused(record::Refused::Moved) => Self::Moved,
            record::Error::Refused(refused) => Self::Proposed(refused),
            record::Error::Db(error) => Self::Db(error),
        }
    }
}

impl From<outbound::Error> for FetchError {
    fn from(error: outbound::Error) -> Self {
        match error {
            outbound::Error::Url(why) => Self::Invalid(why.to_owned()),
            outbound::Error::Private => Self::Refused,
            outbound::Error::Unresolved | outbound::Error::Unreachable | outbound::Error::Unavailable => Self::Unreachable,
            outbound::Error::TimedOut => Self::TimedOut,
            outbound::Error::TooLarge => Self::TooLarge,
        }
    }
}
