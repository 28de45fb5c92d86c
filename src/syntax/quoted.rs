//! Where each part of a plain or quoted scalar stands in the source.
//!
//! For YAML, JSON and TOML a parser decodes; [`decoded`] lexes the same bytes once more only to learn which of
//! them survived decoding unchanged. If the two ever disagree, the scalar keeps the parser's value and is one
//! inexact segment. [`json_string`] decodes by itself, for the formats that only borrow JSON's strings.

use crate::span::{Span, SpanText};

/// The text of a scalar whose content (without quotes) is `content`, standing at `base`, and whose decoded
/// value is `value`. `quote` is the quote around it, if any.
pub(super) fn decoded(content: &str, base: usize, quote: Option<u8>, value: &str) -> SpanText {
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

/// Reads a string as JSON writes it from behind its opening quote to its closing one. `None` when it is not
/// closed on its line or holds an unknown escape.
pub(super) fn json_string(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<SpanText> {
    let mut out = SpanText::default();
    let mut buffer = [0; 4];
    loop {
        let (at, char) = chars.next()?;
        let end = |at: usize, char: char| at.saturating_add(char.len_utf8());
        match char {
            '"' => return Some(out),
            '\n' | '\r' => return None,
            '\\' => {
                let (last, escape) = chars.next()?;
                let (stop, decoded) = match escape {
                    '"' | '\\' | '/' => (end(last, escape), escape),
                    'b' => (end(last, escape), '\u{8}'),
                    'f' => (end(last, escape), '\u{c}'),
                    'n' => (end(last, escape), '\n'),
                    'r' => (end(last, escape), '\r'),
                    't' => (end(last, escape), '\t'),
                    'u' => unicode(chars)?,
                    _ => return None,
                };
                out.push(decoded.encode_utf8(&mut buffer), Span::new(at, stop), false);
            }
            _ => out.push(char.encode_utf8(&mut buffer), Span::new(at, end(at, char)), true),
        }
    }
}

/// The four digits behind `\u`, and a second escape where the first is half of a surrogate pair.
fn unicode(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<(usize, char)> {
    let unit = |chars: &mut dyn Iterator<Item = (usize, char)>| {
        let mut unit = 0u16;
        let mut stop = 0;
        for _ in 0..4 {
            let (at, digit) = chars.next()?;
            unit = unit.checked_mul(16)?.checked_add(u16::try_from(digit.to_digit(16)?).ok()?)?;
            stop = at.saturating_add(1);
        }
        Some((stop, unit))
    };
    let (stop, first) = unit(chars)?;
    if let Some(char) = char::from_u32(u32::from(first)) {
        return Some((stop, char));
    }
    if chars.next()?.1 != '\\' || chars.next()?.1 != 'u' {
        return None;
    }
    let (stop, second) = unit(chars)?;
    let char = char::decode_utf16([first, second]).next()?.ok()?;
    Some((stop, char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings() {
        let read = |text: &str| {
            let mut chars = text.char_indices();
            let text = json_string(&mut chars)?;
            Some((text.as_str().to_owned(), chars.as_str().to_owned()))
        };
        let some = |text: &str, rest: &str| Some((text.to_owned(), rest.to_owned()));
        assert_eq!(read("plain\" rest"), some("plain", " rest"));
        assert_eq!(read(r#"a\"b\\\/\n\t\u00e9\ud83d\ude00""#), some("a\"b\\/\n\té😀", ""));
        assert_eq!(read("open"), None);
        assert_eq!(read("line\nbreak\""), None);
        assert_eq!(read(r#"\x41""#), None);
        assert_eq!(read(r#"\ud83d""#), None);
        assert_eq!(read(r#"\ud83dx""#), None);
        let text = json_string(&mut "é\\né\"".char_indices()).unwrap();
        let spans: Vec<_> = text.pieces(0..9).map(|(_, segment)| (segment.span, segment.exact)).collect();
        assert_eq!(spans, [(Span::new(0, 2), true), (Span::new(2, 4), false), (Span::new(4, 6), true)]);
    }
}
