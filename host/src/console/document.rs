//! One document: what is known of it, a preview, and its file.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::Console;
use super::view::{PDF_POLICY, guard};
use super::visitor::Visitor;
use crate::document::routes::{Shown, download};
use crate::document::{self, Card};
use crate::kernel::id::DocumentId;
use crate::kernel::time::Instant;
use crate::web::{Id, Problem, Query};
use crate::{order, pack};

/// A moment of UTC: as machines write it, and to the minute for people. The whole moment stands in the title.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    iso: String,
    text: String,
}

impl From<Instant> for Moment {
    fn from(at: Instant) -> Self {
        let iso = at.to_string();
        let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default();
        let text = format!("{} {}", part(0..10), part(11..16));
        Self { text, iso }
    }
}

#[derive(Debug, Serialize)]
struct Page {
    id: String,
    title: String,
    kind: String,
    number: String,
    revision: i64,
    state: &'static str,
    pages: i64,
    order_id: String,
    order: String,
    order_version: i64,
    created: Moment,
    data_sha256: String,
    file_sha256: String,
    media_type: String,
    is_pdf: bool,
    void: Option<Void>,
}

/// Since when and why a document is void.
#[derive(Debug, Serialize)]
struct Void {
    at: Moment,
    reason: String,
}

/// The title of a paper in a language, from the pack that declares it; its kind when none does any more.
pub(super) fn title(packs: &[std::sync::Arc<pack::Pack>], kind: &str, language: &str) -> String {
    let about = packs.iter().find_map(|pack| pack.document(kind));
    about
        .and_then(|about| about.title.get(language).or_else(|| about.title.get("en")).cloned())
        .unwrap_or_else(|| kind.replace('-', " "))
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor, Id(id): Id<DocumentId>) -> Result<Response, Problem> {
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let (order, card) = document::get(ctx, actor, id).await?;
    let named = order::cards(ctx, actor, &[order]).await?.into_iter().next();
    let packs = super::packs::active(&console, &visitor).await?;
    let void = |card: &Card| Some(Void { at: card.voided_at?.into(), reason: card.void_reason.clone().unwrap_or_default() });
    let page = Page {
        id: card.id.to_string(),
        title: title(&packs, &card.kind, visitor.ask.language.code()),
        void: void(&card),
        kind: card.kind,
        number: card.number,
        revision: card.revision,
        state: card.state.as_str(),
        pages: card.pages,
        order_id: order.to_string(),
        order: named.map(|order| order.reference).unwrap_or_default(),
        order_version: card.order_version,
        created: card.created_at.into(),
        data_sha256: card.data_sha256,
        file_sha256: card.file_sha256,
        is_pdf: card.media_type == "application/pdf",
        media_type: card.media_type,
    };
    visitor.show(&console, "orders", "document.html.j2", page)
}

#[derive(Debug, Deserialize)]
pub(super) struct How {
    inline: Option<String>,
}

/// The file: kept by the browser, or shown in the preview's frame when `inline` is asked for and it is a PDF.
pub(super) async fn file(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<DocumentId>,
    Query(how): Query<How>,
) -> Result<Response, Problem> {
    let file = document::file(&console.ctx, visitor.actor(), id).await?;
    let is_pdf = file.media_type == "application/pdf";
    let shown = if how.inline.is_some() { Shown::IfPdf } else { Shown::Never };
    let mut response = download(file, shown);
    if shown == Shown::IfPdf && is_pdf {
        guard(&mut response, PDF_POLICY, "SAMEORIGIN");
    }
    Ok(response)
}
