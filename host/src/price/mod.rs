//! Prices: what an order costs beside its vehicles, as a firm's own plugins say.
//!
//! A price is asked for a stored order: each plugin with the hook `pricing` answers with lines, the lines of a charge add up, and a person sees
//! what would change. It lives for one answer. When somebody takes it over, it is asked for again, compared with what was seen, and becomes
//! the next version of the order in one transaction. It never changes an order that nobody looked at, and never the price of a vehicle.

mod line;
pub mod routes;
mod take;

use serde::Serialize;
use std::collections::BTreeMap;

pub use line::{Charge, LINES_MAX, Line, Sum, beside, worth};
pub use take::{Seen, take};

use crate::access::{self, Actor};
use crate::document::hook::Failure;
use crate::document::report::{FindingLine, PluginLine};
use crate::document::{self, Asked, Case, IssueError, Means};
use crate::finding;
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::OrderId;
use crate::kernel::money::Money;
use crate::order::{self, Snapshot};
use crate::plugin::manifest::HookName;
use crate::{command, plugin};

/// What can go wrong with prices.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such order.
    #[error("there is no such order")]
    Unknown,
    /// The order, a plugin or a price is another one than was looked at.
    #[error("the order, its plugins or their price have changed since you looked; look at the price again")]
    Moved,
    /// Findings speak against it, or it changes nothing.
    #[error("this price cannot be taken over: it changes nothing, or a finding stops it; look at the price again")]
    Stopped,
    /// A plugin could not answer now.
    #[error(transparent)]
    Plugin(#[from] Failure),
    /// The order.
    #[error(transparent)]
    Order(#[from] order::Error),
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The firm's plugins.
    #[error(transparent)]
    Release(#[from] plugin::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// What documents and prices share.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// What an order costs by the firm's plugins. The same order, releases and date give the same price.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Price {
    /// The order.
    pub order: OrderId,
    /// The version that was priced.
    pub version: i64,
    /// The date whose rules applied.
    pub as_of: String,
    /// Every line, plugin by plugin.
    pub lines: Vec<PriceLine>,
    /// The charges that have lines; every other stays.
    pub charges: Vec<Sum>,
    /// What the order comes to today.
    pub total: Money,
    /// What it would come to.
    pub becomes: Money,
    /// What speaks against it, or should be known with it, worst first.
    pub findings: Vec<FindingLine>,
    /// The plugins that were asked.
    pub plugins: Vec<PluginLine>,
    /// Whether it can be taken over: a charge changes, and nothing stops it.
    pub can_be_taken: bool,
    /// SHA-256 of all of the above, for whoever takes over what was seen.
    pub sha256: String,
}

/// A line in words.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct PriceLine {
    /// The rule that it follows from.
    pub rule: String,
    /// The plugin: id and version.
    pub plugin: String,
    /// The charge that it is part of.
    pub charge: Charge,
    /// In the order's currency; a discount is negative.
    pub amount: Money,
    /// What it is for, by language.
    pub says: BTreeMap<&'static str, String>,
    /// Why, by language.
    pub why: BTreeMap<&'static str, String>,
}

impl PriceLine {
    /// A line with its sentences, from the plugins of the case.
    pub(crate) fn new(case: &Case, line: &Line) -> Self {
        let said = FindingLine::new(case, &line.said());
        let plugin = said.plugin.unwrap_or_default();
        Self { rule: said.rule, plugin, charge: line.charge, amount: line.amount, says: said.says, why: said.why }
    }
}

/// A price with what it was made from.
struct Found {
    row: order::table::Row,
    case: Case,
    asked: Vec<Asked>,
    price: Price,
    /// The order as it would be.
    next: Snapshot,
}

/// What an order's newest version costs. Nothing is stored.
///
/// # Errors
/// [`Error::Unknown`]; a plugin that cannot answer now; the database.
pub async fn price(ctx: &Ctx, actor: &Actor, means: &Means, id: OrderId) -> Result<Price, Error> {
    Ok(find(ctx, actor, means, id).await?.price)
}

async fn find(ctx: &Ctx, actor: &Actor, means: &Means, id: OrderId) -> Result<Found, Error> {
    let (row, case) = document::case_of(ctx, actor, means, id).await.map_err(|error| match error {
        IssueError::Unknown => Error::Unknown,
        error => error.into(),
    })?;
    let asked = document::ask(means.hooks.as_ref(), &case, |hook| hook == HookName::Pricing).await?;
    let lines: Vec<Line> = asked.iter().flat_map(|one| one.lines.iter().cloned()).collect();
    let terms = &case.snapshot.file.order;
    let (sums, wrong) = line::sums(&lines, terms, case.snapshot.currency);
    let mut findings: Vec<_> = asked.iter().flat_map(|one| one.findings.iter().cloned()).chain(wrong).collect();
    finding::sort(&mut findings);
    let mut file = case.snapshot.file.clone();
    file.order = line::applied(file.order, &sums);
    let next = Snapshot::new(file).map_err(order::Error::Shape)?;
    let changes = sums.iter().any(|sum| sum.was != Some(sum.becomes));
    let mut price = Price {
        order: id,
        version: row.version,
        as_of: case.as_of.to_string(),
        lines: lines.iter().map(|line| PriceLine::new(&case, line)).collect(),
        charges: sums,
        total: case.snapshot.total,
        becomes: next.total,
        can_be_taken: changes && !findings.iter().any(|finding| finding.severity.stops()),
        findings: findings.iter().map(|finding| FindingLine::new(&case, finding)).collect(),
        plugins: asked.iter().map(PluginLine::new).collect(),
        sha256: String::new(),
    };
    price.sha256 = order::digest(&serde_json::to_value(&price)?).map_err(order::Error::Shape)?;
    Ok(Found { row, case, asked, price, next })
}
