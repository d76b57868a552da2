//! `plugin.toml`: what a plugin is, which hooks it serves, what it asks for, and what an administrator fills in.
//!
//! A text comes in when a package is added; a [`Manifest`] goes out, or every problem at once with its line and its fix. A manifest that
//! was read never changes: a release keeps it beside the digest of the component. The settings of a tenant are checked against it each
//! time they are saved. Nothing here opens a file, looks into a component, or gives a grant: the manifest asks, an administrator decides.

mod app;
mod collection;
mod grant;
mod hook;
mod limits;
mod read;
#[cfg(test)]
mod refused_tests;
mod setting;
mod settings;
#[cfg(test)]
mod settings_tests;
#[cfg(test)]
mod tests;
mod text;
mod word;

pub use app::Schedule;
pub use collection::{Collection, Field, Index};
pub use grant::Grant;
pub use hook::Hook;
pub use limits::Limits;
pub use read::read;
pub use setting::Setting;
pub use settings::Wrong;
pub(crate) use text::{is_key, is_name};
pub use word::{Class, Effect, Every, FieldKind, GrantName, HookName, OnFailure, SettingKind};

use roro_pack::compile::Titles;
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

/// What the id of each rule of a plugin begins with.
#[must_use]
pub fn rule_prefix(id: &str) -> String {
    format!("{}-", id.to_uppercase())
}

/// The largest manifest, bytes.
pub const MANIFEST_BYTES_MAX: usize = 256 * 1024;

/// What a plugin says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginManifest")]
pub struct Manifest {
    /// Lower case letters, digits, hyphens.
    pub id: String,
    /// Its semantic version, without build metadata.
    #[schemars(with = "String")]
    pub version: Version,
    /// Its name by language.
    pub title: Titles,
    /// What it does, in a sentence, by language.
    pub summary: Titles,
    /// Who made it.
    pub publisher: String,
    /// An SPDX expression, for example `Apache-2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The component's path inside the package; none when the plugin is only a pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The path of a country pack's folder inside the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// Which limits the component has; always there with a component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// The hooks that it serves; at least one with a component.
    pub hooks: Vec<Hook>,
    /// What it asks for.
    pub grants: Vec<Grant>,
    /// What the administrator fills in, in the order of the form.
    pub config: Vec<Setting>,
    /// The data that it keeps.
    pub collections: Vec<Collection>,
    /// The kinds of events that it wants to be told of.
    pub events: Vec<String>,
    /// When it is called without being asked.
    pub schedule: Vec<Schedule>,
    /// Limits of its own, below those of its class.
    pub limits: Limits,
}
