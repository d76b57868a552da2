//! `/v1/orders/{id}/documents`, `/v1/orders/{id}/findings`, `/v1/documents/{id}/file`, `/v1/documents/{id}/void`.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::counted::Counted;
use super::hook::{Failure, Hooks};
use super::report::Report;
use super::{Card, File, IssueError, Means, Trial};
use crate::access::{Actor, Role};
use crate::action::Apps;
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::kernel::font::Font;
use crate::kernel::id::{DocumentId, OrderId, ReleaseId};
use crate::pack::{self, Shelf};
use crate::plugin::{self, catalogue::Catalogue};
use crate::web::{Caller, Id, IdempotencyKey, Input, Kind, Page, Problem, Query, Route};

/// Says beside a file what became of its revision: `issued`, `superseded` or `void`.
const STATE: HeaderName = HeaderName::from_static("document-state");

/// What documents are made with.
#[derive(Clone)]
pub struct Press {
    /// The plugins.
    pub hooks: Arc<dyn Hooks>,
    /// The apps among them.
    pub apps: Arc<dyn Apps>,
    /// The packs: those that are offered, and those that tenants have installed.
    pub packs: Shelf,
    /// The fonts.
    pub fonts: Arc<[Font]>,
    /// The plugins of tenants.
    pub plugins: plugin::Shelf,
    /// The plugin packages that are offered.
    pub catalogue: Catalogue,
}

impl Press {
    /// What a tenant's documents are made with now.
    ///
    /// # Errors
    /// When what the tenant has installed cannot be read.
    pub(crate) async fn means(&self, ctx: &Ctx, actor: &Actor) -> Result<Means, Problem> {
        let packs = pack::active(ctx, actor, &self.packs).await?;
        let plugins = plugin::active(ctx, actor, &self.plugins).await?;
        let hooks = Arc::new(Counted::new(Arc::clone(&self.hooks), ctx, actor));
        Ok(Means { hooks, packs, plugins: plugins.into(), fonts: Arc::clone(&self.fonts) })
    }
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Press({:?}, {} fonts)", self.packs, self.fonts.len())
    }
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Press: FromRef<S>,
{
    vec![
        Route::post("/v1/orders/{id}/documents", issue)
            .does("One click: check an order and issue every document that it needs")
            .keyed()
            .answers::<Report>(201, "Documents were issued.")
            .answers::<Report>(200, "Every document was there already: nothing has changed.")
            .answers::<Report>(422, "Findings stop the documents; nothing was issued.")
            .fails(&[Kind::Refused, Kind::PluginFailed, Kind::PluginUnavailable]),
        Route::get("/v1/orders/{id}/documents", list)
            .does("List the documents of an order, every revision")
            .answers::<Page<Card>>(200, "The documents."),
        Route::get("/v1/orders/{id}/findings", findings)
            .does("Check an order: its findings and the documents that it needs; nothing is stored")
            .answers::<Report>(200, "The report.")
            .fails(&[Kind::PluginFailed, Kind::PluginUnavailable]),
        Route::get("/v1/documents/{id}/file", file)
            .does("Download the newest revision of a document, or the one that is asked for")
            .asks::<Asked>()
            .answers_file("The file, as an attachment."),
        Route::post("/v1/documents/{id}/void", void)
            .does("Void a document: it keeps its number, and the next click on its order makes one that replaces it")
            .takes::<Voiding>()
            .keyed()
            .answers::<Card>(200, "The document, void.")
            .fails(&[Kind::Conflict]),
        Route::post("/v1/plugins/{id}/trials", try_on_history)
            .does("Try a release on past orders: what it would have changed; nothing is written")
            .takes::<Wanted>()
            .answers::<Trial>(200, "The difference.")
            .fails(&[Kind::Untrusted]),
    ]
}

/// What to try.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginTrial")]
struct Wanted {
    /// One of the plugin's releases.
    release: ReleaseId,
    /// On how many orders at most, the newest first; 1 000 when nobody says.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000))]
    orders_max: Option<usize>,
}

async fn try_on_history(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    name: Result<Path<String>, PathRejection>,
    wanted: Input<Wanted>,
) -> Result<Json<Trial>, Problem> {
    let orders_max = wanted.value.orders_max.unwrap_or(super::ORDERS_USUAL);
    if !(1..=super::ORDERS_MAX).contains(&orders_max) {
        return Err(Problem::new(Kind::Invalid, format!("orders_max is 1 to {}.", super::ORDERS_MAX)));
    }
    actor.must_be(Role::Admin)?;
    // Only compared with the plugin of the release, never asked of the database.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let candidate = plugin::candidate(&ctx, &actor, &press.plugins, &name, wanted.value.release).await?;
    let means = press.means(&ctx, &actor).await?;
    Ok(Json(Box::pin(super::trial(&ctx, &actor, &means, candidate, orders_max)).await?))
}

async fn issue(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Id(order): Id<OrderId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/orders/{id}/documents", key, &[order.to_string().as_bytes()]);
    let means = press.means(&ctx, &actor).await?;
    Ok(Box::pin(super::issue(&ctx, &actor, &means, request, order)).await?)
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller, Id(order): Id<OrderId>) -> Result<Json<Page<Card>>, Problem> {
    Ok(Json(Page { items: super::list(&ctx, &actor, order).await?, next: None }))
}

async fn findings(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Id(order): Id<OrderId>,
) -> Result<Json<Report>, Problem> {
    let means = press.means(&ctx, &actor).await?;
    Ok(Json(Box::pin(super::findings(&ctx, &actor, &means, order)).await?))
}

/// Which file of a document.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DocumentFileAsked")]
struct Asked {
    /// The revision, from 1; the newest when nobody says. The header `document-state` says whether it counts.
    revision: Option<NonZeroU32>,
}

async fn file(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<DocumentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Ok(download(super::file(&ctx, &actor, id, asked.revision).await?, Shown::Never))
}

/// Why a document is void.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Voiding {
    /// For whoever finds it in a list, 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
}

async fn void(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<DocumentId>,
    IdempotencyKey(key): IdempotencyKey,
    voiding: Input<Voiding>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/documents/{id}/void", key, &[id.to_string().as_bytes(), &voiding.bytes]);
    Ok(super::void(&ctx, &actor, request, id, None, &voiding.value.reason).await?)
}

/// Whether a browser may show a file instead of keeping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As an attachment only: what a tenant wrote is no page of this host.
    Never,
    /// In the window that asked, if it is a PDF; anything else is kept.
    IfPdf,
}

/// The file with its name, its type, its digest, and whether its revision counts: the bytes of a void one are those that were issued.
pub(crate) fn download(file: File, shown: Shown) -> Response {
    let state = HeaderValue::from_static(file.state.as_str());
    let inline = shown == Shown::IfPdf && file.media_type == "application/pdf";
    let text = |value: String| HeaderValue::from_str(&value).ok();
    let kind = text(file.media_type).unwrap_or_else(|| HeaderValue::from_static("application/octet-stream"));
    let way = if inline { "inline" } else { "attachment" };
    let name = text(disposition(way, &file.name)).unwrap_or_else(|| HeaderValue::from_static("attachment"));
    let mut response = ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], file.bytes).into_response();
    response.headers_mut().insert(STATE, state);
    if let Some(tag) = text(format!("\"{}\"", file.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// RFC 6266: a plain name for every client, and the true one percent-encoded (RFC 8187) for those that read it.
fn disposition(way: &str, name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let text = error.to_string();
        match error {
            IssueError::Unknown => Self::new(Kind::NotFound, text),
            IssueError::Moved => Self::new(Kind::Moved, text),
            IssueError::Void => Self::new(Kind::Conflict, text),
            IssueError::Reason => {
                let errors = serde_json::json!([{ "pointer": "/reason", "message": "it does not fit", "fix": text }]);
                Self::new(Kind::Invalid, text).with_errors(errors)
            }
            IssueError::Order(error) => error.into(),
            IssueError::Access(error) => error.into(),
            IssueError::Plugin(error) => error.into(),
            IssueError::Command(error) => error.into(),
            IssueError::Db(error) => error.into(),
            IssueError::Objects(error) => error.into(),
            // A character without a glyph, a value that a template cannot show: whoever wrote the order can mend it.
            IssueError::Assemble(super::Error::Render { .. }) => Self::new(Kind::Refused, text),
            IssueError::Assemble(super::Error::Plugin(failure)) => of_plugin(&failure),
            IssueError::Assemble(error @ super::Error::Answer(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the answers of plugins do not fit together");
                Self::new(Kind::PluginFailed, "The answers of plugins do not fit together; tell the operator the request id.")
            }
            error @ (IssueError::Assemble(_) | IssueError::Json(_)) => Self::internal(&error),
        }
    }
}

/// Which plugin, which hook and how the call ended. What the plugin said may quote an order: the guest door has logged it.
pub(crate) fn of_plugin(failure: &Failure) -> Problem {
    let Failure { plugin, hook, code, .. } = failure;
    let (kind, fix) = if failure.is_transient {
        (Kind::PluginUnavailable, "Send the same request again in a moment.")
    } else {
        (Kind::PluginFailed, "It will again until the plugin, its pack or the order changes; tell the operator the request id.")
    };
    let ended = serde_json::json!([{ "plugin": plugin, "hook": hook, "outcome": code }]);
    Problem::new(kind, format!("The plugin {plugin} ended in {hook} with `{code}`. {fix}")).with_errors(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let value = disposition("attachment", "请 \"x\"\r\n.pdf");
        assert_eq!(value, "attachment; filename=\"_ _x___.pdf\"; filename*=UTF-8''%E8%AF%B7%20%22x%22%0D%0A.pdf");
    }
}
