//! Durations of one thing, their percentiles, and the tables and figures that are printed.

use std::io::Write as _;
use std::time::{Duration, Instant};

/// The environment variable that names the file which collects figures for the summary.
const FIGURES: &str = "RORO_BENCH_FIGURES";

/// Durations of one thing, sorted.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Wraps measured durations.
    #[must_use]
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Measures `work` after a tenth of the rounds as warm-up.
    pub fn of(rounds: usize, mut work: impl FnMut()) -> Self {
        (0..rounds.div_ceil(10)).for_each(|_| work());
        let measure = |()| {
            let started = Instant::now();
            work();
            started.elapsed()
        };
        Self::new(std::iter::repeat_n((), rounds).map(measure).collect())
    }

    /// The duration below which so many per cent lie.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The middle one.
    #[must_use]
    pub fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// The one that a hundredth is above.
    #[must_use]
    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }
}

/// Several things measured in turns, so that what the machine does meanwhile falls on all of them alike: `rounds` times `block` calls of
/// each, after one block as warm-up. A series takes a number of calls and gives their durations.
pub fn interleave(rounds: usize, block: usize, series: &mut [Box<dyn FnMut(usize) -> Vec<Duration> + '_>]) -> Vec<Times> {
    let mut all = vec![Vec::new(); series.len()];
    for round in 0..=rounds {
        for (one, times) in series.iter_mut().zip(&mut all) {
            let measured = one(block);
            if round > 0 {
                times.extend(measured);
            }
        }
    }
    all.into_iter().map(Times::new).collect()
}

/// A table of durations: one line a thing, with its ratios to the table's floor.
#[derive(Debug)]
pub struct Table {
    floor: Option<Times>,
}

/// The head of the columns of ratios.
const RATIOS: &str = "  ratio p50    p99";

impl Table {
    /// Prints the head. `floor` names what the ratios are to; without one there is none.
    #[must_use]
    pub fn new(title: &str, floor: Option<(&str, &Times)>) -> Self {
        head(title, if floor.is_some() { RATIOS } else { "" });
        let table = Self { floor: floor.map(|(_, times)| times.clone()) };
        if let Some((name, times)) = floor {
            table.row(name, times);
        }
        table
    }

    /// A table in which every line has a floor of its own: use [`Table::pair`].
    #[must_use]
    pub fn of_pairs(title: &str) -> Self {
        head(title, RATIOS);
        Self { floor: None }
    }

    /// Prints a line.
    pub fn row(&self, name: &str, times: &Times) {
        line(name, times, self.floor.as_ref());
    }

    /// Prints a line with its ratios to a floor of its own.
    pub fn pair(&self, name: &str, times: &Times, floor: &Times) {
        line(name, times, Some(floor));
    }
}

fn head(title: &str, ratios: &str) {
    println!("\n{title:58} {:>6} {:>12} {:>12}{ratios}", "n", "p50", "p99");
}

fn line(name: &str, times: &Times, floor: Option<&Times>) {
    let ratios = floor.map_or_else(String::new, |floor| {
        format!(" {:>10} {:>6}", ratio(times.p50(), floor.p50()), ratio(times.p99(), floor.p99()))
    });
    println!("  {name:56} {:>6} {:>12} {:>12}{ratios}", times.0.len(), show(times.p50()), show(times.p99()));
}

/// A duration as people read it, without a float.
#[must_use]
pub fn show(duration: Duration) -> String {
    let ns = duration.as_nanos();
    if ns < 10_000_000 {
        format!("{}.{} µs", ns / 1_000, ns / 100 % 10)
    } else {
        format!("{}.{} ms", ns / 1_000_000, ns / 100_000 % 10)
    }
}

/// A ratio to two decimals, without a float.
#[must_use]
pub fn ratio(one: Duration, other: Duration) -> String {
    let hundredths = (one.as_nanos() * 100).checked_div(other.as_nanos()).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The middle one of several ratios in hundredths, as text.
#[must_use]
pub fn median_ratio(pairs: &[(Duration, Duration)]) -> String {
    let mut sorted: Vec<&(Duration, Duration)> = pairs.iter().collect();
    sorted.sort_by_key(|(one, other)| (one.as_nanos() * 100_000).checked_div(other.as_nanos()));
    sorted.get(sorted.len() / 2).map_or_else(String::new, |(one, other)| ratio(*one, *other))
}

/// A figure for the summary at the end of a run, with the goal that stands for it, if any.
pub fn figure(what: &str, value: &str, goal: &str) {
    let Some(file) = std::env::var_os(FIGURES) else { return };
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).expect("the file of figures");
    writeln!(file, "{what}\t{value}\t{goal}").expect("the file of figures");
}
