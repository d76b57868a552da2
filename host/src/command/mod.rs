//! The command log: every write, with who did it, through which door, to what, and what changed. It is the audit trail.
//!
//! A command is written in the transaction of the change itself and never changed. A command sent with an idempotency key also stores
//! its answer there: the same request again gets the stored answer for a day, the same key with another request is refused, and a
//! request that comes while the first still runs waits for its answer. Answers to failures are not stored: nothing happened.

mod table;

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

use crate::kernel::Ctx;
use crate::kernel::db::{self, Authority, Write};
use crate::kernel::id::CommandId;
use crate::kernel::time::Instant;

pub use table::{Row, of_subject};

/// How long an answer is kept under its key.
const KEPT: Duration = Duration::from_secs(48 * 3_600);

/// What can go wrong with commands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a key.
    #[error("an idempotency key has 1 to 255 visible ASCII characters; a random UUID does well")]
    Key,
    /// The key has been used for something else.
    #[error("this idempotency key was used for another request; send a new key with a new request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Somebody who can be named in the log. `access::Actor` is one.
pub trait Doer: Authority {
    /// Who: an id, or what part of the machine.
    fn who(&self) -> String;

    /// Through which door.
    fn door(&self) -> &'static str;
}

/// What the log says about a command. Never personal fields in clear: a log cannot be erased.
#[derive(Debug, Clone)]
pub struct Entry {
    who: String,
    door: &'static str,
    verb: &'static str,
    key: Option<String>,
    subject: Option<String>,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
}

impl Entry {
    /// A command that is done: `verb` is `noun.verb`, `subject` the id of what it is about.
    #[must_use]
    pub fn new(doer: &impl Doer, verb: &'static str, subject: Option<String>) -> Self {
        Self { who: doer.who(), door: doer.door(), verb, key: None, subject, before: None, after: None }
    }

    /// What it was before.
    #[must_use]
    pub fn before(mut self, value: serde_json::Value) -> Self {
        self.before = Some(value);
        self
    }

    /// What it is now.
    #[must_use]
    pub fn after(mut self, value: serde_json::Value) -> Self {
        self.after = Some(value);
        self
    }
}

/// Writes a command into the log, in the transaction of its change.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &Write, id: CommandId, at: Instant, entry: Entry) -> Result<(), db::Error> {
    table::insert(tx, id, at, entry).await
}

/// A key that a client chose, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl std::str::FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(Error::Key) }
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The operation: `POST /v1/orders/import`. A key counts within its route.
    pub route: &'static str,
    /// The client's key; none to do it again each time.
    pub key: Option<Key>,
    /// [`Request::hash`] of everything that decides the answer.
    pub hash: String,
}

impl Request {
    /// A request whose answer depends on these parts: path parameters, the body, `If-Match`.
    #[must_use]
    pub fn new(route: &'static str, key: Option<Key>, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // With their lengths, so that no two lists of parts give the same bytes.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self { route, key, hash: hex::encode(hash.finalize()) }
    }
}

/// An answer as it is stored and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
    /// Whether it was stored by an earlier, equal request.
    pub replayed: bool,
}

impl Answer {
    /// A fresh answer.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, which is a fault of this program.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { status, body: serde_json::to_string(value)?, replayed: false })
    }
}

/// What the work of a command hands back: the answer, and what the log shall say.
#[derive(Debug, Clone)]
pub struct Done {
    /// The answer to send and to store.
    pub answer: Answer,
    /// `noun.verb`.
    pub verb: &'static str,
    /// The id of what it was about.
    pub subject: Option<String>,
    /// What it was before.
    pub before: Option<serde_json::Value>,
    /// What it is now.
    pub after: Option<serde_json::Value>,
}

/// How a command begins.
#[derive(Debug)]
pub enum Begun {
    /// It was done before; this is its answer.
    Answered(Answer),
    /// It is to be done, by whoever holds the ticket.
    Open(Ticket),
}

/// The right to do a command. Others with the same key wait in this process until it is dropped.
#[derive(Debug)]
pub struct Ticket {
    request: Request,
    who: String,
    door: &'static str,
    id: CommandId,
    _pass: Option<OwnedMutexGuard<()>>,
}

/// Begins a command: gives the stored answer or a ticket. Plugins may run between this and [`Ticket::commit`].
///
/// # Errors
/// [`Error::KeyReused`], [`Error::Db`].
pub async fn begin(ctx: &Ctx, doer: &impl Doer, request: Request) -> Result<Begun, Error> {
    let mut pass = None;
    if let Some(key) = &request.key {
        let gate = format!("{} {} {} {}", doer.tenant_id(), doer.who(), request.route, key.0);
        pass = Some(ctx.gates.pass(&gate).await);
        let scope = ctx.db.read(doer).await?;
        if let Some(stored) = table::stored(&scope, &doer.who(), request.route, &key.0, ctx.now()).await? {
            return stored.answer_to(&request).map(Begun::Answered);
        }
    }
    Ok(Begun::Open(Ticket { request, who: doer.who(), door: doer.door(), id: ctx.id(), _pass: pass }))
}

impl Ticket {
    /// The command's id, for rows that name the command which made them.
    #[must_use]
    pub fn id(&self) -> CommandId {
        self.id
    }

    /// Runs `work` in a transaction that also writes the log and stores the answer; answers after the commit. When another process
    /// was faster with the same key, `work` does not run and its stored answer comes back.
    ///
    /// # Errors
    /// What `work` answers, [`Error::KeyReused`], or why the commit failed.
    pub async fn commit<E, F, Fut>(self, ctx: &Ctx, doer: &impl Doer, work: F) -> Result<Answer, E>
    where
        E: From<Error> + From<db::Error> + Send + 'static,
        F: Fn(Write) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Done, E>> + Send + 'static,
    {
        let now = ctx.now();
        let Self { request, who, door, id, _pass: pass } = self;
        let outcome = ctx
            .db
            .write(doer, move |tx| {
                let (request, who) = (request.clone(), who.clone());
                let slot = table::Slot { who, request, command: id, now, until: now.after(KEPT) };
                // A future does nothing before it is awaited: the place for the answer is taken first.
                in_transaction(tx.clone(), slot, door, work(tx))
            })
            .await;
        drop(pass);
        if outcome.is_ok() {
            ctx.bell.notify_one();
        }
        outcome
    }
}

async fn in_transaction<E>(
    tx: Write,
    slot: table::Slot,
    door: &'static str,
    work: impl Future<Output = Result<Done, E>> + Send,
) -> Result<Answer, E>
where
    E: From<Error> + From<db::Error>,
{
    if let Some(stored) = slot.take(&tx).await? {
        return Ok(stored.answer_to(&slot.request)?);
    }
    let done = work.await?;
    let key = slot.request.key.as_ref().map(|key| key.0.clone());
    let Done { answer, verb, subject, before, after } = done;
    write(&tx, slot.command, slot.now, Entry { who: slot.who.clone(), door, verb, key, subject, before, after }).await?;
    slot.fill(&tx, &answer).await?;
    Ok(answer)
}

/// A whole command that asks no plugin: [`begin`] and [`Ticket::commit`] in one.
///
/// # Errors
/// As those two.
pub async fn run<E, F, Fut>(ctx: &Ctx, doer: &impl Doer, request: Request, work: F) -> Result<Answer, E>
where
    E: From<Error> + From<db::Error> + Send + 'static,
    F: Fn(Write, CommandId) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Done, E>> + Send + 'static,
{
    match begin(ctx, doer, request).await? {
        Begun::Answered(answer) => Ok(answer),
        Begun::Open(ticket) => {
            let id = ticket.id();
            ticket.commit(ctx, doer, move |tx| work(tx, id)).await
        }
    }
}

/// Removes answers whose day is over. The server calls it now and then.
///
/// # Errors
/// When the database fails.
pub async fn sweep(ctx: &Ctx) -> Result<u64, Error> {
    Ok(table::sweep(&ctx.db, ctx.now()).await?)
}
