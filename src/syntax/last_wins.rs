//! A mapping that is read line by line, in formats in which the last of repeated keys counts.

use std::collections::HashMap;

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use crate::span::{Span, SpanText};

/// The mapping so far.
#[derive(Default)]
pub(super) struct LastWins {
    mapping: Mapping,
    positions: HashMap<String, usize>,
}

impl LastWins {
    /// Adds a key and its text, which begins at `at` where it is empty.
    pub(super) fn add(&mut self, key: SpanText, key_span: Span, text: SpanText, at: usize) {
        let span = text.span_of(0..text.as_str().len()).unwrap_or(Span::new(at, at));
        let value = Value::Scalar(Scalar { text, style: Style::Plain });
        let value = Node { span, value, tag: None, alias: None };
        let next = self.mapping.entries.len();
        let position = *self.positions.entry(key.as_str().to_owned()).or_insert(next);
        let entry = Entry { key, key_span, value, merged: false };
        match self.mapping.entries.get_mut(position) {
            Some(former) => {
                self.mapping.duplicates.push(key_span);
                *former = entry;
            }
            None => self.mapping.entries.push(entry),
        }
    }

    /// The whole of it, which takes `span`.
    pub(super) fn finish(self, span: Span) -> Node {
        Node { span, value: Value::Mapping(self.mapping), tag: None, alias: None }
    }
}
