//! `/v1/orders/{id}/documents`, `/v1/orders/{id}/findings`, `/v1/documents/{id}/file`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::hook::Hooks;
use super::report::Report;
use super::{Card, File, IssueError};
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::kernel::font::Font;
use crate::kernel::id::{DocumentId, OrderId};
use crate::pack::Pack;
use crate::web::{Caller, Id, IdempotencyKey, Kind, Page, Problem, Route};

/// What documents are made with.
#[derive(Clone)]
pub struct Press {
    /// The plugins.
    pub hooks: Arc<dyn Hooks>,
    /// The packs on the shelf.
    pub packs: Arc<[Arc<Pack>]>,
    /// The fonts.
    pub fonts: Arc<[Font]>,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Press({} packs, {} fonts)", self.packs.len(), self.fonts.len())
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
        Route::post("/v1/orders/{id}/documents", issue),
        Route::get("/v1/orders/{id}/documents", list),
        Route::get("/v1/orders/{id}/findings", findings),
        Route::get("/v1/documents/{id}/file", file),
    ]
}

async fn issue(
    State(ctx): State<Ctx>,
    State(press): State<Press>,
    Caller(actor): Caller,
    Id(order): Id<OrderId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/orders/{id}/documents", key, &[order.to_string().as_bytes()]);
    let issued = super::issue(&ctx, &actor, press.hooks.as_ref(), &press.packs, &press.fonts, request, order);
    Ok(Box::pin(issued).await?)
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
    Ok(Json(super::findings(&ctx, &actor, press.hooks.as_ref(), &press.packs, &press.fonts, order).await?))
}

async fn file(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<DocumentId>) -> Result<Response, Problem> {
    Ok(download(super::file(&ctx, &actor, id).await?))
}

/// The file as an attachment: a browser never shows what a tenant wrote as a page of this host.
fn download(file: File) -> Response {
    let text = |value: String| HeaderValue::from_str(&value).ok();
    let kind = text(file.media_type).unwrap_or_else(|| HeaderValue::from_static("application/octet-stream"));
    let name = text(disposition(&file.name)).unwrap_or_else(|| HeaderValue::from_static("attachment"));
    let mut response = ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], file.bytes).into_response();
    if let Some(tag) = text(format!("\"{}\"", file.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// RFC 6266: a plain name for every client, and the true one percent-encoded (RFC 8187) for those that read it.
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let text = error.to_string();
        match error {
            IssueError::Unknown => Self::new(Kind::NotFound, text),
            IssueError::Moved => Self::new(Kind::Moved, text),
            IssueError::Order(error) => error.into(),
            IssueError::Access(error) => error.into(),
            IssueError::Command(error) => error.into(),
            IssueError::Db(error) => error.into(),
            IssueError::Objects(error) => error.into(),
            // A character without a glyph, a value that a template cannot show: whoever wrote the order can mend it.
            IssueError::Assemble(super::Error::Render { .. }) => Self::new(Kind::Refused, text),
            error @ (IssueError::Assemble(_) | IssueError::Json(_)) => Self::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let value = disposition("请 \"x\"\r\n.pdf");
        assert_eq!(value, "attachment; filename=\"_ _x___.pdf\"; filename*=UTF-8''%E8%AF%B7%20%22x%22%0D%0A.pdf");
    }
}
