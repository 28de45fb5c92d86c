//! A team's own rules: the pages that `rules-from` names, and those given to `rules --test`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::Glob;
use walkdir::WalkDir;

use super::error::Failure;
use super::{CLEAN, FOUND, output};
use crate::examples;
use crate::rules::page::{Page, PageError};
use crate::rules::{Rulebook, own_page};
use crate::tree::{TreeError, Unread, is_never_entered};

/// The pages that globs name, seen from the directory of the configuration, sorted by path. `complain` makes an error at
/// the setting that names them.
///
/// # Errors
/// When nothing is named, a page cannot be read or cannot work, or two bear one name.
pub(super) fn load(
    directory: &Path,
    globs: &[String],
    complain: &dyn Fn(String) -> Failure,
) -> Result<Vec<Page>, Failure> {
    let mut paths = Vec::new();
    if globs.is_empty() {
        return Err(complain("`rules-from` names no page, as \"policies/*.md\" does".to_owned()));
    }
    for glob in globs {
        let found = matching(directory, glob);
        if found.is_empty() {
            return Err(complain(format!("`rules-from`: {glob} names no page here")));
        }
        paths.extend(found);
    }
    paths.sort();
    paths.dedup();
    let pages = paths.iter().map(|path| read(&directory.join(path), path)).collect::<Result<Vec<_>, _>>()?;
    let mut names: BTreeMap<&str, &Path> = BTreeMap::new();
    for (page, path) in pages.iter().zip(&paths) {
        if let Some(other) = names.insert(&page.name, path) {
            let message = format!("there is a page of this name already: {}", other.display());
            return Err(PageError { path: path.display().to_string(), line: 2, message }.into());
        }
    }
    Ok(pages)
}

/// The files below `directory` whose path a glob matches, as paths below it.
fn matching(directory: &Path, glob: &str) -> Vec<PathBuf> {
    let glob = glob.trim_start_matches("./");
    let Ok(matcher) = Glob::new(glob).map(|glob| glob.compile_matcher()) else { return Vec::new() };
    // Everything before the first wildcard is a directory that need not be searched for.
    let fixed =
        glob.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect::<Vec<_>>().join("/");
    let start = directory.join(&fixed);
    let entered = |entry: &walkdir::DirEntry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || !entry.file_name().to_str().is_some_and(is_never_entered)
    };
    WalkDir::new(start)
        .into_iter()
        .filter_entry(entered)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| Some(entry.path().strip_prefix(directory).ok()?.to_owned()))
        .filter(|path| matcher.is_match(path))
        .collect()
}

fn read(file: &Path, shown: &Path) -> Result<Page, Failure> {
    let shown = shown.to_string_lossy().replace('\\', "/");
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::Tree(TreeError::Unreadable {
            path: shown.clone(),
            reason: Unread::Denied(error.to_string()),
        })
    })?;
    Ok(own_page(&shown, &text)?)
}

/// Runs the examples of a page, or of every page in a directory.
pub(super) fn test(path: &Path) -> Result<u8, Failure> {
    let files = if path.is_dir() {
        let mut files: Vec<PathBuf> = matching(path, "**/*.md").iter().map(|page| path.join(page)).collect();
        files.sort();
        files
    } else {
        vec![path.to_owned()]
    };
    let pages = files.iter().map(|file| read(file, file)).collect::<Result<Vec<_>, _>>()?;
    if pages.is_empty() {
        return Err(Failure::Usage(format!("{}: no page here", path.display())));
    }
    let book = Rulebook::built_in().with(&pages);
    let mut failed = 0usize;
    output::write(&output::Target { format: (), file: None }, |out| {
        for (page, file) in pages.iter().zip(&files) {
            let failures = examples::failures(&book, page);
            failed = failed.saturating_add(failures.len());
            for failure in &failures {
                writeln!(out, "{}:{}: {}: {}", file.display(), failure.line, failure.title, failure.reason)?;
            }
            let examples = page.examples().len();
            let held = examples.saturating_sub(failures.len());
            writeln!(out, "{}: {held} of {examples} examples hold", page.name)?;
            if examples == 0 {
                writeln!(out, "{}: a page without examples tests nothing", file.display())?;
            }
        }
        Ok(())
    })?;
    Ok(if failed == 0 { CLEAN } else { FOUND })
}
