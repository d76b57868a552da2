//! Documents: the papers that an order's route, terms and goods call for.
//!
//! A document is required by a pack, prepared from the order, checked together with all others, numbered, rendered in the sandbox and kept
//! with the hash that is printed on it. Unchanged data keeps its number and revision. A document is never edited: it is voided and
//! replaced. Nothing here interprets a template or a rule.

mod assemble;
mod counted;
pub mod hook;
mod issue;
mod locale;
mod numbers;
pub mod report;
pub mod routes;
mod runs;
pub mod table;
mod trial;
mod void;

pub(crate) use assemble::ask;
pub use assemble::{Asked, Assembled, Case, Error, Numbered, Numbering, Paper, assemble, check};
pub(crate) use issue::case_of;
pub use issue::{Card, File, IssueError, Means, counts, file, findings, get, issue, list};
pub(crate) use numbers::initials;
pub(crate) use runs::Judged;
pub use trial::{Change, ORDERS_MAX, ORDERS_USUAL, Trial, trial};
pub(crate) use void::REASON_CHARS_MAX;
pub use void::void;
