//! A database value that two readers of one env file read differently.

use std::collections::{BTreeMap, BTreeSet};

use super::Judge;
use super::readers::dialect;
use crate::model::{Defect, Edit, EnvReader, Fix, Safety};
use crate::resolve::compose::is_conventional;
use crate::resolve::interpolate::{EnvMap, Found, env_file};
use crate::span::Span;
use crate::syntax::dotenv::{Dialect, Entry, Quote};

/// What one reader makes of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    /// The file is refused.
    Refused,
    /// The variable is not set.
    Absent,
    /// It is set to this. Never shown.
    Value(String),
}

impl Judge<'_> {
    /// One defect for each variable that comes out different, naming the first two readers that differ. What another
    /// rule calls an error already (`spoken`) is not told twice.
    pub(super) fn differences(&self, spoken: &BTreeSet<String>) -> Vec<Defect> {
        // phpdotenv is known for its comments only.
        let readers: Vec<EnvReader> =
            self.readers.iter().copied().filter(|reader| *reader != EnvReader::PhpDotenv).collect();
        let dialects: BTreeSet<Dialect> = readers.iter().map(|reader| dialect(*reader)).collect();
        if dialects.len() < 2 {
            return Vec::new();
        }
        let maps = self.maps(self.text, &dialects);
        let mut found = Vec::new();
        for (key, entry) in self.database_entries(&dialects) {
            if spoken.contains(&key) {
                continue;
            }
            let readings: Vec<(EnvReader, Reading)> = readers
                .iter()
                .filter(|reader| self.hands_on(**reader, &key))
                .filter_map(|reader| Some((*reader, reading(maps.get(&dialect(*reader))?, &key))))
                .collect();
            let Some((first, one)) = readings.first() else { continue };
            let Some((second, other)) = readings.iter().find(|(_, reading)| reading != one) else { continue };
            let place = self.place(entry.key_span.start, entry.key_span.end);
            let defect = Defect::new("env-read-differently", "different", place)
                .of(key.clone())
                .fact("reader", first.name())
                .fact("reading", self.describe(&entry, one))
                .fact("other_reader", second.name())
                .fact("other_reading", self.describe(&entry, other));
            let all: Vec<EnvReader> = readings.iter().map(|(reader, _)| *reader).collect();
            found.push(defect.fix(self.reconcile(&key, &entry, &all)));
        }
        found
    }

    fn maps(&self, text: &str, dialects: &BTreeSet<Dialect>) -> BTreeMap<Dialect, EnvMap> {
        let unset = |_: &str| Found::Unset;
        dialects.iter().map(|dialect| (*dialect, env_file(text, self.file, *dialect, &unset))).collect()
    }

    /// Every database variable that some reader finds, with the last of its assignments.
    fn database_entries(&self, dialects: &BTreeSet<Dialect>) -> BTreeMap<String, Entry> {
        let mut found = BTreeMap::new();
        for dialect in dialects {
            let mut own = BTreeMap::new();
            for entry in self.parse(*dialect).entries {
                if entry.value.is_some() && self.is_database(&entry) {
                    own.insert(entry.key.clone(), entry);
                }
            }
            for (key, entry) in own {
                found.entry(key).or_insert(entry);
            }
        }
        // `export NAME`, as readers have it that know no `export`, is the same variable.
        let plain: BTreeSet<String> = found.keys().cloned().collect();
        found.retain(|key, _| {
            key.split_whitespace().next_back().is_none_or(|name| name == key || !plain.contains(name))
        });
        found
    }

    /// What a reader makes of the value, in words that tell nothing of it.
    fn describe(&self, entry: &Entry, reading: &Reading) -> String {
        let value = match reading {
            Reading::Refused => return "refuses the whole file".to_owned(),
            Reading::Absent => return "does not set it".to_owned(),
            Reading::Value(value) => value,
        };
        let raw = self.raw(entry);
        let line = self.rest_of_line(entry.raw.start).trim_end();
        let quoted = raw.len() > 1 && raw.starts_with(['"', '\'', '`']);
        let inner = raw.get(1..raw.len().saturating_sub(1)).filter(|_| quoted);
        let column = |at: usize| self.column(entry.raw.start.saturating_add(at));
        if quoted && value.starts_with(['"', '\'', '`']) {
            return "keeps the quotes".to_owned();
        }
        if inner == Some(value) {
            return "takes what stands between the quotes".to_owned();
        }
        let cut = line.strip_prefix(value.as_str()).filter(|rest| rest.trim_start().starts_with('#'));
        if let Some(rest) = cut {
            let hash = line.len().saturating_sub(rest.trim_start().len());
            return format!("cuts it at \"#\" (column {})", column(hash));
        }
        if line == value {
            return "takes it as it stands".to_owned();
        }
        match raw.find('$') {
            Some(at) => format!("replaces what follows \"$\" (column {})", column(at)),
            None if raw.contains('\\') => "decodes what follows a backslash".to_owned(),
            None => "reads something else".to_owned(),
        }
    }

    /// An edit after which all readers get the value that was meant.
    fn reconcile(&self, key: &str, entry: &Entry, readers: &[EnvReader]) -> Option<Fix> {
        if let Some(fix) = self.encode(entry) {
            let value = self.rest_of_line(entry.raw.start).split([' ', '\t']).next()?.replace('#', "%23");
            return self.agreed(&fix, key, &value, readers).then_some(fix);
        }
        let raw = self.raw(entry);
        // The whole of it, where this reader cuts and nothing but the value stands on the line.
        let line = self.rest_of_line(entry.raw.start).trim_end();
        let whole = if entry.quote == Quote::None && !line.contains([' ', '\t']) { line } else { raw };
        let enclosed = |quote: char| whole.len() > 1 && whole.starts_with(quote) && whole.ends_with(quote);
        let width = usize::from(['"', '\'', '`'].into_iter().any(enclosed));
        let inner = whole.get(width..whole.len().saturating_sub(width))?;
        if inner.is_empty() || inner.contains(['\'', '\\', '\n', '`', '"']) || self.is_meant(entry) {
            return None;
        }
        let end = entry.raw.start.saturating_add(whole.len());
        let edit = |from: usize, to: usize| Edit { place: self.place(from, to).into(), text: "'".to_owned() };
        let edits = vec![
            edit(entry.raw.start, entry.raw.start.saturating_add(width)),
            edit(end.saturating_sub(width), end),
        ];
        let title = "use single quotes".to_owned();
        let fix = Fix { safety: Safety::Safe, title, edits, withheld: false };
        self.agreed(&fix, key, inner, readers).then_some(fix)
    }

    /// Whether a reference in the value is one that a person means.
    fn is_meant(&self, entry: &Entry) -> bool {
        let compose = self.parse(Dialect::Compose);
        let template = compose
            .entries
            .iter()
            .filter(|other| other.key == entry.key)
            .find_map(|other| other.value.as_ref());
        template.is_some_and(|template| {
            template.references().any(|reference| {
                reference.braces
                    || is_conventional(&reference.name)
                    || self.is_defined(&reference.name, entry.raw.start)
            })
        })
    }

    fn agreed(&self, fix: &Fix, key: &str, value: &str, readers: &[EnvReader]) -> bool {
        let mut text = self.text.to_owned();
        let mut edits: Vec<&Edit> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
        for edit in edits {
            let Span { start, end } = edit.place.span;
            if text.get(start..end).is_none() {
                return false;
            }
            text.replace_range(start..end, &edit.text);
        }
        let dialects = readers.iter().map(|reader| dialect(*reader)).collect();
        let wanted = Reading::Value(value.to_owned());
        self.maps(&text, &dialects).values().all(|map| reading(map, key) == wanted)
    }
}

/// White space at the ends is another rule's matter.
fn reading(map: &EnvMap, key: &str) -> Reading {
    if map.refused() {
        return Reading::Refused;
    }
    match map.variables.get(key).and_then(|variable| variable.text.as_ref()) {
        Some(text) => Reading::Value(text.as_str().trim().to_owned()),
        None => Reading::Absent,
    }
}
