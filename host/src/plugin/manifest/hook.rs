//! The hooks that a plugin serves.

use roro_pack::reader::{Entry, Report};
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::read::Seen;
use super::text::{entries, pairs, version, words};
use super::word::{Class, Effect, HookName, OnFailure};

/// A hook that a plugin serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginHook")]
pub struct Hook {
    /// Which one.
    pub name: HookName,
    /// The version of the contract that the component is built against.
    #[schemars(with = "String")]
    pub contract: Version,
    /// What becomes of the order when the plugin fails.
    pub on_failure: OnFailure,
    /// The effects that it may propose.
    pub effects: Vec<Effect>,
}

pub(super) fn load(root: &Entry<'_, '_>, class: Option<Class>, seen: &mut Seen, report: &mut Report) -> Vec<Hook> {
    let entries = entries(root, "hooks", HookName::ALL.len(), report);
    if root.has("component") && entries.is_empty() {
        let fix = "add [[hooks]] with `name`, `contract` and `on_failure`";
        report.add(&root.place_of("component"), "", "a component without a hook is never called", fix);
    }
    entries.into_iter().filter_map(|entry| hook(entry, class, seen, report)).collect()
}

fn hook(mut entry: Entry<'_, '_>, class: Option<Class>, seen: &mut Seen, report: &mut Report) -> Option<Hook> {
    "hook".clone_into(&mut entry.item);
    let name = entry.word(report, "name", &pairs(HookName::ALL, HookName::as_str));
    if let Some(name) = name {
        entry.item = format!("hook {name}");
        if !seen.hooks.insert(name) {
            report.add(&entry.place_of("name"), &entry.item, format!("`{name}` is there twice"), "remove one of them");
        }
        fits(&entry, name, class, report);
    }
    let contract = version(&entry, "contract", report);
    let on_failure = entry.word(report, "on_failure", &pairs(OnFailure::ALL, OnFailure::as_str));
    if let (Some(name), Some(OnFailure::Open)) = (name, on_failure)
        && !name.has_default()
    {
        let message = format!("the hook `{name}` has no default to go on with");
        report.add(&entry.place_of("on_failure"), &entry.item, message, "write \"closed\" or \"park\"");
    }
    let effects = words(&entry, "effects", &pairs(Effect::ALL, Effect::as_str), report);
    entry.finish(report);
    Some(Hook { name: name?, contract: contract?, on_failure: on_failure?, effects })
}

/// A renderer gets the limits and the imports of a renderer, so it can do nothing else, and nothing else can render.
fn fits(entry: &Entry<'_, '_>, name: HookName, class: Option<Class>, report: &mut Report) {
    let Some(class) = class else { return };
    let (message, fix) = match (name, class) {
        (HookName::Render, Class::Rule | Class::Interpreted) => {
            (format!("class `{class}` does not serve the hook `render`"), "write `class = \"renderer\"` or remove the hook")
        }
        (HookName::Documents | HookName::OrderGuard | HookName::Pricing | HookName::App, Class::Renderer) => {
            (format!("class `renderer` does not serve the hook `{name}`"), "remove the hook or change `class`")
        }
        _ => return,
    };
    report.add(&entry.place_of("name"), &entry.item, message, fix);
}
