//! What operators and functions do with finished values.
//!
//! None in, none out, except where `function.rs` says otherwise. Arithmetic is checked: a result out of range is a fault.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::code::{Operation, Reader};
use crate::date::Date;
use crate::decimal::{Decimal, Rounding};
use crate::function::Function;
use crate::identifier;
use crate::value::{Fault, Value, money_text};

/// The longest text that an expression may build, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
const PADDED_CHARACTERS_MAX: usize = 200;
const PLACES_MAX: i64 = 12;

/// The code tables of the pack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codes<'a, 't>(pub(crate) &'a [&'t [u8]]);

impl<'t> Codes<'_, 't> {
    fn find(self, table: &Value<'_>, code: &str) -> Result<Option<&'t str>, Fault> {
        let index = usize::try_from(table.integer()?).map_err(|_| Fault::Table("no such code table"))?;
        let mut pairs = Reader::new(self.0.get(index).copied().ok_or(Fault::Table("no such code table"))?);
        while !pairs.is_empty() {
            let (known, text) = (pairs.text()?, pairs.text()?);
            if known == code {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

pub(crate) fn decimal<'t>(mantissa: i128, scale: u8) -> Result<Value<'t>, Fault> {
    Decimal::new(mantissa, scale).map(Value::Decimal).ok_or(Fault::Overflow)
}

pub(crate) fn date_of_days<'t>(days: i128) -> Result<Value<'t>, Fault> {
    let days = i32::try_from(days).map_err(|_| Fault::Table("no such date"))?;
    Date::from_days(days).map(Value::Date).ok_or(Fault::Table("no such date"))
}

pub(crate) fn negate<'t>(value: &Value<'t>) -> Result<Value<'t>, Fault> {
    match value {
        Value::None => Ok(Value::None),
        Value::Integer(value) => value.checked_neg().map(Value::Integer).ok_or(Fault::Overflow),
        Value::Money(minor, currency) => {
            minor.checked_neg().map(|minor| Value::Money(minor, currency.clone())).ok_or(Fault::Overflow)
        }
        value => value.decimal()?.negate().map(Value::Decimal).ok_or(Fault::Overflow),
    }
}

/// Comparisons and arithmetic.
pub(crate) fn binary<'t>(operation: Operation, left: Value<'t>, right: &Value<'t>) -> Result<Value<'t>, Fault> {
    if left.is_none() || right.is_none() {
        return Ok(Value::None);
    }
    let order =
        |accepted: fn(Ordering) -> bool| Ok(left.compare(right)?.map_or(Value::None, |order| Value::Boolean(accepted(order))));
    match operation {
        Operation::Equal => Ok(left.same(right)?.map_or(Value::None, Value::Boolean)),
        Operation::NotEqual => Ok(left.same(right)?.map_or(Value::None, |same| Value::Boolean(!same))),
        Operation::Less => order(Ordering::is_lt),
        Operation::LessEqual => order(Ordering::is_le),
        Operation::Greater => order(Ordering::is_gt),
        Operation::GreaterEqual => order(Ordering::is_ge),
        Operation::Add => add(left, right),
        Operation::Subtract => subtract(left, right),
        Operation::Multiply => multiply(left, right),
        _ => Err(Fault::Table("not an operator")),
    }
}

fn add<'t>(left: Value<'t>, right: &Value<'t>) -> Result<Value<'t>, Fault> {
    Ok(match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Value::Integer(left.checked_add(*right).ok_or(Fault::Overflow)?),
        (Value::Money(left, currency), Value::Money(right, other)) => {
            (currency == *other).then_some(()).ok_or(Fault::Currencies)?;
            Value::Money(left.checked_add(*right).ok_or(Fault::Overflow)?, currency)
        }
        (Value::Date(date), Value::Integer(days)) => date.add_days(*days).map_or(Value::None, Value::Date),
        (Value::Text(left), Value::Text(right)) => {
            let mut joined = left.into_owned();
            joined.push_str(right);
            bounded(joined)?
        }
        (left, right) => Value::Decimal(left.decimal()?.checked_add(right.decimal()?).ok_or(Fault::Overflow)?),
    })
}

fn subtract<'t>(left: Value<'t>, right: &Value<'t>) -> Result<Value<'t>, Fault> {
    Ok(match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Value::Integer(left.checked_sub(*right).ok_or(Fault::Overflow)?),
        (Value::Money(left, currency), Value::Money(right, other)) => {
            (currency == *other).then_some(()).ok_or(Fault::Currencies)?;
            Value::Money(left.checked_sub(*right).ok_or(Fault::Overflow)?, currency)
        }
        (Value::Date(left), Value::Date(right)) => Value::Integer(i64::from(left.days()) - i64::from(right.days())),
        (Value::Date(date), Value::Integer(days)) => {
            let earlier = days.checked_neg().and_then(|days| date.add_days(days));
            earlier.map_or(Value::None, Value::Date)
        }
        (left, right) => Value::Decimal(left.decimal()?.checked_subtract(right.decimal()?).ok_or(Fault::Overflow)?),
    })
}

fn multiply<'t>(left: Value<'t>, right: &Value<'t>) -> Result<Value<'t>, Fault> {
    Ok(match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Value::Integer(left.checked_mul(*right).ok_or(Fault::Overflow)?),
        (Value::Money(minor, currency), Value::Integer(times)) => {
            Value::Money(minor.checked_mul(*times).ok_or(Fault::Overflow)?, currency)
        }
        (Value::Integer(times), Value::Money(minor, currency)) => {
            Value::Money(minor.checked_mul(times).ok_or(Fault::Overflow)?, currency.clone())
        }
        (left, right) => Value::Decimal(left.decimal()?.checked_multiply(right.decimal()?).ok_or(Fault::Overflow)?),
    })
}

/// A function on its arguments. Takes the arguments out of the slice where it can keep them.
pub(crate) fn function<'t>(function: Function, arguments: &mut [Value<'t>], codes: Codes<'_, 't>) -> Result<Value<'t>, Fault> {
    match function {
        Function::Present => return Ok(Value::Boolean(arguments.iter().any(Value::is_present))),
        Function::Coalesce => {
            let found = arguments.iter_mut().find(|value| value.is_present());
            return Ok(found.map_or(Value::None, |value| std::mem::replace(value, Value::None)));
        }
        Function::JoinPresent => return join(arguments),
        _ if arguments.iter().any(Value::is_none) => return Ok(Value::None),
        Function::Min => return extreme(arguments, Ordering::Less),
        Function::Max => return extreme(arguments, Ordering::Greater),
        _ => {}
    }
    match arguments {
        [one] => unary(function, one),
        [one, two] => pair(function, one, two, codes),
        [one, two, three] => triple(function, one, two, three),
        [one, two, three, four] if function == Function::Divide => {
            let (Some(places), Some(rounding)) = (places(three)?, Rounding::named(four.text()?)) else {
                return Err(Fault::Overflow);
            };
            divide(one.decimal()?, two.decimal()?, places, rounding)
        }
        _ => Err(WRONG_CALL),
    }
}

const WRONG_CALL: Fault = Fault::Table("a function is called with the wrong arguments");

fn unary<'t>(function: Function, value: &mut Value<'t>) -> Result<Value<'t>, Fault> {
    let part = |part: fn((i32, u8, u8)) -> i64| Ok(Value::Integer(part(value.date()?.parts())));
    match function {
        Function::Year => part(|(year, _, _)| i64::from(year)),
        Function::Month => part(|(_, month, _)| i64::from(month)),
        Function::Day => part(|(_, _, day)| i64::from(day)),
        Function::DateDigits => Ok(owned(value.date()?.to_string().replace('-', ""))),
        Function::Abs => match value.compare(&zero_like(value)?)? {
            Some(Ordering::Less) => negate(value),
            _ => Ok(value.clone()),
        },
        Function::Floor => whole(value.decimal()?.floor()),
        Function::Ceiling => whole(value.decimal()?.negate().and_then(Decimal::floor).and_then(i128::checked_neg)),
        Function::Minor => Ok(Value::Integer(value.money()?.0)),
        Function::CurrencyOf => Ok(owned(value.money()?.1.to_owned())),
        Function::MoneyText => value.money().map(|(minor, currency)| owned(money_text(minor, currency))),
        Function::KgText => rounded_text(value.decimal()?, 3).map(|decimal| owned(decimal.trimmed().to_string())),
        Function::CubicMetreText => scaled(value.decimal()?, 6, 3),
        Function::MetreText => scaled(value.decimal()?, 3, 2),
        Function::ToText => Ok(owned(value.render())),
        Function::Trim => Ok(match value {
            Value::Text(Cow::Borrowed(text)) => Value::Text(Cow::Borrowed(text.trim())),
            value => owned(value.text()?.trim().to_owned()),
        }),
        _ => of_text(function, value.text()?),
    }
}

fn of_text<'t>(function: Function, text: &str) -> Result<Value<'t>, Fault> {
    Ok(match function {
        Function::Length => count(text.chars().count())?,
        Function::Upper => bounded(text.to_uppercase())?,
        Function::Lower => bounded(text.to_lowercase())?,
        Function::NormaliseId => owned(identifier::normalised(text)),
        Function::IsAlphanumeric => Value::Boolean(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())),
        Function::IsLatin => Value::Boolean(text.bytes().all(|byte| matches!(byte, b' '..=b'~'))),
        Function::DigitsOf => owned(text.chars().filter(char::is_ascii_digit).collect()),
        Function::ToInteger => text.trim().parse().map_or(Value::None, Value::Integer),
        Function::VinWellFormed => Value::Boolean(identifier::vin_well_formed(text)),
        Function::VinCheckDigitOk => Value::Boolean(identifier::vin_check_digit_ok(text)),
        Function::VinYearCode => identifier::vin_year_code(text).map_or(Value::None, |code| owned(code.to_string())),
        Function::FrameWellFormed => Value::Boolean(identifier::frame_well_formed(text)),
        Function::UsccCheckOk => Value::Boolean(identifier::uscc_check_ok(text)),
        Function::ContainerCheckDigitOk => Value::Boolean(identifier::container_check_digit_ok(text)),
        _ => return Err(WRONG_CALL),
    })
}

fn pair<'t>(function: Function, one: &mut Value<'t>, two: &Value<'t>, codes: Codes<'_, 't>) -> Result<Value<'t>, Fault> {
    Ok(match function {
        Function::DaysBetween => Value::Integer(i64::from(two.date()?.days()) - i64::from(one.date()?.days())),
        Function::MonthsBetween => Value::Integer(one.date()?.months_until(two.date()?)),
        Function::AddDays => one.date()?.add_days(two.integer()?).map_or(Value::None, Value::Date),
        Function::AddMonths => one.date()?.add_months(two.integer()?).map_or(Value::None, Value::Date),
        Function::StartsWith => Value::Boolean(one.text()?.starts_with(two.text()?)),
        Function::EndsWith => Value::Boolean(one.text()?.ends_with(two.text()?)),
        Function::Contains => Value::Boolean(one.text()?.contains(two.text()?)),
        Function::MatchesMask => Value::Boolean(identifier::matches_mask(one.text()?, two.text()?)),
        Function::Ratio => ratio(one, two)?,
        Function::MoneyOf => Value::Money(one.integer()?, Cow::Owned(two.text()?.to_owned())),
        Function::FixedText => {
            let places = places(two)?.ok_or(Fault::Overflow)?;
            owned(rounded_text(one.decimal()?, places)?.to_string())
        }
        Function::Lookup => codes.find(one, two.text()?)?.map_or(Value::None, |text| Value::Text(Cow::Borrowed(text))),
        Function::HasCode => Value::Boolean(codes.find(one, two.text()?)?.is_some()),
        _ => return Err(WRONG_CALL),
    })
}

fn triple<'t>(function: Function, one: &mut Value<'t>, two: &Value<'t>, three: &Value<'t>) -> Result<Value<'t>, Fault> {
    match function {
        Function::DateOf => {
            let year = i32::try_from(one.integer()?).ok();
            let month = u8::try_from(two.integer()?).ok();
            let day = u8::try_from(three.integer()?).ok();
            let date = year.zip(month).zip(day).and_then(|((year, month), day)| Date::new(year, month, day));
            Ok(date.map_or(Value::None, Value::Date))
        }
        Function::Slice => slice(one.text()?, two.integer()?, three.integer()?),
        Function::Replace => replace(one.text()?, two.text()?, three.text()?),
        Function::PadLeft => {
            let (text, fill) = (one.text()?, three.text()?.chars().next().unwrap_or(' '));
            let wanted = usize::try_from(two.integer()?).unwrap_or_default().min(PADDED_CHARACTERS_MAX);
            let lacking = wanted.saturating_sub(text.chars().count());
            Ok(owned(std::iter::repeat_n(fill, lacking).chain(text.chars()).collect()))
        }
        Function::Round => {
            let (Some(places), Some(rounding)) = (places(two)?, Rounding::named(three.text()?)) else {
                return Err(Fault::Overflow);
            };
            one.decimal()?.round(places, rounding).map(Value::Decimal).ok_or(Fault::Overflow)
        }
        Function::Portion => portion(one, two, three),
        _ => Err(WRONG_CALL),
    }
}

fn portion<'t>(money: &Value<'t>, times: &Value<'t>, rounding: &Value<'t>) -> Result<Value<'t>, Fault> {
    let (minor, currency) = money.money()?;
    let rounding = Rounding::named(rounding.text()?).ok_or(WRONG_CALL)?;
    let product = Decimal::from(minor).checked_multiply(times.decimal()?).and_then(|product| product.round(0, rounding));
    let minor = product.and_then(|product| i64::try_from(product.mantissa()).ok()).ok_or(Fault::Overflow)?;
    Ok(Value::Money(minor, Cow::Owned(currency.to_owned())))
}

fn ratio<'t>(one: &Value<'t>, two: &Value<'t>) -> Result<Value<'t>, Fault> {
    let (above, below) = match (one, two) {
        (Value::Money(above, currency), Value::Money(below, other)) if currency == other => {
            (Decimal::from(*above), Decimal::from(*below))
        }
        (Value::Money(..), Value::Money(..)) => return Err(Fault::Currencies),
        _ => (one.decimal()?, two.decimal()?),
    };
    divide(above, below, 6, Rounding::HalfEven)
}

fn divide<'t>(above: Decimal, below: Decimal, places: u8, rounding: Rounding) -> Result<Value<'t>, Fault> {
    if below.mantissa() == 0 {
        return Ok(Value::None);
    }
    above.checked_divide(below, places, rounding).map(Value::Decimal).ok_or(Fault::Overflow)
}

/// A number of decimals, none when it is not 0 to 12.
fn places(value: &Value<'_>) -> Result<Option<u8>, Fault> {
    let places = value.integer()?;
    Ok((0..=PLACES_MAX).contains(&places).then(|| u8::try_from(places).unwrap_or_default()))
}

fn rounded_text(value: Decimal, places: u8) -> Result<Decimal, Fault> {
    value.round(places, Rounding::HalfEven).ok_or(Fault::Overflow)
}

/// A whole number of small units as text in units 10^`down` as large.
fn scaled<'t>(value: Decimal, down: u8, places: u8) -> Result<Value<'t>, Fault> {
    let unit = Decimal::from(10_i64.checked_pow(u32::from(down)).ok_or(Fault::Overflow)?);
    let scaled = value.checked_divide(unit, places, Rounding::HalfEven).ok_or(Fault::Overflow)?;
    Ok(owned(scaled.to_string()))
}

fn whole<'t>(value: Option<i128>) -> Result<Value<'t>, Fault> {
    value.and_then(|value| i64::try_from(value).ok()).map(Value::Integer).ok_or(Fault::Overflow)
}

fn zero_like<'t>(value: &Value<'t>) -> Result<Value<'t>, Fault> {
    match value {
        Value::Money(_, currency) => Ok(Value::Money(0, currency.clone())),
        value => value.decimal().map(|_| Value::Integer(0)),
    }
}

fn extreme<'t>(arguments: &mut [Value<'t>], wanted: Ordering) -> Result<Value<'t>, Fault> {
    let (first, others) = arguments.split_first_mut().ok_or(WRONG_CALL)?;
    let mut best = &*first;
    for other in &*others {
        if other.compare(best)? == Some(wanted) {
            best = other;
        }
    }
    Ok(best.clone())
}

fn join<'t>(arguments: &[Value<'t>]) -> Result<Value<'t>, Fault> {
    let (separator, parts) = arguments.split_first().ok_or(WRONG_CALL)?;
    let mut present = Vec::with_capacity(parts.len());
    for part in parts.iter().filter(|part| part.is_present()) {
        present.push(part.text()?.trim());
    }
    if separator.is_none() || present.is_empty() {
        return Ok(Value::None);
    }
    bounded(present.join(separator.text()?))
}

fn slice<'t>(text: &str, from: i64, to: i64) -> Result<Value<'t>, Fault> {
    let from = usize::try_from(from.max(1)).map_err(|_| Fault::Overflow)?;
    let to = usize::try_from(to.max(0)).map_err(|_| Fault::Overflow)?;
    Ok(owned(text.chars().take(to).skip(from - 1).collect()))
}

fn replace<'t>(text: &str, from: &str, to: &str) -> Result<Value<'t>, Fault> {
    if from.is_empty() {
        return Ok(owned(text.to_owned()));
    }
    // The length is known before the text is built, so that a replacement cannot exhaust the memory.
    let growth = text.matches(from).count().checked_mul(to.len()).ok_or(Fault::Overflow)?;
    if growth > TEXT_BYTES_MAX {
        return Err(Fault::Overflow);
    }
    bounded(text.replace(from, to))
}

fn count<'t>(count: usize) -> Result<Value<'t>, Fault> {
    i64::try_from(count).map(Value::Integer).map_err(|_| Fault::Overflow)
}

fn owned<'t>(text: String) -> Value<'t> {
    Value::Text(Cow::Owned(text))
}

fn bounded<'t>(text: String) -> Result<Value<'t>, Fault> {
    if text.len() > TEXT_BYTES_MAX { Err(Fault::Overflow) } else { Ok(owned(text)) }
}
