//! Trying a release on past orders: what would have been different, said before anybody activates it. Nothing is written.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;

use super::super::Console;
use super::super::text::{Language, grouped};
use super::super::visitor::{Amount, Visitor};
use super::change::version_of;
use super::step::{Other, beside, standing};
use super::{fresh_key, is_in_development, is_word, one, pick};
use crate::access::Role;
use crate::document::report::FindingLine;
use crate::document::{self, ORDERS_USUAL, Trial};
use crate::kernel::id::ReleaseId;
use crate::kernel::money::Money;
use crate::plugin::{self, Active, Beside, Error, PluginPage, ReleaseCard};
use crate::web::Problem;

/// How many findings of an order are told one by one, of the added and of the removed ones.
const FINDINGS_MAX: usize = 5;

/// The plugin and the release in an address. What cannot be one is as unknown as one that is not there.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    name: String,
    release: ReleaseId,
}

impl FromRequestParts<Console> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let texts = Path::<(String, String)>::from_request_parts(parts, console).await.ok();
        let wanted = texts.filter(|Path((name, _))| is_word(name)).and_then(|Path((name, release))| {
            let release = release.parse().ok()?;
            Some(Self { name, release })
        });
        wanted.ok_or_else(|| Error::Unknown("release").into())
    }
}

#[derive(Debug, Serialize)]
struct Page {
    name: String,
    title: String,
    number: i64,
    version: String,
    development: bool,
    /// What it is compared with; none when no release takes part.
    against: Option<Against>,
    tone: &'static str,
    orders: usize,
    left_out: usize,
    changed: Count,
    stopped: Side,
    freed: Side,
    /// What the plugin's prices come to, a line a currency; none when it has no prices.
    priced: Vec<Priced>,
    failures: Vec<Failure>,
    cost: Cost,
    changes: Vec<Row>,
    /// None when the release takes part already.
    activation: Option<Activation>,
}

/// The release that takes part today.
#[derive(Debug, Serialize)]
struct Against {
    number: i64,
    /// Why it may not run, in one word.
    stopped: Option<&'static str>,
}

/// How many, as a number and as a text.
#[derive(Debug, Serialize)]
struct Count {
    number: usize,
    text: String,
}

/// Orders that would be stopped, or set free.
#[derive(Debug, Serialize)]
struct Side {
    orders: Count,
    worth: Vec<Amount>,
}

/// What prices come to.
#[derive(Debug, Serialize)]
struct Priced {
    today: Amount,
    then: Amount,
}

/// How often it failed in one way.
#[derive(Debug, Serialize)]
struct Failure {
    code: String,
    calls: usize,
}

#[derive(Debug, Serialize)]
struct Cost {
    calls: usize,
    /// Of the median call.
    milliseconds: String,
    fuel: String,
    /// Of the dearest call.
    fuel_most: String,
    /// The most of a call, rounded up.
    memory_mib: u64,
}

/// An order that is answered differently.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    reference: String,
    version: i64,
    as_of: String,
    total: Amount,
    stops_today: bool,
    stops_then: bool,
    added: Findings,
    removed: Findings,
    /// None when its lines are the same.
    priced: Option<Priced>,
}

#[derive(Debug, Serialize)]
struct Findings {
    told: Vec<Finding>,
    /// How many more there are.
    more: usize,
}

#[derive(Debug, Serialize)]
struct Finding {
    rule: String,
    severity: String,
    says: String,
}

/// The button that activates it: the same form as on the plugin's page.
#[derive(Debug, Serialize)]
struct Activation {
    key: String,
    /// What the plugin's page would show; see [`standing`].
    seen: String,
    /// The number of the release that it replaces, if there is one.
    from: Option<i64>,
    release: Other,
    /// At which of its hooks other plugins are asked as well.
    beside: Vec<Beside>,
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Wanted { name, release }: Wanted,
) -> Result<Response, Problem> {
    let (ctx, actor, press) = (&console.ctx, visitor.actor(), &console.press);
    actor.must_be(Role::Admin)?;
    let full = plugin::page(ctx, actor, &name).await?;
    let card = full.releases.iter().find(|card| card.id == release).ok_or(Error::Unknown("release"))?;
    let candidate = match plugin::candidate(ctx, actor, &press.plugins, &name, release).await {
        Ok(candidate) => candidate,
        Err(error) => return one::not_done(&console, &visitor, &name, error).await,
    };
    let means = press.means(ctx, actor).await?;
    let trial = Box::pin(document::trial(ctx, actor, &means, candidate, ORDERS_USUAL)).await?;
    let baseline = means.plugins.iter().find(|plugin| plugin.id == name);
    let mut page = page(&full, card, baseline.map(AsRef::as_ref), trial, visitor.ask.language);
    page.development = is_in_development(&console, &visitor).await?;
    page.activation = activation(&console, &visitor, &full, card).await?;
    visitor.show(&console, "plugins", "trial.html.j2", page)
}

fn page(full: &PluginPage, card: &ReleaseCard, baseline: Option<&Active>, trial: Trial, language: Language) -> Page {
    let number = |id: ReleaseId| full.releases.iter().find(|release| release.id == id).map(|release| release.number);
    let against = trial.baseline.and_then(number);
    Page {
        name: full.card.name.clone(),
        title: pick(&full.card.title, language),
        number: card.number,
        version: version_of(card, &full.packages),
        development: false,
        against: against.map(|number| Against { number, stopped: baseline.and_then(|plugin| plugin.refused) }),
        tone: tone(&trial),
        orders: trial.orders,
        left_out: trial.left_out,
        changed: count(trial.changed),
        stopped: side(trial.stopped, trial.money.iter().map(|worth| worth.stopped)),
        freed: side(trial.freed, trial.money.iter().map(|worth| worth.freed)),
        priced: trial.money.iter().filter_map(|worth| priced(worth.priced_today, worth.priced_then)).collect(),
        failures: trial.failures.into_iter().map(|(code, calls)| Failure { code, calls }).collect(),
        cost: Cost {
            calls: trial.cost.calls,
            milliseconds: milliseconds(trial.cost.duration_us_median),
            fuel: grouped(&trial.cost.fuel_median.to_string()),
            fuel_most: grouped(&trial.cost.fuel_most.to_string()),
            memory_mib: trial.cost.memory_bytes_most.div_ceil(1_024 * 1_024),
        },
        changes: trial.changes.into_iter().map(|change| row(change, language)).collect(),
        activation: None,
    }
}

/// None for the release that is active.
async fn activation(
    console: &Console,
    visitor: &Visitor,
    full: &PluginPage,
    card: &ReleaseCard,
) -> Result<Option<Activation>, Problem> {
    let active = full.card.active.as_ref();
    if active.is_some_and(|active| active.id == card.id) {
        return Ok(None);
    }
    Ok(Some(Activation {
        key: fresh_key(console),
        seen: standing(full),
        from: active.map(|active| active.number),
        release: Other::of(full, card, visitor.ask.language),
        beside: beside(console, visitor, &full.card.name, card.id).await?,
    }))
}

/// How the sentence on top is shown.
fn tone(trial: &Trial) -> &'static str {
    if !trial.failures.is_empty() {
        "bad"
    } else if trial.stopped + trial.freed > 0 {
        "warning"
    } else if trial.changed > 0 {
        "info"
    } else if trial.orders > 0 {
        "good"
    } else {
        "neutral"
    }
}

fn count(number: usize) -> Count {
    Count { number, text: grouped(&number.to_string()) }
}

fn side(orders: usize, worth: impl Iterator<Item = Money>) -> Side {
    Side { orders: count(orders), worth: worth.filter(|money| money.minor() != 0).map(Amount::from).collect() }
}

/// Microseconds as milliseconds: `1234` is `1.23`.
pub(super) fn milliseconds(microseconds: u64) -> String {
    grouped(&format!("{}.{:02}", microseconds / 1_000, microseconds % 1_000 / 10))
}

fn row(change: document::Change, language: Language) -> Row {
    Row {
        id: change.order.to_string(),
        reference: change.reference,
        version: change.version,
        as_of: change.as_of,
        total: change.total.into(),
        stops_today: change.stops_today,
        stops_then: change.stops_then,
        added: findings(&change.added, language),
        removed: findings(&change.removed, language),
        priced: priced(change.priced_today, change.priced_then).filter(|_| change.priced_today != change.priced_then),
    }
}

/// None when nothing is priced.
fn priced(today: Money, then: Money) -> Option<Priced> {
    (today.minor() != 0 || then.minor() != 0).then(|| Priced { today: today.into(), then: then.into() })
}

fn findings(lines: &[FindingLine], language: Language) -> Findings {
    let finding = |line: &FindingLine| Finding {
        rule: line.rule.clone(),
        severity: line.severity.word().to_lowercase(),
        says: line.says(language.code()).to_owned(),
    };
    Findings { told: lines.iter().take(FINDINGS_MAX).map(finding).collect(), more: lines.len().saturating_sub(FINDINGS_MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_milliseconds() {
        for (microseconds, expected) in [(0, "0.00"), (7, "0.00"), (840, "0.84"), (1_234, "1.23"), (1_500_000, "1,500.00")] {
            assert_eq!(milliseconds(microseconds), expected);
        }
    }

    #[test]
    fn what_is_worth_nothing_is_not_told() {
        let money = |minor, currency: &str| Money::new(minor, currency.parse().unwrap());
        let side = side(1_200, [money(0, "JPY"), money(150_000, "USD")].into_iter());
        assert_eq!((side.orders.number, side.orders.text.as_str()), (1_200, "1,200"));
        assert_eq!(side.worth.iter().map(|one| (&*one.currency, &*one.amount)).collect::<Vec<_>>(), [("USD", "1,500.00")]);
    }
}
