//! The configuration of platforms (functions, hosted containers) and of frameworks: a spanned tree, whatever the
//! format. What its keys mean is the platform's module's to know.

use crate::span::FileId;
use crate::syntax::node::Node;
use crate::syntax::{SyntaxError, hcl, json, prisma_config, procfile, toml, yaml};
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

/// Reads the file by the format that its name promises: of a stream of documents, the first counts.
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
        (Platform::PrismaConfig, _) => (vec![prisma_config::parse(text)], Vec::new()),
        (Platform::Procfile, _) => (vec![procfile::parse(text)], Vec::new()),
        (Platform::Terraform | Platform::Nomad, _) => (vec![hcl::parse(text)?], Vec::new()),
        (_, "toml") => (vec![toml::parse(text)?], Vec::new()),
        (_, "json" | "jsonc") => (vec![json::parse(text)?], Vec::new()),
        _ => documents(file, text)?,
    };
    let files = roots.into_iter().take(1).map(|root| PlatformFile { file, platform, root }).collect();
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
