//! How a value is written, one rule a finish.
//!
//! Only text that the template itself made (a macro's result, a captured block) passes unchanged; its values were written by these same rules.

use std::fmt::Write as _;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, Output};

use super::Finish;

/// Begins the first character of every Typst literal: a Unicode escape with five leading zeros, which nobody writes by hand. Inside a string
/// literal it is only that character; met anywhere else in the syntax tree, it shows that a value stands where Typst reads markup.
pub(crate) const MARK: &str = "\\u{00000";

/// Writes one value into the output of a template.
pub(super) fn write(finish: Finish, out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from);
    }
    let written = match finish {
        Finish::Json => json(value)?,
        Finish::Typst => typst_value(&text(value)?),
        Finish::Csv => csv(&text(value)?),
        Finish::Html | Finish::Xml => markup(&text(value)?),
    };
    out.write_str(&written).map_err(Error::from)
}

/// A value's plain text. Only text, whole numbers and booleans have one.
pub(super) fn text(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(ErrorKind::UndefinedError.into()),
        ValueKind::String => Ok(value.to_string()),
        ValueKind::Bool => Ok(value.to_string()),
        ValueKind::Number if value.is_integer() => Ok(value.to_string()),
        ValueKind::Number => Err(invalid("a number with a fraction has no exact text: use //, or a filter such as `decimal`")),
        ValueKind::None => Err(invalid("the value is null: write `| default(\"\", true)` where it may be missing")),
        kind => Err(invalid(format!("a {kind} has no text of its own: print its fields, or loop over it"))),
    }
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// Line breaks become `\n`, tabs a space; other control characters and those that reorder text are spelled out, because a reader must see them.
fn printable(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                printed.push('\n');
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => printed.push('\n'),
            '\t' => printed.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => spell(&mut printed, c),
            c if c.is_control() => spell(&mut printed, c),
            c => printed.push(c),
        }
    }
    printed
}

fn spell(printed: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(printed, "[U+{:04X}]", u32::from(c));
}

/// A marked Typst string literal for a value of the document.
fn typst_value(text: &str) -> String {
    let printed = printable(text);
    let mut chars = printed.chars();
    let mut literal = String::with_capacity(printed.len() * 2 + 12);
    literal.push('"');
    if let Some(first) = chars.next() {
        let _ = write!(literal, "{MARK}{:x}}}", u32::from(first));
    }
    escape_typst(&mut literal, chars);
    literal.push('"');
    literal
}

/// A Typst string literal for text that the renderer itself writes.
pub(crate) fn typst_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() * 2 + 2);
    literal.push('"');
    escape_typst(&mut literal, text.chars());
    literal.push('"');
    literal
}

/// Everything but letters, digits and spaces is escaped, so that the literal has no character that means anything to Typst in any mode.
fn escape_typst(literal: &mut String, chars: impl Iterator<Item = char>) {
    for c in chars {
        if c.is_alphanumeric() || c == ' ' {
            literal.push(c);
        } else {
            let _ = write!(literal, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// A quoted field. A spreadsheet runs text that begins with one of these signs; a leading apostrophe makes it show the text instead.
fn csv(text: &str) -> String {
    let printed = printable(text);
    let first = printed.chars().find(|c| !c.is_whitespace());
    let runs =
        first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) && !is_negative_number(&printed);
    let guard = if runs || text.starts_with(['\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", printed.replace('"', "\"\""))
}

fn is_negative_number(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|digits| {
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    })
}

fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A template that forgets the quotes of an attribute must not open a new one.
            '`' | '=' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// A whole JSON value; `<`, `>` and `&` are escaped so that it may also stand inside a script element.
fn json(value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    if value.kind() == ValueKind::Number && !value.is_integer() {
        text(value)?;
    }
    let written = serde_json::to_string(value)
        .map_err(|error| invalid("the value cannot be written as JSON: print its fields").with_source(error))?;
    Ok(written.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}
