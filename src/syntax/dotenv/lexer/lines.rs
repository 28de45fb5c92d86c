//! Env files whose readers know neither quotes nor escapes: one assignment on each line, taken as it stands.

use std::collections::BTreeSet;

use crate::span::{Span, SpanText};
use crate::syntax::dotenv::dialect::{Bare, Rules};
use crate::syntax::dotenv::{Entry, EnvFile, Problem, Quote};
use crate::syntax::interpolation::Template;

const BOM: char = '\u{FEFF}';

pub(super) fn read(text: &str, rules: &Rules) -> EnvFile {
    let mut file = EnvFile::default();
    let mut seen = BTreeSet::new();
    let mut start = 0usize;
    for (number, whole) in text.split('\n').enumerate() {
        let line = Span::new(start, start.saturating_add(whole.len()));
        start = line.end.saturating_add(1);
        let body = whole.strip_suffix('\r').unwrap_or(whole);
        let end = line.start.saturating_add(body.len());
        let body = if number == 0 { body.strip_prefix(BOM).unwrap_or(body) } else { body };
        let line = Span::new(end.saturating_sub(body.len()), end);
        let body = body.trim_start_matches(|sign| rules.space.has(sign));
        let at = end.saturating_sub(body.len());
        if body.is_empty() {
            continue;
        }
        if body.starts_with('#') {
            file.comments.push(Span::new(at, end));
            continue;
        }
        if let Some(entry) = assignment(body, at, line, rules, &mut file.problems) {
            if !rules.repeats && !seen.insert(entry.key.clone()) {
                file.problems.push(fatal(entry.key_span, "this name stands twice in the file"));
            }
            file.entries.push(entry);
        }
        if file.problems.iter().any(|problem| problem.fatal) {
            break;
        }
    }
    file
}

fn assignment(
    body: &str,
    at: usize,
    line: Span,
    rules: &Rules,
    problems: &mut Vec<Problem>,
) -> Option<Entry> {
    let (key, value) = match body.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (body, None),
    };
    let key_span = Span::new(at, at.saturating_add(key.len()));
    if key.is_empty() {
        let span = Span::new(at, at.saturating_add(1));
        let message = "no name stands before the equals sign";
        problems.push(Problem { span, message, fatal: !rules.nameless });
        return None;
    }
    if !key.chars().all(rules.key) {
        let blank = key.chars().any(char::is_whitespace);
        let message =
            if blank { "white space stands in the name" } else { "this cannot stand in a variable's name" };
        problems.push(fatal(key_span, message));
        return None;
    }
    let strict = rules.strict_names;
    if strict && (key == "." || key.starts_with("..") || key.starts_with(|sign: char| sign.is_ascii_digit()))
    {
        problems.push(fatal(key_span, "kubectl takes no name that begins like this"));
        return None;
    }
    let raw = match value {
        Some(value) => Span::new(line.end.saturating_sub(value.len()), line.end),
        None => Span::new(key_span.end, key_span.end),
    };
    let value = match value {
        Some(value) => Some(Template::from_literal(SpanText::verbatim(value, raw.start))),
        None if rules.bare == Bare::Empty => Some(Template::default()),
        None => None,
    };
    Some(Entry { key: key.to_owned(), key_span, value, raw, quote: Quote::None, line, export: false })
}

fn fatal(span: Span, message: &'static str) -> Problem {
    Problem { span, message, fatal: true }
}
