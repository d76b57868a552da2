//! A firm's webhooks: which systems are told of what, how that went, and the few things that an administrator does about it.
//!
//! Administrators alone see these pages, because an address may hold a secret. A secret is shown once, on the answer to the form that made it,
//! and that it was read stands in the log. Nothing here decides or sends: the verbs of `webhook` do, the same ones as behind `/v1/webhooks`.

mod act;
mod one;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::Console;
use super::document::Moment;
use super::visitor::{Form, Visitor};
use crate::command::{Key, Request};
use crate::outbox::KINDS;
use crate::web::{Problem, Route};
use crate::webhook::{self, Error, Input, WEBHOOKS_MAX, Webhook};

pub(super) fn routes() -> Vec<Route<Console>> {
    vec![
        Route::get("/webhooks", list),
        Route::post("/webhooks", add),
        Route::get("/webhooks/{id}", one::show),
        Route::post("/webhooks/{id}/suspend", act::suspend),
        Route::post("/webhooks/{id}/resume", act::resume),
        Route::post("/webhooks/{id}/rotate", act::rotate),
        Route::post("/webhooks/{id}/test", act::test),
        Route::post("/webhooks/{id}/end", act::end),
        Route::post("/webhook-deliveries/{id}/resend", act::resend),
    ]
}

#[derive(Debug, Serialize)]
struct List {
    webhooks: Vec<Row>,
    form: Typed,
    full: bool,
    most: u64,
}

/// A webhook as a row, and as the head of its page.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    url: String,
    description: String,
    /// None for all.
    kinds: Vec<String>,
    /// `sending`, `stopped` by a person, or `failing`: stopped because sending failed.
    state: &'static str,
    suspended: Option<Moment>,
    suspended_for: Option<String>,
    since: Moment,
}

impl From<Webhook> for Row {
    fn from(webhook: Webhook) -> Self {
        let state = match (webhook.input.enabled, webhook.suspended_at) {
            (false, _) => "stopped",
            (true, Some(_)) => "failing",
            (true, None) => "sending",
        };
        Self {
            id: webhook.id.to_string(),
            url: webhook.input.url,
            description: webhook.input.description,
            kinds: webhook.input.kinds,
            state,
            suspended: webhook.suspended_at.map(Moment::from),
            suspended_for: webhook.suspended_for,
            since: webhook.created_at.into(),
        }
    }
}

/// The form that adds a webhook, perhaps as it was sent.
#[derive(Debug, Serialize)]
struct Typed {
    key: String,
    url: String,
    description: String,
    kinds: Vec<Kind>,
    /// What is wrong with the address and with the description; in English, as the verb says it.
    url_wrong: Option<String>,
    description_wrong: Option<String>,
}

#[derive(Debug, Serialize)]
struct Kind {
    name: &'static str,
    chosen: bool,
}

impl Typed {
    fn of(console: &Console, input: &Input) -> Self {
        let kinds = KINDS.iter().map(|name| Kind { name, chosen: input.kinds.iter().any(|kind| kind == name) }).collect();
        Self {
            key: fresh_key(console),
            url: input.url.clone(),
            description: input.description.clone(),
            kinds,
            url_wrong: None,
            description_wrong: None,
        }
    }

    fn empty(console: &Console) -> Self {
        Self::of(console, &Input { url: String::new(), description: String::new(), kinds: Vec::new(), enabled: true })
    }
}

/// An idempotency key for one form of a page: sent twice, it acts once.
fn fresh_key(console: &Console) -> String {
    hex::encode(console.ctx.rng.bytes::<16>())
}

async fn list(State(console): State<Console>, visitor: Visitor) -> Result<Response, Problem> {
    let form = Typed::empty(&console);
    page(&console, &visitor, StatusCode::OK, form).await
}

async fn page(console: &Console, visitor: &Visitor, status: StatusCode, form: Typed) -> Result<Response, Problem> {
    let webhooks: Vec<Row> = webhook::list(&console.ctx, visitor.actor()).await?.into_iter().map(Row::from).collect();
    let page = List { full: webhooks.len() as u64 >= WEBHOOKS_MAX, most: WEBHOOKS_MAX, webhooks, form };
    let mut frame = visitor.frame("webhooks");
    frame.here = "/webhooks".to_owned();
    visitor.ask.show(console, status, "webhooks.html.j2", &frame, page)
}

/// What a form sent: the kinds that were chosen are fields of their own.
type Fields = BTreeMap<String, String>;

async fn add(State(console): State<Console>, visitor: Visitor, Form(fields): Form<Fields>) -> Result<Response, Problem> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    visitor.must_carry(field("csrf"))?;
    let key: Key = field("key").parse()?;
    let chosen: BTreeSet<&str> = fields.keys().filter_map(|name| name.strip_prefix("kind-")).collect();
    let input = Input {
        url: field("url").trim().to_owned(),
        description: field("description").trim().to_owned(),
        kinds: chosen.iter().map(|kind| (*kind).to_owned()).collect(),
        enabled: true,
    };
    let kinds = input.kinds.join(",");
    let parts = [input.url.as_bytes(), b"\n", input.description.as_bytes(), b"\n", kinds.as_bytes()];
    let request = Request::new("POST /webhooks", Some(key), &parts);
    match webhook::create(&console.ctx, visitor.actor(), request, input.clone()).await {
        Ok(answer) => one::with_secret(&console, &visitor, &answer, StatusCode::CREATED).await,
        Err(Error::Input(refused)) => {
            let wrong = |place: &str| refused.iter().find(|one| one.place == place).map(|one| one.fix.to_string());
            let form =
                Typed { url_wrong: wrong("/url"), description_wrong: wrong("/description"), ..Typed::of(&console, &input) };
            page(&console, &visitor, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
        Err(error) => Err(error.into()),
    }
}
