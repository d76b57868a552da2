//! The lines of a price across the border: a plugin's own rules, in the order's currency, and not more than a person can look at.

use roro_engine::bindings::pricing::exports::roro::pricing::pricing as wire;

use super::{dispatch, runner};
use crate::document::hook::{Cost, Failure};
use crate::kernel::money::{Currency, Money};
use crate::plugin::Active;
use crate::plugin::manifest::HookName;
use crate::price::{Charge, LINES_MAX, Line};

/// The lines of a plugin's price, or `bad-output` with what is wrong with them.
pub(super) fn lines(
    is_taken: impl Fn(&str) -> bool,
    plugin: &Active,
    currency: Currency,
    lines: Vec<wire::Line>,
    cost: &Cost,
) -> Result<Vec<Line>, Failure> {
    let bad =
        |message: String| Failure { cost: cost.clone(), ..runner::failed(plugin, HookName::Pricing, "bad-output", message) };
    if lines.len() > LINES_MAX {
        return Err(bad(format!("its price has {} lines, more than {LINES_MAX}", lines.len())));
    }
    let own = lines.into_iter().map(|line| {
        if !runner::is_own(&is_taken, plugin, &line.rule) {
            return Err(bad(runner::foreign_rule(plugin, &line.rule)));
        }
        if line.amount.currency != currency.code() {
            let message = format!("its price is in `{}`, the order in {}", line.amount.currency, currency.code());
            return Err(bad(message));
        }
        Ok(Line {
            rule: line.rule,
            charge: charge(line.charge),
            amount: Money::new(line.amount.minor, currency),
            parameters: line.parameters.into_iter().map(dispatch::parameter).collect(),
        })
    });
    own.collect()
}

const fn charge(charge: wire::Charge) -> Charge {
    match charge {
        wire::Charge::Freight => Charge::Freight,
        wire::Charge::InsurancePremium => Charge::InsurancePremium,
        wire::Charge::Other => Charge::Other,
    }
}
