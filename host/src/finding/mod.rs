//! A finding: a rule's answer about one place of one order.
//!
//! A finding is a rule id with parameters; sentences are made from locale files when somebody reads it, and are never stored. Findings
//! live as long as the hook run that made them. This folder decides nothing: severities come from rules.

use serde::{Deserialize, Serialize};

/// What a finding does to an order, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Law or arithmetic forbids it. Stops the documents.
    Block,
    /// A bank, carrier or customs office would refuse the papers. Stops the documents.
    Error,
    /// Likely trouble, or a rule known only from a weak source. Stops nothing.
    Warn,
    /// Good to know. Stops nothing.
    Info,
}

impl Severity {
    /// Whether documents may not be issued.
    #[must_use]
    pub fn stops(self) -> bool {
        matches!(self, Self::Block | Self::Error)
    }

    /// The word, as printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Block => "BLOCK",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
        }
    }
}

/// A value that the sentence about a finding needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Parameter {
    /// Its name in the locale file.
    pub name: String,
    /// Its value, printed as it is.
    pub value: String,
}

/// A rule's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, for example `KE-AGE-01`.
    pub rule: String,
    /// What it does to the order.
    pub severity: Severity,
    /// Where: a JSON pointer into the order file.
    pub place: String,
    /// What the sentence needs.
    pub parameters: Vec<Parameter>,
}

impl Finding {
    /// A finding of the host itself; its sentence stands in the host's locale files.
    #[must_use]
    pub fn of_host(rule: &str, severity: Severity, place: impl Into<String>, parameters: &[(&str, &str)]) -> Self {
        let parameters =
            parameters.iter().map(|(name, value)| Parameter { name: (*name).to_owned(), value: (*value).to_owned() }).collect();
        Self { rule: rule.to_owned(), severity, place: place.into(), parameters }
    }
}

/// Sorts findings: worst first, then by rule, then by place. The order is total, so that equal orders give equal reports.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (a.severity, &a.rule, &a.place, &a.parameters).cmp(&(b.severity, &b.rule, &b.place, &b.parameters)));
}
