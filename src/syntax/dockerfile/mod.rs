//! Dockerfiles: what a built image brings along (`ENV`, `CMD`, `ENTRYPOINT`), stage by stage.

use crate::span::{Span, SpanText};

use lines::Char;

mod lines;
#[cfg(test)]
mod tests;
mod words;

/// A Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dockerfile {
    /// Its stages in order; `ARG`s before the first `FROM` are left out.
    pub stages: Vec<Stage>,
}

/// One `FROM` and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stage {
    /// `AS name`.
    pub name: Option<String>,
    /// The image or stage it starts from, as written.
    pub base: Option<SpanText>,
    /// `ENV` assignments in order, values with quotes and escapes undone, references kept (`$X`, `${X:-d}`).
    pub env: Vec<EnvEntry>,
    /// `ARG NAME[=default]`.
    pub args: Vec<EnvEntry>,
    /// `COPY` and `ADD` from the build context, with more than a target.
    pub copies: Vec<Copied>,
    /// What each `RUN`, `COPY` and `ADD` says, as written; here-documents left out.
    pub steps: Vec<String>,
    /// The last `CMD`.
    pub cmd: Option<Command>,
    /// The last `ENTRYPOINT`.
    pub entrypoint: Option<Command>,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvEntry {
    /// Name.
    pub key: String,
    /// The name's bytes.
    pub key_span: Span,
    /// Value, if any.
    pub value: Option<SpanText>,
}

/// What a `COPY` or `ADD` brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Paths in the build context, as written.
    pub sources: Vec<String>,
    /// Path in the image; a directory when it ends with `/` or there are several sources.
    pub target: String,
}

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `["a", "b"]`
    Exec(Vec<SpanText>),
    /// `a b`, run by a shell.
    Shell(SpanText),
}

/// Parses a Dockerfile; what is not understood is passed over, and so is `ONBUILD`, which runs in another build.
///
/// The grammar is BuildKit's (<https://docs.docker.com/reference/dockerfile/>). A literal `$` (`\$`, `'$'`) comes
/// out as a plain one and cannot be told from a reference.
#[must_use]
pub fn parse(text: &str) -> Dockerfile {
    let mut file = Dockerfile::default();
    for instruction in lines::instructions(text) {
        let lines::Instruction { name, arguments, escape } = instruction;
        if name == "from" {
            file.stages.push(from(&arguments, escape));
            continue;
        }
        let Some(stage) = file.stages.last_mut() else { continue };
        if matches!(name.as_str(), "run" | "copy" | "add") {
            stage.steps.push(arguments.iter().map(|char| char.char).collect());
        }
        match name.as_str() {
            "copy" | "add" => stage.copies.extend(words::copied(&arguments, escape)),
            "env" => stage.env.extend(words::env(&arguments, escape)),
            "arg" => stage.args.extend(words::args(&arguments, escape)),
            "cmd" => stage.cmd = words::command(&arguments),
            "entrypoint" => stage.entrypoint = words::command(&arguments),
            _ => {}
        }
    }
    file
}

/// `FROM [--flag] base [AS name]`.
fn from(arguments: &[Char], escape: char) -> Stage {
    let mut words = words::split(arguments, escape).into_iter().skip_while(|word| word.is_flag());
    let base = words.next().map(|word| word.decoded(escape));
    let name = match words.next() {
        Some(word) if word.decoded(escape).as_str().eq_ignore_ascii_case("as") => words.next(),
        _ => None,
    };
    let name = name.map(|word| word.decoded(escape).as_str().to_owned());
    Stage { name, base, ..Stage::default() }
}
