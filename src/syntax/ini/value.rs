//! Values in the three dialects.

use super::{BLANKS, Dialect};
use crate::span::{Span, SpanText};

/// The value at the start of `rest`, which stands at `at` and has no white space around it: decoded, its bytes
/// with quotes, and the comment behind it. `None` where the program refuses the line.
pub(super) fn read(rest: &str, at: usize, dialect: Dialect) -> Option<(SpanText, Span, Option<Span>)> {
    match dialect {
        Dialect::PgBouncer => {
            let span = Span::new(at, at.saturating_add(rest.len()));
            Some((SpanText::verbatim(rest, at), span, None))
        }
        Dialect::Postgres => postgres(rest, at),
        Dialect::MySql => mysql(rest, at),
    }
}

/// PostgreSQL: one word or one quoted text, then at most a comment.
/// <https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-CONFIGURATION-FILE>
fn postgres(rest: &str, at: usize) -> Option<(SpanText, Span, Option<Span>)> {
    let (value, len) = match rest.strip_prefix('\'') {
        Some(quoted) => {
            let (value, len) = quoted_text(quoted, at.saturating_add(1), '\'')?;
            (value, len.saturating_add(1))
        }
        None => {
            let len = rest.find(|char| char == '#' || BLANKS.contains(&char)).unwrap_or(rest.len());
            (SpanText::verbatim(rest.get(..len)?, at), len)
        }
    };
    let comment = comment(rest, len, at)?;
    Some((value, Span::new(at, at.saturating_add(len)), comment))
}

/// MySQL: a quoted text, or everything up to `#`. A hash inside quotes is text.
/// <https://dev.mysql.com/doc/refman/8.4/en/option-files.html>
fn mysql(rest: &str, at: usize) -> Option<(SpanText, Span, Option<Span>)> {
    for quote in ['\'', '"'] {
        if let Some((value, len)) =
            rest.strip_prefix(quote).and_then(|inner| quoted_text(inner, at.saturating_add(1), quote))
        {
            let len = len.saturating_add(1);
            if let Some(comment) = comment(rest, len, at) {
                return Some((value, Span::new(at, at.saturating_add(len)), comment));
            }
        }
    }
    let cut = rest.find('#').unwrap_or(rest.len());
    let len = rest.get(..cut)?.trim_end_matches(BLANKS).len();
    let value = escaped(rest.get(..len)?, at);
    Some((value, Span::new(at, at.saturating_add(len)), comment(rest, len, at)?))
}

/// What follows a value: nothing, or a comment and its bytes.
#[expect(
    clippy::option_option,
    reason = "none and nothing to see differ: a refused line, a line without comment"
)]
fn comment(rest: &str, len: usize, at: usize) -> Option<Option<Span>> {
    let behind = rest.get(len..)?.trim_start_matches(BLANKS);
    let end = at.saturating_add(rest.len());
    match behind {
        "" => Some(None),
        _ if behind.starts_with('#') => Some(Some(Span::new(end.saturating_sub(behind.len()), end))),
        _ => None,
    }
}

/// A text up to its closing quote, with `''` and backslash escapes undone; also the bytes up to and with that
/// quote. `None` when it is not closed.
fn quoted_text(inner: &str, at: usize, quote: char) -> Option<(SpanText, usize)> {
    let mut text = SpanText::default();
    let mut chars = inner.char_indices().peekable();
    let mut buffer = [0; 4];
    while let Some((start, char)) = chars.next() {
        let mut end = start.saturating_add(char.len_utf8());
        let mut decoded = char;
        if char == quote {
            match chars.next_if(|(_, next)| *next == quote) {
                Some((second, _)) => end = second.saturating_add(1),
                None => return Some((text, end)),
            }
        } else if char == '\\' {
            let (next, escape) = chars.next()?;
            end = next.saturating_add(escape.len_utf8());
            decoded = unescaped(escape);
        }
        let exact = end.saturating_sub(start) == char.len_utf8();
        text.push(decoded.encode_utf8(&mut buffer), Span::new(start, end).shifted(at), exact);
    }
    None
}

/// A text without quotes in which backslash escapes are undone.
fn escaped(raw: &str, at: usize) -> SpanText {
    let mut text = SpanText::default();
    let mut chars = raw.char_indices();
    let mut buffer = [0; 4];
    while let Some((start, char)) = chars.next() {
        let mut end = start.saturating_add(char.len_utf8());
        let mut decoded = char;
        if char == '\\'
            && let Some((next, escape)) = chars.next()
        {
            end = next.saturating_add(escape.len_utf8());
            decoded = if escape == 's' { ' ' } else { unescaped(escape) };
        }
        let exact = end.saturating_sub(start) == char.len_utf8();
        text.push(decoded.encode_utf8(&mut buffer), Span::new(start, end).shifted(at), exact);
    }
    text
}

/// What a character behind a backslash stands for.
fn unescaped(char: char) -> char {
    match char {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}
