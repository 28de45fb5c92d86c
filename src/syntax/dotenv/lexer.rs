//! The lexer of env files with quotes, comments and references.

use super::dialect::{Bare, Closing, CommentStart, Rules};
use super::escapes::decode;
use super::{Entry, EnvFile, Problem, Quote, references};
use crate::span::{Span, SpanText};

const BOM: char = '\u{FEFF}';
const EXPORT: &str = "export";

pub(super) fn read(text: &str, rules: &Rules) -> EnvFile {
    let at = text.strip_prefix(BOM).map_or(0, |_| BOM.len_utf8());
    let mut lexer = Lexer { text, rules, at, file: EnvFile::default() };
    while lexer.statement().is_some() {}
    lexer.file
}

struct Lexer<'a> {
    text: &'a str,
    rules: &'a Rules,
    at: usize,
    file: EnvFile,
}

/// A value as it stands in the file.
struct Value {
    text: SpanText,
    raw: Span,
    quote: Quote,
}

impl Lexer<'_> {
    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn breaks(&self, sign: char) -> bool {
        sign == '\n' || (sign == '\r' && self.rules.universal_breaks)
    }

    fn blank(&self, sign: char) -> bool {
        self.rules.space.has(sign) && !self.breaks(sign)
    }

    /// The first position from `at` on whose sign `skip` does not hold for.
    fn behind(&self, at: usize, skip: impl Fn(char) -> bool) -> usize {
        let rest = self.rest(at);
        at.saturating_add(rest.find(|sign| !skip(sign)).unwrap_or(rest.len()))
    }

    fn behind_space(&self, at: usize) -> usize {
        self.behind(at, |sign| self.rules.space.has(sign) || self.breaks(sign))
    }

    fn behind_blanks(&self, at: usize) -> usize {
        self.behind(at, |sign| self.blank(sign))
    }

    fn line_end(&self, at: usize) -> usize {
        self.behind(at, |sign| !self.breaks(sign))
    }

    /// The end of the line without the CR that a line break of two characters begins with.
    fn visible_end(&self, at: usize) -> usize {
        let end = self.line_end(at);
        match end.checked_sub(1) {
            Some(before) if before >= at && self.byte(before) == Some(b'\r') => before,
            _ => end,
        }
    }

    fn problem(&mut self, span: Span, message: &'static str, fatal: bool) {
        self.file.problems.push(Problem { span, message, fatal });
    }

    fn comment(&mut self, at: usize) {
        self.file.comments.push(Span::new(at, self.visible_end(at)));
    }

    /// Reads one statement; `None` at the end of the file or where the reader gives up.
    fn statement(&mut self) -> Option<()> {
        let start = self.behind_space(self.at);
        self.at = start;
        if start >= self.text.len() {
            return None;
        }
        if self.byte(start) == Some(b'#') {
            self.comment(start);
            self.at = self.line_end(start);
            return Some(());
        }
        match self.rules.closing {
            Closing::Refuse => self.lenient(start),
            Closing::SkipLine => self.strict(start),
            Closing::Unquoted => self.matching(start),
        }
    }

    /// A statement for a reader that goes from name to name and refuses the file at the first surprise.
    fn lenient(&mut self, start: usize) -> Option<()> {
        let blanks = |sign: char| matches!(sign, '\t' | '\u{B}' | '\u{C}' | '\r' | ' ' | '\u{85}' | '\u{A0}');
        let mut key = start;
        let mut export = false;
        if let Some(rest) = self.rest(start).strip_prefix(EXPORT)
            && rest.starts_with(['\t', '\n', '\u{C}', '\r', ' '])
        {
            export = true;
            key = self.behind(start.saturating_add(EXPORT.len()), blanks);
            if key >= self.text.len() {
                self.problem(Span::new(start, key), "no name follows export", true);
                return None;
            }
        }
        let inside = |sign: char| {
            blanks(sign)
                || matches!(sign, '_' | '.' | '-' | '[' | ']')
                || sign.is_alphabetic()
                || sign.is_numeric()
        };
        let end = self.behind(key, inside);
        let separator = self.byte(end);
        let (name_end, behind) = match separator {
            Some(b'=' | b':' | b'\n') => (end, end.saturating_add(1)),
            // Without a line break at the end of the file the whole name is taken for the value of none.
            None => (key, key),
            Some(_) => {
                let sign = self.rest(end).chars().next().map_or(1, char::len_utf8);
                let span = Span::new(end, end.saturating_add(sign));
                self.problem(span, "this sign cannot stand in a variable's name", true);
                return None;
            }
        };
        let name = self.text.get(key..name_end).unwrap_or_default().trim_end();
        let key_span = Span::new(key, key.saturating_add(name.len()));
        if name.contains(' ') {
            self.problem(key_span, "a variable's name cannot hold a space", true);
            return None;
        }
        if separator == Some(b'\n') {
            self.at = self.behind(behind, blanks);
            if !key_span.is_empty() {
                self.entry(start, key_span, None, export, key_span.end);
            }
            return Some(());
        }
        let at = self.behind(behind, blanks);
        let value = match self.byte(at) {
            Some(quote @ (b'\'' | b'"')) => {
                let Some(close) = self.unescaped(at, quote) else {
                    let span = Span::new(at, self.visible_end(at));
                    self.problem(span, "this quote is never closed", true);
                    return None;
                };
                self.at = close.saturating_add(1);
                self.quoted(at, close, quote)
            }
            _ => {
                let end = self.line_end(at);
                self.at = end;
                self.unquoted(at, end)
            }
        };
        self.entry(start, key_span, Some(value), export, self.at)
    }

    fn strict(&mut self, _start: usize) -> Option<()> {
        None
    }

    fn matching(&mut self, _start: usize) -> Option<()> {
        None
    }

    /// The quote that closes the one at `open`, a backslash escaping whatever follows it.
    fn unescaped(&self, open: usize, quote: u8) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = open.saturating_add(1);
        loop {
            let found = memchr::memchr2(quote, b'\\', bytes.get(at..)?)?;
            let here = at.saturating_add(found);
            if bytes.get(here) == Some(&quote) {
                return Some(here);
            }
            at = here.saturating_add(2);
        }
    }

    fn quoted(&self, open: usize, close: usize, quote: u8) -> Value {
        let (quote, escapes) = match quote {
            b'\'' => (Quote::Single, self.rules.escapes[1]),
            b'"' => (Quote::Double, self.rules.escapes[2]),
            _ => (Quote::Backtick, self.rules.escapes[1]),
        };
        let inside = Span::new(open.saturating_add(1), close);
        let raw = Span::new(open, close.saturating_add(1));
        let text = decode(self.text, inside, escapes, quote, self.rules.universal_breaks);
        Value { text, raw, quote }
    }

    /// An unquoted value in `at..end`, less its comment and the white space before it.
    fn unquoted(&mut self, at: usize, end: usize) -> Value {
        let line = self.text.get(at..end).unwrap_or_default();
        let comment = match self.rules.comment {
            CommentStart::Blank => line.find(" #").map(|found| found.saturating_add(1)),
            CommentStart::Anywhere => line.find('#'),
            CommentStart::Space => line
                .char_indices()
                .zip(line.char_indices().skip(1))
                .find(|((_, before), (_, sign))| *sign == '#' && self.rules.space.has(*before))
                .map(|(_, (found, _))| found),
        };
        if let Some(found) = comment {
            self.comment(at.saturating_add(found));
        }
        let value = line.get(..comment.unwrap_or(line.len())).unwrap_or_default();
        let value = value.trim_end_matches(|sign| self.rules.space.has(sign));
        let raw = Span::new(at, at.saturating_add(value.len()));
        let text = decode(self.text, raw, self.rules.escapes[0], Quote::None, self.rules.universal_breaks);
        Value { text, raw, quote: Quote::None }
    }

    /// Records an assignment that began at `start` and whose value ends before `end`.
    fn entry(
        &mut self,
        start: usize,
        key_span: Span,
        value: Option<Value>,
        export: bool,
        end: usize,
    ) -> Option<()> {
        let grammar = |quote: Quote| match quote {
            Quote::None => self.rules.references[0],
            Quote::Single | Quote::Backtick => self.rules.references[1],
            Quote::Double => self.rules.references[2],
        };
        let (raw, quote) = match &value {
            Some(value) => (value.raw, value.quote),
            None => (Span::new(key_span.end, key_span.end), Quote::None),
        };
        let value = match value.map(|value| references::read(&value.text, grammar(value.quote))) {
            None if self.rules.bare == Bare::Ignored => return Some(()),
            None => None,
            Some(Ok(template)) => Some(template),
            Some(Err(error)) => {
                self.problem(error.span, "Compose cannot read the variable reference that begins here", true);
                return None;
            }
        };
        let key = self.text.get(key_span.range()).unwrap_or_default().to_owned();
        let line = Span::new(self.line_start(start), self.visible_end(end));
        self.file.entries.push(Entry { key, key_span, value, raw, quote, line, export });
        Some(())
    }

    /// The start of the line, where nothing but white space stands before `at` on it; otherwise `at`.
    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        let blanks = before.trim_end_matches(|sign| self.blank(sign) && sign != BOM).len();
        match before.get(..blanks).and_then(|rest| rest.chars().next_back()) {
            None | Some('\n' | '\r' | BOM) => blanks,
            Some(_) => at,
        }
    }
}
