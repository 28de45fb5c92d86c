//! Files in memory, and what the fixes make of them.

use std::collections::{BTreeMap, BTreeSet};

use poollint::config::{self, Config};
use poollint::fixing;
use poollint::pipeline::{self, Loaded};
use poollint::rules::{Finding, Rulebook};
use poollint::tree::{Files, Kind, Memory};

/// Paths and texts.
pub type Texts = BTreeMap<String, String>;

/// A repository as it is read and judged.
pub struct Read {
    pub loaded: Loaded,
    pub findings: Vec<Finding>,
}

/// Reads files, with opt-in rules on.
pub fn read(texts: &Texts, on: &[&str]) -> Read {
    let mut files = Files::default();
    let mut config = Config::default();
    let mut tree = Vec::new();
    for (path, text) in texts {
        if path == config::FILE_NAME {
            let file = files.add(path, Kind::Configuration, text.as_str());
            config = config::parse(file, text).unwrap();
        } else {
            tree.push((path.as_str(), text.as_bytes()));
        }
    }
    config.extend_select.extend(on.iter().map(|rule| (*rule).to_owned()));
    let loaded = pipeline::load(&Memory::new(tree), files).unwrap();
    let model = pipeline::resolve(&loaded, &config);
    let judged = pipeline::judge_by(&Rulebook::built_in(), &loaded, &config, &model);
    assert!(judged.broken.is_empty());
    Read { loaded, findings: judged.findings }
}

/// What a finding is about, whatever its line.
pub fn names(findings: &[Finding]) -> BTreeSet<(String, String)> {
    findings.iter().map(|finding| (finding.rule.clone(), finding.identity.clone())).collect()
}

/// The texts after all fixes of findings that `wanted` takes, judged anew after each pass; and how many there were.
pub fn mend(texts: &Texts, on: &[&str], wanted: impl Fn(&Finding) -> bool) -> (Texts, usize) {
    let (mut texts, mut applied) = (texts.clone(), 0);
    for _ in 0..10 {
        let read = read(&texts, on);
        let findings: Vec<Finding> =
            read.findings.iter().filter(|finding| wanted(finding)).cloned().collect();
        let fixed = fixing::apply(&read.loaded.files, &findings, true);
        if fixed.applied == 0 {
            return (texts, applied);
        }
        applied += fixed.applied;
        for (path, text) in fixed.texts {
            assert_eq!(
                text,
                edited(&read, &findings, &path),
                "{path}: more than the edits, or less than one of them, was changed"
            );
            texts.insert(path, text);
        }
    }
    panic!("fixes without end: {texts:?}");
}

/// A file after the edits of the findings, first come, first served, from the last byte to the first.
fn edited(read: &Read, findings: &[Finding], path: &str) -> String {
    let files = &read.loaded.files;
    let mut edits: Vec<(&str, usize, usize, &str)> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        let own: Vec<_> = fix
            .edits
            .iter()
            .map(|edit| {
                let range = edit.place.span.range();
                (files.path(edit.place.file), range.start, range.end, edit.text.as_str())
            })
            .collect();
        let touch = |one: &(&str, usize, usize, &str), two: &(&str, usize, usize, &str)| {
            let point = one.1 == one.2 || two.1 == two.2;
            one.0 == two.0
                && if point { one.1 <= two.2 && two.1 <= one.2 } else { one.1 < two.2 && two.1 < one.2 }
        };
        let same = own.iter().any(|edit| {
            let file = files.find(edit.0).unwrap();
            files.text(file).get(edit.1..edit.2) == Some(edit.3)
        });
        if !same && !own.iter().any(|edit| edits.iter().any(|other| touch(edit, other))) {
            edits.extend(own);
        }
    }
    edits.retain(|edit| edit.0 == path);
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.1, edit.2)));
    let mut text = files.text(files.find(path).unwrap()).to_owned();
    for (_, start, end, new) in edits {
        text.replace_range(start..end, new);
    }
    text
}
