//! The world of a guest is closed: what it sees comes from the call.

use roro_engine::Limits;

use crate::support::{Snapshot, check, engine};

#[tokio::test]
async fn a_guest_sees_nothing_of_the_machine() {
    let (findings, _) = check(Snapshot::attack("look-around"), Limits::rule(1)).await.unwrap();
    let seen: Vec<_> = findings[0].parameters.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    let of = |name: &str| seen.iter().find(|(seen, _)| *seen == name).unwrap().1;
    for nothing in ["variables", "arguments", "input"] {
        assert_eq!(of(nothing), "0", "{nothing}");
    }
    for closed in ["file", "folder"] {
        assert_eq!(of(closed), "false", "{closed}");
    }
    assert_eq!(of("seconds"), "1795219200", "midnight of the legal date");
}

#[tokio::test]
async fn chance_comes_from_the_seed() {
    let (engine, plugin) = engine();
    let draw = async |seed| {
        let mut call = crate::support::call(Snapshot::attack("look-around"), Limits::rule(1));
        call.seed = seed;
        format!("{:?}", engine.documents_check(plugin, call).await.unwrap().0.unwrap())
    };
    assert_eq!(draw(1).await, draw(1).await);
    assert_ne!(draw(1).await, draw(2).await);
}

#[tokio::test]
async fn an_hours_sleep_takes_no_time() {
    let (findings, cost) = check(Snapshot::attack("sleep"), Limits::rule(1)).await.unwrap();
    assert_eq!(findings[0].rule, "SLEPT");
    assert!(cost.duration < std::time::Duration::from_secs(1), "{cost:?}");
}
