//! How other repositories run poollint: the pre-commit hook runs when a file changed that poollint would read, and the
//! action hands its inputs over without ever making them a part of a script.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "common/expect.rs"]
mod expect;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whatever poollint would read, and what tells it how.
fn pattern() -> String {
    format!(r"{}|(?:^|/)poollint\.toml$", poollint::tree::hook_pattern())
}

fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(root(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_hook_runs_for_the_files_that_poollint_reads() {
    let path = root(".pre-commit-hooks.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("files:")).expect("a line with files");
    let quoted = pattern().replace('\'', "''");
    expect::file(&path, &text.replace(line, &format!("  files: '{quoted}'")));

    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    assert_eq!(hook["id"], "poollint-src");
    assert_eq!(hook["language"], "rust");
    assert_eq!(hook["pass_filenames"], false, "the whole repository is read, not the files of the commit");
    assert_eq!(hook["files"], pattern());
}

#[test]
fn the_action_never_puts_an_input_into_a_script() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let inputs: Vec<&String> = action["inputs"].as_object().unwrap().keys().collect();
    assert_eq!(inputs, ["path", "config", "fail-on"]);
    let steps = action["runs"]["steps"].as_array().unwrap();
    let mut handed_over = Vec::new();
    for step in steps {
        let script = step["run"].as_str().expect("every step is a script of the action's own");
        assert!(!script.contains("${{"), "text is put into a script: {script}");
        assert_eq!(step["shell"], "bash");
        let variables = step["env"].as_object().into_iter().flatten();
        for (name, value) in variables {
            assert!(script.contains(&format!("${name}")), "{name} is not used");
            handed_over.push(value.as_str().unwrap().to_owned());
        }
    }
    let wanted: Vec<String> = inputs.iter().map(|input| format!("${{{{ inputs.{input} }}}}")).collect();
    assert_eq!(handed_over, wanted);
}

#[test]
fn the_workflow_runs_what_contributors_run() {
    let workflow = yaml(".github/workflows/ci.yml");
    let steps = workflow["jobs"]["run"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["run"] == "bash .ci/run"));
}
