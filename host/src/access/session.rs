//! Sessions of browsers.

use std::time::Duration;

use sea_orm::entity::prelude::*;

use super::actor::{Actor, Door, Tenant, Who};
use super::credential::Credential;
use super::table::{session, user};
use super::{Error, throttle};
use crate::kernel::id::SessionId;
use crate::kernel::secret::Secret;
use crate::kernel::time::Instant;
use crate::kernel::{Ctx, db};
use crate::tenant;

/// How long a session lasts.
const LASTS: Duration = Duration::from_secs(12 * 3_600);

/// What somebody types to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The tenant's handle.
    pub tenant: String,
    /// The user's e-mail address. Personal.
    pub email: String,
    /// The user's password.
    pub password: Secret,
    /// Where the request came from, as the server trusts it; only its hash is kept.
    pub address: String,
}

/// Who a session belongs to, as its pages name them. Personal.
#[derive(Clone)]
pub struct Person {
    /// The user's full name.
    pub name: String,
    /// The firm's full name.
    pub firm: String,
}

// Logs show which session, not whose.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// A session, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub actor: Actor,
    /// Their name and their firm's.
    pub person: Person,
    /// What every form of this session must carry.
    pub csrf: Secret,
    /// When it ends.
    pub expires_at: Instant,
}

/// Signs in and answers the session with the credential for the cookie.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Throttled`], [`Error::Db`].
pub async fn sign_in(ctx: &Ctx, input: SignIn) -> Result<(Session, Credential), Error> {
    let folded = super::user::fold(&input.email);
    let Ok(card) = tenant::by_handle(ctx, &input.tenant).await else {
        // As slow as a wrong password, so that handles cannot be told by time.
        ctx.passwords.fits(&input.password, None).await?;
        return Err(Error::Unauthenticated);
    };
    let tenant = Tenant::of(card.id);
    let account = throttle::subject("account", &folded);
    let subjects = [account.clone(), throttle::subject("address", &input.address)];
    if let Some(seconds) = throttle::still_to_wait(ctx, &tenant, &subjects).await? {
        return Err(Error::Throttled { seconds });
    }
    let known = user::Entity::find().filter(user::Column::EmailFolded.eq(folded)).filter(user::Column::ArchivedAt.is_null());
    let known = ctx.db.read(&tenant).await?.one(known).await?;
    let fits = ctx.passwords.fits(&input.password, known.as_ref().map(|user| user.password_hash.as_str())).await?;
    let Some(user) = known.filter(|_| fits) else {
        throttle::count(ctx, &tenant, subjects.into()).await?;
        return Err(Error::Unauthenticated);
    };
    throttle::forgive(ctx, &tenant, account).await?;
    open(ctx, tenant, &user, card.name).await
}

async fn open(ctx: &Ctx, tenant: Tenant, user: &user::Model, firm: String) -> Result<(Session, Credential), Error> {
    let credential = Credential::new(tenant.id(), &ctx.rng);
    let csrf = Secret::random(&ctx.rng);
    let (now, expires_at) = (ctx.now(), ctx.now().after(LASTS));
    let row = session::Model {
        tenant: tenant.id(),
        secret_hash: credential.fingerprint(),
        id: ctx.id(),
        user_id: user.id,
        csrf: csrf.reveal().to_owned(),
        created_at: now,
        expires_at,
    };
    let id = row.id;
    let actor = Actor::new(tenant, Who::User(user.id), user.role, Door::Console);
    let log = crate::command::Entry::new(&actor, "access.sign_in", Some(id.to_string()));
    let command = ctx.id();
    ctx.db
        .write(&tenant, move |tx| {
            let (row, log) = (row.clone(), log.clone());
            async move {
                tx.insert::<session::Entity>(row).await?;
                crate::command::write(&tx, command, now, log).await
            }
        })
        .await?;
    let person = Person { name: user.name.clone(), firm };
    Ok((Session { id, actor, person, csrf, expires_at }, credential))
}

/// Who a session's credential belongs to.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Db`].
pub async fn actor_of_session(ctx: &Ctx, credential: &Credential) -> Result<Session, Error> {
    let tenant = Tenant::of(credential.claimed_tenant());
    let scope = ctx.db.read(&tenant).await?;
    let live = session::Entity::find()
        .filter(session::Column::SecretHash.eq(credential.fingerprint()))
        .filter(session::Column::ExpiresAt.gt(ctx.now()));
    let session = scope.one(live).await?.ok_or(Error::Unauthenticated)?;
    let user = user::Entity::find().filter(user::Column::Id.eq(session.user_id)).filter(user::Column::ArchivedAt.is_null());
    let user = scope.one(user).await?.ok_or(Error::Unauthenticated)?;
    let firm = tenant::table::Entity::find().filter(tenant::table::Column::ArchivedAt.is_null());
    let firm = scope.one(firm).await?.ok_or(Error::Unauthenticated)?;
    let person = Person { name: user.name, firm: firm.name };
    let actor = Actor::new(tenant, Who::User(user.id), user.role, Door::Console);
    Ok(Session { id: session.id, actor, person, csrf: Secret::new(session.csrf), expires_at: session.expires_at })
}

/// Ends a session.
///
/// # Errors
/// [`Error::Db`].
pub async fn sign_out(ctx: &Ctx, session: &Session) -> Result<(), Error> {
    let (id, now, command) = (session.id, ctx.now(), ctx.id());
    let log = crate::command::Entry::new(&session.actor, "access.sign_out", Some(id.to_string()));
    let done: Result<(), db::Error> = ctx
        .db
        .write(session.actor.tenant(), move |tx| {
            let log = log.clone();
            async move {
                tx.expire(session::Entity::delete_many().filter(session::Column::Id.eq(id))).await?;
                crate::command::write(&tx, command, now, log).await
            }
        })
        .await;
    Ok(done?)
}

/// Removes what has ended: sessions, and failures that time has forgiven. The server calls it now and then.
///
/// # Errors
/// [`Error::Db`].
pub async fn sweep(ctx: &Ctx) -> Result<(), Error> {
    let now = ctx.now();
    let ended = move || session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now));
    let done: Result<(), db::Error> = ctx.db.system(move |system| async move { system.expire(ended()).await.map(|_| ()) }).await;
    done?;
    Ok(throttle::sweep(ctx, now).await?)
}
