//! Warns about vehicles without a colour or an engine number.
//!
//! The documents hook is a pure function of the order and the legal date. It has no clock, no files and no network, so the same order gets
//! the same answer today and in ten years. It writes nothing: it answers with findings, and the host shows them.

use roro_sdk::documents::exports::roro::documents::documents::{Error, Finding, Guest, Prepared, Requirement};
use roro_sdk::documents::roro::order::fields::{self, Column};
use roro_sdk::documents::roro::order::order::Order;
use roro_sdk::documents::roro::types::types::{Parameter, Severity};

/// A field of each vehicle that papers print, and the rule that asks for it. The sentences of the rules stand in `locales/`.
const ASKED: [(&str, &str); 2] = [("colour", "@RULE@-COLOUR-01"), ("engine_number", "@RULE@-ENGINE-01")];

struct Checks;

impl Guest for Checks {
    /// This plugin asks for no documents of its own.
    fn requirements(_order: &Order) -> Result<Vec<Requirement>, Error> {
        Ok(Vec::new())
    }

    fn check(order: &Order) -> Result<Vec<Finding>, Error> {
        // One call for both fields of every vehicle. Every call of the host costs fuel.
        let paths = ASKED.map(|(field, _)| format!("vehicle.{field}"));
        let columns = fields::read(order, &paths).map_err(|fields::Error::UnknownPath(path)| Error::BadTable(path))?;
        let identities = order.shipment().identities();
        let mut findings = Vec::new();
        for ((field, rule), column) in ASKED.into_iter().zip(columns) {
            let Column::Texts(values) = column else {
                return Err(Error::BadTable(format!("vehicle.{field} is no text")));
            };
            let rows = identities.iter().zip(values).enumerate();
            findings.extend(rows.filter(|(_, (_, value))| value.is_none()).map(|(index, (identity, _))| Finding {
                rule: rule.to_owned(),
                severity: Severity::Warn,
                place: format!("/vehicles/{index}/{field}"),
                parameters: vec![parameter("row", (index + 1).to_string()), parameter("vehicle", identity.clone())],
            }));
        }
        Ok(findings)
    }

    /// Nor does it fill in any.
    fn prepare(_order: &Order, _documents: Vec<String>) -> Result<Vec<Prepared>, Error> {
        Ok(Vec::new())
    }
}

fn parameter(name: &str, value: String) -> Parameter {
    Parameter { name: name.to_owned(), value }
}

roro_sdk::documents::export_documents!(Checks with_types_in roro_sdk::documents);
