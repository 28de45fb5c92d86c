//! What `rules-from` names: whether there is anything.

use std::fs;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::config::Config;

/// How deep below the directory that a pattern names its pages are looked for.
const MAX_DEPTH: usize = 8;

/// What is to be said about `rules-from` of a configuration in the directory `home`.
pub(super) fn notes(config: &Config, home: &Path) -> Vec<String> {
    if config.rules_from.is_empty() {
        return vec![
            "`rules-from` names no pages; leave it out, or name some, as in \"policies/*.md\"".to_owned(),
        ];
    }
    let mut notes = Vec::new();
    let mut pages = 0usize;
    for pattern in &config.rules_from {
        let directory = fixed(pattern);
        if !home.join(&directory).is_dir() {
            // As it is written: a connection string by mistake is masked only while it is whole.
            notes.push(format!("`rules-from`: the directory of {pattern} is not there"));
            continue;
        }
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        let found = glob.map_or(0, |glob| count(home, &directory, &glob.compile_matcher(), MAX_DEPTH));
        if found == 0 {
            notes.push(format!("`rules-from`: no file is named {pattern}"));
        }
        pages = pages.saturating_add(found);
    }
    if pages > 0 {
        notes.push(
            "`rules-from`: this version applies its own rules only, and none of these pages".to_owned(),
        );
    }
    notes
}

/// The directories of a pattern before the first that holds a wildcard; the last part is a file's name.
fn fixed(pattern: &str) -> PathBuf {
    let parts: Vec<&str> = pattern.split('/').collect();
    let directories = parts.split_last().map(|(_, directories)| directories).unwrap_or_default();
    let plain = directories.iter().take_while(|part| !part.contains(['*', '?', '[', '{']));
    plain.collect()
}

fn count(home: &Path, directory: &Path, glob: &GlobMatcher, depth: usize) -> usize {
    let Ok(entries) = fs::read_dir(home.join(directory)) else { return 0 };
    let found = entries.filter_map(Result::ok).map(|entry| {
        let path = directory.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => count(home, &path, glob, depth.saturating_sub(1)),
            Ok(_) => usize::from(glob.is_match(&path)),
            Err(_) => 0,
        }
    });
    found.sum()
}
