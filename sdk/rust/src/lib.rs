//! What a plugin author uses in Rust: one module a hook, generated from the contract in `wit/` (a copy of the repository's `wit/`, kept
//! equal by `cargo xtask wit --check`).

/// The documents hook: implement `exports::roro::documents::documents::Guest`, then `roro_sdk::documents::export_documents!(YourType with_types_in roro_sdk::documents)`.
pub mod documents {
    wit_bindgen::generate!({
        path: "wit",
        world: "roro:plugin/documents",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_documents",
        default_bindings_module: "roro_sdk::documents",
    });
}

/// The order guard's hook: implement `exports::roro::guard::guard::Guest`, then `roro_sdk::order_guard::export_order_guard!(YourType with_types_in roro_sdk::order_guard)`.
pub mod order_guard {
    wit_bindgen::generate!({
        path: "wit",
        world: "roro:plugin/order-guard",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_order_guard",
        default_bindings_module: "roro_sdk::order_guard",
    });
}

/// The pricing hook: implement `exports::roro::pricing::pricing::Guest`, then `roro_sdk::pricing::export_pricing!(YourType with_types_in roro_sdk::pricing)`.
pub mod pricing {
    wit_bindgen::generate!({
        path: "wit",
        world: "roro:plugin/pricing",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_pricing",
        default_bindings_module: "roro_sdk::pricing",
    });
}

/// An app: implement `exports::roro::app::app::Guest`, then `roro_sdk::app::export_app!(YourType with_types_in roro_sdk::app)`.
pub mod app {
    wit_bindgen::generate!({
        path: "wit",
        world: "roro:plugin/app",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_app",
        default_bindings_module: "roro_sdk::app",
    });
}

/// The renderer's hook.
pub mod renderer {
    wit_bindgen::generate!({
        path: "wit",
        world: "roro:plugin/renderer",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_renderer",
        default_bindings_module: "roro_sdk::renderer",
    });
}
