//! A document as Spring sees it: one property for each scalar, named by the way to it.

use crate::span::{FileId, Place, Span, SpanText, Text};
use crate::syntax::node::{Node, Scalar, Typed, Value};

/// A property of a file.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its canonical name.
    pub key: String,
    /// Its name as it is written.
    pub name: String,
    /// Its value, placeholders kept.
    pub value: Text,
    /// The file.
    pub file: FileId,
    /// The last key on the way to it.
    pub key_span: Span,
}

/// A name without what relaxed binding leaves out of account: case, `-` and `_`.
#[must_use]
pub fn canonical(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Every property of a document, in order.
#[must_use]
pub fn properties(file: FileId, document: &Node) -> Vec<Property> {
    let mut found = Vec::new();
    add(file, ("", ""), document.span, document, &mut found);
    found
}

/// `key` and `name` lead to `node`.
fn add(file: FileId, (key, name): (&str, &str), key_span: Span, node: &Node, found: &mut Vec<Property>) {
    let below = |way: &str, own: &str| if way.is_empty() { own.to_owned() } else { format!("{way}.{own}") };
    match &node.value {
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                let own = entry.key.as_str();
                let (key, name) = (below(key, &canonical(own)), below(name, own));
                add(file, (&key, &name), entry.key_span, &entry.value, found);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let (key, name) = (format!("{key}[{index}]"), format!("{name}[{index}]"));
                add(file, (&key, &name), key_span, item, found);
            }
        }
        Value::Scalar(scalar) => {
            let value = text(file, node, scalar);
            found.push(Property { key: key.to_owned(), name: name.to_owned(), value, file, key_span });
        }
    }
}

/// A scalar as text: `1_000` of YAML is a number.
fn text(file: FileId, node: &Node, scalar: &Scalar) -> Text {
    let written: &SpanText = &scalar.text;
    match scalar.yaml11() {
        Typed::Null => Text::default(),
        Typed::Int(number) if number.to_string() != written.as_str() => {
            Text::derived(&number.to_string(), Place::new(file, node.span))
        }
        // What a build fills in is not known.
        _ if written.as_str().starts_with(crate::span::UNKNOWN) => Text::unknown("the build fills it in"),
        _ => Text::written(written, file),
    }
}
