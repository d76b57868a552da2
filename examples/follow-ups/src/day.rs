//! Civil dates, as much of them as follow-ups need.

/// Days since 1970-01-01 of a date of the Gregorian calendar; `month` from 1 to 12, `day` from 1. After Howard Hinnant's `days_from_civil`.
#[must_use]
pub fn number(year: i16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date with this number: year, month, day.
#[must_use]
pub fn date(number: i64) -> (i16, u8, u8) {
    let days = number + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (i16::try_from(year).unwrap_or(i16::MAX), u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_one_to_one() {
        assert_eq!(number(1970, 1, 1), 0);
        assert_eq!(number(2026, 3, 1) - number(2026, 2, 28), 1);
        assert_eq!(number(2028, 3, 1) - number(2028, 2, 28), 2);
        for day in -800_000..800_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(number(year, month, of_month), day);
        }
    }
}
