//! Where each part of a plain or quoted scalar stands in the source.
//!
//! The parser decodes; this lexes the same bytes once more only to learn which of them survived decoding
//! unchanged. If the two ever disagree, the scalar keeps the parser's value and is one inexact segment.

use crate::span::{Span, SpanText};

/// The text of a scalar whose content (without quotes) is `content`, standing at `base`, and whose decoded
/// value is `value`. `quote` is the quote around it, if any.
pub(super) fn text(content: &str, base: usize, quote: Option<u8>, value: &str) -> SpanText {
    if content == value {
        return SpanText::verbatim(value, base);
    }
    let mut lexer = Lexer { content, base, value, out: SpanText::default(), run: 0, at: 0 };
    if lexer.run(quote).is_some() && lexer.out.as_str() == value {
        return lexer.out;
    }
    let mut whole = SpanText::default();
    whole.push(value, Span::new(base, base.saturating_add(content.len())), false);
    whole
}

struct Lexer<'text> {
    content: &'text str,
    base: usize,
    value: &'text str,
    out: SpanText,
    /// Where the run of unchanged bytes began that ends at `at`.
    run: usize,
    at: usize,
}

impl Lexer<'_> {
    /// `None` when the content cannot be what the value was decoded from.
    fn run(&mut self, quote: Option<u8>) -> Option<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' | b'\r' => self.fold()?,
                b'\'' if quote == Some(b'\'') => {
                    self.flush(self.at)?;
                    self.replace("'", 2)?;
                }
                b'\\' if quote == Some(b'"') => self.escape()?,
                _ => self.at = self.at.checked_add(1)?,
            }
        }
        self.flush(self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.content.as_bytes().get(self.at).copied()
    }

    /// Keeps the bytes from the start of the run to `end` as they are.
    fn flush(&mut self, end: usize) -> Option<()> {
        let piece = self.content.get(self.run..end)?;
        self.out.push(piece, Span::new(self.run, end).shifted(self.base), true);
        self.run = end;
        Some(())
    }

    /// Lets `piece` stand for the source from the start of the run on, `len` bytes behind the cursor.
    fn replace(&mut self, piece: &str, len: usize) -> Option<()> {
        self.at = self.at.checked_add(len)?;
        self.out.push(piece, Span::new(self.run, self.at).shifted(self.base), false);
        self.run = self.at;
        Some(())
    }

    /// A line break: blanks around it go, one break becomes a space, further ones stay.
    fn fold(&mut self) -> Option<()> {
        let kept = self.content.get(self.run..self.at)?.trim_end_matches([' ', '\t']).len();
        self.flush(self.run.checked_add(kept)?)?;
        match self.breaks()? {
            0 | 1 => self.replace(" ", 0),
            more => self.replace(&"\n".repeat(more.saturating_sub(1)), 0),
        }
    }

    /// Passes line breaks and the blanks behind each, and counts the breaks.
    fn breaks(&mut self) -> Option<usize> {
        let mut count = 0usize;
        loop {
            let rest = self.content.as_bytes().get(self.at..)?;
            match rest.first() {
                Some(b'\r') if rest.get(1) == Some(&b'\n') => self.at = self.at.checked_add(2)?,
                Some(b'\r' | b'\n') => self.at = self.at.checked_add(1)?,
                _ => return Some(count),
            }
            count = count.checked_add(1)?;
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.at = self.at.checked_add(1)?;
            }
        }
    }

    /// An escape of a double-quoted scalar. Which character it stands for is read off the decoded value.
    fn escape(&mut self) -> Option<()> {
        self.flush(self.at)?;
        let rest = self.content.get(self.at..)?;
        let len = match rest.as_bytes().get(1)? {
            b'\n' | b'\r' => {
                self.at = self.at.checked_add(1)?;
                let kept = self.breaks()?.saturating_sub(1);
                return self.replace(&"\n".repeat(kept), 0);
            }
            b'x' => 4,
            b'U' => 10,
            b'u' => {
                let unit = u16::from_str_radix(rest.get(2..6)?, 16).ok()?;
                // A character beyond the first plane, as JSON writes it: two escapes.
                if (0xd800..0xdc00).contains(&unit) { 12 } else { 6 }
            }
            _ => 2,
        };
        let decoded = self.value.get(self.out.as_str().len()..)?.chars().next()?;
        self.replace(decoded.encode_utf8(&mut [0; 4]), len)
    }
}
