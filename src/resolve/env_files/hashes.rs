//! A `#` that cuts a value.

use std::collections::BTreeSet;

use super::Judge;
use super::readers::{dialect, is_proven};
use crate::model::{Defect, Edit, EnvReader, Fix, Safety};
use crate::resolve::names::is_database_key;
use crate::syntax::connection::{self, Form, looks_like};
use crate::syntax::dotenv::{Entry, Quote};

impl Judge<'_> {
    /// The first reader that cuts a value decides, proven ones before likely ones.
    pub(super) fn hashes(&self) -> Vec<Defect> {
        let (mut found, mut told) = (Vec::new(), BTreeSet::new());
        let (proven, likely): (Vec<EnvReader>, Vec<EnvReader>) =
            self.readers.iter().partition(|reader| is_proven(**reader));
        for reader in proven.into_iter().chain(likely) {
            for entry in &self.parse(dialect(reader)).entries {
                let Some(at) = self.cut(entry).filter(|_| self.hands_on(reader, &entry.key)) else {
                    continue;
                };
                if !told.insert(entry.key_span.start) {
                    continue;
                }
                let kind = if is_proven(reader) { "proven" } else { "possible" };
                let place = self.place(at, at.saturating_add(1));
                let defect = Defect::new("env-hash-truncation", kind, place).of(entry.key.clone());
                let defect = defect.fact("column", self.column(at)).fact("reader", reader.name());
                // Where the host is left something else was cut.
                let fix = self.encode(entry).filter(|_| !self.raw(entry).contains('@'));
                found.push(defect.fix(fix));
            }
        }
        found
    }

    /// Where the line goes on behind a value although it is no comment that follows.
    fn cut(&self, entry: &Entry) -> Option<usize> {
        if entry.quote != Quote::None || entry.value.is_none() {
            return None;
        }
        let (left, rest) = (self.raw(entry), self.rest_of_line(entry.raw.end));
        let behind = rest.trim_start();
        let comment = behind.strip_prefix('#')?;
        let whole = self.rest_of_line(entry.raw.start).trim_end();
        if !is_database_key(&entry.key) && !looks_like(whole) {
            return None;
        }
        let blank = rest.len() > behind.len()
            || (left.is_empty() && !self.text.get(..entry.raw.start).is_some_and(|text| text.ends_with('=')));
        if blank || left.is_empty() {
            // Only a connection string whose host would be missing is certain to be cut.
            let broken = looks_like(left) && !left.contains('@') && whole.contains('@');
            let flawed = connection::parse(left).is_some_and(|parsed| !parsed.flaws.is_empty());
            let direct = !blank && !comment.is_empty() && !comment.starts_with([' ', '\t', '#']);
            if !(direct || broken && flawed) {
                return None;
            }
        }
        Some(entry.raw.end.saturating_add(rest.len().saturating_sub(behind.len())))
    }

    /// `%23` for each `#` in the credentials of a URL.
    pub(super) fn encode(&self, entry: &Entry) -> Option<Fix> {
        let value = self.rest_of_line(entry.raw.start).split([' ', '\t']).next()?;
        let end = value.rfind('@')?;
        let credentials = value.get(..end)?;
        if !connection::parse(value).is_some_and(|parsed| parsed.form == Form::Url) {
            return None;
        }
        let edits: Vec<Edit> = credentials
            .match_indices('#')
            .map(|(at, _)| entry.raw.start.saturating_add(at))
            .map(|at| Edit { place: self.place(at, at.saturating_add(1)).into(), text: "%23".to_owned() })
            .collect();
        let title = "encode # as %23".to_owned();
        (!edits.is_empty()).then_some(Fix { safety: Safety::Safe, title, edits, withheld: false })
    }
}
