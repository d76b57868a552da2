//! Registers: what a firm knows by name, said whole and replaced whole. Companies and parties are entries of registers.
//!
//! An entry begins with version 1. Whoever replaces it names the version that was read, so that of two changes at once one wins. It is
//! archived, never deleted. A noun keeps its type, its checks, its table and its words; only what is done with them in the same way stands
//! here.

pub mod routes;
mod said;

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Scope, Write};
use crate::kernel::id::Id;
use crate::kernel::time::Instant;

pub use said::{InScript, TaxId};
pub(crate) use said::{Refused, check_shared, printable, refused};

/// Where an entry lies: its noun's table.
pub trait Kept: Sized {
    /// Its id.
    type Id: Id;

    /// Inserts it unless one with its source and external id is there; says whether it did.
    fn insert(&self, tx: &Write) -> impl Future<Output = Result<bool, db::Error>> + Send;

    /// Stores it if its version still is `was`; says whether it did.
    fn advance(&self, tx: &Write, was: i64) -> impl Future<Output = Result<bool, db::Error>> + Send;

    /// The entry with this id.
    fn by_id(scope: &Scope, id: Self::Id) -> impl Future<Output = Result<Option<Self>, db::Error>> + Send;
}

/// A noun whose things are entries of a register.
pub trait Entry: Kept + Clone + Serialize + Send + Sync + 'static {
    /// What is said about it.
    type Input: Clone + DeserializeOwned + Send + Sync + 'static;

    /// What people call it.
    const NOUN: &'static str;
    /// What the command log calls its making.
    const CREATE: &'static str;
    /// What the command log calls its change.
    const REPLACE: &'static str;
    /// Who may write it.
    const WRITER: Role;

    /// An entry of these parts.
    fn new(id: Self::Id, input: Self::Input, version: i64, created_at: Instant) -> Self;

    /// From 1, raised by each change.
    fn version(&self) -> i64;

    /// Since when.
    fn created_at(&self) -> Instant;

    /// Whether it is fit to be stored.
    ///
    /// # Errors
    /// The first place that is not.
    fn check(input: &Self::Input) -> Result<(), Refused>;
}

/// What can go wrong with entries.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not fit to be stored.
    #[error(transparent)]
    Input(#[from] Refused),
    /// No such entry.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// Another one has these external ids.
    #[error("a {0} with this source and external id is there already; change that one")]
    Taken(&'static str),
    /// Somebody changed it meanwhile.
    #[error("the {noun} has changed to version {now}; read it again and send your change with that version")]
    Moved {
        /// What it is.
        noun: &'static str,
        /// The version that it has.
        now: i64,
    },
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

/// Adds an entry.
///
/// # Errors
/// All but [`Error::Unknown`] and [`Error::Moved`].
pub async fn create<E: Entry>(ctx: &Ctx, actor: &Actor, request: Request, input: E::Input) -> Result<Answer, Error> {
    actor.must_be(E::WRITER)?;
    E::check(&input)?;
    let id: E::Id = ctx.id();
    let entry = E::new(id, input, 1, ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let entry = entry.clone();
        async move {
            if !entry.insert(&tx).await? {
                return Err(Error::Taken(E::NOUN));
            }
            done(201, E::CREATE, id, None, &entry)
        }
    }))
    .await
}

/// Replaces what is said about an entry, if its version still is `version`.
///
/// # Errors
/// All of [`Error`].
pub async fn replace<E: Entry>(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: E::Id,
    version: i64,
    input: E::Input,
) -> Result<Answer, Error> {
    actor.must_be(E::WRITER)?;
    E::check(&input)?;
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let input = input.clone();
        async move {
            let was = E::by_id(&tx, id).await?.ok_or(Error::Unknown(E::NOUN))?;
            let next = E::new(id, input, version + 1, was.created_at());
            if was.version() != version || !next.advance(&tx, version).await? {
                return Err(Error::Moved { noun: E::NOUN, now: was.version() });
            }
            done(200, E::REPLACE, id, Some(version), &next)
        }
    }))
    .await
}

/// An entry.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn get<E: Entry>(ctx: &Ctx, actor: &Actor, id: E::Id) -> Result<E, Error> {
    E::by_id(&ctx.db.read(actor).await?, id).await?.ok_or(Error::Unknown(E::NOUN))
}

/// The log knows the versions and not what was said, which is personal.
fn done<E: Entry>(status: u16, verb: &'static str, id: E::Id, was: Option<i64>, entry: &E) -> Result<Done, Error> {
    Ok(Done {
        answer: Answer::json(status, entry)?,
        verb,
        subject: Some(id.to_string()),
        before: was.map(|version| serde_json::json!({ "version": version })),
        after: Some(serde_json::json!({ "version": entry.version() })),
    })
}
