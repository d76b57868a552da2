//! `/v1/apps`.

use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json_;

use super::{AppCard, Error, JobCard, RunCard, Said, openapi, view};
use crate::command::{Answer, Request};
use crate::document::routes::Press;
use crate::job;
use crate::kernel::Ctx;
use crate::kernel::id::{JobId, RecordId, RunId};
use crate::plugin::manifest::Collection;
use crate::record::{self, Card, Query as Range};
use crate::web::{Caller, Cursor, Described, IdempotencyKey, Input as Body_, Kind, Names, Page, Problem, Query, Route};

/// What an action is asked with.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ActionCall")]
pub struct Call {
    /// The id of the order or record that it is taken on; none for one that is taken on the firm.
    #[serde(default)]
    pub target: Option<String>,
    /// The inputs by key, as the action's description names them.
    #[serde(default)]
    pub inputs: serde_json::Map<String, Json_>,
}

/// Which records a list shows, and in which order.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The index, by its place in the collection, from 0; by age when it is left out.
    #[serde(default)]
    index: Option<usize>,
    /// The value of the index's first field.
    #[serde(default)]
    equals: Option<String>,
    /// Where the page before ended.
    #[serde(default)]
    after: Option<String>,
    /// 1 to 100; 50 when it is left out.
    #[serde(default)]
    limit: Option<u64>,
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Press: FromRef<S>,
{
    vec![
        Route::get("/v1/apps", list)
            .does("List the apps that take part, with what they offer: actions, views and collections")
            .answers::<Page<AppCard>>(200, "The apps, by name."),
        Route::get("/v1/apps/{id}", read).does("Read what an app offers").answers::<AppCard>(200, "The app."),
        Route::get("/v1/apps/{id}/openapi", described)
            .does("Describe an app in OpenAPI 3.1: an operation for each of its actions and collections, with their own schemas")
            .answers::<serde_json::Map<String, Json_>>(200, "The description."),
        Route::post("/v1/apps/{id}/actions/{action}", act)
            .does("Take an action of an app: what it proposes is committed whole or not at all")
            .takes::<Call>()
            .keyed()
            .answers::<super::perform::Outcome>(200, "It is done; what the app says of it.")
            .fails(&[Kind::Refused, Kind::Moved, Kind::Conflict, Kind::PluginFailed, Kind::PluginUnavailable]),
        Route::get("/v1/apps/{id}/records/{collection}", records)
            .does("List the records of a collection, by one of its indexes or by age")
            .asks::<Wanted>()
            .answers::<Page<Card>>(200, "A page of records.")
            .fails(&[Kind::Conflict]),
        Route::get("/v1/apps/{id}/records/{collection}/{record}", one).does("Read a record").answers::<Card>(200, "The record."),
        Route::get("/v1/apps/{id}/export", export)
            .does("Export everything that an app keeps, a line of JSON a record: its collection, id, version and fields")
            .answers_file("The records.")
            .fails(&[Kind::Forbidden]),
        Route::get("/v1/apps/{id}/jobs", jobs)
            .does("List what waits for an app and what it has done: events, entries of its timetable, tasks, newest first")
            .asks::<Cursor>()
            .answers::<Page<JobCard>>(200, "A page of jobs."),
        Route::get("/v1/apps/{id}/runs", runs)
            .does("List the calls of an app with what they cost, newest first, also after it was uninstalled")
            .asks::<Cursor>()
            .answers::<Page<RunCard>>(200, "A page of calls."),
    ]
}

async fn list(State(ctx): State<Ctx>, State(press): State<Press>, Caller(actor): Caller) -> Result<Json<Page<AppCard>>, Problem> {
    Ok(Json(Page { items: view::list(&ctx, &actor, &press).await?, next: None }))
}

async fn read(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Names([plugin]): Names<1>,
) -> Result<Json<AppCard>, Problem> {
    Ok(Json(view::app(&ctx, &actor, &press, &plugin).await?))
}

async fn described(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Extension(Described(door)): Extension<Described>,
    Names([plugin]): Names<1>,
) -> Result<Json<Json_>, Problem> {
    let app = view::app(&ctx, &actor, &press, &plugin).await?;
    Ok(Json(openapi::describe(&app, door)))
}

async fn act(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Names([plugin, action]): Names<2>,
    IdempotencyKey(key): IdempotencyKey,
    input: Body_<Call>,
) -> Result<Answer, Problem> {
    let parts: [&[u8]; 3] = [plugin.as_bytes(), action.as_bytes(), &input.bytes];
    let request = Request::new("POST /v1/apps/{id}/actions/{action}", key, &parts);
    let Call { target, inputs } = input.value;
    match Box::pin(super::act(&ctx, &actor, &press, request, &plugin, &action, target, &inputs)).await {
        // The app's own words, which only the app has.
        Err(Error::Refused(findings)) => {
            let app = view::active(&ctx, &actor, &press, &plugin).await?;
            let said: Vec<Said> = findings.iter().map(|one| Said::by(&app, "en", one)).collect();
            let text = "The app refuses this; nothing was changed.";
            Err(Problem::new(Kind::Refused, text).with_errors(serde_json::to_value(said).unwrap_or_default()))
        }
        ended => Ok(ended?),
    }
}

async fn records(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Names([plugin, collection]): Names<2>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<Card>>, Problem> {
    let app = view::active(&ctx, &actor, &press, &plugin).await?;
    let known = record::collection(&app, &collection).map_err(|_| Error::Unknown("collection"))?;
    let range = range(known, wanted)?;
    let page = view::records(&ctx, &actor, &app, &collection, &range).await?;
    Ok(Json(Page { items: page.records.into_iter().map(Card::from).collect(), next: page.next }))
}

fn range(collection: &Collection, wanted: Wanted) -> Result<Range, Problem> {
    let index = wanted.index.unwrap_or(collection.indexes.len());
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=record::PAGE_RECORDS_MAX).contains(&limit) {
        return Err(Problem::new(Kind::Invalid, format!("limit is 1 to {}.", record::PAGE_RECORDS_MAX)));
    }
    let equals = match &wanted.equals {
        None => Vec::new(),
        Some(text) => {
            let first = collection.indexes.get(index).and_then(|index| index.fields.first());
            let field = first.and_then(|key| collection.fields.iter().find(|field| field.key == *key));
            let value = field.and_then(|field| record::from_text(field.kind, text));
            vec![value.ok_or_else(|| Problem::new(Kind::Invalid, "equals is no value of the index's first field."))?]
        }
    };
    Ok(Range { index, equals, at_least: None, at_most: None, after: wanted.after, limit })
}

async fn one(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Names([plugin, collection, id]): Names<3>,
) -> Result<Json<Card>, Problem> {
    let app = view::active(&ctx, &actor, &press, &plugin).await?;
    let id: RecordId = id.parse().map_err(|_| Error::Unknown("record"))?;
    match record::get(&ctx, &actor, &app, &collection, id).await {
        Ok(stored) => Ok(Json(stored.into())),
        Err(record::Error::Refused(_)) => Err(Error::Unknown("record").into()),
        Err(record::Error::Db(error)) => Err(error.into()),
    }
}

/// Streams page after page: an app may keep a million records.
async fn export(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Names([plugin]): Names<1>,
) -> Result<Response, Problem> {
    actor.must_be(crate::access::Role::Admin)?;
    let app = view::active(&ctx, &actor, &press, &plugin).await?;
    let all = app.collections.iter().map(|one| (one.name.clone(), one.indexes.len())).collect::<Vec<_>>();
    let lines = stream::iter(all).flat_map(move |(name, by_age)| {
        let (ctx, actor, app) = (ctx.clone(), actor.clone(), std::sync::Arc::clone(&app));
        let first = Range { index: by_age, limit: record::PAGE_RECORDS_MAX, ..Range::default() };
        stream::unfold(Some(first), move |range| {
            let (ctx, actor, app, name) = (ctx.clone(), actor.clone(), std::sync::Arc::clone(&app), name.clone());
            async move {
                let range = range?;
                let page = match record::find(&ctx, &actor, &app, &name, &range).await {
                    Ok(page) => page,
                    Err(error) => return Some((Err(std::io::Error::other(error.to_string())), None)),
                };
                let mut text = String::new();
                for stored in page.records {
                    let line = serde_json::json!({
                        "collection": name, "id": stored.id, "version": stored.version, "fields": record::write(&stored.fields),
                    });
                    text.push_str(&line.to_string());
                    text.push('\n');
                }
                Some((Ok::<_, std::io::Error>(text), page.next.map(|after| Range { after: Some(after), ..range })))
            }
        })
    });
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], Body::from_stream(lines)).into_response())
}

async fn jobs(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Names([plugin]): Names<1>,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Page<JobCard>>, Problem> {
    let rows = cursor.rows()?;
    let found = job::list(&ctx, &actor, &plugin, cursor.after::<JobId>()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}

async fn runs(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Names([plugin]): Names<1>,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Page<RunCard>>, Problem> {
    let rows = cursor.rows()?;
    let found = super::runs(&ctx, &actor, &plugin, cursor.after::<RunId>()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Unknown(_) => Self::new(Kind::NotFound, text),
            Error::Input(wrong) => Self::new(Kind::Invalid, text).with_errors(serde_json::to_value(wrong).unwrap_or_default()),
            Error::Refused(findings) => {
                let errors = findings.iter().map(|one| serde_json::json!({ "rule": one.rule, "place": one.place })).collect();
                Self::new(Kind::Refused, text).with_errors(errors)
            }
            Error::Stopped { .. } => Self::new(Kind::PluginUnavailable, text),
            Error::Failed(failure) => crate::document::routes::of_plugin(&failure),
            Error::Proposed(_) => Self::new(Kind::Conflict, text),
            Error::Moved => Self::new(Kind::Moved, text),
            Error::Plugin(error) => error.into(),
            Error::Note(error) => error.into(),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ Error::Json(_) => Self::internal(&error),
        }
    }
}
