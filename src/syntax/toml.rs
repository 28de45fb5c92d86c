//! TOML.

use super::SyntaxError;
use super::node::Node;
use crate::span::Span;

/// Parses a document; the root is a mapping.
///
/// # Errors
/// When it is no TOML.
pub fn parse(_text: &str) -> Result<Node, SyntaxError> {
    Err(SyntaxError::new("", Span::default()))
}
