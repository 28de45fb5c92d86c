//! `pom.xml` and Gradle's build files.

use std::collections::HashMap;

use super::xml::{Token, tokens};
use super::{Dependency, lines, quoted, without_comment};
use crate::span::Span;

/// The dependencies of a project but those with scope `test`. What `dependencyManagement` and plugins list is
/// not used by the program itself. A version that is a property of the same file is looked up.
pub(super) fn pom(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut properties: HashMap<&str, &str> = HashMap::new();
    let mut path: Vec<&str> = Vec::new();
    let mut fields: HashMap<&str, (usize, &str)> = HashMap::new();
    for token in tokens(text) {
        match token {
            Token::Open { name, closed: false, .. } => {
                if name == "dependency" {
                    fields.clear();
                }
                path.push(name);
            }
            Token::Text(at, content) => match path.as_slice() {
                [.., "dependency", field] => drop(fields.insert(field, (at, content))),
                [.., "properties", name] => drop(properties.insert(name, content)),
                _ => {}
            },
            Token::Close(name) => {
                if name == "dependency" && path.as_slice() == ["project", "dependencies", "dependency"] {
                    found.extend(maven(&fields));
                }
                // A stray end tag closes nothing.
                if path.last() == Some(&name) {
                    path.pop();
                }
            }
            Token::Open { .. } => {}
        }
    }
    for dependency in &mut found {
        let version = dependency
            .requirement
            .as_deref()
            .and_then(|version| properties.get(version.strip_prefix("${")?.strip_suffix('}')?).copied());
        if let Some(version) = version {
            dependency.major = super::version::major(version);
        }
    }
    found
}

fn maven(fields: &HashMap<&str, (usize, &str)>) -> Option<Dependency> {
    let field = |name| fields.get(name).map(|(_, content)| *content);
    let (at, artifact) = *fields.get("artifactId")?;
    if field("scope") == Some("test") {
        return None;
    }
    let name = format!("{}:{artifact}", field("groupId")?);
    Some(Dependency::new(name, field("version"), Span::new(at, at.saturating_add(artifact.len()))))
}

/// Gradle configurations whose dependencies the running program has
/// (<https://docs.gradle.org/current/userguide/java_library_plugin.html>).
const CONFIGURATIONS: [&str; 6] =
    ["implementation", "api", "runtimeOnly", "compileOnly", "compile", "runtime"];

/// `implementation "group:artifact:version"` with or without parentheses, and the form with `group:`, `name:` and
/// `version:`. Platforms (`platform("…")`) bring versions, not libraries.
pub(super) fn gradle(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let code = without_comment(line, "//");
        let content = code.trim_start();
        let len = content.find(|char: char| !char.is_alphanumeric()).unwrap_or(content.len());
        let (configuration, rest) = content.split_at_checked(len).unwrap_or((content, ""));
        let platform = ["platform", "enforcedPlatform"]
            .iter()
            .any(|word| rest.trim_start_matches([' ', '(']).starts_with(word));
        if !CONFIGURATIONS.contains(&configuration) || platform {
            continue;
        }
        let at = start.saturating_add(code.len()).saturating_sub(rest.len());
        match named(rest, at) {
            Some(dependency) => found.push(dependency),
            None => found.extend(
                quoted(rest)
                    .into_iter()
                    .filter_map(|(offset, text)| coordinates(text, at.saturating_add(offset))),
            ),
        }
    }
    found
}

/// `group:artifact[:version]`.
fn coordinates(text: &str, at: usize) -> Option<Dependency> {
    let mut parts = text.splitn(3, ':');
    let (group, artifact) = (parts.next()?, parts.next()?);
    if group.is_empty() || artifact.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    let version = parts.next().map(|version| version.split([':', '@']).next().unwrap_or_default());
    let len = group.len().saturating_add(1).saturating_add(artifact.len());
    Some(Dependency::new(format!("{group}:{artifact}"), version, Span::new(at, at.saturating_add(len))))
}

/// `group: 'g', name: 'a', version: 'v'`; Kotlin writes `=` for the colon.
fn named(rest: &str, at: usize) -> Option<Dependency> {
    let field = |name: &str| {
        let (before, behind) = rest.split_once(name)?;
        let value = behind.trim_start().strip_prefix([':', '='])?;
        let (offset, text) = *quoted(value).first()?;
        let begin = rest.len().saturating_sub(value.len()).saturating_add(offset);
        before.ends_with([' ', '(', ',', '\t']).then_some((at.saturating_add(begin), text))
    };
    let (_, group) = field("group")?;
    let (start, artifact) = field("name")?;
    let version = field("version").map(|(_, version)| version);
    let span = Span::new(start, start.saturating_add(artifact.len()));
    Some(Dependency::new(format!("{group}:{artifact}"), version, span))
}
