//! Where the author's commands run a component: the engine and the limits of production, without a server.

use anyhow::Result;
use semver::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::civil::Date;
use roro_pack::Locale;

use super::called::Called;
use super::fixture::{AppCase, Table, fetched, told};
use super::project::Project;
use super::watch::Seen;
use super::{ended, locales};
use crate::action::{Desk, Question, ROUNDS_MAX};
use crate::cli::setup::{self, DataFolder};
use crate::document::Case;
use crate::document::hook::Reply as Said;
use crate::guest::Runner;
use crate::guest::compiler::Bounds;
use crate::order::Snapshot;
use crate::pack::{self, Pack};
use crate::plugin::Active;
use crate::plugin::component::{self, Components as _, Facts};
use crate::plugin::manifest::{GrantName, HookName};
use crate::record::{self, Fields};

/// The engine's folder.
#[derive(Debug, clap::Args)]
pub(super) struct Engine {
    #[command(flatten)]
    data: DataFolder,
}

impl Engine {
    /// Starts it.
    pub(super) fn start(&self) -> Result<Runner> {
        Ok(Runner::open(self.data.folder())?)
    }

    /// Starts it for a component that a stranger may have made: that is compiled by a bounded child of this program.
    pub(super) fn start_for_strangers(&self) -> Result<Runner> {
        Ok(self.start()?.with_compiler(setup::compiler(self.data.folder(), Bounds::DEFAULT)?))
    }
}

/// Compiles a component, or reads what was compiled before.
pub(super) fn load(runner: &Runner, id: &str, version: &Version, bytes: &[u8]) -> Result<Facts> {
    // A large component takes seconds the first time; nothing else needs this thread.
    tokio::task::block_in_place(|| runner.load(id, version, bytes)).map_err(ended::check_failed)
}

/// A project whose component is loaded and is what plugin.toml says.
pub(super) struct Bench {
    pub(super) project: Project,
    pub(super) facts: Facts,
    pub(super) locales: BTreeMap<String, Locale>,
    runner: Runner,
    /// The plugin's own pack, if it has one.
    packs: Arc<[Arc<Pack>]>,
}

impl Bench {
    /// Loads the component as it was built last.
    pub(super) fn open(project: Project, runner: Runner) -> Result<Self> {
        let bytes = project.component()?;
        note_older_component(&project);
        let locales = locales::read(&project)?;
        let facts = load(&runner, &project.manifest.id, &project.manifest.version, &bytes)?;
        fits(&project, &facts)?;
        let own = project.manifest.pack.as_deref().map(|name| pack::load(&project.path(name)));
        let own = own.transpose().map_err(ended::wrong_input)?;
        Ok(Self { packs: own.map(Arc::new).into_iter().collect(), project, facts, locales, runner })
    }

    /// The plugin with these settings and grants.
    pub(super) fn plugin(&self, settings: BTreeMap<String, String>, given: &BTreeSet<GrantName>) -> Active {
        Active::new(&self.project.manifest, &self.facts.digest, settings, given, self.locales.clone())
    }

    /// Everything that the manifest asks for.
    pub(super) fn asked(&self) -> BTreeSet<GrantName> {
        self.project.manifest.grants.iter().map(|grant| grant.name).collect()
    }

    /// One hook, one order.
    pub(super) async fn ask(&self, plugin: Active, order: Arc<Snapshot>, as_of: Date, hook: HookName) -> Called {
        let plugin = Arc::new(plugin);
        let case = Case {
            snapshot: order,
            packs: Arc::clone(&self.packs),
            as_of,
            config: Arc::default(),
            fonts: Arc::from([]),
            plugins: Arc::from([Arc::clone(&plugin)]),
        };
        let (answer, log) = self.runner.ask(&case, &plugin, hook).await;
        Called::new(&plugin, answer, log)
    }
}

impl Bench {
    /// One call of an app, with as many rounds of fetching as it needs, over a fixture.
    pub(super) async fn ask_app(&self, plugin: Active, fixture: &AppCase, order: Arc<Snapshot>, today: Date) -> Result<Called> {
        let plugin = Arc::new(plugin);
        let inputs = match fixture.ask.action() {
            Some(name) => self.inputs(name, fixture)?,
            None => Vec::new(),
        };
        let desk: Arc<dyn Desk> = Arc::new(Table::new(self.project.manifest.clone(), fixture, order));
        let mut fetches = Arc::default();
        let mut round = 0;
        loop {
            let may_plan = round < ROUNDS_MAX;
            let ask = fixture.ask.ask(inputs.clone());
            let question = Question {
                plugin: Arc::clone(&plugin),
                ask,
                today,
                seed: 0,
                desk: Arc::clone(&desk),
                fetches: Arc::clone(&fetches),
                may_plan,
            };
            let (answer, log) = self.runner.ask_app(question).await;
            match answer {
                Ok((reply, _)) if !reply.plans.is_empty() && may_plan => {
                    fetches = Arc::new(fetched(fixture, &reply.plans, &fetches));
                    round += 1;
                }
                Ok((reply, cost)) => {
                    let stops = reply.findings.iter().any(|one| one.severity.stops());
                    // What is refused is not committed.
                    let effects = if stops { Vec::new() } else { told(&reply.effects) };
                    let said = Said { findings: reply.findings, lines: Vec::new() };
                    return Ok(Called::new(&plugin, Ok((said, cost)), log).with_effects(effects));
                }
                Err(failure) => return Ok(Called::new(&plugin, Err(failure), log)),
            }
        }
    }

    /// The inputs of an action, checked as the host checks them.
    fn inputs(&self, name: &str, fixture: &AppCase) -> Result<Fields> {
        let description = self.facts.description.as_ref();
        let Some(action) = description.and_then(|description| description.action(name)) else {
            let known: Vec<&str> =
                description.iter().flat_map(|one| one.actions.iter().map(|action| action.name.as_str())).collect();
            return Err(ended::wrong_input(format!("the app has no action `{name}`\nIt has: {}", known.join(", "))));
        };
        let mut wrong = Vec::new();
        let mut fields = Fields::new();
        for (key, json) in &fixture.ask.inputs {
            let input = action.inputs.iter().find(|input| input.key == *key);
            match input.and_then(|input| record::read(input.kind, json)) {
                Some(value) => fields.push((key.clone(), value)),
                None => wrong.push(format!("{key}: the action has no such input, or it is of another kind")),
            }
        }
        let wanted: Vec<_> = action.inputs.iter().map(record::of_input).collect();
        match record::check(&wanted, fields) {
            Ok(fields) if wrong.is_empty() => return Ok(fields),
            Ok(_) => {}
            Err(refused) => wrong.push(refused.to_string()),
        }
        Err(ended::wrong_input(format!("the inputs of `{name}` do not fit\n{}", wrong.join("\n"))))
    }
}

/// Ends when the component is not what plugin.toml says.
pub(super) fn fits(project: &Project, facts: &Facts) -> Result<()> {
    let unlike = component::unlike(&project.manifest, facts);
    if unlike.is_empty() {
        return Ok(());
    }
    Err(ended::check_failed(format!("the component does not fit its manifest\n{}", unlike.join("\n"))))
}

/// Says so when a source is younger than the component: what runs is not what stands in the editor.
pub(super) fn note_older_component(project: &Project) {
    let built = |name: &str| std::fs::metadata(project.folder.join(name))?.modified();
    let built: Option<SystemTime> = project.manifest.component.as_deref().and_then(|name| built(name).ok());
    let younger = built.and_then(|built| Seen::of(&project.folder).code_after(built));
    if let Some(younger) = younger {
        eprintln!("note: {} is younger than the component; build it again: {}", younger.display(), project.command("build"));
    }
}
