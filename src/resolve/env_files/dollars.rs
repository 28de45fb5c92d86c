//! A `$` that a reader takes for a reference.

use std::collections::BTreeSet;

use super::Judge;
use super::readers::{dialect, is_literal, is_proven};
use crate::model::{Defect, Edit, EnvReader, Fix, Safety};
use crate::resolve::compose::{is_ambient, is_conventional, is_glued};
use crate::span::{Place, Span};
use crate::syntax::dotenv::{Dialect, Entry, Quote};
use crate::syntax::interpolation::{Fallback, Part, Reference, Template};

impl Judge<'_> {
    pub(super) fn dollars(&self) -> Vec<Defect> {
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        // Compose is certain, dotenv-expand likely: what both would replace is told of Compose.
        for reader in [EnvReader::ComposeEnvFile, EnvReader::ComposeProject, EnvReader::DotenvExpand] {
            if self.readers.contains(&reader) {
                self.dollars_of(reader, &mut told, &mut found);
            }
        }
        found
    }

    fn dollars_of(&self, reader: EnvReader, told: &mut BTreeSet<usize>, found: &mut Vec<Defect>) {
        let proven = is_proven(reader);
        let parsed = self.parse(dialect(reader));
        for entry in parsed.entries.iter().filter(|entry| self.is_database(entry)) {
            let Some(template) = &entry.value else { continue };
            if !self.hands_on(reader, &entry.key) {
                continue;
            }
            let candidates = glued(template);
            let unset = |reference: &&&Reference| !self.is_defined(&reference.name, reference.span.start);
            let first = candidates.iter().find(unset).copied();
            let early = template.references().find(|reference| proven && self.is_early(reference));
            let Some(first) = early.or(first) else { continue };
            let at = first.span.start;
            if !told.insert(at) {
                continue;
            }
            let place = self.place(at, at.saturating_add(1));
            let kind = match (early, proven) {
                (Some(_), _) => "later",
                (None, true) => "undefined",
                (None, false) => "possible",
            };
            let mut defect = Defect::new("env-dollar-interpolation", kind, place).of(entry.key.clone());
            if let Some(line) = early.and_then(|reference| self.set_at(&reference.name)) {
                defect = defect.label(line, "set here");
            }
            let defect = defect.fact("column", self.column(at)).fact("reader", reader.name());
            let all = early.is_none()
                && candidates.len() == template.references().count()
                && candidates.iter().all(|reference| unset(&reference))
                // Single quotes stop Compose, and not dotenv-expand.
                && !self.readers.contains(&EnvReader::DotenvExpand);
            found.push(defect.fix(all.then(|| self.single_quotes(entry, template)).flatten()));
        }
    }

    /// Whether the file sets a variable to which it refers further up, and nothing else does: a reader that goes from top
    /// to bottom has no value for it there.
    fn is_early(&self, reference: &Reference) -> bool {
        reference.fallback == Fallback::Empty
            && !is_ambient(&reference.name)
            && !self.is_defined(&reference.name, reference.span.start)
            && self.set_at(&reference.name).is_some()
    }

    /// Where the file sets a variable, as Compose reads it.
    fn set_at(&self, name: &str) -> Option<Place> {
        let lines = self.set.get_or_init(|| {
            let entries = self.parse(Dialect::Compose).entries.into_iter();
            let set = entries.filter(|entry| entry.value.is_some());
            // Of several the first counts, which the last to be collected is.
            set.rev().map(|entry| (entry.key, entry.key_span)).collect()
        });
        let span = lines.get(name)?;
        Some(self.place(span.start, span.end))
    }

    /// Whether a reader of the file that is Compose has a variable of this name at a place of it: from elsewhere, or from
    /// a line above. What expands references by itself may know those below as well.
    pub(super) fn is_defined(&self, name: &str, at: usize) -> bool {
        let uses = || self.uses.iter().filter(|env_use| env_use.file == self.file);
        let everywhere = self.readers.iter().all(|reader| dialect(*reader) != Dialect::Compose);
        uses().any(|env_use| env_use.beside.contains(name))
            || self.set_at(name).is_some_and(|place| everywhere || place.span.start < at)
    }

    fn single_quotes(&self, entry: &Entry, template: &Template) -> Option<Fix> {
        let raw = self.raw(entry);
        let literal = self.readers.iter().any(|reader| is_literal(*reader));
        // `$$` and `{` mean something else in single quotes, and so do escapes.
        let same = template.parts.len() > 1 && !raw.contains("$$") && !raw.contains(['\'', '\\', '\n']);
        if literal || !same {
            return None;
        }
        let width = usize::from(entry.quote == Quote::Double);
        let edit =
            |start: usize, end: usize| Edit { place: self.place(start, end).into(), text: "'".to_owned() };
        let Span { start, end } = entry.raw;
        let edits = vec![edit(start, start.saturating_add(width)), edit(end.saturating_sub(width), end)];
        let title = "use single quotes".to_owned();
        Some(Fix { safety: Safety::Safe, title, edits, withheld: false })
    }
}

/// Bare references that touch other text and do not look like a variable's name.
fn glued(template: &Template) -> Vec<&Reference> {
    let candidates = template.parts.iter().enumerate().filter_map(|(index, part)| {
        let Part::Reference(reference) = part else { return None };
        (reference.fallback == Fallback::Empty && is_glued(template, index, reference)).then_some(reference)
    });
    candidates.filter(|reference| !is_conventional(&reference.name)).collect()
}
