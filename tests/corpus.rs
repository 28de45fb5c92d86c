//! With `POOLLINT_CORPUS`, a folder of repositories: poollint ends well on each, and accounts for every file whose name
//! makes it a candidate. Without the variable there is nothing to go over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::path::PathBuf;

use poollint::tree::Kind;
use program::poollint;

fn projects() -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
        return Vec::new();
    };
    let mut all: Vec<PathBuf> = std::fs::read_dir(&corpus)
        .unwrap_or_else(|error| panic!("POOLLINT_CORPUS={}: {error}", corpus.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    assert!(!all.is_empty(), "POOLLINT_CORPUS={} is empty", corpus.display());
    all
}

#[test]
fn every_repository_is_judged_without_a_fault() {
    for project in projects() {
        for arguments in
            [&["check", "--format", "json"] as &[&str], &["budget", "--format", "json"], &["model"]]
        {
            let ran = poollint(&project, arguments);
            let name = project.display();
            let allowed = if arguments[0] == "check" { 0..=1 } else { 0..=0 };
            assert!(
                allowed.contains(&ran.status),
                "{name}: {arguments:?} gives {}: {}",
                ran.status,
                ran.stderr
            );
            assert!(ran.stderr.is_empty(), "{name}: {arguments:?}: {}", ran.stderr);
            let _ = ran.json();
        }
    }
}

/// What `Kind::of_path` takes for a file that matters is read, or named with a reason.
#[test]
fn no_candidate_is_lost() {
    for project in projects() {
        let files = poollint(&project, &["check", "--files", "--format", "json"]).json();
        let mut seen = BTreeSet::new();
        for (list, what) in [("files", "kind"), ("skipped", "reason")] {
            for file in files[list].as_array().unwrap_or_else(|| panic!("{files}")) {
                assert!(!file[what].as_str().unwrap().is_empty());
                seen.insert(file["path"].as_str().unwrap().to_owned());
            }
        }
        let mut lost = Vec::new();
        let mut folders = vec![project.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let relative = path.strip_prefix(&project).unwrap().to_string_lossy().into_owned();
                if path.is_dir() && !path.is_symlink() {
                    if !poollint::tree::is_never_entered(&name) {
                        folders.push(path);
                    }
                } else if Kind::of_path(&relative).is_some() && !seen.contains(&relative) {
                    lost.push(relative);
                }
            }
        }
        assert!(lost.is_empty(), "{}: neither read nor skipped: {lost:?}", project.display());
    }
}
