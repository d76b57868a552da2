//! Exact decimals: exchange rates, unit prices, percentages. `mantissa / 10^scale`, never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most decimals that are read: 10^18 is the largest power of ten in 64 bits.
pub const SCALE_MAX: u8 = 18;

/// An exact decimal. The scale is kept as written: `1.50` prints as `1.50`; two decimals are equal when both parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// What is wrong with a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not written as a decimal.
    #[error("`{0}` is not a decimal number; write digits with at most one point, for example 1.0825")]
    Syntax(String),
    /// Does not fit.
    #[error("`{0}` does not fit: at most 18 decimals and 18 digits in all")]
    Range(String),
}

impl Decimal {
    /// `mantissa / 10^scale`.
    ///
    /// # Errors
    /// [`Error::Range`] when `scale` is above [`SCALE_MAX`].
    pub fn new(mantissa: i64, scale: u8) -> Result<Self, Error> {
        if scale > SCALE_MAX {
            return Err(Error::Range(format!("{mantissa} / 10^{scale}")));
        }
        Ok(Self { mantissa, scale })
    }

    /// The digits, without the point.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits stand after the point.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }
}

/// Splits decimal text into its digits and the count of those after the point. Plain ASCII digits, at most one point with
/// digits on both sides, an optional leading minus: no sign of plus, no exponent, no separators.
pub(super) fn digits(text: &str) -> Result<(i64, u8), Error> {
    let syntax = || Error::Syntax(text.chars().take(64).collect());
    let range = || Error::Range(text.chars().take(64).collect());
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = match body.split_once('.') {
        Some((_, "")) => return Err(syntax()),
        Some(parts) => parts,
        None => (body, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(syntax());
    }
    let scale = u8::try_from(fraction.len()).ok().filter(|scale| *scale <= SCALE_MAX).ok_or_else(range)?;
    let mut mantissa = 0_i64;
    for digit in whole.bytes().chain(fraction.bytes()) {
        // Subtracting reaches i64::MIN, which adding could not.
        mantissa = mantissa.checked_mul(10).and_then(|m| m.checked_sub(i64::from(digit - b'0'))).ok_or_else(range)?;
    }
    if negative { Ok((mantissa, scale)) } else { Ok((mantissa.checked_neg().ok_or_else(range)?, scale)) }
}

/// Writes `mantissa / 10^scale`, the point always with a digit before it.
pub(super) fn write(f: &mut fmt::Formatter<'_>, mantissa: i64, scale: u8) -> fmt::Result {
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = mantissa.unsigned_abs();
    let Some(unit) = 10_u64.checked_pow(u32::from(scale)).filter(|_| scale > 0) else {
        return write!(f, "{sign}{digits}");
    };
    write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = usize::from(scale))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.mantissa, self.scale)
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        digits(text).map(|(mantissa, scale)| Self { mantissa, scale })
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_decimals_are_read() {
        for good in ["0", "-1", "1.0825", "0.000001", "9223372036854775807", "-9223372036854775808", "007.50"] {
            assert!(good.parse::<Decimal>().is_ok(), "{good}");
        }
        for bad in
            ["", "-", ".5", "5.", "+1", "1,000", "1e3", "1.2.3", " 1", "１", "9223372036854775808", "0.0000000000000000001"]
        {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn written_and_read_again_is_the_same(mantissa: i64, scale in 0..=SCALE_MAX) {
            let decimal = Decimal::new(mantissa, scale).unwrap();
            prop_assert_eq!(decimal.to_string().parse::<Decimal>().unwrap(), decimal);
        }

        #[test]
        fn no_text_panics(text in "[-0-9.e+, ]{0,30}") {
            let _ = text.parse::<Decimal>();
        }
    }
}
