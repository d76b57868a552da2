//! What an order costs by the firm's plugins: every line, what would change, and the button that takes it over.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Console;
use super::notice::Notice;
use super::text::{Language, grouped};
use super::visitor::{Amount, Form, Visitor};
use crate::command::{Key, Request};
use crate::document::report::FindingLine;
use crate::kernel::id::OrderId;
use crate::order;
use crate::price::{self, Charge, Price, PriceLine, Seen, Sum};
use crate::web::{Id, Problem};

#[derive(Debug, Serialize)]
struct Page {
    id: String,
    reference: String,
    version: i64,
    as_of: String,
    currency: String,
    lines: Vec<Line>,
    charges: Vec<ChargeView>,
    total: Amount,
    becomes: Amount,
    is_same: bool,
    findings: Vec<Finding>,
    /// How many of them stop it.
    stops: usize,
    /// How many plugins were asked.
    plugins: usize,
    can_be_taken: bool,
    may_work: bool,
    sha256: String,
    /// The idempotency key of the form.
    key: String,
}

#[derive(Debug, Serialize)]
struct Line {
    charge: &'static str,
    says: String,
    why: String,
    rule: String,
    plugin: String,
    amount: String,
}

#[derive(Debug, Serialize)]
struct ChargeView {
    charge: &'static str,
    was: Option<String>,
    becomes: String,
    is_same: bool,
}

#[derive(Debug, Serialize)]
struct Finding {
    rule: String,
    severity: String,
    says: String,
    fix: String,
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor, Id(id): Id<OrderId>) -> Result<Response, Problem> {
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let card = order::cards(ctx, actor, &[id]).await?.into_iter().next().ok_or(order::Error::Unknown)?;
    let means = console.press.means(ctx, actor).await?;
    let price = Box::pin(price::price(ctx, actor, &means, id)).await?;
    let mut page = page(price, card.reference, visitor.ask.language);
    page.may_work = visitor.may_work();
    page.key = hex::encode(ctx.rng.bytes::<16>());
    visitor.show(&console, "orders", "price.html.j2", page)
}

fn page(price: Price, reference: String, language: Language) -> Page {
    let stops = price.findings.iter().filter(|finding| finding.severity.stops()).count();
    Page {
        id: price.order.to_string(),
        reference,
        version: price.version,
        as_of: price.as_of,
        currency: price.total.currency().to_string(),
        lines: price.lines.iter().map(|one| line(one, language)).collect(),
        charges: price.charges.iter().map(charge).collect(),
        is_same: price.total == price.becomes,
        total: price.total.into(),
        becomes: price.becomes.into(),
        findings: price.findings.iter().map(|one| finding(one, language)).collect(),
        stops,
        plugins: price.plugins.len(),
        can_be_taken: price.can_be_taken,
        may_work: false,
        sha256: price.sha256,
        key: String::new(),
    }
}

fn line(line: &PriceLine, language: Language) -> Line {
    Line {
        charge: word(line.charge),
        says: pick(&line.says, language).unwrap_or_else(|| line.rule.clone()),
        why: pick(&line.why, language).unwrap_or_default(),
        rule: line.rule.clone(),
        plugin: line.plugin.clone(),
        amount: grouped(&line.amount.amount()),
    }
}

fn charge(sum: &Sum) -> ChargeView {
    ChargeView {
        charge: word(sum.charge),
        was: sum.was.map(|money| grouped(&money.amount())),
        becomes: grouped(&sum.becomes.amount()),
        is_same: sum.was == Some(sum.becomes),
    }
}

fn finding(line: &FindingLine, language: Language) -> Finding {
    Finding {
        rule: line.rule.clone(),
        severity: line.severity.word().to_lowercase(),
        says: line.says(language.code()).to_owned(),
        fix: pick(&line.fix, language).unwrap_or_default(),
    }
}

/// A text in the language of the page, or else in English.
fn pick(texts: &BTreeMap<&'static str, String>, language: Language) -> Option<String> {
    texts.get(language.code()).or_else(|| texts.get("en")).cloned()
}

/// A charge as the words of the console call it.
const fn word(charge: Charge) -> &'static str {
    match charge {
        Charge::Freight => "freight",
        Charge::InsurancePremium => "insurance",
        Charge::Other => "other",
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Taken {
    #[serde(default)]
    csrf: String,
    key: String,
    version: i64,
    sha256: String,
}

/// Takes over the price that the page showed. Another one is looked at first.
pub(super) async fn take(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<OrderId>,
    Form(form): Form<Taken>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let key: Key = form.key.parse()?;
    let (named, version) = (id.to_string(), form.version.to_be_bytes());
    let request = Request::new("POST /orders/{id}/price", Some(key), &[named.as_bytes(), &version, form.sha256.as_bytes()]);
    let means = console.press.means(ctx, actor).await?;
    let seen = Seen { version: form.version, sha256: form.sha256 };
    match Box::pin(price::take(ctx, actor, &means, request, id, &seen)).await {
        Ok(_) => Ok(visitor.lead_to(&format!("/orders/{id}"), Notice::Priced)),
        Err(price::Error::Moved | price::Error::Stopped) => {
            Ok(visitor.lead_to(&format!("/orders/{id}/price"), Notice::PriceMoved))
        }
        Err(error) => Err(error.into()),
    }
}
