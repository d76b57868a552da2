//! Who may act, and for whom.
//!
//! A credential (a browser's session, an API token) names its tenant and proves it; out of it come an `Actor` and its `Tenant`, and
//! without one no query can be written. Users and tokens have one of three roles. Sessions end by themselves, tokens when told.
//! Nothing here knows what a route is; nothing outside can make a `Tenant`.

mod actor;
mod credential;
mod session;
pub(crate) mod table;
mod throttle;
mod token;
mod user;

use crate::kernel::id::TenantId;
use crate::kernel::{db, secret};

pub use actor::{Actor, Door, Role, Tenant, Who};
pub use credential::Credential;
pub use session::{Person, Session, SignIn, actor_of_session, sign_in, sign_out, sweep};
pub use token::{NewToken, TokenCard, actor_of_token, create_token, list_tokens, revoke_token};
pub use user::{NewUser, UserCard, create_user, list_users, set_password};

use crate::kernel::Ctx;
use crate::tenant;

/// What can go wrong with access.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such user, wrong password, ended session, revoked token: all the same to the outside.
    #[error("the credential is not valid; sign in again or use another token")]
    Unauthenticated,
    /// Too many wrong passwords.
    #[error("too many failed sign-ins; wait {seconds} seconds and try again")]
    Throttled {
        /// How long, in seconds.
        seconds: u64,
    },
    /// The role is too low.
    #[error("this needs the role `{needs}`; ask an administrator of your firm")]
    Forbidden {
        /// The lowest role that may.
        needs: Role,
    },
    /// Not an e-mail address.
    #[error("`{0}` is not an e-mail address of at most 254 characters")]
    Email(String),
    /// Not a name.
    #[error("a name has 1 to 200 characters")]
    Name,
    /// Somebody has this address.
    #[error("a user with this e-mail address is there already")]
    Taken,
    /// No such user or token of this tenant.
    #[error("there is no such {0} in your firm")]
    Unknown(&'static str),
    /// The password.
    #[error(transparent)]
    Password(#[from] secret::Error),
    /// The tenant.
    #[error(transparent)]
    Tenant(#[from] tenant::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The one who holds the machine, on the command line: an administrator of any tenant.
///
/// # Errors
/// [`tenant::Error::Unknown`].
pub async fn operator(ctx: &Ctx, handle: &str) -> Result<Actor, Error> {
    let tenant = tenant::by_handle(ctx, handle).await?;
    Ok(Actor::new(Tenant::of(tenant.id), Who::Operator, Role::Admin, Door::CommandLine))
}

/// A worker of this process that acts on an event of a tenant.
#[must_use]
pub fn worker(tenant: TenantId) -> Actor {
    Actor::new(Tenant::of(tenant), Who::Worker, Role::Admin, Door::Worker)
}
