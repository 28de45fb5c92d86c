//! Files in memory, and what the fixes make of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poollint::config::{self, Config};
use poollint::fixing;
use poollint::model::Edit;
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

/// A file after the edits of the findings, first come, first served, from the last byte to the first. What stands as
/// base64 is edited as the text that it means.
fn edited(read: &Read, findings: &[Finding], path: &str) -> String {
    let files = &read.loaded.files;
    let mut edits: Vec<&Edit> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        let same = fix.edits.iter().any(|edit| {
            let written = &files.text(edit.place.file)[edit.place.span.range()];
            match edit.place.decoded {
                Some(decoded) => decoded_base64(written)[decoded.range()] == edit.text,
                None => written == edit.text,
            }
        });
        if !same && !fix.edits.iter().any(|edit| edits.iter().any(|other| touch(edit, other))) {
            edits.extend(&fix.edits);
        }
    }
    let file = files.find(path).unwrap();
    edits.retain(|edit| edit.place.file == file);
    edits.sort_by_key(|edit| Reverse((edit.place.span, edit.place.decoded)));
    let mut text = files.text(file).to_owned();
    let same_value = |one: &&Edit, other: &&Edit| {
        one.place.decoded.is_some() && other.place.decoded.is_some() && one.place.span == other.place.span
    };
    for edits in edits.chunk_by(same_value) {
        let range = edits[0].place.span.range();
        if edits[0].place.decoded.is_none() {
            text.replace_range(range, &edits[0].text);
            continue;
        }
        let mut value = decoded_base64(&text[range.clone()]);
        for edit in edits {
            value.replace_range(edit.place.decoded.unwrap().range(), &edit.text);
        }
        text.replace_range(range, &STANDARD.encode(value));
    }
    text
}

/// Whether two edits share a byte, or one puts something in beside or into what the other replaces.
fn touch(one: &Edit, two: &Edit) -> bool {
    let (a, b) = (one.place, two.place);
    let (a, b) = match (a.decoded, b.decoded) {
        _ if a.file != b.file => return false,
        (Some(inner), Some(other)) if a.span == b.span => (inner, other),
        _ => (a.span, b.span),
    };
    let point = a.start == a.end || b.start == b.end;
    if point { a.start <= b.end && b.start <= a.end } else { a.start < b.end && b.start < a.end }
}

/// The text behind base64.
pub fn decoded_base64(written: &str) -> String {
    String::from_utf8(STANDARD.decode(written).unwrap()).unwrap()
}
