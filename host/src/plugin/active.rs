//! A plugin as a call meets it: which component, with which settings, grants and limits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roro_pack::Locale;
use roro_pack::compile::Titles;
use semver::Version;

use super::manifest::{self, Class, Collection, GrantName, Hook, HookName, Limits, Manifest, SettingKind};
use crate::finding::{Finding, Parameter};
use crate::kernel::id::ReleaseId;
use crate::pack::Sentence;

/// A plugin that takes part. Cheap to share: every call of a click does.
#[derive(Debug, Clone)]
pub struct Active {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: Version,
    /// Its name by language.
    pub title: Titles,
    /// The release; none on an author's own machine.
    pub release: Option<ReleaseId>,
    /// SHA-256 of the component.
    pub component_digest: String,
    /// Which limits it has.
    pub class: Class,
    /// Where it is asked.
    pub hooks: Vec<Hook>,
    /// What it asked for and was given.
    pub grants: BTreeSet<GrantName>,
    /// The hosts that its grant `fetch` is for.
    pub fetch_hosts: Vec<String>,
    /// The data that it keeps.
    pub collections: Vec<Collection>,
    /// Its own limits, below those of the class.
    pub limits: Limits,
    /// The settings that it may read. Never logged: secrets may be among them.
    pub settings: Settings,
    /// Its sentences, by language.
    pub locales: BTreeMap<String, Locale>,
    /// Whether its sandboxes may wait for the next call of this release.
    pub warm: bool,
    /// Why it may not run, in one word; none when it may.
    pub refused: Option<&'static str>,
}

/// The plugin that speaks in a rule's name: the one whose prefix fits best. `PRICE-GUARD-01` is of `price-guard`, and of `price` only where
/// no `price-guard` takes part.
#[must_use]
pub fn speaker<'a>(plugins: &'a [Arc<Active>], rule: &str) -> Option<&'a Arc<Active>> {
    plugins.iter().filter(|plugin| rule.starts_with(&plugin.rule_prefix())).max_by_key(|plugin| plugin.id.len())
}

/// Settings by key. `Debug` shows the keys only.
#[derive(Clone, Default)]
pub struct Settings(Arc<BTreeMap<String, String>>);

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Settings {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl Active {
    /// A plugin with these settings and grants. What was given and never asked for does not count; without the grant `secrets` the secrets
    /// among the settings are not set.
    #[must_use]
    pub fn new(
        manifest: &Manifest,
        component_digest: &str,
        settings: BTreeMap<String, String>,
        given: &BTreeSet<GrantName>,
        locales: BTreeMap<String, Locale>,
    ) -> Self {
        let grants: BTreeSet<GrantName> =
            manifest.grants.iter().map(|grant| grant.name).filter(|name| given.contains(name)).collect();
        let secret = |key: &String| manifest.config.iter().any(|one| one.key == *key && one.kind == SettingKind::Secret);
        let may = |key: &String| grants.contains(&GrantName::Secrets) || !secret(key);
        let settings = Settings(Arc::new(settings.into_iter().filter(|(key, _)| may(key)).collect()));
        Self {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            title: manifest.title.clone(),
            release: None,
            component_digest: component_digest.to_owned(),
            class: manifest.class.unwrap_or(Class::Rule),
            hooks: manifest.hooks.clone(),
            grants,
            fetch_hosts: manifest.grants.iter().flat_map(|grant| grant.hosts.iter().cloned()).collect(),
            collections: manifest.collections.clone(),
            limits: manifest.limits.clone(),
            settings,
            locales,
            warm: false,
            refused: None,
        }
    }

    /// Whose sandboxes its calls may share: those of the same release, which is one tenant's. None when each call gets a fresh one.
    #[must_use]
    pub fn warm_key(&self) -> Option<String> {
        self.release.filter(|_| self.warm).map(|release| release.to_string())
    }

    /// How it answers a hook, if it does.
    #[must_use]
    pub fn hook(&self, name: HookName) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.name == name)
    }

    /// What the id of each of its rules begins with.
    #[must_use]
    pub fn rule_prefix(&self) -> String {
        manifest::rule_prefix(&self.id)
    }

    /// One of its findings in words; in English when it does not speak the language, none when it has no words for the rule.
    #[must_use]
    pub fn sentence(&self, language: &str, finding: &Finding) -> Option<Sentence> {
        let pair = |one: &Parameter| (one.name.clone(), one.value.clone());
        let parameters: Vec<(String, String)> = finding.parameters.iter().map(pair).collect();
        let say = |language| roro_pack::sentence(self.locales.get(language)?, &finding.rule, &parameters);
        let texts = say(language).or_else(|| say("en"))?;
        Some(Sentence { says: texts.says, why: texts.why, fix: texts.fix })
    }
}
