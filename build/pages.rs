//! `rules/*.md` to `$OUT_DIR/pages.postcard`.

use std::path::Path;
use std::{env, fs};

use crate::page::Page;

/// Parses every page and writes all of them, sorted by name.
///
/// # Errors
/// Everything that is wrong with any page, each with its file and line.
pub fn pages() -> Result<(), Vec<String>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/rules/page");
    println!("cargo::rerun-if-changed=src/model/environment.rs");
    println!("cargo::rerun-if-changed=src/model/severity.rs");
    let one = |error: std::io::Error| vec![format!("rules: {error}")];
    let mut paths = Vec::new();
    for entry in fs::read_dir("rules").map_err(one)? {
        let path = entry.map_err(one)?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut parsed = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let name = path.to_string_lossy().replace('\\', "/");
        match fs::read_to_string(&path) {
            Ok(text) => match Page::parse(&name, &text) {
                Ok(page) => parsed.push(page),
                Err(error) => problems.push(error.to_string()),
            },
            Err(error) => problems.push(format!("{name}: {error}")),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    parsed.sort_by(|one, other| one.name.cmp(&other.name));
    let bytes = postcard::to_stdvec(&parsed).map_err(|error| vec![format!("rules: {error}")])?;
    let directory = env::var_os("OUT_DIR").ok_or_else(|| vec!["OUT_DIR is not set".to_owned()])?;
    fs::write(Path::new(&directory).join("pages.postcard"), bytes).map_err(one)
}
