//! A tree whose nodes know their file: patches and generators put objects together from several.

use crate::span::{FileId, Origin, Place, Span, SpanText, Spelling, Text};
use crate::syntax::node::{Node, Scalar, Style, Typed, Value};

/// A value of an object.
#[derive(Debug, Clone)]
pub(super) struct Val {
    /// Where it is written.
    pub place: Place,
    /// What it is.
    pub shape: Shape,
}

/// The three shapes of a [`Val`].
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Scalar(Scalar),
    Sequence(Vec<Val>),
    Mapping(Vec<Pair>),
}

/// One `key: value`.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub key: String,
    pub key_place: Place,
    pub value: Val,
}

impl Val {
    /// The tree of a file's node. The parser bounds its depth.
    pub fn of(node: &Node, file: FileId) -> Self {
        let shape = match &node.value {
            Value::Scalar(scalar) => {
                let mut scalar = scalar.clone();
                if matches!(node.tag.as_deref(), Some("!!str" | "!")) {
                    scalar.style = Style::DoubleQuoted;
                }
                Shape::Scalar(scalar)
            }
            Value::Sequence(items) => {
                Shape::Sequence(items.iter().map(|item| Self::of(item, file)).collect())
            }
            Value::Mapping(mapping) => Shape::Mapping(
                mapping
                    .entries
                    .iter()
                    .map(|entry| Pair {
                        key: entry.key.as_str().to_owned(),
                        key_place: Place::new(file, entry.key_span),
                        value: Self::of(&entry.value, file),
                    })
                    .collect(),
            ),
        };
        Self { place: Place::new(file, node.span), shape }
    }

    /// The tree of a node that was parsed from a text within a file.
    pub fn within(node: &Node, outer: &SpanText, file: FileId) -> Self {
        let mut value = Self::of(node, file);
        value.moved(outer);
        value
    }

    /// Turns positions in `outer` into positions of the file.
    fn moved(&mut self, outer: &SpanText) {
        let to_file = |span: Span| outer.span_of(span.range()).unwrap_or_default();
        self.place.span = to_file(self.place.span);
        match &mut self.shape {
            Shape::Scalar(scalar) => {
                let mut text = SpanText::default();
                for (piece, segment) in scalar.text.pieces(0..scalar.text.as_str().len()) {
                    if segment.exact {
                        text.push_slice(outer, segment.span.range());
                    } else {
                        text.push(piece, to_file(segment.span), false);
                    }
                }
                scalar.text = text;
            }
            Shape::Sequence(items) => items.iter_mut().for_each(|item| item.moved(outer)),
            Shape::Mapping(pairs) => {
                for pair in pairs {
                    pair.key_place.span = to_file(pair.key_place.span);
                    pair.value.moved(outer);
                }
            }
        }
    }

    /// A text that was made from what stands at `place`.
    pub fn made(value: &str, place: Place) -> Self {
        let mut text = SpanText::default();
        text.push(value, place.span, false);
        Self { place, shape: Shape::Scalar(Scalar { text, style: Style::DoubleQuoted }) }
    }

    /// A text that was put together elsewhere. What comes from several files keeps `place` only.
    pub fn from_text(value: &Text, place: Place) -> Self {
        let length = value.as_str().len();
        let mut text = SpanText::default();
        let mut file = None;
        for (piece, origin) in value.pieces(0..length) {
            match origin.origin {
                Origin::Written { place, spelling } if *file.get_or_insert(place.file) == place.file => {
                    text.push(piece, place.span, spelling == Spelling::Verbatim);
                }
                _ => return Self::made(value.as_str(), place),
            }
        }
        let span = text.span_of(0..length).unwrap_or(place.span);
        let place = file.map_or(place, |file| Place::new(file, span));
        Self { place, shape: Shape::Scalar(Scalar { text, style: Style::DoubleQuoted }) }
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.shape {
            Shape::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// A scalar's text with its origin; a null is empty.
    pub fn text(&self) -> Option<Text> {
        let scalar = self.scalar()?;
        if scalar.core() == Typed::Null {
            return Some(Text::default());
        }
        Some(Text::written(&scalar.text, self.place.file))
    }

    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.core() == Typed::Null)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::Scalar(scalar) => scalar.text.as_str().is_empty() || self.is_null(),
            Shape::Sequence(items) => items.is_empty(),
            Shape::Mapping(pairs) => pairs.is_empty(),
        }
    }

    pub fn is_true(&self) -> bool {
        self.scalar()
            .is_some_and(|scalar| scalar.yaml11() == Typed::Bool(true) || scalar.text.as_str() == "true")
    }

    /// A whole number, quoted or not.
    pub fn as_count(&self) -> Option<u64> {
        let scalar = self.scalar()?;
        match scalar.core() {
            Typed::Int(int) => u64::try_from(int).ok(),
            Typed::Text => scalar.text.as_str().trim().parse().ok(),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Self] {
        match &self.shape {
            Shape::Sequence(items) => items,
            _ => &[],
        }
    }

    pub fn pairs(&self) -> &[Pair] {
        match &self.shape {
            Shape::Mapping(pairs) => pairs,
            _ => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pairs().iter().find(|pair| pair.key == key).map(|pair| &pair.value)
    }

    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    pub fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Self::as_str)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.shape {
            Shape::Mapping(pairs) => {
                pairs.iter_mut().find(|pair| pair.key == key).map(|pair| &mut pair.value)
            }
            _ => None,
        }
    }

    pub fn items_mut(&mut self) -> &mut [Self] {
        match &mut self.shape {
            Shape::Sequence(items) => items,
            _ => &mut [],
        }
    }

    /// The value at a path.
    pub fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |value, key| value.get_mut(key))
    }

    /// Takes a key out of a mapping.
    pub fn remove(&mut self, key: &str) {
        if let Shape::Mapping(pairs) = &mut self.shape {
            pairs.retain(|pair| pair.key != key);
        }
    }

    /// Sets a key of a mapping.
    pub fn set(&mut self, key: &str, value: Self) {
        if let Some(existing) = self.get_mut(key) {
            *existing = value;
        } else if let Shape::Mapping(pairs) = &mut self.shape {
            let at = Place::new(value.place.file, Span::new(value.place.span.start, value.place.span.start));
            pairs.push(Pair { key: key.to_owned(), key_place: at, value });
        }
    }

    /// The value at a path, mappings made on the way.
    pub fn make(&mut self, path: &[&str]) -> Option<&mut Self> {
        let mut value = self;
        for key in path {
            if value.get(key).is_none() {
                let empty = Self { place: value.place, shape: Shape::Mapping(Vec::new()) };
                value.set(key, empty);
            }
            value = value.get_mut(key)?;
        }
        Some(value)
    }
}
