//! Credentials on command lines: behind options, behind words of configuration, and in SQL.

use super::scan::{is_credential, is_reference, shifted};
use crate::catalog::{CredentialOptions, catalog, wildcard};
use crate::span::Span;

/// What the words so far make of the next one. A list of arguments goes on over the lines of a file.
#[derive(Debug, Default)]
pub(super) struct Words {
    programs: Vec<&'static CredentialOptions>,
    /// The word in which a command was named.
    commands: Vec<String>,
    awaited: Awaited,
    /// How many words there are to the first that is a credential by its position.
    positional: Option<usize>,
    /// Whether the last line ends where a list or a command goes on.
    open: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    #[default]
    Nothing,
    /// A credential.
    Secret,
    /// `user:password`.
    UserInfo,
    /// A credential, if it is quoted.
    Quoted,
}

impl Words {
    /// The credentials of a line.
    pub(super) fn line(&mut self, line: &str, start: usize, found: &mut Vec<Span>) {
        let item = line.trim_start().starts_with("- ");
        if !self.open && !item {
            *self = Self::default();
        }
        let mut at = 0usize;
        for word in line.split(separates) {
            let from = at;
            at = at.saturating_add(word.len());
            let next = line.get(at..).and_then(|rest| rest.chars().next());
            at = at.saturating_add(next.map_or(0, char::len_utf8));
            if !word.is_empty() && word != "-" {
                self.word(line, Span::new(from, from.saturating_add(word.len())), start, found);
            }
            if matches!(next, Some(';' | '|' | '&' | '>')) {
                self.positional = None;
            }
        }
        let end = line.trim_end();
        self.open = end.ends_with(['\\', ',', '[', '>', '|']) || item;
    }

    fn word(&mut self, line: &str, span: Span, start: usize, found: &mut Vec<Span>) {
        let word = line.get(span.range()).unwrap_or_default();
        match std::mem::take(&mut self.awaited) {
            Awaited::Secret if !word.starts_with('-') => {
                push(line, extent(line, span.start), start, found);
                return;
            }
            Awaited::UserInfo => {
                push(line, password(line, extent(line, span.start)), start, found);
                return;
            }
            Awaited::Quoted if quote_before(line, span.start).is_some() => {
                push(line, extent(line, span.start), start, found);
                return;
            }
            _ => {}
        }
        match self.positional {
            Some(left) if !word.starts_with('-') && left <= 1 => {
                push(line, extent(line, span.start), start, found);
                return;
            }
            Some(left) if !word.starts_with('-') => self.positional = Some(left.saturating_sub(1)),
            _ => {}
        }
        if word.starts_with('-') {
            self.option(line, span, start, found);
        } else if catalog().ambient.credential_directives.iter().any(|known| known == word) {
            self.awaited = Awaited::Secret;
        } else if word.eq_ignore_ascii_case("password")
            || (word.eq_ignore_ascii_case("by") && self.said("identified"))
        {
            let login = self.commands.iter().any(|word| word == "login") && self.said_machine();
            self.awaited = if login { Awaited::Secret } else { Awaited::Quoted };
        }
        let lower = word.to_ascii_lowercase();
        let named = self.programs.iter().find(|known| known.command.as_ref() == Some(&lower));
        let own = programs(word).find(|known| known.command.is_none() && known.positional.is_some());
        if let Some(position) = named.copied().or(own).and_then(|known| known.positional) {
            self.positional = Some(position);
        }
        self.programs.extend(programs(word));
        self.commands.push(lower);
        if self.commands.len() > 32 {
            self.commands.remove(0);
        }
    }

    fn said(&self, word: &str) -> bool {
        self.commands.last().is_some_and(|last| last == word)
    }

    /// `machine HOST login USER password …` of a `.netrc`.
    fn said_machine(&self) -> bool {
        self.commands.iter().any(|word| word == "machine" || word == "default")
    }

    fn option(&mut self, line: &str, span: Span, start: usize, found: &mut Vec<Span>) {
        let word = line.get(span.range()).unwrap_or_default();
        if is_credential(word.trim_start_matches('-')) && !word.contains('=') {
            self.awaited = Awaited::Secret;
            return;
        }
        let applies = |options: &&&CredentialOptions| {
            options.command.as_ref().is_none_or(|command| self.commands.contains(command))
        };
        for options in self.programs.iter().filter(applies) {
            let kinds = [
                (&options.password, true, Awaited::Secret),
                (&options.glued, false, Awaited::Secret),
                (&options.userinfo, true, Awaited::UserInfo),
            ];
            for (names, separate, kind) in kinds {
                for name in names {
                    let Some(rest) = word.strip_prefix(name.as_str()) else { continue };
                    let value = span.start.saturating_add(name.len());
                    if rest.is_empty() {
                        if let Some(quoted) = quote_behind(line, span) {
                            return push_kind(kind, line, extent(line, quoted), start, found);
                        }
                        if separate {
                            self.awaited = kind;
                            return;
                        }
                    } else if let Some(value) = glued(name, rest, value) {
                        let end = match quote_before(line, span.start) {
                            Some(quote) => upto(line, value, quote),
                            None => extent(line, value).end,
                        };
                        return push_kind(kind, line, Span::new(value, end), start, found);
                    }
                }
            }
        }
    }
}

/// Where the value begins that is glued to an option: behind the `=` of a long one, at once behind one letter.
fn glued(name: &str, rest: &str, value: usize) -> Option<usize> {
    if rest.starts_with('=') {
        return Some(value.saturating_add(1));
    }
    (name.len() == 2).then_some(value)
}

fn push_kind(kind: Awaited, line: &str, span: Span, start: usize, found: &mut Vec<Span>) {
    let span = if kind == Awaited::UserInfo { password(line, span) } else { span };
    push(line, span, start, found);
}

fn push(line: &str, span: Span, start: usize, found: &mut Vec<Span>) {
    let value = line.get(span.range()).unwrap_or_default();
    if !value.is_empty() && !is_reference(value) {
        found.push(shifted(span.start, span.end, start));
    }
}

/// What stands behind the first colon; nothing where there is none.
fn password(line: &str, span: Span) -> Span {
    let colon = line.get(span.range()).and_then(|text| text.find(':'));
    let from = colon.map_or(span.end, |colon| span.start.saturating_add(colon).saturating_add(1));
    Span::new(from, span.end)
}

fn programs(word: &str) -> impl Iterator<Item = &'static CredentialOptions> + '_ {
    let name = word.rsplit(['/', '=']).next().unwrap_or_default();
    catalog().ambient.credential_options.iter().filter(move |known| wildcard(&known.program, name))
}

/// From `from` to the closing quote, when a quote opens there, otherwise to the next blank or quote.
fn extent(line: &str, from: usize) -> Span {
    let rest = line.get(from..).unwrap_or_default();
    let end = match quote_before(line, from) {
        Some(quote) => rest.find(quote),
        None => word_end(rest),
    };
    Span::new(from, from.saturating_add(end.unwrap_or(rest.len())))
}

/// Where a word of a shell ends; a blank behind a backslash is part of it.
fn word_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let ends = matches!(letter, '"' | '\'' | '`') || (letter.is_whitespace() && !escaped);
        escaped = letter == '\\';
        ends.then_some(at)
    })
}

/// Where the next such quote stands.
fn upto(line: &str, from: usize, quote: char) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    from.saturating_add(rest.find(quote).unwrap_or(rest.len()))
}

fn quote_before(line: &str, from: usize) -> Option<char> {
    let before = line.get(..from).unwrap_or_default();
    before.chars().next_back().filter(|letter| matches!(letter, '"' | '\''))
}

/// Where a quoted value begins that is glued to an option (`-p'a b'`). In a list of arguments a quote closes there.
fn quote_behind(line: &str, span: Span) -> Option<usize> {
    let rest = line.get(span.end..).unwrap_or_default();
    let inner = rest.trim_start_matches('\\');
    let quote = inner.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    (quote_before(line, span.start) != Some(quote))
        .then(|| span.end.saturating_add(rest.len().saturating_sub(inner.len())).saturating_add(1))
}

fn separates(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '"' | '\'' | ',' | ';' | '`' | '\\' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '&' | '<' | '>'
        )
}
