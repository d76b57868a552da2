//! The list of orders.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Console;
use super::visitor::{Amount, Visitor, encode};
use crate::kernel::id::OrderId;
use crate::order::table::{Commercial, Filter};
use crate::shipment::Ports;
use crate::web::{Cursor, Page as Paged, Problem, Query};
use crate::{document, order, shipment};

/// The most characters of a search.
const TEXT_CHARS_MAX: usize = 200;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    text: String,
    #[serde(default)]
    commercial: String,
    after: Option<String>,
}

/// An order in a table.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: String,
    reference: String,
    buyer: String,
    from: String,
    to: String,
    vehicles: String,
    total: Amount,
    contract_date: String,
    etd: Option<String>,
    eta: Option<String>,
    commercial: &'static str,
    goods: &'static str,
    papers: usize,
}

/// A filter that can be taken instead of the present one.
#[derive(Debug, Serialize)]
struct Chip {
    /// Empty for all.
    value: &'static str,
    href: String,
    current: bool,
}

#[derive(Debug, Serialize)]
struct Page {
    rows: Vec<Row>,
    text: String,
    commercial: String,
    chips: Vec<Chip>,
    /// Whether anything narrows the list.
    narrowed: bool,
    first: Option<String>,
    next: Option<String>,
}

pub(super) async fn list(
    State(console): State<Console>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let text: String = asked.text.trim().chars().take(TEXT_CHARS_MAX).collect();
    let commercial = Commercial::ALL.iter().copied().find(|one| one.as_str() == asked.commercial);
    let cursor = Cursor { limit: None, after: asked.after.filter(|after| !after.is_empty()) };
    let filter = Filter { text: (!text.is_empty()).then(|| text.clone()), commercial };
    let rows = cursor.rows()?;
    let found = order::list(&console.ctx, visitor.actor(), &filter, cursor.after()?, rows + 1).await?;
    let page = Paged::of(found, rows, |one| one.id.to_string());
    let chosen = commercial.map_or("", |one| one.as_str());
    let chip = |value: &'static str| Chip { value, href: href(&text, value, None), current: value == chosen };
    let chips = std::iter::once("").chain(Commercial::ALL.iter().map(|one| one.as_str())).map(chip).collect();
    let page = Page {
        rows: table(&console, &visitor, page.items).await?,
        chips,
        narrowed: !text.is_empty() || commercial.is_some(),
        first: cursor.after.is_some().then(|| href(&text, chosen, None)),
        next: page.next.map(|after| href(&text, chosen, Some(&after))),
        commercial: chosen.to_owned(),
        text,
    };
    visitor.show(&console, "orders", "orders.html.j2", page)
}

/// The address of the list, with what narrows it.
fn href(text: &str, commercial: &str, after: Option<&str>) -> String {
    let pairs = [("text", text), ("commercial", commercial), ("after", after.unwrap_or_default())];
    let query: Vec<String> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { "/orders".to_owned() } else { format!("/orders?{}", query.join("&")) }
}

/// Orders as rows, with their ports and the number of their papers.
pub(super) async fn table(console: &Console, visitor: &Visitor, cards: Vec<order::Card>) -> Result<Vec<Row>, Problem> {
    let ids: Vec<OrderId> = cards.iter().map(|card| card.id).collect();
    let ports = shipment::ports(&console.ctx, visitor.actor(), &ids).await?;
    let papers = document::counts(&console.ctx, visitor.actor(), &ids).await?;
    Ok(cards.into_iter().map(|card| row(card, &ports, &papers)).collect())
}

fn row(card: order::Card, ports: &BTreeMap<OrderId, Ports>, papers: &BTreeMap<OrderId, usize>) -> Row {
    let route = ports.get(&card.id);
    Row {
        id: card.id.to_string(),
        from: route.map(|ports| ports.loading.clone()).unwrap_or_default(),
        to: route.map(|ports| ports.discharge.clone()).unwrap_or_default(),
        papers: papers.get(&card.id).copied().unwrap_or_default(),
        reference: card.reference,
        buyer: card.buyer_name,
        vehicles: super::text::grouped(&card.vehicle_count.to_string()),
        total: card.total.into(),
        contract_date: card.contract_date.to_string(),
        etd: card.etd.map(|day| day.to_string()),
        eta: card.eta.map(|day| day.to_string()),
        commercial: card.commercial.as_str(),
        goods: card.goods.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_list_holds_what_narrows_it() {
        assert_eq!(href("", "", None), "/orders");
        assert_eq!(href("a&b=c", "", Some("ord_1")), "/orders?text=a%26b%3Dc&after=ord_1");
        assert_eq!(href("", "quoted", None), "/orders?commercial=quoted");
    }
}
