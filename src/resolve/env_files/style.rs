//! What is legal and seldom meant: a database variable that is set twice, white space that a reader keeps.

use std::collections::BTreeMap;

use super::Judge;
use super::readers::{dialect, is_literal};
use crate::model::{Defect, Edit, Fix, Safety};
use crate::span::{Place, Span};
use crate::syntax::dotenv::{Dialect, Entry, Quote};

/// Signs that nobody sees: zero-width ones, the byte order mark, the no-break space and the soft hyphen.
const INVISIBLE: [char; 7] = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}', '\u{A0}', '\u{AD}'];

impl Judge<'_> {
    /// A variable that is set again to something else.
    pub(super) fn repeats(&self) -> Vec<Defect> {
        let parsed = self.parse(self.readers.first().map_or(Dialect::Compose, |reader| dialect(*reader)));
        let mut before: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut found = Vec::new();
        for entry in parsed.entries.iter().filter(|entry| entry.value.is_some() && self.is_database(entry)) {
            let Some(other) = before.insert(&entry.key, entry) else { continue };
            if self.raw(other) == self.raw(entry)
                || literal(other).is_some_and(|text| literal(entry) == Some(text))
            {
                continue;
            }
            let first = Place::new(self.file, other.key_span);
            let defect = Defect::new("env-duplicate-key", "duplicate", Place::new(self.file, entry.key_span));
            let defect = defect.of(entry.key.clone()).fact("other_line", self.context.files.line(first));
            found.push(defect.label(first, "first set here"));
        }
        found
    }

    /// White space around values, judged where a reader keeps it or where nobody knows who reads.
    pub(super) fn stray(&self) -> Vec<Defect> {
        let unknown = self.readers.is_empty();
        let kept = unknown || self.readers.iter().any(|reader| is_literal(*reader));
        let mut found = Vec::new();
        let mut returned = !unknown;
        for entry in self.parse(Dialect::Compose).entries.iter().filter(|entry| self.is_database(entry)) {
            let behind = self.rest_of_line(entry.raw.end);
            let gap = self.gap(entry);
            let trailing = self.place(entry.raw.end, entry.raw.end.saturating_add(behind.len()));
            if let Some((at, sign)) =
                self.raw(entry).char_indices().find(|(_, sign)| INVISIBLE.contains(sign))
            {
                let start = entry.raw.start.saturating_add(at);
                let place = self.place(start, start.saturating_add(sign.len_utf8()));
                found.push(stray("invisible", entry, place, vec![place]));
            } else if kept && entry.value.is_some() && gap.iter().any(|place| !place.span.is_empty()) {
                let place = Place::new(self.file, entry.key_span);
                found.push(stray("around-equals", entry, place, gap));
            } else if kept && entry.quote == Quote::None && !behind.is_empty() && behind.trim().is_empty() {
                found.push(stray("trailing", entry, trailing, vec![trailing]));
            } else if !returned
                && self.text.get(trailing.span.end..).is_some_and(|rest| rest.starts_with("\r\n"))
            {
                returned = true;
                let end = trailing.span.end;
                let place = self.place(end, end.saturating_add(1));
                found.push(stray("carriage-return", entry, place, Vec::new()));
            }
        }
        found
    }

    /// What stands between a name and `=`, and between `=` and the value.
    fn gap(&self, entry: &Entry) -> Vec<Place> {
        let between = Span::new(entry.key_span.end, entry.raw.start);
        let text = self.text.get(between.range()).unwrap_or_default();
        let Some((left, right)) = text.split_once('=') else { return Vec::new() };
        if !left.trim().is_empty()
            || !right.trim().is_empty()
            || self.raw(entry).is_empty()
            || self.raw(entry).starts_with('#')
        {
            return Vec::new();
        }
        let places = [
            self.place(between.start, between.start.saturating_add(left.len())),
            self.place(between.end.saturating_sub(right.len()), between.end),
        ];
        places.into_iter().filter(|place| !place.span.is_empty()).collect()
    }
}

fn stray(kind: &'static str, entry: &Entry, place: Place, removed: Vec<Place>) -> Defect {
    let edits: Vec<Edit> =
        removed.into_iter().map(|place| Edit { place: place.into(), text: String::new() }).collect();
    let title = "remove it".to_owned();
    let fix = (!edits.is_empty()).then_some(Fix { safety: Safety::Safe, title, edits, withheld: false });
    Defect::new("env-stray-whitespace", kind, place).of(entry.key.clone()).fix(fix)
}

/// The value, when it is the same everywhere.
fn literal(entry: &Entry) -> Option<String> {
    Some(entry.value.as_ref()?.literal()?.as_str().to_owned())
}
