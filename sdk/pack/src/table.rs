//! The compiled table of a pack: what the compiler writes and the rulebook reads, in postcard.
//!
//! It lives for one call: a fresh sandbox decodes it every time, so texts and programs are borrowed from the bytes, and the rules, the
//! documents and the boxes are decoded only by the call that needs them. It never holds titles, sources or sentences: the host keeps those.

use serde::{Deserialize, Serialize};

/// The version of the table's layout. A table of another version is refused.
pub(crate) const LAYOUT: u8 = 1;

/// The rows that something runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// The order as a whole: one row.
    Order,
    /// A row a vehicle.
    Vehicle,
    /// A row a container.
    Container,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 3] = [Scope::Order, Scope::Vehicle, Scope::Container];

    /// Its word in packs and paths.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Vehicle => "vehicle",
            Self::Container => "container",
        }
    }

    /// The JSON pointer of its rows in the order file; a row's index follows.
    #[must_use]
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Order => "",
            Self::Vehicle => "/vehicles",
            Self::Container => "/containers",
        }
    }
}

/// The kind of value that a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Text; names of enumerations too.
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// A civil date.
    Date,
    /// True or false.
    Boolean,
    /// An amount with its currency.
    Money,
}

/// What a finding does to an order. Worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The law of a country, or arithmetic, forbids it.
    Block,
    /// A bank, carrier or customs office would refuse the papers.
    Error,
    /// Likely trouble.
    Warn,
    /// Worth knowing.
    Info,
}

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The order.
    Order,
    /// The shipment.
    Shipment,
}

/// The order date that a rule tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it; the README has the chains")]
pub enum Clock {
    Contract,
    Application,
    Declaration,
    Departure,
    BillOfLading,
    Arrival,
    Clearance,
    AsOf,
}

impl Clock {
    /// Every clock with its name in packs and the chain of paths that it reads before it falls back to as-of.
    pub const ALL: [(Clock, &'static str, &'static [&'static str]); 8] = [
        (Clock::Contract, "contract", &["order.contract_date"]),
        (Clock::Application, "application", &["order.export_licence.application_date", "shipment.declaration_date"]),
        (Clock::Declaration, "declaration", &["shipment.declaration_date", "shipment.departure"]),
        (Clock::Departure, "departure", &["shipment.departure", "shipment.bill_of_lading.on_board_date"]),
        (Clock::BillOfLading, "bill-of-lading", &["shipment.bill_of_lading.on_board_date", "shipment.departure"]),
        (Clock::Arrival, "arrival", &["shipment.arrival", "shipment.departure"]),
        (Clock::Clearance, "clearance", &["shipment.arrival", "shipment.departure"]),
        (Clock::AsOf, "as-of", &[]),
    ];
}

/// A field that the pack reads.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Path<'a> {
    pub(crate) path: &'a str,
    pub(crate) scope: Scope,
    pub(crate) kind: Kind,
}

/// A program: see `code.rs`.
pub(crate) type Code<'a> = &'a [u8];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Table<'a> {
    pub(crate) layout: u8,
    pub(crate) pack: &'a str,
    #[serde(borrow)]
    pub(crate) paths: Vec<Path<'a>>,
    /// Indexes into `paths`: what `check` reads.
    pub(crate) check_reads: Vec<u16>,
    /// What `requirements` reads.
    pub(crate) requirement_reads: Vec<u16>,
    /// Aggregates that depend on nothing but the order: computed once for all rules and rows.
    pub(crate) shared: Vec<Code<'a>>,
    /// Code tables: pairs of length-prefixed texts, searched from the front.
    pub(crate) codes: Vec<&'a [u8]>,
    pub(crate) decisions: Vec<Decision<'a>>,
    /// A postcard `Vec<Rule>`.
    pub(crate) rules: &'a [u8],
    /// A postcard `Vec<Document>`.
    pub(crate) documents: &'a [u8],
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Decision<'a> {
    pub(crate) scope: Scope,
    #[serde(borrow)]
    pub(crate) rows: Vec<(Code<'a>, Code<'a>)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    pub(crate) severity: Severity,
    pub(crate) each: Scope,
    pub(crate) place: &'a str,
    /// Days since 1970-01-01, as `checked_on` and `stale_from` too.
    pub(crate) effective_from: i32,
    pub(crate) effective_to: Option<i32>,
    pub(crate) checked_on: i32,
    /// The first day on which the rule is stale.
    pub(crate) stale_from: i32,
    /// Indexes into `paths`, tried in order; empty when only as-of counts.
    pub(crate) clock: Vec<u16>,
    /// Whether the rule reads `clock`, so that findings say which date it was.
    pub(crate) shows_clock: bool,
    #[serde(borrow)]
    pub(crate) applies_if: Option<Code<'a>>,
    pub(crate) must: Code<'a>,
    pub(crate) parameters: Vec<(&'a str, Code<'a>)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document<'a> {
    pub(crate) id: &'a str,
    pub(crate) subject: Subject,
    pub(crate) template: &'a str,
    pub(crate) rank: u32,
    pub(crate) reason: &'a str,
    #[serde(borrow)]
    pub(crate) when: Option<Code<'a>>,
    /// What its boxes read.
    pub(crate) reads: Vec<u16>,
    /// A postcard `(Vec<BoxRule>, Vec<BoxRule>)`: boxes and rows.
    pub(crate) boxes: &'a [u8],
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BoxRule<'a> {
    pub(crate) name: &'a str,
    #[serde(borrow)]
    pub(crate) value: Code<'a>,
    pub(crate) required: bool,
    pub(crate) place: &'a str,
}
