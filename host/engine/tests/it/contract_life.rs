//! A plugin that was built years ago beside one that is built tomorrow: the contract grows by new packages and new functions, and a released one
//! stays as it is.

use roro_engine::bindings::contract::roro::host::{config, legal_date, log, random, tables};
use roro_engine::bindings::contract::roro::order::{fields, order};
use roro_engine::bindings::contract::roro::types::types::{self, Severity};
use roro_engine::bindings::order_guard::OrderGuardPre;
use roro_engine::{ImportResult, LoadError, ORDER, PluginId, PoolSettings, Resource, wasmtime_config};
use wasmtime::component::{Component, HasSelf, Linker, ResourceType};
use wasmtime::{Engine, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::support::{Snapshot, engine};

/// A made-up next contract: its functions take and give other things under the same names.
const NEXT: &str = "
    package roro:next;

    world plugin {
        import roro:host/config@0.2.0;
        export roro:guard/guard@0.2.0;
    }

    package roro:host@0.2.0 {
        interface config { get: func(key: string, usual: s64) -> s64; }
    }

    package roro:guard@0.2.0 {
        interface guard { check: func(steps: list<string>) -> u32; }
    }
";
/// What a plugin for it does: the setting `limit`, or 7, and so many steps.
const NEXT_GUEST: &str = r#"(module
    (import "roro:host/config@0.2.0" "get" (func $get (param i32 i32 i64) (result i64)))
    (memory (export "memory") 2)
    (data (i32.const 0) "limit")
    (global $free (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $free)
        (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 15)) (i32.const -8))))
    (func (export "roro:guard/guard@0.2.0#check") (param $steps i32) (param $count i32) (result i32)
        (i32.add (local.get $count) (i32.wrap_i64 (call $get (i32.const 0) (i32.const 5) (i64.const 7))))))"#;

mod next {
    wasmtime::component::bindgen!({
        inline: "
            package roro:next;

            world plugin {
                import roro:host/config@0.2.0;
                export roro:guard/guard@0.2.0;
            }

            package roro:host@0.2.0 {
                interface config { get: func(key: string, usual: s64) -> s64; }
            }

            package roro:guard@0.2.0 {
                interface guard { check: func(steps: list<string>) -> u32; }
            }
        ",
        world: "roro:next/plugin",
        exports: { default: async },
    });
}

impl next::roro::host::config::Host for Snapshot {
    fn get(&mut self, key: String, usual: i64) -> i64 {
        let set = self.config.iter().find(|(name, _)| *name == key).and_then(|(_, value)| value.parse().ok());
        set.unwrap_or(usual)
    }
}

impl log::Host for Snapshot {
    fn write(&mut self, level: log::Level, message: String) -> ImportResult<()> {
        self.log.lock().unwrap().push((roro_engine::LogSource::Log(level), message));
        Ok(())
    }
}

impl types::Host for Snapshot {}

/// A binary of the corpus, as it was released.
fn corpus(name: &str, file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/corpus/0.1.0");
    std::fs::read(format!("{folder}/{name}/{file}.wasm")).unwrap()
}

/// A component of a world that WIT text describes.
fn component(wit: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("next.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// Both contracts in one linker, as a host that speaks both would have them. What a language's library asks of WASI is there for `guest` and not
/// called on this way.
fn both(engine: &Engine, guest: &Component) -> Linker<Snapshot> {
    type Own = HasSelf<Snapshot>;
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(guest).unwrap();
    linker.allow_shadowing(true);
    types::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    log::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    config::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    legal_date::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    tables::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    random::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    order::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    fields::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    next::roro::host::config::add_to_linker::<Snapshot, Own>(&mut linker, |state| state).unwrap();
    // `fields` speaks of the orders of `order`; the traps had made others of them.
    let order = ResourceType::host::<order::Order>();
    linker.instance("roro:order/fields@0.1.0").unwrap().resource("order", order, |_, _| Ok(())).unwrap();
    linker
}

#[tokio::test]
async fn the_released_contract_and_a_made_up_next_one_live_in_one_process() {
    let engine = Engine::new(&wasmtime_config(&PoolSettings::default())).unwrap();
    let old = Component::new(&engine, corpus("rust-order-guard", "corpus-guard")).unwrap();
    let linker = both(&engine, &old);
    let state = || Snapshot { vehicles: 3, ..Snapshot::default() }.with("word", "corpus").with("limit", 40);

    let old = OrderGuardPre::new(linker.instantiate_pre(&old).unwrap()).unwrap();
    let new = Component::new(&engine, component(NEXT, "plugin", NEXT_GUEST)).unwrap();
    let new = next::PluginPre::new(linker.instantiate_pre(&new).unwrap()).unwrap();

    for steps in [1_usize, 3] {
        let mut store = store_of(&engine, state());
        let guard = old.instantiate_async(&mut store).await.unwrap();
        let found =
            guard.roro_guard_guard().call_check(&mut store, "issue-documents", Resource::new_borrow(ORDER)).await.unwrap();
        let severities: Vec<Severity> = found.iter().map(|one| one.severity).collect();
        assert_eq!(severities, [Severity::Info, Severity::Warn, Severity::Error, Severity::Block]);
        let word = found[0].parameters.iter().find(|one| one.name == "word").unwrap();
        assert_eq!(word.value, "corpus", "the old contract gives the setting as text");

        let mut store = store_of(&engine, state());
        let guard = new.instantiate_async(&mut store).await.unwrap();
        let steps_asked = vec!["issue-documents".to_owned(); steps];
        let answer = guard.roro_guard_guard().call_check(&mut store, &steps_asked).await.unwrap();
        assert_eq!(usize::try_from(answer).unwrap(), 40 + steps, "the next one as a number");
    }
}

fn store_of(engine: &Engine, state: Snapshot) -> Store<Snapshot> {
    let mut store = Store::new(engine, state);
    store.set_fuel(100_000_000).unwrap();
    store.set_epoch_deadline(1_000);
    store
}

#[tokio::test]
async fn a_host_of_today_refuses_the_next_contract_by_name() {
    let (engine, _) = engine();
    let next = engine.load(PluginId::new("next", "1.0.0"), &component(NEXT, "plugin", NEXT_GUEST)).unwrap_err();
    assert!(matches!(next, LoadError::NoHook { .. }), "{next}");
    // It guards by today's contract too, and wants settings in tomorrow's way: refused, and what it wants is named.
    let mixed = NEXT.replace("roro:guard/guard@0.2.0", "roro:guard/guard@0.1.0").replace(
        "package roro:guard@0.2.0 {\n        interface guard { check: func(steps: list<string>) -> u32; }\n    }",
        "package roro:guard@0.1.0 {\n        interface guard { check: func(steps: list<string>) -> u32; }\n    }",
    );
    let guest = NEXT_GUEST.replace("roro:guard/guard@0.2.0", "roro:guard/guard@0.1.0");
    let mixed = engine.load(PluginId::new("mixed", "1.0.0"), &component(&mixed, "plugin", &guest)).unwrap_err();
    assert!(matches!(&mixed, LoadError::Imports { imports, .. } if imports == &["roro:host/config@0.2.0"]), "{mixed}");
}

/// A patch release only adds functions: a plugin that was built against it and calls none of them runs here; one that does is refused, and
/// the function is named.
#[tokio::test]
async fn a_plugin_of_a_later_patch_runs_as_long_as_it_calls_nothing_new() {
    let (engine, _) = engine();
    let wit = |function: &str| {
        format!(
            "package roro:patch;
            world plugin {{ import roro:host/legal-date@0.1.9; export roro:app/app@0.1.0; }}
            package roro:host@0.1.9 {{ interface legal-date {{
                record date {{ year: s16, month: u8, day: u8 }}
                {function}
            }} }}
            package roro:app@0.1.0 {{ interface app {{ on-nothing: func(); }} }}"
        )
    };
    let module = |function: &str, ty: &str| {
        format!(
            r#"(module
                (import "roro:host/legal-date@0.1.9" "{function}" (func $date {ty}))
                (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                (func (export "roro:app/app@0.1.0#on-nothing")))"#
        )
    };
    let load = |function: &str, name: &str, ty: &str| {
        engine.load(PluginId::new("patch", "1.0.0"), &component(&wit(function), "plugin", &module(name, ty))).unwrap_err()
    };
    // Every import is found; only the made-up app is not the contract's.
    let known = load("as-of: func() -> date;", "as-of", "(param i32)").to_string();
    assert!(known.contains("roro:app/app") && !known.contains("legal-date"), "{known}");
    let new = load("today: func() -> date;", "today", "(param i32)");
    assert!(
        matches!(&new, LoadError::Contract { reason, .. } if reason.contains("legal-date") && reason.contains("today")),
        "{new}"
    );
}
