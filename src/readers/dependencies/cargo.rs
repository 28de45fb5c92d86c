//! `Cargo.toml`.

use super::{Dependency, name_span, requirement, text_span};
use crate::syntax::node::{Entry, Node};
use crate::syntax::{SyntaxError, toml};

/// The dependencies of the program, of its targets and of the workspace; those of tests and build scripts are
/// left out.
pub(super) fn cargo_toml(text: &str) -> Result<Vec<Dependency>, SyntaxError> {
    let root = toml::parse(text)?;
    let targets = root.get("target").map(Node::entries).unwrap_or_default();
    let tables = [root.get("dependencies"), root.at(&["workspace", "dependencies"])];
    let tables = tables.into_iter().chain(targets.iter().map(|target| target.value.get("dependencies")));
    Ok(tables.flatten().flat_map(Node::entries).map(dependency).collect())
}

/// One dependency, under its own name when the key is another one for it.
fn dependency(entry: &Entry) -> Dependency {
    let renamed = entry.value.get("package").and_then(Node::as_scalar);
    let (name, span) = match renamed {
        Some(package) => (package.text.as_str(), text_span(&package.text)),
        None => (entry.key.as_str(), None),
    };
    Dependency::new(name, requirement(&entry.value), span.unwrap_or_else(|| name_span(entry)))
}
