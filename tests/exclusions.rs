//! Promise: what a rule excludes stays silent, and would not without the exclusion. `fixtures/exclusions/<rule>.md` has a
//! case for each exclusion in the form of the pages' examples, and under `## Fires` a twin of the same title: the smallest
//! change after which the rule speaks. A twin gives only the files that it changes; an empty block takes a file away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use poollint::examples::failures;
use poollint::rules::page::{Example, Page};
use poollint::rules::{Rulebook, pages};

/// Lines in which a twin may differ from its case. More would be another story, not a twin.
const NEAR: usize = 12;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exclusions")
}

/// The examples of a rule's file, read as those of a page are.
fn examples(rule: &str) -> Result<Vec<Example>, String> {
    let path = folder().join(format!("{rule}.md"));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{rule}.md: {error}"))?;
    let head = format!(
        "---\nname: {rule}\nsummary: exclusions\non: project\nseverity: info\nwhen: \"true\"\nmessage: exclusions\n---\n"
    );
    let lines = head.lines().count();
    let page = Page::parse(&format!("{rule}.md"), &format!("{head}{text}")).map_err(|error| {
        format!("line {} counted from its invisible head of {lines}: {error}", error.line)
    })?;
    let mut all = page.examples().to_vec();
    for example in &mut all {
        example.line -= lines;
    }
    Ok(all)
}

/// The whole repository of a twin: what it does not change is its case's.
fn whole(case: &Example, twin: &Example) -> Example {
    let mut files: BTreeMap<&String, &String> = case.files.iter().map(|(path, text)| (path, text)).collect();
    files.extend(twin.files.iter().map(|(path, text)| (path, text)));
    let files = files
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    Example { files, ..twin.clone() }
}

/// In how many lines two repositories differ. A file's path counts as one, so that it may be moved.
fn distance(one: &Example, other: &Example) -> usize {
    let count = |example: &Example| {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for (path, text) in &example.files {
            for line in text.lines().chain([path.as_str()]) {
                *lines.entry(line.to_owned()).or_default() += 1;
            }
        }
        lines
    };
    let (one, other) = (count(one), count(other));
    let beyond = |left: &BTreeMap<_, usize>, right: &BTreeMap<_, usize>| -> usize {
        left.iter().map(|(line, times)| times.saturating_sub(right.get(line).copied().unwrap_or(0))).sum()
    };
    beyond(&one, &other).max(beyond(&other, &one))
}

/// The examples to run for a rule: each case and its twin. Says what is wrong with its file.
fn pairs(rule: &str, examples: &[Example], wrong: &mut Vec<String>) -> Vec<(Example, Example)> {
    let mut titles: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in examples {
        titles.entry(&example.title).or_default().push(example);
    }
    if titles.is_empty() {
        wrong.push(format!("{rule}.md: no case"));
    }
    let mut all = Vec::new();
    for (title, both) in titles {
        let [case, twin] = both[..] else {
            wrong.push(format!("{rule}.md: {title:?} is not one case and one twin"));
            continue;
        };
        // An exclusion may soften: then both speak, and the severity is what differs.
        let softer = case.fires && case.severity.is_some() && twin.severity > case.severity;
        if !twin.fires || (case.fires && !softer) {
            wrong.push(format!("{rule}.md, line {}: {title:?} is no case, or its twin no twin", case.line));
            continue;
        }
        let twin = whole(case, twin);
        let apart = distance(case, &twin);
        if case.files == twin.files || apart > NEAR {
            wrong.push(format!("{rule}.md, line {}: the twin differs in {apart} lines", twin.line));
        }
        all.push((case.clone(), twin));
    }
    all
}

#[test]
fn every_exclusion_keeps_its_rule_silent_and_its_twin_does_not() {
    let book = Rulebook::built_in();
    let mut wrong = Vec::new();
    for page in pages() {
        let pairs = match examples(&page.name) {
            Ok(examples) => pairs(&page.name, &examples, &mut wrong),
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        // The page judges these examples instead of its own; `failures` selects opt-in rules.
        let judge = |example: Example| failures(&book, &Page { examples: vec![example], ..page.clone() });
        for (case, twin) in pairs {
            if case.fires {
                let sharper = judge(Example { severity: twin.severity, ..case.clone() });
                if sharper.is_empty() {
                    wrong.push(format!(
                        "{}, line {} ({}): as severe as its twin",
                        page.name, case.line, case.title
                    ));
                }
            }
            wrong.extend(judge(case).iter().map(|failed| format!("case: {failed}")));
            wrong.extend(judge(twin).iter().map(|failed| format!("twin: {failed}")));
        }
    }
    assert!(wrong.is_empty(), "{} exclusions do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_file_is_a_rules() {
    let rules: BTreeSet<String> = pages().iter().map(|page| format!("{}.md", page.name)).collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(rules.contains(&name), "fixtures/exclusions/{name} belongs to no rule");
    }
}
