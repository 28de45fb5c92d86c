//! What poollint makes of a kustomization is what Kustomize makes of it: the same workloads, as often, with the
//! same containers and the same environment in each.
//!
//! `fixtures/kustomize/*.yaml` hold small kustomizations, `fixtures/kustomize/recorded.json` what `kubectl kustomize`
//! built of each; they are compared on every run. The comparison with kubectl itself needs it installed and is run by
//! `.ci/run`; with `POOLLINT_RECORD` set it writes the recording anew. With `POOLLINT_CORPUS`, a folder of
//! repositories, it also goes over every kustomization there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

#[path = "kustomize/ours.rs"]
mod ours;

/// A small repository and the directory of it that is built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "here")]
    build: String,
    /// Whether poollint must say that it does not apply all of it, although Kustomize does.
    #[serde(default)]
    partial: bool,
    files: BTreeMap<String, String>,
}

fn here() -> String {
    ".".to_owned()
}

/// What Kustomize built.
#[derive(Serialize, Deserialize)]
struct Recording {
    tool: String,
    version: String,
    /// A case's name, and its output; nothing where Kustomize refuses it.
    cases: Vec<(String, Option<String>)>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/kustomize")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let own: Vec<Case> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        found.extend(own);
    }
    let names: BTreeSet<&str> = found.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), found.len(), "two cases have the same name");
    found
}

/// What is different between poollint's reading of a case and Kustomize's; nothing when they agree.
fn difference(case: &Case, theirs: Option<&str>) -> Option<String> {
    let built = ours::of_memory(&case.files, &case.build);
    let problem = match theirs {
        // Where it builds nothing either it claims nothing.
        None if built.partial.is_empty() && !built.shown.is_empty() => {
            "Kustomize refuses it, poollint says nothing".to_owned()
        }
        None => return None,
        Some(_) if case.partial != built.partial.is_empty() => {
            let theirs = ours::of_stream(theirs.unwrap_or_default());
            if case.partial || theirs == built.shown {
                return None;
            }
            compared(&built.shown, &theirs)
        }
        Some(_) => format!("partial: {:?}", built.partial),
    };
    Some(format!("{}: {problem}", case.name))
}

fn compared(ours: &str, theirs: &str) -> String {
    let (mine, yours): (BTreeSet<&str>, BTreeSet<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let (more, less): (Vec<_>, Vec<_>) =
        (mine.difference(&yours).collect(), yours.difference(&mine).collect());
    format!("\n  only poollint {more:?}\n  only Kustomize {less:?}")
}

#[test]
fn every_case_is_what_kustomize_was_recorded_to_build() {
    let recording = std::fs::read(folder().join("recorded.json")).unwrap();
    let recording: Recording = serde_json::from_slice(&recording).unwrap();
    let theirs: BTreeMap<&str, Option<&str>> =
        recording.cases.iter().map(|(name, output)| (name.as_str(), output.as_deref())).collect();
    let cases = cases();
    assert!(cases.len() >= 80, "too few cases to mean anything");
    assert_eq!(cases.len(), theirs.len(), "the recording is not of these cases");
    let found: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let theirs = theirs.get(case.name.as_str()).unwrap_or_else(|| panic!("{} is new", case.name));
            difference(case, *theirs)
        })
        .collect();
    assert!(found.is_empty(), "{} {}:\n{}", recording.tool, recording.version, found.join("\n"));
}

fn kubectl(arguments: &[&str], at: &Path) -> Result<String, String> {
    let path = std::env::var_os("POOLLINT_KUBECTL").expect("POOLLINT_KUBECTL is not set: see .ci/run");
    // What is remote is not fetched.
    let nowhere = "http://127.0.0.1:9";
    let ran = Command::new(path)
        .args(arguments)
        .arg(at)
        .env("HTTP_PROXY", nowhere)
        .env("HTTPS_PROXY", nowhere)
        .env("GIT_ALLOW_PROTOCOL", "file")
        .output()
        .expect("kubectl starts");
    if ran.status.success() {
        Ok(String::from_utf8(ran.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&ran.stderr).into_owned())
    }
}

/// What kubectl builds of a directory. Files of anywhere may be named, as many set it.
fn built(at: &Path) -> Result<String, String> {
    kubectl(&["kustomize", "--load-restrictor=LoadRestrictionsNone"], at)
}

#[test]
#[ignore = "needs kubectl: see .ci/run"]
fn every_case_is_what_kustomize_builds() {
    let cases = cases();
    let scratch = tempfile::tempdir().unwrap();
    let mut recorded = Vec::new();
    let mut found = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let root = scratch.path().join(number.to_string());
        for (path, text) in &case.files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let output = built(&root.join(&case.build));
        if let Err(error) = &output {
            println!("{} is refused: {}", case.name, error.trim().replace(root.to_str().unwrap(), ""));
        }
        found.extend(difference(case, output.as_deref().ok()));
        recorded.push((case.name.clone(), output.ok()));
    }
    let refused = recorded.iter().filter(|(_, output)| output.is_none()).count();
    println!("{} kustomizations, {refused} of them refused", cases.len());
    if std::env::var_os("POOLLINT_RECORD").is_some() {
        write(&recorded);
    }
    assert!(found.is_empty(), "{} of {}:\n{}", found.len(), cases.len(), found.join("\n"));
}

/// One case on each line, so that a change shows what changed.
fn write(cases: &[(String, Option<String>)]) {
    let version = kubectl(&["version", "--client", "--output=json"], Path::new("")).unwrap_or_default();
    let version: serde_json::Value = serde_json::from_str(&version).unwrap_or_default();
    let version = version["kustomizeVersion"].as_str().unwrap_or("of unknown version");
    let lines: Vec<String> = cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
    let text = format!(
        "{{\"tool\":\"Kustomize\",\"version\":\"{version}\",\"cases\":[\n{}\n]}}\n",
        lines.join(",\n")
    );
    std::fs::write(folder().join("recorded.json"), text).unwrap();
}

/// Every kustomization of the corpus that can be built without a network.
#[test]
#[ignore = "needs kubectl: see .ci/run"]
fn every_kustomization_of_the_corpus_is_what_kustomize_builds() {
    let Some(corpus) = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
        return;
    };
    let (mut agreed, mut found, mut partial) = (0, Vec::new(), 0);
    let mut repositories: Vec<PathBuf> =
        std::fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    repositories.sort();
    for repository in repositories.iter().filter(|path| path.is_dir()) {
        for directory in kustomizations(repository) {
            let name = format!("{}/{directory}", repository.file_name().unwrap().to_string_lossy());
            let output = match built(&repository.join(&directory)) {
                Ok(output) => output,
                Err(error) => {
                    println!("{name} is refused: {}", error.trim().lines().last().unwrap_or_default());
                    continue;
                }
            };
            let ours = ours::of_directory(repository, &directory);
            let theirs = ours::of_stream(&output);
            if !ours.partial.is_empty() {
                partial += 1;
                println!("{name} is partial: {:?}", ours.partial);
            } else if ours.shown == theirs {
                agreed += 1;
            } else {
                found.push(format!("{name}: {}", compared(&ours.shown, &theirs)));
            }
        }
    }
    println!("{agreed} kustomizations agree, {} differ, {partial} are partial", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Directories of a repository that hold a kustomization; components build nothing by themselves.
fn kustomizations(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() {
                if !poollint::tree::is_never_entered(&name) {
                    folders.push(path);
                }
            } else if poollint::readers::KUSTOMIZATION_FILES.contains(&name.as_str()) {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let flux = text.contains("kustomize.toolkit.fluxcd.io");
                if !flux && !text.contains("kind: Component") {
                    found.push(folder.strip_prefix(root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }
    found.sort();
    found
}
