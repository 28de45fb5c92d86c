//! A rule as a page: front matter that says when it speaks, a body that explains, fenced examples that are
//! its tests. This module is compiled twice, into the library and into the build script, which turns the
//! built-in pages into bytes; a page that a team keeps in its own repository is parsed by the very same code.

mod body;
mod front_matter;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{Environment, Safety, Severity};

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its name: kebab-case, a short sentence of what is wrong.
    pub name: String,
    /// What it judges.
    pub on: SubjectKind,
    /// One line for tables.
    pub summary: String,
    /// The greatest severity of its cases, for tables.
    pub severity: Severity,
    /// The most that any fix of it asks for; `None` when it never brings one.
    pub fixable: Option<Safety>,
    /// Off unless it is asked for.
    pub opt_in: bool,
    /// Whether it also holds for example, test and documentation files.
    pub syntax: bool,
    /// Whether parsers and the resolver discover what it speaks about; then it judges their defects of its
    /// name and nothing else.
    pub defect: bool,
    /// Thresholds and lists that configuration may replace, hyphenated.
    pub params: BTreeMap<String, ParamValue>,
    /// Condition of all cases.
    pub when: Option<String>,
    /// Its cases; the first that holds wins. Never empty.
    pub cases: Vec<Case>,
    /// Rules that keep silent at the place of a finding of this one.
    pub silences: Vec<String>,
    /// Rules whose findings make this one keep silent at their place.
    pub silenced_by: Vec<String>,
    /// The greatest severity in an environment, unless the configuration sets one.
    pub max_severity_in: BTreeMap<Environment, Severity>,
    /// What its claims rest on: addresses and `owner/repo#123`.
    pub sources: Vec<String>,
    /// Its documentation: the body up to the first section of examples, Markdown.
    pub documentation: String,
    /// Its examples.
    pub examples: Vec<Example>,
}

/// One situation of a rule. What a page leaves out in a case is taken from its top level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Condition, besides that of the page.
    pub when: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// What is wrong; may hold `{{ expressions }}`.
    pub message: String,
    /// What to do; may hold expressions.
    pub help: Option<String>,
    /// Facts at whose place the finding stands: the first that has one. The subject's own place otherwise.
    pub at: Vec<String>,
    /// An expression for a number that is greater the worse it is, so that two findings of different times can be
    /// compared.
    pub measure: Option<String>,
    /// Further places.
    pub labels: Vec<LabelSpec>,
    /// The remedy.
    pub fix: Option<FixSpec>,
}

/// A further place of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelSpec {
    /// The fact whose place it is.
    pub at: String,
    /// What is there; may hold expressions. Without it, the labels that the fact itself brings.
    pub message: Option<String>,
}

/// A remedy: edits of facts where they are written. It is offered only when every edit can be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixSpec {
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// What it does, an imperative; may hold expressions. Made from the edits when missing.
    pub title: Option<String>,
    /// The edits.
    pub edits: Vec<EditSpec>,
}

/// One edit of a remedy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EditSpec {
    /// Writes the value of an expression in place of a fact's value.
    Set {
        /// The fact.
        path: String,
        /// The expression.
        to: String,
    },
    /// Takes out what states a fact, with its separator.
    Remove {
        /// The fact.
        path: String,
    },
    /// Adds to a fact that can be longer (the parameters of a URL).
    Append {
        /// The fact.
        path: String,
        /// The text, without separator; may hold expressions.
        text: String,
    },
}

/// A param's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ParamValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A list of texts.
    List(Vec<String>),
}

/// What rules judge. `name()` is the word of the front matter's `on:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SubjectKind {
    /// A connection string.
    Url,
    /// One parameter of a connection string.
    Param,
    /// An environment variable that a container receives.
    Variable,
    /// What a client opens for one connection in one process.
    Pool,
    /// Something that runs.
    Workload,
    /// A database server.
    Server,
    /// A pooler.
    Pooler,
    /// A deployment as a whole.
    Deployment,
    /// An env file.
    EnvFile,
    /// The repository as a whole.
    Project,
    /// A comment, annotation or table that keeps a rule silent.
    Suppression,
}

/// A small repository and whether the rule speaks about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its title, or `example 2`.
    pub title: String,
    /// Path and text of every file; a `poollint.toml` is its configuration.
    pub files: Vec<(String, String)>,
    /// Whether the rule must speak, or keep silent.
    pub fires: bool,
    /// The severity it must have, when the example says so.
    pub severity: Option<Severity>,
    /// Line of the page it begins on, from 1.
    pub line: usize,
}

/// Why a page cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The page's path.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl std::error::Error for PageError {}

impl Page {
    /// Parses a page. `path` is for errors, and its file name must be the rule's name.
    ///
    /// # Errors
    /// When the front matter is missing, unknown or incomplete, or an example is malformed.
    pub fn parse(path: &str, text: &str) -> Result<Self, PageError> {
        let fail = |line: usize, message: String| PageError { path: path.to_owned(), line, message };
        let text = text.replace("\r\n", "\n");
        let Some((matter, rest)) = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n").or_else(|| Some((rest.strip_suffix("\n---")?, ""))))
        else {
            return Err(fail(1, "a page begins with `---`, its front matter and another `---`".to_owned()));
        };
        let mut page =
            front_matter::read(matter).map_err(|(line, message)| fail(line.saturating_add(1), message))?;
        let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".md"));
        if stem != Some(page.name.as_str()) {
            return Err(fail(2, format!("the page of `{0}` must be named {0}.md", page.name)));
        }
        let before = matter.lines().count().saturating_add(2);
        let body = body::read(rest).map_err(|(line, message)| fail(before.saturating_add(line), message))?;
        page.documentation = body.documentation;
        page.examples = body.examples;
        for example in &mut page.examples {
            example.line = example.line.saturating_add(before);
        }
        Ok(page)
    }

    /// Its examples.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }
}

impl ParamValue {
    /// Its kind, as an error about a value of another kind names it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list of texts",
        }
    }
}

impl fmt::Display for ParamValue {
    /// As TOML spells it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
            Self::Bool(flag) => write!(formatter, "{flag}"),
            Self::List(items) => write!(formatter, "{items:?}"),
        }
    }
}

impl SubjectKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Url,
        Self::Param,
        Self::Variable,
        Self::Pool,
        Self::Workload,
        Self::Server,
        Self::Pooler,
        Self::Deployment,
        Self::EnvFile,
        Self::Project,
        Self::Suppression,
    ];

    /// As `on:` spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Param => "param",
            Self::Variable => "variable",
            Self::Pool => "pool",
            Self::Workload => "workload",
            Self::Server => "server",
            Self::Pooler => "pooler",
            Self::Deployment => "deployment",
            Self::EnvFile => "env-file",
            Self::Project => "project",
            Self::Suppression => "suppression",
        }
    }
}

#[cfg(test)]
mod tests;
