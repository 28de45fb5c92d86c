//! Just enough XML for `pom.xml` and MSBuild projects: elements, attributes and text, without entities.

use super::Dependency;
use crate::span::Span;

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'text> {
    /// `<name attributes>`; `closed` for `<name/>`.
    Open { name: &'text str, attributes: (usize, &'text str), closed: bool },
    /// `</name>`
    Close(&'text str),
    /// Text between tags without white space around it, and where it stands.
    Text(usize, &'text str),
}

/// The tokens of a document. Comments, declarations and processing instructions are passed over.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let start = at;
            let skip = |end: &str| rest.find(end).map_or(rest.len(), |found| found.saturating_add(end.len()));
            if rest.starts_with("<!--") {
                at = at.saturating_add(skip("-->"));
            } else if rest.starts_with("<!") || rest.starts_with("<?") {
                at = at.saturating_add(skip(">"));
            } else if let Some(inner) = rest.strip_prefix('<') {
                let len = inner.find('>').unwrap_or(inner.len());
                at = at.saturating_add(len).saturating_add(2).min(text.len());
                return Some(tag(inner.get(..len)?, start.saturating_add(1)));
            } else {
                let len = rest.find('<').unwrap_or(rest.len());
                at = at.saturating_add(len);
                let content = rest.get(..len)?;
                let trimmed = content.trim_start();
                if !trimmed.is_empty() {
                    let lead = content.len().saturating_sub(trimmed.len());
                    return Some(Token::Text(start.saturating_add(lead), trimmed.trim_end()));
                }
            }
        }
    })
}

fn tag(inner: &str, at: usize) -> Token<'_> {
    if let Some(name) = inner.strip_prefix('/') {
        return Token::Close(name.trim());
    }
    let closed = inner.ends_with('/');
    let len = inner.find(|char: char| char.is_whitespace() || char == '/').unwrap_or(inner.len());
    let (name, attributes) = inner.split_at_checked(len).unwrap_or((inner, ""));
    Token::Open { name, attributes: (at.saturating_add(len), attributes), closed }
}

/// The value of an attribute and where it stands.
fn attribute<'text>((at, attributes): (usize, &'text str), name: &str) -> Option<(usize, &'text str)> {
    let mut rest = attributes;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let behind = behind.trim_start();
        let quote = behind.chars().next().filter(|char| matches!(char, '"' | '\''))?;
        let inner = behind.get(1..)?;
        let (value, next) = inner.split_once(quote)?;
        if key.trim() == name {
            let start = attributes.len().saturating_sub(inner.len());
            return Some((at.saturating_add(start), value));
        }
        rest = next;
    }
}

/// The `PackageReference`s of an MSBuild project (`*.csproj`).
/// <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files>
pub(super) fn project(text: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut in_reference = false;
    let mut in_version = false;
    for token in tokens(text) {
        match token {
            Token::Open { name: "PackageReference", attributes, closed } => {
                in_reference = false;
                if let Some((at, name)) = attribute(attributes, "Include") {
                    let version = attribute(attributes, "Version").map(|(_, version)| version);
                    let span = Span::new(at, at.saturating_add(name.len()));
                    found.push(Dependency::new(name, version, span));
                    in_reference = !closed;
                }
            }
            Token::Open { name: "Version", .. } => in_version = in_reference,
            Token::Close("PackageReference") => in_reference = false,
            Token::Close("Version") => in_version = false,
            Token::Text(_, version) if in_version => {
                if let Some(last) = found.last_mut() {
                    *last = Dependency::new(last.name.as_str(), Some(version), last.span);
                }
            }
            _ => {}
        }
    }
    found
}
