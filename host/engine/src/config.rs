//! The one place that says how wasmtime is set. Artifacts carry these settings in their key: a change here recompiles every plugin.

use std::num::NonZeroUsize;

use wasmtime::{Config, Enabled, OperatorCost, OptLevel, PoolingAllocationConfig, Strategy, WasmBacktraceDetails};

use crate::limits::{BACKTRACE_FRAMES_MAX, CALL_STACK_BYTES, Class, FUEL_PER_MEMORY_GROW, FUEL_PER_PAGE, WASM_STACK_BYTES_MAX};
use crate::settings::PoolSettings;

/// Addresses reserved for each memory: all that a 32-bit guest can name, so that compiled code needs no bounds checks.
const MEMORY_RESERVATION_BYTES: u64 = 4 << 30;
/// Room for the tables of a module's functions, in bytes. The renderer needs the most.
const CORE_INSTANCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Settings that make a call deterministic, metered and interruptible.
pub fn config(pool: &PoolSettings) -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_component_model(true)
        // Fuel is the contract, the epoch is self-defence.
        .consume_fuel(true)
        .operator_cost(operator_cost())
        .epoch_interruption(true)
        // The same bits on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .max_wasm_stack(WASM_STACK_BYTES_MAX)
        .async_stack_size(CALL_STACK_BYTES)
        .memory_init_cow(true)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        // Frame pointers are enough to walk a guest's stack; tables for the system's unwinder would be registered at every load.
        .native_unwind_info(false)
        // A failure names where in the guest; never by reading a file beside the server.
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES_MAX))
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .allocation_strategy(pooling(pool));
    config
}

/// One unit an instruction and a byte moved, as wasmtime has it; growth, which it leaves free, costs.
fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::new();
    cost.MemoryGrow = FUEL_PER_MEMORY_GROW;
    cost.variable.memory_grow_per_page = FUEL_PER_PAGE;
    cost
}

fn pooling(pool: &PoolSettings) -> PoolingAllocationConfig {
    let calls = pool.calls_max.saturating_add(pool.kept_sandboxes_max);
    let memory_bytes_max = usize::try_from(Class::Renderer.memory_bytes_max()).unwrap_or(usize::MAX);
    let mut pooling = PoolingAllocationConfig::new();
    pooling
        .total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(pool.core_instances_per_call_max))
        .total_memories(calls.saturating_mul(pool.memories_per_call_max))
        .total_tables(calls.saturating_mul(pool.tables_per_call_max))
        // A sandbox that waits keeps its stack.
        .total_stacks(calls)
        .max_core_instances_per_component(pool.core_instances_per_call_max)
        .max_memories_per_component(pool.memories_per_call_max)
        .max_tables_per_component(pool.tables_per_call_max)
        .max_core_instance_size(CORE_INSTANCE_BYTES_MAX)
        .max_memories_per_module(pool.memories_per_call_max)
        .max_tables_per_module(pool.tables_per_call_max)
        .table_elements(pool.table_elements_max)
        .max_memory_size(memory_bytes_max)
        .max_unused_warm_slots(pool.warm_slots_max)
        .linear_memory_keep_resident(pool.memory_resident_bytes)
        .pagemap_scan(Enabled::Auto);
    pooling
}
