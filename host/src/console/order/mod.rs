//! One order: what it is, what is wrong, what is next; and the one click.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Console;
use super::apps::{self, Doing};
use super::document::{Moment, title};
use super::notice::Notice;
use super::packs::sentence;
use super::text::grouped;
use super::visitor::{Amount, Form, Visitor};
use crate::command::{Key, Request};
use crate::document::report::Report;
use crate::document::table::State as Standing;
use crate::document::{self, Card};
use crate::finding::Severity;
use crate::kernel::id::OrderId;
use crate::kernel::money::Money;
use crate::note;
use crate::order::file::{self, OrderFile};
use crate::order::table::Row;
use crate::order::{self, Snapshot};
use crate::pack::Pack;
use crate::plugin::manifest::HookName;
use crate::web::{Id, Problem};

mod finding;

use finding::{Finding, Mark};

#[derive(Debug, Serialize)]
struct Page {
    id: String,
    version: i64,
    reference: String,
    contract_number: Option<String>,
    contract_date: String,
    commercial: &'static str,
    goods: &'static str,
    paid: &'static str,
    as_of: String,
    route: Route,
    parties: Vec<Party>,
    vehicles: Vec<Vehicle>,
    gross_mass_kg: String,
    papers: Vec<Paper>,
    /// Papers that count and that no pack asks for any more.
    others: Vec<Paper>,
    money: MoneyView,
    findings: Vec<Finding>,
    /// How many findings of each severity, worst first.
    counts: Vec<Count>,
    /// The packs that took part, by name.
    packs: Vec<Named>,
    step: Step,
    /// What apps offer to do with it.
    doings: Vec<Doing>,
    notes: Notes,
}

/// What people and apps have put down beside it.
#[derive(Debug, Serialize)]
struct Notes {
    items: Vec<NoteView>,
    /// The idempotency key of the form.
    key: String,
}

#[derive(Debug, Serialize)]
struct NoteView {
    text: String,
    /// The app that wrote it; none for a person.
    app: Option<String>,
    at: Moment,
}

#[derive(Debug, Serialize)]
struct Count {
    severity: String,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Named {
    id: String,
}

/// From where to where, how and when.
#[derive(Debug, Serialize)]
struct Route {
    from_code: String,
    from: String,
    from_country: String,
    to_code: String,
    to: String,
    to_country: String,
    mode: String,
    terms: String,
    carrier: Option<String>,
    vessel: Option<String>,
    booking: Option<String>,
    etd: Option<String>,
    eta: Option<String>,
    containers: usize,
}

/// Somebody who stands on the papers.
#[derive(Debug, Serialize)]
struct Party {
    /// `company`, `buyer`, `consignee`, `notify`.
    role: &'static str,
    name: String,
    local: Option<String>,
    place: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Serialize)]
struct Vehicle {
    identity: String,
    kind: String,
    name: String,
    detail: String,
    year: u16,
    registered: Option<String>,
    fuel: String,
    hs6: String,
    mass_kg: String,
    price: String,
    marks: Vec<Mark>,
}

/// A paper of the checklist.
#[derive(Debug, Serialize)]
struct Paper {
    kind: String,
    title: String,
    /// What the rule that asks for it says.
    why: String,
    issued: Option<Issued>,
    marks: Vec<Mark>,
}

#[derive(Debug, Serialize)]
struct Issued {
    id: String,
    number: String,
    revision: i64,
    pages: i64,
    order_version: i64,
    created: Moment,
}

#[derive(Debug, Serialize)]
struct MoneyView {
    total: Amount,
    lines: Vec<Line>,
    payment: String,
    agreed: Option<String>,
    marks: Vec<Mark>,
    /// Whether a plugin of the firm says what it costs.
    has_price: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    /// `goods`, `freight`, `insurance`, `other`.
    what: &'static str,
    amount: String,
}

/// What can be done next.
#[derive(Debug, Serialize)]
struct Step {
    /// How many findings stop the papers.
    stops: usize,
    required: usize,
    /// How many of the required papers are there.
    issued: usize,
    /// How many of those were made of an older version of the order.
    older: usize,
    may_work: bool,
    /// The idempotency key of this page's button: pressed twice, it issues once.
    key: String,
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor, Id(id): Id<OrderId>) -> Result<Response, Problem> {
    let (ctx, actor, press) = (&console.ctx, visitor.actor(), &console.press);
    let (row, snapshot) = order::snapshot(ctx, actor, id).await?;
    let means = press.means(ctx, actor).await?;
    let report = Box::pin(document::findings(ctx, actor, &means, id)).await?;
    let packs = means.packs;
    let listed = document::list(ctx, actor, id).await?;
    let key = || hex::encode(ctx.rng.bytes::<16>());
    let mut page = page(&visitor, &row, &snapshot, &packs, &report, listed, key());
    page.money.has_price = means.plugins.iter().any(|plugin| plugin.hook(HookName::Pricing).is_some());
    page.doings = apps::on_order(&console, &visitor, &means.plugins, &page.id);
    let view =
        |one: note::Note| NoteView { app: one.who.strip_prefix("plugin:").map(str::to_owned), text: one.text, at: one.at.into() };
    page.notes = Notes { items: note::list(ctx, actor, id).await?.into_iter().map(view).collect(), key: key() };
    visitor.show(&console, "orders", "order.html.j2", page)
}

fn page(
    visitor: &Visitor,
    row: &Row,
    snapshot: &Snapshot,
    packs: &[Arc<Pack>],
    report: &Report,
    listed: Vec<Card>,
    key: String,
) -> Page {
    let language = visitor.ask.language;
    let findings = finding::all(report, language);
    let (papers, others) = papers(packs, report, listed, language.code(), &findings);
    let issued: Vec<&Issued> = papers.iter().filter_map(|paper| paper.issued.as_ref()).collect();
    let step = Step {
        stops: report.findings.iter().filter(|finding| finding.severity.stops()).count(),
        required: papers.len(),
        issued: issued.len(),
        older: issued.iter().filter(|paper| paper.order_version < row.version).count(),
        may_work: visitor.may_work(),
        key,
    };
    let count = |severity: Severity| Count { severity: finding::word(severity), count: report.count(severity) };
    let order = &snapshot.file.order;
    Page {
        id: row.id.to_string(),
        version: row.version,
        reference: row.reference.clone(),
        contract_number: order.contract_number.as_ref().map(ToString::to_string),
        contract_date: row.contract_date.to_string(),
        commercial: row.commercial.as_str(),
        goods: row.goods.as_str(),
        paid: row.money.as_str(),
        as_of: report.as_of.clone(),
        route: route(&snapshot.file),
        parties: parties(&snapshot.file, &findings),
        vehicles: vehicles(snapshot, &findings),
        gross_mass_kg: grouped(&snapshot.file.vehicles.iter().map(|one| u64::from(one.gross_mass_kg)).sum::<u64>().to_string()),
        papers,
        others,
        money: money(snapshot, &findings),
        counts: [Severity::Block, Severity::Error, Severity::Warn, Severity::Info].map(count).into(),
        findings,
        packs: report.packs.iter().map(|pack| Named { id: pack.id.clone() }).collect(),
        step,
        doings: Vec::new(),
        notes: Notes { items: Vec::new(), key: String::new() },
    }
}

fn route(file: &OrderFile) -> Route {
    let (shipment, terms) = (&file.shipment, &file.order);
    let text = |value: &Option<order::text::Text>| value.as_ref().map(ToString::to_string);
    let voyage = shipment.voyage.as_ref().map(|voyage| format!(" {voyage}")).unwrap_or_default();
    Route {
        from_code: shipment.port_of_loading.to_string(),
        from: shipment.port_of_loading_name.to_string(),
        from_country: shipment.country_of_export.to_string(),
        to_code: shipment.port_of_discharge.to_string(),
        to: shipment.port_of_discharge_name.to_string(),
        to_country: shipment.country_of_destination.to_string(),
        mode: crate::pack::word(shipment.mode),
        terms: format!("{} {}", crate::pack::word(terms.incoterm), terms.incoterm_place),
        carrier: text(&shipment.carrier),
        vessel: shipment.vessel.as_ref().map(|vessel| format!("{vessel}{voyage}")),
        booking: text(&shipment.booking_number),
        etd: shipment.departure.map(|day| day.0.to_string()),
        eta: shipment.arrival.map(|day| day.0.to_string()),
        containers: file.containers.len(),
    }
}

fn parties(file: &OrderFile, findings: &[Finding]) -> Vec<Party> {
    let place = |address: &file::Address| format!("{}, {}", address.city, address.country);
    let company = &file.company;
    let seller = Party {
        role: "company",
        name: company.name.to_string(),
        local: company.name_local.as_ref().map(ToString::to_string),
        place: place(&company.address),
        marks: finding::marks(findings, "/company"),
    };
    let others = [("buyer", Some(&file.buyer)), ("consignee", file.consignee.as_ref()), ("notify", file.notify.as_ref())];
    let party = |(role, party): (&'static str, Option<&file::Party>)| {
        let party = party?;
        Some(Party {
            role,
            name: party.name.to_string(),
            local: party.name_local.as_ref().map(ToString::to_string),
            place: place(&party.address),
            marks: finding::marks(findings, &format!("/{role}")),
        })
    };
    std::iter::once(seller).chain(others.into_iter().filter_map(party)).collect()
}

fn vehicles(snapshot: &Snapshot, findings: &[Finding]) -> Vec<Vehicle> {
    let show = |(at, (one, price)): (usize, (&file::Vehicle, &Money))| {
        let extra = [&one.trim, &one.model_code, &one.colour].into_iter().flatten().map(ToString::to_string);
        Vehicle {
            identity: one.identity.number.to_string(),
            kind: crate::pack::word(one.identity.kind),
            name: format!("{} {}", one.make, one.model),
            detail: extra.collect::<Vec<_>>().join(" · "),
            year: one.year_of_manufacture,
            registered: one.first_registration.map(|day| day.0.to_string()),
            fuel: crate::pack::word(one.fuel),
            hs6: one.hs6.to_string(),
            mass_kg: grouped(&one.gross_mass_kg.to_string()),
            price: grouped(&price.amount()),
            marks: finding::marks(findings, &format!("/vehicles/{at}")),
        }
    };
    snapshot.file.vehicles.iter().zip(&snapshot.prices).enumerate().map(show).collect()
}

/// The required set with what is there of it, and what is there beside it.
fn papers(
    packs: &[Arc<Pack>],
    report: &Report,
    listed: Vec<Card>,
    language: &str,
    findings: &[Finding],
) -> (Vec<Paper>, Vec<Paper>) {
    let standing = listed.into_iter().filter(|card| card.state == Standing::Issued);
    let mut standing: BTreeMap<String, Card> = standing.map(|card| (card.kind.clone(), card)).collect();
    let required = report.documents.iter().map(|line| {
        let pack = packs.iter().find(|pack| pack.id() == line.pack);
        Paper {
            kind: line.document.clone(),
            title: title(packs, &line.document, language),
            why: pack.map(|pack| sentence(pack.contents(), &line.reason, language)).unwrap_or_default(),
            issued: standing.remove(&line.document).map(issued),
            marks: finding::marks_of_paper(findings, &line.document),
        }
    });
    let required: Vec<Paper> = required.collect();
    let other = |(kind, card): (String, Card)| Paper {
        title: title(packs, &kind, language),
        kind,
        why: String::new(),
        issued: Some(issued(card)),
        marks: Vec::new(),
    };
    (required, standing.into_iter().map(other).collect())
}

fn issued(card: Card) -> Issued {
    Issued {
        id: card.id.to_string(),
        number: card.number,
        revision: card.revision,
        pages: card.pages,
        order_version: card.order_version,
        created: card.created_at.into(),
    }
}

fn money(snapshot: &Snapshot, findings: &[Finding]) -> MoneyView {
    let terms = &snapshot.file.order;
    let exact = |amount: &order::text::Amount| {
        Money::parse(amount.as_str(), snapshot.currency).map_or_else(|_| amount.to_string(), |money| grouped(&money.amount()))
    };
    let goods = Line { what: "goods", amount: grouped(&snapshot.goods_total.amount()) };
    let charges = [("freight", &terms.freight), ("insurance", &terms.insurance_premium), ("other", &terms.other_charges)];
    let charges = charges.into_iter().filter_map(|(what, amount)| Some(Line { what, amount: exact(amount.as_ref()?) }));
    MoneyView {
        total: snapshot.total.into(),
        lines: std::iter::once(goods).chain(charges).collect(),
        payment: terms.payment.to_string(),
        agreed: terms.agreed_total.as_ref().map(exact),
        marks: finding::marks(findings, "/order"),
        has_price: false,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Click {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    /// The version that the page showed.
    version: i64,
}

/// What a click needs to know of its answer.
#[derive(Debug, Deserialize)]
struct Outcome {
    findings: Vec<OutcomeFinding>,
    #[serde(default)]
    documents: Vec<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct OutcomeFinding {
    severity: Severity,
}

/// The one click. The page showed a version of the order and what would be made of it: another version is looked at first.
pub(super) async fn issue(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<OrderId>,
    Form(click): Form<Click>,
) -> Result<Response, Problem> {
    visitor.must_carry(&click.csrf)?;
    let (ctx, actor, press) = (&console.ctx, visitor.actor(), &console.press);
    let row = order::cards(ctx, actor, &[id]).await?.into_iter().next().ok_or(order::Error::Unknown)?;
    if row.version != click.version {
        return Ok(after(&visitor, id, Notice::Moved));
    }
    let key: Key = click.key.parse()?;
    let (named, version) = (id.to_string(), click.version.to_be_bytes());
    let request = Request::new("POST /orders/{id}/documents", Some(key), &[named.as_bytes(), &version]);
    let means = press.means(ctx, actor).await?;
    let done = Box::pin(document::issue(ctx, actor, &means, request, id)).await;
    let answer = match done {
        Err(document::IssueError::Moved) => return Ok(after(&visitor, id, Notice::Moved)),
        done => done?,
    };
    let outcome: Outcome = serde_json::from_str(&answer.body).map_err(|error| Problem::internal(&error))?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let notice = match answer.status {
        201 => Notice::Issued(count(outcome.documents.len())),
        200 => Notice::Unchanged,
        _ => Notice::Refused(count(outcome.findings.iter().filter(|finding| finding.severity.stops()).count())),
    };
    Ok(after(&visitor, id, notice))
}

#[derive(Debug, Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    csrf: String,
    key: String,
    #[serde(default)]
    text: String,
}

pub(super) async fn add_note(
    State(console): State<Console>,
    visitor: Visitor,
    Id(id): Id<OrderId>,
    Form(form): Form<Written>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let named = id.to_string();
    let request = Request::new("POST /orders/{id}/notes", Some(form.key.parse()?), &[named.as_bytes(), form.text.as_bytes()]);
    note::add(&console.ctx, visitor.actor(), request, id, note::Input { text: form.text }).await?;
    Ok(after(&visitor, id, Notice::Noted))
}

fn after(visitor: &Visitor, id: OrderId, notice: Notice) -> Response {
    visitor.lead_to(&format!("/orders/{id}"), notice)
}
