//! A component, or a core module of an Extism PDK, that has been checked, compiled and linked: ready to be called, never running.
//!
//! Loading refuses, by name, what the contract does not offer; it probes once which hooks are exported. A plugin is cheap to clone and
//! shared by all tenants that use the same bytes: everything of a tenant comes with the call.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime::{Module, ResourcesRequired};

use crate::bindings::app::AppPre;
use crate::bindings::documents::DocumentsPre;
use crate::bindings::order_guard::OrderGuardPre;
use crate::bindings::pricing::PricingPre;
use crate::bindings::renderer::RendererPre;
use crate::extism::{self, Extism};
use crate::guest::{Answers, Guest};
use crate::limits::COMPONENT_BYTES_MAX;
use crate::settings::PoolSettings;

const DOCUMENTS: &str = "roro:documents/documents@0.1.0";
const ORDER_GUARD: &str = "roro:guard/guard@0.1.0";
const PRICING: &str = "roro:pricing/pricing@0.1.0";
const APP: &str = "roro:app/app@0.1.0";
const RENDER: &str = "roro:render/render@0.1.0";

/// What every rule plugin may import, beside WASI.
const RULE_IMPORTS: &[&str] = &[
    "roro:types/types@0.1.0",
    "roro:host/log@0.1.0",
    "roro:host/config@0.1.0",
    "roro:host/legal-date@0.1.0",
    "roro:host/tables@0.1.0",
    "roro:host/random@0.1.0",
    "roro:order/order@0.1.0",
    "roro:order/fields@0.1.0",
];

/// What an app may import beside what rules may.
const APP_IMPORTS: &[&str] = &[
    "roro:host/cache@0.1.0",
    "roro:host/fetch@0.1.0",
    "roro:host/tasks@0.1.0",
    "roro:host/events@0.1.0",
    "roro:order/orders@0.1.0",
    "roro:records/records@0.1.0",
];

/// What a renderer may import, beside WASI.
const RENDERER_IMPORTS: &[&str] = &["roro:host/log@0.1.0", "roro:render/sources@0.1.0"];

/// The interfaces of the closed WASI shim.
const WASI_IMPORTS: &[&str] = &[
    "wasi:cli/environment@0.2.0",
    "wasi:cli/exit@0.2.0",
    "wasi:cli/stdin@0.2.0",
    "wasi:cli/stdout@0.2.0",
    "wasi:cli/stderr@0.2.0",
    "wasi:cli/terminal-input@0.2.0",
    "wasi:cli/terminal-output@0.2.0",
    "wasi:cli/terminal-stdin@0.2.0",
    "wasi:cli/terminal-stdout@0.2.0",
    "wasi:cli/terminal-stderr@0.2.0",
    "wasi:clocks/monotonic-clock@0.2.0",
    "wasi:clocks/wall-clock@0.2.0",
    "wasi:filesystem/preopens@0.2.0",
    "wasi:filesystem/types@0.2.0",
    "wasi:io/error@0.2.0",
    "wasi:io/poll@0.2.0",
    "wasi:io/streams@0.2.0",
    "wasi:random/insecure-seed@0.2.0",
    "wasi:random/insecure@0.2.0",
    "wasi:random/random@0.2.0",
];

/// A plugin's name and version, as its manifest gives them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PluginId {
    /// For example `rulebook`.
    pub name: Arc<str>,
    /// For example `0.1.0`.
    pub version: Arc<str>,
}

impl PluginId {
    /// A name and a version.
    pub fn new(name: &str, version: &str) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// A function that the host calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// `requirements` of the documents hook.
    DocumentsRequirements,
    /// `check` of the documents hook.
    DocumentsCheck,
    /// `prepare` of the documents hook.
    DocumentsPrepare,
    /// `check` of the order guard's hook.
    OrderGuardCheck,
    /// `price` of the pricing hook.
    PricingPrice,
    /// `describe` of an app.
    AppDescribe,
    /// `act` of an app.
    AppAct,
    /// `on-event` of an app.
    AppEvent,
    /// `on-schedule` of an app.
    AppSchedule,
    /// `on-task` of an app.
    AppTask,
    /// `render` of a renderer.
    Render,
}

impl Hook {
    /// Every one.
    pub(crate) const ALL: [Self; 6] = [
        Self::DocumentsRequirements,
        Self::DocumentsCheck,
        Self::DocumentsPrepare,
        Self::OrderGuardCheck,
        Self::PricingPrice,
        Self::Render,
    ];

    /// The hook's name in logs, metrics and hook runs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DocumentsRequirements => "documents.requirements",
            Self::DocumentsCheck => "documents.check",
            Self::DocumentsPrepare => "documents.prepare",
            Self::OrderGuardCheck => "order-guard.check",
            Self::PricingPrice => "pricing.price",
            Self::AppDescribe => "app.describe",
            Self::AppAct => "app.act",
            Self::AppEvent => "app.on-event",
            Self::AppSchedule => "app.on-schedule",
            Self::AppTask => "app.on-task",
            Self::Render => "render.render",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a component or module is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// More bytes than a component may have.
    #[error("the component of {plugin} has {bytes} bytes, more than {COMPONENT_BYTES_MAX}: build it with `--profile plugin`")]
    TooLarge {
        /// Which plugin.
        plugin: PluginId,
        /// Its size.
        bytes: usize,
    },
    /// Neither component nor core module, or one that does not validate or compile.
    #[error(
        "the component of {plugin} does not compile: build it for wasm32-wasip2, an Extism guest for wasm32-wasip1 ({reason})"
    )]
    Invalid {
        /// Which plugin.
        plugin: PluginId,
        /// What the compiler said.
        reason: String,
    },
    /// It imports what Roro does not offer to its kind of plugin.
    #[error("{plugin} imports {}, which Roro does not offer to it: remove what needs it (docs/contract.md lists what is there)", .imports.join(", "))]
    Imports {
        /// Which plugin.
        plugin: PluginId,
        /// The refused interfaces, by name.
        imports: Vec<String>,
    },
    /// It exports no hook.
    #[error(
        "{plugin} exports no hook of the contract: export {DOCUMENTS}, {ORDER_GUARD}, {PRICING}, {APP} or {RENDER}; from an Extism guest documents_check, order_guard_check or pricing_price"
    )]
    NoHook {
        /// Which plugin.
        plugin: PluginId,
    },
    /// A function or type of an interface is not the contract's.
    #[error("{plugin} does not fit the contract: build it against the SDK of this Roro ({reason})")]
    Contract {
        /// Which plugin.
        plugin: PluginId,
        /// Which function, and how it differs.
        reason: String,
    },
    /// It needs more than a sandbox has.
    #[error("{plugin} needs {needs} {what}, a sandbox has {has}: make the plugin smaller or the pool larger")]
    Pool {
        /// Which plugin.
        plugin: PluginId,
        /// Of what.
        what: &'static str,
        /// How many it needs.
        needs: u64,
        /// How many there are.
        has: u64,
    },
}

/// A loaded plugin.
pub struct Plugin<S: Answers> {
    inner: Arc<Inner<S>>,
}

struct Inner<S: Answers> {
    id: PluginId,
    digest: String,
    imports: Vec<String>,
    documents: Option<DocumentsPre<Guest<S>>>,
    order_guard: Option<OrderGuardPre<Guest<S>>>,
    pricing: Option<PricingPre<Guest<S>>>,
    app: Option<AppPre<Guest<S>>>,
    renderer: Option<RendererPre<Guest<S>>>,
    extism: Option<Extism<S>>,
}

impl<S: Answers> Clone for Plugin<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S: Answers> fmt::Debug for Plugin<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("id", &self.inner.id).field("digest", &self.inner.digest).finish_non_exhaustive()
    }
}

impl<S: Answers> Plugin<S> {
    /// Name and version.
    pub fn id(&self) -> &PluginId {
        &self.inner.id
    }

    /// SHA-256 of the component or module, in hex.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// Whether it answers the documents hook.
    pub fn answers_documents(&self) -> bool {
        self.inner.documents.is_some() || self.answers_as_extism(Hook::DocumentsCheck)
    }

    /// Whether it answers the order guard's hook.
    pub fn guards_orders(&self) -> bool {
        self.inner.order_guard.is_some() || self.answers_as_extism(Hook::OrderGuardCheck)
    }

    /// Whether it answers the pricing hook.
    pub fn prices_orders(&self) -> bool {
        self.inner.pricing.is_some() || self.answers_as_extism(Hook::PricingPrice)
    }

    fn answers_as_extism(&self, hook: Hook) -> bool {
        self.inner.extism.as_ref().is_some_and(|extism| extism.answers(hook))
    }

    /// What it imports: of a component the interfaces with their versions, as it names them; of a core module every function behind its
    /// module's name (`extism:host/env/config_get`).
    pub fn imports(&self) -> &[String] {
        &self.inner.imports
    }

    /// Whether it is an app.
    pub fn is_app(&self) -> bool {
        self.inner.app.is_some()
    }

    /// Whether it renders.
    pub fn renders(&self) -> bool {
        self.inner.renderer.is_some()
    }

    /// The module, when it is a guest of an Extism PDK.
    pub(crate) fn extism(&self) -> Option<&Extism<S>> {
        self.inner.extism.as_ref()
    }

    pub(crate) fn documents(&self) -> Option<&DocumentsPre<Guest<S>>> {
        self.inner.documents.as_ref()
    }

    pub(crate) fn order_guard(&self) -> Option<&OrderGuardPre<Guest<S>>> {
        self.inner.order_guard.as_ref()
    }

    pub(crate) fn pricing(&self) -> Option<&PricingPre<Guest<S>>> {
        self.inner.pricing.as_ref()
    }

    pub(crate) fn app(&self) -> Option<&AppPre<Guest<S>>> {
        self.inner.app.as_ref()
    }

    pub(crate) fn renderer(&self) -> Option<&RendererPre<Guest<S>>> {
        self.inner.renderer.as_ref()
    }

    /// Links a compiled component.
    pub(crate) fn link(
        id: PluginId,
        digest: String,
        component: &Component,
        linker: &Linker<Guest<S>>,
        pool: &PoolSettings,
    ) -> Result<Self, LoadError> {
        let exports = |hook: &str| component.get_export_index(None, hook).is_some();
        let (documents, guards, prices) = (exports(DOCUMENTS), exports(ORDER_GUARD), exports(PRICING));
        let (acts, renders) = (exports(APP), exports(RENDER));
        let rules = documents || guards || prices;
        if !rules && !acts && !renders {
            return Err(LoadError::NoHook { plugin: id });
        }
        let offered = [(true, WASI_IMPORTS), (rules || acts, RULE_IMPORTS), (acts, APP_IMPORTS), (renders, RENDERER_IMPORTS)];
        let imports = check_imports(&id, component, &offered)?;
        // A component whose needs are not known at compile time is held to the pool when it is instantiated.
        component.resources_required().map_or(Ok(()), |needs| check_pool(&id, &needs, pool))?;
        let contract = |error: wasmtime::Error| LoadError::Contract { plugin: id.clone(), reason: format!("{error:#}") };
        let pre = linker.instantiate_pre(component).map_err(contract)?;
        let documents = documents.then(|| DocumentsPre::new(pre.clone())).transpose().map_err(contract)?;
        let order_guard = guards.then(|| OrderGuardPre::new(pre.clone())).transpose().map_err(contract)?;
        let pricing = prices.then(|| PricingPre::new(pre.clone())).transpose().map_err(contract)?;
        let app = acts.then(|| AppPre::new(pre.clone())).transpose().map_err(contract)?;
        let renderer = renders.then(|| RendererPre::new(pre)).transpose().map_err(contract)?;
        let inner = Inner { id, digest, imports, documents, order_guard, pricing, app, renderer, extism: None };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Links a compiled core module of an Extism PDK.
    pub(crate) fn link_module(
        id: PluginId,
        digest: String,
        module: &Module,
        linker: &wasmtime::Linker<Guest<S>>,
        pool: &PoolSettings,
    ) -> Result<Self, LoadError> {
        let (imports, refused) = extism::imports(module);
        if !refused.is_empty() {
            return Err(LoadError::Imports { plugin: id, imports: refused });
        }
        let hooks = extism::hooks(module).map_err(|reason| LoadError::Contract { plugin: id.clone(), reason })?;
        if hooks.is_empty() {
            return Err(LoadError::NoHook { plugin: id });
        }
        check_pool(&id, &module.resources_required(), pool)?;
        let linked = Extism::link(module, hooks, linker);
        let extism = linked.map_err(|error| LoadError::Contract { plugin: id.clone(), reason: format!("{error:#}") })?;
        let (documents, order_guard, pricing, app, renderer) = (None, None, None, None, None);
        let inner = Inner { id, digest, imports, documents, order_guard, pricing, app, renderer, extism: Some(extism) };
        Ok(Self { inner: Arc::new(inner) })
    }
}

/// The imports of a component. Refuses those that its kind of plugin is not offered, every one of them named at once.
fn check_imports(id: &PluginId, component: &Component, offered: &[(bool, &[&'static str])]) -> Result<Vec<String>, LoadError> {
    let offered: BTreeSet<&str> =
        offered.iter().filter(|(is_offered, _)| *is_offered).flat_map(|(_, names)| names.iter().copied()).map(track).collect();
    let ty = component.component_type();
    let refused: Vec<String> = ty
        .imports(component.engine())
        .filter(|(name, item)| !matches!(item.ty, ComponentItem::ComponentInstance(_)) || !offered.contains(track(name)))
        .map(|(name, _)| name.to_owned())
        .collect();
    if !refused.is_empty() {
        return Err(LoadError::Imports { plugin: id.clone(), imports: refused });
    }
    Ok(ty.imports(component.engine()).map(|(name, _)| name.to_owned()).collect())
}

/// An interface's name up to the part of its version that may not differ: `wasi:io/poll@0.2.6` and `@0.2.0` are one track.
fn track(name: &str) -> &str {
    let Some((interface, version)) = name.split_once('@') else { return name };
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    let length: usize = version.split('.').take(parts).map(|part| part.len() + 1).sum();
    name.get(..interface.len() + length).unwrap_or(name)
}

/// Refuses what would never find a slot of the pool.
fn check_pool(id: &PluginId, needs: &ResourcesRequired, pool: &PoolSettings) -> Result<(), LoadError> {
    let memory_bytes_max = crate::limits::Class::Renderer.memory_bytes_max();
    let of = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let checks = [
        ("memories", u64::from(needs.num_memories), u64::from(pool.memories_per_call_max)),
        ("tables", u64::from(needs.num_tables), u64::from(pool.tables_per_call_max)),
        ("table elements", needs.max_initial_table_size.unwrap_or(0), of(pool.table_elements_max)),
        (
            "bytes of memory",
            needs.max_initial_memory_size.unwrap_or(0).saturating_mul(crate::limits::PAGE_BYTES),
            memory_bytes_max,
        ),
    ];
    checks
        .into_iter()
        .find(|(_, needs, has)| needs > has)
        .map_or(Ok(()), |(what, needs, has)| Err(LoadError::Pool { plugin: id.clone(), what, needs, has }))
}

#[cfg(test)]
mod tests {
    use super::track;

    #[test]
    fn versions_of_one_track_are_one_interface() {
        assert_eq!(track("wasi:io/poll@0.2.6"), "wasi:io/poll@0.2");
        assert_eq!(track("wasi:io/poll@0.20.6"), "wasi:io/poll@0.20");
        assert_eq!(track("roro:order/order@1.4.0"), "roro:order/order@1");
        assert_eq!(track("bare"), "bare");
    }
}
