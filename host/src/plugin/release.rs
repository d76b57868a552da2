//! Releases: a package with settings and grants, immutable, and which of them takes part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::error::Error;
use super::manifest::{Class, GrantName, Manifest, SettingKind, Wrong};
use super::shelf::Shelf;
use super::state::{Event, State};
use super::table::{self, PackageRow, ReleaseRow, TurnRow};
use super::view::{PluginCard, ReleaseCard};
use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{Scope, Write};
use crate::kernel::id::{Mint, ReleaseId, TenantId};
use crate::kernel::secret::Secret;
use crate::kernel::time::Instant;
use crate::outbox;
use crate::record;
use crate::register::printable;

/// What a new release is made of.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// The package's digest; without one, the package that came last.
    pub package: Option<String>,
    /// Settings as texts. A secret that is left open keeps the value of the release before it.
    pub settings: BTreeMap<String, String>,
    /// What is granted of what the manifest asks for.
    pub grants: BTreeSet<GrantName>,
    /// Whether its sandboxes may wait for the next call; for an interpreter only.
    pub warm: bool,
}

/// After so many failed calls in a row a plugin is called no more, until somebody has looked.
pub(crate) const QUARANTINE_AFTER: u64 = 5;

/// The longest reason for a suspension.
pub(crate) const REASON_CHARS_MAX: usize = 500;

/// Where a secret lies in the vault.
fn place(plugin: &str, key: &str) -> String {
    format!("plugin/{plugin}/{key}")
}

/// Makes a release. Administrators may. It takes part when it is activated.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Input`], [`Error::Vault`], [`Error::Access`], [`Error::Command`], [`Error::Db`].
pub async fn release(ctx: &Ctx, actor: &Actor, request: Request, plugin: &str, new: New) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let (package, before) = {
        let scope = ctx.db.read(actor).await?;
        let there = table::plugin(&scope, plugin).await?.filter(|row| row.state != State::Uninstalled);
        let standing = there.ok_or(Error::Unknown("plugin"))?;
        let package = match &new.package {
            Some(digest) => table::package(&scope, digest).await?.filter(|row| row.plugin == plugin),
            None => table::packages(&scope, plugin).await?.into_iter().next(),
        };
        let newest = table::releases(&scope, plugin).await?.into_iter().next();
        let before = match standing.active {
            Some(active) => table::release(&scope, active).await?,
            None => newest,
        };
        (package.ok_or(Error::Unknown("package"))?, before)
    };
    let manifest: Manifest = serde_json::from_str(&package.manifest)?;
    let row = Arc::new(row(ctx, actor, &manifest, package, before, new)?);
    let (now, mint) = (ctx.now(), ctx.mint.clone());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let (row, mint) = (Arc::clone(&row), mint.clone());
        async move {
            table::hold(&tx, &row.plugin).await?.ok_or(Error::Unknown("plugin"))?;
            let row = table::add_release(&tx, (*row).clone()).await?;
            let payload = serde_json::json!({ "plugin": row.plugin, "release": row.id, "number": row.number });
            let event = outbox::Event { line: format!("plugin:{}", row.plugin), kind: "plugin.released", payload };
            outbox::write(&tx, &mint, now, event).await?;
            Ok(Done {
                answer: Answer::json(201, &ReleaseCard::of(&row)?)?,
                verb: "plugin.release",
                subject: Some(format!("plugin:{}", row.plugin)),
                before: None,
                after: Some(
                    serde_json::json!({ "release": row.id, "number": row.number, "package": row.package, "grants": row.grants }),
                ),
            })
        }
    }))
    .await
}

fn row(
    ctx: &Ctx,
    actor: &Actor,
    manifest: &Manifest,
    package: PackageRow,
    before: Option<ReleaseRow>,
    new: New,
) -> Result<ReleaseRow, Error> {
    let tenant = actor.tenant().id();
    let kept: BTreeMap<String, String> = before.map(|row| serde_json::from_str(&row.secrets)).transpose()?.unwrap_or_default();
    let is_secret = |key: &str| manifest.config.iter().any(|one| one.key == key && one.kind == SettingKind::Secret);
    // A secret that stays is not shown to whoever makes the release; that it is there is enough to check.
    let stays = |key: &str| new.settings.get(key).is_none_or(|text| text.trim().is_empty()) && kept.contains_key(key);
    let mut given = new.settings.clone();
    for key in manifest.config.iter().map(|one| &one.key).filter(|key| is_secret(key) && stays(key)) {
        given.insert(key.clone(), "-".to_owned());
    }
    let mut wrong = ungranted(manifest, &new.grants);
    if new.warm && manifest.class != Some(Class::Interpreted) {
        wrong.push(Wrong {
            pointer: "/warm".to_owned(),
            message: "only the sandboxes of an interpreter are kept warm: any other plugin is up in microseconds".to_owned(),
            fix: "leave it out".to_owned(),
        });
    }
    let settings = manifest.check_settings(&given).unwrap_or_else(|problems| {
        wrong.extend(problems);
        BTreeMap::new()
    });
    if !wrong.is_empty() {
        return Err(Error::Input(wrong));
    }
    let (mut open, mut sealed) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in settings {
        if !is_secret(&key) {
            open.insert(key, value);
        } else if let Some(old) = kept.get(&key).filter(|_| stays(&key)) {
            sealed.insert(key, old.clone());
        } else {
            let secret = ctx.vault.seal(tenant, &place(&manifest.id, &key), &Secret::new(value))?;
            sealed.insert(key, secret);
        }
    }
    Ok(ReleaseRow {
        tenant,
        id: ctx.id(),
        plugin: manifest.id.clone(),
        number: 0,
        package: package.digest,
        settings: serde_json::to_string(&open)?,
        secrets: serde_json::to_string(&sealed)?,
        grants: serde_json::to_string(&new.grants)?,
        warm: new.warm,
        made_by: actor.who().to_string(),
        created_at: ctx.now(),
    })
}

/// Grants that nobody asked for: giving them would do nothing, so whoever gives them is mistaken.
fn ungranted(manifest: &Manifest, grants: &BTreeSet<GrantName>) -> Vec<Wrong> {
    let foreign = grants.iter().filter(|name| !manifest.grants.iter().any(|asked| asked.name == **name));
    let asked: Vec<&str> = manifest.grants.iter().map(|grant| grant.name.as_str()).collect();
    let fix =
        if asked.is_empty() { "grant nothing: it asks for nothing".to_owned() } else { format!("grant of {}", asked.join(", ")) };
    foreign
        .map(|name| Wrong {
            pointer: "/grants".to_owned(),
            message: format!("the plugin does not ask for `{name}`"),
            fix: fix.clone(),
        })
        .collect()
}

/// Lets a release take part from the next call on. Calls that run end with the one before it. Administrators may.
///
/// # Errors
/// All of [`Error`] that speak of states, signatures, components, access, commands and stores.
pub async fn activate(
    ctx: &Ctx,
    actor: &Actor,
    shelf: &Shelf,
    request: Request,
    plugin: &str,
    release: ReleaseId,
) -> Result<Answer, Error> {
    Box::pin(turn(ctx, actor, shelf, request, plugin, Event::Activate, Some(release), None)).await
}

/// Lets the release take part again that was active before the one that is. Administrators may.
///
/// # Errors
/// As [`activate`], and [`Error::NothingBefore`].
pub async fn roll_back(ctx: &Ctx, actor: &Actor, shelf: &Shelf, request: Request, plugin: &str) -> Result<Answer, Error> {
    Box::pin(turn(ctx, actor, shelf, request, plugin, Event::RollBack, None, None)).await
}

/// Stops a plugin: from the next call on it takes part no more, until it is resumed. Administrators may.
///
/// # Errors
/// As [`activate`], and [`Error::Reason`].
pub async fn suspend(
    ctx: &Ctx,
    actor: &Actor,
    shelf: &Shelf,
    request: Request,
    plugin: &str,
    reason: Option<String>,
) -> Result<Answer, Error> {
    let reason = reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if reason.as_ref().is_some_and(|text| !printable(text, REASON_CHARS_MAX)) {
        return Err(Error::Reason);
    }
    Box::pin(turn(ctx, actor, shelf, request, plugin, Event::Suspend, None, reason)).await
}

/// Lets a suspended plugin go on. Administrators may.
///
/// # Errors
/// As [`activate`].
pub async fn resume(ctx: &Ctx, actor: &Actor, shelf: &Shelf, request: Request, plugin: &str) -> Result<Answer, Error> {
    Box::pin(turn(ctx, actor, shelf, request, plugin, Event::Resume, None, None)).await
}

/// Takes a plugin away. What it was stays in the trail; a package of it can be installed anew. Administrators may.
///
/// # Errors
/// As [`activate`].
pub async fn uninstall(ctx: &Ctx, actor: &Actor, shelf: &Shelf, request: Request, plugin: &str) -> Result<Answer, Error> {
    Box::pin(turn(ctx, actor, shelf, request, plugin, Event::Uninstall, None, None)).await
}

#[expect(clippy::too_many_arguments, reason = "what the five events have in common; each has a function of its own")]
async fn turn(
    ctx: &Ctx,
    actor: &Actor,
    shelf: &Shelf,
    request: Request,
    plugin: &str,
    event: Event,
    wanted: Option<ReleaseId>,
    reason: Option<String>,
) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    // What is to take part is verified and ready before anything is written, so that the next click does not wait for it.
    let target = ready(ctx, actor, shelf, plugin, event, wanted).await?;
    let (now, who, mint, plugin) = (ctx.now(), actor.who().to_string(), ctx.mint.clone(), plugin.to_owned());
    Box::pin(command::run(ctx, actor, request, move |tx, command| {
        let (who, mint, plugin, reason) = (who.clone(), mint.clone(), plugin.clone(), reason.clone());
        async move {
            let standing = table::hold(&tx, &plugin).await?.ok_or(Error::Unknown("plugin"))?;
            if find_target(&tx, &plugin, event, wanted).await? != target {
                return Err(Error::Moved);
            }
            let next = standing.state.next(event)?;
            let active = if event == Event::Uninstall { None } else { target.or(standing.active) };
            if !table::advance(&tx, &plugin, standing.version, next, active, now).await? {
                return Err(Error::Moved);
            }
            keep(&tx, &plugin, event, target, now).await?;
            let row = TurnRow { tenant: tx.tenant_id(), id: command, plugin: plugin.clone(), event, release: active, who, reason, at: now };
            table::note(&tx, row).await?;
            let payload = serde_json::json!({ "plugin": plugin, "release": active });
            let told = outbox::Event { line: format!("plugin:{plugin}"), kind: event.kind(), payload };
            outbox::write(&tx, &mint, now, told).await?;
            let card = PluginCard::read(&tx, &plugin).await?;
            let facts = |state: &dyn std::fmt::Display, release: Option<ReleaseId>| serde_json::json!({ "state": state.to_string(), "release": release });
            Ok(Done {
                answer: Answer::json(200, &card)?,
                verb: event.verb(),
                subject: Some(format!("plugin:{plugin}")),
                before: Some(facts(&standing.state, standing.active)),
                after: Some(facts(&next, active)),
            })
        }
    }))
    .await
}

/// What becomes of the plugin's records: they fit the release that is to take part, or go with the plugin.
async fn keep(tx: &Write, plugin: &str, event: Event, target: Option<ReleaseId>, now: Instant) -> Result<(), Error> {
    if event == Event::Uninstall {
        return Ok(record::archive(tx, plugin, now).await?);
    }
    let Some(target) = target else { return Ok(()) };
    let release = table::release(tx, target).await?.ok_or(Error::Damaged)?;
    let package = table::package(tx, &release.package).await?.ok_or(Error::Damaged)?;
    let manifest: Manifest = serde_json::from_str(&package.manifest)?;
    record::fit(tx, &manifest).await.map_err(|error| match error {
        record::Error::Refused(refused) => Error::Records(refused),
        record::Error::Db(error) => Error::Db(error),
    })
}

/// The release that an event would let take part.
async fn find_target(scope: &Scope, plugin: &str, event: Event, wanted: Option<ReleaseId>) -> Result<Option<ReleaseId>, Error> {
    let standing = table::plugin(scope, plugin).await?.ok_or(Error::Unknown("plugin"))?;
    match event {
        Event::Activate => {
            let release = match wanted {
                Some(id) => table::release(scope, id).await?.filter(|row| row.plugin == plugin),
                None => None,
            };
            Ok(Some(release.ok_or(Error::Unknown("release"))?.id))
        }
        Event::RollBack => {
            standing.state.next(event)?;
            let turns = table::turns(scope, plugin).await?;
            let active = |turn: &&TurnRow| matches!(turn.event, Event::Activate | Event::RollBack);
            let before = turns.iter().filter(active).filter_map(|turn| turn.release).find(|id| Some(*id) != standing.active);
            Ok(Some(before.ok_or(Error::NothingBefore)?))
        }
        Event::Resume => Ok(standing.active),
        Event::Install | Event::Quarantine | Event::Suspend | Event::Uninstall => Ok(None),
    }
}

async fn ready(
    ctx: &Ctx,
    actor: &Actor,
    shelf: &Shelf,
    plugin: &str,
    event: Event,
    wanted: Option<ReleaseId>,
) -> Result<Option<ReleaseId>, Error> {
    let (target, package, trusted) = {
        let scope = ctx.db.read(actor).await?;
        let Some(target) = find_target(&scope, plugin, event, wanted).await? else { return Ok(None) };
        let release = table::release(&scope, target).await?.ok_or(Error::Damaged)?;
        let package = table::package(&scope, &release.package).await?.ok_or(Error::Damaged)?;
        (target, package, shelf.trusted(&scope).await?)
    };
    shelf.still(ctx, &package, &trusted).await?;
    shelf.load(ctx, actor, &package).await?;
    Ok(Some(target))
}

/// The settings of a release as its calls read them, secrets opened.
pub(super) fn settings(ctx: &Ctx, tenant: TenantId, row: &ReleaseRow) -> Result<BTreeMap<String, String>, Error> {
    let mut settings: BTreeMap<String, String> = serde_json::from_str(&row.settings)?;
    let sealed: BTreeMap<String, String> = serde_json::from_str(&row.secrets)?;
    for (key, text) in sealed {
        // It goes into the call's settings, which nothing logs.
        let secret = ctx.vault.unseal(tenant, &place(&row.plugin, &key), &text)?.reveal().to_owned();
        settings.insert(key, secret);
    }
    Ok(settings)
}

/// Puts a plugin into quarantine, in the transaction of the click that saw it fail once too often; `why` is the code of its last failure.
/// Answers whether it was active.
///
/// # Errors
/// [`Error::Db`], [`Error::Moved`].
pub async fn quarantine(
    tx: &Write,
    mint: &Mint,
    now: Instant,
    plugin: &str,
    release: ReleaseId,
    why: &str,
) -> Result<bool, Error> {
    let Some(standing) = table::hold(tx, plugin).await?.filter(|row| row.active == Some(release)) else { return Ok(false) };
    let Ok(next) = standing.state.next(Event::Quarantine) else { return Ok(false) };
    if !table::advance(tx, plugin, standing.version, next, standing.active, now).await? {
        return Err(Error::Moved);
    }
    let id = mint.next();
    let subject = format!("plugin:{plugin}");
    let log = command::Entry::new(&access::worker(tx.tenant_id()), Event::Quarantine.verb(), Some(subject.clone()))
        .after(serde_json::json!({ "release": release, "why": why }));
    command::write(tx, id, now, log).await?;
    let row = TurnRow {
        tenant: tx.tenant_id(),
        id,
        plugin: plugin.to_owned(),
        event: Event::Quarantine,
        release: standing.active,
        who: "worker".to_owned(),
        reason: Some(why.to_owned()),
        at: now,
    };
    table::note(tx, row).await?;
    let payload = serde_json::json!({ "plugin": plugin, "release": release, "why": why });
    outbox::write(tx, mint, now, outbox::Event { line: subject, kind: Event::Quarantine.kind(), payload }).await?;
    Ok(true)
}

/// Whether exactly these releases take part still: what a click has asked must be what counts when it commits.
///
/// # Errors
/// [`Error::Db`].
pub async fn unchanged(tx: &Write, asked: &[ReleaseId]) -> Result<bool, Error> {
    // As sets: databases sort names as their locale does.
    let standing: BTreeSet<ReleaseId> = table::active(tx).await?.into_iter().filter_map(|row| row.active).collect();
    Ok(standing == asked.iter().copied().collect())
}
