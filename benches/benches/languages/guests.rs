//! The bench's rule in each language, loaded as a tenant's plugin is, and on wasmtime alone in a sandbox that stays.

use roro::document::Case;
use roro::finding::Finding;
use roro::guest::Runner;
use roro::outbox;
use roro::plugin::Active;
use roro::plugin::component::Components as _;
use roro::plugin::manifest::{self, HookName};
use roro_benches::callers::{Made, by_threads};
use roro_benches::cases::{components, root};
use roro_benches::floor::{Floor, Machine};
use roro_benches::native::{Said, of_host, of_wire};
use roro_benches::plain::Plain;
use roro_engine::Limits;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

/// The plugin that every guest here is: its rule begins with its id.
const MANIFEST: &str = r#"
format = 1
id = "bench"
version = "1.0.0"
title = { en = "Bench", zh = "基准" }
summary = { en = "Answers one finding.", zh = "给出一条结果。" }
publisher = "Roro"
component = "bench.wasm"
class = "CLASS"
[[hooks]]
name = "documents"
contract = "0.1.0"
on_failure = "open"
"#;

/// A guest, and the limits that its class has.
pub(crate) struct Guest {
    pub(crate) name: &'static str,
    class: &'static str,
    file: PathBuf,
    limits: fn(u32) -> Limits,
    /// Whether it is a component; a core module of an Extism PDK has no floor here.
    pub(crate) is_component: bool,
}

/// Every guest that was built.
pub(crate) fn all() -> [Guest; 4] {
    let made = |language: &str| root().join("target/bench-guests").join(language).join("bench.wasm");
    let extism = root().join("target/extism/wasm32-unknown-unknown/plugin/roro_bench_extism_guest.wasm");
    let guest = |name, class, file, limits, is_component| Guest { name, class, file, limits, is_component };
    [
        guest("Rust component", "rule", components().join("roro_bench_rule.wasm"), Limits::rule, true),
        guest("Extism PDK guest in Rust", "rule", extism, Limits::rule, false),
        guest("TypeScript component", "interpreted", made("typescript"), Limits::interpreted, true),
        guest("Python component", "interpreted", made("python"), Limits::interpreted, true),
    ]
}

impl Guest {
    /// Whether an interpreter is a part of it.
    pub(crate) fn is_interpreted(&self) -> bool {
        self.class == "interpreted"
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file)
            .unwrap_or_else(|error| panic!("run `cargo xtask bench extism`: {}: {error}", self.file.display()))
    }

    fn limits(&self, case: &Case) -> Limits {
        (self.limits)(u32::try_from(case.snapshot.file.vehicles.len()).expect("a small order"))
    }
}

/// A guest as a tenant's plugin.
#[derive(Clone)]
pub(crate) struct Hired {
    runner: Runner,
    plugin: Arc<Active>,
    case: Case,
}

impl Hired {
    pub(crate) fn new(runner: &Runner, guest: &Guest, case: &Case) -> Self {
        let text = MANIFEST.replace("CLASS", guest.class);
        let manifest = manifest::read("plugin.toml", &text, &outbox::heard()).expect("a manifest");
        let bytes = guest.bytes();
        let facts = runner.load(&manifest.id, &manifest.version, &bytes).expect("a plugin");
        println!("  {}: {} kB", guest.name, bytes.len() / 1000);
        let plugin = Active::new(&manifest, &facts.digest, BTreeMap::new(), &BTreeSet::new(), BTreeMap::new());
        Self { runner: runner.clone(), plugin: Arc::new(plugin), case: case.clone() }
    }

    /// As a firm has it that keeps the sandboxes of its release warm.
    pub(crate) fn kept_warm(self) -> Self {
        let release = Some("rel_00000000000000000000000001".parse().expect("an id"));
        Self { plugin: Arc::new(Active { warm: true, release, ..(*self.plugin).clone() }), ..self }
    }

    async fn ask(&self) -> Vec<Finding> {
        self.runner.ask(&self.case, &self.plugin, HookName::Documents).await.0.expect("an answer").0.findings
    }

    /// What it finds.
    pub(crate) fn says(&self, server: &Runtime) -> Vec<Said> {
        server.block_on(self.ask()).iter().map(of_host).collect()
    }

    /// Calls from as many tasks of a server's runtime as there are callers.
    pub(crate) fn call(&self, server: &Runtime, callers: usize, calls: usize) -> Made {
        let each = calls.div_ceil(callers);
        let started = Instant::now();
        let caller = |_| {
            let hired = self.clone();
            server.spawn(async move {
                let mut times = Vec::with_capacity(each);
                for _ in 0..each {
                    let started = Instant::now();
                    drop(hired.ask().await);
                    times.push(started.elapsed());
                }
                times
            })
        };
        let tasks: Vec<_> = (0..callers).map(caller).collect();
        let ended = server.block_on(futures::future::join_all(tasks));
        let elapsed = started.elapsed();
        Made { times: ended.into_iter().flat_map(|times| times.expect("a caller")).collect(), elapsed }
    }
}

/// A component on wasmtime alone, one sandbox for all calls of a caller.
pub(crate) struct Warmed {
    floor: Floor<Plain>,
    plain: Plain,
    limits: Limits,
}

impl Warmed {
    pub(crate) fn new(machine: &Machine, guest: &Guest, case: &Case) -> Self {
        Self { floor: machine.load(&guest.bytes()), plain: Plain::new(case), limits: guest.limits(case) }
    }

    /// What it finds, asked once more than once: a sandbox that stays must not answer otherwise then.
    pub(crate) fn says(&self) -> Vec<Said> {
        let here = Builder::new_current_thread().build().expect("a runtime");
        here.block_on(async {
            let mut warm = self.floor.warm(self.plain.clone()).await;
            drop(warm.check(&self.limits).await);
            warm.check(&self.limits).await.iter().map(of_wire).collect()
        })
    }

    /// Calls from threads, each with a sandbox of its own.
    pub(crate) fn call(&self, callers: usize, calls: usize) -> Made {
        by_threads(callers, calls, || {
            let here = Builder::new_current_thread().build().expect("a runtime");
            let mut warm = here.block_on(self.floor.warm(self.plain.clone()));
            move || drop(here.block_on(warm.check(&self.limits)))
        })
    }
}
