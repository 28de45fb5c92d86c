//! Files that are read binding by binding, as python-dotenv does: a line with anything unexpected on it is
//! passed over.

use super::{EXPORT, Lexer, Name, Value};
use crate::span::Span;
use crate::syntax::dotenv::Quote;

const NO_BINDING: &str = "python-dotenv cannot read this line and passes over it";
const NO_END: &str = "python-dotenv cannot read what follows here and passes over the whole assignment";

impl Lexer<'_> {
    /// Reads the binding at `start`.
    pub(super) fn binding(&mut self, start: usize) {
        let mut key = start;
        if let Some(rest) = self.rest(start).strip_prefix(EXPORT)
            && rest.starts_with(|sign| self.blank(sign))
        {
            key = self.behind_blanks(start.saturating_add(EXPORT.len()));
        }
        let export = key > start;
        let Some((span, behind)) = self.binding_name(key) else {
            return self.pass_over(key, NO_BINDING);
        };
        let name = Name { start, span, export };
        let equals = self.behind_blanks(behind);
        let (value, behind) = if self.byte(equals) == Some(b'=') {
            let first = equals.saturating_add(1);
            let at = self.behind_blanks(first);
            let Some((value, behind)) = self.binding_value(at, at > first) else {
                return self.pass_over(at, NO_BINDING);
            };
            (Some(value), behind)
        } else {
            (None, equals)
        };
        let tail = self.behind_blanks(behind);
        match self.rest(tail).chars().next() {
            Some('#') => self.at = tail,
            Some(sign) if !self.breaks(sign) => return self.pass_over(tail, NO_END),
            _ => self.at = tail,
        }
        // References never make this reader refuse anything.
        let _ = self.entry(name, value, behind);
    }

    /// A name and where it ends.
    fn binding_name(&self, at: usize) -> Option<(Span, usize)> {
        if self.byte(at) == Some(b'\'') {
            let first = at.saturating_add(1);
            let len = self.rest(first).find('\'').filter(|len| *len > 0)?;
            let end = first.saturating_add(len);
            return Some((Span::new(first, end), end.saturating_add(1)));
        }
        let end = self.behind(at, self.rules.key);
        (end > at).then_some((Span::new(at, end), end))
    }

    /// A value and where it ends; `None` for a quote that is never closed.
    fn binding_value(&mut self, at: usize, spaced: bool) -> Option<(Value, usize)> {
        match self.byte(at) {
            Some(b'#') if spaced => {
                let empty = Span::new(at, at);
                Some((self.value(empty, empty, Quote::None, Quote::None), at))
            }
            Some(quote) if self.rules.quotes.contains(&quote) => {
                let close = self.unescaped(at, quote)?;
                Some((self.quoted(at, close), close.saturating_add(1)))
            }
            _ => {
                let value = self.unquoted(at);
                let end = self.line_end(at);
                Some((self.value(value, value, Quote::None, Quote::None), end))
            }
        }
    }
}
