//! Tenant B's hook beside a neighbour that attacks, and the same load beside an honest neighbour that burns the fuel of one such call: the
//! ratio of B's p99, median of five runs, for each of the main attacks. Both neighbours call again as soon as a call has ended.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::document::Case;
use roro::guest::Answers;
use roro_benches::cases::{case, component, dispatch, order};
use roro_benches::times::{Table, Times, figure, median_ratio, show};
use roro_engine::bindings::contract::roro::types::types::{Date, Finding};
use roro_engine::{Call, Cost, Engine, Failure, FailureKind, Limits, Plugin, PluginId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const RUNS: usize = 5;
/// Calls of tenant B a run.
const CALLS: usize = 20_000;
const VEHICLES: usize = 10;
const ATTACKS: [(&str, FailureKind); 4] = [
    ("loop", FailureKind::OutOfFuel),
    ("memory", FailureKind::OutOfMemory),
    ("host-calls", FailureKind::HostCallLimit),
    ("log", FailureKind::LogLimit),
];

/// The engine with both guests.
#[derive(Clone)]
struct House {
    engine: Engine<Answers>,
    honest: Plugin<Answers>,
    attackers: Plugin<Answers>,
    case: Case,
    limits: Limits,
}

type Outcome = Result<(Vec<Finding>, Cost), Box<Failure>>;

impl House {
    fn new() -> Self {
        let engine = dispatch().engine().clone();
        let load = |name: &str, file: &str| engine.load(PluginId::new(name, "0.0.0"), &component(file)).expect("a plugin");
        Self {
            honest: load("rule", "roro_bench_rule.wasm"),
            attackers: load("attackers", "roro_attackers.wasm"),
            engine,
            case: case(order(VEHICLES)),
            // A call ends by its fuel here, never by the clock of a busy machine.
            limits: Limits {
                wall_time: Duration::from_secs(30),
                ..Limits::rule(u32::try_from(VEHICLES).expect("a small order"))
            },
        }
    }

    async fn call(&self, plugin: &Plugin<Answers>, case: Case) -> Outcome {
        let as_of = Date { year: 2026, month: 9, day: 14 };
        let call = Call { answers: Answers::new(case).0, limits: self.limits.clone(), as_of, warm: None, seed: 7 };
        let (answer, cost) = self.engine.documents_check(plugin, call).await?;
        Ok((answer.expect("findings"), cost))
    }

    /// A call of the attackers' component with settings.
    async fn neighbour(&self, settings: &[(&str, String)]) -> Outcome {
        let config: BTreeMap<String, String> = settings.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        self.call(&self.attackers, Case { config: Arc::new(config), ..self.case.clone() }).await
    }

    /// The rounds of honest work that burn nearly all the fuel of a call.
    async fn rounds(&self) -> u64 {
        let fuel = async |rounds: u64| {
            let outcome = self.neighbour(&[("attack", "honest".to_owned()), ("rounds", rounds.to_string())]).await;
            outcome.expect("honest work").1.fuel
        };
        let (few, many) = (fuel(100_000).await, fuel(1_100_000).await);
        let of_a_million = (many - few).max(1);
        // A hundredth less than what there is: the call must end by itself.
        (self.limits.fuel / 100 * 99) * 1_000_000 / of_a_million
    }

    /// Tenant B's load: one caller, call after call.
    async fn load(self) -> Times {
        let mut times = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let started = Instant::now();
            let (findings, _) = self.call(&self.honest, self.case.clone()).await.expect("tenant B is served");
            times.push(started.elapsed());
            assert_eq!(findings.len(), 1, "tenant B gets its answer");
        }
        Times::new(times)
    }
}

/// A neighbour that has one call in flight until it is dropped.
struct Neighbour {
    stop: Arc<AtomicBool>,
    task: JoinHandle<(usize, Duration)>,
}

impl Neighbour {
    /// `expected` is how each of its calls must end.
    fn start(house: &House, settings: Vec<(&'static str, String)>, expected: Option<FailureKind>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (house, stopping) = (house.clone(), Arc::clone(&stop));
        let task = tokio::spawn(async move {
            let (mut calls, started) = (0, Instant::now());
            while !stopping.load(Ordering::Relaxed) {
                let outcome = house.neighbour(&settings).await;
                let ended = outcome.as_ref().err().map(|failure| failure.kind);
                assert_eq!(ended, expected, "{settings:?}: {outcome:?}");
                calls += 1;
            }
            (calls, started.elapsed())
        });
        Self { stop, task }
    }

    /// Ends it; how many calls it made, and how long one took.
    async fn end(self) -> (usize, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        let (calls, elapsed) = self.task.await.expect("the neighbour ends as expected");
        (calls, elapsed / u32::try_from(calls.max(1)).unwrap_or(u32::MAX))
    }
}

/// One load beside one neighbour.
async fn beside(house: &House, settings: Vec<(&'static str, String)>, expected: Option<FailureKind>) -> (Times, Duration) {
    let neighbour = Neighbour::start(house, settings, expected);
    // It is there before the first call is measured.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let times = tokio::spawn(house.clone().load()).await.expect("the load");
    (times, neighbour.end().await.1)
}

async fn measure() {
    let house = House::new();
    let rounds = house.rounds().await;
    let honest = vec![("attack", "honest".to_owned()), ("rounds", rounds.to_string())];
    let (_, cost) = house.neighbour(&honest).await.expect("honest work");
    println!("attack: tenant B's hook, guest (i), {VEHICLES} vehicles, one caller; its neighbour has one call in flight");
    println!("  the honest neighbour burns {} of {} units of fuel a call", cost.fuel, house.limits.fuel);
    assert!(cost.fuel * 10 > house.limits.fuel * 9, "the honest neighbour burns what the attacker may");
    let table = Table::new("tenant B, last run of each", None);
    table.row("alone", &tokio::spawn(house.clone().load()).await.expect("the load"));
    for (attack, kind) in ATTACKS {
        let mut pairs = Vec::new();
        let mut last = None;
        for _ in 0..RUNS {
            let (quiet, quiet_call) = beside(&house, honest.clone(), None).await;
            let (attacked, attack_call) = beside(&house, vec![("attack", attack.to_owned())], Some(kind)).await;
            pairs.push((attacked.p99(), quiet.p99()));
            last = Some((quiet, quiet_call, attacked, attack_call));
        }
        let (quiet, quiet_call, attacked, attack_call) = last.expect("five runs");
        table.row(&format!("beside honest work ({} a call)", show(quiet_call)), &quiet);
        table.row(&format!("beside `{attack}` ({} a call, {kind})", show(attack_call)), &attacked);
        let all: Vec<String> = pairs.iter().map(|pair| median_ratio(&[*pair])).collect();
        println!("  p99 beside `{attack}` to p99 beside honest work: {} (runs: {})", median_ratio(&pairs), all.join(", "));
        figure(&format!("attack `{attack}`: p99 of another tenant, to an honest neighbour"), &median_ratio(&pairs), "≤ 1.50");
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(runtime.spawn(measure())).expect("the bench");
}
