//! What the command line of a server sets.

use crate::catalog::Engine;
use crate::model::{Basis, Located};
use crate::span::Text;

/// The limit: `-c max_connections=N`, `-cmax_connections=N`, `--max_connections=N`, `--max-connections N`, `-N N`; the
/// last wins.
#[must_use]
pub fn limit(command: &[Text], engine: &Engine) -> Option<Located<u64>> {
    count(command, &engine.settings, &engine.flags)
}

/// A setting that is a number of connections, by any of its names or flags.
#[must_use]
pub fn count(command: &[Text], names: &[String], flags: &[String]) -> Option<Located<u64>> {
    let mut found = None;
    let mut words = command.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.as_str();
        if flags.iter().any(|flag| flag == text) {
            found = words.peek().and_then(|next| number(next, 0)).or(found);
            continue;
        }
        if let Some(flag) = flags.iter().find(|flag| text.starts_with(flag.as_str()))
            && let Some(limit) = number(word, flag.len())
        {
            found = Some(limit);
            continue;
        }
        for name in names {
            found = match value(word, name) {
                Value::Here(at) => number(word, at),
                Value::Next => words.peek().and_then(|next| number(next, 0)),
                Value::None => None,
            }
            .or(found);
        }
    }
    found
}

/// A setting that is a path: `-c config_file=PATH`, `--defaults-file=PATH`.
#[must_use]
pub fn path<'a>(command: &'a [Text], names: &[String]) -> Option<&'a str> {
    let mut words = command.iter().peekable();
    let mut found = None;
    while let Some(word) = words.next() {
        for name in names {
            found = match value(word, name) {
                Value::Here(at) => word.as_str().get(at..),
                Value::Next => words.peek().map(|next| next.as_str()),
                Value::None => None,
            }
            .or(found);
        }
    }
    found
}

/// Where the value of a setting is.
enum Value {
    /// In the word, from here.
    Here(usize),
    /// The next word.
    Next,
    /// Another setting is meant.
    None,
}

fn value(word: &Text, name: &str) -> Value {
    let text = word.as_str();
    let start = text.find(|character: char| character != '-').unwrap_or(0);
    let body = text.get(start..).unwrap_or_default();
    let (body, start) = match body.strip_prefix('c') {
        Some(rest) if text.starts_with("-c") && !text.starts_with("--") => (rest, start.saturating_add(1)),
        _ => (body, start),
    };
    let Some(rest) = strip_setting(body, name) else { return Value::None };
    let at = start.saturating_add(body.len().saturating_sub(rest.len()));
    if rest.starts_with('=') {
        Value::Here(at.saturating_add(1))
    } else if rest.is_empty() {
        Value::Next
    } else {
        Value::None
    }
}

/// What follows the setting's name, in which `-` and `_` are the same and the case of letters does not matter
/// (PostgreSQL's `guc_name_compare`).
#[must_use]
pub fn strip_setting<'a>(text: &'a str, setting: &str) -> Option<&'a str> {
    let head = text.get(..setting.len())?;
    let same = head.bytes().zip(setting.bytes()).all(|(one, two)| {
        one.eq_ignore_ascii_case(&two) || (matches!(one, b'-' | b'_') && matches!(two, b'-' | b'_'))
    });
    if same { text.get(setting.len()..) } else { None }
}

/// The number that a word holds from `from` on.
#[must_use]
pub fn number(word: &Text, from: usize) -> Option<Located<u64>> {
    let text = word.as_str();
    let digits = text.get(from..)?;
    let range = from..text.len();
    let place = word.place_of(range.clone());
    match digits.trim().parse() {
        Ok(value) => {
            Some(Located { hops: word.hops_of(range), ..Located::of(value, Basis::Written).at(place) })
        }
        // Written, but not known or no number: whatever it is, it is not the default.
        Err(_) => Some(Located::unknown().at(place)),
    }
}

/// The words of a line without quotes, as images take them apart (`POSTGRES_INITDB_ARGS`).
#[must_use]
pub fn words(line: &Text) -> Vec<Text> {
    let text = line.as_str();
    let mut words = Vec::new();
    for word in text.split_ascii_whitespace() {
        let start = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        words.push(line.slice(start..start.saturating_add(word.len())));
    }
    words
}
