//! The contract of `wit/` as Rust: the imports once, each hook's export on top of them.
//!
//! [`contract`] holds the traits that the host answers; [`documents`], [`order_guard`], [`pricing`], [`app`] and [`renderer`] hold the exports of one hook each and
//! reuse its types, so that a finding is one Rust type everywhere. A new hook adds a module here and touches no other. Nothing in this file runs.

/// What a guest may import: one trait an interface.
pub mod contract {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "
            package roro:engine;

            world imports {
                import roro:types/types@0.1.0;
                import roro:host/log@0.1.0;
                import roro:host/config@0.1.0;
                import roro:host/legal-date@0.1.0;
                import roro:host/tables@0.1.0;
                import roro:host/random@0.1.0;
                import roro:host/cache@0.1.0;
                import roro:host/fetch@0.1.0;
                import roro:host/tasks@0.1.0;
                import roro:host/events@0.1.0;
                import roro:order/order@0.1.0;
                import roro:order/fields@0.1.0;
                import roro:order/orders@0.1.0;
                import roro:records/records@0.1.0;
                import roro:render/sources@0.1.0;
            }
        ",
        world: "roro:engine/imports",
        // What the host has to look up somewhere, a sandbox waits for; the rest is at hand.
        imports: {
            "roro:host/cache": async | trappable,
            "roro:order/orders": async | trappable,
            "roro:records/records": async | trappable,
            default: trappable,
        },
    });
}

/// The exports of a rule plugin that answers the documents hook.
pub mod documents {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "roro:plugin/documents",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "roro:types": crate::bindings::contract::roro::types,
            "roro:host": crate::bindings::contract::roro::host,
            "roro:order": crate::bindings::contract::roro::order,
        },
    });
}

/// The exports of a rule plugin that answers the order guard's hook.
pub mod order_guard {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "roro:plugin/order-guard",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "roro:types": crate::bindings::contract::roro::types,
            "roro:host": crate::bindings::contract::roro::host,
            "roro:order": crate::bindings::contract::roro::order,
        },
    });
}

/// The exports of a rule plugin that answers the pricing hook.
pub mod pricing {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "roro:plugin/pricing",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "roro:types": crate::bindings::contract::roro::types,
            "roro:host": crate::bindings::contract::roro::host,
            "roro:order": crate::bindings::contract::roro::order,
        },
    });
}

/// The exports of an app.
pub mod app {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "roro:plugin/app",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "roro:types": crate::bindings::contract::roro::types,
            "roro:host": crate::bindings::contract::roro::host,
            "roro:order": crate::bindings::contract::roro::order,
            "roro:records": crate::bindings::contract::roro::records,
        },
    });
}

/// The exports of a renderer.
pub mod renderer {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "roro:plugin/renderer",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "roro:host": crate::bindings::contract::roro::host,
            "roro:render/sources": crate::bindings::contract::roro::render::sources,
        },
    });
}
