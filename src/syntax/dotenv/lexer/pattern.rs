//! Files that are searched with one regular expression, as node `dotenv` and ruby dotenv do. What the
//! expression would try is tried here in the same order, without its cost.

use super::{EXPORT, Lexer, Name, Value};
use crate::span::Span;
use crate::syntax::dotenv::Quote;
use crate::syntax::dotenv::dialect::Bare;

const NO_MATCH: &str = "this reader does not take this line for an assignment and passes over it";

const NOT_SET: &str = "ruby dotenv refuses the file: it sets no variable of this name above";

impl Lexer<'_> {
    /// Reads what begins at `start`, or passes over the line; `None` where the reader refuses the file.
    pub(super) fn matching(&mut self, start: usize) -> Option<()> {
        let exported = self.rest(start).strip_prefix(EXPORT).map(|_| start.saturating_add(EXPORT.len()));
        let exported = exported.map(|end| (end, self.behind_space(end))).filter(|(end, key)| key > end);
        let with_export = exported.is_some_and(|(_, key)| self.assignment(start, key, true));
        if !with_export && !self.assignment(start, start, false) {
            self.pass_over(start, NO_MATCH);
        }
        (!self.file.problems.last().is_some_and(|problem| problem.fatal)).then_some(())
    }

    /// Reads an assignment whose name begins at `key`, if one does.
    fn assignment(&mut self, start: usize, key: usize, export: bool) -> bool {
        let end = self.behind(key, self.rules.key);
        if end == key {
            return false;
        }
        let name = Name { start, span: Span::new(key, end), export };
        let equals = self.behind_space(end);
        let colon_space = || {
            let behind = self.rest(end).strip_prefix(':')?;
            let space = behind.chars().next().filter(|sign| self.rules.space.has(*sign))?;
            let len = if behind.starts_with("\r\n") { 2 } else { space.len_utf8() };
            Some(end.saturating_add(1).saturating_add(len))
        };
        let first =
            if self.byte(equals) == Some(b'=') { Some(equals.saturating_add(1)) } else { colon_space() };
        match first {
            Some(at) => {
                let nothing =
                    self.rest(at).chars().next().is_none_or(|sign| sign == '#' || self.breaks(sign));
                let value = self.matching_value(at);
                let end = self.at;
                if export && nothing && value.quote == Quote::None && self.rules.bare == Bare::Empty {
                    return self.exported(name);
                }
                self.entry(name, Some(value), end).is_some()
            }
            None => {
                if self.rules.bare == Bare::Ignored || !self.ends_line(end) {
                    return false;
                }
                self.at = end;
                if export { self.exported(name) } else { self.entry(name, None, end).is_some() }
            }
        }
    }

    /// `export NAME` without a value: ruby dotenv takes it for a check that the file has set the variable above, and
    /// refuses the file otherwise.
    fn exported(&mut self, name: Name) -> bool {
        let written = self.text.get(name.span.range()).unwrap_or_default();
        if !self.set.contains(written) {
            self.problem(name.span, NOT_SET, true);
        }
        true
    }

    /// Whether nothing but a comment follows on the line.
    fn ends_line(&self, at: usize) -> bool {
        let tail = self.rest(self.behind_blanks(at)).chars().next();
        tail.is_none_or(|sign| sign == '#' || self.breaks(sign))
    }

    fn matching_value(&mut self, at: usize) -> Value {
        // A quote may stand on a later line.
        let open = self.behind_space(at);
        if let Some(quote) = self.byte(open).filter(|byte| self.rules.quotes.contains(byte))
            && let Some(close) = self.closing(open, quote)
        {
            self.at = close.saturating_add(1);
            return self.quoted(open, close);
        }
        self.at = self.line_end(at);
        let value = self.unquoted(at);
        let inside = self.text.get(value.range()).unwrap_or_default();
        let inside = inside.trim_start_matches(|sign| self.rules.space.has(sign));
        let value = Span::new(value.end.saturating_sub(inside.len()), value.end);
        let quote = inside.bytes().next().filter(|byte| self.rules.quotes.contains(byte));
        match quote {
            Some(quote) if inside.len() > 1 && inside.bytes().next_back() == Some(quote) => {
                self.quoted(value.start, value.end.saturating_sub(1))
            }
            Some(b'"') if self.rules.escapes_unclosed => self.value(value, value, Quote::None, Quote::Double),
            _ => self.value(value, value, Quote::None, Quote::None),
        }
    }

    /// The quote that closes the one at `open`: the first that no backslash precedes, or else the last before
    /// it that one precedes; either counts only with nothing but a comment behind it on its line.
    fn closing(&self, open: usize, quote: u8) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut escaped = Vec::new();
        let mut at = open.saturating_add(1);
        while let Some(found) = memchr::memchr(quote, bytes.get(at..).unwrap_or_default()) {
            let here = at.saturating_add(found);
            let before = here.checked_sub(1).filter(|before| *before > open);
            if before.and_then(|before| self.byte(before)) != Some(b'\\') {
                if self.ends_line(here.saturating_add(1)) {
                    return Some(here);
                }
                break;
            }
            escaped.push(here);
            at = here.saturating_add(1);
        }
        escaped.into_iter().rev().find(|here| self.ends_line(here.saturating_add(1)))
    }
}
