//! The steady load, and what is wrong with an answer.

use roro_benches::server::Server;
use roro_benches::told;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What is asked: an order of a firm whose plugins have these releases, each by its id with the name that its answers bear.
pub(crate) struct Asked {
    pub(crate) token: String,
    pub(crate) path: String,
    pub(crate) plugins: usize,
    pub(crate) releases: BTreeMap<String, String>,
}

/// Why an answer does not count.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No answer of all plugins.
    Failed(String),
    /// One plugin answered as of two releases, or not as the release that the report names.
    Mixed(String),
}

/// What became of the load.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) times: Vec<Duration>,
    pub(crate) failed: usize,
    pub(crate) mixed: usize,
    /// The first fault, in full.
    pub(crate) first: Option<String>,
}

impl Seen {
    pub(crate) fn add(&mut self, more: Self) {
        self.times.extend(more.times);
        self.failed += more.failed;
        self.mixed += more.mixed;
        self.first = self.first.take().or(more.first);
    }

    /// Counts an answer.
    pub(crate) fn count(&mut self, judged: Result<(), Fault>) {
        let said = match judged {
            Ok(()) => return,
            Err(Fault::Failed(said)) => {
                self.failed += 1;
                said
            }
            Err(Fault::Mixed(said)) => {
                self.mixed += 1;
                said
            }
        };
        self.first.get_or_insert(said);
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The release of a plugin that a report names first.
pub(crate) fn release_of<'a>(report: &'a Value, plugin: &str) -> &'a str {
    list(report, "plugins").iter().find(|one| text(one, "id") == plugin).map(|one| text(one, "release")).unwrap_or_default()
}

impl Asked {
    /// Asks once; the answer, how long it took, and what is wrong with it.
    pub(crate) fn ask(&self, server: &Server, agent: &ureq::Agent) -> (Value, Duration, Result<(), Fault>) {
        let started = Instant::now();
        let answer = server.get(agent, &self.path, &self.token);
        let took = started.elapsed();
        match answer {
            Ok((200, report)) => {
                let judged = self.judge(&report);
                (report, took, judged)
            }
            Ok((status, report)) => {
                let said = format!("{status}: {report}");
                (report, took, Err(Fault::Failed(said)))
            }
            Err(error) => (Value::Null, took, Err(Fault::Failed(error.to_string()))),
        }
    }

    /// Both hooks of each plugin were asked of one release, and both answered as that release.
    fn judge(&self, report: &Value) -> Result<(), Fault> {
        for number in 1..=self.plugins {
            let (id, rule) = (told::id(number), told::rule(number));
            let asked: Vec<&Value> = list(report, "plugins").iter().filter(|one| text(one, "id") == id).collect();
            if asked.len() != told::HOOKS || asked.iter().any(|one| text(one, "outcome") != "done") {
                return Err(Fault::Failed(report.to_string()));
            }
            let release = release_of(report, &id);
            let name = self.releases.get(release).map(String::as_str).unwrap_or_default();
            let found: Vec<&Value> = list(report, "findings").iter().filter(|one| text(one, "rule") == rule).collect();
            let is_of_it = |finding: &&&Value| {
                let said = list(finding, "parameters").iter().find(|one| text(one, "name") == "release");
                said.is_some_and(|one| text(one, "value") == name)
            };
            let agree = asked.iter().all(|one| text(one, "release") == release)
                && found.len() == told::HOOKS
                && found.iter().filter(is_of_it).count() == told::HOOKS;
            if !agree {
                return Err(Fault::Mixed(report.to_string()));
            }
        }
        Ok(())
    }
}

/// A load of so many requests a second, spread over both servers, until it is told to stop.
pub(crate) struct Load<'a> {
    pub(crate) servers: [&'a Server; 2],
    pub(crate) agent: &'a ureq::Agent,
    pub(crate) asked: &'a Asked,
    pub(crate) a_second: u32,
    pub(crate) stop: AtomicBool,
    pub(crate) next: AtomicUsize,
    pub(crate) started: Instant,
}

/// Tells a load to stop when it goes, also when what was measured beside it has failed: its callers would never end.
pub(crate) struct Ending<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Load<'_> {
    /// One of its callers: takes the next place in the schedule, waits for its time, asks. Who is late asks at once.
    pub(crate) fn call(&self) -> Seen {
        let mut seen = Seen::default();
        while !self.stop.load(Ordering::Relaxed) {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let due = self.started + Duration::from_secs(1) * u32::try_from(place).unwrap_or(u32::MAX) / self.a_second;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let [one, other] = self.servers;
            let server = if place.is_multiple_of(2) { one } else { other };
            let (_, took, judged) = self.asked.ask(server, self.agent);
            seen.times.push(took);
            seen.count(judged);
        }
        seen
    }
}
