//! Templates that set variables: `NAME=value` on each line, with actions of Go's templates in between, of which nothing
//! is worked out (<https://developer.hashicorp.com/nomad/docs/job-specification/template#environment-variables>).

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::values::variable;
use crate::model::{Value, Variable};
use crate::span::Text;

const UNKNOWN: &str = "a template renders it";

/// The variables that a template sets, and whether these are all.
pub(super) fn variables(template: &Text) -> (BTreeMap<String, Variable>, bool) {
    let text = template.as_str();
    let (mut found, mut whole) = (BTreeMap::new(), true);
    // What opened the blocks around a line; `end` closes the last.
    let mut blocks: Vec<Block> = Vec::new();
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let range = start..start.saturating_add(line.len());
        start = range.end;
        let certain = blocks.iter().all(|block| *block == Block::With);
        follow(line, &mut blocks);
        let Some((key, value)) = assignment(text, range) else {
            whole &= line.trim().is_empty() || line.trim_start().starts_with('#') || is_structure(line);
            continue;
        };
        // A block on the line itself may leave the value out, or end what began before.
        let own = line.contains("{{") && actions(line).any(|(_, action)| Block::of(action).is_some());
        let known = certain && !own;
        whole &= known;
        let value = if known { filled(template, value) } else { Text::unknown(UNKNOWN) };
        let name = text.get(key.clone()).unwrap_or_default();
        found.extend([variable(name, template.place_of(key), Value::Text(value))]);
    }
    (found, whole)
}

/// Blocks of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// What is inside is there, or nothing is: without the secret a task does not start.
    With,
    /// What is inside may be there, or be there several times.
    Other,
}

impl Block {
    fn of(action: &str) -> Option<Self> {
        match action.split_whitespace().next()? {
            "with" => Some(Self::With),
            "if" | "range" | "define" | "block" | "else" => Some(Self::Other),
            _ => None,
        }
    }
}

/// The actions of a line, `{{` and `}}` included in the range.
fn actions(line: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let begin = at.checked_add(line.get(at..)?.find("{{")?)?;
        let length = line.get(begin..)?.find("}}");
        let end = length.and_then(|length| begin.checked_add(length)?.checked_add(2)).unwrap_or(line.len());
        at = end;
        let action = line.get(begin..end)?.trim_start_matches('{').trim_end_matches('}');
        Some((begin..end, action.trim_matches(['-', ' ', '\t'])))
    })
}

fn follow(line: &str, blocks: &mut Vec<Block>) {
    for (_, action) in actions(line) {
        match (action.split_whitespace().next(), Block::of(action)) {
            (Some("end"), _) => drop(blocks.pop()),
            // Either branch may be rendered.
            (Some("else"), _) => drop(blocks.last_mut().map(|last| *last = Block::Other)),
            (_, Some(block)) => blocks.push(block),
            _ => {}
        }
    }
}

/// Whether a line only opens and closes blocks.
fn is_structure(line: &str) -> bool {
    let mut rest = line.trim().len();
    let structure = actions(line.trim()).all(|(range, action)| {
        rest = rest.saturating_sub(range.len());
        let word = action.split_whitespace().next();
        Block::of(action).is_some() || word == Some("end") || action.starts_with("/*")
    });
    structure && rest == 0
}

/// Where a line's name and its value stand. What quotes and escapes do to a value is followed in the plain cases only.
fn assignment(text: &str, line: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let content = text.get(line.clone())?;
    let equals = content.find('=')?;
    let before = content.get(..equals)?;
    let name = before.trim().strip_prefix("export ").unwrap_or(before.trim()).trim();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let from = line.start.checked_add(before.rfind(name)?)?;
    let value = line.start.checked_add(equals)?.checked_add(1)?..line.end;
    Some((from..from.checked_add(name.len())?, trimmed(text, value)))
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let content = text.get(range.clone()).unwrap_or_default();
    let begin = content.len().saturating_sub(content.trim_start().len());
    let start = range.start.saturating_add(begin).min(range.end);
    start..start.saturating_add(content.trim().len())
}

/// The value with its actions unknown.
fn filled(template: &Text, range: Range<usize>) -> Text {
    let text = template.as_str();
    let written = text.get(range.clone()).unwrap_or_default();
    let quote = written.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let inner = quote.and_then(|quote| written.strip_prefix(quote)?.strip_suffix(quote));
    let (content, start) = match inner {
        Some(inner) => (inner, range.start.saturating_add(1)),
        None => (written, range.start),
    };
    let signs: String = {
        let mut rest = String::new();
        let mut at = 0;
        for (action, _) in actions(content) {
            rest.push_str(content.get(at..action.start).unwrap_or_default());
            at = action.end;
        }
        rest + content.get(at..).unwrap_or_default()
    };
    if signs.contains(['\\', '"', '\'']) || (inner.is_none() && signs.contains('#')) {
        return Text::unknown("a value with quotes or comments in it");
    }
    let mut value = Text::default();
    let mut at = 0_usize;
    let part = |from: usize, to: usize| template.slice(start.saturating_add(from)..start.saturating_add(to));
    for (action, _) in actions(content) {
        value.push_text(&part(at, action.start));
        value.push_text(&Text::unknown(UNKNOWN));
        at = action.end;
    }
    value.push_text(&part(at, content.len()));
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Place, Span};

    fn shown(template: &str) -> String {
        let place = Place::new(FileId(0), Span::new(0, template.len()));
        let (found, whole) = variables(&Text::derived(template, place));
        let mut words: Vec<String> = found
            .values()
            .map(|one| format!("{}={}", one.name, one.text().as_str().replace(crate::span::UNKNOWN, "?")))
            .collect();
        words.extend((!whole).then(|| "…".to_owned()));
        words.join(" ")
    }

    #[test]
    fn lines_set_variables() {
        for (template, expected) in [
            ("A=b\n\n# c\n  export D = \"e f\"\n", "A=b D=e f"),
            ("A='b'\nC=d#e\nF=\"g\\n\"\n", "A=b C=? F=?"),
            ("U=postgres://a:{{ .P }}@h/{{ .D }}\n", "U=postgres://a:?@h/?"),
            ("{{ with secret \"a=b\" }}\nA={{ .Data }}\n{{ end }}\nB=c\n", "A=? B=c"),
            ("{{ if x }}\nA=b\n{{ else }}\nA=c\n{{ end }}\nD=e\n", "A=? D=e …"),
            ("{{- with x }}A=b{{ end }}\n", "…"),
            ("A={{ with x }}b{{ end }}\n", "A=? …"),
            ("{{ with x }}\n{{ else }}\nA=b\n{{ end }}", "A=? …"),
            ("{{ range ls \"a\" }}\n{{ .Key }}={{ .Value }}\n{{ end }}", "…"),
            ("{{ key \"a\" }}", "…"),
            ("{{/* c */}}", ""),
            ("text\n", "…"),
            ("A={{", "A=?"),
        ] {
            assert_eq!(shown(template), expected, "{template}");
        }
    }
}
