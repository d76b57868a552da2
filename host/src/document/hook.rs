//! The documents hook, as this noun calls it. The guest door implements it; tests of other nouns never need a sandbox.

use async_trait::async_trait;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::Finding;
use crate::kernel::font::Font;
use crate::order::Snapshot;
use crate::pack::Pack;
use crate::plugin::Active;
use crate::plugin::manifest::HookName;
use crate::price::Line;

/// What a hook call may read. Cheap to clone: every call about one order shares it.
#[derive(Clone)]
pub struct Case {
    /// The order.
    pub snapshot: Arc<Snapshot>,
    /// The packs that take part: common rules, exporting country, importing country.
    pub packs: Arc<[Arc<Pack>]>,
    /// The date whose rules apply.
    pub as_of: Date,
    /// The tenant's settings for the plugin.
    pub config: Arc<BTreeMap<String, String>>,
    /// The fonts that a renderer may read.
    pub fonts: Arc<[Font]>,
    /// The tenant's own plugins, in the order in which they are asked.
    pub plugins: Arc<[Arc<Active>]>,
}

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The order.
    Order,
    /// The shipment.
    Shipment,
}

/// A document that the route, the terms or the goods call for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// For example `commercial-invoice`.
    pub document: String,
    /// The pack that declares it.
    pub pack: String,
    /// What it is about.
    pub subject: Subject,
    /// Its template, below the pack's folder of templates.
    pub template: String,
    /// Its place in the set, smallest first.
    pub rank: u32,
    /// The rule or custom that asks for it.
    pub reason: String,
}

/// A value that a document needs and the order does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The document.
    pub document: String,
    /// A JSON pointer into the order file.
    pub place: String,
    /// The box that stays empty.
    pub name: String,
}

/// The boxes of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The document.
    pub document: String,
    /// Name and value of the document's boxes.
    pub boxes: Vec<(String, String)>,
    /// Boxes a goods line.
    pub rows: Vec<Vec<(String, String)>>,
}

/// One document to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// `pack/name.typ.j2`.
    pub template: String,
    /// Canonical JSON.
    pub data: Vec<u8>,
    /// What the PDF calls itself.
    pub title: String,
    /// ISO 639-1.
    pub language: String,
}

/// A document that was made.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// For example `application/pdf`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages.
    pub pages: u32,
}

/// What a hook call cost. The duration is not part of an answer's identity; the rest is the same for the same input and code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Fuel units.
    pub fuel: u64,
    /// The most memory that a sandbox held, bytes.
    pub peak_memory_bytes: u64,
    /// Calls from the guest to the host.
    pub host_calls: u64,
    /// Wall time, microseconds.
    pub duration_us: u64,
}

impl Cost {
    /// Adds what another sandbox cost that did a part of the same work.
    pub fn add(&mut self, other: &Self) {
        self.fuel = self.fuel.saturating_add(other.fuel);
        self.peak_memory_bytes = self.peak_memory_bytes.max(other.peak_memory_bytes);
        self.host_calls = self.host_calls.saturating_add(other.host_calls);
        self.duration_us = self.duration_us.saturating_add(other.duration_us);
    }
}

/// How a plugin failed, for a person: which plugin, which hook, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plugin {plugin} failed in {hook}: {message} ({code})")]
pub struct Failure {
    /// The plugin and its version.
    pub plugin: String,
    /// The hook.
    pub hook: &'static str,
    /// A stable code, for example `out-of-fuel`.
    pub code: &'static str,
    /// What happened. May quote the order: for the log and for whoever holds the machine.
    pub message: String,
    /// Whether the same call may go well at another time.
    pub is_transient: bool,
    /// What it cost until then.
    pub cost: Cost,
}

/// Whether a code names a fault of the host: it says nothing about the plugin that was called.
#[must_use]
pub fn is_hosts_fault(code: &str) -> bool {
    [OVERLOADED, HOST_FAULT, NOT_LOADED].contains(&code)
}

/// The host has no room for the call now.
const OVERLOADED: &str = "overloaded";
/// The host could not answer what the plugin asked it.
const HOST_FAULT: &str = "host-fault";
/// The component is not at hand.
pub const NOT_LOADED: &str = "not-loaded";

/// Which of the host's own plugins answers a hook.
pub(super) fn own_plugin(hook: &str) -> &'static str {
    if hook == "render" { "renderer" } else { "rulebook" }
}

/// What a plugin of the tenant says about an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What it found.
    pub findings: Vec<Finding>,
    /// Its part of the price; none but of the hook `pricing`.
    pub lines: Vec<Line>,
}

/// An answer with its cost.
pub type Answer<T> = Result<(T, Cost), Failure>;

/// The hook port.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// The required set.
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>>;
    /// Every finding at once.
    async fn check(&self, case: &Case) -> Answer<Vec<Finding>>;
    /// The boxes of the documents, or every value that is missing.
    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>>;
    /// What a plugin of the tenant says, through one of its hooks.
    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Reply>;
    /// The files. The error names the job and says what is wrong with its template or data.
    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>>;
    /// Name and SHA-256 of the components that answer, for the record.
    fn components(&self) -> Vec<(String, String)>;
}
