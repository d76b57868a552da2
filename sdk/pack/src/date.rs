//! Civil dates without a zone: days since 1970-01-01 in the proleptic Gregorian calendar, years 1 to 9999.
//!
//! A date outside that range does not exist here: arithmetic that would leave it gives none.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A civil date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

const DAYS_FIRST: i32 = -719_162;
const DAYS_LAST: i32 = 2_932_896;

impl Date {
    /// The date, or none when the calendar has no such day or the year is not 1 to 9999.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // The year begins in March, so that the leap day is its last.
        let (month, day) = (i32::from(month), i32::from(day));
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// The date of a number of days since 1970-01-01, or none outside the years 1 to 9999.
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        (DAYS_FIRST..=DAYS_LAST).contains(&days).then_some(Self(days))
    }

    /// Reads `2026-11-21`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let digits = |from: usize, to: usize| -> Option<u16> {
            bytes
                .get(from..to)?
                .iter()
                .try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
        };
        Self::new(i32::from(digits(0, 4)?), u8::try_from(digits(5, 7)?).ok()?, u8::try_from(digits(8, 10)?).ok()?)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i32 {
        self.0
    }

    /// Year, month and day.
    #[must_use]
    pub fn parts(self) -> (i32, u8, u8) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
    }

    /// The date so many days later, or none when it leaves the calendar.
    #[must_use]
    pub fn add_days(self, days: i64) -> Option<Self> {
        i64::from(self.0).checked_add(days).and_then(|sum| i32::try_from(sum).ok()).and_then(Self::from_days)
    }

    /// The date so many months later, the day cut to the length of that month; none when it leaves the calendar.
    #[must_use]
    pub fn add_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.parts();
        let count = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = u8::try_from(count.rem_euclid(12) + 1).ok()?;
        Self::new(year, month, day.min(days_in_month(year, month)))
    }

    /// Whole months from this date to another; negative when the other is earlier.
    #[must_use]
    pub fn months_until(self, other: Self) -> i64 {
        if other < self {
            return -other.months_until(self);
        }
        let ((from_year, from_month, _), (to_year, to_month, _)) = (self.parts(), other.parts());
        let months = i64::from(to_year - from_year) * 12 + i64::from(to_month) - i64::from(from_month);
        // A month that is not full yet does not count; the cut days of add_months do.
        if self.add_months(months).is_some_and(|reached| reached > other) { months - 1 } else { months }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("a date is written like 2026-11-21"))
    }
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_survives_the_round_trip() {
        for days in DAYS_FIRST..=DAYS_LAST {
            let date = Date::from_days(days).unwrap();
            let (year, month, day) = date.parts();
            assert_eq!(Date::new(year, month, day), Some(date));
        }
        assert_eq!(Date::from_days(DAYS_FIRST).unwrap().to_string(), "0001-01-01");
        assert_eq!(Date::from_days(DAYS_LAST).unwrap().to_string(), "9999-12-31");
        assert_eq!(Date::from_days(DAYS_LAST + 1), None);
    }

    #[test]
    fn months_are_cut_to_their_length() {
        let date = |text| Date::parse(text).unwrap();
        assert_eq!(date("2026-01-31").add_months(1), Some(date("2026-02-28")));
        assert_eq!(date("2024-03-31").add_months(-1), Some(date("2024-02-29")));
        assert_eq!(date("2026-01-31").months_until(date("2026-02-28")), 1);
        assert_eq!(date("2026-01-15").months_until(date("2026-03-14")), 1);
        assert_eq!(date("2026-03-15").months_until(date("2026-01-15")), -2);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-1-01", "0000-01-01", "2026/01/01", "2026-01-011", ""] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
