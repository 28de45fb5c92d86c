//! The few forms of ERB that only read a variable: `ENV["X"]`, `ENV.fetch("X")`, `ENV.fetch("X", default)` and
//! `ENV.fetch("X") { default }`. Anything else is a program, and its result unknown.

use std::ops::Range;
use std::sync::Arc;

use crate::span::{Origin, Place, Text, UNKNOWN};

/// What a variable is to the one who asks.
pub enum Asked {
    /// This.
    Value(Text),
    /// Something that the repository does not tell.
    Unknown(Arc<str>),
    /// Nobody here sets it: a default holds, and without one it is set elsewhere.
    Elsewhere(Arc<str>),
    /// Nothing.
    Nothing,
}

/// A scalar with its ERB evaluated.
#[must_use]
pub fn evaluate(value: &Text, lookup: &dyn Fn(&str) -> Asked) -> Text {
    let text = value.as_str();
    let mut out = Text::default();
    let mut at = 0usize;
    while let Some(start) =
        text.get(at..).and_then(|rest| rest.find("<%")).map(|found| at.saturating_add(found))
    {
        out.push_text(&value.slice(at..start));
        let end = text.get(start..).and_then(|rest| rest.find("%>")).map(|found| start.saturating_add(found));
        let close = end.unwrap_or(text.len());
        let whole = start..close.saturating_add(2).min(text.len());
        let hop = value.place_of(whole.clone());
        match text.get(start..close).and_then(|tag| tag.strip_prefix("<%=")) {
            Some(code) => {
                let from = start.saturating_add(3);
                expression(value, from..from.saturating_add(code.len()), lookup, hop, &mut out);
            }
            None => unknown(&mut out, COMPUTED.into(), hop),
        }
        at = whole.end;
    }
    out.push_text(&value.slice(at..text.len()));
    out
}

/// Why the result of a program is unknown.
const COMPUTED: &str = "a program computes it";

fn expression(
    value: &Text,
    range: Range<usize>,
    lookup: &dyn Fn(&str) -> Asked,
    hop: Option<Place>,
    out: &mut Text,
) {
    let Some(read) = value.as_str().get(range.clone()).and_then(|code| parse(code, range.start)) else {
        return unknown(out, COMPUTED.into(), hop);
    };
    match (lookup(&read.name), read.default) {
        (Asked::Value(text), _) => match hop {
            Some(hop) => out.push_via(&text, hop),
            None => out.push_text(&text),
        },
        (Asked::Unknown(reason), _) => unknown(out, reason, hop),
        (Asked::Nothing | Asked::Elsewhere(_), Some(default)) => out.push_text(&value.slice(default)),
        (Asked::Elsewhere(reason), None) => unknown(out, reason, hop),
        // Rails would not start.
        (Asked::Nothing, None) if read.fetch => unknown(out, super::super::elsewhere(&read.name), hop),
        (Asked::Nothing, None) => {}
    }
}

fn unknown(out: &mut Text, reason: Arc<str>, hop: Option<Place>) {
    let hops = hop.into_iter().collect();
    out.push(UNKNOWN.encode_utf8(&mut [0; 4]), Origin::Unknown { reason }, hops);
}

/// A read variable, and the bytes of its default.
struct Read {
    name: String,
    fetch: bool,
    default: Option<Range<usize>>,
}

fn parse(code: &str, start: usize) -> Option<Read> {
    let code_end = start.saturating_add(code.len());
    let rest = code.trim();
    let rest = rest.strip_prefix("ENV")?;
    let (fetch, inner) = match rest.strip_prefix(".fetch") {
        Some(rest) => (true, rest.trim_start().strip_prefix('(')?),
        None => (false, rest.strip_prefix('[')?),
    };
    let (name, rest) = quoted(inner.trim_start())?;
    let rest = rest.trim_start();
    let default = if !fetch {
        rest.strip_prefix(']').filter(|rest| rest.trim().is_empty())?;
        None
    } else if let Some(rest) = rest.strip_prefix(',') {
        Some(rest.trim().strip_suffix(')')?.trim())
    } else {
        let rest = rest.strip_prefix(')')?.trim();
        match rest.is_empty() {
            true => None,
            false => Some(rest.strip_prefix('{')?.strip_suffix('}')?.trim()),
        }
    };
    let default = match default {
        None => None,
        Some(text) => {
            let literal = match quoted(text) {
                Some((inner, "")) => inner,
                Some(_) => return None,
                None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => text,
                None => return None,
            };
            // Both are parts of the same text.
            let behind = code.rfind(text)?;
            let from = start.saturating_add(behind).saturating_add(usize::from(literal.len() != text.len()));
            let to = from.saturating_add(literal.len());
            Some(from..to).filter(|range| range.end <= code_end)
        }
    };
    Some(Read { name: name.to_owned(), fetch, default })
}

/// A text in quotes without anything to interpret, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    let inner = text.get(1..)?;
    let end = inner.find(quote)?;
    let value = inner.get(..end)?;
    (!value.contains(['\\', '#'])).then_some((value, inner.get(end.saturating_add(1)..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, SpanText};

    #[test]
    fn plain_forms_only() {
        let text = |value: &str| Text::written(&SpanText::verbatim(value, 0), FileId(0));
        let lookup = |name: &str| match name {
            "SET" => Asked::Value(text("7")),
            "SECRET" => Asked::Unknown("a secret".into()),
            "LONE" => Asked::Elsewhere("elsewhere".into()),
            _ => Asked::Nothing,
        };
        for (value, expected) in [
            ("5", "5"),
            ("<%= ENV['SET'] %>", "7"),
            ("a-<%= ENV.fetch(\"SET\") %>-b", "a-7-b"),
            ("<%= ENV.fetch(\"UNSET\") { 5 } %>", "5"),
            ("<%=ENV.fetch('UNSET', 'db') %>", "db"),
            ("<%= ENV.fetch(\"UNSET\", \"\") %>", ""),
            ("<%= ENV['UNSET'] %>", ""),
            ("<%= ENV.fetch('UNSET') %>", "\u{f8ff}"),
            ("<%= ENV.fetch('SECRET', 5) %>", "\u{f8ff}"),
            ("<%= ENV.fetch('LONE', 5) %>", "5"),
            ("<%= ENV['LONE'] %>", "\u{f8ff}"),
            ("<%= ENV['UNSET'] || 5 %>", "\u{f8ff}"),
            ("<%= ENV.fetch('UNSET', 5).to_i + 5 %>", "\u{f8ff}"),
            ("<%= ENV.fetch('UNSET') { \"#{x}\" } %>", "\u{f8ff}"),
            ("<%= Rails.application.credentials.pw %>", "\u{f8ff}"),
            ("<% if x %>", "\u{f8ff}"),
            ("<%= open", "\u{f8ff}"),
        ] {
            assert_eq!(evaluate(&text(value), &lookup).as_str(), expected, "{value}");
        }
        let value = text("<%= ENV.fetch(\"UNSET\") { 5 } %>");
        let place = evaluate(&value, &lookup).editable(0..1).unwrap();
        assert_eq!(&value.as_str()[place.span.range()], "5");
    }
}
