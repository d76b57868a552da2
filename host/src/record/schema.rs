//! Fields as JSON Schema, for programs: what may be written into one, and what is read from one.

use serde_json::{Value as Json, json};

use super::value::{REFERENCE_BYTES_MAX, TEXT_CHARS_MAX};
use crate::plugin::manifest::{Field, FieldKind};

/// Without control characters, but for tabs and line feeds.
const PLAIN: &str = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$";
/// A decimal.
const DECIMAL: &str = r"^-?[0-9]+(\.[0-9]+)?$";
/// So many characters of a decimal fit whatever they are: the digits into 64 bits, and those after the point.
const DECIMAL_CHARS_MAX: usize = 18;
/// A civil date; `format` alone asks nothing of most readers.
const DATE: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// What a field takes. What this takes, [`super::read`] and [`super::check`] take, who forgive more: blanks around a word, a longer decimal.
/// One thing no schema can say: a whole number is written without point and exponent.
#[must_use]
pub fn taken(field: &Field) -> Json {
    match field.kind {
        FieldKind::Text => json!({ "type": "string", "maxLength": TEXT_CHARS_MAX, "pattern": PLAIN }),
        FieldKind::Integer => json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX }),
        FieldKind::Decimal => json!({ "type": "string", "maxLength": DECIMAL_CHARS_MAX, "pattern": DECIMAL }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Choice => json!({ "type": "string", "enum": field.choices }),
        FieldKind::Date => json!({ "type": "string", "format": "date", "pattern": DATE }),
        FieldKind::Reference => {
            json!({ "type": "string", "pattern": format!("^[A-Za-z0-9_-]{{1,{REFERENCE_BYTES_MAX}}}$") })
        }
    }
}

/// What a field has. Only what holds for records of older releases too: a choice may have been among words that are no longer given, so
/// today's are examples.
#[must_use]
pub fn kept(field: &Field) -> Json {
    match field.kind {
        FieldKind::Text | FieldKind::Reference => json!({ "type": "string" }),
        FieldKind::Integer => json!({ "type": "integer", "format": "int64" }),
        FieldKind::Decimal => json!({ "type": "string", "pattern": DECIMAL }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Choice => json!({ "type": "string", "examples": field.choices }),
        FieldKind::Date => json!({ "type": "string", "format": "date" }),
    }
}
