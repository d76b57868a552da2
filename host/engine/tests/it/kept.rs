//! Sandboxes that wait for the next call of the same release: used again by nobody else, never after anything went wrong, with everything of
//! the call made anew.

use std::time::Duration;

use roro_engine::{Call, Engine, EngineSettings, FailureKind, Limits, Plugin, PluginId, PoolSettings, WarmKey};

use crate::handmade::guest;
use crate::support::{Snapshot, call};

/// Traps on the third call in one sandbox; a fresh one never comes so far.
const COUNTS: &str = "
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eq (global.get $calls) (i32.const 3)) (then unreachable))
    (call $drop (local.get $order))
    (i32.const 0)";

fn engine_with(kept_sandboxes_max: u32) -> Engine<Snapshot> {
    let settings = EngineSettings::for_testing();
    Engine::new(EngineSettings { pool: PoolSettings { kept_sandboxes_max, ..settings.pool }, ..settings }).unwrap()
}

fn load(engine: &Engine<Snapshot>, body: &str) -> Plugin<Snapshot> {
    let bytes = guest("(global $calls (mut i32) (i32.const 0))", body);
    engine.load(PluginId::new("handmade", "0.0.0"), &bytes).unwrap()
}

fn warm(key: &str) -> Call<Snapshot> {
    Call { warm: Some(WarmKey::new(key)), ..call(Snapshot::default(), Limits::interpreted(1)) }
}

async fn ask(engine: &Engine<Snapshot>, plugin: &Plugin<Snapshot>, call: Call<Snapshot>) -> Option<FailureKind> {
    engine.documents_check(plugin, call).await.err().map(|failure| failure.kind)
}

#[tokio::test]
async fn a_sandbox_is_used_again_by_its_release_and_by_no_other() {
    let engine = engine_with(4);
    let plugin = load(&engine, COUNTS);
    let trapped = Some(FailureKind::Trapped);
    assert_eq!(ask(&engine, &plugin, warm("acme 1")).await, None);
    assert_eq!(engine.kept_sandboxes(), 1);
    assert_eq!(ask(&engine, &plugin, warm("acme 1")).await, None);
    // Another release, another firm, and whoever has not asked for it begin from the beginning.
    for key in ["acme 2", "bolt 1"] {
        assert_eq!(ask(&engine, &plugin, warm(key)).await, None, "{key}");
        assert_eq!(ask(&engine, &plugin, warm(key)).await, None, "{key}");
    }
    for _ in 0..4 {
        assert_eq!(ask(&engine, &plugin, call(Snapshot::default(), Limits::interpreted(1))).await, None);
        // A compiled rule is up at once: it is never kept.
        assert_eq!(ask(&engine, &plugin, Call { limits: Limits::rule(1), ..warm("acme 1") }).await, None);
    }
    assert_eq!(engine.kept_sandboxes(), 3);
    // The third call in one sandbox; what trapped is gone, and the next begins anew.
    assert_eq!(ask(&engine, &plugin, warm("acme 1")).await, trapped);
    assert_eq!(engine.kept_sandboxes(), 2);
    assert_eq!(ask(&engine, &plugin, warm("acme 1")).await, None);
}

#[tokio::test]
async fn only_so_many_wait_and_the_one_that_waited_longest_goes() {
    let engine = engine_with(2);
    let plugin = load(&engine, COUNTS);
    for key in ["a", "b", "a", "c"] {
        assert_eq!(ask(&engine, &plugin, warm(key)).await, None);
    }
    assert_eq!(engine.kept_sandboxes(), 2);
    // `b` has gone and has two calls again; `a` has had two.
    assert_eq!(ask(&engine, &plugin, warm("b")).await, None);
    assert_eq!(ask(&engine, &plugin, warm("b")).await, None);
    let none = engine_with(0);
    let plugin = load(&none, COUNTS);
    for _ in 0..4 {
        assert_eq!(ask(&none, &plugin, warm("a")).await, None);
    }
    assert_eq!(none.kept_sandboxes(), 0);
}

/// What waits takes nothing from those that are called: neither slots nor stacks.
#[tokio::test]
async fn sandboxes_that_wait_leave_the_pool_to_the_others() {
    let settings = EngineSettings::for_testing();
    let pool = PoolSettings { calls_max: 4, renders_max: 1, kept_sandboxes_max: 4, ..settings.pool };
    let engine = Engine::new(EngineSettings { pool, ..settings }).unwrap();
    let plugin = load(&engine, COUNTS);
    for key in ["a", "b", "c", "d"] {
        assert_eq!(ask(&engine, &plugin, warm(key)).await, None, "{key}");
    }
    assert_eq!(engine.kept_sandboxes(), 4);
    let ask_all = (0..16).map(|number| {
        let (engine, plugin) = (engine.clone(), plugin.clone());
        let limits = if number % 2 == 0 { Limits::rule(1) } else { Limits::interpreted(1) };
        tokio::spawn(async move { ask(&engine, &plugin, call(Snapshot::default(), limits)).await })
    });
    for asked in ask_all.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), None);
    }
}

/// Everything of a call is its own: fuel, host calls and time from the beginning, answers and chance of this call.
#[tokio::test]
async fn every_call_has_its_own_limits_and_answers() {
    let engine = engine_with(4);
    // Half of the fuel each time.
    let spend = "
        (loop $again
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const 100000))))
        (call $drop (local.get $order))
        (i32.const 0)";
    let plugin = load(&engine, spend);
    let limits = Limits { fuel: 1_200_000, wall_time: Duration::from_secs(60), ..Limits::interpreted(1) };
    let mut costs = Vec::new();
    for _ in 0..5 {
        let (_, cost) = engine.documents_check(&plugin, Call { limits: limits.clone(), ..warm("a") }).await.unwrap();
        costs.push((cost.fuel > 600_000, cost.host_calls, cost.peak_memory_bytes));
    }
    assert_eq!(costs, vec![costs[0]; 5], "a call pays for itself alone, and its memory counts from the beginning");
    assert!(costs[0].0 && costs[0].2 > 0, "{costs:?}");
    let poor = Limits { fuel: 100_000, ..limits.clone() };
    assert_eq!(ask(&engine, &plugin, Call { limits: poor, ..warm("a") }).await, Some(FailureKind::OutOfFuel));
    assert_eq!(engine.kept_sandboxes(), 0, "what was stopped does not wait");
    // Settings of one call are not those of the next.
    let (engine, attackers) = crate::support::engine();
    let limits = Limits { fuel: 5_000_000, ..Limits::interpreted(10) };
    let told = |attack: &str| Call { warm: Some(WarmKey::new("told")), ..call(Snapshot::attack(attack), limits.clone()) };
    assert_eq!(ask(engine, attackers, told("small")).await, None);
    assert_eq!(ask(engine, attackers, told("loop")).await, Some(FailureKind::OutOfFuel));
}

#[tokio::test]
async fn a_sandbox_that_has_grown_large_does_not_wait() {
    let engine = engine_with(4);
    let grow = "(drop (memory.grow $first (i32.const 60))) (call $drop (local.get $order)) (i32.const 0)";
    let plugin = load(&engine, grow);
    let limits = |pages: u64| Limits { memory_bytes: pages * 64 * 1024, ..Limits::interpreted(1) };
    assert_eq!(ask(&engine, &plugin, Call { limits: limits(100), ..warm("a") }).await, None);
    assert_eq!(engine.kept_sandboxes(), 0);
    assert_eq!(ask(&engine, &plugin, Call { limits: limits(200), ..warm("a") }).await, None);
    assert_eq!(engine.kept_sandboxes(), 1);
    // Its memory counts: the next call has what is left.
    let full = Some(FailureKind::OutOfMemory);
    assert_eq!(ask(&engine, &plugin, Call { limits: limits(100), ..warm("a") }).await, full);
    assert_eq!(engine.kept_sandboxes(), 0);
}

#[tokio::test]
async fn a_call_that_is_abandoned_takes_its_sandbox_along() {
    let engine = engine_with(4);
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &crate::support::attackers()).unwrap();
    let limits = Limits { fuel: u64::MAX / 4, wall_time: Duration::from_secs(600), ..Limits::interpreted(1) };
    let told = |attack: &str| Call { warm: Some(WarmKey::new("a")), ..call(Snapshot::attack(attack), limits.clone()) };
    assert_eq!(ask(&engine, &plugin, told("small")).await, None);
    assert_eq!(engine.kept_sandboxes(), 1);
    let abandoned = tokio::time::timeout(Duration::from_millis(50), engine.documents_check(&plugin, told("loop"))).await;
    assert!(abandoned.is_err());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(engine.kept_sandboxes(), 0);
}
