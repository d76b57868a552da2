//! The interpreter: walks a program over one row of the order.
//!
//! A machine lives for one call. It remembers shared aggregates and decisions, so that the work grows with the rows and not with their
//! square. It never panics: damaged programs, numbers out of range and mixed currencies are faults.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::call::{self, Codes};
use crate::code::{Operation, Reader};
use crate::date::Date;
use crate::function::{Aggregate, Function};
use crate::table::{Code, Scope, Table};
use crate::value::{Column, Fault, Value};

/// How deep programs may nest, decisions included.
pub(crate) const DEPTH_MAX: usize = 64;

const DAMAGED: Fault = Fault::Table("a program points outside its table");

/// The current row of each scope.
pub(crate) type Rows = [usize; 3];

enum Memo<'t> {
    Value(Value<'t>),
    Flags(Vec<bool>),
}

/// One table over one order.
pub(crate) struct Machine<'t> {
    table: &'t Table<'t>,
    /// The column of each path of the table, where it was read.
    columns: Vec<Option<&'t Column>>,
    as_of: Date,
    /// What `clock` means for the rule at hand.
    pub(crate) clock: Date,
    counts: [usize; 3],
    shared: Vec<Option<Memo<'t>>>,
    decided: Vec<Vec<Option<Value<'t>>>>,
    stack: Vec<Value<'t>>,
}

impl<'t> Machine<'t> {
    pub(crate) fn new(table: &'t Table<'t>, columns: Vec<Option<&'t Column>>, counts: [usize; 3], as_of: Date) -> Self {
        let shared = table.shared.iter().map(|_| None).collect();
        let decided = table.decisions.iter().map(|_| Vec::new()).collect();
        Self { table, columns, as_of, clock: as_of, counts, shared, decided, stack: Vec::new() }
    }

    pub(crate) fn count(&self, scope: Scope) -> usize {
        self.counts.get(scope as usize).copied().unwrap_or_default()
    }

    /// The value of an order-wide date field; none when the order does not say.
    pub(crate) fn date(&self, path: u16) -> Result<Option<Date>, Fault> {
        match self.column(usize::from(path))?.value(0) {
            Value::None => Ok(None),
            value => value.date().map(Some),
        }
    }

    pub(crate) fn run(&mut self, code: Code<'t>, rows: Rows) -> Result<Value<'t>, Fault> {
        self.stack.clear();
        self.evaluate(&mut Reader::new(code), rows, 0)
    }

    fn column(&self, path: usize) -> Result<&'t Column, Fault> {
        self.columns.get(path).copied().flatten().ok_or(DAMAGED)
    }

    fn evaluate(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::Table("a program nests too deep"));
        }
        let operation = code.operation()?;
        Ok(match operation {
            Operation::None => Value::None,
            Operation::True => Value::Boolean(true),
            Operation::False => Value::Boolean(false),
            Operation::Integer => Value::Integer(i64::try_from(code.signed()?).map_err(|_| Fault::Overflow)?),
            Operation::Decimal => call::decimal(code.signed()?, code.byte()?)?,
            Operation::Text => Value::Text(Cow::Borrowed(code.text()?)),
            Operation::Date => call::date_of_days(code.signed()?)?,
            Operation::Field => self.field(code.index()?, rows)?,
            Operation::Clock => Value::Date(self.clock),
            Operation::AsOf => Value::Date(self.as_of),
            Operation::Row => {
                let scope = scope(code.byte()?)?;
                let row = rows.get(scope as usize).copied().unwrap_or_default();
                Value::Integer(i64::try_from(row).map_err(|_| Fault::Overflow)?.checked_add(1).ok_or(Fault::Overflow)?)
            }
            Operation::Not => {
                let value = self.evaluate(code, rows, depth + 1)?.boolean()?;
                value.map_or(Value::None, |value| Value::Boolean(!value))
            }
            Operation::Negate => call::negate(&self.evaluate(code, rows, depth + 1)?)?,
            Operation::And => self.connective(code, rows, depth, false)?,
            Operation::Or => self.connective(code, rows, depth, true)?,
            Operation::If => self.choose(code, rows, depth)?,
            Operation::In => self.member(code, rows, depth)?,
            Operation::Call => self.call(code, rows, depth)?,
            Operation::Aggregate => self.aggregate(code, rows, depth)?,
            Operation::Shared => self.shared(code.index()?, depth)?,
            Operation::Repeats => self.repeats(code.index()?, code.byte()?, rows, depth)?,
            Operation::Decide => self.decide(code.index()?, rows, depth)?,
            comparison => {
                let left = self.evaluate(code, rows, depth + 1)?;
                let right = self.evaluate(code, rows, depth + 1)?;
                call::binary(comparison, left, &right)?
            }
        })
    }

    fn field(&self, path: usize, rows: Rows) -> Result<Value<'t>, Fault> {
        let scope = self.table.paths.get(path).ok_or(DAMAGED)?.scope;
        Ok(self.column(path)?.value(rows.get(scope as usize).copied().unwrap_or_default()))
    }

    /// `and` (decided by false) and `or` (decided by true): the right side is skipped when the left decides.
    fn connective(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize, decisive: bool) -> Result<Value<'t>, Fault> {
        let left = self.evaluate(code, rows, depth + 1)?.boolean()?;
        let right = code.block()?;
        if left == Some(decisive) {
            return Ok(Value::Boolean(decisive));
        }
        let right = self.evaluate(&mut Reader::new(right), rows, depth + 1)?.boolean()?;
        Ok(match (left, right) {
            (_, Some(value)) if value == decisive => Value::Boolean(decisive),
            (Some(_), Some(value)) => Value::Boolean(value),
            _ => Value::None,
        })
    }

    fn choose(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let condition = self.evaluate(code, rows, depth + 1)?.boolean()?;
        let (then, otherwise) = (code.block()?, code.block()?);
        let chosen = if condition == Some(true) { then } else { otherwise };
        self.evaluate(&mut Reader::new(chosen), rows, depth + 1)
    }

    fn member(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let value = self.evaluate(code, rows, depth + 1)?;
        let mut items = Reader::new(code.block()?);
        if value.is_none() {
            return Ok(Value::None);
        }
        let mut unknown = false;
        while !items.is_empty() {
            let item = self.evaluate(&mut items, rows, depth + 1)?;
            match value.same(&item)? {
                Some(true) => return Ok(Value::Boolean(true)),
                Some(false) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { Value::None } else { Value::Boolean(false) })
    }

    fn call(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let function = Function::ALL.get(usize::from(code.byte()?)).copied().ok_or(DAMAGED)?;
        let count = code.byte()?;
        let base = self.stack.len();
        for _ in 0..count {
            let value = self.evaluate(code, rows, depth + 1)?;
            self.stack.push(value);
        }
        let codes = Codes(&self.table.codes);
        let arguments = self.stack.get_mut(base..).ok_or(DAMAGED)?;
        let value = call::function(function, arguments, codes)?;
        self.stack.truncate(base);
        Ok(value)
    }

    fn shared(&mut self, index: usize, depth: usize) -> Result<Value<'t>, Fault> {
        if let Some(Memo::Value(value)) = self.shared.get(index).and_then(Option::as_ref) {
            return Ok(value.clone());
        }
        let code = self.table.shared.get(index).copied().ok_or(DAMAGED)?;
        let value = self.evaluate(&mut Reader::new(code), [0; 3], depth + 1)?;
        *self.shared.get_mut(index).ok_or(DAMAGED)? = Some(Memo::Value(value.clone()));
        Ok(value)
    }

    /// For each row of the scope, whether an earlier one has its value; computed once.
    fn repeats(&mut self, index: usize, over: u8, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let scope = scope(over)?;
        let row = rows.get(scope as usize).copied().unwrap_or_default();
        if !matches!(self.shared.get(index), Some(Some(Memo::Flags(_)))) {
            let body = self.table.shared.get(index).copied().ok_or(DAMAGED)?;
            let mut seen = BTreeSet::new();
            let mut flags = Vec::with_capacity(self.count(scope));
            for at in 0..self.count(scope) {
                let value = self.evaluate(&mut Reader::new(body), at_row([0; 3], scope, at), depth + 1)?;
                flags.push(value.is_present() && !seen.insert(value.render()));
            }
            *self.shared.get_mut(index).ok_or(DAMAGED)? = Some(Memo::Flags(flags));
        }
        match self.shared.get(index) {
            Some(Some(Memo::Flags(flags))) => Ok(Value::Boolean(flags.get(row).copied().unwrap_or_default())),
            _ => Err(DAMAGED),
        }
    }

    fn decide(&mut self, index: usize, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let decision = self.table.decisions.get(index).ok_or(DAMAGED)?;
        let row = match decision.scope {
            Scope::Order => 0,
            scope => rows.get(scope as usize).copied().unwrap_or_default(),
        };
        if let Some(Some(value)) = self.decided.get(index).and_then(|memo| memo.get(row)) {
            return Ok(value.clone());
        }
        let mut answer = Value::None;
        for (when, then) in &decision.rows {
            if self.evaluate(&mut Reader::new(when), rows, depth + 1)?.boolean()? == Some(true) {
                answer = self.evaluate(&mut Reader::new(then), rows, depth + 1)?;
                break;
            }
        }
        let length = self.count(decision.scope).max(1);
        let memo = self.decided.get_mut(index).ok_or(DAMAGED)?;
        memo.resize(length.max(memo.len()), None);
        if let Some(slot) = memo.get_mut(row) {
            *slot = Some(answer.clone());
        }
        Ok(answer)
    }

    fn aggregate(&mut self, code: &mut Reader<'t>, rows: Rows, depth: usize) -> Result<Value<'t>, Fault> {
        let kind = Aggregate::ALL.get(usize::from(code.byte()?)).ok_or(DAMAGED)?.0;
        let scope = scope(code.byte()?)?;
        let body = code.block()?;
        let mut sum = Collected::new(kind);
        let count = self.count(scope);
        if kind == Aggregate::Rows {
            return i64::try_from(count).map(Value::Integer).map_err(|_| Fault::Overflow);
        }
        for row in 0..count {
            let value = self.evaluate(&mut Reader::new(body), at_row(rows, scope, row), depth + 1)?;
            if sum.take(value)? {
                break;
            }
        }
        Ok(sum.finish())
    }
}

fn scope(number: u8) -> Result<Scope, Fault> {
    Scope::ALL.get(usize::from(number)).copied().ok_or(DAMAGED)
}

pub(crate) fn at_row(mut rows: Rows, scope: Scope, row: usize) -> Rows {
    if let Some(slot) = rows.get_mut(scope as usize) {
        *slot = row;
    }
    rows
}

/// What an aggregate has collected so far.
struct Collected<'t> {
    kind: Aggregate,
    value: Value<'t>,
    count: i64,
    seen: BTreeSet<String>,
    list: Vec<String>,
}

impl<'t> Collected<'t> {
    fn new(kind: Aggregate) -> Self {
        let value = match kind {
            Aggregate::Any => Value::Boolean(false),
            Aggregate::All | Aggregate::Same => Value::Boolean(true),
            _ => Value::None,
        };
        Self { kind, value, count: 0, seen: BTreeSet::new(), list: Vec::new() }
    }

    /// Takes the value of the next row; true when the answer is certain.
    fn take(&mut self, value: Value<'t>) -> Result<bool, Fault> {
        match self.kind {
            Aggregate::Any => return self.connect(value.boolean()?, true),
            Aggregate::All => return self.connect(value.boolean()?, false),
            _ if !value.is_present() => return Ok(false),
            Aggregate::Count => self.count += 1,
            Aggregate::Sum if self.value.is_none() => self.value = value,
            Aggregate::Sum => self.value = call::binary(Operation::Add, std::mem::replace(&mut self.value, Value::None), &value)?,
            Aggregate::Smallest => self.keep(value, Ordering::Less)?,
            Aggregate::Largest => self.keep(value, Ordering::Greater)?,
            Aggregate::First => {
                self.value = value;
                return Ok(true);
            }
            Aggregate::Same => {
                self.seen.insert(value.render());
                self.value = Value::Boolean(self.seen.len() <= 1);
                return Ok(self.seen.len() > 1);
            }
            Aggregate::FirstDuplicate => {
                let text = value.render();
                if !self.seen.insert(text.clone()) {
                    self.value = Value::Text(Cow::Owned(text));
                    return Ok(true);
                }
            }
            Aggregate::ListText => self.list.push(value.render()),
            Aggregate::ListDistinct | Aggregate::Distinct => {
                let text = value.render();
                if self.seen.insert(text.clone()) {
                    self.list.push(text);
                }
            }
            Aggregate::Rows | Aggregate::Repeats => return Err(DAMAGED),
        }
        Ok(false)
    }

    fn connect(&mut self, value: Option<bool>, decisive: bool) -> Result<bool, Fault> {
        match value {
            Some(value) if value == decisive => {
                self.value = Value::Boolean(decisive);
                return Ok(true);
            }
            Some(_) => {}
            None => self.value = Value::None,
        }
        Ok(false)
    }

    fn keep(&mut self, value: Value<'t>, wanted: Ordering) -> Result<(), Fault> {
        if value.compare(&self.value)?.is_none_or(|order| order == wanted) {
            self.value = value;
        }
        Ok(())
    }

    fn finish(self) -> Value<'t> {
        match self.kind {
            Aggregate::Count => Value::Integer(self.count),
            Aggregate::Distinct => i64::try_from(self.list.len()).map_or(Value::None, Value::Integer),
            Aggregate::ListText | Aggregate::ListDistinct if self.list.is_empty() => Value::None,
            Aggregate::ListText | Aggregate::ListDistinct => Value::Text(Cow::Owned(self.list.join(", "))),
            _ => self.value,
        }
    }
}
