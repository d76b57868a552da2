//! The JSON of a hook: the document that a guest gets, the list of findings that it answers (a price is in [`super::quote`]). `sdk/extism/schemas` says the same as schemas, made
//! from the contract.
//!
//! The answer is read in one pass into the contract's own values. What is anything else stops the guest with `bad-output` and the place, and
//! what it makes in the host is bounded by the bytes that a guest may hand over: a short text can name many things.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::bindings::contract::roro::types::types::{Date, Finding, Parameter, Severity};
use crate::failure::{FailureKind, Said};

/// How much is said about an answer that is wrong.
const REASON_CHARS_MAX: usize = 500;

/// What a guest is asked about: the step, if the hook has one, the date whose rules apply, and the order.
pub(super) fn input(step: Option<&str>, as_of: Date, order: &[u8]) -> Vec<u8> {
    let mut document = String::from("{");
    if let Some(step) = step {
        document.push_str("\"step\":");
        document.push_str(&serde_json::Value::from(step).to_string());
        document.push(',');
    }
    let Date { year, month, day } = as_of;
    document.push_str(&format!("\"as_of\":\"{year:04}-{month:02}-{day:02}\",\"order\":"));
    let mut document = document.into_bytes();
    document.reserve_exact(order.len() + 1);
    document.extend_from_slice(order);
    document.push(b'}');
    document
}

/// The findings of an answer. Fails with `bad-output` and the place, or with `output-limit` when they would take more than `bytes_max` in
/// the host.
pub(crate) fn findings(output: &[u8], bytes_max: usize) -> Result<Vec<Finding>, Said> {
    read(output, bytes_max, "findings", |reader, json| List(reader).deserialize(json))
}

type Json<'a> = serde_json::Deserializer<serde_json::de::SliceRead<'a>>;

/// Reads the whole output, which `what` names. Fails as [`findings`].
pub(super) fn read<T>(
    output: &[u8],
    bytes_max: usize,
    what: &str,
    by: impl FnOnce(&Reader, &mut Json<'_>) -> serde_json::Result<T>,
) -> Result<T, Said> {
    let reader = Reader { left: Cell::new(bytes_max), is_full: Cell::new(false), place: RefCell::default() };
    let mut json = serde_json::Deserializer::from_slice(output);
    let read = by(&reader, &mut json).and_then(|answer| json.end().map(|()| answer));
    read.map_err(|error| {
        if reader.is_full.get() {
            return Said::new(FailureKind::OutputLimit, format!("the {what} take more than {bytes_max} bytes"));
        }
        let place = reader.place.borrow();
        let place = if place.is_empty() { "the output".to_owned() } else { format!("{place} of the output") };
        // Both may quote the guest at length.
        let reason = format!("{place}: {error}").chars().take(REASON_CHARS_MAX).collect();
        Said::new(FailureKind::BadOutput, reason)
    })
}

/// What is shared while an answer is read.
pub(super) struct Reader {
    left: Cell<usize>,
    is_full: Cell<bool>,
    /// Where the reading is, as a JSON pointer.
    place: RefCell<String>,
}

impl Reader {
    pub(super) fn spend<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        let left = self.left.get().checked_sub(bytes);
        self.is_full.set(left.is_none());
        self.left.set(left.ok_or_else(|| E::custom("too much"))?);
        Ok(())
    }

    /// Goes one step down; gives what to come back to.
    pub(super) fn enter(&self, step: impl fmt::Display) -> usize {
        let mut place = self.place.borrow_mut();
        let length = place.len();
        place.push('/');
        place.push_str(&step.to_string());
        length
    }

    pub(super) fn leave(&self, length: usize) {
        self.place.borrow_mut().truncate(length);
    }
}

/// A list of findings.
pub(super) struct List<'a>(pub(super) &'a Reader);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Vec<Finding>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = Vec<Finding>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut findings = Vec::new();
        loop {
            let back = self.0.enter(findings.len());
            let Some(finding) = items.next_element_seed(One(self.0))? else {
                self.0.leave(back);
                return Ok(findings);
            };
            self.0.leave(back);
            findings.push(finding);
        }
    }
}

/// One finding.
struct One<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Finding;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        self.0.spend(size_of::<Finding>())?;
        from.deserialize_map(self)
    }
}

/// Puts a value where nothing may be yet.
pub(super) fn once<T, E: serde::de::Error>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), E> {
    if slot.replace(value).is_some() { Err(E::custom(format!("`{name}` is there twice"))) } else { Ok(()) }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Finding;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a finding: an object with rule, severity, place and parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Finding, A::Error> {
        let (mut rule, mut severity, mut place, mut parameters) = (None, None, None, None);
        while let Some(name) = fields.next_key_seed(Text(self.0))? {
            let back = self.0.enter(&name);
            match name.as_str() {
                "rule" => once(&mut rule, "rule", fields.next_value_seed(Text(self.0))?)?,
                "severity" => once(&mut severity, "severity", severity_of(&fields.next_value_seed(Text(self.0))?)?)?,
                "place" => once(&mut place, "place", fields.next_value_seed(Text(self.0))?)?,
                "parameters" => once(&mut parameters, "parameters", fields.next_value_seed(Parameters(self.0))?)?,
                _ => return Err(A::Error::custom("a finding has no such field")),
            }
            self.0.leave(back);
        }
        let missing = |name: &str| A::Error::custom(format!("`{name}` is missing"));
        Ok(Finding {
            rule: rule.ok_or_else(|| missing("rule"))?,
            severity: severity.ok_or_else(|| missing("severity"))?,
            place: place.ok_or_else(|| missing("place"))?,
            parameters: parameters.ok_or_else(|| missing("parameters"))?,
        })
    }
}

fn severity_of<E: serde::de::Error>(word: &str) -> Result<Severity, E> {
    match word {
        "block" => Ok(Severity::Block),
        "error" => Ok(Severity::Error),
        "warn" => Ok(Severity::Warn),
        "info" => Ok(Severity::Info),
        _ => Err(E::custom("it must be block, error, warn or info")),
    }
}

/// A text, counted.
pub(super) struct Text<'a>(pub(super) &'a Reader);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
        self.0.spend(text.len())?;
        Ok(text.to_owned())
    }
}

/// The parameters of a sentence: an object of texts.
pub(super) struct Parameters<'a>(pub(super) &'a Reader);

impl<'de> DeserializeSeed<'de> for Parameters<'_> {
    type Value = Vec<Parameter>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Parameters<'_> {
    type Value = Vec<Parameter>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut parameters, mut names) = (Vec::new(), BTreeSet::new());
        while let Some(name) = fields.next_key_seed(Text(self.0))? {
            self.0.spend(2 * size_of::<Parameter>())?;
            let back = self.0.enter(&name);
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("the parameter is there twice"));
            }
            parameters.push(Parameter { name, value: fields.next_value_seed(Text(self.0))? });
            self.0.leave(back);
        }
        Ok(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = Date { year: 2026, month: 3, day: 7 };

    #[test]
    fn the_input_is_one_document() {
        assert_eq!(input(None, DAY, b"{}"), br#"{"as_of":"2026-03-07","order":{}}"#);
        assert_eq!(input(Some("a \"step\""), DAY, b"1"), br#"{"step":"a \"step\"","as_of":"2026-03-07","order":1}"#);
    }

    #[test]
    fn findings_are_read_as_they_are() {
        let text = r#" [{"rule":"A-1","severity":"warn","place":"/vehicles/0","parameters":{"b":"2","a":"\u00e4"}}] "#;
        let found = findings(text.as_bytes(), 10_000).unwrap();
        let [Finding { rule, severity, place, parameters }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((rule.as_str(), *severity, place.as_str()), ("A-1", Severity::Warn, "/vehicles/0"));
        let parameters: Vec<_> = parameters.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(parameters, [("b", "2"), ("a", "ä")]);
        assert_eq!(findings(b"[]", 0).unwrap().len(), 0);
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        let finding = |field: &str| format!(r#"[{{"rule":"A","severity":"info","place":"","parameters":{{}}}},{field}]"#);
        for (output, place, words) in [
            (String::new(), "the output:", "EOF"),
            ("null".into(), "the output:", "a list of findings"),
            ("[] []".into(), "the output:", "trailing"),
            ("[".into(), "/0 of", "EOF"),
            (finding("1"), "/1 of", "a finding"),
            (finding(r#"{"severity":"info","place":"","parameters":{}}"#), "/1 of", "`rule` is missing"),
            (finding(r#"{"rule":1}"#), "/1/rule of", "a text"),
            (finding(r#"{"rule":"A","rule":"B"}"#), "/1/rule of", "twice"),
            (finding(r#"{"severity":"fatal"}"#), "/1/severity of", "block, error, warn or info"),
            (finding(r#"{"sentence":"no"}"#), "/1/sentence of", "no such field"),
            (finding(r#"{"parameters":[]}"#), "/1/parameters of", "an object of texts"),
            (finding(r#"{"parameters":{"n":1}}"#), "/1/parameters/n of", "a text"),
            (finding(r#"{"parameters":{"n":"","n":""}}"#), "/1/parameters/n of", "twice"),
        ] {
            let said = findings(output.as_bytes(), 10_000).unwrap_err().to_string();
            assert!(said.starts_with(place) && said.contains(words), "{output}: {said}");
        }
        assert!(findings(&[b'[', b'"', 0xff, b'"', b']'], 10_000).is_err());
    }

    /// The schemas are made from the contract: what they say must be what is read here.
    #[test]
    fn the_schema_of_the_output_says_what_is_read() {
        let schema = include_bytes!("../../../../sdk/extism/schemas/documents_check.output.schema.json");
        let schema: serde_json::Value = serde_json::from_slice(schema).unwrap();
        let of = |place: &str| schema.pointer(place).and_then(serde_json::Value::as_array).unwrap().clone();
        assert_eq!(of("/items/required"), ["rule", "severity", "place", "parameters"]);
        assert_eq!(schema.pointer("/items/properties/parameters/additionalProperties/type"), Some(&"string".into()));
        assert_eq!(schema.pointer("/items/additionalProperties"), Some(&false.into()));
        let severities = of("/items/properties/severity/enum");
        assert_eq!(severities.len(), 4);
        for severity in severities {
            let finding = format!(r#"[{{"rule":"A","severity":{severity},"place":"","parameters":{{}}}}]"#);
            assert_eq!(findings(finding.as_bytes(), 1_000).unwrap().len(), 1, "{severity}");
        }
    }

    #[test]
    fn a_short_text_that_makes_much_is_limited_by_what_it_makes() {
        let many = format!("[{}]", vec![r#"{"rule":"","severity":"info","place":"","parameters":{}}"#; 1_000].join(","));
        let said = findings(many.as_bytes(), many.len()).unwrap_err();
        assert!(said.to_string().contains("take more than"), "{said}");
        let deep = "[".repeat(100_000);
        assert!(findings(deep.as_bytes(), 1_000_000).is_err());
    }
}
