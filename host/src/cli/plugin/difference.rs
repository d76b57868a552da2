//! What differs between two lists of findings, a line each.

use std::cmp::Ordering;

use super::say::plain;
use crate::finding::Finding;

/// The lines of what is only in one of both: `-` for the old list, `+` for the new one. A finding that has changed stands on two lines
/// below each other.
pub(super) fn differences(old: &[Finding], new: &[Finding]) -> Vec<String> {
    let (old, new) = (sorted(old), sorted(new));
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut lines = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(before), Some(after)) => key(before).cmp(&key(after)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return lines,
        };
        if order == Ordering::Equal {
            old.next();
            new.next();
        } else if order == Ordering::Less {
            lines.extend(old.next().map(|finding| format!("- {}", line(finding))));
        } else {
            lines.extend(new.next().map(|finding| format!("+ {}", line(finding))));
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
    let parameters: String = finding.parameters.iter().map(|one| format!(" {}={:?}", plain(&one.name), one.value)).collect();
    format!("{} {} {}{parameters}", finding.severity.word(), plain(&finding.rule), plain(&finding.place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    fn finding(rule: &str, place: &str, limit: &str) -> Finding {
        Finding::of_host(rule, Severity::Warn, place, &[("limit", limit)])
    }

    #[test]
    fn a_finding_that_changed_stands_on_two_lines() {
        let old = [finding("A-2", "/x", "1"), finding("A-1", "/x", "1"), finding("A-1", "/x", "1")];
        let new = [finding("A-1", "/x", "1"), finding("A-2", "/x", "2"), finding("A-3", "/\n", "\"")];
        assert_eq!(
            differences(&old, &new),
            [
                "- WARN A-1 /x limit=\"1\"",
                "- WARN A-2 /x limit=\"1\"",
                "+ WARN A-2 /x limit=\"2\"",
                "+ WARN A-3 /\u{fffd} limit=\"\\\"\""
            ]
        );
        assert_eq!(differences(&old, &old), [] as [String; 0]);
    }
}
