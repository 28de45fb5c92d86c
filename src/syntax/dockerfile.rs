//! Dockerfiles: what a built image brings along (`ENV`, `CMD`, `ENTRYPOINT`), stage by stage.

use crate::span::{Span, SpanText};

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

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `["a", "b"]`
    Exec(Vec<SpanText>),
    /// `a b`, run by a shell.
    Shell(SpanText),
}

/// Parses a Dockerfile; what is not understood is passed over.
#[must_use]
pub fn parse(_text: &str) -> Dockerfile {
    Dockerfile::default()
}
