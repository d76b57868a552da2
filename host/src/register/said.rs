//! What companies and parties both say about themselves, and whether a paper can show it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The most entries of a list.
const ENTRIES_MAX: usize = 20;

/// A name and an address in one script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "InScriptEntry")]
pub struct InScript {
    /// ISO 15924: `Latn`, `Hans`, `Jpan`, `Arab`.
    pub script: String,
    /// The name. Personal when the party is a person.
    pub name: String,
    /// The address, a line each, without the country. Personal when the party is a person.
    #[serde(default)]
    pub address: Vec<String>,
}

/// A number that a country's tax or customs office gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TaxIdEntry")]
pub struct TaxId {
    /// Which: `USCC`, `PIN`, `TIN`, `EORI`, `customs`.
    pub kind: String,
    /// The number.
    pub value: String,
}

/// What is not fit to be stored, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fix}")]
pub struct Refused {
    /// A JSON pointer.
    pub place: String,
    /// What to write instead.
    pub fix: Cow<'static, str>,
}

/// Refuses a place.
pub(crate) fn refused(place: impl Into<String>, fix: &'static str) -> Result<(), Refused> {
    Err(Refused { place: place.into(), fix: fix.into() })
}

/// Whether text has 1 to `max` characters and none that a printer cannot show.
pub(crate) fn printable(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.trim().chars().count()) && text.chars().count() <= max && !text.chars().any(char::is_control)
}

/// Checks where it comes from, its country, its names and its tax ids.
pub(crate) fn check_shared(
    origin: [&Option<String>; 2],
    country: &str,
    scripts: &[InScript],
    tax_ids: &[TaxId],
) -> Result<(), Refused> {
    let [source, external_id] = origin;
    if source.is_some() != external_id.is_some() {
        return refused("/external_id", "give source and external_id together, or neither");
    }
    if origin.into_iter().flatten().any(|text| !printable(text, 200)) {
        return refused("/external_id", "write 1 to 200 characters without control characters");
    }
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return refused("/country", "write two capital letters of ISO 3166-1, for example KE");
    }
    if !(1..=ENTRIES_MAX).contains(&scripts.len()) {
        return refused("/scripts", "give 1 to 20 names, one a script");
    }
    for (index, one) in scripts.iter().enumerate() {
        let script = one.script.len() == 4 && one.script.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !script {
            return refused(format!("/scripts/{index}/script"), "write four letters of ISO 15924, for example Latn or Hans");
        }
        if !printable(&one.name, 200) {
            return refused(format!("/scripts/{index}/name"), "write 1 to 200 characters without control characters");
        }
        if one.address.len() > ENTRIES_MAX || one.address.iter().any(|line| !printable(line, 200)) {
            return refused(
                format!("/scripts/{index}/address"),
                "write at most 20 lines of 1 to 200 characters without control characters",
            );
        }
    }
    if tax_ids.len() > ENTRIES_MAX || tax_ids.iter().any(|id| !printable(&id.kind, 40) || !printable(&id.value, 80)) {
        return refused("/tax_ids", "give at most 20, each with a kind and a value");
    }
    Ok(())
}
