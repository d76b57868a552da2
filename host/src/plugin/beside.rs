//! Which other plugins are asked beside one: in which order, what becomes of all their answers, and which effects more than one of them brings.
//! Said before a release is activated; nothing here decides.

use serde::Serialize;

use super::error::Error;
use super::load;
use super::manifest::{Effect, Hook, HookName, Manifest};
use super::table;
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db::Scope;
use crate::kernel::id::ReleaseId;

crate::words! {
    /// What becomes of the answers of several plugins through one hook.
    pub enum Merge {
        /// Every finding counts, whoever made it.
        AllMustAllow = "all-must-allow",
        /// A charge becomes the sum of all lines of it.
        Sum = "sum",
        /// Each answers for itself.
        EachByItself = "each-by-itself",
    }
}

impl Merge {
    /// What becomes of the answers through a hook; none where firms' plugins are not asked.
    #[must_use]
    pub const fn of(hook: HookName) -> Option<Self> {
        match hook {
            HookName::Documents | HookName::OrderGuard => Some(Self::AllMustAllow),
            HookName::Pricing => Some(Self::Sum),
            HookName::App => Some(Self::EachByItself),
            HookName::Render => None,
        }
    }
}

/// What holds at a hook of a plugin when it takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginBeside")]
pub struct Beside {
    /// The hook.
    pub hook: HookName,
    /// What becomes of the answers of all who are asked.
    pub merge: Merge,
    /// The plugins that are asked, this one among them, in the order in which they are asked. Those in quarantine count: they are asked as
    /// failing.
    pub order: Vec<String>,
    /// The effects of this plugin that others bring through the hook as well.
    pub shared: Vec<SharedEffect>,
}

/// An effect that more than one plugin brings through the same hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PluginSharedEffect")]
pub struct SharedEffect {
    /// The effect.
    pub effect: Effect,
    /// The other plugins that bring it, in the order in which they are asked.
    pub plugins: Vec<String>,
}

impl Beside {
    /// Whether another plugin is asked through the hook.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.order.len() > 1
    }
}

/// What would hold at each hook of a release's plugin if the release took part now.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`], and what cannot be read of what is stored.
pub async fn beside(ctx: &Ctx, actor: &Actor, plugin: &str, release: ReleaseId) -> Result<Vec<Beside>, Error> {
    let scope = ctx.db.read(actor).await?;
    let row = table::release(&scope, release).await?.filter(|row| row.plugin == plugin).ok_or(Error::Unknown("release"))?;
    let package = table::package(&scope, &row.package).await?.ok_or(Error::Damaged)?;
    let manifest: Manifest = serde_json::from_str(&package.manifest)?;
    if_active(&scope, &manifest).await
}

/// The same for a package, by its manifest.
pub(super) async fn if_active(scope: &Scope, candidate: &Manifest) -> Result<Vec<Beside>, Error> {
    let standing = load::standing(scope).await?;
    Ok(merged(candidate, standing.iter().map(|one| &one.manifest)))
}

/// The hooks of a candidate, in the order of its manifest, each with all who would be asked. Another release of the candidate's plugin gives
/// way to it.
fn merged<'a>(candidate: &'a Manifest, taking_part: impl Iterator<Item = &'a Manifest>) -> Vec<Beside> {
    let mut all: Vec<&Manifest> = taking_part.filter(|one| one.id != candidate.id).collect();
    all.push(candidate);
    // By name, byte for byte: the order in which `load::active` hands them to whoever asks.
    all.sort_by(|one, two| one.id.cmp(&two.id));
    candidate.hooks.iter().filter_map(|hook| at(hook, &candidate.id, &all)).collect()
}

/// None for a hook through which firms' plugins are not asked.
fn at<'a>(hook: &Hook, candidate: &str, all: &[&'a Manifest]) -> Option<Beside> {
    let merge = Merge::of(hook.name)?;
    let served = |one: &'a Manifest| Some((&one.id, one.hooks.iter().find(|other| other.name == hook.name)?));
    let asked: Vec<(&String, &Hook)> = all.iter().copied().filter_map(served).collect();
    let shared = |effect: &Effect| {
        let brings = asked.iter().filter(|(id, other)| *id != candidate && other.effects.contains(effect));
        SharedEffect { effect: *effect, plugins: brings.map(|(id, _)| (*id).clone()).collect() }
    };
    let shared = hook.effects.iter().map(shared).filter(|one| !one.plugins.is_empty()).collect();
    Some(Beside { hook: hook.name, merge, order: asked.iter().map(|(id, _)| (*id).clone()).collect(), shared })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plugin(id: &str, hooks: &[(HookName, &[Effect])]) -> Manifest {
        let hook = |(name, effects): &(HookName, &[Effect])| json!({ "name": name, "contract": "0.1.0", "on_failure": "closed", "effects": effects });
        serde_json::from_value(json!({
            "id": id, "version": "1.0.0", "title": { "en": "x" }, "summary": { "en": "x" }, "publisher": "x",
            "hooks": hooks.iter().map(hook).collect::<Vec<_>>(), "grants": [], "config": [], "collections": [], "events": [],
            "schedule": [], "limits": { "records_max": 1 },
        }))
        .unwrap()
    }

    fn names(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }

    #[test]
    fn each_hook_is_told_with_its_merge_its_order_and_the_effects_that_others_bring_too() {
        let candidate = plugin(
            "price-cap",
            &[
                (HookName::OrderGuard, &[Effect::Finding, Effect::Note]),
                (HookName::App, &[Effect::Note]),
                (HookName::Pricing, &[]),
                (HookName::Render, &[]),
            ],
        );
        // Not in the order of their names: what is stored has none.
        let others = [
            plugin("price", &[(HookName::OrderGuard, &[Effect::Finding, Effect::Hold]), (HookName::Pricing, &[Effect::Charge])]),
            plugin("tariff", &[(HookName::Pricing, &[Effect::Charge]), (HookName::Render, &[])]),
            plugin("age-guard", &[(HookName::OrderGuard, &[Effect::Finding])]),
            plugin("papers", &[(HookName::Documents, &[Effect::Finding, Effect::Note])]),
        ];
        let told = merged(&candidate, others.iter());
        let lines: Vec<_> = told.iter().map(|one| (one.hook, one.merge, names(&one.order), one.has_others())).collect();
        assert_eq!(
            lines,
            [
                (HookName::OrderGuard, Merge::AllMustAllow, vec!["age-guard", "price", "price-cap"], true),
                (HookName::App, Merge::EachByItself, vec!["price-cap"], false),
                (HookName::Pricing, Merge::Sum, vec!["price", "price-cap", "tariff"], true),
            ]
        );
        let finding = SharedEffect { effect: Effect::Finding, plugins: vec!["age-guard".to_owned(), "price".to_owned()] };
        assert_eq!(told[0].shared, [finding], "an effect of one alone, or at another hook, is nobody else's");
        assert!(told[1].shared.is_empty() && told[2].shared.is_empty(), "{told:?}");
    }

    #[test]
    fn another_release_of_the_same_plugin_is_not_beside_it() {
        let tariff = |effects: &[Effect]| plugin("tariff", &[(HookName::Pricing, effects)]);
        let told = merged(&tariff(&[Effect::Charge]), [tariff(&[]), tariff(&[Effect::Charge])].iter());
        assert_eq!((told.len(), names(&told[0].order), told[0].shared.len()), (1, vec!["tariff"], 0));
    }

    #[test]
    fn every_hook_through_which_firms_plugins_are_asked_has_a_merge() {
        for hook in HookName::ALL {
            assert_eq!(Merge::of(*hook).is_some(), hook.is_asked(), "{hook}");
        }
    }
}
