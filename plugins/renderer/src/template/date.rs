//! Civil dates as text.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::number::{invalid, whole_field};

const MONTHS: [(&str, &str); 12] = [
    ("Jan", "January"),
    ("Feb", "February"),
    ("Mar", "March"),
    ("Apr", "April"),
    ("May", "May"),
    ("Jun", "June"),
    ("Jul", "July"),
    ("Aug", "August"),
    ("Sep", "September"),
    ("Oct", "October"),
    ("Nov", "November"),
    ("Dec", "December"),
];

/// The `date` filter. `short` names the month, because 01/03 means two days in two countries.
pub(super) fn date(value: &Value, style: Option<&str>) -> Result<String, Error> {
    let (year, month, day) = read(value)?;
    let names = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default();
    match style.unwrap_or("short") {
        "short" => Ok(format!("{day:02} {} {year}", names.0)),
        "long" => Ok(format!("{day} {} {year}", names.1)),
        "iso" => Ok(format!("{year:04}-{month:02}-{day:02}")),
        "zh" | "ja" => Ok(format!("{year}年{month}月{day}日")),
        other => Err(invalid(format!("no date style `{other}`: write short, long, iso, zh or ja"))),
    }
}

/// From `2026-03-01`, or `{"year": 2026, "month": 3, "day": 1}`.
fn read(value: &Value) -> Result<(i128, i128, i128), Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let parts = match value.kind() {
        ValueKind::Map => Some((whole_field(value, "year")?, whole_field(value, "month")?, whole_field(value, "day")?)),
        ValueKind::String => value.as_str().and_then(parse),
        _ => None,
    };
    parts
        .filter(|&(year, month, day)| {
            (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day)
        })
        .ok_or_else(|| invalid(format!("`{value}` is no date: write it as 2026-03-01")))
}

/// Year, month and day of `2026-03-01`.
pub(crate) fn civil_date(text: &str) -> Option<(i128, i128, i128)> {
    parse(text).filter(is_civil)
}

fn is_civil(&(year, month, day): &(i128, i128, i128)) -> bool {
    (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day)
}

fn parse(text: &str) -> Option<(i128, i128, i128)> {
    if text.len() != 10
        || !text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
    {
        return None;
    }
    Some((text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?, text.get(8..)?.parse().ok()?))
}

fn days(year: i128, month: i128) -> i128 {
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
    fn dates_have_five_styles_and_a_calendar() {
        let day = Value::from("2026-03-01");
        let cases = [
            ("short", "01 Mar 2026"),
            ("long", "1 March 2026"),
            ("iso", "2026-03-01"),
            ("zh", "2026年3月1日"),
            ("ja", "2026年3月1日"),
        ];
        for (style, expected) in cases {
            assert_eq!(date(&day, Some(style)).unwrap(), expected);
        }
        assert_eq!(date(&Value::from("2024-02-29"), None).unwrap(), "29 Feb 2024");
        for wrong in ["2026-02-29", "2026-13-01", "2026-3-1", "2026-03-00", "today", "２０２６-03-01"] {
            assert!(date(&Value::from(wrong), None).is_err(), "{wrong}");
        }
    }
}
