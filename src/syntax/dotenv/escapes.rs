//! Escapes in values.

use super::Quote;
use super::dialect::Escapes;
use crate::span::{Span, SpanText};

/// Decodes `inside` of `source`. With `universal` CR and CRLF become LF.
pub(super) fn decode(
    source: &str,
    inside: Span,
    escapes: Escapes,
    quote: Quote,
    universal: bool,
) -> SpanText {
    let text = source.get(inside.range()).unwrap_or_default();
    let mut decoded = SpanText::default();
    let mut plain = 0usize;
    let mut at = 0usize;
    while let Some(found) = memchr::memchr2(b'\\', b'\r', text.as_bytes().get(at..).unwrap_or_default()) {
        let here = at.saturating_add(found);
        let rest = text.get(here..).unwrap_or_default();
        let (replacement, len) = if rest.starts_with('\r') {
            let len = if rest.starts_with("\r\n") { 2 } else { 1 };
            (universal.then(|| "\n".to_owned()), len)
        } else {
            escape(rest, escapes, quote)
        };
        let behind = here.saturating_add(len);
        if let Some(replacement) = replacement {
            push(&mut decoded, text, inside.start, plain, here);
            let span = Span::new(here, behind).shifted(inside.start);
            decoded.push(&replacement, span, false);
            plain = behind;
        }
        at = behind;
    }
    push(&mut decoded, text, inside.start, plain, text.len());
    decoded
}

fn push(decoded: &mut SpanText, text: &str, base: usize, from: usize, to: usize) {
    let piece = text.get(from..to).unwrap_or_default();
    decoded.push(piece, Span::new(from, to).shifted(base), true);
}

/// What the backslash that `rest` begins with becomes (nothing: it stays) and how many bytes that takes.
fn escape(rest: &str, escapes: Escapes, quote: Quote) -> (Option<String>, usize) {
    let Some(sign) = rest.chars().nth(1) else { return (None, 1) };
    let two = sign.len_utf8().saturating_add(1);
    let one = |value: &str| (Some(value.to_owned()), two);
    match (escapes, sign) {
        (Escapes::Quote, '\'') if quote == Quote::Single => one("'"),
        (Escapes::Compose | Escapes::PythonDouble, 'a') => one("\u{7}"),
        (Escapes::Compose | Escapes::PythonDouble, 'b') => one("\u{8}"),
        (Escapes::Compose | Escapes::PythonDouble, 'f') => one("\u{C}"),
        (Escapes::Compose | Escapes::PythonDouble | Escapes::Breaks, 'n') => one("\n"),
        (Escapes::Compose | Escapes::PythonDouble | Escapes::Breaks, 'r') => one("\r"),
        (Escapes::Compose | Escapes::PythonDouble, 't') => one("\t"),
        (Escapes::Compose | Escapes::PythonDouble, 'v') => one("\u{B}"),
        (Escapes::Compose | Escapes::PythonDouble | Escapes::PythonSingle, '\\') => one("\\"),
        (Escapes::PythonDouble | Escapes::PythonSingle, '\'') => one("'"),
        (Escapes::Compose | Escapes::PythonDouble, '"') => one("\""),
        // What reads references next takes `$$` for a dollar sign.
        (Escapes::Compose, '$') => one("$$"),
        (Escapes::Compose, '0') => octal(rest),
        // These readers see no pairs: a backslash behind a backslash begins its own escape.
        (Escapes::Breaks | Escapes::None, _) => (None, 1),
        // The line break behind is read on its own.
        (Escapes::Ruby | Escapes::RubyDouble, '\r') => (Some(String::new()), 1),
        (_, '\r') => (None, 1),
        (Escapes::Ruby | Escapes::RubyDouble, '$') => (None, 1),
        (Escapes::RubyDouble, 'n' | 'r') => (None, two),
        (Escapes::Ruby | Escapes::RubyDouble, _) => (Some(sign.to_string()), two),
        _ => (None, two),
    }
}

/// `\0` and up to three digits. Anything but three octal digits below 400 only loses the zero.
fn octal(rest: &str) -> (Option<String>, usize) {
    let digits = rest.get(2..).unwrap_or_default();
    let count = digits.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let digits = digits.get(..count).unwrap_or_default();
    let len = count.saturating_add(2);
    let value = (count == 3).then(|| u8::from_str_radix(digits, 8).ok()).flatten();
    (Some(value.map_or_else(|| format!("\\{digits}"), |value| char::from(value).to_string())), len)
}
