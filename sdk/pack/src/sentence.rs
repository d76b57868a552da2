//! Sentences: a locale's text with a finding's parameters filled in.
//!
//! Texts come from packs, parameters from orders. A parameter is never read as a text again, so a brace in a buyer's name stays a brace.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The texts of one rule or reason in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// What is wrong, or why a document is asked for.
    pub says: String,
    /// The reason behind the rule; empty for the reason of a document.
    pub why: String,
    /// What to do; empty for the reason of a document.
    pub fix: String,
}

/// The texts of one language by rule or reason.
pub type Locale = BTreeMap<String, Texts>;

/// A rule's texts with the parameters filled in; none when the locale has no such rule.
#[must_use]
pub fn sentence(locale: &Locale, rule: &str, parameters: &[(String, String)]) -> Option<Texts> {
    locale.get(rule).map(|texts| Texts {
        says: fill(&texts.says, parameters),
        why: fill(&texts.why, parameters),
        fix: fill(&texts.fix, parameters),
    })
}

/// Replaces each `{name}` by its parameter, a dash where there is none; `{{` and `}}` are braces. Control characters and marks that turn
/// the direction of writing become U+FFFD, so that a value cannot rewrite the line around it.
#[must_use]
pub fn fill(text: &str, parameters: &[(String, String)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => match parameters.iter().find(|(known, _)| known == name) {
                Some((_, value)) => {
                    filled.extend(value.chars().map(|character| if is_hostile(character) { '\u{fffd}' } else { character }))
                }
                None => filled.push('—'),
            },
        }
    }
    filled
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A part of a text.
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The parts of a text. A brace that opens nothing stays as it is.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        let after = from.get(1..).unwrap_or_default();
        let doubled = from.starts_with("{{") || from.starts_with("}}");
        let name = from.strip_prefix('{').and_then(|inner| inner.split_once('}')).filter(|(name, _)| is_name(name));
        rest = match name {
            _ if doubled => {
                pieces.push(Piece::Text(if from.starts_with('{') { "{" } else { "}" }));
                from.get(2..).unwrap_or_default()
            }
            Some((name, behind)) => {
                pieces.push(Piece::Name(name));
                behind
            }
            None => {
                pieces.push(Piece::Text(if from.starts_with('{') { "{" } else { "}" }));
                after
            }
        };
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_never_read_as_text_again() {
        let parameters = [("a".to_owned(), "{b}\u{202e}\n".to_owned()), ("b".to_owned(), "no".to_owned())];
        assert_eq!(fill("x {a} {{a}} {c} {A} }", &parameters), "x {b}\u{fffd}\u{fffd} {a} — {A} }");
        assert_eq!(fill("", &parameters), "");
    }
}
