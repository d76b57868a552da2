//! The filters and functions that trade papers need. Their results are text, escaped like any other value, unless said otherwise here.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

use super::number::{self, Digits};
use super::{Finish, date, money, qr, volume, words};

pub(super) fn add(environment: &mut Environment<'static>, finish: Finish) {
    environment.add_filter("money", money::money);
    environment.add_filter("amount_in_words", words::amount_in_words);
    environment.add_filter("date", date::date);
    environment.add_filter("thousands", number::thousands);
    environment.add_filter("kg", |grams: &Value, digits: Option<u32>| number::scaled(number::whole(grams)?, 3, digits.into()));
    environment.add_filter("m3", |cubic_cm: &Value, digits: Option<u32>| {
        number::scaled(number::whole(cubic_cm)?, 6, Digits::Exactly(digits.unwrap_or(3)))
    });
    environment.add_filter("percent", |ppm: &Value, digits: Option<u32>| number::scaled(number::whole(ppm)?, 4, digits.into()));
    environment.add_filter("decimal", decimal);
    environment.add_function("volume", volume::volume);
    if finish == Finish::Typst {
        environment.add_filter("int", int);
        environment.add_filter("bool", bool);
        environment.add_function("qr", qr::qr);
    }
}

/// `{"mantissa": 70125, "scale": 4}` is 7.0125.
fn decimal(value: &Value, digits: Option<u32>) -> Result<String, Error> {
    let scale = u32::try_from(number::whole_field(value, "scale")?)
        .map_err(|_| number::invalid("the scale of a decimal is below zero or too large: check the data"))?;
    number::scaled(number::whole_field(value, "mantissa")?, scale, digits.map_or(Digits::Exactly(scale), Digits::Exactly))
}

/// A bare Typst integer: digits and a sign, so it needs no quotes.
fn int(value: &Value) -> Result<Value, Error> {
    number::whole(value).map(|number| Value::from_safe_string(number.to_string()))
}

/// A bare Typst boolean.
fn bool(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    Ok(Value::from_safe_string(value.is_true().to_string()))
}
