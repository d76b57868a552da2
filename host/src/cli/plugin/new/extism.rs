//! A project on the Extism PDK: the fixtures, sentences and plugin.toml of one in Rust, with another source. The PDK comes from crates.io, in the
//! version that the project's Cargo.toml names; the schemas of its hook lie beside it.

use super::template::Names;
use super::{File, Hook, Language};

/// Takes a file of the templates into this program.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("template/", $path))
    };
}

/// Takes a schema into this program.
macro_rules! schema {
    ($name:literal) => {
        (
            concat!("schemas/", $name, ".schema.json"),
            include_str!(concat!("../../../../../sdk/extism/schemas/", $name, ".schema.json")),
        )
    };
}

const COMMON: [(&str, &str); 2] =
    [("Cargo.toml", text!("extism-rust/project.toml")), ("README.md", text!("extism-rust/README.md"))];
const DOCUMENTS: [(&str, &str); 3] =
    [("src/lib.rs", text!("documents/extism.rs")), schema!("documents_check.input"), schema!("documents_check.output")];
const ORDER_GUARD: [(&str, &str); 3] =
    [("src/lib.rs", text!("order-guard/extism.rs")), schema!("order_guard_check.input"), schema!("order_guard_check.output")];

const PRICING: [(&str, &str); 3] =
    [("src/lib.rs", text!("pricing/extism.rs")), schema!("pricing_price.input"), schema!("pricing_price.output")];

/// Puts the files of the PDK's project in the place of those of one in Rust.
pub(super) fn replace(files: &mut Vec<File>, name: &str, hook: Hook) {
    let names = Names::of(name, Language::ExtismRust, hook);
    let own: &[(&str, &str)] = match hook {
        Hook::Documents => &DOCUMENTS,
        Hook::OrderGuard => &ORDER_GUARD,
        Hook::Pricing => &PRICING,
        // Refused before a file is made.
        Hook::App => &[],
    };
    for (path, text) in COMMON.iter().chain(own).copied() {
        files.retain(|(known, _)| known != path);
        files.push((path.to_owned(), names.fill(text)));
    }
}
