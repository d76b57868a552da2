//! The commit: what a call has read is compared again, then everything that it proposes is written, in the caller's transaction.

use serde_json::json;

use super::port::Effects;
use super::{Error, perform, table};
use crate::job;
use crate::kernel::Ctx;
use crate::kernel::db::Write;
use crate::kernel::id::RecordId;
use crate::note::{self, Note};
use crate::outbox::{self, APP_EVENT, Event};
use crate::plugin::{self, Active};
use crate::record::{self, Change};

/// Writes everything or nothing; answers the ids of new records, or none when the cause was committed before.
pub(super) async fn commit(
    tx: &Write,
    ctx: &Ctx,
    app: &Active,
    effects: &Effects,
    run: table::Row,
) -> Result<Option<Vec<RecordId>>, Error> {
    let (now, id) = (run.created_at, run.id);
    if !table::insert(tx, run).await? {
        return Ok(None);
    }
    if let Some(release) = app.release
        && !plugin::takes_part(tx, &app.id, release).await?
    {
        return Err(Error::Moved);
    }
    for (order, version) in &effects.orders_read {
        if !perform::is_version(tx, *order, *version).await? {
            return Err(Error::Moved);
        }
    }
    record::apply(tx, app, &effects.changes, &effects.records_read, now).await?;
    for (order, text) in &effects.notes {
        let who = format!("plugin:{}", app.id);
        note::write(tx, &Note { id: ctx.id(), order: *order, who, text: text.clone(), at: now }).await?;
    }
    job::put_off(tx, ctx, &app.id, id, &effects.tasks, now).await?;
    for (name, data) in &effects.events {
        let payload = json!({ "plugin": app.id, "name": name, "data": data });
        outbox::write(tx, &ctx.mint, now, Event { line: format!("plugin:{}", app.id), kind: APP_EVENT, payload }).await?;
    }
    let added = |change: &Change| match change {
        Change::Add { id, .. } => Some(*id),
        Change::Replace { .. } | Change::Remove { .. } => None,
    };
    Ok(Some(effects.changes.iter().filter_map(added).collect()))
}
