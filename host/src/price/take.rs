//! Taking a price over: the next version of the order, with the charges that a person has seen.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Error, Found, find};
use crate::access::{Actor, Role};
use crate::command::{self, Answer, Begun, Done, Request};
use crate::document::{Judged, Means};
use crate::kernel::Ctx;
use crate::kernel::db::Write;
use crate::kernel::id::{CommandId, OrderId, ReleaseId};
use crate::kernel::time::{Day, Instant};
use crate::{hook_run, order, plugin};

/// The price that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PriceSeen")]
pub struct Seen {
    /// The version of the order that was priced.
    pub version: i64,
    /// The price's `sha256`.
    #[schemars(length(equal = 64))]
    pub sha256: String,
}

/// Makes the price that was looked at the next version of its order. Clerks may. The answer is the order.
///
/// # Errors
/// [`Error::Moved`] when the price is another one by now, [`Error::Stopped`]; all of [`super::price`]'s.
pub async fn take(ctx: &Ctx, actor: &Actor, means: &Means, request: Request, id: OrderId, seen: &Seen) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    let ticket = match command::begin(ctx, actor, request).await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::Open(ticket) => ticket,
    };
    let found = find(ctx, actor, means, id).await?;
    if found.price.version != seen.version || found.price.sha256 != seen.sha256 {
        return Err(Error::Moved);
    }
    if !found.price.can_be_taken {
        return Err(Error::Stopped);
    }
    let releases = found.case.plugins.iter().filter_map(|plugin| plugin.release).collect();
    let work = Arc::new(Work { found, releases });
    let (kernel, now, command) = (ctx.clone(), ctx.now(), ticket.id());
    let stored = ticket.commit(ctx, actor, move |tx| {
        let (work, kernel) = (Arc::clone(&work), kernel.clone());
        async move { work.store(&tx, &kernel, command, now).await }
    });
    Box::pin(stored).await
}

/// What is stored.
struct Work {
    found: Found,
    /// The releases that took part.
    releases: Vec<ReleaseId>,
}

impl Work {
    async fn store(&self, tx: &Write, kernel: &Ctx, command: CommandId, now: Instant) -> Result<Done, Error> {
        let Found { row, case, asked, price, next } = &self.found;
        if !plugin::unchanged(tx, &self.releases).await? {
            return Err(Error::Moved);
        }
        let snapshot = serde_json::to_string(&case.snapshot.value)?;
        let snapshot = hook_run::table::keep_snapshot(tx, &snapshot, now).await?;
        let judged = Judged { order: row.id, version: row.version, as_of: Day(case.as_of), snapshot };
        judged.store_asked(tx, kernel, now, asked).await?;
        let advanced = order::advance(tx, kernel, row.id, row.version, next, command, now).await;
        let advanced =
            advanced.map_err(|error| if matches!(error, order::Error::Moved { .. }) { Error::Moved } else { error.into() })?;
        let done = order::done(200, advanced, next, "order.price", Some(row.version))?;
        let after = done.after.map(|mut after| {
            if let Some(after) = after.as_object_mut() {
                after.insert("price".to_owned(), price.sha256.as_str().into());
            }
            after
        });
        Ok(Done { after, ..done })
    }
}
