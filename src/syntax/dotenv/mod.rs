//! Env files: one lexer, with what its readers disagree about as data ([`Dialect`]).
//!
//! Nothing is ever executed: `$(…)` and backticks are text.

mod dialect;
mod escapes;
mod lexer;
mod references;

use super::interpolation::Template;
use crate::span::Span;

/// Who reads the file. The differences are those of the table of observed behaviour in the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Docker Compose: `.env` and `env_file`.
    Compose,
    /// Compose's `env_file` with `format: raw`.
    Raw,
    /// node `dotenv`, which interpolates nothing.
    NodeDotenv,
    /// python-dotenv.
    PythonDotenv,
    /// node `dotenv` with `dotenv-expand` behind it, which fills references in.
    DotenvExpand,
    /// ruby dotenv 3.
    RubyDotenv,
    /// Kustomize's `envs`.
    Kustomize,
    /// `kubectl create configmap --from-env-file`, also of Secrets.
    Kubectl,
    /// `docker run --env-file`.
    DockerEnvFile,
}

/// An env file as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvFile {
    /// Assignments in order, repeats included (the last one wins).
    pub entries: Vec<Entry>,
    /// Comment lines and trailing comments, from `#` on.
    pub comments: Vec<Span>,
    /// Lines the reader rejects or passes over; a fatal one makes the reader refuse the file.
    pub problems: Vec<Problem>,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name.
    pub key: String,
    /// The name's bytes.
    pub key_span: Span,
    /// The value after unquoting, its references kept; `None` for a bare `KEY`.
    pub value: Option<Template>,
    /// The value's bytes as written, quotes included, trailing white space and comment excluded.
    pub raw: Span,
    /// Its quotes.
    pub quote: Quote,
    /// From the start of the line (or of `export`) to the end of the value's last line, without line break.
    pub line: Span,
    /// Whether `export` stands before it.
    pub export: bool,
}

/// How a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `` `…` ``, where the dialect knows it.
    Backtick,
}

/// Something a reader does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What, without quoting the text.
    pub message: &'static str,
    /// Whether the reader refuses the whole file.
    pub fatal: bool,
}

impl Dialect {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::Compose,
        Self::Raw,
        Self::NodeDotenv,
        Self::PythonDotenv,
        Self::DotenvExpand,
        Self::RubyDotenv,
        Self::Kustomize,
        Self::Kubectl,
        Self::DockerEnvFile,
    ];
}

/// Reads a file as `dialect` does.
#[must_use]
pub fn parse(text: &str, dialect: Dialect) -> EnvFile {
    let rules = dialect.rules();
    lexer::read(text, rules)
}

#[cfg(test)]
mod tests;
