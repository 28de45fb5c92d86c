//! The configuration of platforms (functions, hosted containers) and of frameworks: a spanned tree, whatever the
//! format. What its keys mean is the platform's module's to know.

use crate::span::{FileId, Span, SpanText};
use crate::syntax::node::{Entry, Mapping, Node, Scalar, Style, Value};
use crate::syntax::{SyntaxError, hcl, json, properties, toml, yaml};
use crate::tree::Platform;

use super::Comment;

/// One file of a platform, or one document of it.
#[derive(Debug, Clone)]
pub struct PlatformFile {
    /// The file.
    pub file: FileId,
    /// Whose it is.
    pub platform: Platform,
    /// Its root.
    pub root: Node,
}

/// Reads the file by the format that its name promises: one tree, but for Spring's documents, of which each counts.
///
/// # Errors
/// When it is not of that format.
pub fn read(
    file: FileId,
    platform: Platform,
    path: &str,
    text: &str,
) -> Result<(Vec<PlatformFile>, Vec<Comment>), SyntaxError> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let (roots, comments) = match (platform, extension.as_str()) {
        (Platform::PrismaConfig, _) => (vec![prisma_config(text)], Vec::new()),
        (Platform::Procfile, _) => (vec![properties::parse_processes(text)], Vec::new()),
        (Platform::Terraform | Platform::Nomad, _) => (vec![hcl::parse(text)?], Vec::new()),
        (_, "properties") => (vec![properties::parse(text)], Vec::new()),
        (_, "toml") => (vec![toml::parse(text)?], Vec::new()),
        (_, "json" | "jsonc") => (vec![json::parse(text)?], Vec::new()),
        _ => documents(file, text)?,
    };
    let several = matches!(platform, Platform::Spring | Platform::Quarkus);
    let kept = if several { roots.len() } else { 1 };
    let files = roots.into_iter().take(kept).map(|root| PlatformFile { file, platform, root }).collect();
    Ok((files, comments))
}

fn documents(file: FileId, text: &str) -> Result<(Vec<Node>, Vec<Comment>), SyntaxError> {
    let (mut roots, mut comments) = (Vec::new(), Vec::new());
    for range in yaml::split(text) {
        let document = yaml::parse_document(text, range)?;
        let found = document.comments.iter();
        comments.extend(found.map(|one| Comment { file, span: one.span, trailing: one.trailing }));
        roots.extend(document.root);
    }
    Ok((roots, comments))
}

/// The data source's URL of a `prisma.config.ts`, where it is a plain text: `{url: …}`, else nothing. The file is a
/// program, and no more of it is read than that.
fn prisma_config(text: &str) -> Node {
    let whole = Span::new(0, text.len());
    let entry = text.find("datasource").and_then(|start| {
        let block = text.get(start..)?;
        let block = block.get(..block.find('}')?)?;
        let at = block.match_indices("url").find_map(|(at, _)| {
            let rest = block.get(at.checked_add(3)?..)?;
            let before = block.get(..at)?.chars().next_back();
            let key = before.is_none_or(|letter| letter.is_whitespace() || matches!(letter, '{' | ','));
            (key && rest.trim_start().starts_with(':')).then_some(at)
        })?;
        let rest = block.get(at.checked_add(3)?..)?.trim_start().strip_prefix(':')?.trim_start();
        let quote = rest.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
        let value = rest.get(1..)?;
        let value = value.get(..value.find(quote)?)?;
        if value.contains(['\\', '\n']) {
            return None;
        }
        let from = start.checked_add(block.len().checked_sub(rest.len())?)?.checked_add(1)?;
        let key = start.checked_add(at)?;
        let key_span = Span::new(key, key.checked_add(3)?);
        let scalar = Scalar { text: SpanText::verbatim(value, from), style: Style::DoubleQuoted };
        let span = Span::new(from, from.checked_add(value.len())?);
        let value = Node { span, value: Value::Scalar(scalar), tag: None, alias: None };
        Some(Entry { key: SpanText::verbatim("url", key), key_span, value, merged: false })
    });
    let mapping = Mapping { entries: entry.into_iter().collect(), duplicates: Vec::new() };
    Node { span: whole, value: Value::Mapping(mapping), tag: None, alias: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_in_a_program() {
        for (text, expected) in [
            ("export default { datasource: { url: \"postgres://a/b\" } }", Some("postgres://a/b")),
            ("datasource: {\n    url: 'x',\n  }", Some("x")),
            ("datasource: { url: env(\"DATABASE_URL\") }", None),
            ("datasource: { shadowDatabaseUrl: \"x\" }", None),
            ("url: \"x\"", None),
            ("datasource: { url: \"x", None),
        ] {
            let root = prisma_config(text);
            assert_eq!(root.get("url").and_then(Node::as_str), expected, "{text}");
            if let Some(url) = root.get("url") {
                assert_eq!(&text[url.span.range()], url.as_str().unwrap());
            }
        }
    }
}
