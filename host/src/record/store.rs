//! Writing records, inside the transaction of the call that proposed them.

use std::collections::BTreeMap;

use super::table::{self, KeyRow, Row};
use super::{Error, Fields, Refused, Stored, key, value, write};
use crate::kernel::db::{self, Write};
use crate::kernel::id::RecordId;
use crate::kernel::time::Instant;
use crate::plugin::Active;
use crate::plugin::manifest::{Collection, Manifest};

/// The most writes that one call may propose.
pub const WRITES_A_CALL_MAX: usize = 1_000;
/// How many records are read at once when keys are made anew.
const KEYED_AT_ONCE: u64 = 500;

/// A write that an app has proposed; its values are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new record.
    Add {
        /// Where.
        collection: String,
        /// The id that the app was told.
        id: RecordId,
        /// What it has.
        fields: Fields,
    },
    /// Other values for a record.
    Replace {
        /// Where.
        collection: String,
        /// Which.
        id: RecordId,
        /// The version that the app has read.
        version: i64,
        /// What it has.
        fields: Fields,
    },
    /// A record goes.
    Remove {
        /// Where.
        collection: String,
        /// Which.
        id: RecordId,
        /// The version that the app has read.
        version: i64,
    },
}

/// Writes what an app has proposed, and compares the versions of what it has read.
///
/// # Errors
/// [`Refused::Moved`] when something read has changed: the call is to come again. [`Refused::Taken`], [`Refused::Full`], [`Error::Db`].
pub async fn apply(
    tx: &Write,
    plugin: &Active,
    changes: &[Change],
    read: &[(String, RecordId, i64)],
    now: Instant,
) -> Result<(), Error> {
    if changes.is_empty() && read.is_empty() {
        return Ok(());
    }
    // Whoever writes records of the plugin holds this row: what is read from here on stays as it is.
    let store = table::hold_store(tx, &plugin.id).await?;
    for (collection, id, version) in read {
        let found = table::record(tx, &plugin.id, collection, *id).await?;
        if found.is_none_or(|row| row.version != *version) {
            return Err(Refused::Moved.into());
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    let mut records = store.records;
    // An app may write a record that it has proposed in the same call: its version is one further each time.
    let mut further: BTreeMap<RecordId, i64> = BTreeMap::new();
    for change in changes {
        match change {
            Change::Add { collection, id, fields } => {
                let collection = super::collection(plugin, collection)?;
                table::insert(tx, row(tx, &plugin.id, collection, *id, fields, now)).await?;
                index(tx, &plugin.id, collection, *id, fields).await?;
                records += 1;
            }
            Change::Replace { collection, id, version, fields } => {
                let collection = super::collection(plugin, collection)?;
                let was = version + further.get(id).copied().unwrap_or(0);
                let text = serde_json::Value::Object(write(fields)).to_string();
                if !table::replace(tx, &plugin.id, *id, was, &text, now).await? {
                    return Err(Refused::Moved.into());
                }
                table::drop_keys(tx, &plugin.id, *id).await?;
                index(tx, &plugin.id, collection, *id, fields).await?;
                *further.entry(*id).or_default() += 1;
            }
            Change::Remove { id, version, .. } => {
                let was = version + further.get(id).copied().unwrap_or(0);
                if !table::end(tx, &plugin.id, *id, was, now).await? {
                    return Err(Refused::Moved.into());
                }
                table::drop_keys(tx, &plugin.id, *id).await?;
                records -= 1;
            }
        }
    }
    if records > i64::from(plugin.limits.records_max) && records > store.records {
        return Err(Refused::Full.into());
    }
    Ok(table::set_store(tx, &plugin.id, records, &store.indexes).await?)
}

fn row(tx: &Write, plugin: &str, collection: &Collection, id: RecordId, fields: &Fields, now: Instant) -> Row {
    Row {
        tenant: tx.tenant_id(),
        id,
        plugin: plugin.to_owned(),
        collection: collection.name.clone(),
        version: 1,
        fields: serde_json::Value::Object(write(fields)).to_string(),
        created_at: now,
        changed_at: now,
        archived_at: None,
    }
}

/// Writes the keys of a record, if no other has those that are unique.
async fn index(tx: &Write, plugin: &str, collection: &Collection, id: RecordId, fields: &Fields) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(collection.indexes.len());
    for index in &collection.indexes {
        let (place, key) = (key::name(index), key::of(index, fields)?);
        if index.unique && table::holder(tx, plugin, &collection.name, &place, &key).await?.is_some() {
            return Err(Refused::Taken(index.fields.join(", ")).into());
        }
        rows.push(KeyRow {
            tenant: tx.tenant_id(),
            plugin: plugin.to_owned(),
            collection: collection.name.clone(),
            place,
            key,
            record: id,
            is_unique: index.unique,
        });
    }
    table::insert_keys(tx, rows).await.map_err(|error| match error {
        // Somebody was faster: the call comes again and is told who.
        db::Error::Taken { .. } => Refused::Moved.into(),
        error => error.into(),
    })
}

/// Makes the keys of a plugin's records anew when the release that is to take part declares other indexes than the one before it.
///
/// # Errors
/// [`Refused::Taken`] when records are alike where the release wants them unique; [`Refused::Invalid`] when a text is too long for an
/// index; [`Error::Db`].
pub async fn fit(tx: &Write, manifest: &Manifest) -> Result<(), Error> {
    if manifest.collections.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = manifest
        .collections
        .iter()
        .flat_map(|one| one.indexes.iter().map(|index| format!("{}:{}", one.name, key::name(index))))
        .collect();
    let names = db::to_json(&names)?;
    let store = table::hold_store(tx, &manifest.id).await?;
    if store.indexes == names {
        return Ok(());
    }
    if store.records > 0 {
        table::drop_all_keys(tx, &manifest.id).await?;
        for collection in &manifest.collections {
            let mut after = None;
            loop {
                let rows = table::by_age(tx, &manifest.id, &collection.name, after, KEYED_AT_ONCE).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                for row in rows {
                    let fields = value::stored(collection, &row.fields);
                    index(tx, &manifest.id, collection, row.id, &fields).await?;
                }
            }
        }
    }
    Ok(table::set_store(tx, &manifest.id, store.records, &names).await?)
}

/// Archives everything that a plugin keeps, with the plugin.
///
/// # Errors
/// When the database fails.
pub async fn archive(tx: &Write, plugin: &str, now: Instant) -> Result<(), db::Error> {
    table::hold_store(tx, plugin).await?;
    table::drop_all_keys(tx, plugin).await?;
    table::end_all(tx, plugin, now).await
}

/// A row as a record of its collection.
pub(super) fn stored(collection: &Collection, row: Row) -> Stored {
    Stored {
        id: row.id,
        version: row.version,
        fields: value::stored(collection, &row.fields),
        created_at: row.created_at,
        changed_at: row.changed_at,
    }
}
