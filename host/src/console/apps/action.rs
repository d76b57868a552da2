//! The form of an action, and taking it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::super::Console;
use super::super::notice::Notice;
use super::super::plugins::pick;
use super::super::visitor::{Form, Visitor};

use crate::action::{self, Action, AppCard, Error, Said, Target};
use crate::command::{Key, Request};
use crate::plugin::manifest::FieldKind;
use crate::record;
use crate::web::{Names, Problem, Query};

/// What the inputs of a form begin with.
const INPUT: &str = "input.";

#[derive(Debug, Default, Deserialize)]
pub(super) struct On {
    #[serde(default)]
    target: String,
}

#[derive(Debug, Serialize)]
struct Page {
    plugin: String,
    app: String,
    title: String,
    action: String,
    target: String,
    /// The order that it is taken on, as people know it, with its page.
    order: Option<(String, String)>,
    fields: Vec<Field>,
    /// Why the app refuses what was sent.
    refused: Vec<Why>,
    key: String,
}

/// A field, as the form of settings draws it.
#[derive(Debug, Serialize)]
struct Field {
    key: String,
    kind: &'static str,
    title: String,
    required: bool,
    choices: Vec<String>,
    value: String,
    /// `missing` or `wrong`.
    wrong: Option<&'static str>,
    first: bool,
}

#[derive(Debug, Serialize)]
struct Why {
    says: String,
    fix: Option<String>,
    rule: String,
}

/// What was sent and came back.
#[derive(Default)]
struct Sent {
    values: BTreeMap<String, String>,
    wrong: BTreeMap<String, &'static str>,
    refused: Vec<Why>,
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Names([name, action]): Names<2>,
    Query(on): Query<On>,
) -> Result<Response, Problem> {
    let card = action::app(&console.ctx, visitor.actor(), &console.press, &name).await?;
    draw(&console, &visitor, &card, &action, on.target, StatusCode::OK, Sent::default()).await
}

pub(super) async fn take(
    State(console): State<Console>,
    visitor: Visitor,
    Names([name, action]): Names<2>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let field = |key: &str| form.get(key).cloned().unwrap_or_default();
    visitor.must_carry(&field("csrf"))?;
    let (ctx, actor, press) = (&console.ctx, visitor.actor(), &console.press);
    let card = action::app(ctx, actor, press, &name).await?;
    let known = card.description.action(&action).ok_or(Error::Unknown("action"))?;
    let values: BTreeMap<String, String> =
        form.iter().filter_map(|(key, value)| Some((key.strip_prefix(INPUT)?.to_owned(), value.clone()))).collect();
    let key: Key = field("key").parse()?;
    let target = Some(field("target")).filter(|text| !text.is_empty());
    let sent = serde_json::to_string(&values).map_err(|error| Problem::internal(&error))?;
    let on = field("target");
    let parts = [name.as_bytes(), action.as_bytes(), on.as_bytes(), sent.as_bytes()];
    let request = Request::new("POST /apps/{id}/actions/{action}", Some(key), &parts);
    let inputs = inputs(known, &values);
    let done = Box::pin(action::act(ctx, actor, press, request, &name, &action, target, &inputs)).await;
    let back = |target: &Target| match target {
        Target::Order => format!("/orders/{}", field("target")),
        Target::Firm | Target::Record(_) => format!("/apps/{name}"),
    };
    match done {
        Ok(_) => Ok(visitor.lead_to(&back(&known.target), Notice::Acted)),
        Err(Error::Refused(findings)) => {
            let app = action::active(ctx, actor, press, &name).await?;
            let why = |one: &crate::finding::Finding| {
                let said = Said::by(&app, visitor.ask.language.code(), one);
                Why { says: said.says, fix: said.fix, rule: said.rule }
            };
            let places = findings.iter().filter_map(|one| Some((one.place.strip_prefix("/inputs/")?.to_owned(), "wrong")));
            let sent = Sent { values, wrong: places.collect(), refused: findings.iter().map(why).collect() };
            draw(&console, &visitor, &card, &action, field("target"), StatusCode::UNPROCESSABLE_ENTITY, sent).await
        }
        Err(Error::Input(wrong)) if wrong.iter().all(|one| one.pointer.starts_with("/inputs/")) => {
            let place = |one: &action::Wrong| {
                let word = if one.message == "it is missing" { "missing" } else { "wrong" };
                Some((one.pointer.strip_prefix("/inputs/")?.to_owned(), word))
            };
            let sent = Sent { wrong: wrong.iter().filter_map(place).collect(), values, refused: Vec::new() };
            draw(&console, &visitor, &card, &action, field("target"), StatusCode::UNPROCESSABLE_ENTITY, sent).await
        }
        Err(Error::Moved) => Ok(visitor.lead_to(&back(&known.target), Notice::PluginMoved)),
        Err(error) => Err(error.into()),
    }
}

/// What a form has sent as the values that the action wants; what cannot be read stays a text and is refused by name.
fn inputs(action: &Action, values: &BTreeMap<String, String>) -> Map<String, Json> {
    let json = |key: &String, text: &String| {
        let kind = action.inputs.iter().find(|input| input.key == *key).map(|input| input.kind);
        let read = kind.and_then(|kind| record::from_text(kind, text));
        match read {
            Some(record::Value::Integer(number)) => Json::from(number),
            Some(record::Value::Boolean(yes)) => Json::from(yes),
            _ => Json::from(text.trim()),
        }
    };
    values.iter().map(|(key, text)| (key.clone(), json(key, text))).collect()
}

async fn draw(
    console: &Console,
    visitor: &Visitor,
    card: &AppCard,
    action: &str,
    target: String,
    status: StatusCode,
    sent: Sent,
) -> Result<Response, Problem> {
    let known = card.description.action(action).ok_or(Error::Unknown("action"))?;
    visitor.actor().must_be(crate::access::Role::Clerk)?;
    let language = visitor.ask.language;
    let order = match (&known.target, target.parse()) {
        (Target::Order, Ok(id)) => {
            let cards = crate::order::cards(&console.ctx, visitor.actor(), &[id]).await?;
            cards.first().map(|order| (order.reference.clone(), format!("/orders/{id}")))
        }
        _ => None,
    };
    let first = known.inputs.iter().position(|input| sent.wrong.contains_key(&input.key)).unwrap_or(0);
    let field = |(at, input): (usize, &action::Wanted)| Field {
        key: input.key.clone(),
        kind: match input.kind {
            FieldKind::Text => "lines",
            FieldKind::Reference => "text",
            kind => kind.as_str(),
        },
        title: pick(&input.title, language),
        required: input.required,
        choices: input.choices.clone(),
        value: sent.values.get(&input.key).cloned().unwrap_or_default(),
        wrong: sent.wrong.get(&input.key).copied(),
        first: at == first,
    };
    let page = Page {
        plugin: card.plugin.clone(),
        app: pick(&card.title, language),
        title: pick(&known.title, language),
        action: known.name.clone(),
        target,
        order,
        fields: known.inputs.iter().enumerate().map(field).collect(),
        refused: sent.refused,
        key: hex::encode(console.ctx.rng.bytes::<16>()),
    };
    visitor.ask.show(console, status, "app_action.html.j2", &visitor.frame("apps"), page)
}
