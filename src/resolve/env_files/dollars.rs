//! A `$` that a reader takes for a reference.

use std::collections::BTreeSet;

use super::readers::{dialect, is_literal, is_proven};
use super::{Judge, is_name};
use crate::model::{Defect, Edit, EnvReader, Fix, Safety};
use crate::resolve::compose::{is_conventional, is_glued};
use crate::span::{FileId, Span};
use crate::syntax::dotenv::{self, Dialect, Entry, Quote};
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
            if candidates.is_empty() {
                continue;
            }
            let unset = |reference: &&&Reference| !self.is_defined(&reference.name);
            let Some(first) = candidates.iter().find(unset) else { continue };
            let at = first.span.start;
            if !told.insert(at) {
                continue;
            }
            let place = self.place(at, at.saturating_add(1));
            let kind = if proven { "undefined" } else { "possible" };
            let defect = Defect::new("env-dollar-interpolation", kind, place).of(entry.key.clone());
            let defect = defect.fact("column", self.column(at)).fact("reader", reader.name());
            let all = candidates.len() == template.references().count()
                && candidates.iter().all(|reference| unset(&reference))
                // Single quotes stop Compose, and not dotenv-expand.
                && !self.readers.contains(&EnvReader::DotenvExpand);
            found.push(defect.fix(all.then(|| self.single_quotes(entry, template)).flatten()));
        }
    }

    /// Whether an env file that Compose reads, or a Compose file, seems to set a variable: a service's own
    /// variables serve its env files too.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.defined.get_or_init(|| self.definitions()).contains(name)
    }

    fn definitions(&self) -> BTreeSet<String> {
        let read = self.uses.iter().filter(|env_use| dialect(env_use.reader) == Dialect::Compose);
        let files: BTreeSet<FileId> = read.map(|env_use| env_use.file).collect();
        let entries = files
            .into_iter()
            .flat_map(|file| dotenv::parse(self.context.files.text(file), Dialect::Compose).entries);
        let mut names: BTreeSet<String> = entries.map(|entry| entry.key).collect();
        for compose in &self.context.declarations.compose {
            let lefts = self.context.files.text(compose.file).split([':', '=']);
            names.extend(lefts.filter_map(|left| {
                let left =
                    left.trim_end_matches(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
                let name = left.rsplit(|letter| !is_name(letter)).next()?;
                (!name.is_empty()).then(|| name.to_owned())
            }));
        }
        names
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
        let edit = |start: usize, end: usize| Edit { place: self.place(start, end), text: "'".to_owned() };
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
