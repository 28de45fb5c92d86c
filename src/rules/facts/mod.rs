//! Facts: what a page may name. A [`Subject`] is one thing to judge with the facts about it and about what
//! surrounds it; a fact is a value that may know where it is written and how an edit would change it.

pub(super) mod client;
mod common;
pub(super) mod docs;
mod endpoint;
mod param;
mod pool;
mod pooler;
mod server;
mod sum;
mod tls;
mod url;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use client::setting as client_setting;
pub(super) use common::around;
pub use common::common;
pub use docs::{FactDoc, FactKind, all_facts, documented, facts_markdown};

use super::cel::CelValue;
use super::page::SubjectKind;
use crate::model::{Fix, Label, Model};
use crate::span::{EditPlace, Place};
use crate::tree::Files;

/// Everything of a model that rules judge, but for its defects.
pub fn all_subjects<'a>(model: &'a Model, _files: &'a Files) -> impl Iterator<Item = Subject> + 'a {
    url::subjects(model)
        .chain(param::subjects(model))
        .chain(pool::subjects(model))
        .chain(server::subjects(model))
        .chain(pooler::subjects(model))
}

/// One thing to judge. No field may hold a credential: pages print what they like.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// What is known about it.
    pub facts: Facts,
    /// Where it is defined: the place of findings whose own fact has none.
    pub place: Option<Place>,
    /// Index of its deployment in [`crate::model::Model::deployments`].
    pub deployment: Option<usize>,
    /// Name of the workload it belongs to.
    pub workload: Option<String>,
    /// Workloads that have a part in what it adds up: an annotation of one of them holds for it.
    pub contributors: BTreeSet<String>,
    /// Name of the server it is or leads to.
    pub server: Option<String>,
    /// Name of the variable it comes from, or what else tells it from others of its kind in the same file.
    pub identity: String,
    /// When a parser or the resolver discovered it: the name of the page that speaks about it, further
    /// places and the remedy.
    pub defect: Option<DefectParts>,
}

/// What a defect brings besides facts.
#[derive(Debug, Clone)]
pub struct DefectParts {
    /// The page's name.
    pub rule: &'static str,
    /// Further places.
    pub labels: Vec<Label>,
    /// The remedy.
    pub fix: Option<Fix>,
}

/// The value of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum FactValue {
    /// A number, in the unit that the fact's documentation names.
    Number(f64),
    /// A text that is safe to print.
    Text(String),
    /// Evidence.
    Flag(bool),
    /// Texts that are safe to print.
    List(Vec<String>),
    /// A list of things with facts of their own (the consumers of a server).
    Records(Vec<BTreeMap<String, FactValue>>),
}

/// A fact: a value, and what is known about the bytes that state it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The value.
    pub value: FactValue,
    /// Where a person would change it.
    pub place: Option<Place>,
    /// The references between the place of use and `place`, outermost first: they become labels.
    pub hops: Vec<Place>,
    /// Where its parts are written, when `place` is where they are put together: they become labels too.
    pub parts: Vec<Place>,
    /// How an edit replaces the value.
    pub edit: Option<EditPoint>,
    /// The bytes that an edit takes out to unsay the fact, with one separator.
    pub removal: Option<EditPlace>,
    /// Where an edit adds to it.
    pub append: Option<AppendPoint>,
    /// Further places that belong to it (the consumers of a server), for pages that ask for them.
    pub labels: Vec<Label>,
}

/// The bytes that state a value, and how they spell it.
#[derive(Debug, Clone, PartialEq)]
pub struct EditPoint {
    /// The bytes.
    pub place: EditPlace,
    /// A number is written multiplied by this: 1000 where the fact is in seconds and the file in milliseconds.
    pub scale: f64,
    /// What follows the number: `s` in `30s`.
    pub suffix: String,
    /// Further bytes that state the same and change with it.
    pub also: Vec<EditPlace>,
    /// The number, as the fact has it, has to stay below this, or the edit would only bring another problem.
    pub below: Option<f64>,
}

/// Where something can be added to a text, and what joins it to what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendPoint {
    /// An empty range.
    pub place: EditPlace,
    /// `?` before a URL's first parameter, `&` before the others.
    pub separator: String,
}

/// Facts by their dotted paths.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    facts: BTreeMap<String, Fact>,
}

impl EditPoint {
    /// Bytes that hold the value as it is.
    #[must_use]
    pub fn plain(place: impl Into<EditPlace>) -> Self {
        Self { place: place.into(), scale: 1.0, suffix: String::new(), also: Vec::new(), below: None }
    }
}

impl Fact {
    /// A fact without a place.
    #[must_use]
    pub fn new(value: impl Into<FactValue>) -> Self {
        Self {
            value: value.into(),
            place: None,
            hops: Vec::new(),
            parts: Vec::new(),
            edit: None,
            removal: None,
            append: None,
            labels: Vec::new(),
        }
    }

    /// At a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.place = place.into();
        self
    }

    /// Reached through references.
    #[must_use]
    pub fn via(mut self, hops: Vec<Place>) -> Self {
        self.hops = hops;
        self
    }

    /// Put together from parts.
    #[must_use]
    pub fn parts(mut self, parts: Vec<Place>) -> Self {
        self.parts = parts;
        self
    }

    /// Stated by bytes that an edit can replace.
    #[must_use]
    pub fn editable(mut self, place: Option<EditPlace>) -> Self {
        self.edit = place.map(EditPoint::plain);
        self
    }

    /// Stated by bytes that an edit can take out.
    #[must_use]
    pub fn removable(mut self, place: Option<EditPlace>) -> Self {
        self.removal = place;
        self
    }
}

impl Facts {
    /// States a fact; a later one of the same path replaces it.
    pub fn set(&mut self, path: impl Into<String>, fact: Fact) {
        self.facts.insert(path.into(), fact);
    }

    /// States a value without a place.
    pub fn say(&mut self, path: impl Into<String>, value: impl Into<FactValue>) {
        self.set(path, Fact::new(value));
    }

    /// States a value when there is one.
    pub fn say_some(&mut self, path: impl Into<String>, value: Option<impl Into<FactValue>>) {
        if let Some(value) = value {
            self.say(path, value);
        }
    }

    /// The fact of this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Fact> {
        self.facts.get(path)
    }

    /// All facts, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.facts.iter().map(|(path, fact)| (path.as_str(), fact))
    }

    /// Takes over what another set states.
    pub fn extend(&mut self, other: Self) {
        self.facts.extend(other.facts);
    }

    /// As the variables of an expression. Every documented group is there, so that `has()` can ask for its
    /// members, and every documented flag is false unless it is stated.
    #[must_use]
    pub fn to_cel(&self) -> BTreeMap<String, CelValue> {
        let mut root = docs::skeleton().clone();
        root.extend(self.stated_groups());
        root
    }

    /// Of [`Self::to_cel`] only the groups that hold something stated; the others are [`groups`], the same for all.
    #[must_use]
    pub(super) fn stated_groups(&self) -> BTreeMap<String, CelValue> {
        let empty = docs::skeleton();
        let mut root = BTreeMap::new();
        for (path, fact) in &self.facts {
            let group = path.split_once('.').map_or(path.as_str(), |(group, _)| group);
            if !root.contains_key(group)
                && let Some(known) = empty.get(group)
            {
                root.insert(group.to_owned(), known.clone());
            }
            insert(&mut root, path, CelValue::from(&fact.value));
        }
        root
    }
}

/// Every documented group without a fact stated.
pub(super) fn groups() -> &'static BTreeMap<String, CelValue> {
    docs::skeleton()
}

/// Puts a value at a dotted path, making the groups on the way.
pub(super) fn insert(root: &mut BTreeMap<String, CelValue>, path: &str, value: CelValue) {
    let Some((group, rest)) = path.split_once('.') else {
        root.insert(path.to_owned(), value);
        return;
    };
    let entry = root.entry(group.to_owned()).or_insert_with(|| CelValue::Map(BTreeMap::new()));
    if !matches!(entry, CelValue::Map(_)) {
        *entry = CelValue::Map(BTreeMap::new());
    }
    if let CelValue::Map(map) = entry {
        insert(map, rest, value);
    }
}

impl Subject {
    /// A subject of this kind.
    #[must_use]
    pub fn new(kind: SubjectKind, identity: impl Into<String>, place: Option<Place>) -> Self {
        Self {
            kind,
            facts: Facts::default(),
            place,
            deployment: None,
            workload: None,
            contributors: BTreeSet::new(),
            server: None,
            identity: identity.into(),
            defect: None,
        }
    }
}

impl From<&FactValue> for CelValue {
    fn from(value: &FactValue) -> Self {
        match value {
            FactValue::Number(number) => Self::Number(*number),
            FactValue::Text(text) => Self::Text(text.clone()),
            FactValue::Flag(flag) => Self::Bool(*flag),
            FactValue::List(items) => Self::List(items.iter().cloned().map(Self::Text).collect()),
            FactValue::Records(records) => Self::List(
                records
                    .iter()
                    .map(|record| {
                        Self::Map(record.iter().map(|(name, value)| (name.clone(), value.into())).collect())
                    })
                    .collect(),
            ),
        }
    }
}

impl From<f64> for FactValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for FactValue {
    #[expect(clippy::cast_precision_loss, reason = "numbers of connections and seconds are far below 2^52")]
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<usize> for FactValue {
    #[expect(clippy::cast_precision_loss, reason = "numbers of things in a file are far below 2^52")]
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

impl From<&str> for FactValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FactValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for FactValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for FactValue {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl From<BTreeSet<String>> for FactValue {
    fn from(set: BTreeSet<String>) -> Self {
        Self::List(set.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_groups_and_flags_exist_without_being_stated() {
        let cel = Facts::default().to_cel();
        let Some(CelValue::Map(workload)) = cel.get("workload") else { panic!("no group workload") };
        assert_eq!(workload.get("serverless"), Some(&CelValue::Bool(false)));
        assert_eq!(workload.get("name"), None);
        assert!(matches!(cel.get("pool"), Some(CelValue::Map(_))));
    }

    #[test]
    fn paths_become_nested_maps() {
        let mut facts = Facts::default();
        facts.say("a.b.c", 1.0);
        facts.say("a.b.d", "x");
        facts.say("workload.serverless", true);
        let cel = facts.to_cel();
        let inner = CelValue::Map(BTreeMap::from([
            ("c".to_owned(), CelValue::Number(1.0)),
            ("d".to_owned(), CelValue::Text("x".to_owned())),
        ]));
        assert_eq!(cel.get("a"), Some(&CelValue::Map(BTreeMap::from([("b".to_owned(), inner)]))));
        let Some(CelValue::Map(workload)) = cel.get("workload") else { panic!("no group workload") };
        assert_eq!(workload.get("serverless"), Some(&CelValue::Bool(true)));
    }

    #[test]
    fn markdown_lists_every_fact_once() {
        let text = facts_markdown();
        for fact in all_facts() {
            assert_eq!(text.matches(&format!("| `{}` |", fact.path)).count(), 1, "{}", fact.path);
        }
    }
}
