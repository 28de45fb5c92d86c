//! The text under the parser's eyes: with every reference that nobody has resolved, and every bracketed
//! placeholder, made a single opaque run, so that what is written inside them is never taken for structure.

use percent_encoding::percent_decode_str;

use super::Part;
use crate::span::{Span, UNKNOWN};

/// Stands for a byte of an unresolved reference or of [`UNKNOWN`]. No UTF-8 text holds it.
pub(super) const OPAQUE: u8 = 0xFF;
/// Stands for a byte of a bracketed placeholder. No UTF-8 text holds it.
pub(super) const PLACEHOLDER: u8 = 0xFE;

/// Longest bracketed placeholder that is looked for, in bytes.
const LONGEST_PLACEHOLDER: usize = 64;

/// How a part is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    /// As it is.
    Plain,
    /// With percent escapes.
    Percent,
    /// With percent escapes and `+` for a blank, as queries are.
    Form,
}

/// A text and its shadow: as many bytes, but opaque where a reference or a placeholder stands.
pub(super) struct Raw<'a> {
    text: &'a str,
    shadow: Vec<u8>,
    placeholders: Vec<Span>,
}

impl<'a> Raw<'a> {
    /// Finds the references and placeholders of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        let mut raw = Self { text, shadow: text.as_bytes().to_vec(), placeholders: Vec::new() };
        for span in merged(references(text)) {
            raw.hide(span, OPAQUE);
        }
        for (at, unknown) in text.match_indices(UNKNOWN) {
            raw.hide(Span::new(at, at.saturating_add(unknown.len())), OPAQUE);
        }
        raw.hide_bounded();
        raw
    }

    fn hide(&mut self, span: Span, by: u8) {
        if let Some(bytes) = self.shadow.get_mut(span.range()) {
            bytes.fill(by);
        }
    }

    /// Hides what is a reference or a placeholder only where it fills its place from one delimiter to the
    /// next: `$NAME`, `%s`, `{name}`, `<password>`, `[project-ref]`. (`hello<ther>e` is a password.)
    fn hide_bounded(&mut self) {
        let list = self.shadow.contains(&b';');
        let mut at = 0usize;
        while let Some(byte) = self.byte(at) {
            let found = match byte {
                b'$' => self.bare_variable(at).map(|end| (end, OPAQUE)),
                b'%' => self.format_verb(at).map(|end| (end, OPAQUE)),
                b'<' => self.bracketed(at, b'>').map(|end| (end, PLACEHOLDER)),
                b'[' => self.bracketed(at, b']').map(|end| (end, PLACEHOLDER)),
                b'{' => {
                    self.bracketed(at, b'}').and_then(|end| Some((end, self.brace_meaning(at, end, list)?)))
                }
                _ => None,
            };
            match found {
                Some((end, by)) if self.is_bounded(at, end) => {
                    let span = Span::new(at, end);
                    if by == PLACEHOLDER {
                        self.placeholders.push(span);
                    }
                    self.hide(span, by);
                    at = end;
                }
                _ => at = at.saturating_add(1),
            }
        }
    }

    fn is_bounded(&self, start: usize, end: usize) -> bool {
        let before = start.checked_sub(1).and_then(|at| self.byte(at));
        // Documentation writes an optional port as `host[:port]`.
        let optional = self.byte(start) == Some(b'[') && self.byte(start.saturating_add(1)) == Some(b':');
        (optional || before.is_none_or(is_edge)) && self.byte(end).is_none_or(is_edge)
    }

    /// The end of `$NAME` in capitals, as variables are written.
    fn bare_variable(&self, at: usize) -> Option<usize> {
        let start = at.saturating_add(1);
        let end =
            self.run_end(start, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let starts_well = self.byte(start).is_some_and(|byte| byte.is_ascii_uppercase() || byte == b'_');
        (starts_well && end > start.saturating_add(1)).then_some(end)
    }

    /// The end of a verb that code fills in with a formatting function.
    fn format_verb(&self, at: usize) -> Option<usize> {
        let verb = self.byte(at.saturating_add(1))?;
        matches!(verb, b's' | b'd' | b'v' | b'i').then_some(at.saturating_add(2))
    }

    /// The end of `<words>`, `[words]` or `{words}`.
    fn bracketed(&self, at: usize, close: u8) -> Option<usize> {
        let open = self.byte(at)?;
        let from = at.saturating_add(1);
        let length = self
            .shadow
            .get(from..)?
            .iter()
            .take(LONGEST_PLACEHOLDER)
            .position(|byte| *byte == close || *byte == open || byte.is_ascii_control())?;
        let end = from.saturating_add(length);
        if self.byte(end) != Some(close) {
            return None;
        }
        let inner = self.text.get(from..end)?;
        // `[::1]` is an address; `[:port]` is not.
        let inner = if open == b'[' { inner.strip_prefix(':').unwrap_or(inner) } else { inner };
        let address = open == b'[' && (inner.contains(':') || inner.is_empty());
        (!address && inner.chars().any(char::is_alphabetic)).then_some(end.saturating_add(1))
    }

    /// `{your_password}` is what the Azure portal writes; any other `{name}` is filled in by code. In a `list`
    /// of pairs between `;` braces quote a value.
    fn brace_meaning(&self, start: usize, end: usize, list: bool) -> Option<u8> {
        let inner = self.text.get(start.saturating_add(1)..end.saturating_sub(1))?;
        if inner.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("your")) {
            return Some(PLACEHOLDER);
        }
        let quoted = list && start.checked_sub(1).and_then(|before| self.byte(before)) == Some(b'=');
        let name =
            inner.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-'));
        (name && !quoted).then_some(OPAQUE)
    }

    /// The whole text's range.
    pub(super) fn whole(&self) -> Span {
        Span::new(0, self.text.len())
    }

    /// The text of a range.
    pub(super) fn text(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The shadow of a range.
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        self.shadow.get(span.range()).unwrap_or_default()
    }

    /// One byte of the shadow.
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.shadow.get(at).copied()
    }

    /// Whether the shadow of `span` begins with `prefix`.
    pub(super) fn starts_with(&self, span: Span, prefix: &[u8]) -> bool {
        self.bytes(span).starts_with(prefix)
    }

    /// Where the first byte of `span` stands that `wanted` accepts.
    pub(super) fn find(&self, span: Span, wanted: impl Fn(u8) -> bool) -> Option<usize> {
        self.bytes(span).iter().position(|byte| wanted(*byte)).map(|at| span.start.saturating_add(at))
    }

    /// Where the last byte of `span` stands that `wanted` accepts.
    pub(super) fn find_last(&self, span: Span, wanted: impl Fn(u8) -> bool) -> Option<usize> {
        self.bytes(span).iter().rposition(|byte| wanted(*byte)).map(|at| span.start.saturating_add(at))
    }

    /// Where the run of bytes that `inside` accepts ends.
    pub(super) fn run_end(&self, from: usize, inside: impl Fn(u8) -> bool) -> usize {
        self.find(Span::new(from, self.text.len()), |byte| !inside(byte)).unwrap_or(self.text.len())
    }

    /// The ranges between the bytes that `separates` accepts.
    pub(super) fn split(&self, span: Span, separates: impl Fn(u8) -> bool) -> Vec<Span> {
        let mut pieces = Vec::new();
        let mut from = span.start;
        while let Some(at) = self.find(Span::new(from, span.end), &separates) {
            pieces.push(Span::new(from, at));
            from = at.saturating_add(1);
        }
        pieces.push(Span::new(from, span.end));
        pieces
    }

    /// The range without white space at its ends.
    pub(super) fn trimmed(&self, span: Span) -> Span {
        let text = self.text(span);
        let start = span.start.saturating_add(text.len().saturating_sub(text.trim_start().len()));
        Span::new(start, start.saturating_add(text.trim().len()))
    }

    /// Whether the range is nothing but references.
    pub(super) fn is_opaque(&self, span: Span) -> bool {
        !span.is_empty() && self.bytes(span).iter().all(|byte| *byte == OPAQUE)
    }

    /// Whether a reference or placeholder is in the range.
    pub(super) fn is_open(&self, span: Span) -> bool {
        self.bytes(span).iter().any(|byte| matches!(*byte, OPAQUE | PLACEHOLDER))
    }

    /// The bracketed placeholders.
    pub(super) fn placeholders(&self) -> &[Span] {
        &self.placeholders
    }

    /// The decoded part at `span`, with [`UNKNOWN`] for each run of references.
    pub(super) fn part(&self, span: Span, decoding: Decoding) -> Part {
        let mut value = String::new();
        let mut at = span.start;
        while at < span.end {
            let opaque = self.byte(at) == Some(OPAQUE);
            let end = self.run_end(at, |byte| (byte == OPAQUE) == opaque).min(span.end);
            if end <= at {
                break;
            }
            if opaque {
                value.push(UNKNOWN);
            } else {
                value.push_str(&decode(self.text(Span::new(at, end)), decoding));
            }
            at = end;
        }
        Part { span, value }
    }
}

fn decode(text: &str, decoding: Decoding) -> String {
    match decoding {
        Decoding::Plain => text.to_owned(),
        Decoding::Percent => percent_decode_str(text).decode_utf8_lossy().into_owned(),
        Decoding::Form => percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned(),
    }
}

/// Bytes that end a component of a connection string, or a label or word within one.
fn is_edge(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b':' | b'/' | b'@' | b'?' | b'&' | b'=' | b'#' | b',' | b';' | b'.' | b'-')
        || matches!(byte, b'"' | b'\'' | b'(' | b')' | b'[' | OPAQUE | PLACEHOLDER)
}

/// References whose own brackets delimit them, in the order in which they end: `${X:-y}` and `${{ x }}`,
/// `$(X)`, `#{X}`, `{{ x }}`, `<%= x %>`, `%(x)s`, `op://vault/item/field`.
fn references(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // Each opener: where, the byte that closes it, and whether it begins a reference.
    let mut open: Vec<(usize, u8, bool)> = Vec::new();
    let mut closers = Closers::default();
    let mut at = 0usize;
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at.saturating_add(1)).copied();
        let mut step = 1usize;
        match (byte, next) {
            (b'$' | b'#', Some(b'{')) => {
                open.push((at, b'}', true));
                step = 2;
            }
            (b'$', Some(b'(')) => {
                open.push((at, b')', true));
                step = 2;
            }
            (b'{' | b'(', _) if !open.is_empty() => {
                open.push((at, if byte == b'{' { b'}' } else { b')' }, false));
            }
            (b'}' | b')', _) => {
                if let Some((start, close, counts)) = open.last().copied()
                    && close == byte
                {
                    open.pop();
                    if counts {
                        found.push(Span::new(start, at.saturating_add(1)));
                    }
                }
            }
            (b'{' | b'<' | b'%', Some(_)) => {
                if let Some(end) = closers.end_of(text, at) {
                    found.push(Span::new(at, end));
                    step = end.saturating_sub(at).max(1);
                }
            }
            (b'o', Some(b'p')) if at > 0 && text.get(at..).is_some_and(|rest| rest.starts_with("op://")) => {
                let rest = text.get(at..).unwrap_or_default();
                let length = rest.find(['@', '&', '\n']).unwrap_or(rest.len());
                found.push(Span::new(at, at.saturating_add(length)));
                step = length.max(1);
            }
            _ => {}
        }
        at = at.saturating_add(step);
    }
    found
}

/// Looks for the closing marks of templates, and remembers which ones do not occur any more, so that a text
/// full of openers costs no more than its length.
#[derive(Default)]
struct Closers {
    exhausted: [bool; 3],
}

impl Closers {
    fn end_of(&mut self, text: &str, at: usize) -> Option<usize> {
        const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("<%", "%>"), ("%(", ")s")];
        let rest = text.get(at..)?;
        for ((open, close), exhausted) in MARKS.iter().zip(self.exhausted.iter_mut()) {
            if *exhausted || !rest.starts_with(open) {
                continue;
            }
            match rest.find(close) {
                Some(length) => return Some(at.saturating_add(length).saturating_add(close.len())),
                None => *exhausted = true,
            }
        }
        None
    }
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match kept.last_mut() {
            Some(last) if span.start < last.end => *last = last.to(span),
            _ => kept.push(span),
        }
    }
    kept
}
