//! The people of a tenant.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde::Serialize;

use super::Error;
use super::actor::{Actor, Role};
use super::table::{session, user};
use crate::command;
use crate::kernel::id::UserId;
use crate::kernel::secret::Secret;
use crate::kernel::time::Instant;
use crate::kernel::{Ctx, db};

/// The most users that a list shows.
const LIST_MAX: u64 = 1_000;

/// A new user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail address. Personal.
    pub email: String,
    /// Full name. Personal.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// The first password.
    pub password: Secret,
}

/// A user, as others of the tenant see them.
#[derive(Debug, Clone, Serialize)]
pub struct UserCard {
    /// The id.
    pub id: UserId,
    /// E-mail address. Personal.
    pub email: String,
    /// Full name. Personal.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Since when.
    pub created_at: Instant,
}

/// How addresses are compared: without regard to case and to spaces around.
pub(super) fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

fn check(new: &NewUser) -> Result<(), Error> {
    let email = new.email.trim();
    let shape = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'));
    if email.len() > 254 || !shape || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::Email(email.chars().take(254).collect()));
    }
    if !(1..=200).contains(&new.name.trim().chars().count()) {
        return Err(Error::Name);
    }
    Ok(())
}

/// Adds a user. Administrators may.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Email`], [`Error::Name`], [`Error::Password`], [`Error::Taken`], [`Error::Db`].
pub async fn create_user(ctx: &Ctx, actor: &Actor, new: NewUser) -> Result<UserCard, Error> {
    actor.must_be(Role::Admin)?;
    check(&new)?;
    let row = user::Model {
        tenant: actor.tenant().id(),
        id: ctx.id(),
        email_folded: fold(&new.email),
        email: new.email.trim().to_owned(),
        name: new.name.trim().to_owned(),
        role: new.role,
        password_hash: ctx.passwords.hash(&new.password).await?,
        created_at: ctx.now(),
        archived_at: None,
    };
    let card = card(&row);
    // The log keeps who and which role, not the personal fields: those can be erased, the log cannot.
    let log = command::Entry::new(actor, "access.create_user", Some(row.id.to_string()));
    let log = log.after(serde_json::json!({ "role": row.role }));
    let (command, now) = (ctx.id(), ctx.now());
    let done = ctx
        .db
        .write(actor.tenant(), move |tx| {
            let (row, log) = (row.clone(), log.clone());
            async move {
                tx.insert::<user::Entity>(row).await?;
                command::write(&tx, command, now, log).await
            }
        })
        .await;
    match done {
        Ok(()) => Ok(card),
        Err(db::Error::Taken { .. }) => Err(Error::Taken),
        Err(error) => Err(error.into()),
    }
}

/// Sets a user's password and ends all their sessions. Administrators may, and the user.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Unknown`], [`Error::Password`], [`Error::Db`].
pub async fn set_password(ctx: &Ctx, actor: &Actor, id: UserId, password: &Secret) -> Result<(), Error> {
    if actor.who() != super::Who::User(id) {
        actor.must_be(Role::Admin)?;
    }
    let hash = ctx.passwords.hash(password).await?;
    let log = command::Entry::new(actor, "access.set_password", Some(id.to_string()));
    let (command, now) = (ctx.id(), ctx.now());
    ctx.db
        .write(actor.tenant(), move |tx| {
            let (hash, log) = (hash.clone(), log.clone());
            async move {
                let update = user::Entity::update_many().col_expr(user::Column::PasswordHash, Expr::value(hash));
                if tx.update(update.filter(user::Column::Id.eq(id)).filter(user::Column::ArchivedAt.is_null())).await? == 0 {
                    return Err(Error::Unknown("user"));
                }
                tx.expire(session::Entity::delete_many().filter(session::Column::UserId.eq(id))).await?;
                Ok(command::write(&tx, command, now, log).await?)
            }
        })
        .await
}

/// The users of a tenant, by age. Administrators may.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Db`].
pub async fn list_users(ctx: &Ctx, actor: &Actor) -> Result<Vec<UserCard>, Error> {
    actor.must_be(Role::Admin)?;
    let live = user::Entity::find().filter(user::Column::ArchivedAt.is_null()).order_by_asc(user::Column::Id).limit(LIST_MAX);
    Ok(ctx.db.read(actor.tenant()).await?.all(live).await?.iter().map(card).collect())
}

fn card(row: &user::Model) -> UserCard {
    UserCard { id: row.id, email: row.email.clone(), name: row.name.clone(), role: row.role, created_at: row.created_at }
}
