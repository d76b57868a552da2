//! The closed WASI that standard libraries ask for: enough to start, nothing to reach. 0.2 for components, preview 1 for core modules.
//!
//! No files, no environment, no arguments, no sockets. Clocks stand at the call's legal date, randomness comes from the call's seed, a
//! sleep returns at once, standard output and error go into the bounded log. It is written by hand and not a locked-down `wasmtime-wasi`
//! because what is not here cannot be opened by a setting, a call then makes no table, no stream and no clock object (a hook call is
//! shorter than making them), and the server does not carry a file system for guests. Functions that need a handle which this shim never
//! gives out (a descriptor, a terminal, an error) are linked so that standard libraries load, and trap with the rest of the bad handles.
//! Never add a function here that answers from the machine.

mod io;
mod link;
mod preview1;

pub(crate) use link::link;
pub(crate) use preview1::{Exited, FUNCTIONS as PREVIEW1_FUNCTIONS, MODULE as PREVIEW1, link as link_preview1};

use crate::bindings::contract::roro::types::types::Date;
use crate::guest::{Answers, Guest, LogSource};

/// Bytes that a line of standard output may have; a longer one is cut into several.
const LINE_BYTES_MAX: usize = 4 * 1024;
const SECONDS_PER_DAY: i64 = 86_400;

/// What the shim keeps for one call.
#[derive(Debug)]
pub(crate) struct Wasi {
    now_seconds: u64,
    random_state: u64,
    random_seed: u64,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Wasi {
    pub(crate) fn new(as_of: Date, random_seed: u64) -> Self {
        Self { now_seconds: unix_seconds(as_of), random_state: random_seed, random_seed, stdout: Vec::new(), stderr: Vec::new() }
    }

    /// The next number of the call's sequence (`SplitMix64`). Good enough for hash maps and shuffles; a guest has no secret to protect.
    fn random_u64(&mut self) -> u64 {
        self.random_state = self.random_state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random_state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn buffer(&mut self, source: LogSource) -> &mut Vec<u8> {
        if source == LogSource::Stderr { &mut self.stderr } else { &mut self.stdout }
    }
}

/// Midnight UTC of a civil date, in seconds since 1970; 0 for earlier dates, which a wall clock of WASI cannot say.
fn unix_seconds(date: Date) -> u64 {
    // Years begin in March here, so that the leap day is the last of its year; an era is 400 years of 146 097 days.
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days_since_1970 = era * 146_097 + day_of_era - 719_468;
    u64::try_from(days_since_1970 * SECONDS_PER_DAY).unwrap_or(0)
}

impl<S: Answers> Guest<S> {
    /// Takes bytes that the guest prints and passes on whole lines.
    fn print(&mut self, source: LogSource, bytes: &[u8]) -> wasmtime::Result<()> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            // Bytes are counted as they come: a flood without a line's end must not gather in the host.
            let room = self.meter.limits().log_bytes;
            self.wasi.buffer(source).extend_from_slice(text);
            let gathered = self.wasi.buffer(source).len();
            if ends || gathered >= LINE_BYTES_MAX || u64::try_from(gathered).is_ok_and(|gathered| gathered > room) {
                self.flush(source)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, source: LogSource) -> wasmtime::Result<()> {
        let line = std::mem::take(self.wasi.buffer(source));
        for chunk in line.chunks(LINE_BYTES_MAX) {
            self.write_log(source, &String::from_utf8_lossy(chunk))?;
        }
        Ok(())
    }

    /// Passes on what was printed without a line's end. What is over the limit is dropped: the call is over.
    pub(crate) fn finish_printing(&mut self) {
        for source in [LogSource::Stdout, LogSource::Stderr] {
            if self.flush(source).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clock_stands_at_midnight_of_the_legal_date() {
        let date = |year, month, day| Date { year, month, day };
        assert_eq!(unix_seconds(date(1970, 1, 1)), 0);
        assert_eq!(unix_seconds(date(1969, 12, 31)), 0);
        assert_eq!(unix_seconds(date(2000, 2, 29)), 951_782_400);
        assert_eq!(unix_seconds(date(2026, 11, 21)), 1_795_219_200);
    }

    #[test]
    fn randomness_follows_the_seed() {
        let date = Date { year: 2026, month: 1, day: 1 };
        let draw = |seed| {
            let mut wasi = Wasi::new(date, seed);
            [wasi.random_u64(), wasi.random_u64()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
