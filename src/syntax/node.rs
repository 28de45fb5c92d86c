//! The tree that YAML, JSON and TOML share: values with their byte ranges, scalars uninterpreted.
//!
//! A scalar keeps its text and how it was written, because readers disagree about what a plain `yes`,
//! `010` or `1e3` is; they ask [`Scalar::core`] (YAML 1.2, JSON, TOML) or [`Scalar::yaml11`].

use std::borrow::Cow;

use crate::span::{Span, SpanText};

#[cfg(test)]
pub(super) mod check;
mod typed;

/// One value of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its bytes; for an alias those of the definition it stands for.
    pub span: Span,
    /// What it is.
    pub value: Value,
    /// An explicit tag as written (`!reset`, `!!str`), if any.
    pub tag: Option<Box<str>>,
    /// Where the alias stood (`*base`) through which this node was reached.
    pub alias: Option<Span>,
}

/// The three shapes of a [`Node`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, number, boolean or null.
    Scalar(Scalar),
    /// `[a, b]`
    Sequence(Vec<Node>),
    /// `{a: b}`
    Mapping(Mapping),
}

/// A scalar and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Decoded text with the source of each part.
    pub text: SpanText,
    /// Notation.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: it may be a number, a boolean or null.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|` and `>` blocks.
    Block,
}

/// A mapping, in the order of the file, merge keys already applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// Its entries; every key once (the last one wins, as in Go's and Python's readers).
    pub entries: Vec<Entry>,
    /// Keys that stood more than once: the span of each further one.
    pub duplicates: Vec<Span>,
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text. Keys that are no scalars are left out of the tree.
    pub key: SpanText,
    /// The key's bytes.
    pub key_span: Span,
    /// The value.
    pub value: Node,
    /// Whether it came in through a merge key (`<<`).
    pub merged: bool,
}

/// What a plain scalar means.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A float.
    Float(f64),
    /// Anything else, and every quoted scalar.
    Text,
}

impl Node {
    /// The scalar, when it is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.text.as_str())
    }

    /// The items of a sequence; nothing for any other shape.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; nothing for any other shape.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(mapping) => &mapping.entries,
            _ => &[],
        }
    }

    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry with `key`.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.as_str() == key)
    }

    /// Follows a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Whether it is a plain `null`, `~` or empty scalar.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.core() == Typed::Null)
    }

    /// The scalar's text as Compose hands it to a container: typed and written out again, but for `!!str`.
    #[must_use]
    pub fn compose_text(&self) -> Option<Cow<'_, str>> {
        let scalar = self.as_scalar()?;
        match self.tag.as_deref() {
            Some("!!str" | "!") => Some(Cow::Borrowed(scalar.text.as_str())),
            _ => Some(scalar.compose_text()),
        }
    }

    /// The integer that a plain, or (as Compose and Helm accept) quoted, scalar spells.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        let scalar = self.as_scalar()?;
        match scalar.core() {
            Typed::Int(int) => i64::try_from(int).ok(),
            Typed::Text => scalar.text.as_str().trim().parse().ok(),
            _ => None,
        }
    }
}
