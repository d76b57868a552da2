//! Tenants: the customers of the hosted service, and the border between them.
//!
//! A tenant is made by whoever holds the machine (the command line), lives until it is archived, and is never deleted. Nothing here
//! lets anybody act for a tenant: that is `access`.

pub(crate) mod table;

use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::TenantId;
use crate::kernel::time::Instant;
use serde::Serialize;

/// A tenant's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Its id.
    pub id: TenantId,
    /// Its short name, which people type when they sign in.
    pub handle: String,
    /// Its full name.
    pub name: String,
    /// Whether unsigned packages may be installed.
    pub development: bool,
    /// Since when.
    pub created_at: Instant,
}

/// What a new tenant is called.
#[derive(Debug, Clone)]
pub struct New {
    /// 2 to 40 of a-z, 0-9 and hyphen, starting with a letter.
    pub handle: String,
    /// 1 to 200 characters.
    pub name: String,
    /// Whether unsigned packages may be installed.
    pub development: bool,
}

/// What can go wrong with tenants.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a handle.
    #[error("`{0}` cannot be a tenant's handle; use 2 to 40 of a-z, 0-9 and hyphen, starting with a letter")]
    Handle(String),
    /// Not a name.
    #[error("a tenant's name has 1 to 200 characters")]
    Name,
    /// Somebody has this handle.
    #[error("the handle `{0}` is taken; choose another")]
    Taken(String),
    /// No such tenant.
    #[error("there is no tenant `{0}`; `roro tenant list` shows them all")]
    Unknown(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Makes a tenant.
///
/// # Errors
/// [`Error::Handle`], [`Error::Name`], [`Error::Taken`], [`Error::Db`].
pub async fn create(ctx: &Ctx, new: New) -> Result<Card, Error> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(2..=40).contains(&new.handle.len())
        || !new.handle.chars().all(fits)
        || !new.handle.starts_with(|c: char| c.is_ascii_lowercase())
    {
        return Err(Error::Handle(new.handle.chars().take(64).collect()));
    }
    if !(1..=200).contains(&new.name.trim().chars().count()) {
        return Err(Error::Name);
    }
    let card = Card {
        id: ctx.id(),
        handle: new.handle,
        name: new.name.trim().to_owned(),
        development: new.development,
        created_at: ctx.now(),
    };
    match table::insert(&ctx.db, &card).await {
        Ok(()) => Ok(card),
        Err(db::Error::Taken { .. }) => Err(Error::Taken(card.handle)),
        Err(error) => Err(error.into()),
    }
}

/// A tenant by the handle that people type.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn by_handle(ctx: &Ctx, handle: &str) -> Result<Card, Error> {
    table::by_handle(&ctx.db, handle).await?.ok_or_else(|| Error::Unknown(handle.chars().take(64).collect()))
}

/// A tenant that is not archived, by its id.
///
/// # Errors
/// When the database fails.
pub async fn find(ctx: &Ctx, id: TenantId) -> Result<Option<Card>, Error> {
    Ok(table::by_id(&ctx.db, id).await?)
}

/// All tenants by handle, for whoever holds the machine.
///
/// # Errors
/// When the database fails.
pub async fn list(ctx: &Ctx) -> Result<Vec<Card>, Error> {
    Ok(table::all(&ctx.db).await?)
}
