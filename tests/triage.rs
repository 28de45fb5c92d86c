//! Promise: every error and warning over real repositories has been looked at, and few of them were wrong. With
//! `POOLLINT_CORPUS`, a folder of repositories, the findings are held against `fixtures/corpus-triage.tsv`; without it
//! only the file itself is checked. `UPDATE_EXPECT=1` adds new findings as `unjudged`, which the test refuses until somebody
//! has opened the file and written `right`, `wrong` or `arguable` and a sentence, and takes out marks without a finding.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

#[allow(dead_code, reason = "only whether expectations are rewritten")]
#[path = "common/expect.rs"]
mod expect;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use program::poollint;

const HEAD: &str = "project\tpath\tline\trule\tmark\twhy\tseverity";
const MARKS: [&str; 4] = ["right", "wrong", "arguable", "unjudged"];

/// Project, path, line, rule and severity: what a mark is about.
type Key = (String, String, u64, String, String);

/// Mark and reason.
type Mark = (String, String);

#[derive(Debug, Default, PartialEq)]
struct Triage {
    marks: BTreeMap<Key, Mark>,
    /// Findings of severity info by rule: not judged, but counted.
    infos: BTreeMap<String, u64>,
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus-triage.tsv")
}

fn read(text: &str) -> Triage {
    let mut triage = Triage::default();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEAD), "the head of the table");
    for line in lines {
        if let Some(info) = line.strip_prefix("# info\t") {
            let (rule, count) = info.split_once('\t').unwrap_or_else(|| panic!("{line}"));
            triage.infos.insert(rule.to_owned(), count.parse().unwrap());
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [project, path, number, rule, mark, why, severity] = fields[..] else {
            panic!("not seven columns: {line}");
        };
        assert!(MARKS.contains(&mark), "{mark:?} is no mark: {line}");
        assert!(mark == "unjudged" || why.split(' ').count() > 3, "a sentence is missing: {line}");
        let key = (project.into(), path.into(), number.parse().unwrap(), rule.into(), severity.into());
        let twice = triage.marks.insert(key, (mark.into(), why.into()));
        assert!(twice.is_none(), "marked twice: {line}");
    }
    triage
}

fn row((project, path, line, rule, severity): &Key, (mark, why): &Mark) -> String {
    format!("{project}\t{path}\t{line}\t{rule}\t{mark}\t{why}\t{severity}")
}

fn written(triage: &Triage) -> String {
    let mut text = format!("{HEAD}\n");
    for (key, mark) in &triage.marks {
        writeln!(text, "{}", row(key, mark)).unwrap();
    }
    for (rule, count) in &triage.infos {
        writeln!(text, "# info\t{rule}\t{count}").unwrap();
    }
    text
}

/// What the program says, each finding with its message in the place of a reason.
fn findings(corpus: &Path) -> Triage {
    let mut found = Triage::default();
    let mut projects: Vec<PathBuf> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|it| it.is_dir())
        .collect();
    projects.sort();
    assert!(!projects.is_empty(), "{} is empty", corpus.display());
    for project in projects {
        let output = poollint(&project, &["check", "--format", "json"]).json();
        let name = project.file_name().unwrap().to_string_lossy().into_owned();
        for finding in output["findings"].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            if text("severity") == "info" {
                *found.infos.entry(text("rule")).or_default() += 1;
                continue;
            }
            let line = finding["start"]["line"].as_u64().unwrap_or(0);
            let key = (name.clone(), text("path"), line, text("rule"), text("severity"));
            found.marks.insert(key, ("unjudged".to_owned(), text("message").replace(['\t', '\n'], " ")));
        }
    }
    found
}

/// How many of a severity are not wrong, and how many there are.
fn precision(triage: &Triage, severity: &str) -> (usize, usize) {
    let of: Vec<&str> = triage
        .marks
        .iter()
        .filter(|((.., own), _)| own == severity)
        .map(|(_, (mark, _))| mark.as_str())
        .collect();
    (of.iter().filter(|mark| **mark == "right").count(), of.len())
}

#[test]
fn the_marks_are_sound() {
    let text = std::fs::read_to_string(place()).unwrap();
    let triage = read(&text);
    assert_eq!(written(&triage), text, "sorted by project, path, line and rule");
    let wrong: Vec<String> = triage
        .marks
        .iter()
        .filter(|(_, (mark, _))| mark == "wrong" || mark == "unjudged")
        .map(|(key, mark)| row(key, mark))
        .collect();
    assert!(wrong.is_empty(), "mend the rule, or judge the finding:\n{}", wrong.join("\n"));
    for (severity, at_least) in [("error", 97), ("warning", 90)] {
        let (right, all) = precision(&triage, severity);
        println!("{severity}: {right} of {all} are right");
        assert!(all > 0 && right * 100 >= all * at_least, "{severity}: {right} of {all} are right");
    }
}

#[test]
fn every_finding_has_a_mark_and_every_mark_a_finding() {
    let Some(corpus) = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
        return;
    };
    let found = findings(Path::new(&corpus));
    let marked = std::fs::read_to_string(place()).map(|text| read(&text)).unwrap_or_default();
    if expect::updating() {
        let known = |key: &Key, new: &Mark| marked.marks.get(key).cloned().unwrap_or_else(|| new.clone());
        let marks = found.marks.iter().map(|(key, new)| (key.clone(), known(key, new))).collect();
        std::fs::write(place(), written(&Triage { marks, infos: found.infos })).unwrap();
        return;
    }
    let mut wrong = Vec::new();
    for (key, mark) in found.marks.iter().filter(|(key, _)| !marked.marks.contains_key(*key)) {
        wrong.push(format!("+ {}", row(key, mark)));
    }
    for (key, mark) in marked.marks.iter().filter(|(key, _)| !found.marks.contains_key(*key)) {
        wrong.push(format!("- {}", row(key, mark)));
    }
    if found.infos != marked.infos {
        wrong.push(format!("info findings by rule: {:?}, in the file {:?}", found.infos, marked.infos));
    }
    assert!(
        wrong.is_empty(),
        "findings without a mark (+), marks without a finding (-); UPDATE_EXPECT=1 brings the file up to date:\n{}",
        wrong.join("\n")
    );
}
