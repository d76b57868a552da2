//! Checking what an administrator filled in: settings come as texts, from a form or a program, and leave in one way of writing.

use roro_pack::reader::suggest;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use super::{Manifest, Setting};

/// One thing wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PluginSettingWrong")]
pub struct Wrong {
    /// Where, as a JSON pointer (RFC 6901): `/settings/` and the key.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Wrong {
    fn new(key: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        let pointer = format!("/settings/{}", key.replace('~', "~0").replace('/', "~1"));
        Self { pointer, message: message.into(), fix: fix.into() }
    }
}

impl Manifest {
    /// All settings that hold with what was given: each in the one way to write it, defaults filled in. A blank text counts as not given,
    /// for a form sends every field. Secrets are only checked for their length.
    ///
    /// # Errors
    /// Everything that is wrong with them, by key.
    pub fn check_settings(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Vec<Wrong>> {
        let known = || self.config.iter().map(|setting| setting.key.as_str());
        let unknown = given.keys().filter(|key| !known().any(|known| known == key.as_str()));
        let mut wrong: Vec<Wrong> =
            unknown.map(|key| Wrong::new(key, "the plugin has no such setting", suggest(key, known(), "remove it"))).collect();
        let mut settings = BTreeMap::new();
        for setting in &self.config {
            match value(setting, given.get(&setting.key)) {
                Ok(Some(value)) => {
                    settings.insert(setting.key.clone(), value);
                }
                Ok(None) => {}
                Err(fault) => wrong.push(fault),
            }
        }
        wrong.sort_by(|one, two| one.pointer.cmp(&two.pointer));
        if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
    }
}

/// What holds for a setting; nothing when it was left open and may be.
fn value(setting: &Setting, given: Option<&String>) -> Result<Option<String>, Wrong> {
    match given.filter(|text| !text.trim().is_empty()) {
        Some(text) => setting.canonical(text).map(Some).map_err(|(message, fix)| Wrong::new(&setting.key, message, fix)),
        None if setting.required && setting.default.is_none() => {
            Err(Wrong::new(&setting.key, "the setting is missing", "fill it in"))
        }
        None => Ok(setting.default.clone()),
    }
}
