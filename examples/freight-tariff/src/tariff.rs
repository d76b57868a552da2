//! The arithmetic of the tariff: integers only, rounded half-even once, at the end of a line.

/// A rate as it is written: `mantissa` / 10^`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    mantissa: i128,
    scale: u32,
}

impl Rate {
    /// Reads `45.50`. None for what is no decimal of at most 30 digits.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        if whole.len() + rest.len() > 30 || whole.is_empty() {
            return None;
        }
        let mantissa = format!("{whole}{rest}").parse().ok()?;
        Some(Self { mantissa, scale: u32::try_from(rest.len()).ok()? })
    }

    /// This many units at the rate, in minor units of a currency with `decimals`: `count` / 10^`count_scale` is how many.
    #[must_use]
    pub fn times(self, count: i128, count_scale: u32, decimals: u32) -> Option<i64> {
        let numerator = self.mantissa.checked_mul(count)?.checked_mul(10_i128.checked_pow(decimals)?)?;
        half_even(numerator, 10_i128.checked_pow(self.scale + count_scale)?)
    }
}

/// The insured value, 110 % of goods and freight, and its premium at so many parts a million.
#[must_use]
pub fn insurance(goods_minor: i64, freight_minor: i64, ppm: i64) -> Option<(i64, i64)> {
    let value = half_even((i128::from(goods_minor) + i128::from(freight_minor)) * 110, 100)?;
    Some((value, half_even(i128::from(value) * i128::from(ppm), 1_000_000)?))
}

/// A volume in cubic millimetres as cubic metres with two decimals, for people.
#[must_use]
pub fn cubic_metres(cubic_millimetres: i128) -> Option<String> {
    let hundredths = half_even(cubic_millimetres, 10_000_000)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// Numerator over denominator, to the nearest whole number; what lies in the middle goes to the even one.
fn half_even(numerator: i128, denominator: i128) -> Option<i64> {
    let (down, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let up = match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => down % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    i64::try_from(down + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_exactly() {
        assert_eq!(Rate::read("45.50"), Some(Rate { mantissa: 4550, scale: 2 }));
        assert_eq!(Rate::read("3"), Some(Rate { mantissa: 3, scale: 0 }));
        for wrong in ["", ".5", "1,5", "1e3", "12345678901234567890123456789012"] {
            assert_eq!(Rate::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lines_are_rounded_once_to_the_even() {
        let rate = Rate::read("45.50").unwrap();
        // 36.54 m³ in cubic millimetres: 1 662.57 dollars.
        assert_eq!(rate.times(36_540_000_000, 9, 2), Some(166_257));
        // 12.5 and 13.5 minor units.
        assert_eq!([25, 27].map(|count| Rate::read("0.05").unwrap().times(count, 1, 2)), [Some(12), Some(14)]);
        assert_eq!(rate.times(i128::MAX, 9, 2), None);
    }

    #[test]
    fn insurance_is_of_a_hundred_and_ten_percent() {
        assert_eq!(insurance(1_000_000, 100_000, 2_500), Some((1_210_000, 3_025)));
        assert_eq!(insurance(i64::MAX, i64::MAX, 1), None);
    }

    #[test]
    fn a_volume_is_told_in_cubic_metres() {
        assert_eq!(cubic_metres(11_236_845_000), Some("11.24".to_owned()));
        assert_eq!(cubic_metres(50_000_000), Some("0.05".to_owned()));
    }
}
