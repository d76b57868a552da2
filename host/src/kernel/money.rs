//! Money: whole minor units of a currency. Sums are checked, products go through 128 bits, rounding is named at the call, and a
//! split loses nothing. There is no `+`: adding yen to dollars must be an error that somebody handles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decimal::{self, Decimal};

/// An ISO 4217 currency in use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies with two decimals. ISO 4217 list one (SIX Financial Information, the maintenance agency), with amendments up to 180:
/// the leone is SLE, the Caribbean guilder XCG, the euro replaced the kuna (2023) and the lev (2026). Funds, metals and test codes are left out,
/// as nobody is paid in them.
const TWO_DECIMALS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP \
    CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
    LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR \
    ZMW ZWG";
/// Currencies without decimals. Same source.
const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Currencies with three decimals. Same source.
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// How a fraction of a minor unit is dropped. Named at every call, because laws and contracts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; a half goes to the even neighbour. The house's default.
    HalfEven,
    /// To the nearest; a half goes away from zero, as most tax laws write it.
    HalfUp,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

/// An amount of money.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
pub struct Money {
    /// Decimal text with exactly the currency's decimals.
    #[serde(rename = "amount", serialize_with = "never_a_number")]
    #[schemars(with = "String", regex(pattern = r"^-?[0-9]+(\.[0-9]{2,3})?$"))]
    minor: Minor,
    currency: Currency,
}

/// Minor units with their exponent, only to write them out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Minor(i64, u8);

/// What is wrong with an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such currency.
    #[error("`{0}` is not a currency in use; write its three capital letters of ISO 4217, for example USD")]
    Currency(String),
    /// Not written as an amount.
    #[error("`{0}` is not an amount; write digits with at most one point, for example 12500.00")]
    Syntax(String),
    /// More decimals than the currency has.
    #[error("`{text}` has {given} decimals, but {currency} has {allowed}; write the amount as it can be paid")]
    Decimals {
        /// What was given.
        text: String,
        /// Its decimals.
        given: u8,
        /// The currency.
        currency: Currency,
        /// The currency's decimals.
        allowed: u8,
    },
    /// Two currencies in one sum.
    #[error("{left} and {right} cannot be added or compared; convert one of them by a stated rate first")]
    Mixed {
        /// The first amount's.
        left: Currency,
        /// The second amount's.
        right: Currency,
    },
    /// Outside 64 bits of minor units.
    #[error("the amount is too large: at most 92 233 720 368 547 758.07 of a currency with two decimals can be kept")]
    Overflow,
    /// A share of nothing.
    #[error("an amount cannot be divided by zero or into zero parts; give at least one")]
    ByZero,
}

impl Currency {
    /// Its three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals its amounts have: 0, 2 or 3.
    #[must_use]
    pub fn exponent(self) -> u8 {
        if has(NO_DECIMALS, self.code()) {
            0
        } else if has(THREE_DECIMALS, self.code()) {
            3
        } else {
            2
        }
    }
}

fn has(list: &str, code: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == code)
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        let known = [TWO_DECIMALS, NO_DECIMALS, THREE_DECIMALS].iter().any(|list| has(list, code));
        let letters = <[u8; 3]>::try_from(code.as_bytes()).ok().filter(|_| known);
        letters.map(Self).ok_or_else(|| Error::Currency(code.chars().take(16).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

crate::text_column!(Currency);
crate::text_schema!(Currency, "Currency", { "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217." });

impl Money {
    /// This many minor units: `Money::new(1_250_000, usd)` is 12 500.00 US dollars.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor: Minor(minor, currency.exponent()), currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads decimal text exactly: `12500`, `12500.5` and `12500.00` are dollars, `12500.001` is an error.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::Decimals`], [`Error::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Error> {
        let (mantissa, given) = decimal::digits(text).map_err(|error| match error {
            decimal::Error::Syntax(text) => Error::Syntax(text),
            decimal::Error::Range(_) => Error::Overflow,
        })?;
        let allowed = currency.exponent();
        let missing =
            allowed.checked_sub(given).ok_or_else(|| Error::Decimals { text: text.to_owned(), given, currency, allowed })?;
        let unit = 10_i64.pow(u32::from(missing));
        mantissa.checked_mul(unit).map(|minor| Self::new(minor, currency)).ok_or(Error::Overflow)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor.0
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor.0 > 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::Mixed`], [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.same(other)?;
        self.minor.0.checked_add(other.minor.0).map(|minor| Self::new(minor, self.currency)).ok_or(Error::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Error::Mixed`], [`Error::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.same(other)?;
        self.minor.0.checked_sub(other.minor.0).map(|minor| Self::new(minor, self.currency)).ok_or(Error::Overflow)
    }

    /// A whole multiple.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn checked_mul(self, times: i64) -> Result<Self, Error> {
        self.minor.0.checked_mul(times).map(|minor| Self::new(minor, self.currency)).ok_or(Error::Overflow)
    }

    /// The sum of many; nothing for none.
    ///
    /// # Errors
    /// [`Error::Mixed`], [`Error::Overflow`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// `amount × numerator ÷ denominator`, through 128 bits, rounded as named: 110 % is `mul_ratio(110, 100, HalfEven)`.
    ///
    /// # Errors
    /// [`Error::ByZero`], [`Error::Overflow`].
    pub fn mul_ratio(self, numerator: i64, denominator: i64, rounding: Rounding) -> Result<Self, Error> {
        let product = i128::from(self.minor.0) * i128::from(numerator);
        let minor = divide(product, i128::from(denominator), rounding)?;
        i64::try_from(minor).map(|minor| Self::new(minor, self.currency)).map_err(|_| Error::Overflow)
    }

    /// The same worth in another currency: `rate` is how many `to` one of this currency buys.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn convert(self, to: Currency, rate: Decimal, rounding: Rounding) -> Result<Self, Error> {
        let product = i128::from(self.minor.0) * i128::from(rate.mantissa());
        let shift = i32::from(to.exponent()) - i32::from(self.currency.exponent()) - i32::from(rate.scale());
        let unit = 10_i128.pow(shift.unsigned_abs());
        let minor = if shift >= 0 { product.checked_mul(unit).ok_or(Error::Overflow)? } else { divide(product, unit, rounding)? };
        i64::try_from(minor).map(|minor| Self::new(minor, to)).map_err(|_| Error::Overflow)
    }

    /// Splits into `parts` that differ by one minor unit at most and sum to the whole; what does not divide goes to the last ones.
    ///
    /// # Errors
    /// [`Error::ByZero`].
    pub fn split(self, parts: u32) -> Result<Vec<Self>, Error> {
        if parts == 0 {
            return Err(Error::ByZero);
        }
        let share = self.minor.0 / i64::from(parts);
        let rest = self.minor.0 % i64::from(parts);
        let plain = u64::from(parts) - rest.unsigned_abs();
        let amount = |index: u64| Self::new(if index < plain { share } else { share + rest.signum() }, self.currency);
        Ok((0..u64::from(parts)).map(amount).collect())
    }

    fn same(self, other: Self) -> Result<(), Error> {
        if self.currency == other.currency { Ok(()) } else { Err(Error::Mixed { left: self.currency, right: other.currency }) }
    }
}

/// Divides and rounds. Neither product here comes near the ends of 128 bits.
fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Result<i128, Error> {
    if denominator == 0 {
        return Err(Error::ByZero);
    }
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    // Compare the rest with what is left of the divisor: no doubling, so no overflow.
    let half = rest.unsigned_abs().cmp(&(denominator.unsigned_abs() - rest.unsigned_abs()));
    let up = rest != 0
        && match rounding {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => half.is_ge(),
            Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
        };
    Ok(if up { quotient + away } else { quotient })
}

fn never_a_number<S: serde::Serializer>(minor: &Minor, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(minor)
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, self.1)
    }
}

/// The amount without its currency, with exactly the currency's decimals: `12500.00`. [`fmt::Display`] adds the currency.
impl Money {
    /// The amount as text, without the currency.
    #[must_use]
    pub fn amount(self) -> String {
        self.minor.to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.minor)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            amount: String,
            currency: Currency,
        }
        let written = Written::deserialize(deserializer)?;
        Self::parse(&written.amount, written.currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let read = |text: &str, code: &str| Money::parse(text, currency(code));
        assert_eq!(read("12500.00", "USD").unwrap().minor(), 1_250_000);
        assert_eq!(read("12500.5", "USD").unwrap().minor(), 1_250_050);
        assert_eq!(read("1250000", "JPY").unwrap().minor(), 1_250_000);
        assert_eq!(read("-1.005", "KWD").unwrap().minor(), -1_005);
        assert!(matches!(read("1250000.0", "JPY"), Err(Error::Decimals { given: 1, allowed: 0, .. })));
        assert!(matches!(read("1.000", "USD"), Err(Error::Decimals { given: 3, allowed: 2, .. })));
        assert!(matches!(read("1,000", "USD"), Err(Error::Syntax(_))));
        assert_eq!(read("92233720368547758.08", "USD"), Err(Error::Overflow));
        assert_eq!(read("-92233720368547758.08", "USD").unwrap().minor(), i64::MIN);
    }

    #[test]
    fn currencies_outside_the_list_are_refused() {
        for code in ["usd", "US", "USDT", "XXX", "DEM", "", "U D"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
        let count = [TWO_DECIMALS, NO_DECIMALS, THREE_DECIMALS].iter().flat_map(|list| list.split_ascii_whitespace()).count();
        let all: std::collections::BTreeSet<_> =
            [TWO_DECIMALS, NO_DECIMALS, THREE_DECIMALS].iter().flat_map(|list| list.split_ascii_whitespace()).collect();
        assert_eq!(all.len(), count, "a currency stands in two lists");
    }

    #[test]
    fn rounding_goes_where_it_says() {
        let cases = [
            (5, 2, [2, 3, 2, 3]),
            (7, 2, [4, 4, 3, 4]),
            (-5, 2, [-2, -3, -2, -3]),
            (5, -2, [-2, -3, -2, -3]),
            (9, 4, [2, 2, 2, 3]),
            (11, 4, [3, 3, 2, 3]),
            (8, 4, [2, 2, 2, 2]),
        ];
        let ways = [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down, Rounding::Up];
        for (numerator, denominator, expected) in cases {
            let got = ways.map(|way| divide(numerator, denominator, way).unwrap());
            assert_eq!(got, expected, "{numerator}/{denominator}");
        }
    }

    #[test]
    fn a_conversion_moves_the_point_between_currencies() {
        let dollars = Money::parse("12500.00", currency("USD")).unwrap();
        let yen = dollars.convert(currency("JPY"), "151.375".parse().unwrap(), Rounding::HalfEven).unwrap();
        assert_eq!(yen.to_string(), "JPY 1892188");
        let back = yen.convert(currency("KWD"), "0.002".parse().unwrap(), Rounding::Down).unwrap();
        assert_eq!(back.to_string(), "KWD 3784.376");
    }

    #[test]
    fn two_currencies_do_not_add() {
        let mixed = Money::zero(currency("USD")).checked_add(Money::zero(currency("JPY")));
        assert_eq!(
            mixed.unwrap_err().to_string(),
            "USD and JPY cannot be added or compared; convert one of them by a stated rate first"
        );
    }

    #[test]
    fn json_keeps_the_amount_as_text() {
        let money = Money::new(1_250_000, currency("USD"));
        let json = serde_json::to_string(&money).unwrap();
        assert_eq!(json, r#"{"amount":"12500.00","currency":"USD"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }

    proptest! {
        #[test]
        fn a_split_loses_nothing(minor: i64, parts in 1_u32..500) {
            let shares = Money::new(minor, currency("USD")).split(parts).unwrap();
            prop_assert_eq!(shares.len(), parts as usize);
            prop_assert_eq!(shares.iter().map(|share| i128::from(share.minor())).sum::<i128>(), i128::from(minor));
            let (low, high) = (shares.iter().map(|s| s.minor()).min().unwrap(), shares.iter().map(|s| s.minor()).max().unwrap());
            prop_assert!(i128::from(high) - i128::from(low) <= 1);
        }

        #[test]
        fn a_ratio_is_off_by_less_than_one_unit(minor: i64, numerator in -10_000_i64..10_000, denominator in 1_i64..1_000_000) {
            for rounding in [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down, Rounding::Up] {
                if let Ok(result) = Money::new(minor, currency("EUR")).mul_ratio(numerator, denominator, rounding) {
                    let exact = i128::from(minor) * i128::from(numerator);
                    prop_assert!((exact - i128::from(result.minor()) * i128::from(denominator)).abs() < i128::from(denominator));
                }
            }
        }

        #[test]
        fn written_and_read_again_is_the_same(minor: i64, code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money::new(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.amount(), currency(code)).unwrap(), money);
        }

        #[test]
        fn what_is_added_can_be_taken_away(a: i64, b: i64) {
            let (a, b) = (Money::new(a, currency("CNY")), Money::new(b, currency("CNY")));
            if let Ok(sum) = a.checked_add(b) {
                prop_assert_eq!(sum.checked_sub(b).unwrap(), a);
            }
        }
    }
}
