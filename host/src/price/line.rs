//! The lines of a price, and what they make of an order's charges. Pure: nothing here asks, stores or renders.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Parameter, Severity};
use crate::kernel::money::{Currency, Money};
use crate::order::file::Terms;
use crate::order::text::Amount;

/// The most lines of one plugin.
pub const LINES_MAX: usize = 200;

/// A charge of the order file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Charge {
    /// Sea freight that the seller charges.
    Freight,
    /// The insurance premium that the seller charges.
    InsurancePremium,
    /// Other charges to the buyer.
    Other,
}

impl Charge {
    /// Every one, as the order file has them.
    pub const ALL: [Self; 3] = [Self::Freight, Self::InsurancePremium, Self::Other];

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Freight => "freight",
            Self::InsurancePremium => "insurance-premium",
            Self::Other => "other",
        }
    }

    /// Where the order file holds it.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::Freight => "/order/freight",
            Self::InsurancePremium => "/order/insurance_premium",
            Self::Other => "/order/other_charges",
        }
    }

    /// What the order says.
    #[must_use]
    pub const fn of(self, terms: &Terms) -> Option<&Amount> {
        match self {
            Self::Freight => terms.freight.as_ref(),
            Self::InsurancePremium => terms.insurance_premium.as_ref(),
            Self::Other => terms.other_charges.as_ref(),
        }
    }

    fn slot(self, terms: &mut Terms) -> &mut Option<Amount> {
        match self {
            Self::Freight => &mut terms.freight,
            Self::InsurancePremium => &mut terms.insurance_premium,
            Self::Other => &mut terms.other_charges,
        }
    }
}

/// A line of a price, as a plugin gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The rule that it follows from.
    pub rule: String,
    /// The charge that it is part of.
    pub charge: Charge,
    /// In the order's currency; a discount is negative.
    pub amount: Money,
    /// What its sentence needs.
    pub parameters: Vec<Parameter>,
}

impl Line {
    /// The line as something to be said: its sentence stands where those of findings do.
    #[must_use]
    pub fn said(&self) -> Finding {
        Finding {
            rule: self.rule.clone(),
            severity: Severity::Info,
            place: self.charge.place().to_owned(),
            parameters: self.parameters.clone(),
        }
    }
}

/// What lines make of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PriceCharge")]
pub struct Sum {
    /// Which one.
    pub charge: Charge,
    /// What the order says.
    pub was: Option<Money>,
    /// The sum of its lines.
    pub becomes: Money,
}

/// The lines that are not among others; two equal lines are two.
pub fn beside<'a>(lines: &'a [Line], others: &[Line]) -> impl Iterator<Item = &'a Line> {
    let mut others: Vec<Option<&Line>> = others.iter().map(Some).collect();
    let left = lines.iter().filter(move |line| match others.iter().position(|other| *other == Some(line)) {
        Some(at) => others.get_mut(at).and_then(Option::take).is_none(),
        None => true,
    });
    left.collect::<Vec<_>>().into_iter()
}

/// What lines come to. Beyond what 64 bits hold, the sum stays where it was.
#[must_use]
pub fn worth(lines: &[Line], currency: Currency) -> Money {
    lines.iter().fold(Money::zero(currency), |sum, line| sum.checked_add(line.amount).unwrap_or(sum))
}

/// The sums of the charges that have lines, in the order of the file. The findings say which of them no order can hold.
#[must_use]
pub(super) fn sums(lines: &[Line], terms: &Terms, currency: Currency) -> (Vec<Sum>, Vec<Finding>) {
    let (mut sums, mut wrong) = (Vec::new(), Vec::new());
    for charge in Charge::ALL {
        let own: Vec<Money> = lines.iter().filter(|line| line.charge == charge).map(|line| line.amount).collect();
        if own.is_empty() {
            continue;
        }
        let sum = Money::sum(currency, own).ok();
        match sum.filter(|sum| Amount::of(*sum).is_some()) {
            Some(becomes) => {
                let was = charge.of(terms).and_then(|amount| Money::parse(amount.as_str(), currency).ok());
                sums.push(Sum { charge, was, becomes });
            }
            None => {
                let said = sum.map_or_else(|| "–".to_owned(), Money::amount);
                let parameters = [("charge", charge.as_str()), ("amount", said.as_str()), ("currency", currency.code())];
                wrong.push(Finding::of_host("HOST-PRICE-01", Severity::Error, charge.place(), &parameters));
            }
        }
    }
    (sums, wrong)
}

/// The terms with these charges.
#[must_use]
pub(super) fn applied(mut terms: Terms, sums: &[Sum]) -> Terms {
    for sum in sums {
        *sum.charge.slot(&mut terms) = Amount::of(sum.becomes);
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(charge: Charge, minor: i64) -> Line {
        let amount = Money::new(minor, "USD".parse().unwrap());
        Line { rule: "A-1".to_owned(), charge, amount, parameters: Vec::new() }
    }

    fn terms() -> Terms {
        serde_json::from_value(serde_json::json!({
            "reference": "A", "contract_date": "2026-03-01", "currency": "USD", "incoterm": "CIF", "incoterm_place": "Mombasa",
            "payment": "T/T", "freight": "100.00"
        }))
        .unwrap()
    }

    #[test]
    fn lines_of_a_charge_add_up_and_the_others_stay() {
        let usd: Currency = "USD".parse().unwrap();
        let lines = [line(Charge::Other, 5_000), line(Charge::Freight, 120_050), line(Charge::Other, -1_000)];
        let (sums, wrong) = sums(&lines, &terms(), usd);
        assert_eq!(wrong, []);
        let expected = [
            Sum { charge: Charge::Freight, was: Some(Money::new(10_000, usd)), becomes: Money::new(120_050, usd) },
            Sum { charge: Charge::Other, was: None, becomes: Money::new(4_000, usd) },
        ];
        assert_eq!(sums, expected);
        let applied = applied(terms(), &sums);
        let texts = Charge::ALL.map(|charge| charge.of(&applied).map(ToString::to_string));
        assert_eq!(texts, [Some("1200.50".to_owned()), None, Some("40.00".to_owned())]);
    }

    #[test]
    fn of_two_equal_lines_one_may_be_new() {
        let (one, other) = (line(Charge::Freight, 1), line(Charge::Freight, 2));
        let left: Vec<Line> = beside(&[one.clone(), one.clone(), other.clone()], &[other, one.clone()]).cloned().collect();
        assert_eq!(left, [one]);
    }

    #[test]
    fn what_no_order_can_hold_is_said() {
        let usd: Currency = "USD".parse().unwrap();
        for lines in [vec![line(Charge::Other, -1)], vec![line(Charge::Other, i64::MAX), line(Charge::Other, 1)]] {
            let (sums, wrong) = sums(&lines, &terms(), usd);
            assert_eq!(sums, []);
            let [finding] = wrong.as_slice() else { panic!("{wrong:?}") };
            assert_eq!((finding.rule.as_str(), finding.place.as_str()), ("HOST-PRICE-01", "/order/other_charges"));
        }
    }
}
