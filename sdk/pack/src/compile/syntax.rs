//! From the text of an expression to its tree. Bounded in length and depth; any text gives a tree or one fault with its position.

use crate::code::Operation;
use crate::date::Date;
use crate::decimal::{Decimal, SCALE_MAX};

/// The longest expression, in bytes.
pub(super) const LENGTH_MAX: usize = 4_000;
/// The deepest nesting of brackets, calls and operators.
const DEPTH_MAX: usize = 48;

/// What is wrong with a text, at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxFault {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) fix: String,
}

fn fault<T>(at: usize, message: impl Into<String>, fix: impl Into<String>) -> Result<T, SyntaxFault> {
    Err(SyntaxFault { at, message: message.into(), fix: fix.into() })
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) at: usize,
    pub(super) node: Node,
}

#[derive(Debug)]
pub(super) enum Node {
    None,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Date(Date),
    /// A path or a word that is none of the others.
    Path(String),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Binary(Operation, Box<Tree>, Box<Tree>),
    In(Box<Tree>, Vec<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    Call(String, Vec<Tree>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Integer(String),
    Decimal(String),
    Text(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 17] = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "(", ")", "[", "]", ",", "/", "=", ":"];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, SyntaxFault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if first.is_ascii_digit() {
            let (token, length) = number(at, rest)?;
            tokens.push((at, token));
            length
        } else if first.is_ascii_lowercase() || first == '_' {
            let length = rest
                .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.'))
                .unwrap_or(rest.len());
            tokens.push((at, Token::Word(rest.get(..length).unwrap_or_default().to_owned())));
            length
        } else if first == '"' {
            let (token, length) = quoted(at, rest)?;
            tokens.push((at, token));
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push((at, Token::Sign(sign)));
            sign.len()
        } else if first == '\'' {
            return fault(at, "a text stands in single quotes", "use double quotes inside an expression");
        } else {
            return fault(
                at,
                format!("`{}` has no meaning here", first.escape_default()),
                "see the language in the README of the pack format",
            );
        };
        at += length;
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

fn number(at: usize, rest: &str) -> Result<(Token, usize), SyntaxFault> {
    let length =
        rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')).unwrap_or(rest.len());
    let digits: String = rest.chars().take(length).filter(|letter| *letter != '_').collect();
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !digits.ends_with('.');
    match (well_formed, digits.matches('.').count()) {
        (true, 0) => Ok((Token::Integer(digits), length)),
        (true, 1) => Ok((Token::Decimal(digits), length)),
        _ => fault(at, format!("`{digits}` is no number"), "write digits with at most one dot"),
    }
}

fn quoted(at: usize, rest: &str) -> Result<(Token, usize), SyntaxFault> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '"' => return Ok((Token::Text(text), offset + 1)),
            '\\' => match letters.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                _ => return fault(at + offset, "a backslash escapes only a quote or a backslash", "write \\\" or \\\\"),
            },
            letter => text.push(letter),
        }
    }
    fault(at, "the text has no closing quote", "close it with a double quote")
}

/// The tree of an expression.
pub(super) fn parse(text: &str) -> Result<Tree, SyntaxFault> {
    if text.len() > LENGTH_MAX {
        return fault(
            0,
            format!("the expression has {} bytes", text.len()),
            format!("split it: {LENGTH_MAX} bytes are the most"),
        );
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let tree = parser.expression(0)?;
    match parser.peek() {
        (_, Token::End) => Ok(tree),
        (at, token) => {
            fault(at, format!("{} follows a finished expression", token.shown()), "join the two with an operator, or remove it")
        }
    }
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Integer(digits) | Self::Decimal(digits) => format!("`{digits}`"),
            Self::Text(_) => "a text".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

struct Parser<'p> {
    tokens: &'p [(usize, Token)],
    at: usize,
}

type Parsed = Result<Tree, SyntaxFault>;

fn tree(at: usize, node: Node) -> Tree {
    Tree { at, node }
}

impl Parser<'_> {
    fn peek(&self) -> (usize, Token) {
        self.tokens.get(self.at).or(self.tokens.last()).cloned().unwrap_or((0, Token::End))
    }

    fn next(&mut self) -> (usize, Token) {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn eat_sign(&mut self, sign: &str) -> bool {
        let eaten = matches!(self.tokens.get(self.at), Some((_, Token::Sign(found))) if *found == sign);
        self.at += usize::from(eaten);
        eaten
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let eaten = matches!(self.tokens.get(self.at), Some((_, Token::Word(found))) if found == word);
        self.at += usize::from(eaten);
        eaten
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), SyntaxFault> {
        if self.eat_sign(sign) {
            return Ok(());
        }
        let (at, token) = self.peek();
        fault(at, format!("`{sign}` is missing before {}", token.shown()), format!("write `{sign}`"))
    }

    fn expect_word(&mut self, word: &str) -> Result<(), SyntaxFault> {
        if self.eat_word(word) {
            return Ok(());
        }
        let (at, token) = self.peek();
        fault(at, format!("`{word}` is missing before {}", token.shown()), "write: if condition then value else other")
    }

    fn deeper(&self, depth: usize) -> Result<usize, SyntaxFault> {
        if depth < DEPTH_MAX {
            Ok(depth + 1)
        } else {
            fault(self.peek().0, "the expression nests too deep", format!("{DEPTH_MAX} levels are the most: split it"))
        }
    }

    fn expression(&mut self, depth: usize) -> Parsed {
        let depth = self.deeper(depth)?;
        let at = self.peek().0;
        if self.eat_word("if") {
            let condition = self.expression(depth)?;
            self.expect_word("then")?;
            let then = self.expression(depth)?;
            self.expect_word("else")?;
            let otherwise = self.expression(depth)?;
            return Ok(tree(at, Node::If(Box::new(condition), Box::new(then), Box::new(otherwise))));
        }
        self.chain(depth, "or", Self::conjunction, Node::Or)
    }

    fn conjunction(&mut self, depth: usize) -> Parsed {
        self.chain(depth, "and", Self::negation, Node::And)
    }

    /// Operands joined by one word, as a tree as flat as it can be, so that a long list of alternatives does not nest.
    fn chain(
        &mut self,
        depth: usize,
        word: &str,
        operand: fn(&mut Self, usize) -> Parsed,
        join: fn(Box<Tree>, Box<Tree>) -> Node,
    ) -> Parsed {
        let mut operands = vec![operand(self, depth)?];
        while self.eat_word(word) {
            operands.push(operand(self, depth)?);
        }
        Ok(balanced(operands, join).unwrap_or(tree(0, Node::None)))
    }

    fn negation(&mut self, depth: usize) -> Parsed {
        let at = self.peek().0;
        if self.eat_word("not") {
            let depth = self.deeper(depth)?;
            return Ok(tree(at, Node::Not(Box::new(self.negation(depth)?))));
        }
        self.comparison(depth)
    }

    fn comparison(&mut self, depth: usize) -> Parsed {
        let left = self.sum(depth)?;
        let (at, token) = self.peek();
        let compared = match &token {
            Token::Sign("=") => return fault(at, "`=` compares nothing", "write `==`"),
            Token::Sign(sign) => match comparison_sign(sign) {
                None => return Ok(left),
                Some(operation) => {
                    self.at += 1;
                    let right = self.sum(depth)?;
                    tree(at, Node::Binary(operation, Box::new(left), Box::new(right)))
                }
            },
            Token::Word(word) if word == "in" => {
                self.at += 1;
                self.list(at, left, depth)?
            }
            Token::Word(word) if word == "not" => {
                self.at += 1;
                if !self.eat_word("in") {
                    return fault(
                        at,
                        "`not` stands behind a value",
                        "write `not in […]`, or put `not` in front of the comparison",
                    );
                }
                let member = self.list(at, left, depth)?;
                tree(at, Node::Not(Box::new(member)))
            }
            _ => return Ok(left),
        };
        let (at, token) = self.peek();
        match token {
            Token::Sign(sign) if comparison_sign(sign).is_some() => {
                fault(at, "comparisons are chained", "join two comparisons with `and`")
            }
            _ => Ok(compared),
        }
    }

    fn list(&mut self, at: usize, value: Tree, depth: usize) -> Parsed {
        self.expect_sign("[")?;
        let items = self.arguments("]", depth)?;
        if items.is_empty() {
            return fault(at, "the list is empty", "write at least one value between the brackets");
        }
        Ok(tree(at, Node::In(Box::new(value), items)))
    }

    /// Expressions between commas up to the closing sign.
    fn arguments(&mut self, close: &str, depth: usize) -> Result<Vec<Tree>, SyntaxFault> {
        let mut arguments = Vec::new();
        while !self.eat_sign(close) {
            if !arguments.is_empty() {
                self.expect_sign(",")?;
                if self.eat_sign(close) {
                    break;
                }
            }
            arguments.push(self.expression(depth)?);
        }
        Ok(arguments)
    }

    fn sum(&mut self, depth: usize) -> Parsed {
        let mut left = self.product(depth)?;
        let mut depth = depth;
        loop {
            let at = self.peek().0;
            let operation = if self.eat_sign("+") {
                Operation::Add
            } else if self.eat_sign("-") {
                Operation::Subtract
            } else {
                return Ok(left);
            };
            depth = self.deeper(depth)?;
            let right = self.product(depth)?;
            left = tree(at, Node::Binary(operation, Box::new(left), Box::new(right)));
        }
    }

    fn product(&mut self, depth: usize) -> Parsed {
        let mut left = self.signed(depth)?;
        let mut depth = depth;
        loop {
            let at = self.peek().0;
            if self.eat_sign("/") {
                return fault(
                    at,
                    "there is no `/`",
                    "use divide(a, b, places, rounding), ratio(a, b) or portion(money, number, rounding)",
                );
            }
            if !self.eat_sign("*") {
                return Ok(left);
            }
            depth = self.deeper(depth)?;
            let right = self.signed(depth)?;
            left = tree(at, Node::Binary(Operation::Multiply, Box::new(left), Box::new(right)));
        }
    }

    fn signed(&mut self, depth: usize) -> Parsed {
        let at = self.peek().0;
        if self.eat_sign("-") {
            let depth = self.deeper(depth)?;
            return Ok(tree(at, Node::Negate(Box::new(self.signed(depth)?))));
        }
        self.primary(depth)
    }

    fn primary(&mut self, depth: usize) -> Parsed {
        let (at, token) = self.next();
        let node = match token {
            Token::Integer(digits) => match digits.parse() {
                Ok(value) => Node::Integer(value),
                Err(_) => return fault(at, format!("`{digits}` is too large"), "64 bits are the most"),
            },
            Token::Decimal(digits) => match Decimal::parse(&digits) {
                Some(value) => Node::Decimal(value),
                None => {
                    return fault(at, format!("`{digits}` has too many digits"), format!("{SCALE_MAX} decimals are the most"));
                }
            },
            Token::Text(text) => Node::Text(text),
            Token::Sign("(") => {
                let inner = self.expression(depth)?;
                self.expect_sign(")")?;
                return Ok(inner);
            }
            Token::Sign("[") => return fault(at, "a list stands alone", "lists only follow `in`"),
            Token::Word(word) => return self.word(at, word, depth),
            token => {
                return fault(at, format!("a value is missing before {}", token.shown()), "write a value, a field or a function");
            }
        };
        Ok(tree(at, node))
    }

    fn word(&mut self, at: usize, word: String, depth: usize) -> Parsed {
        let node = match word.as_str() {
            "none" => Node::None,
            "true" => Node::Boolean(true),
            "false" => Node::Boolean(false),
            "and" | "or" | "in" | "then" | "else" | "if" | "not" => {
                return fault(at, format!("a value is missing before `{word}`"), "write a value, or put this part in brackets");
            }
            _ if self.eat_sign("(") => {
                let arguments = self.arguments(")", depth)?;
                if word == "date" { return date(at, &arguments) } else { Node::Call(word, arguments) }
            }
            _ => Node::Path(word),
        };
        Ok(tree(at, node))
    }
}

fn date(at: usize, arguments: &[Tree]) -> Parsed {
    match arguments {
        [Tree { node: Node::Text(text), .. }] => match Date::parse(text) {
            Some(date) => Ok(tree(at, Node::Date(date))),
            None => fault(at, format!("`{text}` is no date"), "write date(\"2026-01-01\")"),
        },
        _ => fault(at, "`date` takes one written text", "write date(\"2026-01-01\"), or date_of(year, month, day)"),
    }
}

fn comparison_sign(sign: &str) -> Option<Operation> {
    Some(match sign {
        "==" => Operation::Equal,
        "!=" => Operation::NotEqual,
        "<" => Operation::Less,
        "<=" => Operation::LessEqual,
        ">" => Operation::Greater,
        ">=" => Operation::GreaterEqual,
        _ => return None,
    })
}

/// Joins operands pairwise, so that n of them nest log n deep.
fn balanced(mut operands: Vec<Tree>, join: fn(Box<Tree>, Box<Tree>) -> Node) -> Option<Tree> {
    while operands.len() > 1 {
        let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
        let mut rest = operands.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => Tree { at: left.at, node: join(Box::new(left), Box::new(right)) },
                None => left,
            });
        }
        operands = joined;
    }
    operands.pop()
}
