//! Dependency manifests: which client libraries a directory's program uses.

use crate::span::{FileId, Span, SpanText};
use crate::syntax::SyntaxError;
use crate::syntax::node::{Entry, Node};

mod cargo;
mod go;
mod jvm;
mod mix;
mod npm;
mod python;
mod ruby;
#[cfg(test)]
mod tests;
mod version;
mod xml;

/// The dependencies of one manifest.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// The manifest.
    pub file: FileId,
    /// Its directory, relative to the root; empty for the root.
    pub directory: String,
    /// `npm`, `pypi`, `gem`, `go`, `cargo`, `maven`, `hex`, `composer`, `nuget`.
    pub ecosystem: &'static str,
    /// What it lists, development-only dependencies left out where the format tells them apart.
    pub dependencies: Vec<Dependency>,
}

/// One dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its name in the ecosystem, in the ecosystem's canonical case; `group:artifact` for Maven.
    pub name: String,
    /// Requirement as written, when there is one.
    pub requirement: Option<String>,
    /// Major version that the requirement surely means (`^6.1` → 6, `>=5 <6` → 5, `~> 7.2` → 7); `None` when open.
    pub major: Option<u32>,
    /// The lowest minor version of that major one that the requirement admits, as far as it tells (`~> 8.1` → 1).
    pub minor: Option<u32>,
    /// The bytes of its name.
    pub span: Span,
}

/// Reads the manifest at `path`, which its file name tells apart.
///
/// # Errors
/// When it is not of its format, or its name is none that is known here.
pub fn read(file: FileId, path: &str, text: &str) -> Result<Dependencies, SyntaxError> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (ecosystem, dependencies) = match name {
        "package.json" => ("npm", npm::package_json(text)?),
        "composer.json" => ("composer", npm::composer_json(text)?),
        "pyproject.toml" => ("pypi", python::pyproject(text)?),
        "Pipfile" => ("pypi", python::pipfile(text)?),
        "Gemfile" => ("gem", ruby::gemfile(text)),
        "go.mod" => ("go", go::go_mod(text)),
        "Cargo.toml" => ("cargo", cargo::cargo_toml(text)?),
        "pom.xml" => ("maven", jvm::pom(text)),
        "build.gradle" | "build.gradle.kts" => ("maven", jvm::gradle(text)),
        "mix.exs" => ("hex", mix::mix_exs(text)),
        _ if name.ends_with(".txt") => ("pypi", python::requirements(text)),
        _ if name.ends_with("proj") => ("nuget", xml::project(text)),
        _ => {
            return Err(SyntaxError::new("no dependency manifest of a known kind", Span::default()));
        }
    };
    Ok(Dependencies { file, directory: directory.to_owned(), ecosystem, dependencies })
}

impl Dependency {
    /// A dependency whose major version follows from its requirement.
    fn new(name: impl Into<String>, requirement: Option<&str>, span: Span) -> Self {
        let requirement = requirement.map(str::trim).filter(|text| !text.is_empty());
        Self {
            name: name.into(),
            requirement: requirement.map(str::to_owned),
            major: requirement.and_then(version::major),
            minor: requirement.and_then(version::minor),
            span,
        }
    }
}

/// The bytes of an entry's key without quotes.
fn name_span(entry: &Entry) -> Span {
    text_span(&entry.key).unwrap_or(entry.key_span)
}

/// The bytes of a text.
fn text_span(text: &SpanText) -> Option<Span> {
    text.span_of(0..text.as_str().len())
}

/// A requirement that is a string, or a table with a `version`.
fn requirement(value: &Node) -> Option<&str> {
    value.as_str().or_else(|| value.get("version").and_then(Node::as_str))
}

/// The lines of a text with their starts, without breaks.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0usize;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start = start.saturating_add(line.len());
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

/// The part of a line before a comment that starts with `sign` outside quotes.
fn without_comment<'line>(line: &'line str, sign: &str) -> &'line str {
    let mut quote = None;
    for (at, char) in line.char_indices() {
        match (quote, char) {
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), close) if open == close => quote = None,
            (None, _) if line.get(at..).is_some_and(|rest| rest.starts_with(sign)) => {
                return line.get(..at).unwrap_or_default();
            }
            _ => {}
        }
    }
    line
}

/// The texts between quotes of a line, with their places in it.
fn quoted(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, char) in line.char_indices() {
        match open {
            None if matches!(char, '"' | '\'') => open = Some((at.saturating_add(1), char)),
            Some((start, quote)) if quote == char => {
                found.extend(line.get(start..at).map(|text| (start, text)));
                open = None;
            }
            _ => {}
        }
    }
    found
}
