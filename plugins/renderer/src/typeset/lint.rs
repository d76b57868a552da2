//! Refuses values outside string literals.
//!
//! Every value is written as a string literal whose first character carries a mark (see `template::escape`). In code Typst reads one string
//! token. Where the author forgot the `#`, Typst reads quotes and escapes as text: harmless, but never meant, so the document is refused.

use typst::syntax::{SyntaxKind, SyntaxNode};

use crate::template::MARK;

/// Where the first value stands that is not a string of its own: a byte offset into the source.
pub(super) fn value_in_markup(root: &SyntaxNode) -> Option<usize> {
    find(root, 0)
}

/// Recursion is bounded: Typst's parser refuses sources that nest too deep.
fn find(node: &SyntaxNode, offset: usize) -> Option<usize> {
    let children = node.children();
    if children.len() == 0 {
        let text = node.leaf_text();
        // A comment prints nothing, and a string literal is where values belong, as long as the value is all of it.
        let stray = match node.kind() {
            SyntaxKind::LineComment | SyntaxKind::BlockComment => None,
            SyntaxKind::Str => text.find(MARK).filter(|&at| at != 1),
            _ => text.find(MARK),
        };
        return stray.map(|at| offset + at);
    }
    let mut at = offset;
    for child in children {
        if let Some(found) = find(child, at) {
            return Some(found);
        }
        at += child.len();
    }
    None
}
