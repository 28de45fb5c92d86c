//! References that every reader takes for text.

use super::readers::{dialect, expands_nothing, is_proven};
use super::{Judge, is_name};
use crate::catalog::VariableMeaning;
use crate::model::{Defect, EnvReader};
use crate::resolve::names::meaning;

impl Judge<'_> {
    /// References inside values that every reader takes for text.
    pub(super) fn unexpanded(&self) -> Vec<Defect> {
        let proven: Vec<EnvReader> =
            self.readers.iter().copied().filter(|reader| is_proven(*reader)).collect();
        let Some(reader) = proven.first().filter(|_| proven.iter().all(|reader| expands_nothing(*reader)))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in self.parse(dialect(*reader)).entries.iter().filter(|entry| self.is_database(entry)) {
            let value = self.raw(entry);
            let secret = meaning(&entry.key).is_some_and(|meaning| meaning.role == VariableMeaning::Password);
            let Some((start, end)) = reference(value) else { continue };
            let whole = value.trim().trim_matches(['"', '\'']).len() == end.saturating_sub(start);
            if secret || whole || is_expanding(&entry.key, value) {
                continue;
            }
            let place =
                self.place(entry.raw.start.saturating_add(start), entry.raw.start.saturating_add(end));
            let defect = Defect::new("env-unexpanded-variable", "env-file", place);
            found.push(defect.of(entry.key.clone()).fact("reader", reader.name()));
        }
        if !found.is_empty() && self.is_substituted() {
            return Vec::new();
        }
        found
    }

    /// Whether another tool may fill references in before anything is applied.
    fn is_substituted(&self) -> bool {
        self.context
            .files
            .iter()
            .any(|(_, source)| ["envsubst", "postBuild"].iter().any(|sign| source.text.contains(sign)))
    }
}

/// Frameworks that expand `${NAME}` in the variables they are given.
fn is_expanding(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let value = value.trim_start_matches(['"', '\'']).to_ascii_lowercase();
    ["SPRING_", "QUARKUS_", "MICRONAUT_"].iter().any(|prefix| name.starts_with(prefix))
        || ["jdbc:", "r2dbc:"].iter().any(|prefix| value.starts_with(prefix))
}

/// The bytes of the first `${NAME}` or `$(NAME)`.
pub(super) fn reference(text: &str) -> Option<(usize, usize)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at.saturating_add(1)..)?;
        let (inner, close) = match rest.chars().next()? {
            '{' => (rest.get(1..)?, '}'),
            '(' => (rest.get(1..)?, ')'),
            _ => return None,
        };
        let (name, _) = inner.split_once(close)?;
        let named = name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
        (named && name.chars().all(is_name)).then(|| (at, at.saturating_add(name.len()).saturating_add(3)))
    })
}
