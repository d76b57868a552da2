//! What becomes of a job after an attempt.

use std::time::Duration;

/// Between one failed attempt and the next, in seconds: six attempts within about three hours.
const WAITS_S: [u64; 5] = [10, 60, 600, 3_600, 7_200];
/// How long a job rests when the ground under it moved each time.
const MOVED_S: u64 = 5;
/// How long it rests while its app may not run.
const STOPPED_S: u64 = 300;
/// For how long it waits for an app that may not run.
pub const STOPPED_MAX: Duration = Duration::from_secs(7 * 86_400);

crate::words! {
    /// Where a job stands.
    pub enum State {
        /// It will be tried, or tried again.
        Waiting = "waiting",
        /// The app has answered, and what it proposed is committed.
        Done = "done",
        /// The app has answered and refuses; nothing is committed.
        Refused = "refused",
        /// It will not be tried any more.
        Failed = "failed",
        /// The app takes part no more.
        Skipped = "skipped",
    }
}

crate::words! {
    /// How an attempt ended.
    pub enum Attempt {
        /// Committed, now or before.
        Committed = "committed",
        /// The app refuses.
        Refused = "refused",
        /// What it read kept changing.
        Moved = "moved",
        /// The app failed, or what it proposes cannot be kept.
        Failed = "failed",
        /// The house failed.
        Fault = "fault",
        /// The app may not run now.
        Stopped = "stopped",
        /// There is no such app any more.
        Gone = "gone",
    }
}

/// Where a job stands after attempt number `attempts`, from 1, and after how long it is tried again.
#[must_use]
pub fn next(attempts: u32, attempt: Attempt, age: Duration) -> (State, Duration) {
    let again = |seconds| (State::Waiting, Duration::from_secs(seconds));
    match attempt {
        Attempt::Committed => (State::Done, Duration::ZERO),
        Attempt::Refused => (State::Refused, Duration::ZERO),
        Attempt::Gone => (State::Skipped, Duration::ZERO),
        Attempt::Moved => again(MOVED_S),
        Attempt::Stopped if age < STOPPED_MAX => again(STOPPED_S),
        Attempt::Stopped => (State::Failed, Duration::ZERO),
        // A house that is down for a day must not lose what waits.
        Attempt::Fault => again(WAITS_S.get(attempts.saturating_sub(1) as usize).copied().unwrap_or(7_200)),
        Attempt::Failed => match WAITS_S.get(attempts.saturating_sub(1) as usize) {
            Some(seconds) => again(*seconds),
            None => (State::Failed, Duration::ZERO),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_states_is_the_specification() {
        let mut table = String::new();
        for attempt in Attempt::ALL {
            for (attempts, age) in [(1, Duration::ZERO), (6, Duration::ZERO), (1, STOPPED_MAX)] {
                let (state, wait) = next(attempts, *attempt, age);
                let days = age.as_secs() / 86_400;
                table.push_str(&format!("{attempt} attempt {attempts} day {days}: {state} {}\n", wait.as_secs()));
            }
        }
        assert_eq!(table, include_str!("state.txt"));
    }
}
