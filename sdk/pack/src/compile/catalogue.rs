//! The fields that packs may read, as the host describes them.

use std::collections::BTreeMap;

use crate::table::{Kind, Scope};

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The kind of its values.
    pub kind: Kind,
    /// The rows that it has.
    pub scope: Scope,
    /// Every value that it can have when it is an enumeration, else empty: comparisons with another text are a problem.
    pub choices: Vec<String>,
}

impl Field {
    /// A field that is no enumeration.
    #[must_use]
    pub fn new(kind: Kind, scope: Scope) -> Self {
        Self { kind, scope, choices: Vec::new() }
    }
}

/// The fields of an order by path.
pub trait Catalogue {
    /// The field of a path, none when there is no such field.
    fn field(&self, path: &str) -> Option<Field>;

    /// Paths to suggest when one is misspelt, and to count rows with: at least one of every scope that has any.
    fn paths(&self) -> Vec<String>;
}

impl Catalogue for BTreeMap<String, Field> {
    fn field(&self, path: &str) -> Option<Field> {
        self.get(path).cloned()
    }

    fn paths(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}
