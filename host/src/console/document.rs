//! One document: what is known of it, a preview, the files of its revisions, and making it void.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

use super::Console;
use super::notice::Notice;
use super::view::{PDF_POLICY, guard};
use super::visitor::{Form, Visitor};
use crate::command::{Key, Request};
use crate::document::routes::{Shown, download};
use crate::document::table::State as Standing;
use crate::document::{self, Card, IssueError, REASON_CHARS_MAX};
use crate::kernel::id::DocumentId;
use crate::kernel::time::Instant;
use crate::web::{Id, Problem, Query};
use crate::{order, pack};

/// A moment of UTC: as machines write it, and to the minute for people. The whole moment stands in the title.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    iso: String,
    pub(super) text: String,
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
    /// The void document whose place it takes.
    replaces: Option<Link>,
    /// The document that has its place now.
    replaced_by: Option<Link>,
    /// All of them, newest first.
    revisions: Vec<Revision>,
    voiding: Option<VoidForm>,
}

/// Since when and why a document is void.
#[derive(Debug, Serialize)]
struct Void {
    at: Moment,
    reason: String,
}

/// Another document.
#[derive(Debug, Serialize)]
struct Link {
    id: String,
    number: String,
}

#[derive(Debug, Serialize)]
struct Revision {
    revision: i64,
    state: &'static str,
    order_version: i64,
    pages: i64,
    created: Moment,
}

/// The form that makes a document void. It is there while the document counts, for who may work.
#[derive(Debug, Serialize)]
struct VoidForm {
    /// The idempotency key of this page's button: pressed twice, it voids once.
    key: String,
    reason: String,
    reason_chars_max: usize,
    /// Whether the reason was sent before and does not fit.
    wrong: bool,
}

/// The title of a paper in a language, from the pack that declares it; its kind when none does any more.
pub(super) fn title(packs: &[std::sync::Arc<pack::Pack>], kind: &str, language: &str) -> String {
    let about = packs.iter().find_map(|pack| pack.document(kind));
    about
        .and_then(|about| about.title.get(language).or_else(|| about.title.get("en")).cloned())
        .unwrap_or_else(|| kind.replace('-', " "))
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor, Id(id): Id<DocumentId>) -> Result<Response, Problem> {
    let page = page(&console, &visitor, id, None).await?;
    visitor.show(&console, "orders", "document.html.j2", page)
}

/// The page of a document. A reason that does not fit stands in the form again, with what is wrong beside it.
async fn page(console: &Console, visitor: &Visitor, id: DocumentId, wrong: Option<String>) -> Result<Page, Problem> {
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let (order, card) = document::get(ctx, actor, id).await?;
    let listed = document::list(ctx, actor, order).await?;
    let named = order::cards(ctx, actor, &[order]).await?.into_iter().next();
    let packs = super::packs::active(console, visitor).await?;
    let void = |card: &Card| Some(Void { at: card.voided_at?.into(), reason: card.void_reason.clone().unwrap_or_default() });
    let link = |card: &Card| Link { id: card.id.to_string(), number: card.number.clone() };
    let may_void = card.state == Standing::Issued && visitor.may_work();
    let voiding = may_void.then(|| VoidForm {
        key: hex::encode(ctx.rng.bytes::<16>()),
        reason_chars_max: REASON_CHARS_MAX,
        wrong: wrong.is_some(),
        reason: wrong.unwrap_or_default(),
    });
    Ok(Page {
        id: card.id.to_string(),
        title: title(&packs, &card.kind, visitor.ask.language.code()),
        void: void(&card),
        replaces: card.replaces.and_then(|old| listed.iter().find(|one| one.id == old)).map(link),
        replaced_by: listed.iter().find(|one| one.replaces == Some(id)).map(link),
        revisions: listed.iter().rev().filter(|one| one.id == id).map(revision).collect(),
        voiding,
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
    })
}

fn revision(card: &Card) -> Revision {
    Revision {
        revision: card.revision,
        state: card.state.as_str(),
        order_version: card.order_version,
        pages: card.pages,
        created: card.created_at.into(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct How {
    inline: Option<String>,
    /// The newest when it is not there.
    revision: Option<NonZeroU32>,
}

/// The file: kept by the browser, or shown in the preview's frame when `inline` is asked for and it is a PDF.
pub(super) async fn file(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<DocumentId>,
    Query(how): Query<How>,
) -> Result<Response, Problem> {
    let file = document::file(&console.ctx, visitor.actor(), id, how.revision).await?;
    let is_pdf = file.media_type == "application/pdf";
    let shown = if how.inline.is_some() { Shown::IfPdf } else { Shown::Never };
    let mut response = download(file, shown);
    if shown == Shown::IfPdf && is_pdf {
        guard(&mut response, PDF_POLICY, "SAMEORIGIN");
    }
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(super) struct Voiding {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    /// The revision that the page showed.
    revision: i64,
    #[serde(default)]
    reason: String,
}

/// Makes a document void, which cannot be undone. The page showed a revision of it: another one is looked at first.
pub(super) async fn void(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<DocumentId>,
    Form(form): Form<Voiding>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let (ctx, actor, path) = (&console.ctx, visitor.actor(), format!("/documents/{id}"));
    let key: Key = form.key.parse()?;
    let (named, revision) = (id.to_string(), form.revision.to_be_bytes());
    let request = Request::new("POST /documents/{id}/void", Some(key), &[named.as_bytes(), &revision, form.reason.as_bytes()]);
    let done = document::void(ctx, actor, request, id, Some(form.revision), &form.reason).await;
    match done {
        Ok(_) => Ok(visitor.lead_to(&path, Notice::Voided)),
        Err(IssueError::Moved) => Ok(visitor.lead_to(&path, Notice::Revised)),
        Err(IssueError::Void) => Ok(visitor.lead_to(&path, Notice::VoidAlready)),
        Err(IssueError::Reason) => {
            let page = page(&console, &visitor, id, Some(form.reason)).await?;
            let mut frame = visitor.frame("orders");
            // What the form was sent to is no page to come back to; the document is.
            frame.here = path;
            visitor.ask.show(&console, StatusCode::UNPROCESSABLE_ENTITY, "document.html.j2", &frame, page)
        }
        Err(error) => Err(error.into()),
    }
}
