//! What people and programs read about apps.

use std::sync::Arc;

use serde::Serialize;

use super::{Description, Error, table};
use crate::access::Actor;
use crate::document::routes::Press;
use crate::job;
use crate::kernel::Ctx;
use crate::kernel::id::{JobId, ReleaseId, RunId};
use crate::kernel::time::Instant;
use crate::plugin::manifest::{Collection, HookName};
use crate::plugin::{self, Active};
use crate::record::{self, Page, Query};

/// An app, as lists show it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "App")]
pub struct AppCard {
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// Its name by language.
    pub title: roro_pack::compile::Titles,
    /// Why it may not run, in one word; none when it may.
    pub stopped: Option<String>,
    /// How many records it keeps.
    pub records: i64,
    /// The data that it keeps.
    pub collections: Vec<Collection>,
    /// What it offers; nothing while it may not run.
    #[serde(flatten)]
    pub description: Description,
}

/// A call of an app, as lists show it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AppRun")]
pub struct RunCard {
    /// Its id.
    pub id: RunId,
    /// The release that answered.
    pub release: Option<ReleaseId>,
    /// SHA-256 of its component.
    pub component_sha256: String,
    /// `app.act`, `app.on-event`, `app.on-schedule` or `app.on-task`.
    pub hook: String,
    /// Which action, kind of event, entry or task.
    pub name: String,
    /// What made it.
    pub cause: String,
    /// The order or record that it was about.
    pub target: Option<String>,
    /// `done`, `refused`, or why it was stopped.
    pub outcome: String,
    /// Fuel used.
    pub fuel: i64,
    /// The most memory that it held, bytes.
    pub memory_bytes: i64,
    /// How often it called the host.
    pub host_calls: i64,
    /// Wall time, microseconds.
    pub duration_us: i64,
    /// Who took the action; `worker` for events, timetable and tasks.
    pub who: String,
    /// When.
    pub at: Instant,
}

impl From<table::Row> for RunCard {
    fn from(row: table::Row) -> Self {
        Self {
            id: row.id,
            release: row.release,
            component_sha256: row.component,
            hook: row.hook,
            name: row.name,
            cause: row.cause,
            target: row.target,
            outcome: row.outcome,
            fuel: row.fuel,
            memory_bytes: row.memory_bytes,
            host_calls: row.host_calls,
            duration_us: row.duration_us,
            who: row.who,
            at: row.created_at,
        }
    }
}

/// Work that an app has before it or behind it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AppJob")]
pub struct JobCard {
    /// Its id.
    pub id: JobId,
    /// What it is.
    pub kind: job::Kind,
    /// Which kind of event, entry or task.
    pub name: String,
    /// Where it stands.
    pub state: job::State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is due, while it waits.
    pub due_at: Option<Instant>,
    /// Why the last attempt did not go well.
    pub last_error: Option<String>,
    /// Since when.
    pub created_at: Instant,
    /// Since when it is over.
    pub ended_at: Option<Instant>,
}

/// An app that takes part now.
///
/// # Errors
/// [`Error::Unknown`] when there is none of this name.
pub async fn active(ctx: &Ctx, actor: &Actor, press: &Press, plugin: &str) -> Result<Arc<Active>, Error> {
    let all = plugin::active(ctx, actor, &press.plugins).await?;
    let is_it = |one: &Arc<Active>| one.id == plugin && one.hook(HookName::App).is_some();
    all.into_iter().find(is_it).ok_or(Error::Unknown("app"))
}

/// An app as lists show it.
///
/// # Errors
/// [`Error::Db`].
pub async fn card(ctx: &Ctx, actor: &Actor, press: &Press, app: &Active) -> Result<AppCard, Error> {
    let description = press.apps.description(&app.component_digest).filter(|_| app.refused.is_none());
    Ok(AppCard {
        plugin: app.id.clone(),
        version: app.version.to_string(),
        title: app.title.clone(),
        stopped: app.refused.map(str::to_owned),
        records: record::count(ctx, actor, &app.id).await?,
        collections: app.collections.clone(),
        description: description.map(|one| Description::clone(&one)).unwrap_or_default(),
    })
}

/// The apps that take part, by name.
///
/// # Errors
/// [`Error::Plugin`], [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, press: &Press) -> Result<Vec<AppCard>, Error> {
    let mut cards = Vec::new();
    for app in plugin::active(ctx, actor, &press.plugins).await?.iter().filter(|one| one.hook(HookName::App).is_some()) {
        cards.push(card(ctx, actor, press, app).await?);
    }
    Ok(cards)
}

/// An app that takes part.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Plugin`], [`Error::Db`].
pub async fn app(ctx: &Ctx, actor: &Actor, press: &Press, plugin: &str) -> Result<AppCard, Error> {
    let app = active(ctx, actor, press, plugin).await?;
    card(ctx, actor, press, &app).await
}

/// Records of an app.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Proposed`] when the question does not fit, [`Error::Db`].
pub async fn records(ctx: &Ctx, actor: &Actor, app: &Active, collection: &str, query: &Query) -> Result<Page, Error> {
    record::collection(app, collection).map_err(|_| Error::Unknown("collection"))?;
    Ok(record::find(ctx, actor, app, collection, query).await?)
}

/// A page of the calls of an app, newest first, also of one that takes part no more. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn runs(ctx: &Ctx, actor: &Actor, plugin: &str, after: Option<RunId>, rows: u64) -> Result<Vec<RunCard>, Error> {
    let scope = ctx.db.read(actor).await?;
    Ok(table::newest(&scope, plugin, after, rows).await?.into_iter().map(RunCard::from).collect())
}
