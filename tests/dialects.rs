//! What poollint reads out of an env file is what the file's real reader reads out of it.
//!
//! `fixtures/dialects/recorded-*.json` hold what the real tools made of generated files; they are checked
//! on every run. The comparison with the tools themselves needs them installed and is run by `.ci/run`;
//! with `POOLLINT_RECORD` set it writes the recordings anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use poollint::resolve::interpolate::{Found, Variable, env_file, evaluate};
use poollint::span::{FileId, SpanText, Text};
use poollint::syntax::dotenv::Dialect;
use poollint::syntax::interpolation;
use serde::{Deserialize, Serialize};

#[path = "dialects/generate.rs"]
mod generate;
#[path = "dialects/tools.rs"]
mod tools;

use tools::Values;

/// What a tool made of some files.
#[derive(Serialize, Deserialize)]
struct Recording {
    tool: String,
    version: String,
    /// A file's text, and what it sets; nothing where the tool refuses the file.
    cases: Vec<(String, Option<Values>)>,
}

/// What poollint makes of a file.
fn ours(text: &str, dialect: Dialect) -> Option<Values> {
    let map = env_file(text, FileId(0), dialect, &|_: &str| Found::Unset);
    if map.refused() {
        return None;
    }
    let undefined = matches!(dialect, Dialect::PythonDotenv | Dialect::Kubectl);
    let values = map.variables.iter().filter(|(_, variable)| undefined || variable.text.is_some());
    let plain = |text: &Text| text.known().map(str::to_owned);
    // kubectl takes a name alone from its own environment, which is empty here.
    let inherited = (dialect == Dialect::Kubectl).then(String::new);
    let value = |variable: &Variable| variable.text.as_ref().map_or(inherited.clone(), plain);
    Some(values.map(|(key, variable)| (key.clone(), value(variable))).collect())
}

/// The `.env` beside the Compose file in which single texts are tried.
const PROJECT: &str = "A=1\nE=\n";

/// What poollint makes of a text in a Compose file.
fn ours_interpolated(text: &str) -> Option<Values> {
    let project = env_file(PROJECT, FileId(0), Dialect::Compose, &|_: &str| Found::Unset);
    let lookup = |name: &str| project.text(name).cloned().map_or(Found::Unset, Found::Value);
    let template = interpolation::parse(&SpanText::verbatim(text, 0)).ok()?;
    let result = evaluate(&template, FileId(0), &lookup);
    let refused = !result.missing_required.is_empty() || !result.invalid.is_empty();
    (!refused).then(|| BTreeMap::from([("V".to_owned(), result.text.known().map(str::to_owned))]))
}

fn differences(cases: &[(String, Option<Values>)], ours: impl Fn(&str) -> Option<Values>) -> Vec<String> {
    let show = |values: &Option<Values>| match values {
        Some(values) => format!("{:?}", values.iter().collect::<BTreeMap<_, _>>()),
        None => "refused".to_owned(),
    };
    let differ = |(text, theirs): &(String, Option<Values>)| {
        let ours = ours(text);
        (ours != *theirs).then(|| format!("{text:?}\n  tool {}\n  ours {}", show(theirs), show(&ours)))
    };
    cases.iter().filter_map(differ).collect()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/dialects").join(name)
}

const NAMES: [(Dialect, &str); 10] = [
    (Dialect::Compose, "compose"),
    (Dialect::Raw, "raw"),
    (Dialect::NodeDotenv, "node"),
    (Dialect::DotenvExpand, "expand"),
    (Dialect::PythonDotenv, "python"),
    (Dialect::Kustomize, "kustomize"),
    (Dialect::Kubectl, "kubectl"),
    (Dialect::DockerEnvFile, "docker"),
    (Dialect::RubyDotenv, "ruby"),
    (Dialect::Compose, PROJECT_FILE),
];

/// The `.env` of a project, out of which Compose takes what it is asked for.
const PROJECT_FILE: &str = "project";

/// What poollint makes of a file that is recorded under `name`.
fn ours_named(text: &str, (dialect, name): (Dialect, &str)) -> Option<Values> {
    let mut values = ours(text, dialect)?;
    if name == PROJECT_FILE {
        let asked = tools::words(text);
        values.retain(|key, _| asked.contains(&key.as_str()));
    }
    Some(values)
}

/// The files that were written by hand. dotenv-expand executes `$(…)` and looks for references again in
/// what it has put in, so that some of them mean nothing there.
fn written(dialect: Dialect) -> Vec<String> {
    let texts = std::fs::read_to_string(path("written.yaml")).unwrap();
    let texts: Vec<String> = serde_saphyr::from_str(&texts).unwrap();
    let rescanned = |text: &str| dialect == Dialect::DotenvExpand && text.contains("\\${A} ${A}");
    texts.into_iter().filter(|text| !rescanned(text)).collect()
}

fn recorded(name: &str) -> Recording {
    let recording = std::fs::read(path(&format!("recorded-{name}.json"))).unwrap();
    serde_json::from_slice(&recording).unwrap()
}

#[test]
fn references_become_what_compose_was_recorded_to_make_of_them() {
    let recording = recorded("interpolation");
    assert!(recording.cases.len() >= 200, "too few cases to mean anything");
    let found = differences(&recording.cases, ours_interpolated);
    assert!(found.is_empty(), "{} {}:\n{}", recording.tool, recording.version, found.join("\n"));
}

#[test]
#[ignore = "needs Docker Compose: see .ci/run"]
fn references_become_what_compose_makes_of_them() {
    let mut random = generate::Random(6);
    let texts: Vec<String> = (0..count()).map(|_| generate::interpolated(&mut random)).collect();
    let results = tools::compose_values(&texts, PROJECT);
    let cases: Vec<_> = texts.into_iter().zip(results).collect();
    let found = differences(&cases, ours_interpolated);
    let version = tools::compose_version();
    if std::env::var_os("POOLLINT_RECORD").is_some() {
        write(
            "recorded-interpolation.json",
            &Recording { tool: "Docker Compose".to_owned(), version, cases },
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// How many files or texts to generate.
fn count() -> usize {
    std::env::var("POOLLINT_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(220)
}

#[test]
fn every_dialect_reads_what_its_tool_was_recorded_to_read() {
    for (dialect, name) in NAMES {
        let recording = recorded(name);
        assert!(recording.cases.len() >= 200, "{name}: too few cases to mean anything");
        let found = differences(&recording.cases, |text| ours_named(text, (dialect, name)));
        assert!(found.is_empty(), "{} {}:\n{}", recording.tool, recording.version, found.join("\n"));
    }
}

#[test]
#[ignore = "needs Docker Compose, node dotenv, python-dotenv and kubectl: see .ci/run"]
fn every_dialect_reads_what_its_tool_reads() {
    let only = std::env::var("POOLLINT_DIALECT").ok();
    let optional = [Dialect::DockerEnvFile, Dialect::RubyDotenv];
    let wanted = |(dialect, name): &(Dialect, &str)| {
        !optional.contains(dialect) && only.as_ref().is_none_or(|only| only == name)
    };
    let failures: Vec<String> = NAMES.iter().filter(|named| wanted(named)).filter_map(compare).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
#[ignore = "needs docker (no daemon): see .ci/run"]
fn docker_reads_the_same_where_it_is_installed() {
    let failure = NAMES.iter().find(|named| named.0 == Dialect::DockerEnvFile).and_then(compare);
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
}

#[test]
#[ignore = "needs ruby, and dotenv in the folder that POOLLINT_RUBY_DOTENV names"]
fn ruby_dotenv_reads_the_same_where_it_is_installed() {
    let failure = NAMES.iter().find(|named| named.0 == Dialect::RubyDotenv).and_then(compare);
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
}

/// Generates files, has the tool of a dialect read them, records what it says where that is wanted, and tells what
/// poollint reads differently.
fn compare(named: &(Dialect, &str)) -> Option<String> {
    let (dialect, name) = *named;
    let number = NAMES.iter().position(|other| other == named).unwrap();
    let mut random = generate::Random(number as u64 + 1);
    let generate = if dialect == Dialect::DotenvExpand { generate::file_for_expand } else { generate::file };
    let mut texts = written(dialect);
    texts.extend((0..count()).map(|_| generate(&mut random)));
    let (tool, version, results) = match dialect {
        Dialect::Compose if name == PROJECT_FILE => {
            ("Docker Compose, .env", tools::compose_version(), tools::compose_project(&texts))
        }
        Dialect::Compose => ("Docker Compose", tools::compose_version(), tools::compose(&texts, None)),
        Dialect::Raw => {
            ("Docker Compose, raw", tools::compose_version(), tools::compose(&texts, Some("raw")))
        }
        Dialect::NodeDotenv => ("dotenv", tools::node_version("dotenv"), tools::node(&texts, false)),
        Dialect::DotenvExpand => {
            ("dotenv-expand", tools::node_version("dotenv-expand"), tools::node(&texts, true))
        }
        Dialect::PythonDotenv => ("python-dotenv", tools::python_version(), tools::python(&texts)),
        Dialect::Kustomize => ("kubectl kustomize", tools::kubectl_version(), tools::kustomize(&texts)),
        Dialect::Kubectl => ("kubectl create configmap", tools::kubectl_version(), tools::kubectl(&texts)),
        Dialect::DockerEnvFile => ("docker create", tools::docker_version(), tools::docker(&texts)),
        Dialect::RubyDotenv => ("ruby dotenv", tools::ruby_version(), tools::ruby(&texts)),
    };
    let cases: Vec<_> = texts.into_iter().zip(results).collect();
    let found = differences(&cases, |text| ours_named(text, *named));
    let (some, all) = (found.len(), cases.len());
    let failure = (some > 0).then(|| format!("{tool} {version}: {some} of {all}\n{}", found.join("\n")));
    if std::env::var_os("POOLLINT_RECORD").is_some() {
        write(&format!("recorded-{name}.json"), &Recording { tool: tool.to_owned(), version, cases });
    }
    failure
}

/// One case on each line, so that a change shows what changed.
fn write(name: &str, recording: &Recording) {
    let mut text = format!(
        "{{\"tool\":{},\"version\":{},\"cases\":[\n",
        serde_json::to_string(&recording.tool).unwrap(),
        serde_json::to_string(&recording.version).unwrap()
    );
    let lines: Vec<String> =
        recording.cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
    text.push_str(&lines.join(",\n"));
    text.push_str("\n]}\n");
    std::fs::write(path(name), text).unwrap();
}
