//! The stock rulebook: interprets the tables of country packs inside the sandbox.
//!
//! One call, one life: read the tables, read every field that they need in one host call, evaluate, answer. All judgement is in
//! `roro-pack`; this crate only carries values across the border. It never keeps anything between calls and never builds a sentence.
//! For any other target than WebAssembly it is empty: a native linker cannot spell the names of a component's exports.
#![cfg(target_family = "wasm")]

use roro_pack::{
    Column, Date, Decimal, Error as PackError, Finding, Input, Money, PrepareError, Prepared, Reading, Requirement, Step, Tables,
};
use roro_sdk::documents::exports::roro::documents::documents as hook;
use roro_sdk::documents::roro::host::{legal_date, tables};
use roro_sdk::documents::roro::order::fields;
use roro_sdk::documents::roro::order::order::Order;
use roro_sdk::documents::roro::types::types;

struct Rulebook;

impl hook::Guest for Rulebook {
    fn requirements(order: &Order) -> Result<Vec<hook::Requirement>, hook::Error> {
        let bytes = tables::packs();
        let joined = Tables::join(&bytes).map_err(bad_table)?;
        let input = read(&joined, order, Step::Requirements)?;
        Ok(joined.requirements(&input).map_err(bad_table)?.into_iter().map(requirement).collect())
    }

    fn check(order: &Order) -> Result<Vec<hook::Finding>, hook::Error> {
        let bytes = tables::packs();
        let joined = Tables::join(&bytes).map_err(bad_table)?;
        let input = read(&joined, order, Step::Check)?;
        Ok(joined.check(&input).map_err(bad_table)?.into_iter().map(finding).collect())
    }

    fn prepare(order: &Order, documents: Vec<String>) -> Result<Vec<hook::Prepared>, hook::Error> {
        let bytes = tables::packs();
        let joined = Tables::join(&bytes).map_err(bad_table)?;
        let input = read(&joined, order, Step::Prepare(&documents))?;
        match joined.prepare(&documents, &input) {
            Ok(prepared) => Ok(prepared.into_iter().map(self::prepared).collect()),
            Err(PrepareError::Table(error)) => Err(bad_table(error)),
            Err(PrepareError::Unknown(document)) => Err(hook::Error::UnknownDocument(document)),
            Err(PrepareError::Incomplete(missing)) => Err(hook::Error::Incomplete(
                missing
                    .into_iter()
                    .map(|lacking| hook::Missing { document: lacking.document, place: lacking.place, box_: lacking.name })
                    .collect(),
            )),
        }
    }
}

/// Reads what a step needs, in one host call.
fn read(joined: &Tables<'_>, order: &Order, step: Step<'_>) -> Result<Input, hook::Error> {
    let reading: Reading<'_> = joined.reads(step).map_err(bad_table)?;
    let paths: Vec<String> = reading.paths().iter().map(|path| (*path).to_owned()).collect();
    let columns = fields::read(order, &paths).map_err(|fields::Error::UnknownPath(path)| {
        hook::Error::BadTable(format!("the host has no field `{path}`: install the pack again with this version of Roro"))
    })?;
    let as_of = date(legal_date::as_of()).ok_or_else(|| hook::Error::BadTable("the as-of date is no date".to_owned()))?;
    let columns = columns.into_iter().map(column).collect();
    joined.input(as_of, &reading, columns).map_err(bad_table)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn bad_table(error: PackError) -> hook::Error {
    hook::Error::BadTable(error.to_string())
}

fn date(date: types::Date) -> Option<Date> {
    Date::new(i32::from(date.year), date.month, date.day)
}

fn column(column: fields::Column) -> Column {
    match column {
        fields::Column::Texts(rows) => Column::Texts(rows),
        fields::Column::Numbers(rows) => Column::Integers(rows),
        fields::Column::Booleans(rows) => Column::Booleans(rows),
        fields::Column::Decimals(rows) => Column::Decimals(rows.into_iter().map(|value| value.and_then(decimal)).collect()),
        fields::Column::Dates(rows) => Column::Dates(rows.into_iter().map(|value| value.and_then(date)).collect()),
        fields::Column::Moneys(rows) => Column::Moneys(
            rows.into_iter().map(|value| value.map(|money| Money { minor: money.minor, currency: money.currency })).collect(),
        ),
    }
}

fn decimal(decimal: types::Decimal) -> Option<Decimal> {
    Decimal::new(i128::from(decimal.mantissa), decimal.scale)
}

fn requirement(requirement: Requirement) -> hook::Requirement {
    hook::Requirement {
        document: requirement.document,
        pack: requirement.pack,
        subject: match requirement.subject {
            roro_pack::Subject::Order => types::Subject::Order,
            roro_pack::Subject::Shipment => types::Subject::Shipment,
        },
        template: requirement.template,
        rank: requirement.rank,
        reason: requirement.reason,
    }
}

fn finding(finding: Finding) -> types::Finding {
    types::Finding {
        rule: finding.rule,
        severity: match finding.severity {
            roro_pack::Severity::Block => types::Severity::Block,
            roro_pack::Severity::Error => types::Severity::Error,
            roro_pack::Severity::Warn => types::Severity::Warn,
            roro_pack::Severity::Info => types::Severity::Info,
        },
        place: finding.place,
        parameters: finding.parameters.into_iter().map(|(name, value)| types::Parameter { name, value }).collect(),
    }
}

fn prepared(prepared: Prepared) -> hook::Prepared {
    let boxes = |boxes: Vec<roro_pack::Filled>| boxes.into_iter().map(|(name, value)| hook::FilledBox { name, value }).collect();
    hook::Prepared {
        document: prepared.document,
        boxes: boxes(prepared.boxes),
        rows: prepared.rows.into_iter().map(boxes).collect(),
    }
}

roro_sdk::documents::export_documents!(Rulebook with_types_in roro_sdk::documents);
