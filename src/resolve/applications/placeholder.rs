//! `${name:default}` as Spring (`PropertyPlaceholderHelper`) and Quarkus (SmallRye Config's expressions) resolve it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::elsewhere;
use crate::span::{Origin, Place, Text};

/// What a name stands for.
pub enum Meaning {
    /// A value, which is complete.
    Value(Text),
    /// A value that may hold placeholders itself.
    Template(Text),
    /// Something that the repository does not tell.
    Unknown(Arc<str>),
    /// Nothing: the default holds.
    Nothing,
}

/// How deep placeholders lead to further ones.
const MAX_DEPTH: usize = 16;

/// How many bytes placeholders put into one value, all that lie between counted. No connection needs as many.
const MAX_BYTES: usize = 64 * 1024;

/// A value with its placeholders resolved; `lookup` knows the names. One that leads back to itself is not known: Spring
/// and SmallRye Config refuse to start with it.
#[must_use]
pub fn resolve(value: &Text, lookup: &dyn Fn(&str) -> Meaning) -> Text {
    let mut expansion = Expansion { lookup, done: BTreeMap::new(), open: Vec::new(), left: MAX_BYTES };
    let mut out = Text::default();
    expansion.expand(value, 0, &mut out);
    out
}

/// What is known while one value is resolved.
struct Expansion<'a> {
    lookup: &'a dyn Fn(&str) -> Meaning,
    /// What names stand for in the end: each is resolved once, however often it is written.
    done: BTreeMap<String, Resolved>,
    /// The names that are being resolved, outermost first.
    open: Vec<String>,
    /// How many bytes may still be put in.
    left: usize,
}

/// What a name stands for in the end.
#[derive(Clone)]
enum Resolved {
    Text(Arc<Text>),
    Unknown(Arc<str>),
    Nothing,
}

impl Expansion<'_> {
    fn expand(&mut self, value: &Text, depth: usize, out: &mut Text) {
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
            let resolved = match plain && depth < MAX_DEPTH {
                true => self.name(name, depth),
                false => Resolved::Unknown(UNRESOLVED.into()),
            };
            match resolved {
                Resolved::Text(text) => match self.left.checked_sub(text.as_str().len()) {
                    Some(left) => {
                        self.left = left;
                        via(out, &text, hop);
                    }
                    None => unknown(out, "placeholders make it too long".into(), hop),
                },
                Resolved::Unknown(reason) => unknown(out, reason, hop),
                Resolved::Nothing => match found.default {
                    Some(default) => self.expand(&value.slice(default), depth.saturating_add(1), out),
                    None => unknown(out, elsewhere(name), hop),
                },
            }
        }
        out.push_text(&value.slice(at..text.len()));
    }

    fn name(&mut self, name: &str, depth: usize) -> Resolved {
        if let Some(resolved) = self.done.get(name) {
            return resolved.clone();
        }
        if self.open.iter().any(|open| open == name) {
            return Resolved::Unknown(format!("{name} leads back to itself").into());
        }
        let resolved = match (self.lookup)(name) {
            Meaning::Value(text) => Resolved::Text(Arc::new(text)),
            Meaning::Template(template) => {
                let mut inner = Text::default();
                self.open.push(name.to_owned());
                self.expand(&template, depth.saturating_add(1), &mut inner);
                self.open.pop();
                Resolved::Text(Arc::new(inner))
            }
            Meaning::Unknown(reason) => Resolved::Unknown(reason),
            Meaning::Nothing => Resolved::Nothing,
        };
        self.done.insert(name.to_owned(), resolved.clone());
        resolved
    }
}

/// Why a placeholder is not resolved that is escaped, put together or too deep.
const UNRESOLVED: &str = "a placeholder that poollint does not resolve";

fn via(out: &mut Text, text: &Text, hop: Option<Place>) {
    match hop {
        Some(hop) => out.push_via(text, hop),
        None => out.push_text(text),
    }
}

fn unknown(out: &mut Text, reason: Arc<str>, hop: Option<Place>) {
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
    fn what_multiplies_is_not_put_together() {
        let text = |value: &str| Text::written(&SpanText::verbatim(value, 0), FileId(0));
        let (wide, asked) = ("${next}".repeat(8), std::cell::Cell::new(0usize));
        let lookup = |name: &str| {
            asked.set(asked.get() + 1);
            assert!(asked.get() < 100, "each name is asked for once");
            match name.strip_prefix('p').and_then(|number| number.parse::<u32>().ok()) {
                Some(10) => Meaning::Value(text("x")),
                Some(number) => Meaning::Template(text(&wide.replace("next", &format!("p{}", number + 1)))),
                None => Meaning::Template(text(&format!("${{{name}}}").repeat(4))),
            }
        };
        for (value, known) in [("${p8}", true), ("${p0}", false), ("${a}", false), ("${p9}${p9}", true)] {
            asked.set(0);
            let resolved = resolve(&text(value), &lookup);
            assert_eq!(!resolved.is_unknown(), known, "{value}");
            assert!(resolved.as_str().len() <= 2 * MAX_BYTES, "{value}");
        }
        assert_eq!(resolve(&text("${p8}"), &lookup).as_str(), "x".repeat(64));
    }

    #[test]
    fn a_default_keeps_its_place() {
        let value = Text::written(&SpanText::verbatim("a${N:def}", 10), FileId(3));
        let resolved = resolve(&value, &|_| Meaning::Nothing);
        let place = resolved.editable(1..4).unwrap();
        assert_eq!((place.span.start, place.span.end), (15, 18));
    }
}
