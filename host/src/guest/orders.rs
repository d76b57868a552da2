//! `roro:order/orders`: the firm's orders, for apps, and notes beside them.

use roro_engine::bindings::contract::roro::order::order::Order;
use roro_engine::bindings::contract::roro::order::orders::{Card, Error, Host, Page};
use roro_engine::{Denied, HostFault, ImportResult, Resource};

use super::answers::Answers;
use super::order::order_handle;
use crate::kernel::id::OrderId;
use crate::note;
use crate::plugin::manifest::{Effect, GrantName, HookName};

const IMPORT: &str = "roro:order/orders";
/// The most orders that one call opens.
const ORDERS_MAX: usize = 50;
/// The most notes of one call.
const NOTES_MAX: usize = 50;
/// The most cards of a page.
const CARDS_MAX: u32 = 100;

impl Host for Answers {
    async fn open(&mut self, id: String) -> ImportResult<Result<Resource<Order>, Error>> {
        self.must_have(GrantName::Orders, IMPORT)?;
        let desk = self.desk()?;
        let Ok(id) = id.parse::<OrderId>() else { return Ok(Err(Error::Unknown)) };
        if let Some(number) = self.call()?.opened.iter().position(|opened| *opened == id) {
            return Ok(Ok(order_handle(number)));
        }
        if self.orders.len() >= ORDERS_MAX {
            return Ok(Err(Error::TooMany));
        }
        let found = desk.order(id).await.map_err(|error| HostFault::new(error.to_string()))?;
        let Some((version, snapshot)) = found else { return Ok(Err(Error::Unknown)) };
        let call = self.call()?;
        call.opened.push(id);
        call.effects.orders_read.push((id, version));
        self.orders.push(snapshot);
        Ok(Ok(order_handle(self.orders.len() - 1)))
    }

    async fn newest(&mut self, after: Option<String>, limit: u32) -> ImportResult<Page> {
        self.must_have(GrantName::Orders, IMPORT)?;
        let rows = u64::from(limit.clamp(1, CARDS_MAX));
        let after = match after.map(|text| text.parse::<OrderId>()) {
            None => None,
            Some(Ok(id)) => Some(id),
            // Nothing comes after what is no order.
            Some(Err(_)) => return Ok(Page { cards: Vec::new(), next: None }),
        };
        let found = self.desk()?.orders(after, rows + 1).await.map_err(|error| HostFault::new(error.to_string()))?;
        let shown = usize::try_from(rows).unwrap_or(usize::MAX);
        let next = if found.len() > shown { found.get(shown - 1).map(|(id, ..)| id.to_string()) } else { None };
        let card = |(id, version, reference): (OrderId, i64, String)| Card {
            id: id.to_string(),
            version: version.unsigned_abs(),
            reference,
        };
        let cards: Vec<Card> = found.into_iter().take(shown).map(card).collect();
        self.moved(cards.iter().map(|card| card.id.len() + card.reference.len() + 8).sum());
        Ok(Page { cards, next })
    }

    async fn note(&mut self, order: String, text: String) -> ImportResult<Result<(), Error>> {
        self.must_have(GrantName::Orders, IMPORT)?;
        let plugin = self.asking.as_ref().ok_or_else(|| HostFault::new("no plugin asks"))?;
        if !plugin.hook(HookName::App).is_some_and(|hook| hook.effects.contains(&Effect::Note)) {
            return Err(Denied::new("effects = [\"note\"]", IMPORT).into());
        }
        let Ok(id) = order.parse::<OrderId>() else { return Ok(Err(Error::Unknown)) };
        if !note::fits(&text) || self.call()?.effects.notes.len() >= NOTES_MAX {
            return Ok(Err(Error::BadNote));
        }
        let found = self.desk()?.order(id).await.map_err(|error| HostFault::new(error.to_string()))?;
        if found.is_none() {
            return Ok(Err(Error::Unknown));
        }
        self.moved(text.len());
        self.call()?.effects.notes.push((id, text));
        Ok(Ok(()))
    }
}
