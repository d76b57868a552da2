//! What differs between two answers, a line each.

use std::cmp::Ordering;

use super::say::plain;
use crate::document::hook::Reply;
use crate::finding::{Finding, Parameter};
use crate::price::Line;

/// The lines of what is only in one of both: `-` for the old answer, `+` for the new one. A finding that has changed stands on two lines
/// below each other; so does a line of a price.
pub(super) fn differences(old: &Reply, new: &Reply) -> Vec<String> {
    let mut lines = merged(sorted(&old.findings), sorted(&new.findings), key, line);
    let by_rule = |lines: &[Line]| {
        let mut lines = lines.to_vec();
        lines.sort_by_key(|line| line.rule.clone());
        lines
    };
    let (old, new) = (by_rule(&old.lines), by_rule(&new.lines));
    lines.extend(merged(old.iter().collect(), new.iter().collect(), key_of_line, line_of_price));
    lines
}

/// What is only in one of two sorted lists.
fn merged<T: Copy, K: Ord>(old: Vec<T>, new: Vec<T>, key: impl Fn(T) -> K, line: impl Fn(T) -> String) -> Vec<String> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut lines = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(before), Some(after)) => key(*before).cmp(&key(*after)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return lines,
        };
        if order == Ordering::Equal {
            old.next();
            new.next();
        } else if order == Ordering::Less {
            lines.extend(old.next().map(|one| format!("- {}", line(one))));
        } else {
            lines.extend(new.next().map(|one| format!("+ {}", line(one))));
        }
    }
}

/// By rule and place first: a finding that has changed keeps both.
fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by(|one, two| key(one).cmp(&key(two)));
    findings
}

fn key(finding: &Finding) -> impl Ord + '_ {
    (&finding.rule, &finding.place, finding.severity, &finding.parameters)
}

/// A finding on one line, parameters included.
fn line(finding: &Finding) -> String {
    let parameters = parameters(&finding.parameters);
    format!("{} {} {}{parameters}", finding.severity.word(), plain(&finding.rule), plain(&finding.place))
}

fn parameters(parameters: &[Parameter]) -> String {
    parameters.iter().map(|one| format!(" {}={:?}", plain(&one.name), one.value)).collect()
}

/// The whole of a line: two that differ in anything are two.
fn key_of_line(line: &Line) -> impl Ord + use<> {
    (line.rule.clone(), line.charge, line.amount.amount(), line.amount.currency().code().to_owned(), line.parameters.clone())
}

/// A line of a price on one line, parameters included.
fn line_of_price(line: &Line) -> String {
    let parameters = parameters(&line.parameters);
    let (amount, currency) = (line.amount.amount(), line.amount.currency());
    format!("{} {} {amount} {}{parameters}", line.charge.as_str(), plain(&line.rule), currency.code())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    fn finding(rule: &str, place: &str, limit: &str) -> Finding {
        Finding::of_host(rule, Severity::Warn, place, &[("limit", limit)])
    }

    fn reply(findings: &[Finding]) -> Reply {
        Reply { findings: findings.to_vec(), lines: Vec::new() }
    }

    #[test]
    fn a_line_of_a_price_that_changed_stands_on_two_lines() {
        let line = |minor: i64| Line {
            rule: "A-1".to_owned(),
            charge: crate::price::Charge::Freight,
            amount: crate::kernel::money::Money::new(minor, "USD".parse().unwrap()),
            parameters: Vec::new(),
        };
        let (old, new) = (vec![line(100)], vec![line(250), line(250)]);
        let [old, new] = [old, new].map(|lines| Reply { findings: Vec::new(), lines });
        assert_eq!(differences(&old, &new), ["- freight A-1 1.00 USD", "+ freight A-1 2.50 USD", "+ freight A-1 2.50 USD"]);
    }

    #[test]
    fn a_finding_that_changed_stands_on_two_lines() {
        let old = [finding("A-2", "/x", "1"), finding("A-1", "/x", "1"), finding("A-1", "/x", "1")];
        let new = [finding("A-1", "/x", "1"), finding("A-2", "/x", "2"), finding("A-3", "/\n", "\"")];
        assert_eq!(
            differences(&reply(&old), &reply(&new)),
            [
                "- WARN A-1 /x limit=\"1\"",
                "- WARN A-2 /x limit=\"1\"",
                "+ WARN A-2 /x limit=\"2\"",
                "+ WARN A-3 /\u{fffd} limit=\"\\\"\""
            ]
        );
        assert_eq!(differences(&reply(&old), &reply(&old)), [] as [String; 0]);
    }
}
