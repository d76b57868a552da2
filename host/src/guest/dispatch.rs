//! Calls hooks: chooses plugin and limits, carries values across, and turns how a call ended into the noun's words.

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use roro_engine::bindings::contract::roro::types::types;
use roro_engine::bindings::documents::exports::roro::documents::documents as wire;
use roro_engine::bindings::renderer::exports::roro::render::render;
use roro_engine::{Call, Engine, EngineError, EngineSettings, Limits, LoadError, MacKey, Outcome, Plugin, PluginId};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::answers::{self, Answers, LogLine};
use super::runner::Runner;
use crate::document::hook::{Answer, Case, Cost, Failure, Hooks, Job, Missing, Prepared, Rendered, Reply, Requirement, Subject};
use crate::finding::{Finding, Parameter, Severity};
use crate::kernel::key_file;
use crate::order::Snapshot;
use crate::plugin::Active;
use crate::plugin::manifest::HookName;

/// The shipped components, below the folder of plugins.
const RULEBOOK: &str = "roro_rulebook.wasm";
const RENDERER: &str = "roro_renderer.wasm";
/// Their version, until a manifest carries it.
const VERSION: &str = "0.1.0";

/// Up to so many vehicles one sandbox makes all papers of an order, which is faster: the renderer starts once. Above, each paper gets a
/// sandbox of its own, because a sandbox gives memory back only when it ends.
const VEHICLES_TOGETHER_MAX: usize = 100;
/// Fewer papers than this are not worth a second sandbox.
const PAPERS_SHARED_MIN: usize = 4;
/// How many sandboxes render papers of one order at the same time.
const SANDBOXES_AN_ORDER_MAX: usize = 2;

/// Why the shipped plugins cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The key that seals compiled artifacts cannot be had.
    #[error(transparent)]
    Seal(#[from] key_file::Error),
    /// A component does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A component is not there.
    #[error(
        "cannot read the plugin {path}: {reason}. Build the plugins with `cargo xtask plugins`, or name their folder with --plugins"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// The hooks, answered by the shipped rulebook and renderer.
#[derive(Clone)]
pub struct Dispatch {
    engine: Engine<Answers>,
    runner: Runner,
    rulebook: Plugin<Answers>,
    renderer: Plugin<Answers>,
}

impl Dispatch {
    /// Starts the engine with its folder of compiled artifacts and the key that seals them, both below a data folder.
    ///
    /// # Errors
    /// As [`Dispatch::start`], and when the key cannot be read or made.
    pub fn open(data: &Path, plugins: &Path, progress: &dyn Fn(&str)) -> Result<Self, Error> {
        let key = key_file::read_or_make(&data.join("engine.key"))?;
        Self::start(EngineSettings::new(data.join("artifacts"), MacKey::new(key)), plugins, progress)
    }

    /// Starts the engine and loads the components of a folder. Blocks while a component is compiled for the first time (the renderer
    /// takes up to a minute); later starts read the compiled artifact.
    ///
    /// # Errors
    /// When the engine does not start, or a component is missing or does not load.
    pub fn start(settings: EngineSettings, plugins: &Path, progress: &dyn Fn(&str)) -> Result<Self, Error> {
        let engine = Engine::new(settings)?;
        let load = |name: &str, file: &str| -> Result<Plugin<Answers>, Error> {
            let path = plugins.join(file);
            let bytes = std::fs::read(&path).map_err(|error| Error::Read { path, reason: error.to_string() })?;
            progress(name);
            Ok(engine.load(PluginId::new(name, VERSION), &bytes)?)
        };
        let rulebook = load("rulebook", RULEBOOK)?;
        let renderer = load("renderer", RENDERER)?;
        Ok(Self { runner: Runner::new(engine.clone()), engine, rulebook, renderer })
    }

    /// The engine, for readiness checks.
    #[must_use]
    pub fn engine(&self) -> &Engine<Answers> {
        &self.engine
    }

    /// What runs the plugins of tenants.
    #[must_use]
    pub fn runner(&self) -> &Runner {
        &self.runner
    }

    fn call(&self, case: &Case, limits: fn(u32) -> Limits) -> (Call<Answers>, Arc<Mutex<Vec<LogLine>>>) {
        let lines = u32::try_from(case.snapshot.file.vehicles.len()).unwrap_or(u32::MAX);
        let (answers, log) = Answers::new(case.clone());
        (Call { answers, limits: limits(lines), as_of: answers::date(case.as_of), warm: None, seed: seed(&case.snapshot) }, log)
    }

    /// Papers in one sandbox. They share what the renderer remembers: fonts, templates, laid-out parts.
    async fn render_together(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        let (call, log) = self.call(case, Limits::renderer);
        let jobs = jobs.into_iter().map(|job| render::Job {
            template: job.template,
            data: job.data,
            title: job.title,
            language: job.language,
        });
        let (answer, cost) = settle(self.engine.render(&self.renderer, call, jobs.collect()).await, &log)?;
        let answer = answer.map_err(|(index, error)| (index as usize, render_reason(error)));
        let file = |file: render::Rendered| Rendered { media_type: file.media_type, bytes: file.bytes, pages: file.pages };
        Ok((answer.map(|files| files.into_iter().map(file).collect()), cost))
    }
}

#[async_trait]
impl Hooks for Dispatch {
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>> {
        let (call, log) = self.call(case, Limits::rule);
        let (answer, cost) = settle(self.engine.documents_requirements(&self.rulebook, call).await, &log)?;
        let list = answer.map_err(|error| refused(&self.rulebook, "documents.requirements", &error, &cost))?;
        Ok((list.into_iter().map(requirement).collect(), cost))
    }

    async fn check(&self, case: &Case) -> Answer<Vec<Finding>> {
        let (call, log) = self.call(case, Limits::rule);
        let (answer, cost) = settle(self.engine.documents_check(&self.rulebook, call).await, &log)?;
        let list = answer.map_err(|error| refused(&self.rulebook, "documents.check", &error, &cost))?;
        Ok((list.into_iter().map(finding).collect(), cost))
    }

    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        let (call, log) = self.call(case, Limits::rule);
        let (answer, cost) = settle(self.engine.documents_prepare(&self.rulebook, call, documents.to_vec()).await, &log)?;
        match answer {
            Ok(list) => Ok((Ok(list.into_iter().map(prepared).collect()), cost)),
            Err(wire::Error::Incomplete(missing)) => {
                let missing = missing.into_iter().map(|one| Missing { document: one.document, place: one.place, name: one.box_ });
                Ok((Err(missing.collect()), cost))
            }
            Err(error) => Err(refused(&self.rulebook, "documents.prepare", &error, &cost)),
        }
    }

    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        let together = papers_a_sandbox(case.snapshot.file.vehicles.len(), jobs.len());
        let shares: Vec<Vec<Job>> = jobs.chunks(together).map(<[Job]>::to_vec).collect();
        let calls: Vec<_> = shares.into_iter().map(|share| self.render_together(case, share)).collect();
        // In the order of the jobs, so that the first of them that cannot be made is the one that is named.
        let mut answers = stream::iter(calls).buffered(SANDBOXES_AN_ORDER_MAX);
        let (mut files, mut total) = (Vec::with_capacity(jobs.len()), Cost::default());
        while let Some(answer) = answers.next().await {
            let (made, cost) = answer?;
            total.add(&cost);
            match made {
                Ok(made) => files.extend(made),
                Err((index, reason)) => return Ok((Err((files.len() + index, reason)), total)),
            }
        }
        Ok((Ok(files), total))
    }

    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Reply> {
        self.runner.ask(case, plugin, hook).await.0
    }

    fn components(&self) -> Vec<(String, String)> {
        [&self.rulebook, &self.renderer].map(|plugin| (plugin.id().name.to_string(), plugin.digest().to_owned())).to_vec()
    }
}

/// How many papers one sandbox makes. Two sandboxes share the papers of an order, which is done in little more than half of the time for one
/// more start of the renderer. The share depends on the order alone, never on the load: what a click costs is the same each time.
fn papers_a_sandbox(vehicles: usize, papers: usize) -> usize {
    if vehicles > VEHICLES_TOGETHER_MAX {
        1
    } else if papers < PAPERS_SHARED_MIN {
        papers.max(1)
    } else {
        papers.div_ceil(SANDBOXES_AN_ORDER_MAX)
    }
}

/// The first 16 hex digits of the digest: the same order draws the same randomness.
pub(super) fn seed(snapshot: &Snapshot) -> u64 {
    snapshot.digest.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default()
}

/// Logs how a call ended and turns a failure into the noun's.
pub(super) fn settle<T>(outcome: Outcome<T>, log: &Mutex<Vec<LogLine>>) -> Answer<T> {
    for line in log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter() {
        tracing::debug!(guest.level = line.level, guest.text = %line.text, "a plugin logged");
    }
    match outcome {
        Ok((answer, spent)) => Ok((answer, cost(&spent))),
        Err(failure) => {
            tracing::warn!(
                plugin = %failure.plugin, hook = %failure.hook, kind = failure.kind.code(), reason = %failure.reason,
                fuel = failure.cost.fuel, backtrace = ?failure.backtrace, "a plugin was stopped"
            );
            Err(Failure {
                plugin: failure.plugin.to_string(),
                hook: failure.hook.as_str(),
                code: failure.kind.code(),
                message: failure.reason.clone(),
                is_transient: failure.kind.is_transient(),
                cost: cost(&failure.cost),
            })
        }
    }
}

fn cost(cost: &roro_engine::Cost) -> Cost {
    Cost {
        fuel: cost.fuel,
        peak_memory_bytes: cost.peak_memory_bytes,
        host_calls: cost.host_calls,
        duration_us: u64::try_from(cost.duration.as_micros()).unwrap_or(u64::MAX),
    }
}

/// The rulebook answered that it cannot do what it was asked.
fn refused(plugin: &Plugin<Answers>, hook: &'static str, error: &wire::Error, cost: &Cost) -> Failure {
    let message = match error {
        wire::Error::BadTable(what) => {
            format!("a pack's table is not understood: {what}. Install a version of the pack that fits this Roro")
        }
        wire::Error::UnknownDocument(id) => format!("no pack declares the document {id}"),
        wire::Error::Incomplete(missing) => format!("{} values are missing", missing.len()),
    };
    tracing::warn!(plugin = %plugin.id(), hook, kind = "refused", reason = %message, fuel = cost.fuel, "a plugin refused");
    Failure { plugin: plugin.id().to_string(), hook, code: "refused", message, is_transient: false, cost: cost.clone() }
}

fn render_reason(error: render::Error) -> String {
    match error {
        render::Error::UnknownTemplate(path) => format!("there is no template {path}"),
        render::Error::Template(reason) => reason,
        render::Error::MissingGlyph(what) => format!("no font has the characters: {what}. Run: cargo xtask fonts"),
        render::Error::Layout(reason) => format!("the page cannot be set: {reason}"),
    }
}

fn requirement(wire: wire::Requirement) -> Requirement {
    Requirement {
        document: wire.document,
        pack: wire.pack,
        subject: match wire.subject {
            types::Subject::Order => Subject::Order,
            types::Subject::Shipment => Subject::Shipment,
        },
        template: wire.template,
        rank: wire.rank,
        reason: wire.reason,
    }
}

fn prepared(wire: wire::Prepared) -> Prepared {
    let rows = wire.rows.into_iter().map(|row| row.into_iter().map(|one| (one.name, one.value)).collect());
    Prepared {
        document: wire.document,
        rows: rows.collect(),
        boxes: wire.boxes.into_iter().map(|one| (one.name, one.value)).collect(),
    }
}

pub(super) fn finding(wire: types::Finding) -> Finding {
    Finding {
        rule: wire.rule,
        severity: match wire.severity {
            types::Severity::Block => Severity::Block,
            types::Severity::Error => Severity::Error,
            types::Severity::Warn => Severity::Warn,
            types::Severity::Info => Severity::Info,
        },
        place: wire.place,
        parameters: wire.parameters.into_iter().map(parameter).collect(),
    }
}

pub(super) fn parameter(wire: types::Parameter) -> Parameter {
    Parameter { name: wire.name, value: wire.value }
}
