//! `requirements.txt`, `pyproject.toml` and `Pipfile`.

use super::{Dependency, lines, name_span, requirement};
use crate::span::{Span, SpanText};
use crate::syntax::node::Node;
use crate::syntax::{SyntaxError, toml};

/// A requirements file: one requirement a line, options (`-r`, `--hash`) and comments passed over.
pub(super) fn requirements(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let content = line.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
        let at = start.saturating_add(line.len().saturating_sub(content.len()));
        // A comment starts at the line's start or behind white space, an option behind white space.
        let cut = [" #", "\t#", " --", " \\"].iter().filter_map(|sign| content.find(sign)).min();
        let content = content.get(..cut.unwrap_or(content.len())).unwrap_or_default();
        if !content.starts_with(['#', '-']) {
            found.extend(pep508(&SpanText::verbatim(content, at)));
        }
    }
    found
}

/// `project.dependencies` (PEP 621) and `tool.poetry.dependencies`; groups and extras are for development or
/// optional.
pub(super) fn pyproject(text: &str) -> Result<Vec<Dependency>, SyntaxError> {
    let root = toml::parse(text)?;
    let listed = root.at(&["project", "dependencies"]).map(Node::items).unwrap_or_default();
    let mut found: Vec<_> =
        listed.iter().filter_map(Node::as_scalar).flat_map(|scalar| pep508(&scalar.text)).collect();
    found.extend(table(root.at(&["tool", "poetry", "dependencies"])));
    Ok(found)
}

/// The `packages` of a Pipfile.
pub(super) fn pipfile(text: &str) -> Result<Vec<Dependency>, SyntaxError> {
    Ok(table(toml::parse(text)?.get("packages")))
}

/// A table of names and requirements, as Poetry and Pipenv write it. A list of requirements for different
/// markers counts as its first.
fn table(table: Option<&Node>) -> Vec<Dependency> {
    let mut found = Vec::new();
    for entry in table.map(Node::entries).unwrap_or_default() {
        let name = canonical(entry.key.as_str());
        if name == "python" {
            continue;
        }
        let value = entry.value.items().first().unwrap_or(&entry.value);
        let span = name_span(entry);
        found.push(Dependency::new(name.as_str(), requirement(value), span));
        for extra in value.get("extras").map(Node::items).unwrap_or_default() {
            found.extend(extra_package(&name, extra.as_str().unwrap_or_default(), extra.span));
        }
    }
    found
}

/// `name[extra, …] >=1,<2 ; marker`, `name (>=1)`, `name @ url`.
/// <https://peps.python.org/pep-0508/>
fn pep508(text: &SpanText) -> Vec<Dependency> {
    let value = text.as_str();
    let begin = value.len().saturating_sub(value.trim_start().len());
    let rest = value.get(begin..).unwrap_or_default();
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let len = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
    let raw = rest.get(..len).unwrap_or_default();
    let name = canonical(raw);
    let end = begin.saturating_add(len);
    let behind = value.get(end..).unwrap_or_default();
    let after = behind.trim_start();
    // A path or URL to install from has no name in front.
    let names_a_package =
        after.is_empty() || after.starts_with(['[', '=', '<', '>', '~', '!', ';', '@', '(']);
    let Some(span) = text.span_of(begin..end).filter(|_| !name.is_empty() && names_a_package) else {
        return Vec::new();
    };
    let mut extras = Vec::new();
    let mut tail = after;
    if let Some((list, rest)) = after.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let mut at = value.len().saturating_sub(after.len()).saturating_add(1);
        for extra in list.split(',') {
            let stop = at.saturating_add(extra.len());
            extras.extend(text.span_of(at..stop).and_then(|span| extra_package(&name, extra.trim(), span)));
            at = stop.saturating_add(1);
        }
        tail = rest;
    }
    let version = tail.split(';').next().unwrap_or_default();
    let mut found = vec![Dependency::new(name, Some(version), span)];
    found.append(&mut extras);
    found
}

/// The package of its own that an extra installs and that opens connections: psycopg's pool.
/// <https://www.psycopg.org/psycopg3/docs/basic/install.html>
fn extra_package(name: &str, extra: &str, span: Span) -> Option<Dependency> {
    (name == "psycopg" && extra == "pool").then(|| Dependency::new("psycopg-pool", None, span))
}

/// A name in the form in which PyPI compares it (<https://peps.python.org/pep-0503/>).
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if canonical.ends_with('-') => {}
            '-' | '_' | '.' => canonical.push('-'),
            other => canonical.push(other.to_ascii_lowercase()),
        }
    }
    canonical
}
