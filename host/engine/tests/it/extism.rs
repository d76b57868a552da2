//! Guests of Extism PDKs, written by hand: what they are given, what is refused, and every way in which one attacks.

use std::fmt::Write as _;
use std::time::Duration;

use roro_engine::bindings::contract::roro::host::log::Level;
use roro_engine::bindings::contract::roro::types::types::{Finding, Severity};
use roro_engine::{Cost, Failure, FailureKind, Limits, LoadError, LogSource, PluginId};

use crate::support::{Snapshot, call, engine};

/// The kernel's functions, with the types of the PDKs.
const KERNEL: &[(&str, &str)] = &[
    ("alloc", "(param i64) (result i64)"),
    ("free", "(param i64)"),
    ("length", "(param i64) (result i64)"),
    ("length_unsafe", "(param i64) (result i64)"),
    ("load_u8", "(param i64) (result i32)"),
    ("load_u64", "(param i64) (result i64)"),
    ("store_u8", "(param i64 i32)"),
    ("store_u64", "(param i64 i64)"),
    ("input_length", "(result i64)"),
    ("input_offset", "(result i64)"),
    ("input_load_u8", "(param i64) (result i32)"),
    ("input_load_u64", "(param i64) (result i64)"),
    ("output_set", "(param i64 i64)"),
    ("error_set", "(param i64)"),
    ("error_get", "(result i64)"),
    ("config_get", "(param i64) (result i64)"),
    ("var_get", "(param i64) (result i64)"),
    ("var_set", "(param i64 i64)"),
    ("http_request", "(param i64 i64) (result i64)"),
    ("http_status_code", "(result i32)"),
    ("http_headers", "(result i64)"),
    ("log_trace", "(param i64)"),
    ("log_debug", "(param i64)"),
    ("log_info", "(param i64)"),
    ("log_warn", "(param i64)"),
    ("log_error", "(param i64)"),
    ("get_log_level", "(result i32)"),
];

const WASI: &[(&str, &str)] = &[
    ("fd_write", "(param i32 i32 i32 i32) (result i32)"),
    ("fd_read", "(param i32 i32 i32 i32) (result i32)"),
    ("path_open", "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)"),
    ("sock_accept", "(param i32 i32 i32) (result i32)"),
    ("environ_sizes_get", "(param i32 i32) (result i32)"),
    ("clock_time_get", "(param i32 i64 i32) (result i32)"),
    ("random_get", "(param i32 i32) (result i32)"),
    ("poll_oneoff", "(param i32 i32 i32 i32) (result i32)"),
    ("proc_exit", "(param i32)"),
];

/// A module that imports everything, with `fields` beside the hook's function, which does `body`. `$keep` makes a block of the `n` bytes at `at`
/// in its memory, `$say` sets them as the output.
fn guest(fields: &str, body: &str) -> Vec<u8> {
    let mut imports = String::new();
    for (module, functions) in [("extism:host/env", KERNEL), ("wasi_snapshot_preview1", WASI)] {
        for (name, ty) in functions {
            writeln!(imports, r#"(import "{module}" "{name}" (func ${name} {ty}))"#).unwrap();
        }
    }
    let text = format!(
        r#"(module {imports}
            (memory (export "memory") 2)
            (func $keep (param $at i32) (param $n i32) (result i64) (local $block i64) (local $i i32)
                (local.set $block (call $alloc (i64.extend_i32_u (local.get $n))))
                (loop $next
                    (if (i32.lt_u (local.get $i) (local.get $n)) (then
                        (call $store_u8
                            (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
                            (i32.load8_u (i32.add (local.get $at) (local.get $i))))
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (br $next))))
                (local.get $block))
            (func $say (param $at i32) (param $n i32)
                (call $output_set (call $keep (local.get $at) (local.get $n)) (i64.extend_i32_u (local.get $n))))
            (data (i32.const 0) "[]")
            (data (i32.const 8) "name")
            (data (i32.const 16) "a line that is written again and again")
            {fields}
            (func (export "documents_check") (result i32) (local $i i64) (local $block i64) {body}))"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

async fn asked(snapshot: Snapshot, module: &[u8], limits: Limits) -> Result<(Vec<Finding>, Cost), Box<Failure>> {
    let (engine, _) = engine();
    let plugin = engine.load(PluginId::new("extism", "0.0.0"), module).unwrap();
    let (answer, cost) = engine.documents_check(&plugin, call(snapshot, limits)).await?;
    Ok((answer.unwrap(), cost))
}

async fn stopped(name: &str, body: &str, limits: Limits) -> Failure {
    match asked(Snapshot::default(), &guest("", body), limits).await {
        Ok((findings, cost)) => panic!("`{name}` was not stopped: {findings:?} for {cost:?}"),
        Err(failure) => *failure,
    }
}

fn again(body: &str) -> String {
    format!("(loop $again {body} (br $again)) (i32.const 0)")
}

/// Which attack, what it does, under which limits, is stopped by what.
fn attacks() -> Vec<(&'static str, String, Limits, FailureKind)> {
    let rule = || Limits::rule(10);
    // Time is not what is attacked, and a busy machine is slow.
    let rule = || Limits { wall_time: Duration::from_secs(60), ..rule() };
    let patient = || Limits { fuel: u64::MAX / 2, ..rule() };
    let talkative = || Limits { host_calls: u64::MAX, ..rule() };
    let keep = |line: &str| format!("(call $keep (i32.const 16) (i32.const {line}))");
    let print = "(i32.store (i32.const 1024) (i32.const 16)) (i32.store (i32.const 1028) (i32.const 60000))
                 (drop (call $fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1040)))";
    let past = |at: &str| format!("(drop (call $load_u8 {at})) (i32.const 0)");
    let block = "(local.set $block (call $alloc (i64.const 64)))";
    vec![
        ("loop", again(""), Limits { fuel: 1_000_000, ..rule() }, FailureKind::OutOfFuel),
        ("loop", again(""), Limits { wall_time: Duration::from_millis(50), ..patient() }, FailureKind::OutOfTime),
        ("own memory", again("(drop (memory.grow (i32.const 16)))"), rule(), FailureKind::OutOfMemory),
        ("blocks", again("(drop (call $alloc (i64.const 1000000)))"), rule(), FailureKind::OutOfMemory),
        ("small blocks", again("(drop (call $alloc (i64.const 1)))"), Limits { fuel: u64::MAX / 2, ..talkative() }, FailureKind::OutOfMemory),
        ("one block", "(drop (call $alloc (i64.const -1))) (i32.const 0)".into(), rule(), FailureKind::OutOfMemory),
        (
            "both memories",
            "(drop (memory.grow (i32.const 300))) (drop (call $alloc (i64.const 20000000))) (i32.const 0)".into(),
            rule(),
            FailureKind::OutOfMemory,
        ),
        (
            "blocks that are given back",
            again("(call $free (call $alloc (i64.const 30000000)))"),
            Limits { fuel: 100_000_000, ..talkative() },
            FailureKind::OutOfFuel,
        ),
        (
            "variables",
            "(loop $again (i32.store (i32.const 8) (i32.wrap_i64 (local.get $i)))
                (local.set $i (i64.add (local.get $i) (i64.const 1)))
                (call $var_set (call $keep (i32.const 8) (i32.const 4)) (call $alloc (i64.const 100000))) (br $again)) (i32.const 0)"
                .into(),
            talkative(),
            FailureKind::OutOfMemory,
        ),
        ("a variable too large", "(call $var_set (call $alloc (i64.const 4)) (call $alloc (i64.const 2000000))) (i32.const 0)".into(), rule(), FailureKind::OutputLimit),
        ("output", "(call $output_set (call $alloc (i64.const 2000000)) (i64.const 2000000)) (i32.const 0)".into(), rule(), FailureKind::OutputLimit),
        ("log", again(&format!("(call $log_info {})", keep("38"))), talkative(), FailureKind::LogLimit),
        ("a line too long", "(call $log_info (call $alloc (i64.const 2000000))) (i32.const 0)".into(), rule(), FailureKind::OutputLimit),
        ("standard output", again(print), rule(), FailureKind::LogLimit),
        ("host calls", again("(drop (call $error_get))"), rule(), FailureKind::HostCallLimit),
        ("host calls", again("(drop (call $error_get))"), Limits { fuel: 10_000_000, ..talkative() }, FailureKind::OutOfFuel),
        (
            "moves of bytes",
            format!("{block} {}", again("(drop (call $load_u8 (local.get $block)))")),
            Limits { fuel: 10_000_000, ..rule() },
            FailureKind::OutOfFuel,
        ),
        ("http", "(drop (call $http_request (i64.const 0) (i64.const 0))) (i32.const 0)".into(), rule(), FailureKind::Denied),
        ("read at 0", past("(i64.const 0)"), rule(), FailureKind::BadHandle),
        ("read anywhere", past("(i64.const 4711)"), rule(), FailureKind::BadHandle),
        ("read at the end of the world", past("(i64.const -1)"), rule(), FailureKind::BadHandle),
        ("read behind a block", format!("{block} {}", past("(i64.add (local.get $block) (i64.const 64))")), rule(), FailureKind::BadHandle),
        (
            "read across a block's end",
            format!("{block} (drop (call $load_u64 (i64.add (local.get $block) (i64.const 57)))) (i32.const 0)"),
            rule(),
            FailureKind::BadHandle,
        ),
        (
            "write behind a block",
            format!("{block} (call $store_u64 (i64.add (local.get $block) (i64.const 57)) (i64.const 1)) (i32.const 0)"),
            rule(),
            FailureKind::BadHandle,
        ),
        ("read what is freed", format!("{block} (call $free (local.get $block)) {}", past("(local.get $block)")), rule(), FailureKind::BadHandle),
        (
            "log what is freed",
            format!("{block} (call $log_info (local.get $block)) (call $log_info (local.get $block)) (i32.const 0)"),
            rule(),
            FailureKind::BadHandle,
        ),
        ("output of nothing", "(call $output_set (i64.const 4711) (i64.const 8)) (i32.const 0)".into(), rule(), FailureKind::BadHandle),
        ("no output", "(i32.const 0)".into(), rule(), FailureKind::BadOutput),
        ("output that is no JSON", "(call $say (i32.const 16) (i32.const 38)) (i32.const 0)".into(), rule(), FailureKind::BadOutput),
        ("a status", "(call $say (i32.const 0) (i32.const 2)) (i32.const 3)".into(), rule(), FailureKind::Refused),
        ("an error", format!("(call $error_set {}) (i32.const 0)", keep("6")), rule(), FailureKind::Refused),
        ("a pointer of WASI", "(drop (call $random_get (i32.const -8) (i32.const 64))) (i32.const 0)".into(), rule(), FailureKind::BadOutput),
        ("chance", "(drop (call $random_get (i32.const 0) (i32.const 100000))) (i32.const 0)".into(), rule(), FailureKind::OutputLimit),
        (
            "pieces of WASI",
            "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 100000) (i32.const 0))) (i32.const 0)".into(),
            rule(),
            FailureKind::OutputLimit,
        ),
        ("exit", "(call $proc_exit (i32.const 1)) (i32.const 0)".into(), rule(), FailureKind::Trapped),
        ("trap", "unreachable".into(), rule(), FailureKind::Trapped),
        ("recursion", "(call $deeper) (i32.const 0)".into(), rule(), FailureKind::StackOverflow),
    ]
}

#[tokio::test]
async fn every_attack_is_stopped_by_the_outcome_that_names_its_limit() {
    for (attack, body, limits, kind) in attacks() {
        let module = guest("(func $deeper (call $deeper) (drop (call $error_get)))", &body);
        let failure = match asked(Snapshot::default(), &module, limits.clone()).await {
            Ok((findings, cost)) => panic!("`{attack}` was not stopped: {findings:?} for {cost:?}"),
            Err(failure) => failure,
        };
        assert_eq!(failure.kind, kind, "`{attack}`: {failure}");
        assert_eq!((failure.plugin.to_string(), failure.hook.as_str()), ("extism@0.0.0".to_owned(), "documents.check"));
        assert!(failure.cost.fuel <= limits.fuel, "`{attack}`: {:?}", failure.cost);
        assert!(failure.cost.peak_memory_bytes <= limits.memory_bytes, "`{attack}`: {:?}", failure.cost);
        // There are more attacks than slots in the pool: one that is not given back is missed here.
        assert_eq!(asked(Snapshot::default(), &honest(), Limits::rule(1)).await.unwrap().0.len(), 0);
    }
}

#[tokio::test]
async fn what_a_guest_says_of_itself_is_its_reason() {
    let error =
        stopped("error", "(call $error_set (call $keep (i32.const 8) (i32.const 4))) (i32.const -1)", Limits::rule(1)).await;
    assert_eq!((error.kind, error.reason.as_str()), (FailureKind::Refused, "name"));
    let taken_back = "(call $error_set (call $keep (i32.const 8) (i32.const 4))) (call $error_set (i64.const 0)) (i32.const 7)";
    let status = stopped("status", taken_back, Limits::rule(1)).await;
    assert_eq!(status.reason, "`documents_check` answered with the status 7 and no error");
    let denied = stopped("http", "(drop (call $http_request (i64.const 0) (i64.const 0))) (i32.const 0)", Limits::rule(1)).await;
    assert_eq!(denied.reason, "extism:host/env/http_request needs the grant `fetch`, which the plugin was not given");
    let wrong = stopped("output", "(call $say (i32.const 8) (i32.const 4)) (i32.const 0)", Limits::rule(1)).await;
    assert!(wrong.reason.starts_with("the output: "), "{}", wrong.reason);
}

/// Answers with one finding whose place is the input's hexadecimal length and whose parameter is what `parameter` puts at 256, eight bytes.
const ECHO: &str = r#"
    (data (i32.const 128) "[{\22rule\22:\22ECHO\22,\22severity\22:\22info\22,\22place\22:\22\22,\22parameters\22:{\22seen\22:\22........\22}}]")
"#;
const ECHO_LENGTH: usize = r#"[{"rule":"ECHO","severity":"info","place":"","parameters":{"seen":"........"}}]"#.len();
const ECHO_AT: usize = 128 + r#"[{"rule":"ECHO","severity":"info","place":"","parameters":{"seen":""#.len();

async fn seen(snapshot: Snapshot, fields: &str, number: &str) -> String {
    let body =
        format!("(i64.store (i32.const {ECHO_AT}) {number}) (call $say (i32.const 128) (i32.const {ECHO_LENGTH})) (i32.const 0)");
    let (findings, _) = asked(snapshot, &guest(&format!("{ECHO} {fields}"), &body), Limits::rule(1)).await.unwrap();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((finding.rule.as_str(), finding.severity), ("ECHO", Severity::Info));
    finding.parameters[0].value.clone()
}

#[tokio::test]
async fn a_guest_gets_the_order_its_settings_and_what_it_kept() {
    let order = || Snapshot { order: br#"{"reference":"E-12345"}"#.to_vec(), ..Snapshot::default().with("name", "a value!") };
    let document = r#"{"as_of":"2026-11-21","order":{"reference":"E-12345"}}"#;
    assert_eq!(seen(order(), "", "(call $input_load_u64 (i64.const 10))").await, "2026-11-");
    let at = document.find("E-12").unwrap() - 1;
    let by_offset = format!("(call $load_u64 (i64.add (call $input_offset) (i64.const {})))", at + 1);
    assert_eq!(seen(order(), "", &format!("(i64.and (i64.const 0x20ffffffffffffff) {by_offset})")).await, "E-12345 ");
    assert_eq!(
        seen(order(), "", "(call $load_u64 (call $config_get (call $keep (i32.const 8) (i32.const 4))))").await,
        "a value!"
    );
    let kept = "(call $var_set (call $keep (i32.const 8) (i32.const 4)) (call $keep (i32.const 16) (i32.const 8)))
                (call $load_u64 (call $var_get (call $keep (i32.const 8) (i32.const 4))))";
    let kept_fields = format!("(func $kept (result i64) {kept})");
    assert_eq!(seen(order(), &kept_fields, "(call $kept)").await, "a line t");
}

#[tokio::test]
async fn variables_live_for_one_call() {
    let or_none = "(func $or (param i64) (result i64) (if (result i64) (i64.eqz (local.get 0))
        (then (i64.const 0x20202020656e6f6e)) (else (i64.const 0x202020207470656b))))";
    let body = "(call $or (call $var_get (call $keep (i32.const 8) (i32.const 4))))";
    let set = "(func (export \"_initialize\") (call $var_set (call $keep (i32.const 8) (i32.const 4)) (call $keep (i32.const 16) (i32.const 8))))";
    let with = seen(Snapshot::default(), &format!("{or_none} {set}"), body).await;
    assert_eq!(with.trim(), "kept", "set while the guest set itself up");
    assert_eq!(seen(Snapshot::default(), or_none, body).await.trim(), "none");
}

#[tokio::test]
async fn the_log_has_its_levels_and_what_is_printed() {
    let log = "(call $keep (i32.const 8) (i32.const 4))";
    let body = format!(
        "(call $log_trace {log}) (call $log_debug {log}) (call $log_error {log})
         (i32.store (i32.const 1024) (i32.const 8)) (i32.store (i32.const 1028) (i32.const 4))
         (drop (call $fd_write (i32.const 2) (i32.const 1024) (i32.const 1) (i32.const 1040)))
         (call $say (i32.const 0) (i32.const 2)) (i32.const 0)"
    );
    let snapshot = Snapshot::default();
    let kept = snapshot.log.clone();
    asked(snapshot, &guest("", &body), Limits::rule(1)).await.unwrap();
    let lines: Vec<_> = kept.lock().unwrap().iter().map(|(source, line)| (format!("{source:?}"), line.clone())).collect();
    let named = |source: LogSource| (format!("{source:?}"), "name".to_owned());
    assert_eq!(lines, [named(LogSource::Log(Level::Debug)), named(LogSource::Log(Level::Error)), named(LogSource::Stderr)]);
}

#[tokio::test]
async fn wasi_is_closed() {
    let of_file = "(i64.extend_i32_u (i32.add (i32.const 0x30303030) (call $path_open
        (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 4) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 1024))))";
    let padded = |text: &str| format!("(i64.or (i64.const 0x3030303000000000) {text})");
    assert_eq!(seen(Snapshot::default(), "", &padded(of_file)).await, "80000000", "not open");
    let of_socket =
        "(i64.extend_i32_u (i32.add (i32.const 0x30303030) (call $sock_accept (i32.const 3) (i32.const 0) (i32.const 1024))))";
    assert_eq!(seen(Snapshot::default(), "", &padded(of_socket)).await, "80000000", "not open");
    // Seconds of the legal date, from the nanoseconds that WASI gives.
    let clock = "(func $clock (result i64) (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 1024)))
        (if (result i64) (i64.eq (i64.div_u (i64.load (i32.const 1024)) (i64.const 1000000000)) (i64.const 1795219200))
            (then (i64.const 0x2020202020736579)) (else (i64.const 0x2020202020206f6e))))";
    assert_eq!(seen(Snapshot::default(), clock, "(call $clock)").await.trim(), "yes");
}

/// A guest that finds nothing.
pub(crate) fn honest() -> Vec<u8> {
    guest("", "(call $say (i32.const 0) (i32.const 2)) (i32.const 0)")
}

#[tokio::test]
async fn the_same_call_costs_the_same_fuel_and_the_order_is_paid_for() {
    let honest = honest();
    let with = async |bytes: usize| {
        let order = vec![b' '; bytes];
        asked(Snapshot { order, ..Snapshot::default() }, &honest, Limits::rule(1)).await.unwrap().1
    };
    let first = with(100).await;
    for _ in 0..50 {
        assert_eq!(Cost { duration: first.duration, ..with(100).await }, first);
    }
    let larger = with(10_100).await;
    assert_eq!((larger.fuel - first.fuel, larger.peak_memory_bytes - first.peak_memory_bytes), (10_000, 10_000));
    let too_large = Snapshot { order: vec![b' '; 40_000_000], ..Snapshot::default() };
    assert_eq!(asked(too_large, &honest, Limits::rule(1)).await.unwrap_err().kind, FailureKind::OutOfMemory);
}

fn refused(text: &str) -> LoadError {
    let (engine, _) = engine();
    engine.load(PluginId::new("extism", "0.0.0"), &wat::parse_str(text).unwrap()).unwrap_err()
}

#[tokio::test]
async fn a_module_may_import_the_kernel_and_wasi_and_nothing_else() {
    let LoadError::Imports { imports, .. } = refused(
        r#"(module
            (import "extism:host/user" "lookup" (func (param i64) (result i64)))
            (import "extism:host/env" "alloc" (func (param i64) (result i64)))
            (import "extism:host/env" "reset" (func))
            (import "extism:host/env" "memory" (memory 1))
            (import "wasi_snapshot_preview1" "fd_open" (func))
            (import "env" "abort" (func (param i32 i32 i32 i32)))
            (func (export "documents_check") (result i32) (i32.const 0)))"#,
    ) else {
        panic!("not refused for its imports")
    };
    let expected = ["extism:host/user/lookup", "extism:host/env/reset", "extism:host/env/memory"];
    assert_eq!(imports, [&expected[..], &["wasi_snapshot_preview1/fd_open", "env/abort"]].concat());
    let wrong = r#"(module (import "extism:host/env" "alloc" (func (param i32) (result i32)))
        (func (export "documents_check") (result i32) (i32.const 0)))"#;
    assert!(matches!(refused(wrong), LoadError::Contract { .. }), "a function of another type");
}

#[tokio::test]
async fn a_module_must_answer_a_hook_and_fit_the_pool() {
    assert!(matches!(refused("(module)"), LoadError::NoHook { .. }));
    assert!(matches!(
        refused(r#"(module (func (export "documents_prepare") (result i32) (i32.const 0)))"#),
        LoadError::NoHook { .. }
    ));
    for wrong in ["(param i32) (result i32)", "(result i64)", "(result i32 i32)"] {
        let error = refused(&format!(r#"(module (func (export "order_guard_check") {wrong} unreachable))"#));
        assert!(matches!(error, LoadError::Contract { .. }), "{error}");
    }
    let hook = r#"(func (export "documents_check") (result i32) (i32.const 0))"#;
    for big in ["(table 200000 funcref)", "(memory 20000)", "(memory 1) (memory 1) (memory 1) (memory 1) (memory 1)"] {
        let error = refused(&format!("(module {big} {hook})"));
        assert!(matches!(error, LoadError::Pool { .. } | LoadError::Invalid { .. }), "{error}");
    }
    let (engine, _) = engine();
    let both = wat::parse_str(format!(r#"(module {hook} (func (export "order_guard_check") unreachable))"#)).unwrap();
    let plugin = engine.load(PluginId::new("extism", "0.0.0"), &both).unwrap();
    assert!(plugin.answers_documents() && plugin.guards_orders() && !plugin.renders());
    assert!(engine.is_compiled(&both));
    let refused = engine.documents_requirements(&plugin, call(Snapshot::default(), Limits::rule(1))).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
}
