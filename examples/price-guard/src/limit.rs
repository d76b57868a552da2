//! The rule: which prices are above a limit.

/// A limit as the administrator writes it, in the smallest unit of a currency: `15000` or `15000.50`. None when it does not fit the currency.
#[must_use]
pub fn minor(limit: &str, currency: &str) -> Option<i64> {
    let decimals = decimals(currency);
    let (whole, part) = limit.split_once('.').unwrap_or((limit, ""));
    let part = part.trim_end_matches('0');
    if part.len() > decimals || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{whole}{part:0<decimals$}");
    padded.parse().ok()
}

/// How many decimals a currency has (ISO 4217).
fn decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// The rows whose price is above the limit, from 0.
#[must_use]
pub fn above(prices: &[i64], limit: i64) -> Vec<usize> {
    prices.iter().enumerate().filter(|(_, price)| **price > limit).map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_in_the_units_of_its_currency() {
        assert_eq!(minor("15000", "USD"), Some(1_500_000));
        assert_eq!(minor("15000.5", "USD"), Some(1_500_050));
        assert_eq!(minor("2000000", "JPY"), Some(2_000_000));
        assert_eq!(minor("2000000.00", "JPY"), Some(2_000_000));
        assert_eq!(minor("0.125", "KWD"), Some(125));
        assert_eq!(minor("15000", "XAF"), Some(15_000));
        assert_eq!(minor("1", "IQD"), Some(1_000));
        assert_eq!(minor("0.5", "JPY"), None);
        assert_eq!(minor("1.001", "USD"), None);
        assert_eq!(minor("x", "USD"), None);
    }

    #[test]
    fn only_what_is_above_is_named() {
        assert_eq!(above(&[10, 11, 12], 11), [2]);
        assert!(above(&[], 0).is_empty());
    }
}
