//! What becomes of a delivery after an attempt.
//!
//! The waits are those that the specification of Standard Webhooks gives as its example (standardwebhooks.com, section "Deliverability
//! and reliability", read 2026-11-26): ten attempts within about three days.

use std::time::Duration;

/// Between one attempt and the next, in seconds.
const WAITS_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest wait that a receiver can ask for with `Retry-After`, in seconds.
const ASKED_S_MAX: u64 = 86_400;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver answered with this status, and perhaps said after how many seconds to come again.
    Answered {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after_s: Option<u64>,
    },
    /// No answer.
    Unanswered,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the receiver has it.
    Delivered,
    /// Try again after a while.
    Again(Duration),
    /// Nothing more, and nothing to this webhook until a person has looked: the receiver is gone, or every attempt failed.
    Suspend,
}

/// What to do when attempt number `attempts`, from 1, has ended so. A redirect is no delivery: the address must be changed.
#[must_use]
pub fn next(attempts: u32, attempt: Attempt) -> Next {
    let (status, asked_s) = match attempt {
        Attempt::Answered { status, retry_after_s } => (Some(status), retry_after_s.unwrap_or(0).min(ASKED_S_MAX)),
        Attempt::Unanswered => (None, 0),
    };
    match status {
        Some(200..=299) => Next::Delivered,
        // The specification's way to say: never again.
        Some(410) => Next::Suspend,
        _ => {
            let wait = attempts.checked_sub(1).and_then(|index| WAITS_S.get(usize::try_from(index).ok()?));
            wait.map_or(Next::Suspend, |wait| Next::Again(Duration::from_secs(asked_s.max(*wait))))
        }
    }
}

/// How long a webhook rests after so many failed attempts in a row, whatever else is due to it.
#[must_use]
pub fn rest(failures: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(failures.min(8)).min(120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_attempts_is_the_specification() {
        let answered = |status| Attempt::Answered { status, retry_after_s: None };
        let again = |seconds| Next::Again(Duration::from_secs(seconds));
        for (attempts, attempt, expected) in [
            (1, answered(200), Next::Delivered),
            (10, answered(204), Next::Delivered),
            (1, answered(301), again(5)),
            (1, answered(400), again(5)),
            (1, answered(410), Next::Suspend),
            (1, answered(500), again(5)),
            (1, Attempt::Unanswered, again(5)),
            (2, Attempt::Unanswered, again(300)),
            (3, Attempt::Unanswered, again(1_800)),
            (9, Attempt::Unanswered, again(86_400)),
            (10, Attempt::Unanswered, Next::Suspend),
            (u32::MAX, Attempt::Unanswered, Next::Suspend),
            (1, Attempt::Answered { status: 429, retry_after_s: Some(60) }, again(60)),
            (1, Attempt::Answered { status: 503, retry_after_s: Some(1) }, again(5)),
            (1, Attempt::Answered { status: 503, retry_after_s: Some(u64::MAX) }, again(86_400)),
        ] {
            assert_eq!(next(attempts, attempt), expected, "{attempts} {attempt:?}");
        }
        let all: u64 = WAITS_S.iter().sum();
        assert!((2 * 86_400..4 * 86_400).contains(&all), "{all} seconds");
    }

    #[test]
    fn a_rest_doubles_and_ends_at_two_minutes() {
        let rests: Vec<u64> = (0..9).map(|failures| rest(failures).as_secs()).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
    }
}
