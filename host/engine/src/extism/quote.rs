//! The JSON of a price: an object with its lines and its findings, read as [`super::document`] reads findings.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::document::{self, List, Parameters, Reader, Text, once};
use crate::bindings::contract::roro::types::types::Money;
use crate::bindings::pricing::exports::roro::pricing::pricing::{Charge, Line, Quote};
use crate::failure::Said;

/// The price of an answer. Fails as [`document::findings`].
pub(crate) fn quote(output: &[u8], bytes_max: usize) -> Result<Quote, Said> {
    document::read(output, bytes_max, "lines and findings", |reader, json| Whole(reader).deserialize(json))
}

/// The whole answer.
struct Whole<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = Quote;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Quote, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = Quote;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with lines and findings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Quote, A::Error> {
        let (mut lines, mut findings) = (None, None);
        while let Some(name) = fields.next_key_seed(Text(self.0))? {
            let back = self.0.enter(&name);
            match name.as_str() {
                "lines" => once(&mut lines, "lines", fields.next_value_seed(Lines(self.0))?)?,
                "findings" => once(&mut findings, "findings", fields.next_value_seed(List(self.0))?)?,
                _ => return Err(A::Error::custom("a price has no such field")),
            }
            self.0.leave(back);
        }
        let missing = |name: &str| A::Error::custom(format!("`{name}` is missing"));
        Ok(Quote { lines: lines.ok_or_else(|| missing("lines"))?, findings: findings.ok_or_else(|| missing("findings"))? })
    }
}

struct Lines<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Lines<'_> {
    type Value = Vec<Line>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Lines<'_> {
    type Value = Vec<Line>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of lines")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut lines = Vec::new();
        loop {
            let back = self.0.enter(lines.len());
            let Some(line) = items.next_element_seed(One(self.0))? else {
                self.0.leave(back);
                return Ok(lines);
            };
            self.0.leave(back);
            lines.push(line);
        }
    }
}

struct One<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Line;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Line, D::Error> {
        self.0.spend(size_of::<Line>())?;
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line: an object with rule, charge, amount and parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Line, A::Error> {
        let (mut rule, mut charge, mut amount, mut parameters) = (None, None, None, None);
        while let Some(name) = fields.next_key_seed(Text(self.0))? {
            let back = self.0.enter(&name);
            match name.as_str() {
                "rule" => once(&mut rule, "rule", fields.next_value_seed(Text(self.0))?)?,
                "charge" => once(&mut charge, "charge", charge_of(&fields.next_value_seed(Text(self.0))?)?)?,
                "amount" => once(&mut amount, "amount", fields.next_value_seed(Amount(self.0))?)?,
                "parameters" => once(&mut parameters, "parameters", fields.next_value_seed(Parameters(self.0))?)?,
                _ => return Err(A::Error::custom("a line has no such field")),
            }
            self.0.leave(back);
        }
        let missing = |name: &str| A::Error::custom(format!("`{name}` is missing"));
        Ok(Line {
            rule: rule.ok_or_else(|| missing("rule"))?,
            charge: charge.ok_or_else(|| missing("charge"))?,
            amount: amount.ok_or_else(|| missing("amount"))?,
            parameters: parameters.ok_or_else(|| missing("parameters"))?,
        })
    }
}

fn charge_of<E: serde::de::Error>(word: &str) -> Result<Charge, E> {
    match word {
        "freight" => Ok(Charge::Freight),
        "insurance-premium" => Ok(Charge::InsurancePremium),
        "other" => Ok(Charge::Other),
        _ => Err(E::custom("it must be freight, insurance-premium or other")),
    }
}

/// Money: an object of minor units and a currency.
struct Amount<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Amount<'_> {
    type Value = Money;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Money, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Amount<'_> {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with minor, a whole number of minor units, and currency")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Money, A::Error> {
        let (mut minor, mut currency) = (None, None);
        while let Some(name) = fields.next_key_seed(Text(self.0))? {
            let back = self.0.enter(&name);
            match name.as_str() {
                // A number with a point is refused: money is never a floating-point number.
                "minor" => once(&mut minor, "minor", fields.next_value::<i64>()?)?,
                "currency" => once(&mut currency, "currency", fields.next_value_seed(Text(self.0))?)?,
                _ => return Err(A::Error::custom("an amount has no such field")),
            }
            self.0.leave(back);
        }
        let missing = |name: &str| A::Error::custom(format!("`{name}` is missing"));
        Ok(Money { minor: minor.ok_or_else(|| missing("minor"))?, currency: currency.ok_or_else(|| missing("currency"))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"rule":"A-1","charge":"freight","amount":{"minor":-5,"currency":"JPY"},"parameters":{"n":"1"}}"#;

    #[test]
    fn a_price_is_read_as_it_is() {
        let read = quote(format!(r#"{{"findings":[],"lines":[{LINE}]}}"#).as_bytes(), 10_000).unwrap();
        let [Line { rule, charge, amount, parameters }] = read.lines.as_slice() else { panic!("{read:?}") };
        assert_eq!((rule.as_str(), *charge, amount.minor, amount.currency.as_str()), ("A-1", Charge::Freight, -5, "JPY"));
        assert_eq!(parameters.len(), 1);
        assert!(read.findings.is_empty());
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        let line = |from: &str, to: &str| format!(r#"{{"findings":[],"lines":[{}]}}"#, LINE.replace(from, to));
        for (output, place, words) in [
            ("[]".to_owned(), "the output:", "an object with lines and findings"),
            (r#"{"lines":[]}"#.to_owned(), "the output:", "`findings` is missing"),
            (r#"{"lines":[],"lines":[]}"#.to_owned(), "/lines of", "twice"),
            (r#"{"total":1}"#.to_owned(), "/total of", "no such field"),
            (line("freight", "duty"), "/lines/0/charge of", "freight, insurance-premium or other"),
            (line("-5", "0.5"), "/lines/0/amount/minor of", "floating point"),
            (line("-5", "9223372036854775808"), "/lines/0/amount/minor of", "i64"),
            (line(r#""currency":"JPY""#, r#""unit":"JPY""#), "/lines/0/amount/unit of", "no such field"),
            (line(r#""minor":-5,"#, ""), "/lines/0/amount of", "`minor` is missing"),
        ] {
            let said = quote(output.as_bytes(), 10_000).unwrap_err().to_string();
            assert!(said.starts_with(place) && said.contains(words), "{output}: {said}");
        }
    }

    /// The schemas are made from the contract: what they say must be what is read here.
    #[test]
    fn the_schema_of_the_output_says_what_is_read() {
        let schema = include_bytes!("../../../../sdk/extism/schemas/pricing_price.output.schema.json");
        let schema: serde_json::Value = serde_json::from_slice(schema).unwrap();
        let of = |place: &str| schema.pointer(place).and_then(serde_json::Value::as_array).unwrap().clone();
        assert_eq!(of("/required"), ["lines", "findings"]);
        assert_eq!(of("/properties/lines/items/required"), ["rule", "charge", "amount", "parameters"]);
        assert_eq!(of("/properties/lines/items/properties/amount/required"), ["minor", "currency"]);
        let charges = of("/properties/lines/items/properties/charge/enum");
        assert_eq!(charges.len(), 3);
        for charge in charges {
            let line = LINE.replace("\"freight\"", &charge.to_string());
            assert!(quote(format!(r#"{{"findings":[],"lines":[{line}]}}"#).as_bytes(), 10_000).is_ok(), "{charge}");
        }
    }

    #[test]
    fn a_short_text_that_makes_much_is_limited_by_what_it_makes() {
        let many = format!(r#"{{"findings":[],"lines":[{}]}}"#, vec![LINE; 1_000].join(","));
        let said = quote(many.as_bytes(), 10_000).unwrap_err().to_string();
        assert!(said.contains("take more than"), "{said}");
    }
}
