//! Records: the data that an app keeps in the collections which its manifest declares, in one firm.
//!
//! A record comes to be when an app has proposed it and the host has committed the proposal; it has a version that each write raises, keys by
//! which it is found, and is archived, never deleted. When its plugin is uninstalled, all of them are archived with it. Nobody but the plugin
//! itself writes here, nothing here calls a plugin, and no record is seen from another firm or by another plugin.

mod key;
pub mod schema;
mod store;
mod table;
mod value;

use serde::Serialize;

use crate::access::Actor;
use crate::kernel::id::RecordId;
use crate::kernel::time::Instant;
use crate::kernel::{Ctx, db};
use crate::plugin::Active;
use crate::plugin::manifest::Collection;

pub use store::{Change, WRITES_A_CALL_MAX, apply, archive, fit};
pub use value::{Fields, Value, check, from_text, of_input, read, write};

/// The most records of a page.
pub const PAGE_RECORDS_MAX: u64 = 100;

/// Why something is not done with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The manifest does not know it.
    #[error("the plugin declares no {0}")]
    Unknown(String),
    /// No such record.
    #[error("there is no such record")]
    NoRecord,
    /// Values do not fit their fields: all of them.
    #[error("{0}")]
    Invalid(String),
    /// Somebody changed it meanwhile.
    #[error("the record has changed meanwhile")]
    Moved,
    /// A unique index has the values already.
    #[error("another record has the same {0}")]
    Taken(String),
    /// No more room.
    #[error("the plugin keeps as many records as it may")]
    Full,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: RecordId,
    /// From 1, raised by each write.
    pub version: i64,
    /// What it has.
    pub fields: Fields,
    /// Since when.
    pub created_at: Instant,
    /// Since the newest write.
    pub changed_at: Instant,
}

/// A record, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AppRecord")]
pub struct Card {
    /// Its id.
    pub id: RecordId,
    /// From 1, raised by each write.
    pub version: i64,
    /// What it has, by field: texts, choices, references, decimals and dates as text, the rest as JSON has it.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Since when.
    pub created_at: Instant,
    /// Since the newest write.
    pub changed_at: Instant,
}

impl From<Stored> for Card {
    fn from(stored: Stored) -> Self {
        let Stored { id, version, fields, created_at, changed_at } = stored;
        Self { id, version, fields: write(&fields), created_at, changed_at }
    }
}

/// A range of the records of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The index, by its place in the manifest, from 0; the place after the last one sorts by age.
    pub index: usize,
    /// Values of the index's first fields.
    pub equals: Vec<Value>,
    /// The least value of the next field.
    pub at_least: Option<Value>,
    /// The greatest value of the next field.
    pub at_most: Option<Value>,
    /// Where the page before ended.
    pub after: Option<String>,
    /// At most [`PAGE_RECORDS_MAX`].
    pub limit: u64,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<Stored>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// What reading can end in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The question does not fit.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A collection of a plugin, by its name.
///
/// # Errors
/// [`Refused::Unknown`].
pub fn collection<'a>(plugin: &'a Active, name: &str) -> Result<&'a Collection, Refused> {
    let known = plugin.collections.iter().find(|one| one.name == name);
    known.ok_or_else(|| Refused::Unknown(format!("collection `{}`", name.chars().take(60).collect::<String>())))
}

/// A record.
///
/// # Errors
/// [`Refused::Unknown`], [`Refused::NoRecord`], [`Error::Db`].
pub async fn get(ctx: &Ctx, actor: &Actor, plugin: &Active, name: &str, id: RecordId) -> Result<Stored, Error> {
    let collection = collection(plugin, name)?;
    let scope = ctx.db.read(actor).await?;
    let row = table::record(&scope, &plugin.id, name, id).await?.ok_or(Refused::NoRecord)?;
    Ok(store::stored(collection, row))
}

/// Records by an index.
///
/// # Errors
/// [`Refused::Unknown`], [`Refused::Invalid`], [`Error::Db`].
pub async fn find(ctx: &Ctx, actor: &Actor, plugin: &Active, name: &str, query: &Query) -> Result<Page, Error> {
    let collection = collection(plugin, name)?;
    let limit = query.limit.clamp(1, PAGE_RECORDS_MAX);
    let range = key::range(collection, query)?;
    let scope = ctx.db.read(actor).await?;
    let (mut rows, cursors) = match &range {
        None => {
            let after = query.after.as_deref().map(key::age_cursor).transpose()?;
            let rows = table::by_age(&scope, &plugin.id, name, after, limit + 1).await?;
            let cursors: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            (rows, cursors)
        }
        Some(range) => {
            let keys = table::keys_between(&scope, &plugin.id, name, range, limit + 1).await?;
            let ids: Vec<RecordId> = keys.iter().map(|key| key.record).collect();
            let mut rows = table::records(&scope, &plugin.id, name, &ids).await?;
            rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
            (rows, keys.iter().map(|key| format!("{}.{}", key.key, key.record)).collect())
        }
    };
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = (cursors.len() > shown).then(|| cursors.get(shown - 1).cloned()).flatten();
    rows.truncate(shown);
    Ok(Page { records: rows.into_iter().map(|row| store::stored(collection, row)).collect(), next })
}

/// How many records a plugin keeps.
///
/// # Errors
/// When the database fails.
pub async fn count(ctx: &Ctx, actor: &Actor, plugin: &str) -> Result<i64, db::Error> {
    let scope = ctx.db.read(actor).await?;
    table::count(&scope, plugin).await
}

/// The same as [`find`], over records that are at hand: for authors, who have no database.
///
/// # Errors
/// [`Refused::Unknown`], [`Refused::Invalid`].
pub fn select(collection: &Collection, all: &[Stored], query: &Query) -> Result<Page, Refused> {
    let range = key::range(collection, query)?;
    let index = collection.indexes.get(query.index);
    let mut rows = Vec::new();
    for stored in all {
        let key = index.map(|index| key::of(index, &stored.fields)).transpose()?.unwrap_or_default();
        if range.as_ref().is_none_or(|range| key >= range.from && key < range.below) {
            rows.push((key, stored));
        }
    }
    rows.sort_by(|(one, first), (two, second)| (one, first.id).cmp(&(two, second.id)));
    let after = match (&range, &query.after) {
        (Some(range), _) => range.after.clone(),
        (None, Some(text)) => Some((String::new(), key::age_cursor(text)?)),
        (None, None) => None,
    };
    rows.retain(|(key, stored)| after.as_ref().is_none_or(|after| (key, stored.id) > (&after.0, after.1)));
    let shown = usize::try_from(query.limit.clamp(1, PAGE_RECORDS_MAX)).unwrap_or(1);
    let cursor =
        |(key, stored): &(String, &Stored)| if range.is_some() { format!("{key}.{}", stored.id) } else { stored.id.to_string() };
    let next = if rows.len() > shown { rows.get(shown - 1).map(cursor) } else { None };
    Ok(Page { records: rows.into_iter().take(shown).map(|(_, stored)| stored.clone()).collect(), next })
}
