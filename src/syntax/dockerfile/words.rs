//! The arguments of instructions: words with quotes, `NAME=value` pairs, commands.

use super::{Command, Copied, EnvEntry};
use crate::span::{Span, SpanText};
use crate::syntax::quoted;

use super::lines::Char;

/// A word as it stands, quotes and escapes included.
pub(super) struct Word<'line>(&'line [Char]);

impl Word<'_> {
    /// Whether it is an option of the instruction (`--platform=…`).
    pub(super) fn is_flag(&self) -> bool {
        matches!(self.0, [Char { char: '-', .. }, Char { char: '-', .. }, ..])
    }

    /// Its text with quotes and escapes undone, as BuildKit's shell lexer does: in single quotes everything is
    /// literal, in double quotes the escape character works before `"`, `$` and itself.
    pub(super) fn decoded(&self, escape: char) -> SpanText {
        let mut text = SpanText::default();
        let mut quote = None;
        let mut chars = self.0.iter().peekable();
        while let Some(char) = chars.next() {
            match (quote, char.char) {
                (None, '\'' | '"') => quote = Some(char.char),
                (Some(open), close) if open == close => quote = None,
                (None | Some('"'), found) if found == escape => {
                    let escaped = chars.next_if(|next| {
                        quote.is_none() || next.char == escape || matches!(next.char, '"' | '$')
                    });
                    match escaped {
                        Some(next) => push(&mut text, next.char, Span::new(char.at, end(*next)), false),
                        None => push(&mut text, found, Span::new(char.at, end(*char)), true),
                    }
                }
                (_, found) => push(&mut text, found, Span::new(char.at, end(*char)), true),
            }
        }
        text
    }

    /// `NAME=value` taken apart; a word without `=` is a name alone.
    fn assignment(&self, escape: char) -> Option<EnvEntry> {
        let split = self.0.iter().position(|char| char.char == '=');
        let (name, value) = match split {
            Some(split) => (self.0.get(..split)?, Some(self.0.get(split.saturating_add(1)..)?)),
            None => (self.0, None),
        };
        let key = Word(name).decoded(escape).as_str().to_owned();
        let key_span = span(name)?;
        let value = value.map(|value| Word(value).decoded(escape));
        Some(EnvEntry { key, key_span, value })
    }
}

fn push(text: &mut SpanText, char: char, span: Span, exact: bool) {
    text.push(char.encode_utf8(&mut [0; 4]), span, exact);
}

/// One past the last byte of a character.
fn end(char: Char) -> usize {
    char.at.saturating_add(char.char.len_utf8())
}

fn span(chars: &[Char]) -> Option<Span> {
    Some(Span::new(chars.first()?.at, end(*chars.last()?)))
}

/// Splits at white space outside quotes.
pub(super) fn split(arguments: &[Char], escape: char) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut escaped = false;
    for (index, char) in arguments.iter().enumerate() {
        let found = char.char;
        if quote.is_none() && !escaped && found.is_whitespace() {
            words.extend(start.take().and_then(|start| arguments.get(start..index)).map(Word));
            continue;
        }
        start.get_or_insert(index);
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, found) {
            (None | Some('"'), found) if found == escape => escaped = true,
            (None, '\'' | '"') => quote = Some(found),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    words.extend(start.and_then(|start| arguments.get(start..)).map(Word));
    words
}

/// `ENV a=b c="d e"`, or the older `ENV a b c` with one name and the rest of the line.
pub(super) fn env(arguments: &[Char], escape: char) -> Vec<EnvEntry> {
    let words = split(arguments, escape);
    let Some(first) = words.first() else { return Vec::new() };
    if first.0.iter().any(|char| char.char == '=') {
        let pairs = words.iter().filter(|word| word.0.iter().any(|char| char.char == '='));
        return pairs
            .filter_map(|word| word.assignment(escape))
            .filter(|entry| !entry.key.is_empty())
            .collect();
    }
    let rest = arguments.get(first.0.len()..).unwrap_or_default();
    let blanks = rest.iter().take_while(|char| char.char.is_whitespace()).count();
    let value = rest.get(blanks..).filter(|value| !value.is_empty());
    let entry = first
        .assignment(escape)
        .map(|entry| EnvEntry { value: value.map(|value| Word(value).decoded(escape)), ..entry });
    entry.into_iter().collect()
}

/// `ARG a b=c`.
pub(super) fn args(arguments: &[Char], escape: char) -> Vec<EnvEntry> {
    let words = split(arguments, escape);
    words.iter().filter_map(|word| word.assignment(escape)).filter(|entry| !entry.key.is_empty()).collect()
}

/// `COPY a b c/`, or its words as a JSON array; nothing for what another stage or image hands over.
pub(super) fn copied(arguments: &[Char], escape: char) -> Option<Copied> {
    let words = split(arguments, escape);
    let flags = words.iter().take_while(|word| word.is_flag());
    let foreign = flags.clone().any(|word| word.decoded(escape).as_str().starts_with("--from="));
    let first = words.get(flags.count()).filter(|_| !foreign)?;
    let start = arguments.iter().position(|char| Some(char) == first.0.first())?;
    let rest = arguments.get(start..)?;
    let paths =
        exec(rest).unwrap_or_else(|| split(rest, escape).iter().map(|word| word.decoded(escape)).collect());
    let (target, sources) = paths.split_last()?;
    let sources: Vec<String> = sources.iter().map(|path| path.as_str().to_owned()).collect();
    (!sources.is_empty()).then(|| Copied { sources, target: target.as_str().to_owned() })
}

/// A command: a JSON array of strings, or else a line for the shell.
pub(super) fn command(arguments: &[Char]) -> Option<Command> {
    if let Some(words) = exec(arguments) {
        return Some(Command::Exec(words));
    }
    let mut text = SpanText::default();
    for char in arguments {
        push(&mut text, char.char, Span::new(char.at, end(*char)), true);
    }
    (!arguments.is_empty()).then_some(Command::Shell(text))
}

/// A JSON array of strings and nothing else.
fn exec(arguments: &[Char]) -> Option<Vec<SpanText>> {
    let mut chars = arguments.iter().map(|char| (char.at, char.char)).peekable();
    let mut next = |read: bool| -> Option<(char, Option<SpanText>)> {
        while chars.next_if(|(_, char)| char.is_whitespace()).is_some() {}
        let (_, char) = chars.next()?;
        let text = if read && char == '"' { Some(quoted::json_string(&mut chars)?) } else { None };
        Some((char, text))
    };
    let mut words = Vec::new();
    if next(false)?.0 != '[' {
        return None;
    }
    loop {
        match next(true)? {
            (_, Some(word)) => words.push(word),
            (']', None) if words.is_empty() => break,
            _ => return None,
        }
        match next(false)?.0 {
            ',' => {}
            ']' => break,
            _ => return None,
        }
    }
    next(false).is_none().then_some(words)
}
