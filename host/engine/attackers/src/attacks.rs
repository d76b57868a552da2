//! The attacks. Each goes on until it is stopped; one that comes back has found a hole, and its finding says so.
#![expect(unsafe_code, reason = "safe code cannot forge a handle or a string: that is what is attacked here")]

use std::hint::black_box;
use std::mem;

use roro_sdk::documents::exports::roro::documents::documents::Finding;
use roro_sdk::documents::roro::host::log::{Level, write};
use roro_sdk::documents::roro::host::{config, tables};
use roro_sdk::documents::roro::order::order::{Order, Role, Vehicle};
use roro_sdk::documents::roro::types::types::{Parameter, Severity};

/// The answer of an attack that nothing has stopped.
fn unstopped() -> Vec<Finding> {
    vec![Finding { rule: "UNSTOPPED".into(), severity: Severity::Block, place: String::new(), parameters: Vec::new() }]
}

pub(crate) fn spin() -> Vec<Finding> {
    let mut turns = 0u64;
    while black_box(turns) != u64::MAX {
        turns += 1;
    }
    unstopped()
}

pub(crate) fn memory() -> Vec<Finding> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for _ in 0..64 * 1024 {
        kept.push(black_box(vec![1; 1024 * 1024]));
    }
    drop(kept);
    unstopped()
}

pub(crate) fn recursion() -> Vec<Finding> {
    // Nothing is kept in memory between the calls, so that the native stack ends before the guest's own.
    #[inline(never)]
    fn deeper(depth: u64) -> u64 {
        if depth == u64::MAX { 0 } else { black_box(deeper(depth + 1)).wrapping_add(depth) }
    }
    black_box(deeper(black_box(0)));
    unstopped()
}

pub(crate) fn output() -> Vec<Finding> {
    let parameter = Parameter { name: "flood".into(), value: "x".repeat(1024) };
    let finding =
        Finding { rule: "FLOOD".into(), severity: Severity::Info, place: String::new(), parameters: vec![parameter; 4] };
    vec![finding; 4 * 1024]
}

pub(crate) fn log() -> Vec<Finding> {
    for _ in 0..1_000_000 {
        write(Level::Info, "a line that is written again and again and again and again");
    }
    unstopped()
}

#[expect(clippy::print_stdout, reason = "standard output is what is attacked")]
pub(crate) fn stdout() -> Vec<Finding> {
    for _ in 0..1_000_000 {
        println!("a line that is printed again and again and again and again");
    }
    unstopped()
}

#[expect(clippy::print_stderr, reason = "standard error is what is attacked")]
pub(crate) fn unfinished_line() -> Vec<Finding> {
    for _ in 0..1_000_000 {
        eprint!("a line that never ends and grows and grows and grows and grows ");
    }
    unstopped()
}

pub(crate) fn host_calls() -> Vec<Finding> {
    for _ in 0..100_000_000 {
        black_box(config::get("attack"));
    }
    unstopped()
}

/// Has the host copy its tables until the fuel for their bytes is gone.
pub(crate) fn host_bytes() -> Vec<Finding> {
    for _ in 0..100_000_000 {
        black_box(tables::packs());
    }
    unstopped()
}

#[expect(clippy::panic, reason = "the panic is the attack")]
pub(crate) fn trap() -> Vec<Finding> {
    panic!("the attacker panics")
}

#[expect(clippy::exit, reason = "the exit is the attack")]
pub(crate) fn exit() -> Vec<Finding> {
    std::process::exit(0)
}

fn not_utf8() -> String {
    // SAFETY: not sound, on purpose: the string goes straight to the border, which must refuse it.
    unsafe { String::from_utf8_unchecked(vec![0xff, 0xfe]) }
}

pub(crate) fn bad_output() -> Vec<Finding> {
    vec![Finding { rule: not_utf8(), severity: Severity::Info, place: String::new(), parameters: Vec::new() }]
}

pub(crate) fn bad_argument() -> Vec<Finding> {
    black_box(config::get(&not_utf8()));
    unstopped()
}

pub(crate) fn forged_handle() -> Vec<Finding> {
    // SAFETY: not sound, on purpose: the host must know that it never gave this handle.
    let vehicle = mem::ManuallyDrop::new(unsafe { Vehicle::from_handle(4711) });
    black_box(vehicle.make());
    unstopped()
}

pub(crate) fn dropped_handle(order: &Order) -> Vec<Finding> {
    let shipment = order.shipment();
    let number = shipment.handle();
    drop(shipment);
    // SAFETY: not sound, on purpose: the handle has just been given back.
    let shipment = mem::ManuallyDrop::new(unsafe { roro_sdk::documents::roro::order::order::Shipment::from_handle(number) });
    black_box(shipment.vehicle_count());
    unstopped()
}

/// Keeps the number of a dropped handle until a handle of another type has taken its place.
pub(crate) fn stale_handle(order: &Order) -> Vec<Finding> {
    let shipment = order.shipment();
    let number = shipment.handle();
    drop(shipment);
    let _taken = order.party(Role::Buyer);
    // SAFETY: not sound, on purpose: the number now means a party.
    let shipment = mem::ManuallyDrop::new(unsafe { roro_sdk::documents::roro::order::order::Shipment::from_handle(number) });
    black_box(shipment.vehicle_count());
    unstopped()
}

/// Uses a live handle as if it were of another type.
pub(crate) fn foreign_handle(order: &Order) -> Vec<Finding> {
    let shipment = order.shipment();
    // SAFETY: not sound, on purpose: the number means a shipment.
    let vehicle = mem::ManuallyDrop::new(unsafe { Vehicle::from_handle(shipment.handle()) });
    black_box(vehicle.make());
    unstopped()
}

pub(crate) fn double_drop(order: &Order) -> Vec<Finding> {
    let shipment = order.shipment();
    // SAFETY: not sound, on purpose: both owners will give the same handle back.
    let again = unsafe { roro_sdk::documents::roro::order::order::Shipment::from_handle(shipment.handle()) };
    drop(shipment);
    drop(again);
    unstopped()
}

/// Keeps every handle it can get.
pub(crate) fn handle_flood(order: &Order) -> Vec<Finding> {
    for _ in 0..100_000_000 {
        mem::forget(order.shipment());
    }
    unstopped()
}
