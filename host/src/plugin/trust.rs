//! Whose signatures count: the operator's keys for every tenant, and those that a tenant's administrator adds.

use serde::Serialize;

use super::error::Error;
use super::signature::{PublicKey, Trusted};
use super::table::{self, KeyRow};
use crate::access::{Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::Scope;
use crate::kernel::time::Instant;
use crate::register::printable;

/// The longest name of a key.
const NAME_CHARS_MAX: usize = 80;

/// A key that a tenant trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginKey")]
pub struct KeyCard {
    /// The key's id: the first 16 hexadecimal digits of its SHA-256.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// The key, as `roro plugin keygen` prints it.
    pub public_key: String,
    /// Since when.
    pub created_at: Instant,
    /// Its signatures count no more since.
    pub revoked_at: Option<Instant>,
}

impl From<KeyRow> for KeyCard {
    fn from(row: KeyRow) -> Self {
        Self { id: row.id, name: row.name, public_key: row.public_key, created_at: row.created_at, revoked_at: row.revoked_at }
    }
}

/// Trusts a key. Administrators may. Answers 201, or 200 when it is trusted already.
///
/// # Errors
/// [`Error::KeyName`], [`Error::TooManyKeys`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn trust(ctx: &Ctx, actor: &Actor, request: Request, key: PublicKey, name: &str) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    if !printable(name, NAME_CHARS_MAX) {
        return Err(Error::KeyName);
    }
    let (name, now, who) = (name.trim().to_owned(), ctx.now(), actor.who().to_string());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let row = KeyRow {
            tenant: tx.tenant_id(),
            id: key.id(),
            name: name.clone(),
            public_key: key.to_string(),
            added_by: who.clone(),
            created_at: now,
            revoked_at: None,
        };
        async move {
            let counts = table::keys(&tx).await?;
            if counts.len() as u64 >= table::KEYS_MAX && !counts.iter().any(|one| one.id == row.id) {
                return Err(Error::TooManyKeys);
            }
            let fresh = table::add_key(&tx, row.clone()).await?;
            let stored = table::key(&tx, &row.id).await?.ok_or(Error::Unknown("key"))?;
            let after = serde_json::json!({ "key": row.id, "name": stored.name });
            done(if fresh { 201 } else { 200 }, "plugin.trust_key", &row.id, after, &KeyCard::from(stored))
        }
    }))
    .await
}

/// Ends a key: what only it has signed takes part no more from the next call on. Administrators may.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn revoke(ctx: &Ctx, actor: &Actor, request: Request, id: &str) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let (id, now) = (id.to_owned(), ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let id = id.clone();
        async move {
            if !table::revoke_key(&tx, &id, now).await? {
                return Err(Error::Unknown("key"));
            }
            let stored = table::key(&tx, &id).await?.ok_or(Error::Unknown("key"))?;
            done(200, "plugin.revoke_key", &id, serde_json::json!({ "revoked": true }), &KeyCard::from(stored))
        }
    }))
    .await
}

fn done(status: u16, verb: &'static str, id: &str, after: serde_json::Value, card: &KeyCard) -> Result<Done, Error> {
    Ok(Done { answer: Answer::json(status, card)?, verb, subject: Some(format!("key:{id}")), before: None, after: Some(after) })
}

/// The keys that a tenant trusts, by age.
///
/// # Errors
/// [`Error::Db`].
pub async fn keys(ctx: &Ctx, actor: &Actor) -> Result<Vec<KeyCard>, Error> {
    Ok(table::keys(&ctx.db.read(actor).await?).await?.into_iter().map(KeyCard::from).collect())
}

/// The keys of a tenant as signatures are checked with them. One that cannot be read counts for nothing.
pub(super) async fn trusted(scope: &Scope) -> Result<Vec<Trusted>, Error> {
    let read = |row: KeyRow| Some(Trusted { key: row.public_key.parse().ok()?, name: row.name });
    Ok(table::keys(scope).await?.into_iter().filter_map(read).collect())
}
