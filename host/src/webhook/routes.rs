//! `/v1/webhooks`, `/v1/webhook-deliveries`.

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::{Delivery, Error, Input, Webhook};
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::kernel::id::{DeliveryId, WebhookId};
use crate::web::{Caller, Cursor, Id, IdempotencyKey, IfMatch, Input as Body, Kind, Page, Problem, Query, Route, etag};

/// What signs what is sent to a webhook.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "WebhookSecret")]
struct Shown {
    /// `whsec_` and base64, as libraries of Standard Webhooks take it.
    secret: String,
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
{
    vec![
        Route::post("/v1/webhooks", create)
            .does("Add a webhook: an address that is told of events, signed as Standard Webhooks says")
            .takes::<Input>()
            .keyed()
            .answers::<Webhook>(201, "The webhook, version 1.")
            .tagged()
            .fails(&[Kind::Conflict]),
        Route::get("/v1/webhooks", list)
            .does("List the webhooks, oldest first")
            .answers::<Page<Webhook>>(200, "The webhooks.")
            .fails(&[Kind::Forbidden]),
        Route::get("/v1/webhooks/{id}", read)
            .does("Read a webhook")
            .answers::<Webhook>(200, "The webhook.")
            .tagged()
            .fails(&[Kind::Forbidden]),
        Route::put("/v1/webhooks/{id}", replace)
            .does("Replace what is said about a webhook; a suspension ends")
            .takes::<Input>()
            .keyed()
            .versioned()
            .answers::<Webhook>(200, "The webhook, its new version.")
            .tagged(),
        Route::post("/v1/webhooks/{id}/archive", archive)
            .does("End a webhook: nothing more is sent to it")
            .keyed()
            .answers::<Webhook>(200, "The webhook as it was."),
        Route::get("/v1/webhooks/{id}/secret", secret)
            .does("Read the secret that signs what is sent to a webhook; the log says who read it")
            .answers::<Shown>(200, "The newest secret.")
            .fails(&[Kind::Forbidden]),
        Route::post("/v1/webhooks/{id}/secret", rotate)
            .does("Make a new secret for a webhook; the one before it signs as well for a day")
            .keyed()
            .answers::<Webhook>(200, "The webhook; read its secret."),
        Route::post("/v1/webhooks/{id}/test", test)
            .does("Send an event of the kind `webhook.test` to a webhook")
            .keyed()
            .answers::<Delivery>(202, "It is in line."),
        Route::get("/v1/webhooks/{id}/deliveries", deliveries)
            .does("List what was and will be sent to a webhook, newest first; what ended a month ago is not kept")
            .asks::<Cursor>()
            .answers::<Page<Delivery>>(200, "A page of deliveries.")
            .fails(&[Kind::Forbidden]),
        Route::post("/v1/webhook-deliveries/{id}/resend", resend)
            .does("Send a delivery again, whatever became of it")
            .keyed()
            .answers::<Delivery>(202, "It is in line, as a new delivery of the same event."),
    ]
}

type Tagged<T> = ([(HeaderName, HeaderValue); 1], T);

async fn create(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: Body<Input>,
) -> Result<Tagged<Answer>, Problem> {
    let request = Request::new("POST /v1/webhooks", key, &[&input.bytes]);
    Ok(([etag(1)], super::create(&ctx, &actor, request, input.value).await?))
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller) -> Result<Json<Page<Webhook>>, Problem> {
    Ok(Json(Page { items: super::list(&ctx, &actor).await?, next: None }))
}

async fn read(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<WebhookId>) -> Result<Tagged<Json<Webhook>>, Problem> {
    let webhook = super::get(&ctx, &actor, id).await?;
    Ok(([etag(webhook.version)], Json(webhook)))
}

async fn replace(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
    IfMatch(version): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
    input: Body<Input>,
) -> Result<Tagged<Answer>, Problem> {
    let request = Request::new("PUT /v1/webhooks/{id}", key, &[id.to_string().as_bytes(), &version.to_be_bytes(), &input.bytes]);
    Ok(([etag(version + 1)], super::replace(&ctx, &actor, request, id, version, input.value).await?))
}

async fn archive(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/webhooks/{id}/archive", key, &[id.to_string().as_bytes()]);
    Ok(super::archive(&ctx, &actor, request, id).await?)
}

async fn secret(State(ctx): State<Ctx>, Caller(actor): Caller, Id(id): Id<WebhookId>) -> Result<Json<Shown>, Problem> {
    // To be shown is what it was asked for.
    let secret = super::secret(&ctx, &actor, id).await?.reveal().to_owned();
    Ok(Json(Shown { secret }))
}

async fn rotate(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/webhooks/{id}/secret", key, &[id.to_string().as_bytes()]);
    Ok(super::rotate_secret(&ctx, &actor, request, id).await?)
}

async fn test(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/webhooks/{id}/test", key, &[id.to_string().as_bytes()]);
    Ok(super::test(&ctx, &actor, request, id).await?)
}

async fn deliveries(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let rows = cursor.rows()?;
    let found = super::deliveries(&ctx, &actor, id, cursor.after()?, rows + 1).await?;
    Ok(Json(Page::of(found, rows, |one| one.id.to_string())))
}

async fn resend(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    Id(id): Id<DeliveryId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/webhook-deliveries/{id}/resend", key, &[id.to_string().as_bytes()]);
    Ok(super::resend(&ctx, &actor, request, id).await?)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Input(refused) => {
                let place = |one: &crate::register::Refused| serde_json::json!({ "pointer": one.place, "message": "it does not fit", "fix": one.fix });
                Self::new(Kind::Invalid, text).with_errors(refused.iter().map(place).collect())
            }
            Error::TooMany => Self::new(Kind::Conflict, text),
            Error::Unknown(_) => Self::new(Kind::NotFound, text),
            Error::Register(error) => error.into(),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            error @ (Error::Json(_) | Error::Vault(_)) => Self::internal(&error),
        }
    }
}
