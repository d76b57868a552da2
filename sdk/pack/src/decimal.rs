//! Exact decimals: an i128 mantissa and a scale of 0 to 18 decimals. No floats, no silent overflow, rounding always named.

use std::cmp::Ordering;
use std::fmt;

/// The most decimals that a value may carry.
pub const SCALE_MAX: u8 = 18;

/// How a result that does not fit its decimals is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a tie to the even neighbour.
    HalfEven,
    /// To the nearest, a tie away from zero.
    HalfUp,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// The rounding of that name in expressions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "half-even" => Some(Self::HalfEven),
            "half-up" => Some(Self::HalfUp),
            "down" => Some(Self::Down),
            "up" => Some(Self::Up),
            _ => None,
        }
    }
}

/// `mantissa` / 10^`scale`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

impl Decimal {
    /// The decimal, or none when the scale is above [`SCALE_MAX`].
    #[must_use]
    pub fn new(mantissa: i128, scale: u8) -> Option<Self> {
        (scale <= SCALE_MAX).then_some(Self { mantissa, scale })
    }

    /// The mantissa, an integer.
    #[must_use]
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// The number of decimals.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Reads digits with at most one dot, as the language writes decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let scale = u8::try_from(fraction.len()).ok()?;
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
            mantissa = mantissa.checked_mul(10)?.checked_add(digit)?;
        }
        (!whole.is_empty()).then_some(())?;
        Self::new(mantissa, scale)
    }

    fn at_scale(self, scale: u8) -> Option<i128> {
        self.mantissa.checked_mul(power(scale.checked_sub(self.scale)?)?)
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        Some((self.at_scale(scale)?, other.at_scale(scale)?, scale))
    }

    /// The sum, or none on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Self::new(left.checked_add(right)?, scale)
    }

    /// The difference, or none on overflow.
    #[must_use]
    pub fn checked_subtract(self, other: Self) -> Option<Self> {
        self.checked_add(other.negate()?)
    }

    /// The product, or none on overflow or with more than [`SCALE_MAX`] decimals.
    #[must_use]
    pub fn checked_multiply(self, other: Self) -> Option<Self> {
        Self::new(self.mantissa.checked_mul(other.mantissa)?, self.scale.checked_add(other.scale)?)
    }

    /// The opposite, or none on overflow.
    #[must_use]
    pub fn negate(self) -> Option<Self> {
        Self::new(self.mantissa.checked_neg()?, self.scale)
    }

    /// The quotient to so many decimals; none on overflow and for a zero divisor.
    #[must_use]
    pub fn checked_divide(self, other: Self, places: u8, rounding: Rounding) -> Option<Self> {
        // a/10^s : b/10^t = (a * 10^t * 10^places) / (b * 10^s) in units of 10^-places; common powers cancel first.
        let up = u32::from(other.scale) + u32::from(places);
        let down = u32::from(self.scale);
        let cancelled = up.min(down);
        let numerator = self.mantissa.checked_mul(power(u8::try_from(up - cancelled).ok()?)?)?;
        let denominator = other.mantissa.checked_mul(power(u8::try_from(down - cancelled).ok()?)?)?;
        Self::new(divide_rounded(numerator, denominator, rounding)?, places)
    }

    /// The value with exactly so many decimals, or none on overflow.
    #[must_use]
    pub fn round(self, places: u8, rounding: Rounding) -> Option<Self> {
        if places >= self.scale {
            return Self::new(self.at_scale(places)?, places);
        }
        Self::new(divide_rounded(self.mantissa, power(self.scale - places)?, rounding)?, places)
    }

    /// The largest integer that is not above the value.
    #[must_use]
    pub fn floor(self) -> Option<i128> {
        Some(self.mantissa.div_euclid(power(self.scale)?))
    }

    /// Without trailing zeros after the dot.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The order of two values. Values too far apart to align are told by sign and size.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match self.aligned(other) {
            Some((left, right, _)) => left.cmp(&right),
            // One side overflows when widened: the wider side has the larger magnitude.
            None if self.scale < other.scale => self.mantissa.cmp(&0),
            None => 0.cmp(&other.mantissa),
        }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self { mantissa: i128::from(value), scale: 0 }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = power(self.scale).unwrap_or(1).unsigned_abs();
        let magnitude = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        match self.scale {
            0 => write!(formatter, "{sign}{magnitude}"),
            scale => write!(formatter, "{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = usize::from(scale)),
        }
    }
}

fn power(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(exponent))
}

/// The quotient of two integers, rounded as named; none on overflow and for a zero divisor.
fn divide_rounded(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let rest = numerator.checked_rem(denominator)?;
    if rest == 0 {
        return Some(quotient);
    }
    let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    // Compare twice the rest with the divisor without doubling, which could overflow.
    let (rest, divisor) = (rest.unsigned_abs(), denominator.unsigned_abs());
    let half = rest.cmp(&(divisor - rest));
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && quotient % 2 != 0),
    };
    if up { quotient.checked_add(away) } else { Some(quotient) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        let (sign, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let value = Decimal::parse(digits).unwrap();
        if sign { value.negate().unwrap() } else { value }
    }

    #[test]
    fn each_rounding_treats_ties_and_signs_as_named() {
        let rows = [
            ("2.5", "2", "3", "2", "3"),
            ("3.5", "4", "4", "3", "4"),
            ("-2.5", "-2", "-3", "-2", "-3"),
            ("2.51", "3", "3", "2", "3"),
        ];
        for (value, even, half_up, down, up) in rows {
            let round = |rounding| decimal(value).round(0, rounding).unwrap().to_string();
            assert_eq!(
                [round(Rounding::HalfEven), round(Rounding::HalfUp), round(Rounding::Down), round(Rounding::Up)],
                [even, half_up, down, up],
                "{value}"
            );
        }
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(decimal("0.1").checked_add(decimal("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(decimal("1.10").checked_multiply(decimal("12500")).unwrap().trimmed().to_string(), "13750");
        assert_eq!(decimal("1").checked_divide(decimal("3"), 6, Rounding::HalfEven).unwrap().to_string(), "0.333333");
        assert_eq!(decimal("1.005").checked_divide(decimal("0.01"), 0, Rounding::HalfEven).unwrap().to_string(), "100");
        assert!(decimal("1").checked_divide(decimal("0"), 2, Rounding::Down).is_none());
        assert_eq!(decimal("-0.05").to_string(), "-0.05");
        assert_eq!(decimal("-1.5").floor(), Some(-2));
    }

    #[test]
    fn values_that_cannot_be_aligned_still_compare() {
        let huge = Decimal::new(i128::MAX, 0).unwrap();
        let small = Decimal::new(1, SCALE_MAX).unwrap();
        assert_eq!(huge.compare(small), Ordering::Greater);
        assert_eq!(small.compare(huge), Ordering::Less);
        assert_eq!(huge.negate().unwrap().compare(small), Ordering::Less);
        assert!(huge.checked_add(small).is_none());
    }
}
