//! An app's page: its views, what can be done, and what waits for it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roro_pack::compile::Titles;
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::document::Moment;
use super::super::plugins::pick;
use super::super::text::Language;
use super::super::visitor::Visitor;
use crate::action::{self, Action, AppCard, Layout, Target, View};
use crate::job;
use crate::kernel::id::{Id as _, OrderId};
use crate::plugin::Active;
use crate::plugin::manifest::{Collection, FieldKind};
use crate::record::{self, Query, Stored, Value};
use crate::web::{Names, Problem, Query as Asked};

/// How many records a table shows.
const ROWS: u64 = 50;
/// How many cards a column of a board shows.
const CARDS: u64 = 20;
/// How many jobs are shown.
const JOBS: u64 = 10;

/// Something that can be done, as a link to its form.
#[derive(Debug, Serialize)]
pub(in super::super) struct Doing {
    title: String,
    app: String,
    href: String,
}

#[derive(Debug, Serialize)]
struct Entry {
    plugin: String,
    title: String,
    version: String,
    stopped: Option<String>,
    records: i64,
}

#[derive(Debug, Serialize)]
struct List {
    apps: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Page {
    plugin: String,
    title: String,
    version: String,
    stopped: Option<String>,
    records: i64,
    /// To choose another view.
    views: Vec<Tab>,
    view: Option<Shown>,
    /// What is done with nothing to do it on.
    actions: Vec<Doing>,
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize)]
struct Tab {
    name: String,
    title: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    title: String,
    /// `table` or `board`.
    layout: &'static str,
    columns: Vec<String>,
    rows: Vec<Row>,
    lanes: Vec<Lane>,
    /// The address of the next page.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct Lane {
    title: String,
    cards: Vec<Row>,
    /// Whether there are more than are shown.
    more: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    cells: Vec<Cell>,
    actions: Vec<Doing>,
}

#[derive(Debug, Serialize)]
struct Cell {
    name: String,
    text: String,
    /// Where it leads to: an order's page.
    href: Option<String>,
    is_day: bool,
    is_number: bool,
}

#[derive(Debug, Serialize)]
struct Job {
    kind: &'static str,
    name: String,
    state: &'static str,
    due: Option<Moment>,
    last_error: Option<String>,
    attempts: i64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    view: Option<String>,
    #[serde(default)]
    after: Option<String>,
}

/// The actions among these that are taken on a kind of target, as links to their forms.
fn doings(actions: &[Action], (plugin, title): (&str, &Titles), language: Language, on: &Target, target: &str) -> Vec<Doing> {
    let to = |name: &str| {
        let address = format!("/apps/{plugin}/actions/{name}");
        if target.is_empty() { address } else { format!("{address}?target={target}") }
    };
    let doing = |one: &Action| Doing { title: pick(&one.title, language), app: pick(title, language), href: to(&one.name) };
    actions.iter().filter(|action| action.target == *on).map(doing).collect()
}

/// The same for an app as lists show it.
fn doings_of(app: &AppCard, language: Language, on: &Target, target: &str) -> Vec<Doing> {
    doings(&app.description.actions, (&app.plugin, &app.title), language, on, target)
}

/// What the firm's apps offer to do with an order.
pub(in super::super) fn on_order(console: &Console, visitor: &Visitor, plugins: &[Arc<Active>], order: &str) -> Vec<Doing> {
    if !visitor.may_work() {
        return Vec::new();
    }
    let running = plugins.iter().filter(|plugin| plugin.refused.is_none());
    let of = |plugin: &Arc<Active>| {
        let description = console.press.apps.description(&plugin.component_digest)?;
        let app = (plugin.id.as_str(), &plugin.title);
        Some(doings(&description.actions, app, visitor.ask.language, &Target::Order, order))
    };
    running.filter_map(of).flatten().collect()
}

pub(super) async fn list(State(console): State<Console>, visitor: Visitor) -> Result<Response, Problem> {
    let language = visitor.ask.language;
    let apps = action::list(&console.ctx, visitor.actor(), &console.press).await?;
    let entry = |app: AppCard| Entry {
        title: pick(&app.title, language),
        plugin: app.plugin,
        version: app.version,
        stopped: app.stopped,
        records: app.records,
    };
    let page = List { apps: apps.into_iter().map(entry).collect() };
    visitor.show(&console, "apps", "apps.html.j2", page)
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Names([name]): Names<1>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let (ctx, actor, language) = (&console.ctx, visitor.actor(), visitor.ask.language);
    let app = action::active(ctx, actor, &console.press, &name).await?;
    let card = action::card(ctx, actor, &console.press, &app).await?;
    let chosen = wanted.view.as_deref().and_then(|name| card.description.view(name)).or(card.description.views.first());
    let view = match chosen {
        Some(view) => Some(shown(&console, &visitor, &app, &card, view, wanted.after).await?),
        None => None,
    };
    let tab = |one: &View| Tab {
        name: one.name.clone(),
        title: pick(&one.title, language),
        chosen: chosen.is_some_and(|chosen| chosen.name == one.name),
    };
    let jobs = job::list(ctx, actor, &name, None, JOBS).await?;
    let job = |one: action::JobCard| Job {
        kind: one.kind.as_str(),
        name: one.name,
        state: one.state.as_str(),
        due: one.due_at.map(Moment::from),
        last_error: one.last_error,
        attempts: one.attempts,
    };
    let page = Page {
        plugin: card.plugin.clone(),
        title: pick(&card.title, language),
        version: card.version.clone(),
        stopped: card.stopped.clone(),
        records: card.records,
        views: card.description.views.iter().map(tab).collect(),
        view,
        actions: if visitor.may_work() { doings_of(&card, language, &Target::Firm, "") } else { Vec::new() },
        jobs: jobs.into_iter().map(job).collect(),
    };
    visitor.show(&console, "apps", "app.html.j2", page)
}

async fn shown(
    console: &Console,
    visitor: &Visitor,
    app: &Active,
    card: &AppCard,
    view: &View,
    after: Option<String>,
) -> Result<Shown, Problem> {
    let language = visitor.ask.language;
    let collection = record::collection(app, &view.collection).map_err(|_| action::Error::Unknown("collection"))?;
    let title = pick(&view.title, language);
    let row = |keys: &[String], stored: &Stored| {
        let on = Target::Record(collection.name.clone());
        let actions = if visitor.may_work() { doings_of(card, language, &on, &stored.id.to_string()) } else { Vec::new() };
        Row { cells: keys.iter().map(|key| cell(collection, language, key, stored)).collect(), actions }
    };
    match &view.layout {
        Layout::Table { columns } => {
            let query = Query { index: view.index, after, limit: ROWS, ..Query::default() };
            let page = action::records(&console.ctx, visitor.actor(), app, &view.collection, &query).await?;
            let next = page.next.map(|after| format!("/apps/{}?view={}&after={after}", card.plugin, view.name));
            Ok(Shown {
                title,
                layout: "table",
                columns: columns.iter().map(|key| name_of(collection, language, key)).collect(),
                rows: page.records.iter().map(|one| row(columns, one)).collect(),
                lanes: Vec::new(),
                next,
            })
        }
        Layout::Board { by, card: keys } => {
            let mut lanes = Vec::new();
            let by_choice = collection.indexes.iter().position(|index| index.fields.first() == Some(by));
            for choice in &choices(collection, by) {
                let value = Value::Text(choice.clone());
                let page = match by_choice {
                    Some(index) => {
                        let query = Query { index, equals: vec![value], limit: CARDS, ..Query::default() };
                        action::records(&console.ctx, visitor.actor(), app, &view.collection, &query).await?
                    }
                    // Without an index by the choice a board shows the newest page of the view's order.
                    None => {
                        let query = Query { index: view.index, limit: record::PAGE_RECORDS_MAX, ..Query::default() };
                        let mut page = action::records(&console.ctx, visitor.actor(), app, &view.collection, &query).await?;
                        page.records.retain(|one| one.fields.iter().any(|(key, have)| key == by && *have == value));
                        page
                    }
                };
                lanes.push(Lane {
                    title: choice.clone(),
                    cards: page.records.iter().map(|one| row(keys, one)).collect(),
                    more: page.next.is_some(),
                });
            }
            Ok(Shown { title, layout: "board", columns: Vec::new(), rows: Vec::new(), lanes, next: None })
        }
    }
}

fn choices(collection: &Collection, key: &str) -> Vec<String> {
    collection.fields.iter().find(|field| field.key == key).map(|field| field.choices.clone()).unwrap_or_default()
}

fn name_of(collection: &Collection, language: Language, key: &str) -> String {
    collection.fields.iter().find(|field| field.key == key).map(|field| pick(&field.title, language)).unwrap_or_default()
}

fn cell(collection: &Collection, language: Language, key: &str, stored: &Stored) -> Cell {
    let kind = collection.fields.iter().find(|field| field.key == key).map(|field| field.kind);
    let text = stored.fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.to_string()).unwrap_or_default();
    let is_order = kind == Some(FieldKind::Reference) && text.starts_with(OrderId::PREFIX);
    Cell {
        name: name_of(collection, language, key),
        href: is_order.then(|| format!("/orders/{text}")),
        is_day: kind == Some(FieldKind::Date),
        is_number: matches!(kind, Some(FieldKind::Integer | FieldKind::Decimal)),
        text,
    }
}
