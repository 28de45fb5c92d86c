//! What `--fix` leaves behind is still what it was: every file parses as before, nothing that was there is lost, and a
//! second run finds nothing to mend.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

#[path = "fixing/injected.rs"]
mod injected;
#[path = "fixing/mend.rs"]
mod mend;
#[path = "common/program.rs"]
mod program;
#[path = "fixing/proofs.rs"]
mod proofs;

use std::fs;
use std::path::{Path, PathBuf};

use program::{fixtures, poollint, repository, write};

fn files(directory: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

/// The keys of every mapping of a YAML or JSON stream, in order; nothing where it does not parse.
fn keys(text: &str) -> Option<Vec<String>> {
    fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    into.push(key.clone());
                    collect(value, into);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            _ => {}
        }
    }
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(text).ok()?;
    let mut all = Vec::new();
    documents.iter().for_each(|document| collect(document, &mut all));
    all.sort();
    Some(all)
}

#[test]
fn nothing_is_lost() {
    let mut parsed = 0;
    let mut all = fixtures();
    all.push(repository("fixtures/secrets"));
    for fixture in all {
        let root = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        files(&fixture, &mut paths);
        let relative: Vec<&str> =
            paths.iter().map(|path| path.strip_prefix(&fixture).unwrap().to_str().unwrap()).collect();
        for (path, relative) in paths.iter().zip(&relative) {
            write(root.path(), relative, &fs::read(path).unwrap());
        }
        let skipped = |root: &Path| poollint(root, &["check", "--format", "json"]).json()["files"].clone();
        let before = skipped(root.path());
        poollint(root.path(), &["check", "--fix", "--unsafe-fixes", "--quiet"]);
        assert_eq!(before, skipped(root.path()), "{}: other files are read than before", fixture.display());
        for (path, relative) in paths.iter().zip(&relative) {
            let (old, new) =
                (fs::read_to_string(path).unwrap(), fs::read_to_string(root.path().join(relative)).unwrap());
            if relative.ends_with(".yaml") || relative.ends_with(".yml") {
                parsed += usize::from(keys(&old).is_some());
                assert_eq!(keys(&old), keys(&new), "{}: {relative}\n{new}", fixture.display());
            } else if old.lines().count() != new.lines().count() {
                panic!("{}: {relative} has other lines than before\n{new}", fixture.display());
            }
        }
        let again = poollint(root.path(), &["check", "--diff", "--unsafe-fixes"]);
        assert_eq!(again.stdout, "", "{}: a second run mends more", fixture.display());
    }
    assert!(parsed >= 15, "only {parsed} YAML files were compared");
}
