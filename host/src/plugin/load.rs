//! The plugins that take part in a tenant's next call.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::Error;
use super::manifest::{GrantName, Manifest};
use super::shelf::Shelf;
use super::table::{self, PackageRow, ReleaseRow};
use super::{Active, release};
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::id::ReleaseId;

/// The plugins that take part, by name, verified and ready. What is active is read each time, so that a release, a grant that was taken back or
/// a key that was revoked counts with the next call in every process. One that may not run any more is handed out with the reason: its
/// failure policy decides.
///
/// # Errors
/// [`Error::Db`] and what cannot be read of what is stored.
pub async fn active(ctx: &Ctx, actor: &Actor, shelf: &Shelf) -> Result<Vec<Arc<Active>>, Error> {
    let (rows, packages, trusted) = {
        let scope = ctx.db.read(actor).await?;
        let ids: Vec<ReleaseId> = table::active(&scope).await?.into_iter().filter_map(|row| row.active).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = table::releases_of(&scope, &ids).await?;
        rows.sort_by(|one, two| one.plugin.cmp(&two.plugin));
        let digests: Vec<String> = rows.iter().map(|row| row.package.clone()).collect();
        (rows, table::packages_of(&scope, &digests).await?, shelf.trusted(&scope).await?)
    };
    let mut plugins = Vec::with_capacity(rows.len());
    for row in rows {
        let package = packages.iter().find(|package| package.digest == row.package).ok_or(Error::Damaged)?;
        let mut plugin = read(ctx, &row, package)?;
        let ready = match shelf.still(ctx, package, &trusted).await {
            Ok(()) => shelf.load(ctx, actor, package).await,
            refused => refused,
        };
        if let Err(error) = ready {
            plugin.refused = Some(code(&error)?);
            tracing::warn!(plugin = plugin.id, release = %row.id, error = &error as &dyn std::error::Error, "a plugin may not run");
        }
        plugins.push(Arc::new(plugin));
    }
    Ok(plugins)
}

/// Why a plugin may not run, in one word. A fault of the house is no reason to judge the plugin.
fn code(error: &Error) -> Result<&'static str, Error> {
    match error {
        Error::Refused(refused) => Ok(refused.code()),
        Error::Component(_) | Error::Damaged | Error::Package(_) | Error::Objects(_) => Ok("not-loaded"),
        _ => Err(Error::Moved),
    }
}

fn read(ctx: &Ctx, row: &ReleaseRow, package: &PackageRow) -> Result<Active, Error> {
    let manifest: Manifest = serde_json::from_str(&package.manifest)?;
    let grants: BTreeSet<GrantName> = serde_json::from_str(&row.grants)?;
    let settings = release::settings(ctx, row.tenant, row)?;
    let locales = serde_json::from_str(&package.locales)?;
    let mut plugin = Active::new(&manifest, &package.component, settings, &grants, locales);
    plugin.release = Some(row.id);
    Ok(plugin)
}
