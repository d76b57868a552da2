//! Runs the components of plugins: each is loaded once a process and shared by all tenants that use the same bytes. What belongs to a tenant,
//! its settings and its grants, comes with the call.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use moka::policy::EvictionPolicy;
use roro_engine::bindings::contract::roro::types::types;
use roro_engine::bindings::pricing::exports::roro::pricing::pricing::Quote;
use roro_engine::{Call, Engine, EngineSettings, Limits, MacKey, Plugin, PluginId, WarmKey};
use semver::Version;

use super::answers::{self, Answers, LogLine};
use super::compiler::Compiler;
use super::dispatch::{self, Error};
use super::quote;
use crate::action::Description;
use crate::document::Case;
use crate::document::hook::{Answer, Cost, Failure, NOT_LOADED, Reply, is_hosts_fault};
use crate::finding::Finding;
use crate::kernel::key_file;
use crate::plugin::component::{Components, Facts, Unfit};
use crate::plugin::manifest::{self, Class, HookName};
use crate::plugin::{Active, speaker};

/// The most components that are kept ready; one that is used again is loaded from its artifact in milliseconds.
const LOADED_MAX: u64 = 1_000;
/// What the order guard's hook is told that the order is about to do.
const STEP: &str = "issue-documents";

/// A component that is ready, and what it offers if it is an app.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) plugin: Plugin<Answers>,
    pub(super) description: Option<Arc<Description>>,
}

/// Runs plugins. Clones share the components.
#[derive(Clone)]
pub struct Runner {
    pub(super) engine: Engine<Answers>,
    loaded: moka::sync::Cache<String, Loaded>,
    /// Compiles what was never compiled before; none to do it here, where the component is the author's own.
    compiler: Option<Compiler>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runner({} loaded)", self.loaded.entry_count())
    }
}

impl Runner {
    pub(super) fn new(engine: Engine<Answers>) -> Self {
        Self { engine, loaded: loaded(), compiler: None }
    }

    /// The same, with a process of its own for compiling what strangers send.
    #[must_use]
    pub fn with_compiler(&self, compiler: Compiler) -> Self {
        Self { compiler: Some(compiler), ..self.clone() }
    }

    /// A runner alone, for an author: the engine and the limits of production without a server.
    ///
    /// # Errors
    /// When the engine does not start, or the key of its artifacts cannot be had.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let key = key_file::read_or_make(&data.join("engine.key"))?;
        Ok(Self::new(Engine::new(EngineSettings::new(data.join("artifacts"), MacKey::new(key)))?))
    }

    /// The component of a plugin. Others may have pushed it out since it was made ready; whoever asks again makes it ready again.
    pub(super) fn component(&self, plugin: &Active, hook: HookName) -> Result<Loaded, Failure> {
        self.loaded.get(&plugin.component_digest).ok_or_else(|| {
            let failure = failed(plugin, hook, NOT_LOADED, "its component is not loaded".to_owned());
            Failure { is_transient: true, ..failure }
        })
    }

    /// What an app offers, once its component is ready.
    pub(super) fn offers(&self, digest: &str) -> Option<Arc<Description>> {
        self.loaded.get(digest)?.description
    }

    /// Asks a plugin about a case. The second answer is what it logged, also when it failed.
    pub async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> (Answer<Reply>, Vec<LogLine>) {
        if let Some(code) = plugin.refused {
            return (Err(failed(plugin, hook, code, "it may not run any more".to_owned())), Vec::new());
        }
        let component = match self.component(plugin, hook) {
            Ok(loaded) => loaded.plugin,
            Err(failure) => return (Err(failure), Vec::new()),
        };
        let lines = u32::try_from(case.snapshot.file.vehicles.len()).unwrap_or(u32::MAX);
        let (answers, log) = Answers::of_plugin(case.clone(), Arc::clone(plugin));
        let kept = Arc::clone(&log);
        let call = Call {
            answers,
            limits: limits(plugin, lines),
            as_of: answers::date(case.as_of),
            warm: plugin.warm_key().map(|key| WarmKey::new(&key)),
            seed: dispatch::seed(&case.snapshot),
        };
        let answer = match hook {
            HookName::OrderGuard => {
                dispatch::settle(self.engine.order_guard_check(&component, call, STEP.to_owned()).await, &log).map(found)
            }
            HookName::Documents => match dispatch::settle(self.engine.documents_check(&component, call).await, &log) {
                Ok((Ok(findings), cost)) => Ok(found((findings, cost))),
                Ok((Err(error), cost)) => {
                    Err(Failure { cost, ..failed(plugin, hook, "refused", format!("it answered {error:?}")) })
                }
                Err(failure) => Err(failure),
            },
            HookName::Pricing => dispatch::settle(self.engine.pricing_price(&component, call).await, &log),
            HookName::App | HookName::Render => {
                Err(failed(plugin, hook, "refused", format!("plugins are not asked through the hook `{hook}`")))
            }
        };
        let answer = answer.map_err(|failure| of_tenant(plugin, hook, failure)).and_then(|(quote, cost)| {
            let is_taken = |rule: &str| {
                case.packs.iter().any(|pack| pack.speaks_of(rule))
                    || speaker(&case.plugins, rule).is_some_and(|speaker| speaker.id != plugin.id)
            };
            let lines = quote::lines(is_taken, plugin, case.snapshot.currency, quote.lines, &cost)?;
            let (findings, cost) = own(is_taken, plugin, hook, quote.findings, cost)?;
            Ok((Reply { findings, lines }, cost))
        });
        let lines = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
        (answer, lines)
    }
}

/// What was found, as an answer without a price.
fn found((findings, cost): (Vec<types::Finding>, Cost)) -> (Quote, Cost) {
    (Quote { lines: Vec::new(), findings }, cost)
}

/// The components that are kept: the ones used last. A cache that weighs how often would turn a new one away while it is being asked.
fn loaded() -> moka::sync::Cache<String, Loaded> {
    moka::sync::Cache::builder().max_capacity(LOADED_MAX).eviction_policy(EvictionPolicy::lru()).build()
}

/// A failure as the tenant knows the plugin: the engine names the component after whoever loaded it first, which may be another tenant. Out
/// of time is a plugin's own failure: asked again, it would take as long again.
pub(super) fn of_tenant(plugin: &Active, hook: HookName, failure: Failure) -> Failure {
    let is_transient = failure.is_transient && is_hosts_fault(failure.code);
    Failure { cost: failure.cost, is_transient, ..failed(plugin, hook, failure.code, failure.message) }
}

/// The findings of a plugin, if every rule is its own: a plugin does not speak in the name of a law, or of another plugin.
pub(super) fn own(
    is_taken: impl Fn(&str) -> bool,
    plugin: &Active,
    hook: HookName,
    findings: Vec<types::Finding>,
    cost: Cost,
) -> Answer<Vec<Finding>> {
    match findings.iter().find(|finding| !is_own(&is_taken, plugin, &finding.rule)) {
        None => Ok((findings.into_iter().map(dispatch::finding).collect(), cost)),
        Some(foreign) => Err(Failure { cost, ..failed(plugin, hook, "bad-output", foreign_rule(plugin, &foreign.rule)) }),
    }
}

/// Whether a rule is the plugin's.
pub(super) fn is_own(is_taken: impl Fn(&str) -> bool, plugin: &Active, rule: &str) -> bool {
    rule.starts_with(&plugin.rule_prefix()) && !is_taken(rule)
}

pub(super) fn foreign_rule(plugin: &Active, rule: &str) -> String {
    let prefix = plugin.rule_prefix();
    format!("the rule `{rule}` is not its own: its rules begin with {prefix}, and are none of a pack's or of another plugin's")
}

pub(super) fn failed(plugin: &Active, hook: HookName, code: &'static str, message: String) -> Failure {
    let plugin = format!("{}@{}", plugin.id, plugin.version);
    Failure { plugin, hook: hook.as_str(), code, message, is_transient: false, cost: Cost::default() }
}

/// The limits of the class for so many vehicles, lowered to what the plugin itself declares.
pub(super) fn limits(plugin: &Active, lines: u32) -> Limits {
    let mut limits = match plugin.class {
        Class::Rule => Limits::rule(lines),
        Class::Interpreted => Limits::interpreted(lines),
        Class::Renderer => Limits::renderer(lines),
    };
    let manifest::Limits { fuel, memory_mib, .. } = plugin.limits;
    limits.fuel = fuel.map_or(limits.fuel, |own| own.min(limits.fuel));
    let own_bytes = memory_mib.map(|mib| u64::from(mib) * 1024 * 1024);
    limits.memory_bytes = own_bytes.map_or(limits.memory_bytes, |own| own.min(limits.memory_bytes));
    limits
}

impl Components for Runner {
    fn load(&self, id: &str, version: &Version, bytes: &[u8]) -> Result<Facts, Unfit> {
        if let Some(compiler) = self.compiler.as_ref().filter(|_| !self.engine.is_compiled(bytes)) {
            compiler.compile(bytes)?;
        }
        let plugin =
            self.engine.load(PluginId::new(id, &version.to_string()), bytes).map_err(|error| Unfit(error.to_string()))?;
        let answered = [
            (HookName::Documents, plugin.answers_documents()),
            (HookName::OrderGuard, plugin.guards_orders()),
            (HookName::Pricing, plugin.prices_orders()),
            (HookName::App, plugin.is_app()),
            (HookName::Render, plugin.renders()),
        ];
        let description = self.describe(&plugin)?;
        let facts = Facts {
            digest: plugin.digest().to_owned(),
            imports: plugin.imports().to_vec(),
            description: description.clone(),
            hooks: answered.into_iter().filter(|(_, answers)| *answers).map(|(hook, _)| hook).collect(),
        };
        self.loaded.insert(facts.digest.clone(), Loaded { plugin, description });
        Ok(facts)
    }

    fn is_loaded(&self, digest: &str) -> bool {
        self.loaded.contains_key(digest)
    }
}
