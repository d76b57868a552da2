//! Attacks that no language says: core modules written by hand, made into components of the contract.

use roro_engine::{FailureKind, Limits, PluginId};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::support::{Snapshot, call, engine};

const PAGE_BYTES: u64 = 64 * 1024;

/// A component that answers the documents hook; `check` does `body`.
pub(crate) fn guest(fields: &str, body: &str) -> Vec<u8> {
    let mut module = wat::parse_str(format!(
        r#"(module
            (import "roro:order/order@0.1.0" "[resource-drop]order" (func $drop (param i32)))
            (memory $first (export "memory") 2)
            {fields}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "roro:documents/documents@0.1.0#requirements") (param i32) (result i32) unreachable)
            (func (export "roro:documents/documents@0.1.0#check") (param $order i32) (result i32) (local $at i32) {body})
            (func (export "roro:documents/documents@0.1.0#prepare") (param i32 i32 i32) (result i32) unreachable))"#
    ))
    .unwrap();
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")).unwrap();
    let world = resolve.select_world(&[package], Some("documents")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

async fn stopped(fields: &str, body: &str, limits: Limits) -> FailureKind {
    let (engine, _) = engine();
    let plugin = engine.load(PluginId::new("handmade", "0.0.0"), &guest(fields, body)).unwrap();
    engine.documents_check(&plugin, call(Snapshot::default(), limits)).await.unwrap_err().kind
}

#[tokio::test]
async fn memories_are_limited_in_sum() {
    let limits = |pages: u64| Limits { memory_bytes: pages * PAGE_BYTES, ..Limits::rule(1) };
    let (second, grow) =
        ("(memory $second 1)", "(drop (memory.grow $first (i32.const 60))) (drop (memory.grow $second (i32.const 60)))");
    let body = format!("{grow} unreachable");
    assert_eq!(stopped(second, &body, limits(100)).await, FailureKind::OutOfMemory);
    assert_eq!(stopped(second, &body, limits(123)).await, FailureKind::Trapped, "within the limit both may grow");
    assert_eq!(stopped("(memory $second 100)", "unreachable", limits(100)).await, FailureKind::OutOfMemory, "at the start");
}

#[tokio::test]
async fn tables_are_limited_in_sum() {
    let grow = |table: &str| format!("(drop (table.grow ${table} (ref.null func) (i32.const 6000)))");
    let tables = "(table $one 1 funcref) (table $two 1 funcref)";
    let body = format!("{} {} unreachable", grow("one"), grow("two"));
    assert_eq!(stopped(tables, &body, Limits::rule(1)).await, FailureKind::TableLimit);
    assert_eq!(stopped(tables, &format!("{} unreachable", grow("one")), Limits::rule(1)).await, FailureKind::Trapped);
}

#[tokio::test]
async fn growth_costs_fuel_though_it_fails() {
    let body = "(loop $again (drop (memory.grow $first (i32.const 60000))) (br $again)) unreachable";
    let limits = Limits { memory_bytes: u64::MAX, fuel: 10_000_000, ..Limits::rule(1) };
    assert_eq!(stopped("", body, limits).await, FailureKind::OutOfFuel);
}

/// A thousand findings that all name the same 64 KiB as their rule: little in the guest, much in the host.
#[tokio::test]
async fn an_answer_that_repeats_the_same_bytes_is_limited_by_what_it_makes() {
    let body = "
        (i32.store (i32.const 4) (i32.const 16)) (i32.store (i32.const 8) (i32.const 1000))
        (loop $next
            (i32.store (i32.add (i32.const 16) (i32.mul (local.get $at) (i32.const 28))) (i32.const 32768))
            (i32.store (i32.add (i32.const 20) (i32.mul (local.get $at) (i32.const 28))) (i32.const 65536))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const 1000))))
        (call $drop (local.get $order))
        (i32.const 0)";
    assert_eq!(stopped("", body, Limits::rule(1)).await, FailureKind::OutputLimit);
}

#[tokio::test]
async fn a_borrowed_handle_must_be_given_back() {
    assert_eq!(stopped("", "(i32.const 0)", Limits::rule(1)).await, FailureKind::BadHandle);
}
