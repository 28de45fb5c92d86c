//! What holds of every tree, whatever was parsed; for the parsers' tests.

use super::{Node, Value};
use crate::span::SpanText;

/// Every range lies in the source, on boundaries of characters, and exact segments are the same bytes.
pub(in crate::syntax) fn tree(source: &str, node: &Node) {
    assert!(source.get(node.span.range()).is_some());
    assert!(node.alias.is_none_or(|alias| source.get(alias.range()).is_some()));
    match &node.value {
        Value::Scalar(scalar) => drop(text(source, &scalar.text)),
        Value::Sequence(items) => items.iter().for_each(|item| tree(source, item)),
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                drop(text(source, &entry.key));
                assert!(source.get(entry.key_span.range()).is_some());
                tree(source, &entry.value);
            }
            assert!(mapping.duplicates.iter().all(|span| source.get(span.range()).is_some()));
        }
    }
}

/// The pieces of a text with their sources, as `=piece` where the bytes are the same and `piece<source`
/// elsewhere.
pub(in crate::syntax) fn text(source: &str, text: &SpanText) -> Vec<String> {
    text.pieces(0..text.as_str().len())
        .map(|(piece, segment)| {
            let raw = &source[segment.span.range()];
            if segment.exact {
                assert_eq!(piece, raw);
                format!("={piece}")
            } else {
                format!("{piece}<{raw}")
            }
        })
        .collect()
}
