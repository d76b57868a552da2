//! What a plugin of a firm used lately.

use super::state::State;
use super::{Error, table};
use crate::access::Actor;
use crate::hook_run::{self, Usage};
use crate::kernel::Ctx;

/// What a plugin used in the last day and the last 30 days. One that is uninstalled is not there.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn usage(ctx: &Ctx, actor: &Actor, name: &str) -> Result<Usage, Error> {
    let scope = ctx.db.read(actor).await?;
    let there = table::plugin(&scope, name).await?.is_some_and(|row| row.state != State::Uninstalled);
    if !there {
        return Err(Error::Unknown("plugin"));
    }
    Ok(hook_run::usage(&scope, name, ctx.now()).await?)
}
