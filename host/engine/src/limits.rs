//! Every limit of the sandbox, each named with its unit, in this one file.
//!
//! A call gets its limits from its class and from the lines of its order: a base and a step a line, because an order of forty vehicles is
//! no attack. The classes also bound how many calls run beside each other. What the pool holds ([`crate::PoolSettings`]) covers the
//! largest class; nothing here is read from the guest.

use std::time::Duration;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The largest component that is loaded, in bytes. The renderer has 42 MB.
pub const COMPONENT_BYTES_MAX: usize = 96 * 1024 * 1024;

/// How deep a guest may call itself, in bytes of its native stack. Fixed when the engine is made: compiled code checks it.
pub const WASM_STACK_BYTES_MAX: usize = 1024 * 1024;
/// A call's native stack, in bytes: the guest's part above and what the host's imports need below it.
pub const CALL_STACK_BYTES: usize = 2 * 1024 * 1024;

/// Frames of a guest backtrace.
pub const BACKTRACE_FRAMES_MAX: usize = 32;

/// Between two looks at the clock, in milliseconds. A guest gives its thread back this often.
pub const EPOCH_TICK_MS: u64 = 1;
/// How much longer than the guest itself the host's imports may take in one call, as a multiple of `wall_time`.
pub const HOST_TIME_FACTOR: u64 = 4;

/// Fuel that a call of an import costs beside the guest's own instructions. About 100 ns of the host's time.
pub const FUEL_PER_HOST_CALL: u64 = 250;
/// Fuel a byte that an import moves across the border, in either direction, as the answering side counts them.
pub const FUEL_PER_BYTE: u64 = 1;
/// Fuel that one `memory.grow` costs.
pub const FUEL_PER_MEMORY_GROW: u8 = 255;
/// A page of memory, in bytes.
pub(crate) const PAGE_BYTES: u64 = 64 * KIB;
/// Fuel a page of 64 KiB that a `memory.grow` asks for.
pub const FUEL_PER_PAGE: u8 = 255;

/// Which guests a limit is for. Each class has its own share of the guest threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Compiled rule plugins: pure functions over a snapshot.
    Rule,
    /// Rule plugins in an interpreted language (JavaScript, Python).
    Interpreted,
    /// Renderers.
    Renderer,
}

impl Class {
    /// All classes, smallest first.
    pub const ALL: [Self; 3] = [Self::Rule, Self::Interpreted, Self::Renderer];

    /// The class's name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Interpreted => "interpreted",
            Self::Renderer => "renderer",
        }
    }

    /// The most memory that a call of this class may hold, in bytes, whatever its order.
    pub fn memory_bytes_max(self) -> u64 {
        match self {
            Self::Rule => 64 * MIB,
            Self::Interpreted => 256 * MIB,
            // A paper of 2 000 vehicles with long texts takes 600 MiB: Typst keeps all pages until the last one is laid out.
            Self::Renderer => 1024 * MIB,
        }
    }
}

/// What one call may use. What is over a limit stops the guest with the outcome that names the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The class whose thread share the call takes.
    pub class: Class,
    /// Instructions, imports, bytes across the border and memory growth, in wasmtime's units of fuel.
    pub fuel: u64,
    /// Time on a thread, without imports and without waiting for a turn. Self-defence: fuel is the contract.
    pub wall_time: Duration,
    /// Bytes of all memories of the sandbox together.
    pub memory_bytes: u64,
    /// Elements of all tables of the sandbox together.
    pub table_elements: u64,
    /// Bytes that the guest hands to the host in one call of an import, and in its answer.
    pub output_bytes: usize,
    /// Calls of imports, resource drops included.
    pub host_calls: u64,
    /// Bytes of log lines, standard output and standard error included.
    pub log_bytes: u64,
}

impl Limits {
    /// For a compiled rule plugin on an order of `lines` lines.
    pub fn rule(lines: u32) -> Self {
        let lines = u64::from(lines);
        Self {
            class: Class::Rule,
            fuel: grow(200_000_000, 10_000_000, lines),
            wall_time: Duration::from_millis(grow(500, 20, lines)),
            memory_bytes: grow(32 * MIB, 64 * KIB, lines).min(Class::Rule.memory_bytes_max()),
            table_elements: 10_000,
            output_bytes: bytes(grow(256 * KIB, 32 * KIB, lines)),
            host_calls: grow(5_000, 500, lines),
            log_bytes: 64 * KIB,
        }
    }

    /// For a rule plugin in an interpreted language on an order of `lines` lines: the interpreter takes its share.
    pub fn interpreted(lines: u32) -> Self {
        let rule = Self::rule(lines);
        let lines = u64::from(lines);
        Self {
            class: Class::Interpreted,
            fuel: grow(4_000_000_000, 100_000_000, lines),
            wall_time: Duration::from_millis(grow(5_000, 100, lines)),
            memory_bytes: grow(128 * MIB, 256 * KIB, lines).min(Class::Interpreted.memory_bytes_max()),
            table_elements: 40_000,
            ..rule
        }
    }

    /// For a renderer that makes the documents of an order of `lines` lines.
    pub fn renderer(lines: u32) -> Self {
        let lines = u64::from(lines);
        Self {
            class: Class::Renderer,
            fuel: grow(20_000_000_000, 400_000_000, lines),
            wall_time: Duration::from_millis(grow(20_000, 400, lines)),
            memory_bytes: grow(384 * MIB, MIB, lines).min(Class::Renderer.memory_bytes_max()),
            table_elements: 60_000,
            output_bytes: bytes(grow(32 * MIB, 512 * KIB, lines).min(128 * MIB)),
            host_calls: grow(10_000, 200, lines),
            log_bytes: 256 * KIB,
        }
    }
}

fn grow(base: u64, per_line: u64, lines: u64) -> u64 {
    base.saturating_add(per_line.saturating_mul(lines))
}

fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_grow_with_the_lines_and_stay_within_their_class() {
        for of in [Limits::rule, Limits::interpreted, Limits::renderer] {
            let (small, large) = (of(1), of(2_000));
            assert!(large.fuel > small.fuel && large.wall_time > small.wall_time && large.output_bytes > small.output_bytes);
            assert!(of(u32::MAX).memory_bytes <= small.class.memory_bytes_max());
        }
    }
}
