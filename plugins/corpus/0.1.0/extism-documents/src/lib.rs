//! The documents hook of contract 0.1.0 from the Extism PDK: the whole input is read, variables live for the call, the log is written.

use extism_pdk::{FnResult, Json, config, info, plugin_fn, var};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Input {
    as_of: String,
    order: serde_json::Value,
}

#[derive(Serialize)]
struct Finding {
    rule: &'static str,
    severity: &'static str,
    place: &'static str,
    parameters: BTreeMap<&'static str, String>,
}

#[plugin_fn]
pub fn documents_check(Json(input): Json<Input>) -> FnResult<Json<Vec<Finding>>> {
    info!("reading {}", input.as_of);
    let before: Option<String> = var::get("word")?;
    var::set("word", config::get("word")?.unwrap_or_default())?;
    let after: Option<String> = var::get("word")?;
    let read = |pointer: &str| input.order.pointer(pointer).map_or_else(|| "none".to_owned(), ToString::to_string);
    let texts = BTreeMap::from([
        ("as_of", input.as_of.clone()),
        ("reference", read("/order/reference")),
        ("identity", read("/vehicles/0/identity/number")),
        ("price", read("/vehicles/2/price")),
        ("nothing", read("/vehicles/3/price")),
        ("before", before.unwrap_or_else(|| "none".to_owned())),
        ("after", after.unwrap_or_else(|| "none".to_owned())),
    ]);
    let finding = |rule, severity, place, parameters| Finding { rule, severity, place, parameters };
    Ok(Json(vec![
        finding("CORPUS-X-DOCUMENTS-01", "info", "/order", texts),
        finding("CORPUS-X-DOCUMENTS-02", "warn", "", BTreeMap::new()),
    ]))
}
