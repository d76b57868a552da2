//! The values of the expression language, and the columns of fields that the host hands in.
//!
//! A value borrows from the table or the columns where it can. It never holds a float.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::date::Date;
use crate::decimal::Decimal;

/// An amount in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Minor units: cents, yen.
    pub minor: i64,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

/// The values of one field, one entry a row; none where the order does not say.
#[derive(Debug, Clone)]
pub enum Column {
    /// Texts and names of enumerations.
    Texts(Vec<Option<String>>),
    /// Whole numbers.
    Integers(Vec<Option<i64>>),
    /// Exact decimals.
    Decimals(Vec<Option<Decimal>>),
    /// Civil dates.
    Dates(Vec<Option<Date>>),
    /// Yes or no.
    Booleans(Vec<Option<bool>>),
    /// Amounts with their currency.
    Moneys(Vec<Option<Money>>),
}

impl Column {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Texts(rows) => rows.len(),
            Self::Integers(rows) => rows.len(),
            Self::Decimals(rows) => rows.len(),
            Self::Dates(rows) => rows.len(),
            Self::Booleans(rows) => rows.len(),
            Self::Moneys(rows) => rows.len(),
        }
    }

    /// The value of a row, none past the end.
    pub(crate) fn value(&self, row: usize) -> Value<'_> {
        match self {
            Self::Texts(rows) => rows.get(row).and_then(Option::as_ref).map(|text| Value::Text(Cow::Borrowed(text))),
            Self::Integers(rows) => rows.get(row).copied().flatten().map(Value::Integer),
            Self::Decimals(rows) => rows.get(row).copied().flatten().map(Value::Decimal),
            Self::Dates(rows) => rows.get(row).copied().flatten().map(Value::Date),
            Self::Booleans(rows) => rows.get(row).copied().flatten().map(Value::Boolean),
            Self::Moneys(rows) => {
                rows.get(row).and_then(Option::as_ref).map(|money| Value::Money(money.minor, Cow::Borrowed(&money.currency)))
            }
        }
        .unwrap_or(Value::None)
    }
}

/// Why an expression has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A number left its range.
    Overflow,
    /// Amounts of two currencies met.
    Currencies,
    /// The table is not what a compiler writes.
    Table(&'static str),
}

impl Fault {
    /// The word that a finding carries.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Currencies => "currencies",
            Self::Table(_) => "table",
        }
    }
}

/// A value while an expression is evaluated.
#[derive(Debug, Clone)]
pub(crate) enum Value<'t> {
    None,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Date(Date),
    Text(Cow<'t, str>),
    Money(i64, Cow<'t, str>),
}

impl Value<'_> {
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether there is a value; a blank text is none.
    pub(crate) fn is_present(&self) -> bool {
        match self {
            Self::None => false,
            Self::Text(text) => !text.trim().is_empty(),
            _ => true,
        }
    }

    /// The order of two values of one type, none when one is missing.
    pub(crate) fn compare(&self, other: &Self) -> Result<Option<Ordering>, Fault> {
        Ok(Some(match (self, other) {
            (Self::None, _) | (_, Self::None) => return Ok(None),
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Date(left), Self::Date(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Money(left, one), Self::Money(right, other)) if one == other => left.cmp(right),
            (Self::Money(..), Self::Money(..)) => return Err(Fault::Currencies),
            _ => self.decimal()?.compare(other.decimal()?),
        }))
    }

    /// Whether two values are the same, none when one is missing. Amounts of two currencies differ.
    pub(crate) fn same(&self, other: &Self) -> Result<Option<bool>, Fault> {
        match self.compare(other) {
            Err(Fault::Currencies) => Ok(Some(false)),
            answer => Ok(answer?.map(Ordering::is_eq)),
        }
    }

    /// The number as a decimal.
    pub(crate) fn decimal(&self) -> Result<Decimal, Fault> {
        match self {
            Self::Integer(value) => Ok(Decimal::from(*value)),
            Self::Decimal(value) => Ok(*value),
            _ => Err(Fault::Table("a number was expected")),
        }
    }

    pub(crate) fn integer(&self) -> Result<i64, Fault> {
        match self {
            Self::Integer(value) => Ok(*value),
            _ => Err(Fault::Table("an integer was expected")),
        }
    }

    pub(crate) fn boolean(&self) -> Result<Option<bool>, Fault> {
        match self {
            Self::None => Ok(None),
            Self::Boolean(value) => Ok(Some(*value)),
            _ => Err(Fault::Table("true or false was expected")),
        }
    }

    pub(crate) fn date(&self) -> Result<Date, Fault> {
        match self {
            Self::Date(value) => Ok(*value),
            _ => Err(Fault::Table("a date was expected")),
        }
    }

    pub(crate) fn text(&self) -> Result<&str, Fault> {
        match self {
            Self::Text(value) => Ok(value),
            _ => Err(Fault::Table("a text was expected")),
        }
    }

    pub(crate) fn money(&self) -> Result<(i64, &str), Fault> {
        match self {
            Self::Money(minor, currency) => Ok((*minor, currency)),
            _ => Err(Fault::Table("money was expected")),
        }
    }

    /// The value as text: what `text()` gives and what parameters and boxes show. None is empty.
    pub(crate) fn render(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Decimal(value) => value.to_string(),
            Self::Date(value) => value.to_string(),
            Self::Text(value) => value.to_string(),
            Self::Money(minor, currency) => {
                let mut text = String::with_capacity(20);
                text.push_str(currency);
                // Writing to a string cannot fail.
                let _ = write!(text, " {}", money_text(*minor, currency));
                text
            }
        }
    }
}

/// An amount with the decimals of its currency (ISO 4217).
pub(crate) fn money_text(minor: i64, currency: &str) -> String {
    Decimal::new(i128::from(minor), currency_decimals(currency)).map(|amount| amount.to_string()).unwrap_or_default()
}

/// The decimals of a currency: two except for those that ISO 4217 lists with none or three.
pub(crate) fn currency_decimals(currency: &str) -> u8 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}
