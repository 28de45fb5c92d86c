//! A mapping under construction: unique keys and merge keys.

use std::collections::HashMap;

use crate::span::{Span, SpanText};
use crate::syntax::SyntaxError;
use crate::syntax::node::{Entry, Mapping, Node, Value};

/// From this many keys on they are looked up by hash.
const LINEAR: usize = 16;

/// See the module's description.
#[derive(Default)]
pub(super) struct MappingBuilder {
    mapping: Mapping,
    index: HashMap<String, usize>,
    merges: Vec<Node>,
}

impl MappingBuilder {
    /// Adds an entry; a repeated key takes the place of the former one.
    pub(super) fn insert(&mut self, key: SpanText, key_span: Span, value: Node) {
        let entry = Entry { key, key_span, value, merged: false };
        match self.position(entry.key.as_str()) {
            Some(position) => {
                self.mapping.duplicates.push(key_span);
                if let Some(former) = self.mapping.entries.get_mut(position) {
                    *former = entry;
                }
            }
            None => self.append(entry),
        }
    }

    /// Adds what a `<<` key holds.
    pub(super) fn merge(&mut self, value: Node) {
        self.merges.push(value);
    }

    /// The mapping with its merge keys applied: its own keys win, then those of the first mapping of a list.
    pub(super) fn finish(mut self) -> Result<Mapping, SyntaxError> {
        for node in std::mem::take(&mut self.merges) {
            let alias = node.alias;
            match node.value {
                Value::Mapping(mapping) => self.take(mapping, alias),
                Value::Sequence(items) => {
                    for item in items {
                        let alias = item.alias.or(alias);
                        match item.value {
                            Value::Mapping(mapping) => self.take(mapping, alias),
                            _ => return Err(no_mapping(alias.unwrap_or(item.span))),
                        }
                    }
                }
                Value::Scalar(_) => return Err(no_mapping(alias.unwrap_or(node.span))),
            }
        }
        Ok(self.mapping)
    }

    fn take(&mut self, mapping: Mapping, alias: Option<Span>) {
        for mut entry in mapping.entries {
            if self.position(entry.key.as_str()).is_some() {
                continue;
            }
            entry.merged = true;
            entry.value.alias = alias.or(entry.value.alias);
            self.append(entry);
        }
    }

    fn append(&mut self, entry: Entry) {
        let position = self.mapping.entries.len();
        if position >= LINEAR {
            if self.index.is_empty() {
                let keys = self.mapping.entries.iter().map(|entry| entry.key.as_str().to_owned());
                self.index.extend(keys.zip(0..));
            }
            self.index.insert(entry.key.as_str().to_owned(), position);
        }
        self.mapping.entries.push(entry);
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.index.is_empty() {
            self.mapping.entries.iter().position(|entry| entry.key.as_str() == key)
        } else {
            self.index.get(key).copied()
        }
    }
}

fn no_mapping(span: Span) -> SyntaxError {
    SyntaxError::new("a merge key (`<<`) takes a mapping or a list of mappings", span)
}
