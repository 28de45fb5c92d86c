//! Variables of platforms.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::model::{Value, Variable};
use crate::span::{FileId, Place, Text};
use crate::syntax::node::{Entry, Node};

/// What references look like in a platform's values.
pub(super) type Reader<'a> = &'a dyn Fn(&Node) -> Value;

/// The variables of a mapping of names to values; a null unsets.
pub(super) fn variables(
    file: FileId,
    mapping: Option<&Node>,
    read: Reader<'_>,
) -> BTreeMap<String, Variable> {
    let entries = mapping.map(Node::entries).unwrap_or_default();
    let set = entries.iter().filter(|entry| !entry.value.is_null());
    set.map(|entry| named(file, entry, read(&entry.value))).collect()
}

fn named(file: FileId, entry: &Entry, value: Value) -> (String, Variable) {
    variable(entry.key.as_str(), Some(Place::new(file, entry.key_span)), value)
}

/// A variable with its name.
pub(super) fn variable(name: &str, name_place: Option<Place>, value: Value) -> (String, Variable) {
    let name = name.to_owned();
    (name.clone(), Variable { name, name_place, value, reference: None, via: None })
}

/// The variables of a list of mappings with a name and a value: `{name: A, value: b}`. One without a value is unknown,
/// for the reason that `otherwise` gives.
pub(super) fn listed(
    file: FileId,
    list: Option<&Node>,
    (name, value): (&str, &str),
    read: Reader<'_>,
    otherwise: &str,
) -> BTreeMap<String, Variable> {
    let items = list.map(Node::items).unwrap_or_default();
    let one = |item: &Node| {
        let key = item.get(name)?;
        let value = item.get(value).map_or_else(|| Value::Unknown(otherwise.into()), read);
        Some(variable(key.as_str()?, Some(Place::new(file, key.span)), value))
    };
    items.iter().filter_map(one).collect()
}

/// A scalar as it stands; anything else is not known.
pub(super) fn literal(file: FileId, node: &Node) -> Value {
    match node.as_scalar() {
        Some(scalar) if node.tag.is_none() => Value::Text(Text::written(&scalar.text, file)),
        _ => Value::Unknown("not a plain value".into()),
    }
}

/// A scalar's text, where it is one.
pub(super) fn text(file: FileId, node: Option<&Node>) -> Option<Text> {
    match literal(file, node?) {
        Value::Text(text) => Some(text),
        Value::Unknown(_) => None,
    }
}

/// How many references one value may lead to: those that lead to each other several times multiply.
const REFERENCES: u32 = 2_000;

/// What following references may still cost.
#[derive(Debug)]
pub(super) struct Fuel(Cell<u32>);

impl Default for Fuel {
    fn default() -> Self {
        Self(Cell::new(REFERENCES))
    }
}

impl Fuel {
    /// For another value.
    pub fn refill(&self) {
        self.0.set(REFERENCES);
    }

    /// Takes one reference; false when there is nothing left.
    pub fn burn(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}
