//! Keys: how records are found and sorted. A key is text whose order, in every database and under every collation, is the order of its values.
//!
//! Each value becomes bytes that compare as it does and end by themselves, and the bytes become hexadecimal digits.

use super::{Query, Refused, Value};
use crate::kernel::id::RecordId;
use crate::plugin::manifest::{Collection, Index};

/// The longest text in an index, bytes.
const TEXT_BYTES_MAX: usize = 200;
/// Greater than every hexadecimal digit, under every collation.
const ABOVE: char = 'g';

/// Where the records lie that are asked for: from `from`, below `below`, after a key and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// The index's name.
    pub(super) index: String,
    /// The least key.
    pub(super) from: String,
    /// Above the greatest key.
    pub(super) below: String,
    /// The last key of the page before, with its record.
    pub(super) after: Option<(String, RecordId)>,
}

/// The name of an index: its fields, and whether it is unique. Another index has another name, so that no key is taken for another's.
pub(super) fn name(index: &Index) -> String {
    format!("{}{}", index.fields.join(","), if index.unique { "!" } else { "" })
}

fn push(bytes: &mut Vec<u8>, value: Option<&Value>) -> Result<(), Refused> {
    let Some(value) = value else {
        bytes.push(1);
        return Ok(());
    };
    bytes.push(2);
    match value {
        Value::Text(text) => {
            if text.len() > TEXT_BYTES_MAX {
                return Err(Refused::Invalid(format!("a text of an index has at most {TEXT_BYTES_MAX} bytes")));
            }
            // No text has a zero byte: it ends the text, below every other byte.
            bytes.extend(text.bytes().filter(|byte| *byte != 0));
            bytes.push(0);
        }
        Value::Integer(number) => bytes.extend(ordered(i128::from(*number))),
        Value::Decimal(number) => {
            let scale = u32::from(18 - number.scale().min(18));
            bytes.extend(ordered(i128::from(number.mantissa()) * 10_i128.pow(scale)));
        }
        Value::Boolean(yes) => bytes.push(u8::from(*yes)),
        Value::Date(date) => {
            bytes.extend(ordered(i128::from(date.year()) * 10_000 + i128::from(date.month()) * 100 + i128::from(date.day())));
        }
    }
    Ok(())
}

/// A signed number as bytes that compare as it does.
fn ordered(number: i128) -> [u8; 16] {
    (number.cast_unsigned() ^ (1 << 127)).to_be_bytes()
}

/// A record's key in an index.
pub(super) fn of(index: &Index, fields: &super::Fields) -> Result<String, Refused> {
    let mut bytes = Vec::new();
    for key in &index.fields {
        push(&mut bytes, fields.iter().find(|(name, _)| name == key).map(|(_, value)| value))?;
    }
    Ok(hex::encode(bytes))
}

/// The range of a query; none when it goes by age.
pub(super) fn range(collection: &Collection, query: &Query) -> Result<Option<Range>, Refused> {
    let Some(index) = collection.indexes.get(query.index) else {
        let by_age = query.index == collection.indexes.len();
        if !by_age {
            return Err(Refused::Unknown(format!("index {}", query.index)));
        }
        let is_bare = query.equals.is_empty() && query.at_least.is_none() && query.at_most.is_none();
        return if is_bare { Ok(None) } else { Err(Refused::Invalid("by age there are no values to compare with".to_owned())) };
    };
    let is_ranged = query.at_least.is_some() || query.at_most.is_some();
    if query.equals.len() + usize::from(is_ranged) > index.fields.len() {
        return Err(Refused::Invalid(format!("the index has {} fields", index.fields.len())));
    }
    let kind = |at: usize| {
        let key = index.fields.get(at)?;
        collection.fields.iter().find(|field| field.key == *key)
    };
    let ranged = [&query.at_least, &query.at_most].into_iter().flatten().map(|value| (query.equals.len(), value));
    for (at, value) in query.equals.iter().enumerate().chain(ranged) {
        let field = kind(at).ok_or_else(|| Refused::Unknown("field".to_owned()))?;
        if !value.is_of(field.kind) {
            return Err(Refused::Invalid(format!("{}: give a value of the kind {}", field.key, field.kind)));
        }
    }
    let mut prefix = Vec::new();
    for value in &query.equals {
        push(&mut prefix, Some(value))?;
    }
    let end = |value: Option<&Value>, close: Option<char>| -> Result<String, Refused> {
        let mut bytes = prefix.clone();
        if value.is_some() {
            push(&mut bytes, value)?;
        }
        let mut text = hex::encode(bytes);
        text.extend(close);
        Ok(text)
    };
    let after = query.after.as_deref().map(cursor).transpose()?;
    Ok(Some(Range {
        index: name(index),
        from: end(query.at_least.as_ref(), None)?,
        below: end(query.at_most.as_ref(), Some(ABOVE))?,
        after,
    }))
}

fn bad_cursor() -> Refused {
    Refused::Invalid("`after` is none that a page has given".to_owned())
}

fn cursor(text: &str) -> Result<(String, RecordId), Refused> {
    let (key, record) = text.split_once('.').ok_or_else(bad_cursor)?;
    if !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(bad_cursor());
    }
    Ok((key.to_owned(), record.parse().map_err(|_| bad_cursor())?))
}

pub(super) fn age_cursor(text: &str) -> Result<RecordId, Refused> {
    text.parse().map_err(|_| bad_cursor())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn key(value: Option<Value>) -> String {
        let mut bytes = Vec::new();
        push(&mut bytes, value.as_ref()).unwrap();
        hex::encode(bytes)
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_values_do(a: i64, b: i64, one in "[^\0]{0,20}", two in "[^\0]{0,20}", scale in 0_u8..=18, other in 0_u8..=18) {
            prop_assert_eq!(key(Some(Value::Integer(a))).cmp(&key(Some(Value::Integer(b)))), a.cmp(&b));
            prop_assert_eq!(key(Some(Value::Text(one.clone()))).cmp(&key(Some(Value::Text(two.clone())))), one.cmp(&two));
            let decimal = |mantissa, scale| Value::Decimal(crate::kernel::decimal::Decimal::new(mantissa, scale).unwrap());
            let exact = |mantissa: i64, scale: u8| i128::from(mantissa) * 10_i128.pow(u32::from(18 - scale));
            prop_assert_eq!(key(Some(decimal(a, scale))).cmp(&key(Some(decimal(b, other)))), exact(a, scale).cmp(&exact(b, other)));
            assert!(key(None) < key(Some(Value::Text(String::new()))), "what is not set comes first");
        }

        #[test]
        fn what_follows_a_text_never_moves_it(one in "[a-c]{0,3}", two in "[a-c]{0,3}", a: i64, b: i64) {
            let pair = |text: &str, number| format!("{}{}", key(Some(Value::Text(text.to_owned()))), key(Some(Value::Integer(number))));
            prop_assert_eq!(pair(&one, a).cmp(&pair(&two, b)), (one, a).cmp(&(two, b)));
        }
    }
}
