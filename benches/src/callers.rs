//! The same call by several callers at the same time: how long each of them waits, and how many calls a second all of them get together.

use crate::times::{Times, show};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// How many call at the same time.
pub const CALLERS: [usize; 3] = [1, 2, 8];
/// About so long a series is called before the next one has its turn.
const BLOCK: Duration = Duration::from_millis(250);
/// Calls of a block, at least and at most.
const CALLS: (usize, usize) = (24, 4_000);

/// Calls that were made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// How long each of them took.
    pub times: Vec<Duration>,
    /// How long all of them took together.
    pub elapsed: Duration,
}

impl Made {
    /// Calls a second of all callers together.
    #[must_use]
    pub fn a_second(&self) -> u128 {
        (self.times.len() as u128 * 1_000_000_000).checked_div(self.elapsed.as_nanos()).unwrap_or(0)
    }

    /// The durations, sorted.
    #[must_use]
    pub fn sorted(&self) -> Times {
        Times::new(self.times.clone())
    }

    fn add(&mut self, more: Self) {
        self.times.extend(more.times);
        self.elapsed += more.elapsed;
    }
}

/// Something that is called.
pub struct Series<'a> {
    /// What a table calls it.
    pub name: String,
    /// So many callers make so many calls together.
    pub call: Box<dyn FnMut(usize, usize) -> Made + 'a>,
}

/// What was measured of one series, by [`CALLERS`].
pub type Row = [Made; CALLERS.len()];

/// Measures all series in turns, so that what the machine does meanwhile falls on all of them alike.
pub fn measure(rounds: usize, series: &mut [Series<'_>]) -> Vec<Row> {
    let counts: Vec<_> = series.iter_mut().map(|one| CALLERS.map(|callers| count(one, callers))).collect();
    let mut rows = vec![Row::default(); series.len()];
    for _ in 0..rounds {
        for (at, callers) in CALLERS.into_iter().enumerate() {
            for ((one, counts), row) in series.iter_mut().zip(&counts).zip(&mut rows) {
                if let (Some(count), Some(made)) = (counts.get(at), row.get_mut(at)) {
                    made.add((one.call)(callers, *count));
                }
            }
        }
    }
    rows
}

/// How many calls make a block. What is called to learn that is the warm-up.
fn count(one: &mut Series<'_>, callers: usize) -> usize {
    let (least, most) = CALLS;
    let made = (one.call)(callers, least);
    let each = (made.elapsed.as_nanos() / made.times.len().max(1) as u128).max(1);
    usize::try_from(BLOCK.as_nanos() / each).unwrap_or(most).clamp(least, most)
}

/// Calls from threads that all begin together. `make` gives each of them what it calls; what that takes is not measured.
///
/// # Panics
/// When a call does.
pub fn by_threads<C: FnMut()>(callers: usize, calls: usize, make: impl Fn() -> C + Sync) -> Made {
    let each = calls.div_ceil(callers);
    let gate = Barrier::new(callers + 1);
    std::thread::scope(|scope| {
        let caller = || {
            let mut call = make();
            gate.wait();
            let once = |()| {
                let started = Instant::now();
                call();
                started.elapsed()
            };
            let times: Vec<Duration> = std::iter::repeat_n((), each).map(once).collect();
            // Before what was called goes: taking a sandbox down is no call.
            (times, Instant::now())
        };
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(caller)).collect();
        gate.wait();
        let (started, mut made) = (Instant::now(), Made::default());
        for thread in threads {
            let (times, ended) = thread.join().expect("a caller");
            made.times.extend(times);
            made.elapsed = made.elapsed.max(ended.saturating_duration_since(started));
        }
        made
    })
}

/// Prints the table.
pub fn print(title: &str, rows: &[(&str, &Row)]) {
    let heads: String = CALLERS.map(|callers| format!("{:>36}", format!("{callers} at a time"))).concat();
    println!("\n{title:58}{heads}");
    println!("{:58}{}", "", format!("{:>13}{:>13}{:>10}", "p50", "p99", "calls/s").repeat(CALLERS.len()));
    for (name, row) in rows {
        let cells = row.iter().map(|made| {
            let times = made.sorted();
            format!("{:>13}{:>13}{:>10}", show(times.p50()), show(times.p99()), made.a_second())
        });
        println!("  {name:56}{}", cells.collect::<String>());
    }
}
