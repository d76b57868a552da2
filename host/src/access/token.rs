//! API tokens of programs.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};
use serde::Serialize;

use super::Error;
use super::actor::{Actor, Door, Role, Tenant, Who};
use super::credential::Credential;
use super::table::token;
use crate::command;
use crate::kernel::id::TokenId;
use crate::kernel::time::Instant;
use crate::kernel::{Ctx, db};
use crate::tenant;

/// The most tokens that a list shows.
const LIST_MAX: u64 = 1_000;

/// A new token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for, so that people know it in the list.
    pub name: String,
    /// What its holder may do: at most what its maker may.
    pub role: Role,
    /// When it ends; none for never.
    pub expires_at: Option<Instant>,
}

/// A token in the list, without its secret.
#[derive(Debug, Clone, Serialize)]
pub struct TokenCard {
    /// The id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Option<Instant>,
}

/// Makes a token; its text is shown this once. Administrators may.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Name`], [`Error::Db`].
pub async fn create_token(ctx: &Ctx, actor: &Actor, new: NewToken) -> Result<(TokenCard, Credential), Error> {
    actor.must_be(Role::Admin)?;
    if !(1..=200).contains(&new.name.trim().chars().count()) {
        return Err(Error::Name);
    }
    let credential = Credential::new(actor.tenant().id(), &ctx.rng);
    let row = token::Model {
        tenant: actor.tenant().id(),
        secret_hash: credential.fingerprint(),
        id: ctx.id(),
        name: new.name.trim().to_owned(),
        role: new.role,
        created_by: actor.who().to_string(),
        created_at: ctx.now(),
        expires_at: new.expires_at,
        revoked_at: None,
    };
    let card = card(&row);
    let log = command::Entry::new(actor, "access.create_token", Some(row.id.to_string()));
    let log = log.after(serde_json::json!({ "role": row.role, "expires_at": row.expires_at }));
    let (command, now) = (ctx.id(), ctx.now());
    let done: Result<(), db::Error> = ctx
        .db
        .write(actor.tenant(), move |tx| {
            let (row, log) = (row.clone(), log.clone());
            async move {
                tx.insert::<token::Entity>(row).await?;
                command::write(&tx, command, now, log).await
            }
        })
        .await;
    done?;
    Ok((card, credential))
}

/// Who a token belongs to.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Db`].
pub async fn actor_of_token(ctx: &Ctx, credential: &Credential) -> Result<Actor, Error> {
    let tenant = Tenant::of(credential.claimed_tenant());
    let scope = ctx.db.read(&tenant).await?;
    let unended = Condition::any().add(token::Column::ExpiresAt.is_null()).add(token::Column::ExpiresAt.gt(ctx.now()));
    let live = token::Entity::find()
        .filter(token::Column::SecretHash.eq(credential.fingerprint()))
        .filter(token::Column::RevokedAt.is_null())
        .filter(unended);
    let token = scope.one(live).await?.ok_or(Error::Unauthenticated)?;
    let firm = tenant::table::Entity::find().filter(tenant::table::Column::ArchivedAt.is_null());
    scope.one(firm).await?.ok_or(Error::Unauthenticated)?;
    Ok(Actor::new(tenant, Who::Token(token.id), token.role, Door::Http))
}

/// Ends a token at once. Administrators may.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Unknown`], [`Error::Db`].
pub async fn revoke_token(ctx: &Ctx, actor: &Actor, id: TokenId) -> Result<(), Error> {
    actor.must_be(Role::Admin)?;
    let log = command::Entry::new(actor, "access.revoke_token", Some(id.to_string()));
    let (command, now) = (ctx.id(), ctx.now());
    ctx.db
        .write(actor.tenant(), move |tx| {
            let log = log.clone();
            async move {
                let update = token::Entity::update_many().col_expr(token::Column::RevokedAt, Expr::value(now));
                if tx.update(update.filter(token::Column::Id.eq(id)).filter(token::Column::RevokedAt.is_null())).await? == 0 {
                    return Err(Error::Unknown("token"));
                }
                Ok(command::write(&tx, command, now, log).await?)
            }
        })
        .await
}

/// The tokens of a tenant that still count, by age. Administrators may.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Db`].
pub async fn list_tokens(ctx: &Ctx, actor: &Actor) -> Result<Vec<TokenCard>, Error> {
    actor.must_be(Role::Admin)?;
    let live = token::Entity::find().filter(token::Column::RevokedAt.is_null()).order_by_asc(token::Column::Id).limit(LIST_MAX);
    Ok(ctx.db.read(actor.tenant()).await?.all(live).await?.iter().map(card).collect())
}

fn card(row: &token::Model) -> TokenCard {
    TokenCard { id: row.id, name: row.name.clone(), role: row.role, created_at: row.created_at, expires_at: row.expires_at }
}
