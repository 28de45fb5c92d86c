//! `package.json` and `composer.json`.

use super::{Dependency, name_span};
use crate::syntax::{SyntaxError, json};

/// What a program needs to run; `devDependencies` are tools of whoever works on it.
pub(super) fn package_json(text: &str) -> Result<Vec<Dependency>, SyntaxError> {
    tables(text, &["dependencies", "optionalDependencies", "peerDependencies"])
}

/// Packages, PHP itself and its extensions (`ext-pdo_pgsql`).
pub(super) fn composer_json(text: &str) -> Result<Vec<Dependency>, SyntaxError> {
    let mut found = tables(text, &["require"])?;
    for dependency in &mut found {
        dependency.name.make_ascii_lowercase();
    }
    Ok(found)
}

fn tables(text: &str, names: &[&str]) -> Result<Vec<Dependency>, SyntaxError> {
    let root = json::parse(text)?;
    let tables = names.iter().filter_map(|name| root.get(name));
    let entries = tables.flat_map(|table| table.entries());
    Ok(entries
        .map(|entry| Dependency::new(entry.key.as_str(), entry.value.as_str(), name_span(entry)))
        .collect())
}
