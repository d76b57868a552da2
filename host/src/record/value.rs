//! Values of records: what fits a field, and how a record is written.

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use super::Refused;
use crate::kernel::decimal::Decimal;
use crate::plugin::manifest::{Collection, Field, FieldKind};

/// The longest text, characters.
pub(super) const TEXT_CHARS_MAX: usize = 4_000;
/// The longest id that a reference holds, bytes.
pub(super) const REFERENCE_BYTES_MAX: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text; a choice and a reference as well.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// A civil date.
    Date(Date),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Boolean(yes) => yes.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

impl Value {
    /// Whether it is of a kind of field; whether it fits the field itself is another question.
    pub(super) const fn is_of(&self, kind: FieldKind) -> bool {
        matches!(
            (kind, self),
            (FieldKind::Text | FieldKind::Choice | FieldKind::Reference, Self::Text(_))
                | (FieldKind::Integer, Self::Integer(_))
                | (FieldKind::Decimal, Self::Decimal(_))
                | (FieldKind::Boolean, Self::Boolean(_))
                | (FieldKind::Date, Self::Date(_))
        )
    }
}

/// The values of a record, in the order of the manifest.
pub type Fields = Vec<(String, Value)>;

/// Whether a value fits a kind of field, and if not, what would.
fn fits(kind: FieldKind, choices: &[String], value: &Value) -> Result<(), String> {
    match (kind, value) {
        (FieldKind::Text, Value::Text(text)) => {
            let is_plain = text.chars().all(|one| !one.is_control() || one == '\n' || one == '\t');
            if is_plain && text.chars().count() <= TEXT_CHARS_MAX {
                Ok(())
            } else {
                Err(format!("at most {TEXT_CHARS_MAX} characters, without control characters"))
            }
        }
        (FieldKind::Choice, Value::Text(text)) if choices.contains(text) => Ok(()),
        (FieldKind::Choice, _) => Err(format!("one of {}", choices.join(", "))),
        (FieldKind::Reference, Value::Text(text)) => {
            let is_id = (1..=REFERENCE_BYTES_MAX).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            if is_id { Ok(()) } else { Err("the id of something in the house".to_owned()) }
        }
        (kind, value) if value.is_of(kind) => Ok(()),
        (kind, _) => Err(format!("a value of the kind {kind}")),
    }
}

/// The values of a record, checked and in the order of the manifest.
///
/// # Errors
/// [`Refused::Invalid`] with everything that does not fit.
pub fn check(fields: &[Field], mut given: Fields) -> Result<Fields, Refused> {
    let mut wrong = Vec::new();
    for (key, _) in &given {
        if !fields.iter().any(|field| field.key == *key) {
            wrong.push(format!("{}: there is no such field", key.chars().take(60).collect::<String>()));
        }
    }
    let mut checked = Vec::with_capacity(given.len());
    for field in fields {
        let found = given.iter().position(|(key, _)| *key == field.key).map(|at| given.remove(at).1);
        match found {
            Some(value) => match fits(field.kind, &field.choices, &value) {
                Ok(()) => checked.push((field.key.clone(), value)),
                Err(fit) => wrong.push(format!("{}: give {fit}", field.key)),
            },
            None if field.required => wrong.push(format!("{}: it is missing", field.key)),
            None => {}
        }
    }
    let twice = given.iter().filter(|(key, _)| fields.iter().any(|field| field.key == *key));
    wrong.extend(twice.map(|(key, _)| format!("{key}: it is there twice")));
    if wrong.is_empty() { Ok(checked) } else { Err(Refused::Invalid(wrong.join("; "))) }
}

/// What a person or a program has written into a field of a form; none when it does not fit.
#[must_use]
pub fn from_text(kind: FieldKind, text: &str) -> Option<Value> {
    let text = text.trim();
    match kind {
        FieldKind::Text | FieldKind::Choice | FieldKind::Reference => Some(Value::Text(text.to_owned())),
        FieldKind::Integer => text.parse().ok().map(Value::Integer),
        FieldKind::Decimal => text.parse().ok().map(Value::Decimal),
        FieldKind::Boolean => match text {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
        FieldKind::Date => text.parse().ok().map(Value::Date),
    }
}

/// The JSON of a record.
#[must_use]
pub fn write(fields: &Fields) -> Map<String, Json> {
    let json = |value: &Value| match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Decimal(number) => Json::from(number.to_string()),
        Value::Boolean(yes) => Json::from(*yes),
        Value::Date(date) => Json::from(date.to_string()),
    };
    fields.iter().map(|(key, value)| (key.clone(), json(value))).collect()
}

/// A value of JSON in a kind of field; none when it does not fit.
#[must_use]
pub fn read(kind: FieldKind, json: &Json) -> Option<Value> {
    match (kind, json) {
        (FieldKind::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (FieldKind::Boolean, Json::Bool(yes)) => Some(Value::Boolean(*yes)),
        (FieldKind::Integer | FieldKind::Boolean, _) => None,
        (kind, Json::String(text)) => from_text(kind, text),
        _ => None,
    }
}

/// A stored record's values. What an older release kept and this one does not know is left out; it stays stored.
pub(super) fn stored(collection: &Collection, text: &str) -> Fields {
    let json: Map<String, Json> = serde_json::from_str(text).unwrap_or_default();
    let value = |field: &Field| Some((field.key.clone(), read(field.kind, json.get(&field.key)?)?));
    collection.fields.iter().filter_map(value).collect()
}

/// An input of an action as the field that it would be.
#[must_use]
pub fn of_input(input: &crate::action::Wanted) -> Field {
    Field {
        key: input.key.clone(),
        kind: input.kind,
        title: input.title.clone(),
        required: input.required,
        personal: false,
        choices: input.choices.clone(),
    }
}
