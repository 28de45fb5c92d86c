//! `${name:default}` as Spring (`PropertyPlaceholderHelper`) and Quarkus (SmallRye Config's expressions) resolve it.

use std::ops::Range;

use super::elsewhere;
use crate::span::{Origin, Place, Text};

/// What a name stands for.
pub enum Meaning {
    /// A value, which is complete.
    Value(Text),
    /// A value that may hold placeholders itself.
    Template(Text),
    /// Something that the repository does not tell.
    Unknown(std::sync::Arc<str>),
    /// Nothing: the default holds.
    Nothing,
}

/// How deep placeholders lead to further ones.
const MAX_DEPTH: usize = 16;

/// A value with its placeholders resolved; `lookup` knows the names.
#[must_use]
pub fn resolve(value: &Text, lookup: &dyn Fn(&str) -> Meaning) -> Text {
    let mut out = Text::default();
    expand(value, lookup, 0, &mut out);
    out
}

fn expand(value: &Text, lookup: &dyn Fn(&str) -> Meaning, depth: usize, out: &mut Text) {
    let text = value.as_str();
    let mut at = 0usize;
    while let Some(start) =
        text.get(at..).and_then(|rest| rest.find("${")).map(|found| at.saturating_add(found))
    {
        let Some(found) = placeholder(text, start) else { break };
        out.push_text(&value.slice(at..start));
        at = found.whole.end;
        let name = text.get(found.name.clone()).unwrap_or_default().trim();
        let hop = value.place_of(found.whole.clone());
        // A name that is put together itself, or is escaped, tells nothing.
        let escaped = text.get(..start).is_some_and(|before| before.ends_with(['\\', '$', '#']));
        let plain = !escaped && !name.is_empty() && !name.contains(['$', '{']);
        let meaning = match plain && depth < MAX_DEPTH {
            true => lookup(name),
            false => Meaning::Unknown("a placeholder that poollint does not resolve".into()),
        };
        match meaning {
            Meaning::Value(text) => via(out, &text, hop),
            Meaning::Template(template) => {
                let mut inner = Text::default();
                expand(&template, lookup, depth.saturating_add(1), &mut inner);
                via(out, &inner, hop);
            }
            Meaning::Unknown(reason) => unknown(out, reason, hop),
            Meaning::Nothing => match found.default {
                Some(default) => expand(&value.slice(default), lookup, depth.saturating_add(1), out),
                None => unknown(out, elsewhere(name), hop),
            },
        }
    }
    out.push_text(&value.slice(at..text.len()));
}

fn via(out: &mut Text, text: &Text, hop: Option<Place>) {
    match hop {
        Some(hop) => out.push_via(text, hop),
        None => out.push_text(text),
    }
}

fn unknown(out: &mut Text, reason: std::sync::Arc<str>, hop: Option<Place>) {
    let hops = hop.into_iter().collect();
    out.push(crate::span::UNKNOWN.encode_utf8(&mut [0; 4]), Origin::Unknown { reason }, hops);
}

/// One placeholder: its ranges of the text.
struct Found {
    whole: Range<usize>,
    name: Range<usize>,
    default: Option<Range<usize>>,
}

fn placeholder(text: &str, start: usize) -> Option<Found> {
    let inner = start.saturating_add(2);
    let (mut depth, mut colon) = (0usize, None);
    for (offset, letter) in text.get(inner..)?.char_indices() {
        let at = inner.saturating_add(offset);
        match letter {
            '{' => depth = depth.saturating_add(1),
            '}' if depth == 0 => {
                let name = inner..colon.unwrap_or(at);
                let default = colon.map(|colon: usize| colon.saturating_add(1)..at);
                return Some(Found { whole: start..at.saturating_add(1), name, default });
            }
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && colon.is_none() => colon = Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, SpanText};

    #[test]
    fn names_and_defaults() {
        let text = |value: &str| Text::written(&SpanText::verbatim(value, 0), FileId(0));
        let lookup = |name: &str| match name {
            "A" => Meaning::Value(text("one${x}")),
            "b.c" => Meaning::Template(text("<${A}>")),
            "loop" => Meaning::Template(text("${loop}")),
            "S" => Meaning::Unknown("a secret".into()),
            _ => Meaning::Nothing,
        };
        for (value, expected) in [
            ("plain", "plain"),
            ("a${A}b", "aone${x}b"),
            ("${b.c}", "<one${x}>"),
            ("${N:d}", "d"),
            ("${N:}", ""),
            ("${N:jdbc:x://h:1/}", "jdbc:x://h:1/"),
            ("${N:${M:inner}}", "inner"),
            ("${N:{x}}", "{x}"),
            ("${N}", "\u{f8ff}"),
            ("${S:d}", "\u{f8ff}"),
            ("${loop}", "\u{f8ff}"),
            ("${${A}}", "\u{f8ff}"),
            ("${open", "${open"),
        ] {
            assert_eq!(resolve(&text(value), &lookup).as_str(), expected, "{value}");
        }
    }

    #[test]
    fn a_default_keeps_its_place() {
        let value = Text::written(&SpanText::verbatim("a${N:def}", 10), FileId(3));
        let resolved = resolve(&value, &|_| Meaning::Nothing);
        let place = resolved.editable(1..4).unwrap();
        assert_eq!((place.span.start, place.span.end), (15, 18));
    }
}
