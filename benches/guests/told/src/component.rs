//! Both hooks behind the contract.

use roro_sdk::documents::exports::roro::documents::documents;
use roro_sdk::documents::roro::host::config;
use roro_sdk::documents::roro::types::types as of_documents;
use roro_sdk::order_guard::exports::roro::guard::guard;
use roro_sdk::order_guard::roro::types::types as of_guard;

struct Told;

fn setting(key: &str) -> String {
    config::get(key).unwrap_or_default()
}

impl documents::Guest for Told {
    fn requirements(_order: &documents::Order) -> Result<Vec<documents::Requirement>, documents::Error> {
        Ok(Vec::new())
    }

    fn check(_order: &documents::Order) -> Result<Vec<documents::Finding>, documents::Error> {
        let parameter = |name: &str, value: String| of_documents::Parameter { name: name.to_owned(), value };
        Ok(vec![documents::Finding {
            rule: setting("rule"),
            severity: of_documents::Severity::Info,
            place: "/order".to_owned(),
            parameters: vec![parameter("hook", "documents".to_owned()), parameter("release", setting("release"))],
        }])
    }

    fn prepare(_order: &documents::Order, _documents: Vec<String>) -> Result<Vec<documents::Prepared>, documents::Error> {
        Ok(Vec::new())
    }
}

impl guard::Guest for Told {
    fn check(_step: String, _order: &guard::Order) -> Vec<guard::Finding> {
        let parameter = |name: &str, value: String| of_guard::Parameter { name: name.to_owned(), value };
        vec![guard::Finding {
            rule: setting("rule"),
            severity: of_guard::Severity::Info,
            place: "/order".to_owned(),
            parameters: vec![parameter("hook", "order-guard".to_owned()), parameter("release", setting("release"))],
        }]
    }
}

roro_sdk::documents::export_documents!(Told with_types_in roro_sdk::documents);
roro_sdk::order_guard::export_order_guard!(Told with_types_in roro_sdk::order_guard);
