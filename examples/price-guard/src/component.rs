//! The rule behind the contract.

use roro_sdk::order_guard::exports::roro::guard::guard::{Finding, Guest, Order};
use roro_sdk::order_guard::roro::host::config;
use roro_sdk::order_guard::roro::types::types::{Parameter, Severity};

use crate::limit::{above, minor};

struct PriceGuard;

impl Guest for PriceGuard {
    fn check(step: String, order: &Order) -> Vec<Finding> {
        let Some(limit) = config::get("price_limit").filter(|_| step == "issue-documents") else { return Vec::new() };
        let severity = if config::get("mode").as_deref() == Some("warn") { Severity::Warn } else { Severity::Block };
        let currency = order.currency();
        let Some(most) = minor(&limit, &currency) else {
            return vec![finding(
                "PRICE-GUARD-02",
                Severity::Warn,
                "/order/currency".to_owned(),
                &[("limit", &limit), ("currency", &currency)],
            )];
        };
        let shipment = order.shipment();
        let prices: Vec<i64> = shipment.prices().iter().map(|price| price.minor).collect();
        let identities = shipment.identities();
        let name = |row: usize| identities.get(row).map_or("", String::as_str);
        let over = |row: usize| {
            let number = (row + 1).to_string();
            let parameters = [("row", number.as_str()), ("vehicle", name(row)), ("limit", &limit), ("currency", &currency)];
            finding("PRICE-GUARD-01", severity, format!("/vehicles/{row}/price"), &parameters)
        };
        above(&prices, most).into_iter().map(over).collect()
    }
}

fn finding(rule: &str, severity: Severity, place: String, parameters: &[(&str, &str)]) -> Finding {
    let parameter = |(name, value): &(&str, &str)| Parameter { name: (*name).to_owned(), value: (*value).to_owned() };
    Finding { rule: rule.to_owned(), severity, place, parameters: parameters.iter().map(parameter).collect() }
}

roro_sdk::order_guard::export_order_guard!(PriceGuard with_types_in roro_sdk::order_guard);
