//! The words of a command, also of one that a shell takes apart, and of the image that the repository builds.

use crate::model::Container;
use crate::readers::join;
use crate::resolve::{Context, home, targets};
use crate::span::{FileId, Place, Span, Text};
use crate::syntax::dockerfile::{Command, Stage};

/// Words of one command at most; the rest of a longer script is left out.
const WORDS: usize = 2000;

/// One word of a command.
pub(super) struct Word {
    text: Text,
    /// What the shell does after it.
    end: End,
}

/// What follows a word of a line for a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Another word of the command.
    Space,
    /// Another command, when this one has ended: `;`, `&&`, `||`, `|`.
    Next,
    /// Another command, beside this one: `&`.
    Beside,
}

/// One of the commands of a line.
pub(super) struct Simple<'a> {
    pub words: &'a [Word],
    /// Whether it runs beside those that follow.
    pub background: bool,
}

/// The words of each command.
pub(super) fn commands(words: &[Word]) -> impl Iterator<Item = Simple<'_>> {
    words
        .split_inclusive(|word| word.end != End::Space)
        .map(|words| Simple { words, background: words.last().is_some_and(|word| word.end == End::Beside) })
}

impl Word {
    pub(super) fn whole(text: &Text) -> Self {
        Self { text: text.clone(), end: End::Space }
    }

    pub(super) fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.text.place_of(0..self.text.as_str().len())
    }

    pub(super) fn hops(&self) -> Vec<Place> {
        self.text.hops_of(0..self.text.as_str().len())
    }
}

/// The image that a container runs, when its Dockerfile is in the repository.
#[derive(Clone, Copy)]
pub(super) struct Built<'a> {
    file: FileId,
    /// The last stage.
    stage: &'a Stage,
    /// Whether it is known to be this one, by its build or by its directory's name; otherwise it is the only one there is.
    pub(super) sure: bool,
}

impl<'a> Built<'a> {
    /// The Dockerfile of a container's build. An image that nothing here is known to build comes from the Dockerfile
    /// whose directory bears its name, or else from the repository's only one.
    pub(super) fn of(context: &Context<'a>, workload: &str, container: &Container) -> Option<Self> {
        let all = &context.declarations.dockerfiles;
        let at = |directory: &str, sure: bool| {
            let path = join(directory, "Dockerfile")?;
            let file = context.files.find(&path)?;
            let (_, dockerfile) = all.iter().find(|(id, _)| *id == file)?;
            Some(Self { file, stage: dockerfile.stages.last()?, sure })
        };
        if let Some(directory) = &container.build {
            return at(directory, true);
        }
        if container.image.is_none() || targets::image(container).is_some() {
            return None;
        }
        let directories = all.iter().filter_map(|(file, _)| {
            let path = context.files.path(*file);
            path.rsplit_once('/').filter(|(_, name)| *name == "Dockerfile").map(|(directory, _)| directory)
        });
        if let Some(directory) = home::named(directories, workload, container) {
            return at(directory, true);
        }
        let [(file, dockerfile)] = all.as_slice() else { return None };
        Some(Self { file: *file, stage: dockerfile.stages.last()?, sure: false })
    }

    /// A variable that the image's build sets.
    pub(super) fn variable(&self, name: &str) -> Option<Word> {
        let value = self.stage.env.iter().rev().find(|entry| entry.key == name)?.value.as_ref()?;
        Some(Word { text: Text::written(value, self.file), end: End::Space })
    }
}

/// Every word of what a container runs. Without a command of its own, what its image is built to run.
pub(super) fn words(container: &Container, built: Option<&Built<'_>>) -> Vec<Word> {
    if !container.command.is_empty() {
        return container.command.iter().flat_map(split).take(WORDS).collect();
    }
    let Some(Built { file, stage, .. }) = built else { return Vec::new() };
    told_by(stage)
        .flat_map(|command| match command {
            Command::Exec(words) => words.iter().map(|word| Text::written(word, *file)).collect(),
            Command::Shell(line) => vec![Text::written(line, *file)],
        })
        .flat_map(|text| split(&text))
        .take(WORDS)
        .collect()
}

fn told_by(stage: &Stage) -> impl Iterator<Item = &Command> {
    stage.entrypoint.iter().chain(&stage.cmd)
}

/// A text at its white space, without the quotes around words. A line for a shell comes apart as its words would; what
/// the shell would put in (`$WORKERS`) stays as it is and is no number.
pub(super) fn split(text: &Text) -> Vec<Word> {
    let value = text.as_str();
    let mut words = Vec::new();
    let mut start = None;
    let end_of = value.len();
    for (at, char) in value.char_indices().chain([(end_of, ' ')]) {
        let cut = char.is_whitespace() || matches!(char, ';' | '|' | '&' | '(' | ')' | '"' | '\'');
        match (cut, start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.push(Word { text: text.slice(from..at), end: End::Space });
                start = None;
            }
            _ => {}
        }
        if let (Some(end), Some(last)) = (end(value, at), words.last_mut()) {
            last.end = end;
        }
    }
    words
}

/// What the character at `at` makes of the line. Inside a word (`?a=1&b=2` without quotes around it) it is held to be
/// part of that.
fn end(line: &str, at: usize) -> Option<End> {
    let (before, rest) = line.split_at_checked(at)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, ';' | '|' | '&'))?;
    let after = rest.get(1..)?.chars().next();
    let doubled = after == Some(sign) || before.ends_with(sign);
    let apart = |char: Option<char>| char.is_none_or(char::is_whitespace);
    match sign {
        // `2>&1` and `&>` are no end.
        '&' if before.ends_with('>') || after == Some('>') => None,
        '&' if !doubled => apart(after).then_some(End::Beside),
        _ => (doubled || apart(after) || apart(before.chars().next_back())).then_some(End::Next),
    }
}

/// A program's name without the directories before it.
pub(super) fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The value of the first of `flags` that stands last: `-w 4`, `-w4`, `-w=4`, `--workers 4`, `--workers=4`.
pub(super) fn flag(flags: &[String], arguments: &[Word]) -> Option<Word> {
    let mut found = None;
    for (at, word) in arguments.iter().enumerate() {
        let text = word.as_str();
        for flag in flags {
            let Some(rest) = text.strip_prefix(flag.as_str()) else { continue };
            let long = flag.starts_with("--");
            if rest.is_empty() {
                found = arguments.get(at.saturating_add(1)).map(|next| Word::whole(&next.text)).or(found);
            } else if let Some(value) = rest.strip_prefix('=') {
                found = Some(tail(word, value.len()));
            } else if !long && rest.starts_with(|char: char| char.is_ascii_digit() || char == '$') {
                found = Some(tail(word, rest.len()));
            }
        }
    }
    found
}

/// The last `len` bytes of a word.
fn tail(word: &Word, len: usize) -> Word {
    let end = word.as_str().len();
    Word { text: word.text.slice(end.saturating_sub(len)..end), end: End::Space }
}

/// The last `name = value` of a file with one setting a line, and the value's bytes.
pub(super) fn setting<'a>(text: &'a str, name: &str) -> Option<(&'a str, Span)> {
    let mut found = None;
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once('=')
            && key.trim() == name
        {
            let value = value.split(';').next().unwrap_or_default();
            let lead = value.len().saturating_sub(value.trim_start().len());
            let from = start.saturating_add(key.len()).saturating_add(1).saturating_add(lead);
            let value = value.trim();
            found = Some((value, Span::new(from, from.saturating_add(value.len()))));
        }
        start = start.saturating_add(line.len());
    }
    found
}
