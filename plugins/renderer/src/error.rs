//! Why a document could not be made. One closed list, the same as the contract's.

/// Why a document could not be made. Each text says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such template, or its extensions name no finish.
    #[error("there is no template `{0}` in the packs of this call: correct the path or add the file to the pack")]
    UnknownTemplate(String),
    /// The template or its data cannot be read or run.
    #[error("{0}")]
    Template(String),
    /// No font has a glyph that the page needs.
    #[error("{0}")]
    MissingGlyph(String),
    /// Typst refused the page.
    #[error("{0}")]
    Layout(String),
}
