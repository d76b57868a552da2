//! `roro:order/fields`: reads by path.

use roro_engine::Resource;
use roro_engine::bindings::contract::roro::order::fields::{Column, Error, Host};
use roro_engine::bindings::contract::roro::order::order::Order;
use roro_engine::bindings::contract::roro::types::types::Money;
use serde_json::Value;

use super::answers::{Answers, date};
use crate::order::fields::{self, Kind};

impl Host for Answers {
    fn read(&mut self, order: Resource<Order>, paths: Vec<String>) -> roro_engine::ImportResult<Result<Vec<Column>, Error>> {
        let snapshot = std::sync::Arc::clone(self.snapshot(&order)?);
        let mut columns = Vec::with_capacity(paths.len());
        for path in paths {
            let Some((kind, rows)) = fields::column(&snapshot.value, &path) else { return Ok(Err(Error::UnknownPath(path))) };
            columns.push(self.values(kind, &rows));
        }
        Ok(Ok(columns))
    }
}

impl Answers {
    fn values(&mut self, kind: Kind, rows: &[Option<&Value>]) -> Column {
        self.moved(rows.len().saturating_mul(16));
        match kind {
            Kind::Text => Column::Texts(rows.iter().map(|row| row.and_then(Value::as_str).map(|text| self.text(text))).collect()),
            Kind::Number => Column::Numbers(rows.iter().map(|row| row.and_then(Value::as_i64)).collect()),
            Kind::Boolean => Column::Booleans(rows.iter().map(|row| row.and_then(Value::as_bool)).collect()),
            Kind::Date => Column::Dates(rows.iter().map(|row| row.and_then(Value::as_str)?.parse().ok().map(date)).collect()),
            Kind::Money => Column::Moneys(rows.iter().map(|row| row.and_then(|value| self.amount(value))).collect()),
        }
    }

    fn amount(&mut self, value: &Value) -> Option<Money> {
        let currency = value.get("currency").and_then(Value::as_str)?;
        Some(Money { minor: value.get("minor").and_then(Value::as_i64)?, currency: self.text(currency) })
    }
}
