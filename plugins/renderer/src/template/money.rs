//! Amounts of money as figures. The number of decimals is ISO 4217's.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::number::{self, Digits, invalid};

/// Minor units of a currency.
pub(super) struct Money {
    pub(super) minor: i128,
    pub(super) currency: String,
}

impl Money {
    /// From `{"minor": …, "currency": …}`, or from minor units when the currency is given beside them.
    pub(super) fn read(value: &Value, currency: Option<&str>) -> Result<Self, Error> {
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        let (minor, currency) = match (value.kind(), currency) {
            (ValueKind::Map, None) => {
                let currency = value.get_attr("currency")?;
                let currency = currency.as_str().ok_or_else(|| invalid("the money has no currency: give its ISO 4217 code"))?;
                (number::whole_field(value, "minor")?, currency.to_owned())
            }
            (ValueKind::Map, Some(_)) => return Err(invalid("the money already has a currency: name none in the filter")),
            (_, Some(currency)) => (number::whole(value)?, currency.to_owned()),
            (_, None) => {
                return Err(invalid("the amount has no currency: give a money, or name it in the filter: `| money(\"USD\")`"));
            }
        };
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(invalid(format!("`{currency}` is no currency: give the three capital letters of ISO 4217")));
        }
        Ok(Self { minor, currency })
    }

    /// Digits behind the point, as ISO 4217 lists them.
    pub(super) fn decimals(&self) -> u32 {
        match self.currency.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }

    pub(super) fn figures(&self) -> Result<String, Error> {
        let decimals = self.decimals();
        number::scaled(self.minor, decimals, Digits::Exactly(decimals))
    }
}

/// The `money` filter.
pub(super) fn money(value: &Value, currency: Option<&str>, options: Kwargs) -> Result<String, Error> {
    let code = options.get::<Option<bool>>("code")?.unwrap_or(false);
    options.assert_all_used()?;
    let money = Money::read(value, currency)?;
    let figures = money.figures()?;
    Ok(if code { format!("{} {figures}", money.currency) } else { figures })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_decimals_of_their_currency() {
        let cases = [
            (1_250_000, "USD", "12,500.00"),
            (1_250_000, "JPY", "1,250,000"),
            (1_250_500, "KWD", "1,250.500"),
            (5, "EUR", "0.05"),
            (-123_456, "KES", "-1,234.56"),
            (i128::from(i64::MAX), "USD", "92,233,720,368,547,758.07"),
        ];
        for (minor, currency, expected) in cases {
            assert_eq!(Money { minor, currency: currency.to_owned() }.figures().unwrap(), expected);
        }
    }
}
