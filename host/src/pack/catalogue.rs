//! The order's fields, as the pack compiler asks for them.

use roro_pack::compile::{Catalogue, Field};
use roro_pack::{Kind, Scope};

use crate::order::fields;

/// The catalogue of the order file.
pub(super) struct Fields;

impl Catalogue for Fields {
    fn field(&self, path: &str) -> Option<Field> {
        let kind = match fields::kind(path)? {
            fields::Kind::Text => Kind::Text,
            fields::Kind::Number => Kind::Integer,
            fields::Kind::Date => Kind::Date,
            fields::Kind::Boolean => Kind::Boolean,
            fields::Kind::Money => Kind::Money,
        };
        let scope = match fields::scope(path)? {
            fields::Scope::Order => Scope::Order,
            fields::Scope::Vehicle => Scope::Vehicle,
            fields::Scope::Container => Scope::Container,
        };
        Some(Field { kind, scope, choices: fields::choices(path) })
    }

    fn paths(&self) -> Vec<String> {
        fields::catalogue().keys().filter(|path| !path.ends_with('.')).cloned().collect()
    }
}
