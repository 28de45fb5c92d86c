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
}

impl Word {
    pub(super) fn whole(text: &Text) -> Self {
        Self { text: text.clone() }
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
        Some(Word { text: Text::written(value, self.file) })
    }
}

/// Every word of what a container runs. Without a command of its own, what its image is built to run.
pub(super) fn words(container: &Container, built: Option<&Built<'_>>) -> Vec<Word> {
    if !container.command.is_empty() {
        return container.command.iter().flat_map(split).take(WORDS).collect();
    }
    let Some(Built { file, stage, .. }) = built else { return Vec::new() };
    commands(stage)
        .flat_map(|command| match command {
            Command::Exec(words) => words.iter().map(|word| Text::written(word, *file)).collect(),
            Command::Shell(line) => vec![Text::written(line, *file)],
        })
        .flat_map(|text| split(&text))
        .take(WORDS)
        .collect()
}

fn commands(stage: &Stage) -> impl Iterator<Item = &Command> {
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
                words.push(Word { text: text.slice(from..at) });
                start = None;
            }
            _ => {}
        }
    }
    words
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
    Word { text: word.text.slice(end.saturating_sub(len)..end) }
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
