//! Trying a release on history: what a candidate would have changed on past orders, before it counts for the next one.
//!
//! Every click has kept its snapshot. The candidate, and the release that takes part today, are asked about the newest snapshot of each order,
//! under the rules of the date on which it was judged; the difference is what the candidate changes: findings, lines of prices,
//! papers that would be stopped or set free, and the money of all of it. Nothing is written, no number is taken, no event is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt as _, stream};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::assemble::{self, Asked, Case};
use super::issue::{IssueError, Means};
use super::report::FindingLine;
use crate::access::{Actor, Role};
use crate::finding::Finding;
use crate::hook_run;
use crate::kernel::Ctx;
use crate::kernel::heavy::heavy;
use crate::kernel::id::{OrderId, ReleaseId, RunId};
use crate::kernel::money::{Currency, Money};
use crate::order::{self, Snapshot};
use crate::pack;
use crate::plugin::Active;
use crate::plugin::manifest::HookName;
use crate::price::{self, PriceLine};

/// The orders of a trial when nobody says how many.
pub const ORDERS_USUAL: usize = 1_000;
/// The most orders of one trial.
pub const ORDERS_MAX: usize = 10_000;
/// The most differences that are told one by one; all of them are counted.
const CHANGES_MAX: usize = 200;
/// How many runs are looked at in one read of the database.
const PAGE_ROWS: u64 = 500;
/// How many orders are tried at the same time: one a core of a small machine, so that clicks go on beside a trial.
const AT_ONCE: usize = 2;

/// What a candidate would have changed.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Trial {
    /// The plugin.
    pub plugin: String,
    /// The release that was tried.
    pub candidate: Option<ReleaseId>,
    /// The release that takes part today; none when none does.
    pub baseline: Option<ReleaseId>,
    /// How many orders were tried, each on its newest snapshot.
    pub orders: usize,
    /// How many were left out because their stored snapshot cannot be made again by this version of the host.
    pub left_out: usize,
    /// How many of them the candidate answers differently.
    pub changed: usize,
    /// How many of them it stops that are not stopped today.
    pub stopped: usize,
    /// How many of them it sets free that are stopped today.
    pub freed: usize,
    /// The worth of those orders, a line a currency.
    pub money: Vec<Worth>,
    /// How often the candidate failed, by code.
    pub failures: BTreeMap<String, usize>,
    /// What a call of the candidate costs.
    pub cost: CallCost,
    /// The differences, newest order first; at most 200 of them.
    pub changes: Vec<Change>,
}

/// The worth of orders in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "TrialWorth")]
pub struct Worth {
    /// Of the orders that would be stopped.
    pub stopped: Money,
    /// Of the orders that would be set free.
    pub freed: Money,
    /// What the lines of the plugin's prices come to today, over all orders that were tried.
    pub priced_today: Money,
    /// What they would come to.
    pub priced_then: Money,
}

/// What calls cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "TrialCost")]
pub struct CallCost {
    /// How many calls were made of the candidate.
    pub calls: usize,
    /// Fuel of the median call.
    pub fuel_median: u64,
    /// Fuel of the dearest call.
    pub fuel_most: u64,
    /// The most memory of a call, bytes.
    pub memory_bytes_most: u64,
    /// Wall time of the median call, microseconds.
    pub duration_us_median: u64,
}

/// An order that the candidate answers differently.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "TrialChange")]
pub struct Change {
    /// The order.
    pub order: OrderId,
    /// Its reference.
    pub reference: String,
    /// The version that was judged.
    pub version: i64,
    /// The date whose rules were applied.
    pub as_of: String,
    /// What the order comes to.
    pub total: Money,
    /// Findings that the candidate adds.
    pub added: Vec<FindingLine>,
    /// Findings that it no longer has.
    pub removed: Vec<FindingLine>,
    /// Lines of a price that it adds.
    pub lines_added: Vec<PriceLine>,
    /// Lines of a price that it no longer has.
    pub lines_removed: Vec<PriceLine>,
    /// What the plugin's lines come to today.
    pub priced_today: Money,
    /// What they would come to.
    pub priced_then: Money,
    /// Whether the papers are stopped today, by whatever finding.
    pub stops_today: bool,
    /// Whether they would be.
    pub stops_then: bool,
}

/// One past order to be tried.
struct Past {
    order: OrderId,
    version: i64,
    as_of: jiff::civil::Date,
    /// SHA-256 of the snapshot as it was kept.
    sha256: String,
    /// Everything that was found then.
    findings: Vec<Finding>,
    file: String,
}

/// What became of one.
struct Tried {
    change: Option<Change>,
    total: Money,
    stops: [bool; 2],
    /// What its lines come to, today and then.
    priced: [Money; 2],
    asked: Vec<Asked>,
}

/// Tries a candidate on the newest snapshots of up to `orders_max` orders. `means` are the tenant's of today: its packs, and the release
/// that takes part. Administrators may.
///
/// # Errors
/// [`IssueError::Access`], the database; a plugin that fails is part of the answer.
pub async fn trial(
    ctx: &Ctx,
    actor: &Actor,
    means: &Means,
    candidate: Arc<Active>,
    orders_max: usize,
) -> Result<Trial, IssueError> {
    actor.must_be(Role::Admin)?;
    // One at a time for a firm: who tries again while the first still runs waits for it.
    let _turn = ctx.gates.pass(&format!("{} trial", actor.tenant().id())).await;
    let baseline = means.plugins.iter().find(|plugin| plugin.id == candidate.id).cloned();
    let mut tally = Tally::new(&candidate, baseline.as_deref());
    let (mut seen, mut after) = (BTreeSet::new(), None);
    while tally.trial.orders + tally.trial.left_out < orders_max.min(ORDERS_MAX) {
        let room = orders_max.min(ORDERS_MAX) - tally.trial.orders - tally.trial.left_out;
        let (past, next) = page(ctx, actor, after, &mut seen, room).await?;
        let tries = past.into_iter().map(|past| {
            let (means, candidate, baseline) = (means.clone(), Arc::clone(&candidate), baseline.clone());
            // A task of its own for each: between two orders others have their turn.
            async move { tokio::spawn(one(means, candidate, baseline, past)).await }
        });
        let mut tries = stream::iter(tries).buffered(AT_ONCE);
        while let Some(tried) = tries.next().await {
            tally.count(tried.unwrap_or(None));
        }
        let Some(next) = next else { break };
        after = Some(next);
    }
    Ok(tally.finish())
}

/// Past orders of one page of runs, newest first, each order once; and where the next page begins.
async fn page(
    ctx: &Ctx,
    actor: &Actor,
    after: Option<RunId>,
    seen: &mut BTreeSet<OrderId>,
    room: usize,
) -> Result<(Vec<Past>, Option<RunId>), IssueError> {
    let scope = ctx.db.read(actor).await?;
    let rows = hook_run::table::checks(&scope, after, PAGE_ROWS).await?;
    let next = rows.last().map(|row| row.id).filter(|_| rows.len() as u64 == PAGE_ROWS);
    let mut past = Vec::new();
    for row in rows {
        if past.len() == room {
            return Ok((past, None));
        }
        if !seen.insert(row.order_id) {
            continue;
        }
        let Some(version) = order::table::version(&scope, row.order_id, row.order_version).await? else { continue };
        past.push(Past {
            order: row.order_id,
            version: row.order_version,
            as_of: row.as_of.0,
            sha256: row.snapshot,
            findings: serde_json::from_str(&row.findings)?,
            file: version.file,
        });
    }
    Ok((past, next))
}

/// Tries one order; none when its snapshot is not what it was.
async fn one(means: Means, candidate: Arc<Active>, baseline: Option<Arc<Active>>, past: Past) -> Option<Tried> {
    let snapshot = heavy(past.file.len(), || order::read(past.file.as_bytes())).ok()?;
    let text = serde_json::to_string(&snapshot.value).ok()?;
    if hex::encode(Sha256::digest(text.as_bytes())) != past.sha256 {
        return None;
    }
    let (total, reference) = (snapshot.total, snapshot.reference().to_owned());
    let today = case(&means, snapshot, past.as_of, baseline);
    let then = Case { plugins: Arc::new([Arc::clone(&candidate)]), ..today.clone() };
    let before = ask(&means, &today).await;
    let after = ask(&means, &then).await;
    let others =
        past.findings.iter().filter(|finding| !is_of(&means, &candidate, finding)).any(|finding| finding.severity.stops());
    let currency = total.currency();
    let found = |asked: &[Asked]| asked.iter().flat_map(|one| one.findings.clone()).collect::<Vec<_>>();
    let lines = |asked: &[Asked]| asked.iter().flat_map(|one| one.lines.clone()).collect::<Vec<_>>();
    let (lines_before, lines_then) = (lines(&before), lines(&after));
    let (before, found_then) = (found(&before), found(&after));
    let stops = [&before, &found_then].map(|found| others || found.iter().any(|finding| finding.severity.stops()));
    let line = |case: &Case, finding: &Finding| FindingLine::new(case, finding);
    let added: Vec<_> = found_then.iter().filter(|one| !before.contains(one)).map(|one| line(&then, one)).collect();
    let removed: Vec<_> = before.iter().filter(|one| !found_then.contains(one)).map(|one| line(&today, one)).collect();
    let lines_added: Vec<_> = price::beside(&lines_then, &lines_before).map(|one| PriceLine::new(&then, one)).collect();
    let lines_removed: Vec<_> = price::beside(&lines_before, &lines_then).map(|one| PriceLine::new(&today, one)).collect();
    let priced = [&lines_before, &lines_then].map(|lines| price::worth(lines, currency));
    let is_changed = [added.len(), removed.len(), lines_added.len(), lines_removed.len()].iter().any(|count| *count > 0);
    let [stops_today, stops_then] = stops;
    let [priced_today, priced_then] = priced;
    let change = is_changed.then(|| Change {
        order: past.order,
        reference,
        version: past.version,
        as_of: past.as_of.to_string(),
        total,
        added,
        removed,
        lines_added,
        lines_removed,
        priced_today,
        priced_then,
        stops_today,
        stops_then,
    });
    Some(Tried { change, total, stops, priced, asked: after })
}

/// Asks the one plugin of a case. What fails for want of room is a failure here: a trial waits for nobody.
async fn ask(means: &Means, case: &Case) -> Vec<Asked> {
    match assemble::ask(means.hooks.as_ref(), case, is_tried).await {
        Ok(asked) => asked,
        Err(failure) => case.plugins.iter().map(|plugin| assemble::failed(plugin, failure.clone())).collect(),
    }
}

/// The hooks whose answers are compared: every one that is asked about an order.
fn is_tried(hook: HookName) -> bool {
    hook.judges_orders() || hook == HookName::Pricing
}

/// Whether a past finding is the candidate's own, or says that it failed: the candidate answers for these anew.
fn is_of(means: &Means, candidate: &Active, finding: &Finding) -> bool {
    if finding.rule.starts_with("HOST-PLUGIN-") {
        return finding.parameters.iter().any(|one| one.name == "id" && one.value == candidate.id);
    }
    let is_other = |other: &Arc<Active>| other.id.len() > candidate.id.len() && finding.rule.starts_with(&other.rule_prefix());
    finding.rule.starts_with(&candidate.rule_prefix()) && !means.plugins.iter().any(is_other)
}

fn case(means: &Means, snapshot: Snapshot, as_of: jiff::civil::Date, baseline: Option<Arc<Active>>) -> Case {
    Case {
        as_of,
        packs: pack::for_route(&means.packs, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::default(),
        fonts: Arc::clone(&means.fonts),
        plugins: baseline.into_iter().collect(),
    }
}

/// Counts what the tries came to.
struct Tally {
    trial: Trial,
    worth: BTreeMap<Currency, Worth>,
    fuel: Vec<u64>,
    durations_us: Vec<u64>,
}

impl Tally {
    fn new(candidate: &Active, baseline: Option<&Active>) -> Self {
        let trial = Trial {
            plugin: candidate.id.clone(),
            candidate: candidate.release,
            baseline: baseline.and_then(|plugin| plugin.release),
            orders: 0,
            left_out: 0,
            changed: 0,
            stopped: 0,
            freed: 0,
            money: Vec::new(),
            failures: BTreeMap::new(),
            cost: CallCost::default(),
            changes: Vec::new(),
        };
        Self { trial, worth: BTreeMap::new(), fuel: Vec::new(), durations_us: Vec::new() }
    }

    fn count(&mut self, tried: Option<Tried>) {
        let Some(Tried { change, total, stops: [today, then], priced: [priced_today, priced_then], asked }) = tried else {
            self.trial.left_out += 1;
            return;
        };
        self.trial.orders += 1;
        self.trial.changed += usize::from(change.is_some());
        let (stopped, freed) = (then && !today, today && !then);
        self.trial.stopped += usize::from(stopped);
        self.trial.freed += usize::from(freed);
        // Beyond what 64 bits hold, a sum stays where it was; no firm has that much on the water.
        let add = |of: &mut Money, money: Money| *of = of.checked_add(money).unwrap_or(*of);
        if stopped || freed || priced_today.minor() != 0 || priced_then.minor() != 0 {
            let zero = Money::zero(total.currency());
            let none = Worth { stopped: zero, freed: zero, priced_today: zero, priced_then: zero };
            let worth = self.worth.entry(total.currency()).or_insert(none);
            add(&mut worth.priced_today, priced_today);
            add(&mut worth.priced_then, priced_then);
            if stopped {
                add(&mut worth.stopped, total);
            } else if freed {
                add(&mut worth.freed, total);
            }
        }
        for call in asked {
            if call.outcome != "done" {
                *self.trial.failures.entry(call.outcome.to_owned()).or_default() += 1;
            }
            self.fuel.push(call.cost.fuel);
            self.durations_us.push(call.cost.duration_us);
            let most = &mut self.trial.cost.memory_bytes_most;
            *most = (*most).max(call.cost.peak_memory_bytes);
        }
        if self.trial.changes.len() < CHANGES_MAX {
            self.trial.changes.extend(change);
        }
    }

    fn finish(mut self) -> Trial {
        self.fuel.sort_unstable();
        self.durations_us.sort_unstable();
        let median = |sorted: &[u64]| sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        self.trial.cost = CallCost {
            calls: self.fuel.len(),
            fuel_median: median(&self.fuel),
            fuel_most: self.fuel.last().copied().unwrap_or(0),
            duration_us_median: median(&self.durations_us),
            ..self.trial.cost
        };
        self.trial.money = self.worth.into_values().collect();
        self.trial
    }
}
