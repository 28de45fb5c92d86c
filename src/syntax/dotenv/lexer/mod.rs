//! The lexer of env files: what all shapes share.

mod bindings;
mod lines;
mod names;
mod pattern;

use std::cell::Cell;
use std::collections::HashSet;

use super::dialect::{Bare, CommentStart, Rules, Shape};
use super::escapes::decode;
use super::{Entry, EnvFile, Problem, Quote, references};
use crate::span::{Span, SpanText};
use crate::syntax::interpolation::Template;

const BOM: char = '\u{FEFF}';
const EXPORT: &str = "export";

/// Reads a file by `rules`.
pub(super) fn read(text: &str, rules: &Rules) -> EnvFile {
    if rules.shape == Shape::Lines {
        return lines::read(text, rules);
    }
    let at = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let mut lexer =
        Lexer { text, rules, at, file: EnvFile::default(), set: HashSet::new(), line: Cell::default() };
    while lexer.statement().is_some() {}
    lexer.file
}

struct Lexer<'a> {
    text: &'a str,
    rules: &'a Rules,
    at: usize,
    file: EnvFile,
    /// Names set so far, for a reader that asks.
    set: HashSet<String>,
    /// A position and the end of its line: several statements may stand on a long one.
    line: Cell<Span>,
}

/// The left side of an assignment.
#[derive(Clone, Copy)]
struct Name {
    /// Where the statement starts: at the name or at `export`.
    start: usize,
    /// The name.
    span: Span,
    /// Whether `export` stands before it.
    export: bool,
}

/// The right side of an assignment.
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
        self.behind(at, |sign| self.rules.space.has(sign))
    }

    fn behind_blanks(&self, at: usize) -> usize {
        self.behind(at, |sign| self.blank(sign))
    }

    fn line_end(&self, at: usize) -> usize {
        let known = self.line.get();
        if known.start <= at && at <= known.end && known.end > 0 {
            return known.end;
        }
        let end = self.behind(at, |sign| !self.breaks(sign));
        self.line.set(Span::new(at, end));
        end
    }

    /// The end of the line without the CR that a line break of two characters begins with.
    fn visible_end(&self, at: usize) -> usize {
        let end = self.line_end(at);
        match end.checked_sub(1) {
            Some(before) if !self.rules.universal_breaks && self.byte(before) == Some(b'\r') => before,
            _ => end,
        }
    }

    fn problem(&mut self, span: Span, message: &'static str, fatal: bool) {
        self.file.problems.push(Problem { span, message, fatal });
    }

    /// Passes over the rest of the line at `at`, which the reader does not understand.
    fn pass_over(&mut self, at: usize, message: &'static str) {
        self.problem(Span::new(at, self.visible_end(at)), message, false);
        self.at = self.line_end(at);
    }

    /// Records the comment at `at`, which reaches to the end of the line.
    fn comment(&mut self, at: usize) {
        self.file.comments.push(Span::new(at, self.visible_end(at)));
    }

    /// Reads one statement; `None` at the end of the file or where the reader gives up.
    fn statement(&mut self) -> Option<()> {
        let start = self.behind_space(self.at);
        self.at = start;
        match self.byte(start)? {
            b'#' => {
                self.comment(start);
                self.at = self.line_end(start);
                Some(())
            }
            _ if self.rules.shape == Shape::Names => self.name_statement(start),
            _ if self.rules.shape == Shape::Bindings => {
                self.binding(start);
                Some(())
            }
            _ => self.matching(start),
        }
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

    /// The value between the quotes at `open` and `close`.
    fn quoted(&self, open: usize, close: usize) -> Value {
        let quote = match self.byte(open) {
            Some(b'\'') => Quote::Single,
            Some(b'"') => Quote::Double,
            _ => Quote::Backtick,
        };
        let raw = Span::new(open, close.saturating_add(1));
        self.value(raw, Span::new(open.saturating_add(1), close), quote, quote)
    }

    /// The value that is written as `raw`, of which `inside` counts, with the escapes of `escapes`.
    fn value(&self, raw: Span, inside: Span, quote: Quote, escapes: Quote) -> Value {
        let escapes = *of_quote(&self.rules.escapes, escapes);
        let text = decode(self.text, inside, escapes, quote, self.rules.universal_breaks);
        Value { text, raw, quote }
    }

    /// The range of an unquoted value from `at` on: the line, less its comment (which is recorded) and the
    /// white space at its end.
    fn unquoted(&mut self, at: usize) -> Span {
        let end = self.line_end(at);
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
        let value = line.get(..comment.unwrap_or(line.len())).unwrap_or_default();
        let value = value.trim_end_matches(|sign| self.rules.space.has(sign));
        let value = Span::new(at, at.saturating_add(value.len()));
        if let Some(found) = comment {
            self.comment(at.saturating_add(found));
        }
        value
    }

    /// Records an assignment whose value's last line is the one of `end`. `None` when the reader refuses it.
    fn entry(&mut self, name: Name, value: Option<Value>, end: usize) -> Option<()> {
        let (raw, quote) = match &value {
            Some(value) => (value.raw, value.quote),
            None => (Span::new(name.span.end, name.span.end), Quote::None),
        };
        let grammar = *of_quote(&self.rules.references, quote);
        let value = match value.map(|value| references::read(&value.text, grammar)) {
            Some(Ok(template)) => Some(template),
            Some(Err(error)) => {
                self.problem(error.span, "Compose cannot read the variable reference that begins here", true);
                return None;
            }
            None => match self.rules.bare {
                Bare::Ignored => return Some(()),
                // Behind `export` it names what is set already.
                Bare::Empty if !name.export => Some(Template::default()),
                Bare::Empty | Bare::Inherited | Bare::Undefined => None,
            },
        };
        let mut key = self.text.get(name.span.range()).unwrap_or_default().to_owned();
        if self.rules.universal_breaks && key.contains('\r') {
            key = key.replace("\r\n", "\n").replace('\r', "\n");
        }
        if self.rules.bare == Bare::Empty {
            self.set.insert(key.clone());
        }
        self.file.entries.push(Entry {
            key,
            key_span: name.span,
            value,
            raw,
            quote,
            // An empty value may stand behind the CR that the visible line ends before.
            line: Span::new(self.line_start(name.start), self.visible_end(end).max(raw.end)),
            export: name.export,
        });
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

/// The switch for values in `quote`, of the three for unquoted, single and double quoted ones.
fn of_quote<T>(switches: &[T; 3], quote: Quote) -> &T {
    let [unquoted, single, double] = switches;
    match quote {
        Quote::None => unquoted,
        Quote::Single | Quote::Backtick => single,
        Quote::Double => double,
    }
}
