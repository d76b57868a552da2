//! The port to what runs components: the guest door implements it. And whether a component is what its manifest says.

use std::sync::Arc;

use semver::Version;

use super::manifest::{Effect, GrantName, HookName, Manifest};
use crate::action::{self, Description};

/// What a component is, as it was found when it was compiled and linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// SHA-256 of its bytes.
    pub digest: String,
    /// The interfaces that it imports, with their versions.
    pub imports: Vec<String>,
    /// The hooks that it answers.
    pub hooks: Vec<HookName>,
    /// What it offers, if it is an app.
    pub description: Option<Arc<Description>>,
}

/// A component that cannot be run, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// Keeps components ready to run.
pub trait Components: Send + Sync {
    /// Compiles and links a component, and keeps it by its digest. Takes milliseconds when it was compiled before and up to a minute when
    /// not: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`Unfit`] when it is no component of the contract.
    fn load(&self, id: &str, version: &Version, bytes: &[u8]) -> Result<Facts, Unfit>;

    /// Whether a component is ready.
    fn is_loaded(&self, digest: &str) -> bool;
}

/// The interfaces that need a grant, without their versions.
const GRANTED: [(&str, GrantName); 9] = [
    ("roro:host/config", GrantName::Config),
    ("roro:host/tables", GrantName::Tables),
    ("roro:host/random", GrantName::Random),
    ("roro:host/cache", GrantName::Cache),
    ("roro:host/fetch", GrantName::Fetch),
    ("roro:host/tasks", GrantName::Tasks),
    ("roro:host/events", GrantName::Events),
    ("roro:order/orders", GrantName::Orders),
    ("roro:records/records", GrantName::Records),
];

/// The grant that an interface needs, named without its version.
#[must_use]
pub fn grant_of(interface: &str) -> Option<GrantName> {
    GRANTED.iter().find(|(granted, _)| *granted == interface).map(|(_, grant)| *grant)
}

/// What a component is that its manifest does not say, and the other way round: each with the line that mends it.
#[must_use]
pub fn unlike(manifest: &Manifest, facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for hook in &manifest.hooks {
        if !hook.name.is_asked() {
            wrong.push(format!(
                "plugin.toml declares the hook `{0}`, through which this version of Roro asks no plugin of a firm: remove [[hooks]] name = \"{0}\"",
                hook.name
            ));
        } else if !facts.hooks.contains(&hook.name) {
            wrong.push(format!(
                "plugin.toml declares the hook `{0}`, which the component does not export: implement it, or remove [[hooks]] name = \"{0}\"",
                hook.name
            ));
        }
    }
    for hook in &facts.hooks {
        if !manifest.hooks.iter().any(|known| known.name == *hook) {
            wrong.push(format!(
                "the component exports the hook `{hook}`, which plugin.toml does not declare: add [[hooks]] with name = \"{hook}\""
            ));
        }
    }
    if let Some(description) = &facts.description {
        wrong.extend(action::fits(description, manifest));
    }
    for hook in &manifest.hooks {
        for effect in hook.effects.iter().filter(|effect| !is_taken(hook.name, **effect)) {
            wrong.push(format!(
                "plugin.toml declares the effect `{effect}` at the hook `{0}`, which this version of Roro does not take there: remove it",
                hook.name
            ));
        }
    }
    for hook in manifest.hooks.iter().filter(|hook| hook.name == HookName::Pricing && !hook.effects.contains(&Effect::Charge)) {
        wrong.push(format!(
            "the hook `{}` prices orders, and plugin.toml does not say so: write effects = [\"{}\"] at it",
            hook.name,
            Effect::Charge
        ));
    }
    for (interface, grant) in GRANTED {
        let imports = facts.imports.iter().any(|import| import.split('@').next() == Some(interface));
        if imports && !manifest.grants.iter().any(|asked| asked.name == grant) {
            wrong.push(format!(
                "the component imports {interface}, for which plugin.toml asks no grant: add [[grants]] with name = \"{grant}\" and a reason"
            ));
        }
    }
    wrong
}

/// Whether an effect can be proposed through a hook.
const fn is_taken(hook: HookName, effect: Effect) -> bool {
    match hook {
        HookName::Documents | HookName::OrderGuard => matches!(effect, Effect::Finding),
        HookName::App => matches!(effect, Effect::Note),
        HookName::Pricing => matches!(effect, Effect::Charge),
        HookName::Render => false,
    }
}
