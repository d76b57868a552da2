//! Notes: what people and apps have put down beside an order, for whoever opens it next.
//!
//! A note is written once, by a clerk or, with everything else of its call, by an app that may; it is never changed and never deleted. It
//! does not count among what documents are made from.

pub mod routes;
mod table;

use serde::{Deserialize, Serialize};

use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::id::{NoteId, OrderId};
use crate::kernel::time::Instant;
use crate::order;

/// The longest note, characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// The most notes that one list shows.
const LISTED_MAX: u64 = 200;

/// What can go wrong with notes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such order.
    #[error("there is no such order")]
    Unknown,
    /// Not a text that a list can show.
    #[error("a note has 1 to {TEXT_CHARS_MAX} characters, without control characters but line ends")]
    Text,
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

/// What is said.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NoteInput")]
pub struct Input {
    /// 1 to 2 000 characters; line ends are kept.
    pub text: String,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The order.
    pub order: OrderId,
    /// Who wrote it: a user, a token, or `plugin:` and the app.
    pub who: String,
    /// What it says.
    pub text: String,
    /// When.
    pub at: Instant,
}

/// Whether a text can be a note.
#[must_use]
pub fn fits(text: &str) -> bool {
    let count = text.chars().count();
    (1..=TEXT_CHARS_MAX).contains(&count) && !text.trim().is_empty() && text.chars().all(|one| !one.is_control() || one == '\n')
}

/// Puts a note beside an order. Clerks may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Text`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn add(ctx: &Ctx, actor: &Actor, request: Request, order: OrderId, input: Input) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    let text = input.text.replace("\r\n", "\n").trim().to_owned();
    if !fits(&text) {
        return Err(Error::Text);
    }
    let note = Note { id: ctx.id(), order, who: actor.who().to_string(), text, at: ctx.now() };
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let note = note.clone();
        async move {
            write(&tx, &note).await?;
            let (answer, subject) = (Answer::json(201, &note)?, Some(note.order.to_string()));
            Ok(Done { answer, verb: "order.note", subject, before: None, after: None })
        }
    }))
    .await
}

/// Writes a note, in the transaction of whatever it belongs to.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn write(tx: &Write, note: &Note) -> Result<(), Error> {
    if !order::is_there(tx, note.order).await? {
        return Err(Error::Unknown);
    }
    Ok(table::insert(tx, note).await?)
}

/// The notes beside an order, newest first.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, order: OrderId) -> Result<Vec<Note>, Error> {
    let scope = ctx.db.read(actor).await?;
    if !order::is_there(&scope, order).await? {
        return Err(Error::Unknown);
    }
    Ok(table::of(&scope, order, LISTED_MAX).await?)
}
