//! What people and programs read about plugins.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::beside::{self, Beside};
use super::error::Error;
use super::manifest::{GrantName, Manifest};
use super::state::{Event, State};
use super::table::{self, PackageRow, ReleaseRow, Row, TurnRow};
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db::Scope;
use crate::kernel::id::ReleaseId;
use crate::kernel::time::Instant;

/// A package that a tenant holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginPackage")]
pub struct PackageCard {
    /// SHA-256 of its OCI manifest: its name for programs.
    pub digest: String,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub component_sha256: String,
    /// How many bytes it has.
    pub bytes: i64,
    /// Who vouched for it when it came; none when nobody did and the firm is in development mode.
    pub signer: Option<String>,
    /// The id of the key.
    pub signer_key: Option<String>,
    /// Until when that counts.
    pub not_after: Option<Instant>,
    /// Who brought it in.
    pub imported_by: String,
    /// Since when.
    pub created_at: Instant,
}

impl PackageCard {
    pub(super) fn of(row: &PackageRow) -> Self {
        Self {
            digest: row.digest.clone(),
            plugin: row.plugin.clone(),
            version: row.version.clone(),
            component_sha256: row.component.clone(),
            bytes: row.archive_bytes,
            signer: row.signer.clone(),
            signer_key: row.signer_key.clone(),
            not_after: row.not_after,
            imported_by: row.imported_by.clone(),
            created_at: row.created_at,
        }
    }
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginRelease")]
pub struct ReleaseCard {
    /// Its id.
    pub id: ReleaseId,
    /// Its number among the plugin's releases, from 1.
    pub number: i64,
    /// The digest of its package.
    pub package: String,
    /// Its settings, the secrets left out.
    pub settings: BTreeMap<String, String>,
    /// The keys of the secrets that are set. Nobody is shown what they are.
    pub secrets: BTreeSet<String>,
    /// What it was granted.
    pub grants: BTreeSet<GrantName>,
    /// Whether its sandboxes wait for the next call instead of being made anew.
    pub warm: bool,
    /// Who made it.
    pub made_by: String,
    /// Since when.
    pub created_at: Instant,
}

impl ReleaseCard {
    pub(super) fn of(row: &ReleaseRow) -> Result<Self, Error> {
        let secrets: BTreeMap<String, String> = serde_json::from_str(&row.secrets)?;
        Ok(Self {
            id: row.id,
            number: row.number,
            package: row.package.clone(),
            settings: serde_json::from_str(&row.settings)?,
            secrets: secrets.into_keys().collect(),
            grants: serde_json::from_str(&row.grants)?,
            warm: row.warm,
            made_by: row.made_by.clone(),
            created_at: row.created_at,
        })
    }
}

/// Something that happened to a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginTurn")]
pub struct TurnCard {
    /// What.
    pub event: Event,
    /// The release that takes part since, or would when the plugin is resumed.
    pub release: Option<ReleaseId>,
    /// Who did it.
    pub who: String,
    /// Why, if somebody said; the version for an installation.
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
}

impl From<TurnRow> for TurnCard {
    fn from(row: TurnRow) -> Self {
        Self { event: row.event, release: row.release, who: row.who, reason: row.reason, at: row.at }
    }
}

/// A plugin in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Plugin")]
pub struct PluginCard {
    /// Its id, as its manifest gives it: its name for people and programs.
    pub name: String,
    /// Its title by language, of the release that is active, else of the package that came last.
    pub title: BTreeMap<String, String>,
    /// Where it stands.
    pub state: State,
    /// The version of its package: of the release that is active, else of the one that came last.
    pub version: String,
    /// The release that takes part, or would when the plugin is resumed.
    pub active: Option<ReleaseCard>,
    /// Whether nobody vouches for that package: only in a firm in development mode.
    pub unsigned: bool,
    /// Since when it stands so.
    pub changed_at: Instant,
}

impl PluginCard {
    /// The card of a plugin, also of one that is uninstalled.
    pub(super) async fn read(scope: &Scope, name: &str) -> Result<Self, Error> {
        let row = table::plugin(scope, name).await?.ok_or(Error::Unknown("plugin"))?;
        Ok(Self::of(scope, row).await?.0)
    }

    async fn of(scope: &Scope, row: Row) -> Result<(Self, PackageRow, Manifest), Error> {
        let active = match row.active {
            Some(id) => Some(table::release(scope, id).await?.ok_or(Error::Damaged)?),
            None => None,
        };
        let package = match &active {
            Some(release) => table::package(scope, &release.package).await?,
            None => table::packages(scope, &row.name).await?.into_iter().next(),
        };
        let package = package.ok_or(Error::Damaged)?;
        let manifest: Manifest = serde_json::from_str(&package.manifest)?;
        let card = Self {
            name: row.name,
            title: manifest.title.clone().into_iter().collect(),
            state: row.state,
            version: package.version.clone(),
            active: active.as_ref().map(ReleaseCard::of).transpose()?,
            unsigned: package.signer.is_none(),
            changed_at: row.changed_at,
        };
        Ok((card, package, manifest))
    }
}

/// A plugin with everything about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginInFull")]
pub struct PluginPage {
    /// What it is.
    #[serde(flatten)]
    pub card: PluginCard,
    /// What its package says of itself: hooks, grants with their reasons, settings, limits.
    pub manifest: Manifest,
    /// Its packages, newest first.
    pub packages: Vec<PackageCard>,
    /// Its releases, newest first.
    pub releases: Vec<ReleaseCard>,
    /// What happened to it, newest first.
    pub history: Vec<TurnCard>,
    /// Who else is asked through each of its hooks, and what becomes of all their answers, if its newest package took part now.
    pub beside: Vec<Beside>,
}

/// The plugins of a tenant, by name.
///
/// # Errors
/// [`Error::Db`], and what cannot be read of what is stored.
pub async fn list(ctx: &Ctx, actor: &Actor) -> Result<Vec<PluginCard>, Error> {
    let scope = ctx.db.read(actor).await?;
    let mut cards = Vec::new();
    for row in table::plugins(&scope).await? {
        cards.push(PluginCard::of(&scope, row).await?.0);
    }
    Ok(cards)
}

/// A plugin with everything about it. One that is uninstalled is not there.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`], and what cannot be read of what is stored.
pub async fn page(ctx: &Ctx, actor: &Actor, name: &str) -> Result<PluginPage, Error> {
    let scope = ctx.db.read(actor).await?;
    let row = table::plugin(&scope, name).await?.filter(|row| row.state != State::Uninstalled).ok_or(Error::Unknown("plugin"))?;
    let (card, _, manifest) = PluginCard::of(&scope, row).await?;
    let packages = table::packages(&scope, name).await?;
    let newest: Manifest = serde_json::from_str(&packages.first().ok_or(Error::Damaged)?.manifest)?;
    let releases = table::releases(&scope, name).await?.iter().map(ReleaseCard::of).collect::<Result<_, _>>()?;
    let history = table::turns(&scope, name).await?.into_iter().map(TurnCard::from).collect();
    let beside = beside::if_active(&scope, &newest).await?;
    let packages = packages.iter().map(PackageCard::of).collect();
    Ok(PluginPage { card, manifest, packages, releases, history, beside })
}

/// The packages of a tenant's plugins: by plugin, the newest of each first.
///
/// # Errors
/// [`Error::Db`].
pub async fn packages(ctx: &Ctx, actor: &Actor) -> Result<Vec<PackageCard>, Error> {
    let scope = ctx.db.read(actor).await?;
    let mut cards = Vec::new();
    for row in table::plugins(&scope).await? {
        cards.extend(table::packages(&scope, &row.name).await?.iter().map(PackageCard::of));
    }
    Ok(cards)
}

/// What one of a plugin's packages says of itself.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`], and what cannot be read of what is stored.
pub async fn manifest_of(ctx: &Ctx, actor: &Actor, plugin: &str, digest: &str) -> Result<Manifest, Error> {
    let scope = ctx.db.read(actor).await?;
    let row = table::package(&scope, digest).await?.filter(|row| row.plugin == plugin).ok_or(Error::Unknown("package"))?;
    Ok(serde_json::from_str(&row.manifest)?)
}
