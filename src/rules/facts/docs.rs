//! What facts there are: their documentation, and the list that every page is checked against.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use super::insert;
use crate::rules::cel::CelValue;
use crate::rules::page::SubjectKind;

/// One fact's documentation.
#[derive(Debug, Clone, Copy)]
pub struct FactDoc {
    /// Dotted path. One that ends in `.*` stands for any name there.
    pub path: &'static str,
    /// What kind of value it has.
    pub kind: FactKind,
    /// Unit of a number: `s`, `connections`; empty when there is none.
    pub unit: &'static str,
    /// What it says, one sentence without a final stop.
    pub doc: &'static str,
    /// Subjects that can have it; empty: all.
    pub subjects: &'static [SubjectKind],
}

/// What kind of value a fact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// A number; may be absent.
    Number,
    /// A text; may be absent.
    Text,
    /// Evidence: true or false, never absent.
    Flag,
    /// A list of texts; may be absent.
    List,
    /// A list of things with facts of their own; may be absent.
    Records,
    /// Depends on the rule.
    Any,
}

impl FactDoc {
    const fn new(path: &'static str, kind: FactKind, unit: &'static str, doc: &'static str) -> Self {
        Self { path, kind, unit, doc, subjects: &[] }
    }

    /// The same of these subjects.
    pub(in crate::rules) const fn of(mut self, subjects: &'static [SubjectKind]) -> Self {
        self.subjects = subjects;
        self
    }
}

/// A number with its unit.
pub(in crate::rules) const fn number(path: &'static str, unit: &'static str, doc: &'static str) -> FactDoc {
    FactDoc::new(path, FactKind::Number, unit, doc)
}

/// A text.
pub(in crate::rules) const fn text(path: &'static str, doc: &'static str) -> FactDoc {
    FactDoc::new(path, FactKind::Text, "", doc)
}

/// Evidence.
pub(in crate::rules) const fn flag(path: &'static str, doc: &'static str) -> FactDoc {
    FactDoc::new(path, FactKind::Flag, "", doc)
}

/// Whatever the rule makes of it.
pub(in crate::rules) const fn any(path: &'static str, doc: &'static str) -> FactDoc {
    FactDoc::new(path, FactKind::Any, "", doc)
}

/// A table of facts that these subjects have, where a line does not name others.
pub(in crate::rules) const fn about<const N: usize>(
    subjects: &'static [SubjectKind],
    mut table: [FactDoc; N],
) -> [FactDoc; N] {
    let mut rest: &mut [FactDoc] = &mut table;
    while let [first, tail @ ..] = rest {
        if first.subjects.is_empty() {
            first.subjects = subjects;
        }
        rest = tail;
    }
    table
}

/// Every documented fact. Each module of facts adds its own table here.
const TABLES: &[&[FactDoc]] = &[
    super::common::DOCS,
    super::client::DOCS,
    super::url::DOCS,
    super::endpoint::DOCS,
    super::param::DOCS,
    super::pool::DOCS,
    super::server::DOCS,
    super::pooler::DOCS,
    crate::rules::suppress::DOCS,
    crate::rules::defects::DOCS,
];

impl FactKind {
    /// As the documentation names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "text",
            Self::Flag => "true or false",
            Self::List => "list of texts",
            Self::Records => "list",
            Self::Any => "any",
        }
    }
}

/// Every documented fact.
pub fn all_facts() -> impl Iterator<Item = &'static FactDoc> {
    TABLES.iter().copied().flatten()
}

/// Whether a page whose subject is `kind` may name `path`: a fact, or a group of facts.
#[must_use]
pub fn documented(path: &str, kind: SubjectKind) -> bool {
    all_facts().any(|fact| {
        let here = fact.subjects.is_empty() || fact.subjects.contains(&kind);
        let exact = fact.path == path;
        let any = fact.path.strip_suffix('*').is_some_and(|group| {
            path.strip_prefix(group).is_some_and(|rest| !rest.is_empty() && !rest.contains('.'))
        });
        here && (exact || any)
    })
}

/// The facts as a Markdown table, for the documentation of pages.
#[must_use]
pub fn facts_markdown() -> String {
    let mut text = String::from("| fact | kind | about | meaning |\n| --- | --- | --- | --- |\n");
    for fact in all_facts() {
        let subjects: Vec<&str> = fact.subjects.iter().map(|kind| kind.name()).collect();
        let subjects = if subjects.is_empty() { "all".to_owned() } else { subjects.join(", ") };
        let unit = if fact.unit.is_empty() { String::new() } else { format!(", {}", fact.unit) };
        let _ =
            writeln!(text, "| `{}` | {}{unit} | {subjects} | {} |", fact.path, fact.kind.name(), fact.doc);
    }
    text
}

/// All documented groups, empty but for their flags, which are false.
pub(super) fn skeleton() -> &'static BTreeMap<String, CelValue> {
    static SKELETON: OnceLock<BTreeMap<String, CelValue>> = OnceLock::new();
    SKELETON.get_or_init(|| {
        let mut root = BTreeMap::new();
        for fact in all_facts() {
            if fact.kind == FactKind::Flag {
                insert(&mut root, fact.path, CelValue::Bool(false));
            } else if let Some((group, _)) = fact.path.rsplit_once('.') {
                group_at(&mut root, group);
            }
        }
        root
    })
}

/// Makes the group at a dotted path without touching what it holds.
fn group_at(root: &mut BTreeMap<String, CelValue>, path: &str) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let entry = root.entry(name.to_owned()).or_insert_with(|| CelValue::Map(BTreeMap::new()));
    if let CelValue::Map(map) = entry
        && !rest.is_empty()
    {
        group_at(map, rest);
    }
}
