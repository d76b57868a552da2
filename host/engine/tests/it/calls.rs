//! Calls that go well, calls that are given up, and what both cost.

use std::sync::Arc;
use std::time::Duration;

use roro_engine::{Class, Engine, EngineSettings, FailureKind, Limits, PluginId};

use crate::support::{Snapshot, attackers, call, check, engine};

#[tokio::test]
async fn the_same_call_costs_the_same_fuel() {
    for attack in ["honest", "small", "look-around"] {
        let run = || check(Snapshot::attack(attack).with("rounds", 100_000), Limits::rule(10));
        let first = run().await.unwrap();
        // Often, so that ticks of the epoch fall everywhere: into the guest, into imports, into the guest's allocator inside an import.
        for _ in 0..300 {
            let again = run().await.unwrap();
            assert_eq!(format!("{:?}", first.0), format!("{:?}", again.0));
            assert_eq!(first.1.fuel, again.1.fuel, "`{attack}`");
            assert_eq!(first.1.peak_memory_bytes, again.1.peak_memory_bytes);
            assert_eq!(first.1.host_calls, again.1.host_calls);
        }
    }
}

#[tokio::test]
async fn fuel_grows_with_the_work_and_with_the_order() {
    let fuel = async |attack: &str, rounds: u32, vehicles: u32| {
        let snapshot = Snapshot { vehicles, ..Snapshot::attack(attack).with("rounds", rounds) };
        check(snapshot, Limits::rule(vehicles)).await.unwrap().1.fuel
    };
    assert!(fuel("honest", 100_000, 1).await > fuel("honest", 1_000, 1).await + 99_000);
    assert!(fuel("small", 0, 100).await > fuel("small", 0, 1).await);
}

#[tokio::test]
async fn an_abandoned_call_gives_its_place_back() {
    let engine = Engine::new(EngineSettings::for_testing()).unwrap();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &attackers()).unwrap();
    let places = engine.free_places(Class::Rule);
    let endless = Limits { fuel: u64::MAX / 2, wall_time: Duration::from_secs(3600), ..Limits::rule(1) };
    for _ in 0..2 * places {
        let abandoned = engine.documents_check(&plugin, call(Snapshot::attack("loop"), endless.clone()));
        assert!(tokio::time::timeout(Duration::from_millis(5), abandoned).await.is_err());
    }
    while engine.free_places(Class::Rule) < places {
        tokio::task::yield_now().await;
    }
    let (answer, _) = engine.documents_check(&plugin, call(Snapshot::attack("honest"), Limits::rule(1))).await.unwrap();
    assert_eq!(answer.unwrap()[0].rule, "WORKED");
}

#[tokio::test]
async fn a_dropped_engine_ends_its_calls() {
    let engine = Engine::new(EngineSettings::for_testing()).unwrap();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &attackers()).unwrap();
    let snapshot = Snapshot::attack("loop");
    let log = Arc::downgrade(&snapshot.log);
    let endless = Limits { fuel: u64::MAX / 2, wall_time: Duration::from_secs(3600), ..Limits::rule(1) };
    let running = engine.documents_check(&plugin, call(snapshot, endless));
    assert!(tokio::time::timeout(Duration::from_millis(5), running).await.is_err());
    drop((engine, plugin));
    while log.upgrade().is_some() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_on_a_guest_thread_stay_there() {
    let (engine, plugin) = engine();
    let several = engine.on_guest_thread(async move {
        let first = engine.documents_requirements(plugin, call(Snapshot::attack("small"), Limits::rule(10))).await;
        let second = engine.documents_check(plugin, call(Snapshot::attack("small"), Limits::rule(10))).await;
        (first, second, std::thread::current().name().map(ToOwned::to_owned))
    });
    let (first, second, thread) = Box::pin(several).await.unwrap();
    assert!(first.unwrap().0.unwrap().is_empty());
    assert_eq!(second.unwrap().0.unwrap()[0].rule, "SMALL");
    assert_eq!(thread.as_deref(), Some("roro-guest"));
}

#[tokio::test]
async fn a_short_call_is_answered_on_its_callers_thread() {
    // A busy machine may let a tick fall into a call: of many, one at least stays.
    let mut stayed = 0;
    for _ in 0..50 {
        let snapshot = Snapshot::attack("small");
        let threads = Arc::clone(&snapshot.threads);
        check(snapshot, Limits::rule(10)).await.unwrap();
        stayed += usize::from(threads.lock().unwrap().iter().all(|thread| *thread == std::thread::current().id()));
    }
    assert!(stayed > 0);
}

#[tokio::test]
async fn an_import_that_panics_is_a_fault_of_the_host_and_spares_the_caller() {
    // An engine of its own: nobody else takes or gives back its places.
    let engine = Engine::new(EngineSettings::for_testing()).unwrap();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &attackers()).unwrap();
    let places = Class::ALL.map(|class| engine.free_places(class));
    for limits in [Limits::rule(1), Limits::interpreted(1)] {
        let snapshot = Snapshot { panics: true, ..Snapshot::attack("host-bytes") };
        let failure = engine.documents_check(&plugin, call(snapshot, limits)).await.unwrap_err();
        assert_eq!((failure.kind, failure.reason.as_str()), (FailureKind::HostFault, "an import panicked"));
    }
    while Class::ALL.map(|class| engine.free_places(class)) != places {
        tokio::task::yield_now().await;
    }
    engine.documents_check(&plugin, call(Snapshot::attack("small"), Limits::rule(1))).await.unwrap().0.unwrap();
}

#[tokio::test]
async fn a_hook_that_is_not_exported_is_refused() {
    let (engine, plugin) = engine();
    assert!(plugin.answers_documents() && !plugin.renders());
    let refused = engine.render(plugin, call(Snapshot::default(), Limits::renderer(1)), Vec::new()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
}

#[tokio::test]
async fn a_fault_of_the_host_is_not_the_guests() {
    let snapshot = Snapshot { is_broken: true, ..Snapshot::attack("host-bytes") };
    let failure = check(snapshot, Limits::rule(1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::HostFault);
    assert_eq!(failure.reason, "the pack's table is not there");
}

#[tokio::test]
async fn the_heart_beats() {
    let (engine, _) = engine();
    let before = engine.heartbeat().beats;
    while engine.heartbeat().beats < before + 3 {
        tokio::task::yield_now().await;
    }
    assert!(engine.heartbeat().is_alive());
}

/// Resident bytes of this process.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_that_are_dropped_midway_leave_nothing() {
    const CALLS: u64 = 10_000;
    let engine = Engine::new(EngineSettings::for_testing()).unwrap();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &attackers()).unwrap();
    let places = Class::ALL.map(|class| engine.free_places(class));
    let (mut chance, mut dropped) = (0x9e37_79b9_7f4a_7c15_u64, 0_u64);
    let mut level = 0;
    for number in 0..CALLS {
        // Marsaglia's xorshift: the same moments in every run, as far as the machine lets them be the same.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let attack = ["loop", "honest", "small", "host-calls", "memory"][usize::try_from(chance % 5).unwrap()];
        let class = if chance & 64 == 0 { Limits::rule(3) } else { Limits::interpreted(3) };
        let limits = Limits { fuel: 30_000_000, ..class };
        let patience = Duration::from_micros(chance >> 8 & 0x3ff);
        let called = engine.documents_check(&plugin, call(Snapshot::attack(attack), limits));
        dropped += u64::from(tokio::time::timeout(patience, called).await.is_err());
        if number == CALLS / 10 {
            level = resident_bytes();
        }
    }
    assert!(dropped > CALLS / 10 && dropped < CALLS, "{dropped} of {CALLS} were dropped: nothing was measured");
    while Class::ALL.map(|class| engine.free_places(class)) != places {
        tokio::task::yield_now().await;
    }
    let (answer, _) = engine.documents_check(&plugin, call(Snapshot::attack("honest"), Limits::rule(1))).await.unwrap();
    assert_eq!(answer.unwrap()[0].rule, "WORKED");
    // A sandbox has a megabyte at least: a leak of one in thirty calls would show. Other tests of this process hold memory too, up to
    // some hundred megabytes, and give part of it back when they end; what has leaked never comes back.
    let most = level + 256 * 1024 * 1024;
    for _ in 0..600 {
        if resident_bytes() < most {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{level} bytes became {}", resident_bytes());
}
