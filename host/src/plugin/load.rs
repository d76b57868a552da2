//! The plugins that take part in a tenant's next call.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::Error;
use super::manifest::{GrantName, Manifest};
use super::shelf::Shelf;
use super::state::State;
use super::table::{self, PackageRow, ReleaseRow};
use super::{Active, release};
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db::Scope;
use crate::kernel::id::ReleaseId;

/// What stands as outcome of a call that was not made, because the plugin is in quarantine.
pub(super) const QUARANTINED: &str = "quarantined";

/// The plugins that take part, by name, verified and ready. What is active is read each time, so that a release, a grant that was taken back or
/// a key that was revoked counts with the next call in every process. One that may not run any more is handed out with the reason: its
/// failure policy decides.
///
/// # Errors
/// [`Error::Db`] and what cannot be read of what is stored.
pub async fn active(ctx: &Ctx, actor: &Actor, shelf: &Shelf) -> Result<Vec<Arc<Active>>, Error> {
    let (rows, packages, trusted, quarantined) = {
        let scope = ctx.db.read(actor).await?;
        let standing = table::active(&scope).await?;
        let ids: Vec<ReleaseId> = standing.iter().filter_map(|row| row.active).collect();
        let quarantined: BTreeSet<String> =
            standing.into_iter().filter(|row| row.state == State::Quarantined).map(|row| row.name).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = table::releases_of(&scope, &ids).await?;
        rows.sort_by(|one, two| one.plugin.cmp(&two.plugin));
        let digests: Vec<String> = rows.iter().map(|row| row.package.clone()).collect();
        (rows, table::packages_of(&scope, &digests).await?, shelf.trusted(&scope).await?, quarantined)
    };
    let mut plugins = Vec::with_capacity(rows.len());
    for row in rows {
        let package = packages.iter().find(|package| package.digest == row.package).ok_or(Error::Damaged)?;
        let mut plugin = read(ctx, &row, package)?;
        if quarantined.contains(&row.plugin) {
            plugin.refused = Some(QUARANTINED);
            plugins.push(Arc::new(plugin));
            continue;
        }
        let ready = match shelf.still(ctx, package, &trusted).await {
            Ok(()) => shelf.load(ctx, actor, package).await,
            refused => refused,
        };
        if let Err(error) = ready {
            let code = code(&error);
            tracing::warn!(plugin = plugin.id, release = %row.id, error = &error as &dyn std::error::Error, "a plugin may not run");
            // A fault of the house is no reason to judge the plugin.
            plugin.refused = Some(code.ok_or(error)?);
        }
        plugins.push(Arc::new(plugin));
    }
    Ok(plugins)
}

/// A release of a plugin, verified and ready, whether it takes part or not.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Refused`], [`Error::Db`], and what cannot be read of what is stored.
pub async fn candidate(ctx: &Ctx, actor: &Actor, shelf: &Shelf, plugin: &str, release: ReleaseId) -> Result<Arc<Active>, Error> {
    let (row, package, trusted) = {
        let scope = ctx.db.read(actor).await?;
        let row = table::release(&scope, release).await?.filter(|row| row.plugin == plugin).ok_or(Error::Unknown("release"))?;
        let package = table::package(&scope, &row.package).await?.ok_or(Error::Damaged)?;
        (row, package, shelf.trusted(&scope).await?)
    };
    shelf.still(ctx, &package, &trusted).await?;
    shelf.load(ctx, actor, &package).await?;
    Ok(Arc::new(read(ctx, &row, &package)?))
}

/// A plugin that takes part, as far as events and timetables need to know it.
#[derive(Debug)]
pub struct Standing {
    /// What it says of itself.
    pub manifest: Manifest,
    /// What it was given.
    pub grants: BTreeSet<GrantName>,
}

/// The plugins that take part, those in quarantine included; none of them is made ready.
///
/// # Errors
/// [`Error::Db`] and what cannot be read of what is stored.
pub async fn standing(scope: &Scope) -> Result<Vec<Standing>, Error> {
    let ids: Vec<ReleaseId> = table::active(scope).await?.into_iter().filter_map(|row| row.active).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = table::releases_of(scope, &ids).await?;
    let digests: Vec<String> = rows.iter().map(|row| row.package.clone()).collect();
    let packages = table::packages_of(scope, &digests).await?;
    let one = |row: &ReleaseRow| -> Result<Standing, Error> {
        let package = packages.iter().find(|package| package.digest == row.package).ok_or(Error::Damaged)?;
        Ok(Standing { manifest: serde_json::from_str(&package.manifest)?, grants: serde_json::from_str(&row.grants)? })
    };
    rows.iter().map(one).collect()
}

/// Whether a release takes part.
///
/// # Errors
/// [`Error::Db`].
pub async fn takes_part(scope: &Scope, plugin: &str, release: ReleaseId) -> Result<bool, Error> {
    let standing = table::plugin(scope, plugin).await?;
    Ok(standing.is_some_and(|row| row.state == State::Active && row.active == Some(release)))
}

/// Why a plugin may not run, in one word; none when it is not the plugin's fault.
fn code(error: &Error) -> Option<&'static str> {
    match error {
        Error::Refused(refused) => Some(refused.code()),
        Error::Component(_) | Error::Damaged | Error::Package(_) => Some("not-loaded"),
        _ => None,
    }
}

fn read(ctx: &Ctx, row: &ReleaseRow, package: &PackageRow) -> Result<Active, Error> {
    let manifest: Manifest = serde_json::from_str(&package.manifest)?;
    let grants: BTreeSet<GrantName> = serde_json::from_str(&row.grants)?;
    let settings = release::settings(ctx, row.tenant, row)?;
    let locales = serde_json::from_str(&package.locales)?;
    let mut plugin = Active::new(&manifest, &package.component, settings, &grants, locales);
    plugin.release = Some(row.id);
    plugin.warm = row.warm;
    Ok(plugin)
}
