//! Bringing a package in: everything about it is checked before a row is written. What it is, is never changed afterwards; the same package
//! again may bring new signatures.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use roro_pack::Locale;
use roro_pack::reader::Report;

use super::component::{Facts, unlike};
use super::error::Error;
use super::locale::{LANGUAGES, locale_file, read_locale};
use super::manifest::{self, Manifest};
use super::package::{self, Package, Stored};
use super::shelf::{Shelf, Verdict};
use super::signature::{ENVELOPES_MAX, not_a_downgrade};
use super::state::{Event, State};
use super::table::{self, PackageRow, Row, TurnRow};
use super::view::PackageCard;
use crate::access::{Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::Write;
use crate::kernel::id::CommandId;
use crate::outbox;

/// The most problems that are said at once; more say nothing new.
const PROBLEMS_MAX: usize = 100;

/// A package that was read and fits.
#[derive(Debug)]
pub struct Checked {
    /// Its files and digests.
    pub stored: Stored,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its sentences by language.
    pub locales: BTreeMap<String, Locale>,
}

/// Reads a package and checks that its manifest and its sentences are whole. The component is not looked at.
///
/// # Errors
/// [`Error::Package`], [`Error::Unfit`] with every problem.
pub fn check(stored: Stored) -> Result<Checked, Error> {
    let manifest = manifest::read("plugin.toml", &stored.package.manifest_text, &outbox::heard())
        .map_err(|problems| Error::Unfit(problems.iter().take(PROBLEMS_MAX).map(ToString::to_string).collect()))?;
    let mut wrong = Vec::new();
    if stored.component_digest.is_none() {
        wrong.push("the package has no component: install a pack with `roro pack install`".to_owned());
    }
    let locales = locales(&manifest, &stored.package, &mut wrong);
    if wrong.is_empty() { Ok(Checked { stored, manifest, locales }) } else { Err(Error::Unfit(wrong)) }
}

/// The sentences of a package. English must be there; ids must be the plugin's own.
fn locales(manifest: &Manifest, package: &Package, wrong: &mut Vec<String>) -> BTreeMap<String, Locale> {
    let (mut report, mut locales) = (Report::default(), BTreeMap::new());
    for language in LANGUAGES {
        let file = locale_file(language);
        match package.assets.get(&file).map(|bytes| std::str::from_utf8(bytes)) {
            Some(Ok(text)) => drop(locales.insert(language.to_owned(), read_locale(&file, text, &manifest.id, &mut report))),
            Some(Err(_)) => wrong.push(format!("{file} is no UTF-8: save it as UTF-8")),
            None if language == "en" => {
                wrong.push(format!("{file} is missing: add a table with says, why and fix for each rule"))
            }
            None => {}
        }
    }
    wrong.extend(report.finish().iter().take(PROBLEMS_MAX).map(ToString::to_string));
    locales
}

/// Brings a package into a tenant. Administrators may. Answers 201, or 200 when the very same package is there already, which takes up
/// signatures that are new. Nothing takes part before a release is activated.
///
/// # Errors
/// All of [`Error`] that speak of packages, signatures, components, access, commands and stores.
pub async fn install(ctx: &Ctx, actor: &Actor, shelf: &Shelf, request: Request, archive: Bytes) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    let read = archive.clone();
    let checked = tokio::task::spawn_blocking(move || check(package::read_archive(&read, None)?));
    let checked = Arc::new(checked.await.map_err(|_| Error::Damaged)??);
    let verdict = {
        let scope = ctx.db.read(actor).await?;
        let trusted = shelf.trusted(&scope).await?;
        drop(scope);
        let (stored, manifest) = (&checked.stored, &checked.manifest);
        let subject = stored.subject(&manifest.id, &manifest.version);
        shelf.verify(ctx, actor.tenant().id(), &stored.envelopes, &subject, &trusted).await?
    };
    let facts = facts(shelf, &checked).await?;
    let wrong = unlike(&checked.manifest, &facts);
    if !wrong.is_empty() {
        return Err(Error::Unfit(wrong));
    }
    let object = ctx.objects.put(actor.tenant().id(), archive).await?;
    let row = Arc::new(row(ctx, actor, &checked, &facts, object, verdict)?);
    let (now, who, mint) = (ctx.now(), actor.who().to_string(), ctx.mint.clone());
    Box::pin(command::run(ctx, actor, request, move |tx, command| {
        let (row, who, mint) = (Arc::clone(&row), who.clone(), mint.clone());
        async move {
            let before = stand(&tx, &row).await?;
            let fresh = table::keep_package(&tx, (*row).clone()).await?;
            let row = if fresh { (*row).clone() } else { renew(&tx, &row).await? };
            let card = PackageCard::of(&row);
            let after = serde_json::json!({ "package": row.digest, "version": row.version, "signer": row.signer });
            if fresh || before == Some(State::Uninstalled) {
                let turn = turn(&row, command, &who, now);
                table::note(&tx, turn).await?;
                let payload = serde_json::json!({ "plugin": row.plugin, "version": row.version, "package": row.digest });
                let event = outbox::Event { line: format!("plugin:{}", row.plugin), kind: Event::Install.kind(), payload };
                outbox::write(&tx, &mint, now, event).await?;
            }
            Ok(Done {
                answer: Answer::json(if fresh { 201 } else { 200 }, &card)?,
                verb: Event::Install.verb(),
                subject: Some(format!("plugin:{}", row.plugin)),
                before: before.map(|state| serde_json::json!({ "state": state })),
                after: Some(after),
            })
        }
    }))
    .await
}

async fn facts(shelf: &Shelf, checked: &Arc<Checked>) -> Result<Facts, Error> {
    let (components, checked) = (Arc::clone(shelf.components()), Arc::clone(checked));
    let loaded = tokio::task::spawn_blocking(move || {
        let component = checked.stored.package.component.as_ref().ok_or(Error::Damaged)?;
        Ok(components.load(&checked.manifest.id, &checked.manifest.version, component)?)
    });
    loaded.await.map_err(|_| Error::Damaged)?
}

/// The same package again may bring new signatures: they join those that are there, the newest first, and who vouches now is who counts.
/// One that nobody vouches for now keeps who did. Answers the package as it stands then.
async fn renew(tx: &Write, row: &PackageRow) -> Result<PackageRow, Error> {
    let standing = table::package(tx, &row.digest).await?.ok_or(Error::Damaged)?;
    let mut envelopes: Vec<String> = serde_json::from_str(&row.envelopes)?;
    let older: Vec<String> = serde_json::from_str(&standing.envelopes)?;
    envelopes.extend(older.into_iter().filter(|one| !row.envelopes.contains(one.as_str())));
    envelopes.truncate(ENVELOPES_MAX);
    let envelopes = serde_json::to_string(&envelopes)?;
    let (signer, signer_key, not_after) = match &row.signer {
        Some(_) => (row.signer.clone(), row.signer_key.clone(), row.not_after),
        None => (standing.signer.clone(), standing.signer_key.clone(), standing.not_after),
    };
    let renewed = PackageRow { envelopes, signer, signer_key, not_after, ..standing };
    table::vouch(tx, &renewed).await?;
    Ok(renewed)
}

/// Makes the plugin stand there, held; refuses a version below the active one. Answers where it stood before.
async fn stand(tx: &Write, row: &PackageRow) -> Result<Option<State>, Error> {
    let standing = table::hold(tx, &row.plugin).await?;
    let is_new = standing.as_ref().is_none_or(|standing| standing.state == State::Uninstalled);
    if is_new && table::plugins(tx).await?.len() as u64 >= table::PLUGINS_MAX {
        return Err(Error::TooMany);
    }
    let Some(standing) = standing else {
        let fresh = Row {
            tenant: tx.tenant_id(),
            name: row.plugin.clone(),
            state: State::Installed,
            active: None,
            version: 1,
            created_at: row.created_at,
            changed_at: row.created_at,
        };
        return if table::insert(tx, fresh).await? { Ok(None) } else { Err(Error::Moved) };
    };
    if let Some(active) = standing.active.filter(|_| standing.state != State::Uninstalled) {
        let release = table::release(tx, active).await?.ok_or(Error::Damaged)?;
        let package = table::package(tx, &release.package).await?.ok_or(Error::Damaged)?;
        let version = |text: &str| text.parse().map_err(|_| Error::Damaged);
        not_a_downgrade(&version(&package.version)?, &version(&row.version)?)?;
    }
    let next = standing.state.next(Event::Install)?;
    if next == standing.state {
        return Ok(Some(next));
    }
    let active = standing.active.filter(|_| standing.state != State::Uninstalled);
    if !table::advance(tx, &row.plugin, standing.version, next, active, row.created_at).await? {
        return Err(Error::Moved);
    }
    Ok(Some(standing.state))
}

fn row(
    ctx: &Ctx,
    actor: &Actor,
    checked: &Checked,
    facts: &Facts,
    archive: String,
    verdict: Verdict,
) -> Result<PackageRow, Error> {
    let (stored, manifest) = (&checked.stored, &checked.manifest);
    let envelopes: Vec<String> = stored.envelopes.iter().map(|envelope| STANDARD.encode(envelope)).collect();
    let (signer, signer_key, not_after) = match verdict {
        Verdict::Signed(verified) => (Some(verified.signer), Some(verified.key_id), Some(verified.not_after)),
        Verdict::Development => (None, None, None),
    };
    Ok(PackageRow {
        tenant: actor.tenant().id(),
        digest: stored.manifest_digest.clone(),
        plugin: manifest.id.clone(),
        version: manifest.version.to_string(),
        component: facts.digest.clone(),
        archive,
        archive_bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
        manifest_digest: stored.plugin_manifest_digest.clone(),
        manifest: serde_json::to_string(manifest)?,
        locales: serde_json::to_string(&checked.locales)?,
        envelopes: serde_json::to_string(&envelopes)?,
        signer,
        signer_key,
        not_after,
        imported_by: actor.who().to_string(),
        created_at: ctx.now(),
    })
}

fn turn(row: &PackageRow, id: CommandId, who: &str, now: crate::kernel::time::Instant) -> TurnRow {
    TurnRow {
        tenant: row.tenant,
        id,
        plugin: row.plugin.clone(),
        event: Event::Install,
        release: None,
        who: who.to_owned(),
        reason: Some(row.version.clone()),
        at: now,
    }
}
