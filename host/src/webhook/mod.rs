//! Webhooks: a firm's own systems are told of what has happened, in the form of Standard Webhooks.
//!
//! An administrator names an address and the kinds of events that it wants. Each event becomes a delivery for each webhook that wants it, in
//! a transaction that runs once an event (`subscriber`); couriers bring deliveries to their addresses, sign them, and try again for
//! about three days (`courier`, `state`). A webhook that is gone or fails for so long is suspended until a person replaces it. It is archived,
//! never deleted. Nothing here opens a connection by itself: `kernel::outbound` judges every address.

mod courier;
pub mod routes;
mod sign;
pub mod state;
mod subscriber;
pub mod table;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::id::{DeliveryId, EventId, Id as _, TenantId, WebhookId};
use crate::kernel::secret::Secret;
use crate::kernel::time::Instant;
use crate::kernel::vault;
use crate::outbox::KINDS;
use crate::register::{self, Entry, Kept as _, Refused, printable};

pub use courier::Courier;
pub use subscriber::Herald;

/// The most webhooks that a tenant has.
pub const WEBHOOKS_MAX: u64 = 20;
/// How long an older secret counts after a new one was made.
const SECRET_OVERLAP: Duration = Duration::from_secs(86_400);
/// How long what was sent can be looked at.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

crate::words! {
    /// What became of a delivery.
    pub enum DeliveryState {
        /// It will be tried, or tried again.
        Waiting = "waiting",
        /// The receiver has it.
        Delivered = "delivered",
        /// It will not be tried any more.
        Failed = "failed",
    }
}

/// What can go wrong with webhooks.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not fit to be stored: every place.
    #[error("the webhook does not fit: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Input(Vec<Refused>),
    /// No more room.
    #[error("a firm has at most {WEBHOOKS_MAX} webhooks; archive one that is not used")]
    TooMany,
    /// No such webhook or delivery.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// A secret.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// What all registers have.
    #[error(transparent)]
    Register(#[from] register::Error),
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

/// What is said about a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebhookInput")]
pub struct Input {
    /// Where to post: `https://…`, at most 2 000 characters.
    pub url: String,
    /// What it is for, so that people know it in the list: at most 200 characters.
    #[serde(default)]
    pub description: String,
    /// The kinds of events that it wants; none for all, those to come included.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether anything is sent.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn yes() -> bool {
    true
}

impl Input {
    fn wants(&self, kind: &str) -> bool {
        self.enabled && (self.kinds.is_empty() || self.kinds.iter().any(|one| one == kind))
    }

    /// Every place that is not fit.
    fn check(&self, ctx: &Ctx) -> Result<(), Error> {
        let mut refused = Vec::new();
        if let Err(error) = ctx.outbound.check(&self.url) {
            refused.push(Refused { place: "/url".to_owned(), fix: error.to_string().into() });
        }
        if !self.description.is_empty() && !printable(&self.description, 200) {
            let fix = "write at most 200 characters without control characters".into();
            refused.push(Refused { place: "/description".to_owned(), fix });
        }
        for (index, kind) in self.kinds.iter().enumerate() {
            if !KINDS.contains(&kind.as_str()) {
                let fix = format!("write one of {}", KINDS.join(", ")).into();
                refused.push(Refused { place: format!("/kinds/{index}"), fix });
            } else if self.kinds.iter().take(index).any(|before| before == kind) {
                refused.push(Refused { place: format!("/kinds/{index}"), fix: "name each kind once".into() });
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(Error::Input(refused)) }
    }
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// What is said about it.
    #[serde(flatten)]
    pub input: Input,
    /// Since when nothing is sent because sending failed; none while all is well. Replacing the webhook ends it.
    pub suspended_at: Option<Instant>,
    /// Why: what the last attempt came to.
    pub suspended_for: Option<String>,
    /// From 1, raised by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

impl Entry for Webhook {
    type Input = Input;

    const NOUN: &'static str = "webhook";
    const CREATE: &'static str = "webhook.create";
    const REPLACE: &'static str = "webhook.replace";
    const WRITER: Role = Role::Admin;

    fn new(id: WebhookId, input: Input, version: i64, created_at: Instant) -> Self {
        Self { id, input, suspended_at: None, suspended_for: None, version, created_at }
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn created_at(&self) -> Instant {
        self.created_at
    }

    /// What an address may be depends on the settings: [`Input::check`] is asked before a register is.
    fn check(_: &Input) -> Result<(), Refused> {
        Ok(())
    }
}

/// One event on its way to one webhook, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event: what the receiver reads as `webhook-id`, the same on every attempt.
    pub event: EventId,
    /// The kind of the event; `webhook.test` for a test.
    pub kind: String,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub due_at: Option<Instant>,
    /// The HTTP status of the last attempt that was answered.
    pub last_status: Option<i64>,
    /// Why the last attempt was not answered: `unreachable`, `timed-out`, `address-refused`, `unresolved`, `unavailable`.
    pub last_error: Option<String>,
    /// Since when.
    pub created_at: Instant,
    /// Since when it is not tried any more.
    pub ended_at: Option<Instant>,
}

impl From<table::DeliveryRow> for Delivery {
    fn from(row: table::DeliveryRow) -> Self {
        Self {
            id: row.id,
            event: row.event,
            kind: row.kind,
            state: row.state,
            attempts: row.attempts,
            due_at: (row.state == DeliveryState::Waiting).then_some(row.due_at),
            last_status: row.last_status,
            last_error: row.last_error,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// Adds a webhook with its first secret. Administrators may.
///
/// # Errors
/// [`Error::Input`], [`Error::TooMany`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn create(ctx: &Ctx, actor: &Actor, request: Request, input: Input) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    input.check(ctx)?;
    let webhook = Webhook::new(ctx.id(), input, 1, ctx.now());
    let (sealed, now) = (fresh_secret(ctx, actor.tenant().id(), webhook.id)?, ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let (webhook, sealed) = (webhook.clone(), sealed.clone());
        async move {
            if table::all(&tx, WEBHOOKS_MAX).await?.len() as u64 >= WEBHOOKS_MAX {
                return Err(Error::TooMany);
            }
            webhook.insert(&tx).await?;
            table::add_secret(&tx, webhook.id, &sealed, now, now).await?;
            done(201, Webhook::CREATE, webhook.id, &webhook)
        }
    }))
    .await
}

/// Replaces what is said about a webhook, and ends its suspension. Administrators may.
///
/// # Errors
/// [`Error::Input`], [`Error::Register`].
pub async fn replace(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: WebhookId,
    version: i64,
    input: Input,
) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    input.check(ctx)?;
    Ok(register::replace::<Webhook>(ctx, actor, request, id, version, input).await?)
}

/// Ends a webhook. What still waits for it is not sent any more. Administrators may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn archive(ctx: &Ctx, actor: &Actor, request: Request, id: WebhookId) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let now = ctx.now();
    Box::pin(command::run(ctx, actor, request, move |tx, _| async move {
        let webhook = standing(&tx, id).await?;
        table::archive(&tx, id, now).await?;
        done(200, "webhook.archive", id, &webhook)
    }))
    .await
}

async fn standing(tx: &Write, id: WebhookId) -> Result<Webhook, Error> {
    Webhook::by_id(tx, id).await?.ok_or(Error::Unknown(Webhook::NOUN))
}

/// The log knows what was done and not the address, which may hold a secret of its own.
fn done(status: u16, verb: &'static str, id: WebhookId, answer: &impl Serialize) -> Result<Done, Error> {
    Ok(Done { answer: Answer::json(status, answer)?, verb, subject: Some(id.to_string()), before: None, after: None })
}

/// The webhooks of a tenant, by age. Administrators may: an address may hold a secret.
///
/// # Errors
/// [`Error::Access`], [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor) -> Result<Vec<Webhook>, Error> {
    actor.must_be(Role::Admin)?;
    Ok(table::all(&ctx.db.read(actor).await?, WEBHOOKS_MAX).await?)
}

/// A webhook. Administrators may.
///
/// # Errors
/// [`Error::Access`], [`Error::Register`].
pub async fn get(ctx: &Ctx, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
    actor.must_be(Role::Admin)?;
    Ok(register::get(ctx, actor, id).await?)
}

/// The newest secret of a webhook, to be put into the receiver. Administrators may, and the log says who did.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Db`].
pub async fn secret(ctx: &Ctx, actor: &Actor, id: WebhookId) -> Result<Secret, Error> {
    actor.must_be(Role::Admin)?;
    let log = command::Entry::new(actor, "webhook.read_secret", Some(id.to_string()));
    let (command, now) = (ctx.id(), ctx.now());
    let read = ctx.db.write(actor, move |tx| {
        let log = log.clone();
        async move {
            standing(&tx, id).await?;
            command::write(&tx, command, now, log).await?;
            table::secrets(&tx, id, now).await?.into_iter().next().ok_or(Error::Unknown("secret"))
        }
    });
    Ok(ctx.vault.unseal(actor.tenant().id(), &place(id), &read.await?)?)
}

/// Where the secrets of a webhook lie in the vault.
fn place(id: WebhookId) -> String {
    format!("webhook/{id}")
}

/// A new secret, sealed.
fn fresh_secret(ctx: &Ctx, tenant: TenantId, id: WebhookId) -> Result<String, Error> {
    Ok(ctx.vault.seal(tenant, &place(id), &sign::new_secret(&ctx.rng))?)
}

/// Makes a new secret. What is sent is signed with the one before it as well for a day. Administrators may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn rotate_secret(ctx: &Ctx, actor: &Actor, request: Request, id: WebhookId) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let (sealed, now) = (fresh_secret(ctx, actor.tenant().id(), id)?, ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let sealed = sealed.clone();
        async move {
            let webhook = standing(&tx, id).await?;
            table::add_secret(&tx, id, &sealed, now, now.after(SECRET_OVERLAP)).await?;
            done(200, "webhook.rotate_secret", id, &webhook)
        }
    }))
    .await
}

/// Puts an event of the kind `webhook.test` in line for one webhook, whatever kinds it wants. Administrators may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn test(ctx: &Ctx, actor: &Actor, request: Request, id: WebhookId) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let (event, row, now): (EventId, DeliveryId, Instant) = (ctx.id(), ctx.id(), ctx.now());
    let body = body_of("webhook.test", event, &serde_json::json!({ "webhook": id }))?;
    let answer = Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let body = body.clone();
        async move {
            standing(&tx, id).await?;
            let row = waiting(tx.tenant_id(), row, id, event, "webhook.test", body, now);
            let answer = Delivery::from(row.clone());
            table::enqueue(&tx, vec![row]).await?;
            done(202, "webhook.test", id, &answer)
        }
    }));
    answer.await
}

/// Puts a delivery in line again, as a new one with the same event. Administrators may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn resend(ctx: &Ctx, actor: &Actor, request: Request, id: DeliveryId) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let (again, now): (DeliveryId, Instant) = (ctx.id(), ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, _| async move {
        let old = table::delivery(&tx, id).await?.ok_or(Error::Unknown("delivery"))?;
        standing(&tx, old.webhook).await?;
        let row = waiting(tx.tenant_id(), again, old.webhook, old.event, &old.kind, old.body, now);
        let answer = Delivery::from(row.clone());
        table::enqueue(&tx, vec![row]).await?;
        done(202, "webhook.resend", old.webhook, &answer)
    }))
    .await
}

/// A page of what was and will be sent to a webhook, newest first. Administrators may. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Access`], [`Error::Register`], [`Error::Db`].
pub async fn deliveries(
    ctx: &Ctx,
    actor: &Actor,
    id: WebhookId,
    after: Option<DeliveryId>,
    rows: u64,
) -> Result<Vec<Delivery>, Error> {
    get(ctx, actor, id).await?;
    Ok(table::deliveries(&ctx.db.read(actor).await?, id, after, rows).await?)
}

/// Removes what ended a month ago. The server calls it now and then.
///
/// # Errors
/// [`Error::Db`].
pub async fn sweep(ctx: &Ctx) -> Result<u64, Error> {
    Ok(table::sweep(&ctx.db, ctx.now(), KEPT).await?)
}

/// What is posted: `type`, `timestamp`, `data`, as Standard Webhooks has it. The timestamp is the event's own, which its id knows.
fn body_of(kind: &str, event: EventId, data: &serde_json::Value) -> Result<String, serde_json::Error> {
    let micros = i64::try_from(event.bits() >> 80).unwrap_or(0).saturating_mul(1_000);
    let at = Instant::from_micros(micros);
    serde_json::to_string(&serde_json::json!({ "type": kind, "timestamp": at, "data": data }))
}

fn waiting(
    tenant: TenantId,
    id: DeliveryId,
    webhook: WebhookId,
    event: EventId,
    kind: &str,
    body: String,
    now: Instant,
) -> table::DeliveryRow {
    table::DeliveryRow {
        tenant,
        id,
        webhook,
        event,
        kind: kind.to_owned(),
        body,
        state: DeliveryState::Waiting,
        attempts: 0,
        due_at: now,
        last_status: None,
        last_error: None,
        created_at: now,
        ended_at: None,
    }
}
