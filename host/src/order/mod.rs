//! The export order: the main line that everything else hangs on.
//!
//! An order comes in as an order file, is checked for shape, and becomes an immutable snapshot; an edit makes the next version. Plugins
//! read the snapshot by resources and by path. An order never calls a plugin inside a transaction, and is never deleted.

pub mod fields;
pub mod file;
pub mod reader;
pub mod routes;
pub mod snapshot;
pub mod table;
pub mod text;
mod vehicle_file;
mod verbs;

pub use reader::{Problem, read};
pub use snapshot::{Snapshot, digest};
pub use verbs::{Card, Error, Order, cards, get, import, is_there, list, replace, snapshot};
pub(crate) use verbs::{advance, done};
