//! The small texts of an order file: each with its pattern, so that the schema refuses what no document could print.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::kernel::money::Money;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $min:literal..=$max:literal, $pattern:literal $(, $format:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        $(#[schemars(extend("format" = $format))])?
        pub struct $name(#[schemars(length(min = $min, max = $max), regex(pattern = $pattern))] String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// One line of printable text, at most 160 characters. Control characters and line breaks are refused: no document can print them.
    Text,
    1..=160,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*[^\u0000-\u0020\u007F-\u009F\u2028\u2029][^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"
);
text!(
    /// A paragraph of printable text, at most 2 000 characters, without control characters or line breaks.
    LongText,
    1..=2000,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*[^\u0000-\u0020\u007F-\u009F\u2028\u2029][^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"
);
text!(
    /// An amount of money as decimal text, for example `"12500.00"`: at most 13 digits before the point, and no more decimals than the
    /// currency has. Text, because a JSON number would be a float.
    Amount,
    1..=18,
    r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,3})?$",
    "money"
);
text!(
    /// ISO 3166-1 alpha-2, two capital letters.
    Country,
    2..=2,
    r"^[A-Z]{2}$"
);
text!(
    /// ISO 4217, three capital letters.
    CurrencyCode,
    3..=3,
    r"^[A-Z]{3}$"
);
text!(
    /// UN/LOCODE, five characters: country, then place.
    Locode,
    5..=5,
    r"^[A-Z]{2}[A-Z2-9]{3}$"
);
text!(
    /// Six digits of the Harmonized System.
    Hs6,
    6..=6,
    r"^[0-9]{6}$"
);

/// A civil date, `2026-10-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LegalDate(#[schemars(with = "String", extend("format" = "date"))] pub jiff::civil::Date);

impl Amount {
    /// An amount of money as an order file holds it; none for one below nothing, or with more than 13 digits before the point.
    #[must_use]
    pub fn of(money: Money) -> Option<Self> {
        let text = money.amount();
        let whole = text.split('.').next().unwrap_or_default();
        (money.minor() >= 0 && whole.len() <= 13).then_some(Self(text))
    }
}
