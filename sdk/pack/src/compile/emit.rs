//! From trees to programs: names are resolved, types checked, and everything wrong reported with its place.
//!
//! One emitter lives for one pack. It numbers the paths, shares equal aggregates between rules, and notes what each section reads.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{Catalogue, Field};
use super::syntax::{self, Node, Tree};
use super::types::Type;
use crate::code::{Operation, write};
use crate::machine::DEPTH_MAX;
use crate::reader::{Place, Report, suggest};
use crate::table::{Kind, Scope};

/// A decision that was compiled before.
pub(super) struct Decided {
    pub(super) scope: Scope,
    pub(super) gives: Type,
    pub(super) height: usize,
    /// The paths that it reads.
    pub(super) reads: BTreeSet<u16>,
}

pub(super) struct Emitter<'c> {
    pub(super) catalogue: &'c dyn Catalogue,
    pub(super) report: Report,
    numbers: BTreeMap<String, u16>,
    pub(super) paths: Vec<(String, Scope, Kind)>,
    shared: BTreeMap<(bool, Scope, Vec<u8>), usize>,
    pub(super) shared_codes: Vec<Vec<u8>>,
    /// Code tables by name, with their number.
    pub(super) code_tables: BTreeMap<String, usize>,
    pub(super) decisions: BTreeMap<String, (usize, Decided)>,
    /// The declared rules, faulty ones too, with the parameters that every version gives.
    pub(super) rules: BTreeMap<String, BTreeSet<String>>,
    /// The declared reasons of documents.
    pub(super) reasons: BTreeSet<String>,
    /// What the expressions since the last [`Emitter::take_reads`] read.
    reads: BTreeSet<u16>,
    counted: BTreeSet<Scope>,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'s> {
    pub(super) item: &'s str,
    pub(super) each: Scope,
    pub(super) clock: bool,
}

/// A finished program.
pub(super) struct Program {
    pub(super) code: Vec<u8>,
    pub(super) gives: Type,
    pub(super) uses_clock: bool,
    pub(super) height: usize,
}

/// The state of one expression while it is emitted.
pub(super) struct Frame<'f> {
    setting: Setting<'f>,
    place: Place,
    /// Bytes between the start of `place` and the expression's text.
    offset: usize,
    /// The rows that may be read one by one.
    rows: BTreeSet<Scope>,
    /// The innermost scope with a current row.
    inner: Scope,
    /// The scope of the aggregate around, if any.
    pub(super) inside: Option<Scope>,
    /// Row scopes read since the last aggregate was opened.
    pub(super) touched: BTreeSet<Scope>,
    pub(super) uses_clock: bool,
    pub(super) depth: usize,
    deepest: usize,
}

impl Frame<'_> {
    pub(super) fn each(&self) -> Scope {
        self.setting.each
    }

    /// Opens an aggregate over a scope; the answer restores what was.
    pub(super) fn open(&mut self, scope: Scope) -> Opened {
        let opened = Opened {
            rows: self.rows.clone(),
            inner: self.inner,
            inside: self.inside,
            touched: std::mem::take(&mut self.touched),
            uses_clock: std::mem::take(&mut self.uses_clock),
        };
        self.rows.insert(scope);
        self.inner = scope;
        self.inside = Some(scope);
        // The shared program, its aggregate, and the call that turns no total into 0.
        self.depth += 3;
        opened
    }

    /// Closes it; gives what its body touched and whether it used the clock.
    pub(super) fn close(&mut self, opened: Opened) -> (BTreeSet<Scope>, bool) {
        self.depth -= 3;
        self.rows = opened.rows;
        self.inner = opened.inner;
        self.inside = opened.inside;
        let touched = std::mem::replace(&mut self.touched, opened.touched);
        let used = self.uses_clock;
        self.uses_clock |= opened.uses_clock;
        (touched, used)
    }
}

pub(super) struct Opened {
    rows: BTreeSet<Scope>,
    inner: Scope,
    inside: Option<Scope>,
    touched: BTreeSet<Scope>,
    uses_clock: bool,
}

impl<'c> Emitter<'c> {
    pub(super) fn new(catalogue: &'c dyn Catalogue) -> Self {
        Self {
            catalogue,
            report: Report::default(),
            numbers: BTreeMap::new(),
            paths: Vec::new(),
            shared: BTreeMap::new(),
            shared_codes: Vec::new(),
            code_tables: BTreeMap::new(),
            decisions: BTreeMap::new(),
            rules: BTreeMap::new(),
            reasons: BTreeSet::new(),
            reads: BTreeSet::new(),
            counted: BTreeSet::new(),
        }
    }

    /// Compiles an expression; what is wrong with it is reported at its place. None only when it cannot even be read.
    pub(super) fn program(&mut self, text: &str, place: &Place, setting: Setting<'_>) -> Option<Program> {
        // The place covers the quotes; the text begins behind them unless escapes make it differ.
        let raw = self.report.text(place.file).get(place.span.clone()).unwrap_or_default();
        let offset = raw.find(text).unwrap_or_default();
        let mut frame = Frame {
            setting,
            place: place.clone(),
            offset,
            rows: BTreeSet::from([Scope::Order, setting.each]),
            inner: setting.each,
            inside: None,
            touched: BTreeSet::new(),
            uses_clock: false,
            depth: 0,
            deepest: 0,
        };
        let tree = match syntax::parse(text) {
            Ok(tree) => tree,
            Err(fault) => {
                self.wrong(&frame, fault.at, fault.message, fault.fix);
                return None;
            }
        };
        self.counted.insert(setting.each);
        let mut code = Vec::new();
        let gives = self.emit(&tree, &mut frame, &mut code);
        if frame.deepest > DEPTH_MAX {
            self.wrong(&frame, 0, "the expression nests too deep together with its decisions", "split it");
        }
        Some(Program { code, gives, uses_clock: frame.uses_clock, height: frame.deepest })
    }

    /// Compiles an expression that must be of a type.
    pub(super) fn typed(&mut self, text: &str, place: &Place, setting: Setting<'_>, wanted: Type) -> Option<Program> {
        let program = self.program(text, place, setting)?;
        if !program.gives.fits(wanted) {
            let message = format!("the expression gives {}, not {}", program.gives.name(), wanted.name());
            self.report.add(place, setting.item, message, format!("write an expression that gives {}", wanted.name()));
        }
        Some(program)
    }

    /// What was read since the last call, with a path to count the rows of every scope that was used.
    pub(super) fn take_reads(&mut self) -> BTreeSet<u16> {
        let mut reads = std::mem::take(&mut self.reads);
        for scope in std::mem::take(&mut self.counted) {
            let counts = |path: &u16| self.paths.get(usize::from(*path)).is_some_and(|(_, known, _)| *known == scope);
            if scope == Scope::Order || reads.iter().any(counts) {
                continue;
            }
            let counter = self.catalogue.paths().into_iter().filter_map(|path| Some((self.catalogue.field(&path)?, path)));
            if let Some((field, path)) = counter.into_iter().find(|(field, _)| field.scope == scope) {
                reads.insert(self.number(&path, &field));
            }
        }
        reads
    }

    pub(super) fn add_reads(&mut self, reads: &BTreeSet<u16>) {
        self.reads.extend(reads);
    }

    pub(super) fn count_rows(&mut self, scope: Scope) {
        self.counted.insert(scope);
    }

    /// The number of a path, new when it was not read before.
    pub(super) fn number(&mut self, path: &str, field: &Field) -> u16 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = u16::try_from(self.paths.len()).unwrap_or(u16::MAX);
        self.paths.push((path.to_owned(), field.scope, field.kind));
        self.numbers.insert(path.to_owned(), number);
        number
    }

    /// The number of a path that the pack reads.
    pub(super) fn read(&mut self, path: &str, field: &Field) -> u16 {
        let number = self.number(path, field);
        self.reads.insert(number);
        number
    }

    /// The number of a shared program; equal programs share one.
    pub(super) fn share(&mut self, repeats: bool, scope: Scope, code: Vec<u8>) -> usize {
        let next = self.shared_codes.len();
        let number = *self.shared.entry((repeats, scope, code.clone())).or_insert(next);
        if number == next {
            self.shared_codes.push(code);
        }
        number
    }

    pub(super) fn wrong(&mut self, frame: &Frame<'_>, at: usize, message: impl Into<String>, fix: impl Into<String>) -> Type {
        let start = frame.place.span.start + frame.offset + at;
        let place = Place { file: frame.place.file, span: start..start };
        self.report.add(&place, frame.setting.item, message, fix);
        Type::Any
    }

    pub(super) fn emit(&mut self, tree: &Tree, frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        frame.depth += 1;
        frame.deepest = frame.deepest.max(frame.depth);
        let gives = self.node(tree, frame, code);
        frame.depth -= 1;
        gives
    }

    /// Emits an operand behind its length.
    fn block(&mut self, tree: &Tree, frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        let mut inner = Vec::new();
        let gives = self.emit(tree, frame, &mut inner);
        write::block(code, &inner);
        gives
    }

    fn node(&mut self, tree: &Tree, frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        match &tree.node {
            Node::Path(path) => self.path(tree.at, path, frame, code),
            Node::Not(value) => {
                write::operation(code, Operation::Not);
                self.condition(value, frame, code)
            }
            Node::Negate(value) => {
                write::operation(code, Operation::Negate);
                let gives = self.emit(value, frame, code);
                if gives.is_amount() {
                    gives
                } else {
                    self.wrong(frame, tree.at, format!("`-` stands before {}", gives.name()), "it takes a number or money")
                }
            }
            Node::And(left, right) | Node::Or(left, right) => {
                write::operation(code, if matches!(tree.node, Node::And(..)) { Operation::And } else { Operation::Or });
                self.condition(left, frame, code);
                let mut inner = Vec::new();
                self.condition(right, frame, &mut inner);
                write::block(code, &inner);
                Type::Boolean
            }
            Node::Binary(operation, left, right) => {
                write::operation(code, *operation);
                let gives = (self.emit(left, frame, code), self.emit(right, frame, code));
                self.binary(tree.at, *operation, (left, right), gives, frame)
            }
            Node::In(value, items) => self.member(tree.at, value, items, frame, code),
            Node::If(condition, then, otherwise) => {
                write::operation(code, Operation::If);
                self.condition(condition, frame, code);
                let (then, other) = (self.block(then, frame, code), self.block(otherwise, frame, code));
                then.common(other).unwrap_or_else(|| {
                    let message = format!("`then` gives {} and `else` gives {}", then.name(), other.name());
                    self.wrong(frame, tree.at, message, "let both give one type")
                })
            }
            Node::Call(name, arguments) => self.call(tree.at, name, arguments, frame, code),
            literal => written(literal, code),
        }
    }

    fn condition(&mut self, tree: &Tree, frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        let gives = self.emit(tree, frame, code);
        if !gives.fits(Type::Boolean) {
            self.wrong(
                frame,
                tree.at,
                format!("{} stands where true or false is wanted", gives.name()),
                "write a comparison, or present(…)",
            );
        }
        Type::Boolean
    }

    fn path(&mut self, at: usize, path: &str, frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        match path {
            "clock" if !frame.setting.clock => {
                return self.wrong(frame, at, "there is no `clock` here", "only rules have one; use as_of or a date field");
            }
            "clock" => {
                frame.uses_clock = true;
                write::operation(code, Operation::Clock);
                return Type::Date;
            }
            "as_of" => {
                write::operation(code, Operation::AsOf);
                return Type::Date;
            }
            "row" if frame.inner == Scope::Order => {
                return self.wrong(frame, at, "there is no `row` here", "use it per vehicle or container");
            }
            "row" => {
                frame.touched.insert(frame.inner);
                write::operation(code, Operation::Row);
                code.push(frame.inner as u8);
                return Type::Integer;
            }
            _ => {}
        }
        let Some(field) = self.catalogue.field(path) else {
            let known = self.catalogue.paths();
            let fix = suggest(path, known.iter().map(String::as_str), "see the list of fields");
            return self.wrong(frame, at, format!("there is no field `{path}`"), fix);
        };
        if !frame.rows.contains(&field.scope) {
            let scope = field.scope.name();
            let fix = format!("set each = \"{scope}\", or use an aggregate: any({path} == …), sum({path}), list_text({path})");
            return self.wrong(frame, at, format!("`{path}` has a value for each {scope}"), fix);
        }
        if field.scope != Scope::Order {
            frame.touched.insert(field.scope);
        }
        let number = self.read(path, &field);
        write::operation(code, Operation::Field);
        write::unsigned(code, u128::from(number));
        field.kind.into()
    }

    fn binary(&mut self, at: usize, operation: Operation, sides: (&Tree, &Tree), types: (Type, Type), frame: &Frame<'_>) -> Type {
        let (left, right) = types;
        match operation {
            Operation::Add | Operation::Subtract | Operation::Multiply => {
                return self.arithmetic(at, operation, left, right, frame);
            }
            _ => {}
        }
        let none = [sides.0, sides.1].iter().any(|side| matches!(side.node, Node::None));
        let Some(common) = left.common(right) else {
            let message = format!("{} is compared with {}", left.name(), right.name());
            return self.wrong(frame, at, message, "compare values of one type; text(x) and integer(t) convert");
        };
        if none {
            return self.wrong(frame, at, "nothing is equal to none", "write present(x) or not present(x)");
        }
        let ordered = !matches!(operation, Operation::Equal | Operation::NotEqual);
        if ordered && !common.has_order() {
            return self.wrong(frame, at, format!("{} has no order", common.name()), "compare with == or !=");
        }
        self.choices(sides.0, sides.1, frame);
        self.choices(sides.1, sides.0, frame);
        Type::Boolean
    }

    /// Reports a text that an enumeration can never have.
    fn choices(&mut self, field: &Tree, literal: &Tree, frame: &Frame<'_>) {
        let (Node::Path(path), Node::Text(text)) = (&field.node, &literal.node) else { return };
        let choices = self.catalogue.field(path).map(|field| field.choices).unwrap_or_default();
        if !choices.is_empty() && !choices.contains(text) {
            let fix = suggest(text, choices.iter().map(String::as_str), "see the list of fields");
            self.wrong(frame, literal.at, format!("`{path}` is never \"{text}\""), fix);
        }
    }

    fn arithmetic(&mut self, at: usize, operation: Operation, left: Type, right: Type, frame: &Frame<'_>) -> Type {
        let numbers = left.is_number() && right.is_number();
        let gives = match (operation, left, right) {
            (Operation::Add, Type::Text, Type::Text | Type::Any) | (Operation::Add, Type::Any, Type::Text) => Some(Type::Text),
            (Operation::Add | Operation::Subtract, Type::Money, Type::Money | Type::Any) => Some(Type::Money),
            (Operation::Add | Operation::Subtract, Type::Any, Type::Money) => Some(Type::Money),
            (Operation::Add | Operation::Subtract, Type::Date, Type::Integer | Type::Any) => Some(Type::Date),
            (Operation::Subtract, Type::Date | Type::Any, Type::Date) => Some(Type::Integer),
            (Operation::Multiply, Type::Money, Type::Integer | Type::Any)
            | (Operation::Multiply, Type::Integer | Type::Any, Type::Money) => Some(Type::Money),
            _ if numbers => left.common(right),
            _ => None,
        };
        gives.unwrap_or_else(|| {
            let fix = match (operation, left, right) {
                (Operation::Add, Type::Text, _) | (Operation::Add, _, Type::Text) => "turn the other side into a text: text(x)",
                (Operation::Multiply, Type::Money, _) | (Operation::Multiply, _, Type::Money) => {
                    "use portion(money, number, rounding)"
                }
                _ => "see the operators in the README of the pack format",
            };
            let sign = match operation {
                Operation::Add => "+",
                Operation::Subtract => "-",
                _ => "*",
            };
            self.wrong(frame, at, format!("`{sign}` does not take {} and {}", left.name(), right.name()), fix)
        })
    }

    fn member(&mut self, at: usize, value: &Tree, items: &[Tree], frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        write::operation(code, Operation::In);
        let wanted = self.emit(value, frame, code);
        let mut list = Vec::new();
        for item in items {
            let gives = self.emit(item, frame, &mut list);
            if wanted.common(gives).is_none() {
                let message = format!("the list has {} for {}", gives.name(), wanted.name());
                self.wrong(frame, item.at, message, "list values of one type");
            }
            if matches!(item.node, Node::None) {
                self.wrong(frame, at, "nothing is equal to none", "write present(x) or not present(x)");
            }
            self.choices(value, item, frame);
        }
        write::block(code, &list);
        Type::Boolean
    }

    /// Notes that a decision adds so many levels here.
    pub(super) fn deepen(frame: &mut Frame<'_>, height: usize) {
        frame.deepest = frame.deepest.max(frame.depth + height);
    }

    /// Whether the rows of a scope can be read one by one here.
    pub(super) fn has_rows(frame: &Frame<'_>, scope: Scope) -> bool {
        frame.rows.contains(&scope)
    }
}

/// Emits a value that is written out.
fn written(literal: &Node, code: &mut Vec<u8>) -> Type {
    match literal {
        Node::Boolean(value) => {
            write::operation(code, if *value { Operation::True } else { Operation::False });
            Type::Boolean
        }
        Node::Integer(value) => {
            write::operation(code, Operation::Integer);
            write::signed(code, i128::from(*value));
            Type::Integer
        }
        Node::Decimal(value) => {
            write::operation(code, Operation::Decimal);
            write::signed(code, value.mantissa());
            code.push(value.scale());
            Type::Decimal
        }
        Node::Text(value) => {
            write::operation(code, Operation::Text);
            write::block(code, value.as_bytes());
            Type::Text
        }
        Node::Date(value) => {
            write::operation(code, Operation::Date);
            write::signed(code, i128::from(value.days()));
            Type::Date
        }
        _ => {
            write::operation(code, Operation::None);
            Type::Any
        }
    }
}
