//! YAML: every document of a stream.
//!
//! [`split`] finds the documents without parsing, so that a caller can look at their bytes and parse only
//! those that matter; [`parse_document`] builds the tree of one of them.

mod block;
mod build;
mod errors;
mod marks;
mod merge;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::SyntaxError;
use super::node::Node;
use crate::span::Span;

/// How deep collections may nest, aliases expanded. Deployment files stay below twenty; the bound keeps
/// recursive readers of the tree, and its drop, off the end of the stack.
pub const MAX_DEPTH: usize = 100;

/// A parsed document of a stream; spans count from the start of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its bytes: the range that [`split`] gave, its opening mark included.
    pub span: Span,
    /// Its root; `None` for an empty document.
    pub root: Option<Node>,
    /// Its comments.
    pub comments: Vec<Comment>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// The byte ranges of the documents of a stream, found by their marks without parsing. Each starts with its
/// `---` mark, or with the comments and directives before it; together they cover all but blank text. Comments
/// with no document behind them make a range of their own, so that none is lost.
#[must_use]
pub fn split(text: &str) -> Vec<Range<usize>> {
    marks::split(text)
}

/// Parses the document that lies in `range` of `text` (from [`split`]).
///
/// # Errors
/// When it is no YAML, nests too deep, or expands its aliases beyond measure.
pub fn parse_document(text: &str, range: Range<usize>) -> Result<Document, SyntaxError> {
    build::document(text, range)
}
