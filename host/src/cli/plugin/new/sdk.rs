//! The copy of the SDK that every project gets. It is the contract that this program speaks.

use super::File;

/// Takes files of the SDK into this program.
macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../../../../sdk/rust/", $path)))),+]
    };
}

/// Every file of the SDK but its Cargo.toml, which inherits from the workspace; a test compares them with the folder.
const FILES: &[(&str, &str)] = &embedded![
    "src/lib.rs",
    "wit/released.toml",
    "wit/world.wit",
    "wit/deps/roro-app/app.wit",
    "wit/deps/roro-documents/documents.wit",
    "wit/deps/roro-guard/guard.wit",
    "wit/deps/roro-host/host.wit",
    "wit/deps/roro-order/order.wit",
    "wit/deps/roro-records/records.wit",
    "wit/deps/roro-render/render.wit",
    "wit/deps/roro-types/types.wit",
];

/// The SDK's files, below the project's folder.
pub(super) fn files() -> Vec<File> {
    let own = [("Cargo.toml", include_str!("template/sdk.toml"))];
    own.iter().chain(FILES).map(|(path, text)| (format!("roro-sdk/{path}"), (*text).to_owned())).collect()
}
