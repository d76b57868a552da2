//! One webhook: where it leads, what was and will be sent to it, and its buttons.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::document::Moment;
use super::super::visitor::Visitor;
use super::{Row, fresh_key};
use crate::command::Answer;
use crate::kernel::id::{DeliveryId, WebhookId};
use crate::web::{Cursor, Id, Problem, Query};
use crate::webhook::{self, Delivery};

#[derive(Debug, Serialize)]
struct Page {
    webhook: Row,
    /// What its buttons speak of.
    version: i64,
    /// The idempotency key of each.
    key: String,
    /// Seen on this answer and never again.
    secret: Option<String>,
    deliveries: Vec<Sent>,
    next: Option<String>,
    first: bool,
}

/// A delivery as a row.
#[derive(Debug, Serialize)]
struct Sent {
    id: String,
    event: String,
    kind: String,
    state: &'static str,
    attempts: i64,
    due: Option<Moment>,
    status: Option<i64>,
    error: Option<String>,
    created: Moment,
    key: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Query(cursor): Query<Cursor>,
) -> Result<Response, Problem> {
    let page = page(&console, &visitor, id, &cursor, None).await?;
    visitor.show(&console, "webhooks", "webhook.html.j2", page)
}

/// Which webhook an answer is about.
#[derive(Debug, Deserialize)]
struct About {
    id: WebhookId,
}

/// The page of a webhook whose secret was just made, with it. The same form sent again leads to the page without.
pub(super) async fn with_secret(
    console: &Console,
    visitor: &Visitor,
    answer: &Answer,
    status: StatusCode,
) -> Result<Response, Problem> {
    let About { id } = serde_json::from_str(&answer.body).map_err(|error| Problem::internal(&error))?;
    if answer.replayed {
        return Ok(Redirect::to(&format!("/webhooks/{id}")).into_response());
    }
    // To be put into the receiver is what it was made for.
    let secret = webhook::secret(&console.ctx, visitor.actor(), id).await?.reveal().to_owned();
    let page = page(console, visitor, id, &Cursor { limit: None, after: None }, Some(secret)).await?;
    let mut frame = visitor.frame("webhooks");
    // What the form was sent to is no page to come back to.
    frame.here = format!("/webhooks/{id}");
    visitor.ask.show(console, status, "webhook.html.j2", &frame, page)
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    id: WebhookId,
    cursor: &Cursor,
    secret: Option<String>,
) -> Result<Page, Problem> {
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let webhook = webhook::get(ctx, actor, id).await?;
    let (rows, after) = (cursor.rows()?, cursor.after::<DeliveryId>()?);
    let mut deliveries = webhook::deliveries(ctx, actor, id, after, rows + 1).await?;
    let more = deliveries.len() as u64 > rows;
    deliveries.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    let next = deliveries.last().filter(|_| more).map(|last| format!("/webhooks/{id}?after={}", last.id));
    Ok(Page {
        version: webhook.version,
        webhook: webhook.into(),
        key: fresh_key(console),
        secret,
        deliveries: deliveries.into_iter().map(|one| sent(console, one)).collect(),
        next,
        first: after.is_none(),
    })
}

fn sent(console: &Console, delivery: Delivery) -> Sent {
    Sent {
        id: delivery.id.to_string(),
        event: delivery.event.to_string(),
        kind: delivery.kind,
        state: delivery.state.as_str(),
        attempts: delivery.attempts,
        due: delivery.due_at.map(Moment::from),
        status: delivery.last_status,
        error: delivery.last_error,
        created: delivery.created_at.into(),
        key: fresh_key(console),
    }
}
