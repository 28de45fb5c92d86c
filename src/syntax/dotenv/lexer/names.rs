//! Files that are read from name to name, as compose-go does.

use super::{EXPORT, Lexer, Name};
use crate::span::Span;

/// The white space that compose-go passes over inside a statement.
fn blank(sign: char) -> bool {
    matches!(sign, '\t' | '\u{B}' | '\u{C}' | '\r' | ' ' | '\u{85}' | '\u{A0}')
}

impl Lexer<'_> {
    /// Reads the statement at `start`; `None` where the reader refuses the file.
    pub(super) fn name_statement(&mut self, start: usize) -> Option<()> {
        let mut key = start;
        let exported = self.rest(start).strip_prefix(EXPORT);
        let export = exported.is_some_and(|rest| rest.starts_with(['\t', '\n', '\u{C}', '\r', ' ']));
        if export {
            key = self.behind(start.saturating_add(EXPORT.len()), blank);
            if key >= self.text.len() {
                self.problem(Span::new(start, key), "no name follows export", true);
                return None;
            }
        }
        let end = self.behind(key, |sign| blank(sign) || (self.rules.key)(sign));
        let separator = self.byte(end);
        let (name_end, behind) = match separator {
            Some(b'=' | b':' | b'\n') => (end, end.saturating_add(1)),
            // A name that ends with the file, without a line break, is taken for the value of no name.
            None => (key, key),
            Some(_) => {
                let sign = self.rest(end).chars().next().map_or(1, char::len_utf8);
                let span = Span::new(end, end.saturating_add(sign));
                self.problem(span, "this sign cannot stand in a variable's name", true);
                return None;
            }
        };
        let written = self.text.get(key..name_end).unwrap_or_default().trim_end();
        let span = Span::new(key, key.saturating_add(written.len()));
        if written.contains(' ') {
            self.problem(span, "a variable's name cannot hold a space", true);
            return None;
        }
        let name = Name { start, span, export };
        if separator == Some(b'\n') {
            self.at = self.behind(behind, blank);
            return if span.is_empty() { Some(()) } else { self.entry(name, None, span.end) };
        }
        let at = self.behind(behind, blank);
        let value = match self.byte(at) {
            Some(quote) if self.rules.quotes.contains(&quote) => {
                let Some(close) = self.unescaped(at, quote) else {
                    self.problem(Span::new(at, self.visible_end(at)), "this quote is never closed", true);
                    return None;
                };
                self.at = close.saturating_add(1);
                self.quoted(at, close)
            }
            _ => {
                self.at = self.line_end(at);
                let value = self.unquoted(at);
                self.value(value, value, super::Quote::None, super::Quote::None)
            }
        };
        self.entry(name, Some(value), self.at)
    }
}
