//! The copy of the SDK that every project gets: the contract that this program speaks, and the layer of its language.

use super::File;
use crate::cli::plugin::language::Language;

/// Takes files of a folder beside `host` into this program.
macro_rules! embedded {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../../../../", $folder, "/", $path)))),+]
    };
}

/// The contract. Tests compare this list, and those below, with their folders.
const WIT: &[(&str, &str)] = &embedded![
    "sdk/rust/wit":
    "released.toml",
    "world.wit",
    "deps/roro-app/app.wit",
    "deps/roro-documents/documents.wit",
    "deps/roro-guard/guard.wit",
    "deps/roro-host/host.wit",
    "deps/roro-order/order.wit",
    "deps/roro-pricing/pricing.wit",
    "deps/roro-records/records.wit",
    "deps/roro-render/render.wit",
    "deps/roro-types/types.wit",
];

/// Every file but Cargo.toml, which inherits from the workspace.
const RUST: &[(&str, &str)] = &embedded!["sdk/rust": "src/lib.rs"];

/// Every file but the README and package.json: the project's own package.json names the tools.
const TYPESCRIPT: &[(&str, &str)] = &embedded![
    "sdk/js":
    "build.mjs",
    "src/app.ts",
    "src/cache.ts",
    "src/config.ts",
    "src/documents.ts",
    "src/events.ts",
    "src/fetch.ts",
    "src/hook.ts",
    "src/imports.ts",
    "src/order-guard.ts",
    "src/orders.ts",
    "src/pricing.ts",
    "src/random.ts",
    "src/records.ts",
    "src/tables.ts",
    "src/tasks.ts",
];

/// Every file but the README and requirements.txt: the project's own requirements.txt names the tools.
const PYTHON: &[(&str, &str)] = &embedded![
    "sdk/python":
    "roro_sdk/__init__.py",
    "roro_sdk/_hook.py",
    "roro_sdk/_imports.py",
    "roro_sdk/app.py",
    "roro_sdk/cache.py",
    "roro_sdk/config.py",
    "roro_sdk/documents.py",
    "roro_sdk/events.py",
    "roro_sdk/fetch.py",
    "roro_sdk/order_guard.py",
    "roro_sdk/orders.py",
    "roro_sdk/pricing.py",
    "roro_sdk/random.py",
    "roro_sdk/records.py",
    "roro_sdk/tables.py",
    "roro_sdk/tasks.py",
];

/// The SDK's files, below the project's folder.
pub(super) fn files(language: Language) -> Vec<File> {
    let own: &[(&str, &str)] = match language {
        Language::Rust => &[("Cargo.toml", include_str!("template/rust/sdk.toml"))],
        // What node takes for a module by its ending needs no package.json.
        Language::TypeScript | Language::Python | Language::ExtismRust => &[],
    };
    let layer = match language {
        Language::Rust => RUST,
        Language::TypeScript => TYPESCRIPT,
        Language::Python => PYTHON,
        // The PDK is its SDK.
        Language::ExtismRust => &[],
    };
    let wit = WIT.iter().map(|(path, text)| (format!("roro-sdk/wit/{path}"), (*text).to_owned()));
    own.iter().chain(layer).map(|(path, text)| (format!("roro-sdk/{path}"), (*text).to_owned())).chain(wit).collect()
}
