//! JSON, with the comments and trailing commas that tools tolerate (JSONC).

use super::SyntaxError;
use super::node::Node;
use crate::span::Span;

/// Parses a document.
///
/// # Errors
/// When it is no JSON or nests too deep.
pub fn parse(_text: &str) -> Result<Node, SyntaxError> {
    Err(SyntaxError::new("", Span::default()))
}
