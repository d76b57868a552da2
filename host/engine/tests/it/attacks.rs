//! Every limit has a guest that attacks it; each is stopped by exactly the outcome that names the limit.

use std::time::Duration;

use roro_engine::bindings::contract::roro::types::types::Severity;
use roro_engine::{Class, Failure, FailureKind, Limits};

use crate::support::{Snapshot, check, engine};

/// Which attack, under which limits, is stopped by what.
fn attacks() -> Vec<(&'static str, Limits, FailureKind)> {
    let rule = || Limits::rule(10);
    let patient = || Limits { fuel: u64::MAX / 2, ..rule() };
    let hasty = || Limits { wall_time: Duration::from_millis(50), ..patient() };
    let talkative = || Limits { host_calls: u64::MAX, log_bytes: u64::MAX, ..rule() };
    vec![
        ("loop", Limits { fuel: 1_000_000, ..rule() }, FailureKind::OutOfFuel),
        ("loop", hasty(), FailureKind::OutOfTime),
        ("memory", rule(), FailureKind::OutOfMemory),
        ("recursion", rule(), FailureKind::StackOverflow),
        ("output", rule(), FailureKind::OutputLimit),
        ("log", rule(), FailureKind::LogLimit),
        ("stdout", rule(), FailureKind::LogLimit),
        ("unfinished-line", rule(), FailureKind::LogLimit),
        ("host-calls", rule(), FailureKind::HostCallLimit),
        ("host-calls", Limits { fuel: 10_000_000, ..talkative() }, FailureKind::OutOfFuel),
        ("host-bytes", Limits { fuel: 10_000_000, ..talkative() }, FailureKind::OutOfFuel),
        ("host-bytes", Limits { host_calls: u64::MAX, ..hasty() }, FailureKind::OutOfTime),
        ("trap", rule(), FailureKind::Trapped),
        ("exit", rule(), FailureKind::Trapped),
        ("bad-output", rule(), FailureKind::BadOutput),
        ("bad-argument", rule(), FailureKind::BadOutput),
        ("forged-handle", rule(), FailureKind::BadHandle),
        ("dropped-handle", rule(), FailureKind::BadHandle),
        ("stale-handle", rule(), FailureKind::BadHandle),
        ("foreign-handle", rule(), FailureKind::BadHandle),
        ("double-drop", rule(), FailureKind::BadHandle),
        ("handle-flood", rule(), FailureKind::HostCallLimit),
    ]
}

async fn stopped(attack: &str, limits: Limits) -> Failure {
    match check(Snapshot::attack(attack), limits).await {
        Ok((findings, cost)) => panic!("`{attack}` was not stopped: {findings:?} for {cost:?}"),
        Err(failure) => *failure,
    }
}

#[tokio::test]
async fn every_attack_is_stopped_by_the_outcome_that_names_its_limit() {
    for (attack, limits, kind) in attacks() {
        let failure = stopped(attack, limits.clone()).await;
        assert_eq!(failure.kind, kind, "`{attack}`: {failure}");
        assert_eq!(failure.plugin.to_string(), "attackers@0.0.0");
        assert_eq!(failure.hook.as_str(), "documents.check");
        assert!(failure.cost.fuel > 0 && failure.cost.fuel <= limits.fuel, "`{attack}`: {:?}", failure.cost);
        assert!(failure.cost.peak_memory_bytes <= limits.memory_bytes, "`{attack}`: {:?}", failure.cost);
    }
}

#[tokio::test]
async fn an_attack_leaves_nothing_behind() {
    // There are more attacks than slots in the pool: one that is not given back is missed here.
    for (attack, limits, _) in attacks() {
        drop(stopped(attack, limits).await);
        let (findings, _) = check(Snapshot::attack("honest"), Limits::rule(10)).await.unwrap();
        assert_eq!(findings[0].rule, "WORKED");
    }
}

#[tokio::test]
async fn an_attack_does_not_keep_an_honest_guest_from_its_turn() {
    let spin = Limits { fuel: u64::MAX / 2, wall_time: Duration::from_millis(400), ..Limits::rule(10) };
    let attackers = 3;
    let mut running: Vec<_> = (0..attackers).map(|_| tokio::spawn(check(Snapshot::attack("loop"), spin.clone()))).collect();
    let (engine, _) = engine();
    while engine.free_places(Class::Rule) + attackers > 4 {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        let (findings, cost) = check(Snapshot::attack("honest"), Limits::rule(10)).await.unwrap();
        assert_eq!(findings[0].severity, Severity::Info);
        assert!(cost.duration < Duration::from_millis(200), "{cost:?}");
    }
    for attack in running.drain(..) {
        assert_eq!(attack.await.unwrap().unwrap_err().kind, FailureKind::OutOfTime);
    }
}

#[tokio::test]
async fn a_failure_says_where_in_the_guest_it_happened_and_what_it_printed() {
    let snapshot = Snapshot::attack("trap");
    let log = snapshot.log.clone();
    let failure = check(snapshot, Limits::rule(10)).await.unwrap_err();
    assert!(!failure.backtrace.is_empty(), "{failure:?}");
    let log = log.lock().unwrap();
    assert!(log.iter().any(|(_, line)| line.contains("the attacker panics")), "{log:?}");
}
