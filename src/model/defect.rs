//! What parsers and the resolver discover by themselves, and the parts of a finding.

use std::collections::BTreeMap;

use super::Safety;
use crate::span::{EditPlace, Place};

/// Something wrong that a parser or the resolver found. The rule page of the same name decides severity and
/// words; the defect brings the place, the facts and the fix.
#[derive(Debug, Clone)]
pub struct Defect {
    /// Name of the rule page.
    pub rule: &'static str,
    /// Which of the rule's cases (`defect.kind`).
    pub kind: &'static str,
    /// Where.
    pub place: Place,
    /// Facts for the page's messages (`defect.<name>`). Never a credential.
    pub facts: BTreeMap<&'static str, DefectFact>,
    /// Further places.
    pub labels: Vec<Label>,
    /// How to mend it.
    pub fix: Option<Fix>,
    /// Index of the deployment in [`super::Model::deployments`], when it belongs to one.
    pub deployment: Option<usize>,
    /// The workload it concerns.
    pub workload: Option<String>,
    /// The variable it concerns.
    pub variable: Option<String>,
}

/// A fact of a [`Defect`].
#[derive(Debug, Clone, PartialEq)]
pub enum DefectFact {
    /// Text that is safe to print.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
}

/// A further place of a finding, with a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// The words for a place of which a part of a value comes.
pub const PART: &str = "a part of it is written here";

/// A mechanical remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// What it does, as an imperative: "encode # as %23".
    pub title: String,
    /// The edits; all or none.
    pub edits: Vec<Edit>,
    /// Whether an edit's text holds credential text. [`Fix::is_withheld`] is what output has to ask.
    pub withheld: bool,
}

impl Fix {
    /// Whether no output shows the edits, which are applied all the same: they hold credential text, or change a value
    /// that is encoded as a whole.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.withheld || self.edits.iter().any(|edit| edit.place.decoded.is_some())
    }
}

/// Replaces the bytes of `place` by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub place: EditPlace,
    /// By what.
    pub text: String,
}

impl From<&str> for DefectFact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for DefectFact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for DefectFact {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<usize> for DefectFact {
    #[expect(clippy::cast_precision_loss, reason = "counts of columns and lines are far below 2^52")]
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl Defect {
    /// A defect of `rule` at `place`.
    #[must_use]
    pub fn new(rule: &'static str, kind: &'static str, place: Place) -> Self {
        Self {
            rule,
            kind,
            place,
            facts: BTreeMap::new(),
            labels: Vec::new(),
            fix: None,
            deployment: None,
            workload: None,
            variable: None,
        }
    }

    /// With a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<DefectFact>) -> Self {
        self.facts.insert(name, value.into());
        self
    }

    /// With a further place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, message: message.into() });
        self
    }

    /// With the places of the parts of which what stands at [`Defect::place`] is put together.
    #[must_use]
    pub fn parts(mut self, parts: Vec<Place>) -> Self {
        self.labels.extend(parts.into_iter().map(|place| Label { place, message: PART.to_owned() }));
        self
    }

    /// With a fix.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// About a variable.
    #[must_use]
    pub fn of(mut self, variable: impl Into<String>) -> Self {
        self.variable = Some(variable.into());
        self
    }
}
