//! A plugin that misbehaves on demand: one attack for every limit of the engine.
//!
//! The key `attack` of its configuration says what `check` does; `host/engine/tests` runs each and names the outcome that stops it. Beside
//! the attacks stand honest work of a chosen size and a look around the closed world. It is built like every plugin, ships with none and
//! is never installed.
//! For any other target than WebAssembly it is empty: a native linker cannot spell the names of a component's exports.
#![cfg(target_family = "wasm")]

mod attacks;
mod honest;

use roro_sdk::documents::exports::roro::documents::documents::{Error, Finding, Guest, Prepared, Requirement};
use roro_sdk::documents::roro::host::config;
use roro_sdk::documents::roro::order::order::Order;

struct Attackers;

impl Guest for Attackers {
    fn requirements(_order: &Order) -> Result<Vec<Requirement>, Error> {
        Ok(Vec::new())
    }

    fn check(order: &Order) -> Result<Vec<Finding>, Error> {
        let attack = config::get("attack").unwrap_or_default();
        Ok(match attack.as_str() {
            "loop" => attacks::spin(),
            "memory" => attacks::memory(),
            "recursion" => attacks::recursion(),
            "output" => attacks::output(),
            "log" => attacks::log(),
            "stdout" => attacks::stdout(),
            "unfinished-line" => attacks::unfinished_line(),
            "host-calls" => attacks::host_calls(),
            "host-bytes" => attacks::host_bytes(),
            "trap" => attacks::trap(),
            "exit" => attacks::exit(),
            "bad-output" => attacks::bad_output(),
            "bad-argument" => attacks::bad_argument(),
            "forged-handle" => attacks::forged_handle(),
            "dropped-handle" => attacks::dropped_handle(order),
            "stale-handle" => attacks::stale_handle(order),
            "foreign-handle" => attacks::foreign_handle(order),
            "double-drop" => attacks::double_drop(order),
            "handle-flood" => attacks::handle_flood(order),
            "sleep" => honest::sleep(),
            "look-around" => honest::look_around(),
            "honest" => honest::work(config::get("rounds").and_then(|rounds| rounds.parse().ok()).unwrap_or(0)),
            "small" => honest::small(order),
            _ => return Err(Error::BadTable(format!("no such attack: {attack}"))),
        })
    }

    fn prepare(_order: &Order, _documents: Vec<String>) -> Result<Vec<Prepared>, Error> {
        Ok(Vec::new())
    }
}

roro_sdk::documents::export_documents!(Attackers with_types_in roro_sdk::documents);
