//! What poollint makes of a Compose project is what Compose makes of it: every service's variables, the number of its
//! instances, and the words that it runs.
//!
//! `fixtures/compose/recorded.json` holds what Compose made of written and of generated projects; it is checked on
//! every run. The comparison with Compose itself needs it installed and is run by `.ci/run`; with `POOLLINT_RECORD`
//! set it writes the recording anew. With `POOLLINT_CORPUS`, a folder of repositories, it goes over all their projects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use poollint::tree::{Directory, Memory};
use serde::{Deserialize, Serialize};

#[path = "compose/corpus.rs"]
mod corpus;
#[path = "compose/generate.rs"]
mod generate;
#[path = "compose/reading.rs"]
mod reading;
#[path = "compose/tool.rs"]
mod tool;

use reading::{Known, Services, differences, ours};

/// A small project.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is about.
    pub about: String,
    /// The files that Compose is called with; none where it finds them by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// Its files by path.
    pub files: BTreeMap<String, String>,
}

impl Case {
    /// Whether all profiles are turned on, as the project does not say which.
    fn all_profiles(&self) -> bool {
        !self.files.get(".env").is_some_and(|text| text.contains("COMPOSE_PROFILES"))
    }
}

/// What Compose made of it: services, or why it refuses the project.
#[derive(Serialize, Deserialize)]
struct Recorded {
    #[serde(flatten)]
    case: Case,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    services: Option<Services>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Recording {
    tool: String,
    version: String,
    cases: Vec<Recorded>,
}

/// Where poollint differs from what Compose made of a project.
fn check(recorded: &Recorded, known: &mut Known) -> Vec<String> {
    let files = &recorded.case.files;
    let tree = Memory::new(files.iter().map(|(path, text)| (path.clone(), text.as_bytes().to_vec())));
    let all = ours(&tree);
    let main = |path: &String| !path.contains('/') && corpus::BASES.contains(&path.as_str());
    // Where `.env` lists files of other names there is one project, whatever it is called.
    let first = recorded.case.run.last().or_else(|| files.keys().find(|path| main(path)));
    let found = match first {
        Some(first) => all.iter().find(|ours| ours.name == *first),
        None => all.first().filter(|_| all.len() == 1),
    };
    let Some(ours) = found else { return vec![format!("no deployment is named {first:?}: {}", all.len())] };
    match (&recorded.services, &recorded.refused) {
        (Some(services), _) => differences(ours, services, true, known),
        (None, Some(reason)) if lacks_something(reason) && ours.partial.is_empty() => {
            vec![format!("taken for complete, but Compose says: {reason}")]
        }
        _ => Vec::new(),
    }
}

/// Whether Compose refuses a project because a part of it is not there.
fn lacks_something(reason: &str) -> bool {
    ["not found", "no such file", "required variable", "neither an image"]
        .iter()
        .any(|word| reason.contains(word))
}

/// Holds poollint against all of it.
fn check_all(recording: &Recording) {
    let mut known = Known::default();
    let mut found = Vec::new();
    for recorded in &recording.cases {
        let differences = check(recorded, &mut known);
        if !differences.is_empty() {
            let Case { about, files, .. } = &recorded.case;
            let files: Vec<String> = files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
            found.push(format!("## {about}\n{}\n{}", differences.join("\n"), files.join("\n")));
        }
    }
    let all = recording.cases.len();
    let refused = recording.cases.iter().filter(|case| case.services.is_none()).count();
    println!("{all} projects, {refused} of them refused; {} of {} values known", known.values, known.of);
    assert!(found.is_empty(), "{} of {all}:\n{}", found.len(), found.join("\n"));
    assert!(all >= 380 && refused * 4 < all, "too few cases to mean anything: {all}, {refused} refused");
    assert!(known.values * 10 > known.of * 9, "too little is known: {known:?}");
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose").join(name)
}

fn written() -> Vec<Case> {
    let text = std::fs::read_to_string(path("written.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

#[test]
fn projects_become_what_compose_was_recorded_to_make_of_them() {
    let recording: Recording =
        serde_json::from_slice(&std::fs::read(path("recorded.json")).unwrap()).unwrap();
    let recorded = |case: &Case| recording.cases.iter().any(|known| known.case == *case);
    let fresh: Vec<String> =
        written().into_iter().filter(|case| !recorded(case)).map(|case| case.about).collect();
    assert!(fresh.is_empty(), "not recorded (see .ci/run): {fresh:?}");
    check_all(&recording);
}

#[test]
#[ignore = "needs Docker Compose: see .ci/run"]
fn projects_become_what_compose_makes_of_them() {
    let count = std::env::var("POOLLINT_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(320);
    let seed = std::env::var("POOLLINT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(11);
    let mut cases = written();
    let mut random = generate::Random(seed);
    cases.extend((0..count).map(|number| generate::project(&mut random, number)));
    let results = tool::in_parallel(&cases, |case| {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &case.files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let run: Vec<&str> = case.run.iter().map(String::as_str).collect();
        let result = tool::config(folder.path(), &run, &BTreeMap::new(), case.all_profiles());
        // The folder is another one on every run.
        let folder = format!("{}/", folder.path().display());
        result.map_err(|error| error.lines().last().unwrap_or_default().replace(&folder, ""))
    });
    let cases = cases.into_iter().zip(results).map(|(case, result)| {
        let (services, refused) = match result {
            Ok(services) => (Some(services), None),
            Err(reason) => (None, Some(reason)),
        };
        Recorded { case, services, refused }
    });
    let cases = cases.collect();
    let recording = Recording { tool: "Docker Compose".to_owned(), version: tool::version(), cases };
    if std::env::var_os("POOLLINT_RECORD").is_some() {
        write(&recording);
    }
    check_all(&recording);
}

/// One case on each line, so that a change shows what changed.
fn write(recording: &Recording) {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let lines: Vec<String> =
        recording.cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
    let head =
        format!("{{\"tool\":{},\"version\":{},\"cases\":[", json(&recording.tool), json(&recording.version));
    std::fs::write(path("recorded.json"), format!("{head}\n{}\n]}}\n", lines.join(",\n"))).unwrap();
}

#[test]
#[ignore = "needs Docker Compose: see .ci/run"]
fn projects_of_the_corpus_become_what_compose_makes_of_them() {
    let Some(folder) = std::env::var_os("POOLLINT_CORPUS").filter(|folder| !folder.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
        return;
    };
    let mut repositories: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    repositories.retain(|path| path.is_dir());
    repositories.sort();
    let mut deployments = Vec::new();
    for repository in &repositories {
        let tree = Directory::new(repository).unwrap();
        deployments.extend(ours(&tree).into_iter().map(|ours| (repository, ours)));
    }
    let outcomes = tool::in_parallel(&deployments, |(repository, ours)| corpus::compare(repository, ours));
    corpus::judge(&deployments, &outcomes);
}

#[test]
fn an_unknown_part_fits_any_text() {
    let unknown = poollint::span::UNKNOWN;
    for (ours, theirs, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("?", "", true),
        ("a?", "abc", true),
        ("?c", "abc", true),
        ("a?c", "ac", true),
        ("a?c", "ab", false),
        ("a?b?c", "axbyc", true),
        ("a?b?c", "axyc", false),
        ("ab?ba", "aba", false),
    ] {
        assert_eq!(
            reading::fits(&ours.replace('?', &unknown.to_string()), theirs),
            expected,
            "{ours} {theirs}"
        );
    }
}
