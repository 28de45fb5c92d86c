//! Typed access to a TOML table that remembers which keys were asked for, so that the rest can be refused by name.

use crate::model::{Basis, Located};
use crate::span::{FileId, Place, Span};
use crate::syntax::node::{Entry, Node, Style, Typed, Value};

/// A message about a place of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong and what would be right.
    pub message: String,
}

/// One table being read.
#[derive(Debug)]
pub struct Table<'a> {
    file: FileId,
    node: &'a Node,
    /// `[workloads.api]` as people write it; empty for the root.
    name: String,
    known: Vec<&'static str>,
}

type Result<T> = std::result::Result<T, Problem>;

impl<'a> Table<'a> {
    /// Reads `node`, which must be a table.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(file: FileId, node: &'a Node, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        match node.value {
            Value::Mapping(_) => Ok(Self { file, node, name, known: Vec::new() }),
            _ => Err(Problem { span: node.span, message: format!("`{name}` must be a table") }),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.known.push(key);
        self.node.entry(key)
    }

    /// Where the table stands.
    pub fn place(&self) -> Place {
        Place::new(self.file, self.node.span)
    }

    /// A sub-table.
    pub fn table(&mut self, key: &'static str) -> Result<Option<Table<'a>>> {
        let file = self.file;
        let name = self.path(key);
        self.get(key).map(|entry| Table::new(file, &entry.value, name)).transpose()
    }

    /// The sub-tables of a table whose keys are names (`[workloads.<name>]`).
    pub fn named_tables(&mut self, key: &'static str) -> Result<Vec<(String, Table<'a>)>> {
        let file = self.file;
        let path = self.path(key);
        let Some(entry) = self.get(key) else { return Ok(Vec::new()) };
        Table::new(file, &entry.value, path.clone())?;
        entry
            .value
            .entries()
            .iter()
            .map(|entry| {
                let name = entry.key.as_str().to_owned();
                Ok((name.clone(), Table::new(file, &entry.value, format!("{path}.{name}"))?))
            })
            .collect()
    }

    /// An array of tables.
    pub fn tables(&mut self, key: &'static str) -> Result<Vec<Table<'a>>> {
        let file = self.file;
        let path = self.path(key);
        let Some(entry) = self.get(key) else { return Ok(Vec::new()) };
        match &entry.value.value {
            Value::Sequence(items) => items.iter().map(|item| Table::new(file, item, path.clone())).collect(),
            _ => Err(self.expected(&entry.value, key, "an array of tables")),
        }
    }

    /// A string and its place.
    pub fn string(&mut self, key: &'static str) -> Result<Option<(String, Place)>> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        match text(&entry.value) {
            Some(text) => Ok(Some((text.to_owned(), Place::new(self.file, entry.value.span)))),
            None => Err(self.expected(&entry.value, key, "a string")),
        }
    }

    /// A list of strings.
    pub fn strings(&mut self, key: &'static str) -> Result<Vec<String>> {
        let Some(entry) = self.get(key) else { return Ok(Vec::new()) };
        match &entry.value.value {
            Value::Sequence(items) => items
                .iter()
                .map(|item| {
                    text(item).map(str::to_owned).ok_or_else(|| self.expected(item, key, "a list of strings"))
                })
                .collect(),
            _ => Err(self.expected(&entry.value, key, "a list of strings")),
        }
    }

    /// A boolean.
    pub fn boolean(&mut self, key: &'static str) -> Result<Option<bool>> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        match entry.value.as_scalar().map(|scalar| scalar.core()) {
            Some(Typed::Bool(value)) => Ok(Some(value)),
            _ => Err(self.expected(&entry.value, key, "true or false")),
        }
    }

    /// A count, zero or more.
    pub fn count(&mut self, key: &'static str) -> Result<Option<Located<u64>>> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        let value = match entry.value.as_scalar().map(|scalar| scalar.core()) {
            Some(Typed::Int(value)) => u64::try_from(value).ok(),
            _ => None,
        };
        let place = Place::new(self.file, entry.value.span);
        match value {
            Some(value) => Ok(Some(Located::of(value, Basis::Declared).at(Some(place)))),
            None => Err(self.expected(&entry.value, key, "a whole number, 0 or more")),
        }
    }

    /// A count, one or more.
    pub fn positive(&mut self, key: &'static str) -> Result<Option<Located<u64>>> {
        let count = self.count(key)?;
        match (&count, self.node.entry(key)) {
            (Some(Located { value: Some(0), .. }), Some(entry)) => {
                Err(self.expected(&entry.value, key, "a whole number, 1 or more"))
            }
            _ => Ok(count),
        }
    }

    /// A share between 0 and 1.
    #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 pass the check")]
    pub fn share(&mut self, key: &'static str) -> Result<Option<f64>> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        let value = match entry.value.as_scalar().map(|scalar| scalar.core()) {
            Some(Typed::Float(value)) => Some(value),
            Some(Typed::Int(value)) => Some(value as f64),
            _ => None,
        };
        match value.filter(|value| *value > 0.0 && *value <= 1.0) {
            Some(value) => Ok(Some(value)),
            None => Err(self.expected(&entry.value, key, "a share above 0 and up to 1, such as 0.8")),
        }
    }

    /// The raw entry of a key.
    pub fn raw(&mut self, key: &'static str) -> Option<&'a Node> {
        self.get(key).map(|entry| &entry.value)
    }

    /// Every entry that was not asked for yet, for tables with open keys.
    pub fn rest(&self) -> impl Iterator<Item = &'a Entry> {
        self.node.entries().iter().filter(|entry| !self.known.contains(&entry.key.as_str()))
    }

    /// Refuses the keys that nobody asked for.
    ///
    /// # Errors
    /// Names the first unknown key and the known one nearest to it.
    pub fn finish(self) -> Result<()> {
        let Some(entry) = self.rest().next() else { return Ok(()) };
        let key = entry.key.as_str();
        let place = if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
        let message = match nearest(key, self.known.iter().copied()) {
            Some(known) => format!("unknown key `{key}`{place}; did you mean `{known}`?"),
            None => format!("unknown key `{key}`{place}; known are {}", self.known.join(", ")),
        };
        Err(Problem { span: entry.key_span, message })
    }

    /// A problem with the value of `key`.
    pub fn expected(&self, node: &Node, key: &str, what: &str) -> Problem {
        Problem { span: node.span, message: format!("`{}` must be {what}", self.path(key)) }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// The text of a quoted scalar.
pub fn text(node: &Node) -> Option<&str> {
    let scalar = node.as_scalar()?;
    (scalar.style != Style::Plain).then(|| scalar.text.as_str())
}

/// The known name that is nearest to a mistyped one, when it is near at all.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2.max(candidate.len() / 3))
        .min()
        .map(|(_, candidate)| candidate)
}
