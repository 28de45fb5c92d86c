//! Quotes that become part of a value.

use super::readers::{dialect, is_literal};
use super::{Judge, unquoted};
use crate::model::{Defect, Edit, EnvReader, Fix, Safety};
use crate::span::{Place, Span};
use crate::syntax::dotenv::{Dialect, Quote};

impl Judge<'_> {
    pub(super) fn quotes(&self) -> Vec<Defect> {
        if let Some(reader) = self.readers.iter().copied().find(|reader| is_literal(*reader)) {
            return self.kept_quotes(reader);
        }
        let parsed = self.parse(self.readers.first().map_or(Dialect::Compose, |reader| dialect(*reader)));
        let mut found = Vec::new();
        for entry in parsed.entries.iter().filter(|entry| self.is_database(entry)) {
            let inner = match entry.quote {
                Quote::Single => '"',
                Quote::Double => '\'',
                Quote::None | Quote::Backtick => continue,
            };
            let raw = self.raw(entry);
            let quoted = raw.len().checked_sub(1).and_then(|end| raw.get(1..end)).unwrap_or_default();
            let Some(content) = unquoted(quoted, inner) else { continue };
            if content.contains(inner) {
                continue;
            }
            let span = Span::new(entry.raw.start.saturating_add(1), entry.raw.end.saturating_sub(1));
            let place = Place::new(self.file, span);
            let defect = Defect::new("env-literal-quotes", "doubled", place).of(entry.key.clone());
            found.push(defect.fix(Some(self.without_ends(span, "remove the inner quotes"))));
        }
        found
    }

    /// Quotes around a value whose reader knows no quotes.
    fn kept_quotes(&self, reader: EnvReader) -> Vec<Defect> {
        let mut found = Vec::new();
        for entry in self.parse(dialect(reader)).entries.iter().filter(|entry| self.is_database(entry)) {
            let value = self.raw(entry).trim_end();
            let Some(content) = unquoted(value, '"').or_else(|| unquoted(value, '\'')) else { continue };
            let span = Span::new(entry.raw.start, entry.raw.start.saturating_add(value.len()));
            // Another reader may need the quotes around these.
            let alone = self.readers.len() == 1;
            let plain = !content.contains(['#', '$', '\\', '"', '\'', ' ', '\t']);
            let fix = (alone || plain).then(|| self.without_ends(span, "remove the quotes"));
            let defect = Defect::new("env-literal-quotes", "raw", Place::new(self.file, span));
            found.push(defect.of(entry.key.clone()).fact("reader", reader.name()).fix(fix));
        }
        found
    }

    fn without_ends(&self, span: Span, title: &str) -> Fix {
        let ends = [
            self.place(span.start, span.start.saturating_add(1)),
            self.place(span.end.saturating_sub(1), span.end),
        ];
        let edits = ends.map(|place| Edit { place: place.into(), text: String::new() }).into();
        Fix { safety: Safety::Safe, title: title.to_owned(), edits, withheld: false }
    }
}
