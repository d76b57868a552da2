//! Guests that behave: what an attack is compared with, and what shows that the world is closed.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roro_sdk::documents::exports::roro::documents::documents::Finding;
use roro_sdk::documents::roro::order::order::Order;
use roro_sdk::documents::roro::types::types::{Parameter, Severity};

fn finding(rule: &str, parameters: &[(&str, String)]) -> Vec<Finding> {
    let parameters = parameters.iter().map(|(name, value)| Parameter { name: (*name).into(), value: value.clone() }).collect();
    vec![Finding { rule: rule.into(), severity: Severity::Info, place: String::new(), parameters }]
}

/// Plain arithmetic, `rounds` times: a few instructions a round, no import, no memory.
pub(crate) fn work(rounds: u64) -> Vec<Finding> {
    let mut number = 1u64;
    for round in 0..rounds {
        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round));
    }
    finding("WORKED", &[("number", number.to_string())])
}

/// Twelve fields a vehicle by column reads, one finding: the size of a usual rule.
pub(crate) fn small(order: &Order) -> Vec<Finding> {
    let shipment = order.shipment();
    let mut mass_g: u64 = shipment.gross_masses_g().iter().sum();
    mass_g += u64::try_from(shipment.fuels().len() + shipment.steerings().len()).unwrap_or(0);
    let years: u64 = shipment.years_of_manufacture().into_iter().map(u64::from).sum();
    let texts = shipment.identities().len() + shipment.hs6_codes().len();
    let rest = shipment.displacements_cc().len() + shipment.first_registrations().len() + shipment.prices().len();
    finding("SMALL", &[("sum", (mass_g + years + u64::try_from(texts + rest).unwrap_or(0)).to_string())])
}

/// Sleeps for an hour of the guest's time, which takes none of the host's.
pub(crate) fn sleep() -> Vec<Finding> {
    std::thread::sleep(Duration::from_secs(3600));
    finding("SLEPT", &[])
}

/// Tells what a guest can see of the world.
pub(crate) fn look_around() -> Vec<Finding> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    finding(
        "WORLD",
        &[
            ("variables", std::env::vars_os().count().to_string()),
            ("arguments", std::env::args_os().count().to_string()),
            ("seconds", seconds.to_string()),
            ("chance", RandomState::new().hash_one("chance").to_string()),
            ("file", std::fs::read("/etc/hostname").is_ok().to_string()),
            ("folder", std::fs::read_dir("/").is_ok().to_string()),
            ("input", std::io::stdin().lines().count().to_string()),
        ],
    )
}
