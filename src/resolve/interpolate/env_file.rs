//! Env files from top to bottom: every value may use those above it.

use std::collections::BTreeMap;

use super::{Budget, Found, Lookup, MAX_FILE, MAX_PIECES, evaluate_within, push_via};
use crate::span::{FileId, Place, Span, Text};
use crate::syntax::SyntaxError;
use crate::syntax::dotenv::{self, Dialect, Entry, Problem, Quote};

/// What an env file sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvMap {
    /// The variables by name; of several assignments the last.
    pub variables: BTreeMap<String, Variable>,
    /// Comments, from `#` on.
    pub comments: Vec<Span>,
    /// What the reader does not accept. Behind a fatal problem nothing was read.
    pub problems: Vec<Problem>,
    /// References without a default whose variable is not set.
    pub unset: Vec<Span>,
    /// References that demand a variable which is not set: the reader refuses the file.
    pub missing_required: Vec<Span>,
    /// Fallbacks that were needed and that the reader cannot read: it refuses the file.
    pub invalid: Vec<SyntaxError>,
}

/// A variable of an env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value; nothing for a name alone that the outer variables do not have either, which leaves the
    /// variable undefined.
    pub text: Option<Text>,
    /// The assignment's line or lines.
    pub line: Span,
    /// The name.
    pub key: Span,
    /// The value as written, quotes included.
    pub raw: Span,
    /// The quotes.
    pub quote: Quote,
}

impl EnvMap {
    /// The value of a variable that is set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&Text> {
        self.variables.get(name)?.text.as_ref()
    }

    /// Whether the reader refuses the file.
    #[must_use]
    pub fn refused(&self) -> bool {
        !self.missing_required.is_empty()
            || !self.invalid.is_empty()
            || self.problems.iter().any(|problem| problem.fatal)
    }
}

/// Reads an env file and fills its references in: from `outer` first (the project's variables for a
/// service's `env_file`; what the tool's own environment holds is never read), then from the lines above.
/// What all references together add is bounded; past it values come out unknown.
#[must_use]
pub fn env_file(text: &str, file: FileId, dialect: Dialect, outer: &dyn Lookup) -> EnvMap {
    env_file_after(text, file, dialect, outer, &BTreeMap::new())
}

/// The same for a file that follows others: what these set stands above its first line.
#[must_use]
pub fn env_file_after(
    text: &str,
    file: FileId,
    dialect: Dialect,
    outer: &dyn Lookup,
    before: &BTreeMap<String, Text>,
) -> EnvMap {
    let parsed = dotenv::parse(text, dialect);
    let mut map = EnvMap { comments: parsed.comments, problems: parsed.problems, ..EnvMap::default() };
    let mut budget = Budget { bytes: MAX_FILE, pieces: MAX_PIECES };
    let mut entries = parsed.entries;
    if dialect == Dialect::DotenvExpand {
        keep_last(&mut entries);
    }
    for entry in entries {
        let text = value(&entry, (file, dialect), (outer, before), &mut map, &mut budget);
        let variable =
            Variable { text, line: entry.line, key: entry.key_span, raw: entry.raw, quote: entry.quote };
        // Compose leaves an earlier value alone when a name alone brings none.
        if variable.text.is_some()
            || dialect == Dialect::PythonDotenv
            || !map.variables.contains_key(&entry.key)
        {
            map.variables.insert(entry.key, variable);
        }
    }
    map
}

/// dotenv-expand is handed an object: of several assignments it sees the last, in the place of the first.
fn keep_last(entries: &mut Vec<Entry>) {
    let mut last: BTreeMap<String, Entry> =
        entries.iter().map(|entry| (entry.key.clone(), entry.clone())).collect();
    *entries = entries.iter().filter_map(|entry| last.remove(&entry.key)).collect();
}

fn value(
    entry: &Entry,
    (file, dialect): (FileId, Dialect),
    (outer, before): (&dyn Lookup, &BTreeMap<String, Text>),
    map: &mut EnvMap,
    budget: &mut Budget,
) -> Option<Text> {
    let Some(template) = &entry.value else {
        if dialect == Dialect::PythonDotenv {
            return None;
        }
        return match outer.get(&entry.key) {
            Found::Value(found) => {
                let mut text = Text::default();
                push_via(&found, Place::new(file, entry.key_span), &mut text);
                Some(text)
            }
            Found::Unknown(reason) => Some(Text::unknown(reason)),
            Found::Unset => None,
        };
    };
    let variables = &map.variables;
    let above = |name: &str| match variables.get(name) {
        Some(Variable { text: Some(text), .. }) => Found::Value(text.clone()),
        // python-dotenv knows such a name, without a value, and so takes no default for it.
        Some(_) if dialect == Dialect::PythonDotenv => Found::Value(Text::default()),
        _ => before.get(name).map_or(Found::Unset, |text| Found::Value(text.clone())),
    };
    let lookup = |name: &str| {
        let (first, second): (Found, &dyn Fn() -> Found) = if dialect == Dialect::RubyDotenv {
            (above(name), &|| outer.get(name))
        } else {
            (outer.get(name), &|| above(name))
        };
        if first == Found::Unset { second() } else { first }
    };
    let evaluated = evaluate_within(template, file, &lookup, budget);
    map.unset.extend(evaluated.unset);
    map.missing_required.extend(evaluated.missing_required);
    map.invalid.extend(evaluated.invalid);
    Some(evaluated.text)
}
