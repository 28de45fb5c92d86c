//! The configuration of an application, as its framework reads it: spanned trees, whatever the format. What its keys
//! mean is the framework's module's to know.

use std::borrow::Cow;

use crate::span::{FileId, UNKNOWN};
use crate::syntax::node::Node;
use crate::syntax::{SyntaxError, json, properties, yaml};
use crate::tree::Framework;

use super::Comment;

/// One file.
#[derive(Debug, Clone)]
pub struct ApplicationFile {
    /// The file.
    pub file: FileId,
    /// Whose it is.
    pub framework: Framework,
    /// Its documents, in order.
    pub documents: Vec<Node>,
}

/// Reads the file by the format that its name promises.
///
/// # Errors
/// When it is not of that format.
pub fn read(
    file: FileId,
    framework: Framework,
    path: &str,
    text: &str,
) -> Result<(ApplicationFile, Vec<Comment>), SyntaxError> {
    let (documents, comments) = if path.to_ascii_lowercase().ends_with(".properties") {
        let read = properties::parse(text);
        let comments = read.comments.into_iter().map(|span| Comment { file, span, trailing: false });
        (read.documents, comments.collect())
    } else if framework == Framework::DotNet {
        (vec![json::parse(text)?], Vec::new())
    } else {
        documents(file, &filtered(text))?
    };
    Ok((ApplicationFile { file, framework, documents }, comments))
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

/// The text with what a build fills in (`@project.version@`, which is no YAML) as an unknown value of the same length.
fn filtered(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('@') {
        let (before, after) = rest.split_at(start);
        let after = after.get(1..).unwrap_or_default();
        let end = after.find(|letter: char| !(letter.is_ascii_alphanumeric() || ".-_".contains(letter)));
        let name = end.and_then(|end| after.get(..end)).filter(|name| name.len() > 1);
        let closed = end.is_some_and(|end| after.get(end..).is_some_and(|rest| rest.starts_with('@')));
        out.push_str(before);
        match name.filter(|_| closed) {
            Some(name) => {
                out.push(UNKNOWN);
                let filler = name.len().saturating_add(2).saturating_sub(UNKNOWN.len_utf8());
                out.extend(std::iter::repeat_n('_', filler));
                rest = after.get(name.len().saturating_add(1)..).unwrap_or_default();
            }
            None => {
                out.push('@');
                rest = after;
            }
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_fills_in_keeps_its_length() {
        for (text, expected) in [
            ("a: @b.c@\n", "a: \u{f8ff}__\n"),
            ("a: x@y.z\nb: u@v\n", "a: x@y.z\nb: u@v\n"),
            ("a: postgresql://u:p@h/@", "a: postgresql://u:p@h/@"),
            ("no sign", "no sign"),
        ] {
            let read = filtered(text);
            assert_eq!(read, expected);
            assert_eq!(read.len(), text.len());
        }
    }

    #[test]
    fn documents_of_both_formats() {
        for (path, text) in
            [("application.yml", "a: 1\n---\nb: @c.d@\n"), ("a.properties", "a=1\n#---\nb=2\n")]
        {
            let (read, _) = read(FileId(0), Framework::Spring, path, text).unwrap();
            assert_eq!(read.documents.len(), 2, "{path}");
        }
    }
}
