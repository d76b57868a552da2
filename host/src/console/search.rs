//! The one search box: vehicles by VIN or frame number, orders by reference or buyer.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::Console;
use super::orders::{self, Row};
use super::visitor::Visitor;
use crate::kernel::id::OrderId;
use crate::order::table::Filter;
use crate::vehicle::table::FOUND_MAX;
use crate::web::{Problem, Query};
use crate::{order, vehicle};

/// The most characters of a search.
const Q_CHARS_MAX: usize = 100;
/// The most orders beside the vehicles; the list of orders shows the others.
const ORDERS_MAX: u64 = 20;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Debug, Serialize)]
struct Found {
    identity: String,
    kind: &'static str,
    name: String,
    /// To the vehicle on its order's page.
    href: String,
    reference: String,
    buyer: String,
}

#[derive(Debug, Serialize)]
struct Page {
    q: String,
    vehicles: Vec<Found>,
    orders: Vec<Row>,
    /// Whether `q` has too few letters and digits to look for a vehicle.
    too_short: bool,
    /// Whether there may be more vehicles than are shown.
    full: bool,
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let q: String = asked.q.trim().chars().take(Q_CHARS_MAX).collect();
    let (ctx, actor) = (&console.ctx, visitor.actor());
    let found = match vehicle::search(ctx, actor, &q, FOUND_MAX).await {
        Ok(found) => Some(found),
        Err(vehicle::Error::TooShort) => None,
        Err(error) => return Err(error.into()),
    };
    let orders = if q.is_empty() {
        Vec::new()
    } else {
        let filter = Filter { text: Some(q.clone()), commercial: None };
        orders::table(&console, &visitor, order::list(ctx, actor, &filter, None, ORDERS_MAX).await?).await?
    };
    let too_short = found.is_none();
    let found = found.unwrap_or_default();
    let full = u64::try_from(found.len()).is_ok_and(|count| count >= FOUND_MAX);
    let page = Page { vehicles: with_orders(&console, &visitor, found).await?, orders, too_short, full, q: q.clone() };
    let mut frame = visitor.frame("search");
    frame.q = q;
    visitor.ask.show(&console, axum::http::StatusCode::OK, "search.html.j2", &frame, page)
}

/// Vehicles with what their order is called.
async fn with_orders(console: &Console, visitor: &Visitor, found: Vec<vehicle::Card>) -> Result<Vec<Found>, Problem> {
    let ids: Vec<OrderId> = found.iter().map(|one| one.order).collect::<BTreeSet<_>>().into_iter().collect();
    let cards = order::cards(&console.ctx, visitor.actor(), &ids).await?;
    let cards: BTreeMap<OrderId, order::Card> = cards.into_iter().map(|card| (card.id, card)).collect();
    let show = |one: vehicle::Card| {
        let order = cards.get(&one.order);
        Found {
            href: format!("/orders/{}#vehicle-{}", one.order, one.position + 1),
            identity: one.identity,
            kind: one.identity_kind.as_str(),
            name: format!("{} {}", one.make, one.model),
            reference: order.map(|order| order.reference.clone()).unwrap_or_default(),
            buyer: order.map(|order| order.buyer_name.clone()).unwrap_or_default(),
        }
    };
    Ok(found.into_iter().map(show).collect())
}
