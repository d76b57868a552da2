//! What an engine is made from. The host's configuration fills it once at start; nothing here is read from the environment.

use std::fmt;
use std::path::PathBuf;

/// The key under which precompiled artifacts are sealed. Never printed.
#[derive(Clone)]
pub struct MacKey([u8; 32]);

impl MacKey {
    /// Wraps 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

/// How much the pool of sandboxes holds. Memory is reserved as addresses and taken from the machine only when a guest touches it.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// Sandboxes alive at the same time, all classes together. Each class gets a share.
    pub calls_max: u32,
    /// Calls of renderers at the same time; at most `calls_max` / 2. One may hold 1 GiB, if its order has more than 600 vehicles.
    pub renders_max: u32,
    /// Core modules of one component. One of Rust or JavaScript has 3 or 4; one of Python has 38, most of them a few bytes that stand for WASI.
    pub core_instances_per_call_max: u32,
    /// Memories of one component.
    pub memories_per_call_max: u32,
    /// Tables of one component.
    pub tables_per_call_max: u32,
    /// Elements of one table.
    pub table_elements_max: usize,
    /// Slots that keep their pages for the next call of the same plugin.
    pub warm_slots_max: u32,
    /// Bytes of a memory that stay resident in a warm slot.
    pub memory_resident_bytes: usize,
    /// Sandboxes that wait for another call of the same tenant's release, beside those that are alive. One of an interpreter holds 10 to 40 MiB.
    pub kept_sandboxes_max: u32,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            calls_max: 64,
            renders_max: 4,
            core_instances_per_call_max: 64,
            memories_per_call_max: 4,
            tables_per_call_max: 8,
            table_elements_max: 100_000,
            warm_slots_max: 64,
            memory_resident_bytes: 512 * 1024,
            kept_sandboxes_max: 16,
        }
    }
}

/// What an engine is made from.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The private folder of precompiled artifacts. Made with mode 0700 when it is not there. Processes may share it.
    pub artifacts: PathBuf,
    /// Seals the artifacts. Keep it outside `artifacts`, readable by the server's user only.
    pub mac_key: MacKey,
    /// Sizes of the pool.
    pub pool: PoolSettings,
    /// Threads that run guests and nothing else.
    pub guest_threads: usize,
}

impl EngineSettings {
    /// One thread a processor core, the default pool.
    pub fn new(artifacts: PathBuf, mac_key: MacKey) -> Self {
        let guest_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { artifacts, mac_key, pool: PoolSettings::default(), guest_threads }
    }

    /// For tests: a small pool, two threads, a fixed key and a folder that test processes of one user share, so that a component is
    /// compiled once and not once a test.
    pub fn for_testing() -> Self {
        Self {
            artifacts: std::env::temp_dir().join("roro-test-artifacts"),
            mac_key: MacKey::new(*b"a fixed key of tests, not secret"),
            pool: PoolSettings { calls_max: 8, renders_max: 2, warm_slots_max: 8, ..PoolSettings::default() },
            guest_threads: 2,
        }
    }
}
