//! A hook call in a fresh sandbox, as the host makes it, beside its floor: wasmtime called directly with the same settings and plain structs
//! behind the imports. Two guests: (i) a usual rule, twelve fields a vehicle and one finding; (ii) the rulebook with the packs trade, jp and ke.
//!
//! The rows between floor and hook say where the time between them goes. All rows of a table are measured in turns.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::document::Case;
use roro::document::hook::Hooks;
use roro::guest::{Answers, Dispatch};
use roro_benches::cases::{case, component, dispatch, dispatch_with, order};
use roro_benches::floor::{Floor, Machine};
use roro_benches::native::{self, Said, of_host, of_wire};
use roro_benches::plain::Plain;
use roro_benches::times::{Table, Times, figure, interleave, ratio, show};
use roro_engine::bindings::contract::roro::types::types;
use roro_engine::{Call, Engine, Limits, Plugin, PluginId};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How often each series takes its turn.
const ROUNDS: usize = 20;
const SIZES: [(usize, usize); 3] = [(1, 100), (10, 100), (100, 50)];
const GUEST: &str = "roro_bench_rule.wasm";
const RULEBOOK: &str = "roro_rulebook.wasm";

/// One guest behind every host that is compared.
struct Subject {
    title: &'static str,
    short: &'static str,
    native: fn(&Case) -> Vec<Said>,
    /// The host, with its engine and the guest on it.
    dispatch: Dispatch,
    plugin: Plugin<Answers>,
    floor: Floor<Plain>,
    without_fuel: Floor<Plain>,
    /// The floor with the host's own answers in place of plain structs.
    answered: Floor<Answers>,
}

impl Subject {
    /// `machines`: the floor's, and the floor's without fuel.
    fn new(
        [title, short, file]: [&'static str; 3],
        dispatch: Dispatch,
        machines: &[Machine; 2],
        native: fn(&Case) -> Vec<Said>,
    ) -> Self {
        let bytes = component(file);
        let [fuelled, without] = machines;
        println!("guest {title}: {} kB", bytes.len() / 1000);
        Self {
            title,
            short,
            native,
            plugin: dispatch.engine().load(PluginId::new("bench", "0.0.0"), &bytes).expect("a plugin"),
            dispatch,
            floor: fuelled.load(&bytes),
            without_fuel: without.load(&bytes),
            answered: fuelled.load(&bytes),
        }
    }

    /// Every way to call must give the answer that the same work gives without a sandbox.
    async fn assert_right(&self, case: &Case, limits: &Limits) {
        let right = (self.native)(case);
        assert!(!right.is_empty(), "a guest without findings measures nothing");
        let plain = Plain::new(case);
        let (hook, _) = self.dispatch.check(case).await.expect("an answer");
        assert_eq!(hook.iter().map(of_host).collect::<Vec<_>>(), right, "the hook");
        for (name, said) in [
            ("the floor", self.floor.check(plain.clone(), limits).await),
            ("the floor without fuel", self.without_fuel.check(plain, limits).await),
            ("the floor with the host's answers", self.answered.check(Answers::new(case.clone()).0, limits).await),
            ("the engine", on_engine(self.dispatch.engine(), &self.plugin, case, limits).await),
        ] {
            assert_eq!(said.iter().map(of_wire).collect::<Vec<_>>(), right, "{name}");
        }
    }
}

async fn on_engine(engine: &Engine<Answers>, plugin: &Plugin<Answers>, case: &Case, limits: &Limits) -> Vec<types::Finding> {
    let as_of =
        types::Date { year: case.as_of.year(), month: case.as_of.month().unsigned_abs(), day: case.as_of.day().unsigned_abs() };
    let call = Call { answers: Answers::new(case.clone()).0, limits: limits.clone(), as_of, warm: None, seed: 7 };
    let (answer, _) = engine.documents_check(plugin, call).await.expect("an answer");
    answer.expect("findings")
}

/// `count` durations of a call.
async fn timed<T>(count: usize, mut call: impl AsyncFnMut() -> T) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        drop(call().await);
        times.push(started.elapsed());
    }
    times
}

/// Calls of the host, from a task of a server's runtime.
fn hook_calls(server: &Runtime, dispatch: &Dispatch, case: &Case, count: usize) -> Vec<Duration> {
    let (dispatch, case) = (dispatch.clone(), case.clone());
    let task = server.spawn(async move {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            drop(dispatch.check(&case).await);
            times.push(started.elapsed());
        }
        times
    });
    server.block_on(task).expect("a task")
}

/// The way to a guest thread and back, from a task of a server's runtime, with nothing done there.
fn way_calls(server: &Runtime, engine: &Engine<Answers>, count: usize) -> Vec<Duration> {
    let engine = engine.clone();
    let task = server.spawn(async move {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            engine.on_guest_thread(async {}).await.expect("a guest thread");
            times.push(started.elapsed());
        }
        times
    });
    server.block_on(task).expect("a task")
}

/// Calls of the engine in a row on a guest thread: no way there and back.
fn engine_calls(server: &Runtime, subject: &Subject, case: &Case, limits: &Limits, count: usize) -> Vec<Duration> {
    let engine = subject.dispatch.engine().clone();
    let (inner, plugin, case, limits) = (engine.clone(), subject.plugin.clone(), case.clone(), limits.clone());
    let work = async move {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            drop(on_engine(&inner, &plugin, &case, &limits).await);
            times.push(started.elapsed());
        }
        times
    };
    server.block_on(async move { engine.on_guest_thread(work).await }).expect("a guest thread")
}

fn measure(server: &Runtime, here: &Runtime, subject: &Subject, vehicles: usize, block: usize) {
    let case = case(order(vehicles));
    let limits = Limits::rule(u32::try_from(vehicles).expect("a small order"));
    here.block_on(subject.assert_right(&case, &limits));
    let plain = Plain::new(&case);
    let times = interleave(
        ROUNDS,
        block,
        &mut [
            Box::new(|count| here.block_on(timed(count, async || subject.floor.check(plain.clone(), &limits).await))),
            Box::new(|count| here.block_on(timed(count, async || subject.without_fuel.check(plain.clone(), &limits).await))),
            Box::new(|count| {
                here.block_on(timed(count, async || subject.answered.check(Answers::new(case.clone()).0, &limits).await))
            }),
            Box::new(|count| engine_calls(server, subject, &case, &limits, count)),
            Box::new(|count| hook_calls(server, &subject.dispatch, &case, count)),
        ],
    );
    let [floor, without_fuel, answered, engine, hook] = <[Times; 5]>::try_from(times).expect("five series");
    let table =
        Table::new(&format!("{}, {vehicles} vehicles", subject.title), Some(("floor: wasmtime directly, plain structs", &floor)));
    table.row("  the floor without fuel", &without_fuel);
    table.row("  the floor with the host's answers", &answered);
    table.row("  the engine, on a guest thread (metered, limited)", &engine);
    table.row("the hook, as the host calls it", &hook);
    report(subject, vehicles, [&floor, &without_fuel, &hook]);
}

fn report(subject: &Subject, vehicles: usize, [floor, without_fuel, hook]: [&Times; 3]) {
    let is_goal = subject.short == "(i)" && vehicles == 10;
    let name = format!("hook {}, {vehicles} vehicles", subject.short);
    let both = format!("{} / {}", show(hook.p50()), show(hook.p99()));
    figure(&format!("{name}: p50 / p99"), &both, if is_goal { "p50 ≤ 40 µs" } else { "" });
    let ratios = format!("{} / {}", ratio(hook.p50(), floor.p50()), ratio(hook.p99(), floor.p99()));
    figure(&format!("{name}: ratio to the floor, p50 / p99"), &ratios, if subject.short == "(i)" { "p50 ≤ 1.30" } else { "" });
    figure(&format!("{name}: price of fuel (floor with / without)"), &ratio(floor.p50(), without_fuel.p50()), "");
}

fn main() {
    // As the server runs: a runtime of its own, beside the engine's threads.
    let server = Runtime::new().expect("a runtime");
    let here = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    println!("hook: a fresh sandbox a call");
    let machines = [true, false].map(Machine::new);
    let rule =
        Subject::new(["(i) twelve fields a vehicle, one finding", "(i)", GUEST], dispatch_with(GUEST), &machines, |case| {
            native::rule(&case.snapshot)
        });
    let rulebook =
        Subject::new(["(ii) the rulebook, packs trade + jp + ke", "(ii)", RULEBOOK], dispatch(), &machines, native::rulebook);
    for subject in [&rule, &rulebook] {
        for (vehicles, block) in SIZES {
            measure(&server, &here, subject, vehicles, block);
        }
    }
    let way = Times::new(way_calls(&server, rule.dispatch.engine(), 2_000));
    Table::new("beside them", None).row("the way to a guest thread and back, nothing done there", &way);
    figure("the way to a guest thread and back: p50 / p99", &format!("{} / {}", show(way.p50()), show(way.p99())), "");
}
