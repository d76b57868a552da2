//! The buttons of a webhook's page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::Console;
use super::super::notice::Notice;
use super::super::visitor::{Form, Visitor};
use super::one;
use crate::command::{Key, Request};
use crate::kernel::id::{DeliveryId, WebhookId};
use crate::register;
use crate::web::{Id, Problem};
use crate::webhook::{self, Error};

#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    /// The version that the page showed.
    #[serde(default)]
    version: i64,
}

impl Pressed {
    /// The request of a button about this webhook.
    fn request(&self, visitor: &Visitor, route: &'static str, id: &str) -> Result<Request, Problem> {
        visitor.must_carry(&self.csrf)?;
        let key: Key = self.key.parse()?;
        Ok(Request::new(route, Some(key), &[id.as_bytes(), &self.version.to_be_bytes()]))
    }
}

pub(super) async fn suspend(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    let request = form.request(&visitor, "POST /webhooks/{id}/suspend", &id.to_string())?;
    turn(&console, &visitor, id, &form, request, false).await
}

pub(super) async fn resume(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    let request = form.request(&visitor, "POST /webhooks/{id}/resume", &id.to_string())?;
    turn(&console, &visitor, id, &form, request, true).await
}

/// Replaces the webhook by itself, sending or not. One that has changed since its page was made is looked at first.
async fn turn(
    console: &Console,
    visitor: &Visitor,
    id: WebhookId,
    form: &Pressed,
    request: Request,
    enabled: bool,
) -> Result<Response, Problem> {
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let mut input = webhook::get(ctx, actor, id).await?.input;
    input.enabled = enabled;
    let notice = match webhook::replace(ctx, actor, request, id, form.version, input).await {
        Ok(_) if enabled => Notice::WebhookResumed,
        Ok(_) => Notice::WebhookStopped,
        Err(Error::Register(register::Error::Moved { .. })) => Notice::WebhookMoved,
        Err(error) => return Err(error.into()),
    };
    Ok(visitor.lead_to(&format!("/webhooks/{id}"), notice))
}

pub(super) async fn rotate(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    let request = form.request(&visitor, "POST /webhooks/{id}/rotate", &id.to_string())?;
    let answer = webhook::rotate_secret(&console.ctx, visitor.actor(), request, id).await?;
    one::with_secret(&console, &visitor, &answer, StatusCode::OK).await
}

pub(super) async fn test(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    let request = form.request(&visitor, "POST /webhooks/{id}/test", &id.to_string())?;
    webhook::test(&console.ctx, visitor.actor(), request, id).await?;
    Ok(visitor.lead_to(&format!("/webhooks/{id}"), Notice::WebhookSent))
}

pub(super) async fn end(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<WebhookId>,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    let request = form.request(&visitor, "POST /webhooks/{id}/end", &id.to_string())?;
    webhook::archive(&console.ctx, visitor.actor(), request, id).await?;
    Ok(visitor.lead_to("/webhooks", Notice::WebhookEnded))
}

#[derive(Debug, Deserialize)]
pub(super) struct Again {
    #[serde(default)]
    csrf: String,
    key: String,
    /// Whose page it was pressed on.
    webhook: WebhookId,
}

pub(super) async fn resend(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<DeliveryId>,
    Form(form): Form<Again>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let key: Key = form.key.parse()?;
    let request = Request::new("POST /webhook-deliveries/{id}/resend", Some(key), &[id.to_string().as_bytes()]);
    webhook::resend(&console.ctx, visitor.actor(), request, id).await?;
    Ok(visitor.lead_to(&format!("/webhooks/{}", form.webhook), Notice::WebhookSent))
}
