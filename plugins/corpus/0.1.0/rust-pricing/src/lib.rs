//! A line of each charge of contract 0.1.0, one of them a discount, and a finding beside them.

use roro_sdk::pricing::exports::roro::pricing::pricing::{Charge, Finding, Guest, Line, Money, Order, Parameter, Quote};
use roro_sdk::pricing::roro::types::types::Severity;

struct Price;

impl Guest for Price {
    fn price(order: &Order) -> Quote {
        let currency = order.currency();
        let count = i64::from(order.shipment().vehicle_count());
        let parameters = || vec![Parameter { name: "vehicles".to_owned(), value: count.to_string() }];
        let line = |charge, minor| Line {
            rule: "CORPUS-PRICE-01".to_owned(),
            charge,
            amount: Money { minor, currency: currency.clone() },
            parameters: parameters(),
        };
        let lines = vec![
            line(Charge::Freight, 100_000 * count),
            line(Charge::InsurancePremium, 5_000),
            line(Charge::Other, 20_000 * count),
            line(Charge::Other, -10_000),
        ];
        let finding = Finding {
            rule: "CORPUS-PRICE-02".to_owned(),
            severity: Severity::Warn,
            place: "/order".to_owned(),
            parameters: parameters(),
        };
        Quote { lines, findings: vec![finding] }
    }
}

roro_sdk::pricing::export_pricing!(Price with_types_in roro_sdk::pricing);
