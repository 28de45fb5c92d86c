//! The configuration of platforms (functions, hosted containers): a spanned tree, whatever the format. What its
//! keys mean is the platform's module's to know.

use crate::span::FileId;
use crate::syntax::node::{Mapping, Node, Value};
use crate::syntax::{SyntaxError, json, toml, yaml};
use crate::tree::Platform;

use super::Comment;

/// One file of a platform.
#[derive(Debug, Clone)]
pub struct PlatformFile {
    /// The file.
    pub file: FileId,
    /// Whose it is.
    pub platform: Platform,
    /// Its root.
    pub root: Node,
}

/// Reads the file by the format that its name promises.
///
/// # Errors
/// When it is not of that format.
pub fn read(
    file: FileId,
    platform: Platform,
    path: &str,
    text: &str,
) -> Result<(PlatformFile, Vec<Comment>), SyntaxError> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let (root, comments) = match extension.as_str() {
        "toml" => (toml::parse(text)?, Vec::new()),
        "json" | "jsonc" => (json::parse(text)?, Vec::new()),
        _ => first_document(file, text)?,
    };
    Ok((PlatformFile { file, platform, root }, comments))
}

fn first_document(file: FileId, text: &str) -> Result<(Node, Vec<Comment>), SyntaxError> {
    for range in yaml::split(text) {
        let document = yaml::parse_document(text, range)?;
        let comments = document
            .comments
            .iter()
            .map(|comment| Comment { file, span: comment.span, trailing: comment.trailing })
            .collect();
        if let Some(root) = document.root {
            return Ok((root, comments));
        }
    }
    let empty = Value::Mapping(Mapping::default());
    Ok((Node { span: crate::span::Span::default(), value: empty, tag: None, alias: None }, Vec::new()))
}
