//! One call of an app, from its cause to its commit.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::port::{Ask, Fetches, Question, Reply, sum};
use super::{Action, Error, Live, TRIES_MAX, Target, Wrong, commit, fetched, table, view};
use crate::access::{Actor, Role};
use crate::command::{self, Answer, Begun, Done, Request};
use crate::document::hook::{Cost, Failure, is_hosts_fault};
use crate::document::routes::Press;
use crate::finding::Finding;
use crate::kernel::id::{Id as _, OrderId, RecordId, RunId};
use crate::kernel::metrics::Call;
use crate::kernel::time::Zone;
use crate::kernel::{Ctx, db};
use crate::plugin::manifest::FieldKind;
use crate::plugin::{self, Active, QUARANTINE_AFTER};
use crate::record::{self, Fields};
use crate::{company, order};

/// How often one call may wait for what it plans to fetch.
pub(crate) const ROUNDS_MAX: usize = 3;

/// What makes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The same when the same call comes again: `command:cmd_…`, `event:evt_…`, `job:job_…`.
    pub key: String,
    /// The order or record that it is about, as far as the host knows.
    pub target: Option<String>,
}

/// What an action has come to.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ActionDone")]
pub(super) struct Outcome {
    /// The record of the call.
    pub(super) run: RunId,
    /// What the app says of it: warnings and information.
    pub(super) findings: Vec<Said>,
    /// The ids of the records that are new.
    pub(super) records: Vec<RecordId>,
}

/// A finding with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AppFinding")]
pub struct Said {
    /// The rule.
    pub rule: String,
    /// What it does.
    pub severity: crate::finding::Severity,
    /// Where: a JSON pointer, `/inputs/` and a key.
    pub place: String,
    /// What it says, in English; the rule's id when the app has no words for it.
    pub says: String,
    /// What to do.
    pub fix: Option<String>,
}

impl Said {
    /// A finding in the app's own words.
    #[must_use]
    pub fn by(plugin: &Active, language: &str, finding: &Finding) -> Self {
        let words = plugin.sentence(language, finding);
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity,
            place: finding.place.clone(),
            says: words.as_ref().map_or_else(|| finding.rule.clone(), |words| words.says.clone()),
            fix: words.map(|words| words.fix).filter(|fix| !fix.is_empty()),
        }
    }
}

/// Takes an action of an app. Clerks may.
///
/// # Errors
/// All of [`Error`].
#[expect(clippy::too_many_arguments, reason = "an action with all that it is asked with")]
pub async fn act(
    ctx: &Ctx,
    actor: &Actor,
    press: &Press,
    request: Request,
    plugin: &str,
    action: &str,
    target: Option<String>,
    inputs: &Map<String, Json>,
) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    for _ in 0..TRIES_MAX {
        let ticket = match command::begin(ctx, actor, request.clone()).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::Open(ticket) => ticket,
        };
        let app = view::active(ctx, actor, press, plugin).await?;
        let description = press.apps.description(&app.component_digest).ok_or(Error::Unknown("app"))?;
        let known = description.action(action).ok_or(Error::Unknown("action"))?;
        let ask = checked(known, target.clone(), inputs)?;
        let cause = Cause { key: format!("command:{}", ticket.id()), target: target.clone() };
        let asked = asked(ctx, actor, press, &app, &ask, &cause).await?;
        let run = asked.row(ctx, actor, &app, &ask, &cause, "done", true);
        let said: Vec<Said> = asked.reply.findings.iter().map(|one| Said::by(&app, "en", one)).collect();
        let (kernel, effects) = (ctx.clone(), Arc::new(asked.reply.effects));
        let subject = target.clone().unwrap_or_else(|| format!("plugin:{plugin}"));
        let committed = ticket.commit(ctx, actor, move |tx| {
            let (kernel, app, effects) = (kernel.clone(), Arc::clone(&app), Arc::clone(&effects));
            let (run, said, subject) = (run.clone(), said.clone(), subject.clone());
            async move {
                let id = run.id;
                let facts = serde_json::json!({ "plugin": app.id, "action": run.name, "run": id });
                let records = Box::pin(commit::commit(&tx, &kernel, &app, &effects, run)).await?.unwrap_or_default();
                let answer = Answer::json(200, &Outcome { run: id, findings: said, records })?;
                Ok::<_, Error>(Done { answer, verb: "app.act", subject: Some(subject), before: None, after: Some(facts) })
            }
        });
        match Box::pin(committed).await {
            Err(Error::Moved) => {}
            ended => return ended,
        }
    }
    Err(Error::Moved)
}

/// What a turn of an event, an entry or a task has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is committed.
    Done,
    /// It was committed before.
    Again,
}

/// The turn of an event, an entry of the timetable, or a task.
///
/// # Errors
/// All of [`Error`] but those of inputs and commands.
pub async fn turn(ctx: &Ctx, worker: &Actor, press: &Press, plugin: &str, ask: &Ask, cause: &Cause) -> Result<Turn, Error> {
    for _ in 0..TRIES_MAX {
        if table::is_committed(&ctx.db.read(worker).await?, plugin, &cause.key).await? {
            return Ok(Turn::Again);
        }
        let app = view::active(ctx, worker, press, plugin).await?;
        let asked = asked(ctx, worker, press, &app, ask, cause).await?;
        let run = asked.row(ctx, worker, &app, ask, cause, "done", true);
        let (kernel, effects) = (ctx.clone(), Arc::new(asked.reply.effects));
        let committed = ctx.db.write(worker, move |tx| {
            let (kernel, app, effects, run) = (kernel.clone(), Arc::clone(&app), Arc::clone(&effects), run.clone());
            async move { Box::pin(commit::commit(&tx, &kernel, &app, &effects, run)).await }
        });
        match Box::pin(committed).await {
            Ok(Some(_)) => {
                ctx.bell.notify_one();
                return Ok(Turn::Done);
            }
            Ok(None) => return Ok(Turn::Again),
            Err(Error::Moved) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Moved)
}

/// A call that has answered and refuses nothing.
struct Asked {
    reply: Reply,
    cost: Cost,
}

/// Asks an app, with as many rounds of fetching as it needs. A refusal or a failure is written down here.
async fn asked(ctx: &Ctx, actor: &Actor, press: &Press, app: &Arc<Active>, ask: &Ask, cause: &Cause) -> Result<Asked, Error> {
    if let Some(code) = app.refused {
        return Err(Error::Stopped { plugin: app.id.clone(), code });
    }
    let (today, seed) = (today(ctx, actor).await?, seed(&cause.key));
    let mut fetches: Arc<Fetches> = Arc::default();
    let mut costs = Vec::new();
    for round in 0..=ROUNDS_MAX {
        let question = Question {
            plugin: Arc::clone(app),
            ask: ask.clone(),
            today,
            seed,
            desk: Arc::new(Live::new(ctx, actor, app)),
            fetches: Arc::clone(&fetches),
            may_plan: round < ROUNDS_MAX,
        };
        let answer = press.apps.ask(question).await;
        count(ctx, actor, app, ask, &answer);
        match answer {
            Ok((reply, cost)) if !reply.plans.is_empty() => {
                costs.push(cost);
                fetches = fetched::fetch(ctx, actor.tenant().id(), &app.id, reply.plans, &fetches).await;
            }
            Ok((reply, cost)) => {
                costs.push(cost);
                let asked = Asked { reply, cost: sum(&costs) };
                if asked.reply.findings.iter().any(|one| one.severity.stops()) {
                    let row = asked.row(ctx, actor, app, ask, cause, "refused", false);
                    ctx.db.write(actor, move |tx| keep(tx, row.clone())).await?;
                    return Err(Error::Refused(asked.reply.findings));
                }
                return Ok(asked);
            }
            Err(failure) => {
                costs.push(failure.cost.clone());
                let asked = Asked { reply: Reply::default(), cost: sum(&costs) };
                failed(ctx, actor, app, asked.row(ctx, actor, app, ask, cause, failure.code, false), &failure).await?;
                return Err(failure.into());
            }
        }
    }
    // A round that may not plan has no plans; the guest door sees to that.
    Err(Error::Moved)
}

async fn keep(tx: db::Write, row: table::Row) -> Result<(), db::Error> {
    table::insert(&tx, row).await.map(drop)
}

/// Writes a failed call down; the fifth in a row that is the app's own fault puts it into quarantine.
async fn failed(ctx: &Ctx, actor: &Actor, app: &Active, row: table::Row, failure: &Failure) -> Result<(), db::Error> {
    let (kernel, code, id, release) = (ctx.clone(), failure.code, app.id.clone(), app.release);
    let wrote = ctx.db.write(actor, move |tx| {
        let (kernel, row, id) = (kernel.clone(), row.clone(), id.clone());
        async move {
            table::insert(&tx, row).await?;
            let Some(release) = release.filter(|_| !is_hosts_fault(code)) else { return Ok(()) };
            let newest = table::newest(&tx, &id, None, QUARANTINE_AFTER).await?;
            let is_own = |row: &&table::Row| {
                row.release == Some(release)
                    && !["done", "refused"].contains(&row.outcome.as_str())
                    && !is_hosts_fault(&row.outcome)
            };
            if newest.iter().filter(is_own).count() as u64 == QUARANTINE_AFTER {
                plugin::quarantine(&tx, &kernel.mint, kernel.now(), &id, release, code).await?;
            }
            Ok::<_, Error>(())
        }
    });
    match Box::pin(wrote).await {
        Err(Error::Db(error)) => Err(error),
        Ok(()) => Ok(()),
        // Somebody has changed the plugin meanwhile: then there is nothing more to stop.
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a failed call of an app was not written down");
            Ok(())
        }
    }
}

fn count(ctx: &Ctx, actor: &Actor, app: &Active, ask: &Ask, answer: &Result<(Reply, Cost), Failure>) {
    let (outcome, cost) = match answer {
        Ok((_, cost)) => ("done", cost),
        Err(failure) => (failure.code, &failure.cost),
    };
    let duration = Duration::from_micros(cost.duration_us);
    let call =
        Call { plugin: &app.id, hook: ask.hook(), outcome, fuel: cost.fuel, memory_bytes: cost.peak_memory_bytes, duration };
    ctx.metrics.plugin_called(actor.tenant().id(), &call);
}

/// The civil date where the firm's first company keeps its books; in UTC before it has one.
async fn today(ctx: &Ctx, actor: &Actor) -> Result<jiff::civil::Date, Error> {
    let first = company::list(ctx, actor, None, 1).await.map_err(|error| match error {
        crate::register::Error::Db(error) => Error::Db(error),
        _ => Error::Unknown("company"),
    })?;
    let zone = match first.into_iter().next() {
        Some(company) => company.input.zone,
        None => "UTC".parse::<Zone>().map_err(|_| Error::Unknown("time zone"))?,
    };
    Ok(ctx.clock.today(&zone))
}

fn seed(cause: &str) -> u64 {
    Sha256::digest(cause.as_bytes()).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

impl Asked {
    #[expect(clippy::too_many_arguments, reason = "a row of the record of calls, with all that it says")]
    fn row(
        &self,
        ctx: &Ctx,
        actor: &Actor,
        app: &Active,
        ask: &Ask,
        cause: &Cause,
        outcome: &str,
        is_committed: bool,
    ) -> table::Row {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        table::Row {
            tenant: actor.tenant().id(),
            id: ctx.id(),
            plugin: app.id.clone(),
            release: app.release,
            component: app.component_digest.clone(),
            hook: ask.hook().to_owned(),
            name: ask.name().to_owned(),
            cause: cause.key.clone(),
            committed: is_committed.then(|| cause.key.clone()),
            target: cause.target.clone(),
            outcome: outcome.to_owned(),
            fuel: number(self.cost.fuel),
            memory_bytes: number(self.cost.peak_memory_bytes),
            host_calls: number(self.cost.host_calls),
            duration_us: number(self.cost.duration_us),
            who: actor.who().to_string(),
            created_at: ctx.now(),
        }
    }
}

/// What an action is asked, if target and inputs are what its description wants.
pub(super) fn checked(action: &Action, target: Option<String>, inputs: &Map<String, Json>) -> Result<Ask, Error> {
    let mut wrong = Vec::new();
    let given = target.as_deref().filter(|text| !text.is_empty());
    match (&action.target, given) {
        (Target::Firm, None) => {}
        (Target::Firm, Some(_)) => wrong.push(no_target("the action is taken on nothing", "leave `target` out")),
        (Target::Order, Some(text)) if text.parse::<OrderId>().is_ok() => {}
        (Target::Record(_), Some(text)) if text.parse::<RecordId>().is_ok() => {}
        (Target::Order, _) => {
            wrong.push(no_target("the action is taken on an order", &format!("give its id, {}…", OrderId::PREFIX)))
        }
        (Target::Record(name), _) => {
            wrong.push(no_target(
                &format!("the action is taken on a record of `{name}`"),
                &format!("give its id, {}…", RecordId::PREFIX),
            ));
        }
    }
    for key in inputs.keys().filter(|key| !action.inputs.iter().any(|input| input.key == **key)) {
        wrong.push(input(key, "the action has no such input", "remove it"));
    }
    let mut fields = Fields::new();
    for wanted in &action.inputs {
        let json = inputs.get(&wanted.key).filter(|json| !json.is_null() && json.as_str() != Some(""));
        match json {
            None if wanted.required => wrong.push(input(&wanted.key, "it is missing", "fill it in")),
            None => {}
            Some(json) => match record::read(wanted.kind, json) {
                Some(value) => {
                    let field = record::of_input(wanted);
                    match record::check(std::slice::from_ref(&field), vec![(wanted.key.clone(), value)]) {
                        Ok(checked) => fields.extend(checked),
                        Err(refused) => wrong.push(input(&wanted.key, "it does not fit", &refused.to_string())),
                    }
                }
                None => wrong.push(input(&wanted.key, "it does not fit", how(wanted.kind))),
            },
        }
    }
    if wrong.is_empty() {
        Ok(Ask::Act { action: action.name.clone(), target: target.filter(|text| !text.is_empty()), inputs: fields })
    } else {
        Err(Error::Input(wrong))
    }
}

fn no_target(message: &str, fix: &str) -> Wrong {
    Wrong { pointer: "/target".to_owned(), message: message.to_owned(), fix: fix.to_owned() }
}

fn input(key: &str, message: &str, fix: &str) -> Wrong {
    let key: String = key.chars().filter(|one| !one.is_control()).take(60).collect();
    Wrong {
        pointer: format!("/inputs/{}", key.replace('~', "~0").replace('/', "~1")),
        message: message.to_owned(),
        fix: fix.to_owned(),
    }
}

const fn how(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text | FieldKind::Choice | FieldKind::Reference => "write it as text",
        FieldKind::Integer => "write a whole number",
        FieldKind::Decimal => "write a decimal as text, for example \"12.50\"",
        FieldKind::Boolean => "write true or false",
        FieldKind::Date => "write a date as text, for example \"2026-03-01\"",
    }
}

/// Whether an order still has the version that was read.
pub(super) async fn is_version(tx: &db::Write, id: OrderId, version: i64) -> Result<bool, db::Error> {
    order::table::hold_version(tx, id, version).await
}
