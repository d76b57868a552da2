//! One case of the interface of Extism a call: the input names it, the answer says what the guest saw.
//!
//! `cases.json` lists the cases, `expected.json` what the `extism` crate answers; the tests of `host/engine` hold our engine to the same. It is
//! compiled for wasm32-wasip1, as plugins are.
#![cfg(target_family = "wasm")]
#![expect(unsafe_code, reason = "the PDK's raw functions are what is compared")]

use extism_pdk::{
    Error, FnResult, Json, Memory, WithReturnCode, config, debug, error, extism, info, plugin_fn, trace, var, warn,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[link(wasm_import_module = "extism:host/env")]
unsafe extern "C" {
    fn input_offset() -> u64;
    fn error_get() -> u64;
}

#[derive(Deserialize)]
struct Input {
    as_of: String,
    order: Case,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    text: Option<String>,
}

#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    place: String,
    parameters: Seen,
}

type Seen = BTreeMap<&'static str, String>;

#[plugin_fn]
pub fn documents_check(Json(input): Json<Input>) -> FnResult<Json<Vec<Finding>>> {
    let mut seen = Seen::new();
    look(&input, &mut seen)?;
    Ok(Json(vec![Finding { rule: "SEEN", severity: "info", place: format!("/{}", input.order.case), parameters: seen }]))
}

fn look(input: &Input, seen: &mut Seen) -> Result<(), WithReturnCode<Error>> {
    match input.order.case.as_str() {
        "echo" => {
            seen.insert("as_of", input.as_of.clone());
            seen.insert("text", input.order.text.clone().unwrap_or_default());
        }
        "input" => look_at_input(seen),
        "config" => {
            for key in ["limit", "empty", "unset", "名"] {
                seen.insert(key, format!("{:?}", config::get(key)?));
            }
        }
        "vars" => look_at_vars(seen)?,
        "vars-too-large" => var::set("large", vec![1_u8; 1_100_000])?,
        "log" => {
            trace!("a trace");
            debug!("a debug line");
            info!("an info line of {}", input.as_of);
            warn!("a warning: été 輸出");
            error!("an error\nof two lines");
        }
        "log-nothing" => unsafe { extism::log_info(0) },
        "log-level" => {
            seen.insert("level", unsafe { extism::get_log_level() }.to_string());
        }
        "memory" => look_at_memory(seen)?,
        "free-again" => {
            let block = Memory::from_bytes("block")?.offset();
            unsafe {
                extism::free(block);
                extism::free(block);
                extism::free(0);
                extism::free(4_711);
            }
        }
        "error" => return Err(Error::msg("the order cannot be read: été").into()),
        "error-with-status" => return Err(WithReturnCode::new(Error::msg("with a status"), 7)),
        "error-of-status-zero" => return Err(WithReturnCode::new(Error::msg("the error counts"), 0)),
        "error-set" => {
            let message = Memory::from_bytes("set beside an answer")?;
            unsafe { extism::error_set(message.offset()) };
        }
        "error-taken-back" => {
            let message = Memory::from_bytes("taken back")?;
            unsafe {
                extism::error_set(message.offset());
                seen.insert("is_set", (error_get() == message.offset()).to_string());
                extism::error_set(0);
                seen.insert("is_taken_back", (error_get() == 0).to_string());
            }
        }
        "exit-zero" => {
            let answer = Memory::from_bytes(r#"[{"rule":"LEFT","severity":"info","place":"","parameters":{}}]"#)?;
            answer.set_output();
            leave(0)
        }
        "exit-three" => leave(3),
        "http-status" => {
            seen.insert("status", unsafe { extism::http_status_code() }.to_string());
            seen.insert("headers", unsafe { extism::http_headers() }.to_string());
        }
        "http" => {
            let request = Memory::from_bytes(r#"{"url":"https://example.com/","method":"GET","headers":{}}"#)?;
            seen.insert("answer", unsafe { extism::http_request(request.offset(), 0) }.to_string());
        }
        "world" => look_around(seen),
        "panic" => stop(),
        unknown => return Err(Error::msg(format!("no such case: {unknown}")).into()),
    }
    Ok(())
}

fn look_at_input(seen: &mut Seen) {
    unsafe {
        let (offset, length) = (input_offset(), extism::input_length());
        seen.insert("length", length.to_string());
        seen.insert("is_a_block", (extism::length(offset) == length).to_string());
        seen.insert("first", extism::input_load_u64(0).to_string());
        seen.insert("last", extism::input_load_u8(length - 1).to_string());
        seen.insert("by_offset", (extism::load_u64(offset) == extism::input_load_u64(0)).to_string());
        seen.insert("behind", extism::input_load_u8(length).to_string());
        seen.insert("across", extism::input_load_u64(length - 4).to_string());
    }
}

fn look_at_vars(seen: &mut Seen) -> Result<(), Error> {
    let get = |name: &str| var::get::<String>(name).map(|value| format!("{value:?}"));
    seen.insert("before", get("name")?);
    var::set("name", "first")?;
    seen.insert("set", get("name")?);
    var::set("name", "second, longer than the first")?;
    seen.insert("set_again", get("name")?);
    seen.insert("other", get("other")?);
    var::remove("name")?;
    seen.insert("removed", get("name")?);
    var::set("large", vec![b'x'; 200_000])?;
    seen.insert("large", var::get::<Vec<u8>>("large")?.map_or(0, |value| value.len()).to_string());
    Ok(())
}

fn look_at_memory(seen: &mut Seen) -> Result<(), Error> {
    unsafe {
        seen.insert("none", extism::alloc(0).to_string());
        let block = extism::alloc(100);
        extism::store_u64(block, 0x0102_0304_0506_0708);
        extism::store_u8(block + 99, 0xfe);
        seen.insert("low", extism::load_u8(block).to_string());
        seen.insert("high", extism::load_u8(block + 7).to_string());
        seen.insert("end", extism::load_u8(block + 99).to_string());
        seen.insert("length", extism::length(block).to_string());
        seen.insert("length_unsafe", extism::length_unsafe(block).to_string());
        seen.insert("length_inside", extism::length(block + 8).to_string());
        seen.insert("length_of_nothing", extism::length(0).to_string());
        extism::free(block);
        seen.insert("length_when_freed", extism::length(block).to_string());
        let mut sum = 0_u64;
        for round in 1..=200_u64 {
            let block = Memory::from_bytes(vec![7; 1_000])?;
            sum += block.to_vec().iter().map(|byte| u64::from(*byte)).sum::<u64>() + round;
            block.free();
        }
        seen.insert("sum", sum.to_string());
    }
    Ok(())
}

fn look_around(seen: &mut Seen) {
    seen.insert("variables", std::env::vars_os().count().to_string());
    seen.insert("arguments", std::env::args_os().count().to_string());
    seen.insert("file", std::fs::read("/etc/hostname").is_ok().to_string());
    seen.insert("folder", std::fs::read_dir("/").is_ok().to_string());
    seen.insert("input", std::io::stdin().lines().count().to_string());
}

#[expect(clippy::exit, reason = "leaving is the case")]
fn leave(code: i32) -> ! {
    std::process::exit(code)
}

#[expect(clippy::panic, reason = "the panic is the case")]
fn stop() {
    panic!("the guest panics")
}
