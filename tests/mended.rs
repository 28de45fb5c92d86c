//! With `POOLLINT_CORPUS`, a folder of repositories: `--fix` and `--unsafe-fixes` on a copy of each, as it is and with faults put
//! into its URLs. What is fixed is still read as before, nothing but the fixed places is changed, no fix leaves itself or
//! brings anything new, and a second run changes nothing. With `POOLLINT_MENDED`, a folder, the copies stay there: `.ci/run`
//! holds them against the real tools. Without the first variable there is nothing to go over.

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

#[path = "common/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use program::poollint;
use serde_json::Value;

/// What a fix may uncover: nothing could be told of the value before it was mended.
const UNCOVERED: &[&str] = &[
    "database-credentials-mismatch",
    "credentials-committed",
    "pool-size-unknown",
    "max-connections-unknown",
    "pool-params-ignored",
];

fn projects() -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no repository was mended");
        return Vec::new();
    };
    let mut all: Vec<PathBuf> = fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

type Bytes = BTreeMap<PathBuf, Vec<u8>>;

fn contents(root: &Path, folder: &Path, into: &mut Bytes) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
        } else if path.is_dir() {
            contents(root, &path, into);
        } else {
            into.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}

fn copy(of: &Bytes, to: &Path) {
    for (path, bytes) in of {
        fs::create_dir_all(to.join(path).parent().unwrap()).unwrap();
        fs::write(to.join(path), bytes).unwrap();
    }
}

/// Gives the URLs that have no parameters some wrong ones, each the next of the list.
fn spoilt(files: &Bytes) -> (Bytes, usize) {
    const FAULTS: [&str; 4] = [
        "?pool_timeout=20000",
        "?conection_limit=5&pool_timeout=2",
        "?connection_limit=0",
        "?connection_limit=5?pool_timeout=20",
    ];
    let url =
        regex_lite::Regex::new(r#"(?m)(postgres(?:ql)?://[^\s"'?#\\`,;<>]+/[A-Za-z0-9_-]+)(["']?\r?$)"#)
            .unwrap();
    let mut count = 0;
    let mut spoil = |path: &PathBuf, bytes: &Vec<u8>| {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = str::from_utf8(bytes)
            .ok()
            .filter(|_| name.contains("env") || name.ends_with("yml") || name.ends_with("yaml"));
        let Some(text) = text else { return (path.clone(), bytes.clone()) };
        // Beside a variable of another size the last one is right to be found to disagree, once it is mended.
        let faults = if text.contains("POOL") { &FAULTS[..3] } else { &FAULTS[..] };
        let text = url.replace_all(text, |found: &regex_lite::Captures<'_>| {
            count += 1;
            format!("{}{}{}", &found[1], faults[count % faults.len()], &found[2])
        });
        (path.clone(), text.as_bytes().to_vec())
    };
    let all = files.iter().map(|(path, bytes)| spoil(path, bytes)).collect();
    (all, count)
}

fn check(root: &Path) -> Value {
    let ran = poollint(root, &["check", "--format", "json", "--fail-on", "never"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    ran.json()
}

fn findings(of: &Value) -> &[Value] {
    of["findings"].as_array().unwrap()
}

/// Lines that differ, as far as both have the same number of them.
fn touched(old: &[u8], new: &[u8]) -> Option<BTreeSet<usize>> {
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) =
        (old.split(|byte| *byte == b'\n').collect(), new.split(|byte| *byte == b'\n').collect());
    (old.len() == new.len()).then(|| {
        (1..).zip(old.iter().zip(&new)).filter(|(_, (old, new))| old != new).map(|(line, _)| line).collect()
    })
}

/// Mends a copy; tells how many files were changed.
fn mend(name: &str, files: &Bytes, root: &Path) -> usize {
    copy(files, root);
    let before = check(root);
    let fixed = poollint(root, &["check", "--fix", "--unsafe-fixes", "--fail-on", "never", "--quiet"]);
    assert_eq!(fixed.status, 0, "{name}: {}", fixed.stderr);
    let after = check(root);
    assert_eq!(before["files"], after["files"], "{name}: other files are read than before");
    let known: BTreeSet<(&str, &str)> = findings(&before)
        .iter()
        .map(|one| (one["rule"].as_str().unwrap(), one["fingerprint"].as_str().unwrap()))
        .collect();
    for one in findings(&after) {
        let rule = one["rule"].as_str().unwrap();
        let fresh = !known.contains(&(rule, one["fingerprint"].as_str().unwrap()));
        // A sum that is known at last is another matter than a value that is wrong.
        let of_sums = rule.contains("overflow") || rule == "total-connection-headroom";
        assert!(!fresh || UNCOVERED.contains(&rule) || of_sums, "{name}: a fix brings {one}");
        assert!(one.get("fix").is_none(), "{name}: is left: {one}");
    }
    let mut new = Bytes::new();
    contents(root, root, &mut new);
    assert!(new.keys().eq(files.keys()), "{name}: other files than before");
    let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for edit in findings(&before)
        .iter()
        .filter_map(|one| one.get("fix"))
        .filter_map(|fix| fix["edits"].as_array())
        .flatten()
    {
        let path = edit["path"].as_str().unwrap();
        let text = &files[Path::new(path)];
        let line = |at: &str| {
            1 + text[..edit[at].as_u64().unwrap() as usize].iter().filter(|byte| **byte == b'\n').count()
        };
        lines.entry(path.to_owned()).or_default().extend(line("start")..=line("end"));
    }
    let mut changed = 0;
    for (path, old) in files.iter().filter(|(path, old)| new[*path] != **old) {
        changed += 1;
        let path = path.to_str().unwrap();
        let allowed = lines.get(path).unwrap_or_else(|| panic!("{name}: {path} was changed without an edit"));
        if let Some(touched) = touched(old, &new[Path::new(path)]) {
            assert!(touched.is_subset(allowed), "{name}: {path}: lines {touched:?}, edits of {allowed:?}");
        }
    }
    let again = poollint(root, &["check", "--diff", "--unsafe-fixes", "--fail-on", "never"]);
    assert_eq!(again.stdout, "", "{name}: a second run mends more");
    changed
}

#[test]
fn copies_of_real_repositories_are_mended() {
    let kept = std::env::var_os("POOLLINT_MENDED").map(PathBuf::from);
    let (mut put, mut changed, mut as_they_are) = (0, 0, 0);
    let all = projects();
    for project in &all {
        let name = project.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = Bytes::new();
        contents(project, project, &mut files);
        let temporary = tempfile::tempdir().unwrap();
        as_they_are += mend(&name, &files, &temporary.path().join("plain"));
        let (files, count) = spoilt(&files);
        let root = kept.as_ref().map_or_else(|| temporary.path().join("spoilt"), |kept| kept.join(&name));
        fs::create_dir_all(&root).unwrap();
        changed += mend(&format!("{name}, spoilt"), &files, &root);
        put += count;
    }
    println!(
        "{as_they_are} files of {} repositories were mended, and {changed} with {put} faults put into them",
        all.len()
    );
    assert!(all.is_empty() || changed > 10, "only {changed} files were changed");
}
