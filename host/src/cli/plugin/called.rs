//! What came of a call, as it is shown: findings in words, or the failure; the cost; what the guest logged.

use serde::Serialize;
use std::collections::BTreeMap;

use crate::document::hook::{Answer, Cost, Reply};
use crate::finding::{self, Finding};
use crate::guest::LogLine;
use crate::pack::Sentence;
use crate::plugin::{Active, LANGUAGES};
use crate::price::Line;

/// What came of a call.
#[derive(Debug, Serialize)]
pub(super) struct Called {
    /// What it found, worst first.
    pub(super) findings: Vec<Told>,
    /// Its part of a price; none of a hook that has no price.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<ToldLine>,
    /// How it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Stopped>,
    /// What it cost.
    pub(super) cost: Cost,
    /// What it logged, also when it failed.
    pub(super) log: Vec<LogLineTold>,
    /// What an app proposes; none for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effects: Option<Vec<serde_json::Value>>,
}

/// A finding in words.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    #[serde(flatten)]
    pub(super) finding: Finding,
    /// What is wrong, by language.
    pub(super) says: BTreeMap<&'static str, String>,
    /// What to do, by language.
    pub(super) fix: BTreeMap<&'static str, String>,
}

/// A line of a price in words.
#[derive(Debug, Serialize)]
pub(super) struct ToldLine {
    #[serde(flatten)]
    pub(super) line: Line,
    /// What it is for, by language.
    pub(super) says: BTreeMap<&'static str, String>,
}

/// How a call failed.
#[derive(Debug, Serialize)]
pub(super) struct Stopped {
    /// The stable code: `roro plugin explain` knows it.
    pub(super) code: &'static str,
    /// What happened.
    pub(super) message: String,
}

/// A line of the guest's log.
#[derive(Debug, Serialize)]
pub(super) struct LogLineTold {
    pub(super) level: &'static str,
    pub(super) text: String,
}

impl Called {
    pub(super) fn new(plugin: &Active, answer: Answer<Reply>, log: Vec<LogLine>) -> Self {
        let log = log.into_iter().map(|line| LogLineTold { level: line.level, text: line.text }).collect();
        match answer {
            Ok((Reply { mut findings, lines }, cost)) => {
                finding::sort(&mut findings);
                let findings = findings.into_iter().map(|finding| Told::new(plugin, finding)).collect();
                let told = |line: Line| ToldLine { says: Told::new(plugin, line.said()).says, line };
                let lines = lines.into_iter().map(told).collect();
                Self { findings, lines, failure: None, cost, log, effects: None }
            }
            Err(failure) => {
                let stopped = Stopped { code: failure.code, message: failure.message };
                let (findings, lines) = (Vec::new(), Vec::new());
                Self { findings, lines, failure: Some(stopped), cost: failure.cost, log, effects: None }
            }
        }
    }

    /// The same with what was proposed.
    pub(super) fn with_effects(self, effects: Vec<serde_json::Value>) -> Self {
        Self { effects: Some(effects), ..self }
    }

    /// What it said, without the words.
    pub(super) fn bare(&self) -> Reply {
        Reply {
            findings: self.findings.iter().map(|told| told.finding.clone()).collect(),
            lines: self.lines.iter().map(|told| told.line.clone()).collect(),
        }
    }
}

impl Told {
    fn new(plugin: &Active, finding: Finding) -> Self {
        let (mut says, mut fix) = (BTreeMap::new(), BTreeMap::new());
        // A language without the rule is left out here, so that what is missing can be seen.
        let speaks = |language: &str| plugin.locales.get(language).is_some_and(|locale| locale.contains_key(&finding.rule));
        for language in LANGUAGES.into_iter().filter(|language| speaks(language)) {
            if let Some(Sentence { says: wrong, fix: advice, .. }) = plugin.sentence(language, &finding) {
                says.insert(language, wrong);
                fix.insert(language, advice);
            }
        }
        Self { finding, says, fix }
    }
}
