//! Calls apps: one fresh sandbox a round, over the desk that the caller gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::executor::block_on;
use jiff::civil::Date;
use roro_engine::bindings::app::exports::roro::app::app as wire;
use roro_engine::bindings::contract::roro::records::records::Field;
use roro_engine::{Call, Limits, Plugin};

use super::answers::{self, Answers, LogLine};
use super::app::{self, AppCall, Empty};
use super::runner::{self, Runner};
use super::{dispatch, records};
use crate::action::{Apps, Ask, Description, Effects, Question, Reply};
use crate::document::hook::{Answer, Failure};
use crate::plugin::Active;
use crate::plugin::component::Unfit;
use crate::plugin::manifest::HookName;
use crate::record::Fields;

/// How many rows an app's call may look at, as limits reckon with: an app has no order that would say.
const LINES: u32 = 40;

fn fields(fields: Fields) -> Vec<Field> {
    fields.into_iter().map(|(key, value)| Field { key, value: records::wire(value) }).collect()
}

impl Runner {
    /// What an app offers; none for what is none. It is asked once a component, without grants.
    pub(super) fn describe(&self, plugin: &Plugin<Answers>) -> Result<Option<Arc<Description>>, Unfit> {
        if !plugin.is_app() {
            return Ok(None);
        }
        let nobody = Active::bare(&plugin.id().name);
        let today = Date::constant(1970, 1, 1);
        let (answers, log) = Answers::of_app(Arc::new(nobody), today, 0, call(Arc::new(Empty), Arc::default(), false).0);
        let call = Call { answers, limits: Limits::interpreted(1), as_of: answers::date(today), warm: None, seed: 0 };
        // Loading blocks already: this waits for a guest's thread, not for the one it stands on.
        match dispatch::settle(block_on(self.engine.app_describe(plugin, call)), &log) {
            Ok((description, _)) => Ok(Some(Arc::new(app::description(description)))),
            Err(failure) => Err(Unfit(format!("describe fails: {} ({})", failure.message, failure.code))),
        }
    }

    async fn call(
        &self,
        plugin: &Plugin<Answers>,
        call: Call<Answers>,
        ask: Ask,
    ) -> roro_engine::Outcome<Vec<answers::WireFinding>> {
        match ask {
            Ask::Act { action, target, inputs } => {
                self.engine.app_act(plugin, call, wire::Call { action, target, inputs: fields(inputs) }).await
            }
            Ask::Event { id, kind, payload } => self.engine.app_on_event(plugin, call, wire::Event { id, kind, payload }).await,
            Ask::Schedule { name } => self.engine.app_on_schedule(plugin, call, name).await,
            Ask::Task { name, payload } => self.engine.app_on_task(plugin, call, name, payload).await,
        }
    }
}

type Out = Arc<Mutex<(Vec<crate::action::FetchRequest>, Effects)>>;

fn call(desk: Arc<dyn crate::action::Desk>, fetches: Arc<crate::action::port::Fetches>, may_plan: bool) -> (AppCall, Out) {
    let out = Out::default();
    let call = AppCall {
        desk,
        fetches,
        may_plan,
        plans: Vec::new(),
        effects: Effects::default(),
        seen: Vec::new(),
        opened: Vec::new(),
        out: Arc::clone(&out),
    };
    (call, out)
}

impl Runner {
    /// Asks an app. The second answer is what it logged, also when it failed.
    pub async fn ask_app(&self, question: Question) -> (Answer<Reply>, Vec<LogLine>) {
        let Question { plugin, ask, today, seed, desk, fetches, may_plan } = question;
        let hook = ask.hook();
        let named = |failure: Failure| Failure { hook, ..runner::of_tenant(&plugin, HookName::App, failure) };
        let component = match self.component(&plugin, HookName::App) {
            Ok(loaded) => loaded.plugin,
            Err(failure) => return (Err(named(failure)), Vec::new()),
        };
        let (app, out) = call(desk, fetches, may_plan);
        let (answers, log) = Answers::of_app(Arc::clone(&plugin), today, seed, app);
        let call = Call { answers, limits: runner::limits(&plugin, LINES), as_of: answers::date(today), warm: None, seed };
        let answer = dispatch::settle(self.call(&component, call, ask).await, &log).map_err(named);
        let answer = answer.and_then(|(found, cost)| runner::own(|_| false, &plugin, HookName::App, found, cost).map_err(named));
        let (plans, effects) = std::mem::take(&mut *out.lock().unwrap_or_else(PoisonError::into_inner));
        let log = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        (answer.map(|(findings, cost)| (Reply { findings, effects, plans }, cost)), log)
    }
}

#[async_trait]
impl Apps for Runner {
    async fn ask(&self, question: Question) -> Answer<Reply> {
        self.ask_app(question).await.0
    }

    fn description(&self, component_digest: &str) -> Option<Arc<Description>> {
        self.offers(component_digest)
    }
}

impl Active {
    /// A plugin that may nothing: in whose name a component says what it offers.
    fn bare(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: semver::Version::new(0, 0, 0),
            title: BTreeMap::new(),
            release: None,
            component_digest: String::new(),
            class: crate::plugin::manifest::Class::Interpreted,
            hooks: Vec::new(),
            grants: BTreeSet::new(),
            fetch_hosts: Vec::new(),
            limits: crate::plugin::manifest::Limits::default(),
            collections: Vec::new(),
            settings: crate::plugin::Settings::default(),
            locales: BTreeMap::new(),
            warm: false,
            refused: None,
        }
    }
}
