//! Whole numbers and exact decimals as text: grouping, scaling, rounding half to even. No floats.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// More digits behind the point than this are no quantity of a trade document.
const SCALE_MAX: u32 = 18;

/// How many digits stand behind the point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// As many as the value has, trailing zeros dropped.
    AsNeeded,
    Exactly(u32),
}

impl From<Option<u32>> for Digits {
    fn from(asked: Option<u32>) -> Self {
        asked.map_or(Self::AsNeeded, Self::Exactly)
    }
}

pub(super) fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// A whole number, or text that is one.
pub(super) fn whole(value: &Value) -> Result<i128, Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let number = match value.kind() {
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok(),
        ValueKind::String => value.as_str().filter(|text| text.len() <= 36).and_then(|text| text.parse().ok()),
        _ => None,
    };
    // 10^30 leaves room to scale without an overflow.
    number
        .filter(|number| number.unsigned_abs() < 10_u128.pow(30))
        .ok_or_else(|| invalid(format!("`{value}` is not a whole number: give digits, without a fraction")))
}

/// A field of a map, as a whole number.
pub(super) fn whole_field(value: &Value, name: &str) -> Result<i128, Error> {
    whole(&value.get_attr(name)?)
}

/// `value` / 10^`scale`, grouped by thousands.
pub(super) fn scaled(value: i128, scale: u32, digits: Digits) -> Result<String, Error> {
    let wanted = match digits {
        Digits::AsNeeded => scale,
        Digits::Exactly(wanted) => wanted,
    };
    if scale > SCALE_MAX || wanted > SCALE_MAX {
        return Err(invalid(format!("more than {SCALE_MAX} digits behind the point: give a smaller scale")));
    }
    let too_large = || invalid("the number is too large to print: check the data");
    let magnitude = value.unsigned_abs();
    let rounded = if wanted < scale {
        divide_half_even(magnitude, 10_u128.pow(scale - wanted))
    } else {
        magnitude.checked_mul(10_u128.pow(wanted - scale)).ok_or_else(too_large)?
    };
    let unit = 10_u128.pow(wanted);
    let mut text = group(rounded / unit);
    if wanted > 0 {
        let fraction = format!("{:0width$}", rounded % unit, width = usize::try_from(wanted).map_err(|_| too_large())?);
        let fraction = if digits == Digits::AsNeeded { fraction.trim_end_matches('0') } else { fraction.as_str() };
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(fraction);
        }
    }
    Ok(if value < 0 && rounded != 0 { format!("-{text}") } else { text })
}

/// Digits in threes: `12,500`.
fn group(number: u128) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `divisor` is never zero here: it is a power of ten.
pub(super) fn divide_half_even(number: u128, divisor: u128) -> u128 {
    let (quotient, rest) = (number / divisor, number % divisor);
    match (rest * 2).cmp(&divisor) {
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + quotient % 2,
        std::cmp::Ordering::Less => quotient,
    }
}

/// Groups the whole part of decimal text (`-12500.50`), or of a whole number.
pub(super) fn thousands(value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = value.to_string();
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (before, after) = unsigned.split_once('.').map_or((unsigned, None), |(before, after)| (before, Some(after)));
    let is_digits = |part: &str| !part.is_empty() && part.len() <= 30 && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(before) || after.is_some_and(|after| !is_digits(after)) {
        return Err(invalid(format!("`{value}` is not a number: give digits, with a point if there is a fraction")));
    }
    let grouped = group(before.parse().map_err(|_| invalid("the number is too large to print: check the data"))?);
    Ok(after.map_or_else(|| format!("{sign}{grouped}"), |after| format!("{sign}{grouped}.{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_numbers_group_and_round_half_to_even() {
        let cases = [
            (1_480_500, 3, Digits::AsNeeded, "1,480.5"),
            (1_480_000, 3, Digits::AsNeeded, "1,480"),
            (1_480_500, 3, Digits::Exactly(3), "1,480.500"),
            (125, 2, Digits::Exactly(1), "1.2"),
            (135, 2, Digits::Exactly(1), "1.4"),
            (-5, 3, Digits::Exactly(2), "0.00"),
            (-1_250_050, 2, Digits::Exactly(2), "-12,500.50"),
            (0, 0, Digits::AsNeeded, "0"),
            (7, 0, Digits::Exactly(2), "7.00"),
        ];
        for (value, scale, digits, expected) in cases {
            assert_eq!(scaled(value, scale, digits).unwrap(), expected, "{value} / 10^{scale}");
        }
    }

    #[test]
    fn decimal_text_is_grouped_and_anything_else_refused() {
        assert_eq!(thousands(&Value::from("-1234567.50")).unwrap(), "-1,234,567.50");
        assert_eq!(thousands(&Value::from(999)).unwrap(), "999");
        for wrong in ["", "-", "1.", "1e5", "=1", "１２"] {
            assert!(thousands(&Value::from(wrong)).is_err(), "{wrong}");
        }
    }
}
