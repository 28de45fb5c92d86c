//! The tree that merging works on: interpolated values that know their file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::interpolation::{Dangling, Evaluated, evaluate};
use super::project_env::ProjectEnv;
use crate::span::{FileId, Place, Text};
use crate::syntax::interpolation;
use crate::syntax::node::{Node, Typed, Value as NodeValue};

/// One value.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its bytes.
    pub place: Place,
    /// How it meets what it is merged over.
    pub mode: Mode,
    /// What it is.
    pub shape: Shape,
}

/// Compose's merge tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By the ordinary rules.
    Merge,
    /// `!override`: replaces.
    Replace,
    /// `!reset`: removes.
    Remove,
}

/// The shapes of an [`Item`].
#[derive(Debug, Clone)]
pub enum Shape {
    /// `null` or nothing.
    Null,
    /// Anything that is one value.
    Scalar(Arc<Scalar>),
    /// A list.
    Sequence(Vec<Item>),
    /// A mapping.
    Mapping(BTreeMap<Arc<str>, Entry>),
    /// What Compose has made a list of `KEY=value` while it merged: no later merge tag reaches one of its entries.
    Pairs(BTreeMap<Arc<str>, Entry>),
}

/// One entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key's bytes.
    pub key: Place,
    /// The value.
    pub item: Item,
}

/// A scalar after interpolation and Compose's conversion to text.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// The text.
    pub text: Text,
    /// The directory that relative paths in it count from.
    pub directory: Arc<str>,
    /// References in it that nothing in the repository resolves.
    pub dangling: Vec<Dangling>,
    /// Whether it is the value of a `KEY=value` list item.
    pub in_list: bool,
}

/// What a file's nodes are lifted with.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The file.
    pub file: FileId,
    /// The directory that its relative paths count from.
    pub directory: &'a Arc<str>,
    /// Where names are looked up.
    pub env: &'a ProjectEnv,
}

/// What lifting comes across.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many values were lifted.
    pub spent: usize,
    /// Variables that something demands (`${NAME:?}`) and nothing in the repository sets.
    pub required: BTreeSet<String>,
}

/// Lifts a node, interpolating its values (never its keys).
#[must_use]
pub fn lift(node: &Node, around: Surroundings<'_>, tally: &mut Tally) -> Item {
    lift_within(node, around, tally, false)
}

/// `replacing` tells that the node stands below an `!override`, where Compose looks for no further tags.
fn lift_within(node: &Node, around: Surroundings<'_>, tally: &mut Tally, replacing: bool) -> Item {
    tally.spent = tally.spent.saturating_add(1);
    let place = Place::new(around.file, node.span);
    let mode = match node.tag.as_deref() {
        _ if replacing => Mode::Merge,
        Some("!reset") => Mode::Remove,
        Some("!override") => Mode::Replace,
        _ => Mode::Merge,
    };
    let replacing = replacing || mode == Mode::Replace;
    // Behind a tag that is not YAML's own a number is a text, and so is nothing.
    let tagged = node.tag.as_deref().is_some_and(|tag| tag.starts_with('!') && !tag.starts_with("!!"));
    let shape = match &node.value {
        NodeValue::Sequence(items) => {
            Shape::Sequence(items.iter().map(|item| lift_within(item, around, tally, replacing)).collect())
        }
        NodeValue::Mapping(mapping) => Shape::Mapping(
            mapping
                .entries
                .iter()
                .map(|entry| {
                    let key = Place::new(around.file, entry.key_span);
                    let item = lift_within(&entry.value, around, tally, replacing);
                    (Arc::from(entry.key.as_str()), Entry { key, item })
                })
                .collect(),
        ),
        NodeValue::Scalar(_) if node.is_null() && !tagged => Shape::Null,
        NodeValue::Scalar(scalar) => {
            // A date is text to everybody but Compose.
            let retyped = node.compose_text().is_some_and(|text| text != scalar.text.as_str());
            let (text, dangling) = if tagged || (scalar.core() == Typed::Text && !retyped) {
                match interpolation::parse(&scalar.text) {
                    Ok(template) => {
                        let Evaluated { text, dangling, required } =
                            evaluate(&template, around.file, around.env);
                        tally.required.extend(required);
                        (text, dangling)
                    }
                    // Compose refuses the whole file; what the text means nobody can tell.
                    Err(_) => (Text::unknown("a reference that Compose rejects"), Vec::new()),
                }
            } else {
                (canonical(node, place), Vec::new())
            };
            let directory = around.directory.clone();
            Shape::Scalar(Arc::new(Scalar { text, directory, dangling, in_list: false }))
        }
    };
    Item { place, mode, shape }
}

/// What Compose makes of a number or a boolean: its canonical form, which may differ from what is written.
fn canonical(node: &Node, place: Place) -> Text {
    match (node.as_scalar(), node.compose_text()) {
        (Some(scalar), Some(text)) if text == scalar.text.as_str() => Text::written(&scalar.text, place.file),
        (_, Some(text)) => Text::derived(&text, place),
        _ => Text::default(),
    }
}

impl Item {
    /// A mapping without entries.
    #[must_use]
    pub fn empty(place: Place) -> Self {
        Self { place, mode: Mode::Merge, shape: Shape::Mapping(BTreeMap::new()) }
    }

    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.item)
    }

    /// The entry with `key`.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.shape {
            Shape::Mapping(entries) | Shape::Pairs(entries) => entries.get(key),
            _ => None,
        }
    }

    /// Follows a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |item, key| item.get(key))
    }

    /// The entries of a mapping, sorted by key; nothing for any other shape.
    pub fn entries(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        match &self.shape {
            Shape::Mapping(entries) | Shape::Pairs(entries) => Some(entries.iter()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }

    /// The items of a sequence; nothing for any other shape.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.shape {
            Shape::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar, when it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.shape {
            Shape::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&Text> {
        self.scalar().map(|scalar| &scalar.text)
    }

    /// The text of a scalar, when all of it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        self.text()?.known()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.shape, Shape::Null)
    }

    /// A scalar as one item, a sequence as its items.
    pub fn one_or_many(&self) -> impl Iterator<Item = &Self> {
        let one = (self.scalar().is_some() || matches!(self.shape, Shape::Mapping(_))).then_some(self);
        one.into_iter().chain(self.items())
    }

    /// Known names: the keys of a mapping, or the texts of a sequence, with their places.
    pub fn names(&self) -> impl Iterator<Item = (&str, Place)> {
        let keys = self.entries().map(|(key, entry)| (key.as_ref(), entry.key));
        keys.chain(self.items().iter().filter_map(|item| Some((item.known()?, item.place))))
    }

    /// How many values it holds, itself included.
    #[must_use]
    pub fn size(&self) -> usize {
        let children: usize = match &self.shape {
            Shape::Null | Shape::Scalar(_) => 0,
            Shape::Sequence(items) => items.iter().map(Self::size).sum(),
            Shape::Mapping(entries) | Shape::Pairs(entries) => {
                entries.values().map(|entry| entry.item.size()).sum()
            }
        };
        children.saturating_add(1)
    }
}
