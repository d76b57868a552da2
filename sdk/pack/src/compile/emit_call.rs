//! Calls: functions by their signatures, aggregates by the rows that their argument reads, decisions by name.

use std::collections::BTreeSet;

use super::emit::{Emitter, Frame};
use super::syntax::{Node, Tree};
use super::types::Type;
use crate::code::{Operation, write};
use crate::decimal::Rounding;
use crate::function::{Accepts, Aggregate, Function, Gives, Signature};
use crate::reader::suggest;
use crate::table::Scope;

impl Emitter<'_> {
    pub(super) fn call(&mut self, at: usize, name: &str, arguments: &[Tree], frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        if name == "decide" {
            return self.decide(at, arguments, frame, code);
        }
        if let Some(number) = Aggregate::ALL.iter().position(|(_, known, ..)| *known == name) {
            return self.aggregate(at, number, arguments, frame, code);
        }
        let Some(number) = Function::ALL.iter().position(|function| function.signature().name == name) else {
            let functions = Function::ALL.iter().map(|function| function.signature().name);
            let others = Aggregate::ALL.iter().map(|(_, known, ..)| *known).chain(["date", "decide"]);
            let known: Vec<&str> = functions.chain(others).collect();
            let fix = suggest(name, known, "see the functions in the README of the pack format");
            return self.wrong(frame, at, format!("there is no function `{name}`"), fix);
        };
        let Some(function) = Function::ALL.get(number) else { return Type::Any };
        let signature = function.signature();
        let wanted = signature.accepts.len();
        if arguments.len() < wanted || (arguments.len() > wanted && !signature.repeats) || arguments.len() > 200 {
            let count = if signature.repeats { format!("at least {wanted}") } else { wanted.to_string() };
            let message = format!("`{name}` takes {count} arguments, not {}", arguments.len());
            return self.wrong(frame, at, message, "see the functions in the README of the pack format");
        }
        write::operation(code, Operation::Call);
        code.extend(u8::try_from(number));
        code.extend(u8::try_from(arguments.len()));
        self.arguments(at, *function, signature, arguments, frame, code)
    }

    fn arguments(
        &mut self,
        at: usize,
        function: Function,
        signature: Signature,
        arguments: &[Tree],
        frame: &mut Frame<'_>,
        code: &mut Vec<u8>,
    ) -> Type {
        let mut common = Some(Type::Any);
        for (index, argument) in arguments.iter().enumerate() {
            let accepts = signature.accepts.get(index).or(signature.accepts.last()).copied().unwrap_or(Accepts::Any);
            if accepts == Accepts::Literal {
                self.literal(function, argument, frame, code);
                continue;
            }
            let gives = self.emit(argument, frame, code);
            if !fits(gives, accepts) {
                let message = format!("argument {} of `{}` is {}", index + 1, signature.name, gives.name());
                self.wrong(frame, argument.at, message, format!("it takes {}", accepted(accepts)));
            }
            common = common.and_then(|common| common.common(gives));
        }
        if let (Function::Round | Function::Divide | Function::FixedText, Some(places)) =
            (function, arguments.get(if function == Function::Divide { 2 } else { 1 }))
            && !matches!(places.node, Node::Integer(0..=12))
        {
            self.wrong(frame, places.at, "the number of decimals is not 0 to 12", "write it out, for example 2");
        }
        match signature.gives {
            Gives::Text => Type::Text,
            Gives::Integer => Type::Integer,
            Gives::Decimal => Type::Decimal,
            Gives::Date => Type::Date,
            Gives::Boolean => Type::Boolean,
            Gives::Money => Type::Money,
            Gives::Common => common.unwrap_or_else(|| {
                self.wrong(
                    frame,
                    at,
                    format!("the arguments of `{}` differ in type", signature.name),
                    "give it values of one type",
                )
            }),
        }
    }

    /// A text that must be written out: the name of a code table, a mask or a rounding.
    fn literal(&mut self, function: Function, argument: &Tree, frame: &mut Frame<'_>, code: &mut Vec<u8>) {
        let Node::Text(text) = &argument.node else {
            self.wrong(frame, argument.at, "this argument is not written out", "write it as a text in double quotes");
            return;
        };
        match function {
            Function::Lookup | Function::HasCode => match self.code_tables.get(text) {
                Some(number) => {
                    write::operation(code, Operation::Integer);
                    write::signed(code, i128::try_from(*number).unwrap_or_default());
                    return;
                }
                None => {
                    let known: Vec<String> = self.code_tables.keys().cloned().collect();
                    let fix = suggest(text, known.iter().map(String::as_str), "add a table [code.<name>] to tables.toml");
                    self.wrong(frame, argument.at, format!("there is no code table `{text}`"), fix);
                }
            },
            Function::MatchesMask if text.is_empty() => {
                self.wrong(frame, argument.at, "the mask is empty", "write for example \"AA-9999\"");
            }
            Function::Round | Function::Divide | Function::Portion if Rounding::named(text).is_none() => {
                let fix = suggest(text, ["half-even", "half-up", "down", "up"], "");
                self.wrong(frame, argument.at, format!("there is no rounding `{text}`"), fix);
            }
            _ => {}
        }
        write::operation(code, Operation::Text);
        write::block(code, text.as_bytes());
    }

    fn decide(&mut self, at: usize, arguments: &[Tree], frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        let [Tree { node: Node::Text(id), .. }] = arguments else {
            return self.wrong(frame, at, "`decide` takes one written text", "write decide(\"hs6\")");
        };
        let Some((number, decided)) = self.decisions.get(id) else {
            let known: Vec<String> = self.decisions.keys().cloned().collect();
            let fix =
                suggest(id, known.iter().map(String::as_str), "add a [[decision]] to tables.toml, above the one that uses it");
            return self.wrong(frame, at, format!("there is no decision `{id}` here"), fix);
        };
        let (number, scope, gives, height, reads) =
            (*number, decided.scope, decided.gives, decided.height, decided.reads.clone());
        if !Self::has_rows(frame, scope) {
            let scope = scope.name();
            return self.wrong(
                frame,
                at,
                format!("the decision `{id}` is made for each {scope}"),
                format!("set each = \"{scope}\", or use an aggregate"),
            );
        }
        if scope != Scope::Order {
            frame.touched.insert(scope);
        }
        self.add_reads(&reads);
        Self::deepen(frame, height + 1);
        write::operation(code, Operation::Decide);
        write::unsigned(code, number as u128);
        gives
    }

    fn aggregate(&mut self, at: usize, number: usize, arguments: &[Tree], frame: &mut Frame<'_>, code: &mut Vec<u8>) -> Type {
        let Some((kind, name, of, ..)) = Aggregate::ALL.get(number).copied() else { return Type::Any };
        let (scope, body) = match self.runs_over(kind, name, arguments) {
            Ok(found) => found,
            Err((message, fix)) => return self.wrong(frame, at, message, fix),
        };
        self.count_rows(scope);
        let outer = frame.inside;
        let opened = frame.open(scope);
        let mut inner = Vec::new();
        let gives = body.map_or(Type::Any, |body| self.emit(body, frame, &mut inner));
        let (touched, uses_clock) = frame.close(opened);
        if !aggregates(gives, of) {
            let at = body.map_or(at, |body| body.at);
            self.wrong(frame, at, format!("`{name}` is given {}", gives.name()), format!("it takes {of}"));
        }
        let closed = !uses_clock && touched.iter().all(|touched| *touched == scope);
        if !closed && outer.is_some() {
            let fix = "let the inner one read only its own rows and no `clock`";
            return self.wrong(frame, at, format!("`{name}` stands in another aggregate and depends on its rows"), fix);
        }
        frame.touched.extend(touched.into_iter().filter(|touched| *touched != scope));
        if kind == Aggregate::Repeats {
            return self.repeats(at, scope, closed, inner, frame, code);
        }
        let mut whole = Vec::new();
        write::operation(&mut whole, Operation::Aggregate);
        whole.extend(u8::try_from(number));
        whole.push(scope as u8);
        write::block(&mut whole, &inner);
        if closed {
            let number = self.share(false, scope, whole);
            whole = Vec::new();
            write::operation(&mut whole, Operation::Shared);
            write::unsigned(&mut whole, number as u128);
        }
        // The total of no numbers is 0; of no amounts it is unknown, because they have no currency.
        if kind == Aggregate::Sum && gives != Type::Money {
            or_zero(&mut whole);
        }
        code.extend(whole);
        result(kind, gives)
    }

    /// The scope whose rows an aggregate runs over, and its body; or what is wrong with the call, and the fix.
    fn runs_over<'t>(
        &self,
        kind: Aggregate,
        name: &str,
        arguments: &'t [Tree],
    ) -> Result<(Scope, Option<&'t Tree>), (String, String)> {
        let named = arguments.first().and_then(named_scope);
        match (named, arguments) {
            (Some(scope), [_]) if kind == Aggregate::Rows => Ok((scope, None)),
            _ if kind == Aggregate::Rows => {
                Err(("`rows` takes a scope".to_owned(), "write rows(vehicle) or rows(container)".to_owned()))
            }
            (Some(scope), [_, body]) => Ok((scope, Some(body))),
            (None, [body]) => match self.rows_of(body).into_iter().collect::<Vec<_>>().as_slice() {
                [scope] => Ok((*scope, Some(body))),
                [] => Err((
                    format!("`{name}` reads no rows"),
                    format!("read a field of a vehicle or container, or name the scope: {name}(vehicle, …)"),
                )),
                _ => {
                    Err((format!("`{name}` reads rows of two scopes"), format!("name the one it runs over: {name}(vehicle, …)")))
                }
            },
            _ => Err((
                format!("`{name}` is called with {} arguments", arguments.len()),
                format!("write {name}(expression) or {name}(vehicle, expression)"),
            )),
        }
    }

    fn repeats(
        &mut self,
        at: usize,
        scope: Scope,
        closed: bool,
        body: Vec<u8>,
        frame: &mut Frame<'_>,
        code: &mut Vec<u8>,
    ) -> Type {
        let here = frame.inside.unwrap_or(frame.each());
        if here != scope {
            let scope = scope.name();
            return self.wrong(
                frame,
                at,
                format!("`repeats` compares this {scope} with earlier ones"),
                format!("set each = \"{scope}\""),
            );
        }
        if !closed {
            return self.wrong(
                frame,
                at,
                "`repeats` depends on other rows or on `clock`",
                "let it read only the rows that it compares",
            );
        }
        frame.touched.insert(scope);
        let number = self.share(true, scope, body);
        write::operation(code, Operation::Repeats);
        write::unsigned(code, number as u128);
        code.push(scope as u8);
        Type::Boolean
    }

    /// The row scopes that a tree reads itself, aggregates inside it left out.
    fn rows_of(&self, tree: &Tree) -> BTreeSet<Scope> {
        let mut rows = BTreeSet::new();
        self.collect_rows(tree, &mut rows);
        rows
    }

    fn collect_rows(&self, tree: &Tree, rows: &mut BTreeSet<Scope>) {
        match &tree.node {
            Node::Path(path) => {
                rows.extend(self.catalogue.field(path).map(|field| field.scope).filter(|scope| *scope != Scope::Order))
            }
            Node::Not(value) | Node::Negate(value) => self.collect_rows(value, rows),
            Node::And(left, right) | Node::Or(left, right) | Node::Binary(_, left, right) => {
                self.collect_rows(left, rows);
                self.collect_rows(right, rows);
            }
            Node::In(value, items) => {
                self.collect_rows(value, rows);
                items.iter().for_each(|item| self.collect_rows(item, rows));
            }
            Node::If(condition, then, otherwise) => {
                [condition, then, otherwise].into_iter().for_each(|part| self.collect_rows(part, rows))
            }
            Node::Call(name, arguments) if name == "decide" => {
                if let [Tree { node: Node::Text(id), .. }] = arguments.as_slice() {
                    rows.extend(self.decisions.get(id).map(|(_, decided)| decided.scope).filter(|scope| *scope != Scope::Order));
                }
            }
            Node::Call(name, _) if Aggregate::ALL.iter().any(|(_, known, ..)| known == name) => {}
            Node::Call(_, arguments) => arguments.iter().for_each(|argument| self.collect_rows(argument, rows)),
            _ => {}
        }
    }
}

/// Wraps a program so that none becomes 0.
fn or_zero(code: &mut Vec<u8>) {
    let mut wrapped = Vec::with_capacity(code.len() + 5);
    write::operation(&mut wrapped, Operation::Call);
    let coalesce = Function::ALL.iter().position(|function| *function == Function::Coalesce);
    wrapped.extend(coalesce.and_then(|number| u8::try_from(number).ok()));
    wrapped.push(2);
    wrapped.append(code);
    write::operation(&mut wrapped, Operation::Integer);
    write::signed(&mut wrapped, 0);
    *code = wrapped;
}

fn named_scope(tree: &Tree) -> Option<Scope> {
    let Node::Path(path) = &tree.node else { return None };
    [Scope::Vehicle, Scope::Container].into_iter().find(|scope| scope.name() == path)
}

fn fits(gives: Type, accepts: Accepts) -> bool {
    match accepts {
        Accepts::Any => true,
        Accepts::Text | Accepts::Literal => gives.fits(Type::Text),
        Accepts::Integer => gives.fits(Type::Integer),
        Accepts::Number => gives.is_number(),
        Accepts::Amount => gives.is_amount(),
        Accepts::Date => gives.fits(Type::Date),
        Accepts::Money => gives.fits(Type::Money),
    }
}

fn accepted(accepts: Accepts) -> &'static str {
    match accepts {
        Accepts::Any => "any value",
        Accepts::Text => "a text; text(x) turns any value into one",
        Accepts::Literal => "a written text",
        Accepts::Integer => "an integer; floor(x) gives one",
        Accepts::Number => "a number",
        Accepts::Amount => "a number or money",
        Accepts::Date => "a date",
        Accepts::Money => "money",
    }
}

fn aggregates(gives: Type, of: &str) -> bool {
    match of {
        "boolean" => gives.fits(Type::Boolean),
        "amount" => gives.is_amount(),
        "amount or date" => gives.has_order(),
        _ => true,
    }
}

fn result(kind: Aggregate, gives: Type) -> Type {
    match kind {
        Aggregate::Rows | Aggregate::Count | Aggregate::Distinct => Type::Integer,
        Aggregate::Any | Aggregate::All | Aggregate::Same | Aggregate::Repeats => Type::Boolean,
        Aggregate::FirstDuplicate | Aggregate::ListText | Aggregate::ListDistinct => Type::Text,
        Aggregate::Sum | Aggregate::Smallest | Aggregate::Largest | Aggregate::First => gives,
    }
}
