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
#[cfg(unix)]
#[path = "common/program.rs"]
mod program;

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
    let quoted = pattern().replace('\'', "''");
    let mut expected = String::new();
    for line in text.lines() {
        let made = line.starts_with("  files: ").then(|| format!("  files: '{quoted}'"));
        expected.push_str(made.as_deref().unwrap_or(line));
        expected.push('\n');
    }
    expect::file(&path, &expected);

    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_array().unwrap();
    let kinds: Vec<(&str, &str)> =
        hooks.iter().map(|hook| (hook["id"].as_str().unwrap(), hook["language"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("poollint", "python"), ("poollint-src", "rust"), ("poollint-system", "system")]);
    for hook in hooks {
        assert_eq!(
            hook["pass_filenames"], false,
            "the whole repository is read, not the files of the commit"
        );
        assert_eq!(hook["files"], pattern());
        assert_eq!(hook["entry"], "poollint check --git-tracked", "what lies around untracked is not read");
    }
}

#[test]
fn the_action_never_puts_an_input_into_a_script() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let [step] = action["runs"]["steps"].as_array().unwrap().as_slice() else {
        panic!(
            "one step: an action inside would be downloaded by every job, and its outputs are not its own"
        );
    };
    let script = step["run"].as_str().expect("the step is a script of the action's own");
    assert!(!script.contains("${{"), "text is put into a script: {script}");
    assert_eq!(step["shell"], "bash");
    for input in action["inputs"].as_object().unwrap().keys() {
        let variable = format!("POOLLINT_ACTION_{}", input.replace('-', "_").to_uppercase());
        assert_eq!(step["env"][&variable], format!("${{{{ inputs.{input} }}}}"));
    }
}

#[test]
fn the_workflow_runs_what_contributors_run() {
    let workflow = yaml(".github/workflows/ci.yml");
    let steps = workflow["jobs"]["run"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["run"] == "bash .ci/run"));
}

/// Runs the action's step on the program of this build. `tests/action/run.py` does what the runner does besides.
#[cfg(unix)]
mod action {
    use std::path::Path;
    use std::process::Command;

    use super::{program, root, yaml};

    const ENV: &str =
        "DB_CONNECTION_LIMIT=10\nDATABASE_URL=postgresql://app:x@db.internal:5432/app?connection_limit=25\n";

    fn run(workspace: &Path, inputs: &[(&str, &str)]) -> (i32, String) {
        let action = yaml("action.yml");
        let step = &action["runs"]["steps"][0];
        let temporary = tempfile::tempdir().unwrap();
        let mut path = vec![Path::new(env!("CARGO_BIN_EXE_poollint")).parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()])
            .current_dir(workspace)
            .env_clear()
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("GITHUB_ACTION_PATH", root("."))
            .env("GITHUB_WORKSPACE", workspace)
            .env("GITHUB_OUTPUT", temporary.path().join("output"))
            .env("RUNNER_TEMP", temporary.path());
        for (name, value) in step["env"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            let value = match input {
                Some("token") | None => "",
                Some("install") => "system",
                Some("base") => "none",
                Some(input) => {
                    let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
                    given.unwrap_or_else(|| action["inputs"][input]["default"].as_str().unwrap())
                }
            };
            command.env(name, value);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text)
    }

    #[test]
    fn one_run_prints_and_annotates() {
        let root = program::directory(&[("x/api/.env.production", ENV), ("x/worker/.env.production", ENV)]);
        let (status, out) = run(root.path(), &[("path", "x"), ("args", "--select=pool-setting-conflict")]);
        assert_eq!(status, 1, "{out}");
        let stop = out.lines().find_map(|line| line.strip_prefix("::stop-commands::")).unwrap();
        let (human, annotations) = out.split_once(&format!("\n::{stop}::\n")).unwrap();
        assert!(human.contains("pool-setting-conflict"), "{human}");
        let annotated: Vec<&str> =
            annotations.lines().filter(|line| line.starts_with("::error file=")).collect();
        assert_eq!(annotated.len(), 2, "{annotations}");
        assert!(annotated[0].contains("file=x/api/.env.production,line=1"), "{annotations}");
    }

    #[test]
    fn inputs_are_arguments_and_nothing_else() {
        let root = program::directory(&[
            ("api/.env.production", ENV),
            ("a folder/.env.production", ENV),
            ("all.toml", "[rules.pool-setting-conflict]\nseverity = \"off\"\n"),
        ]);
        let root = root.path();
        let (status, out) = run(root, &[("path", "api\na folder\n")]);
        assert_eq!(status, 1);
        assert!(out.contains("file=a folder/.env.production"), "{out}");
        assert_eq!(run(root, &[("config", "all.toml")]).0, 0, "the configuration is used");
        assert_eq!(run(root, &[("fail-on", "never")]).0, 0, "fail-on is used");
        for hostile in ["$(touch owned)", "`touch owned`", "; touch owned", "--help", "\"; touch owned; \""] {
            for input in ["path", "config", "fail-on", "args"] {
                let (status, out) = run(root, &[(input, hostile)]);
                assert_eq!(status, 2, "{input}: {out}");
            }
        }
        assert!(!root.join("owned").exists(), "an input was run");
    }

    #[test]
    #[ignore = "needs python3 with PyYAML, curl and jq: .ci/run installs them"]
    fn the_runner_runs_the_action() {
        let python = std::env::var_os("POOLLINT_PYTHON").expect("POOLLINT_PYTHON names a Python with PyYAML");
        let ran = Command::new(python)
            .arg(root("tests/action/run.py"))
            .env("POOLLINT", env!("CARGO_BIN_EXE_poollint"))
            .status()
            .unwrap();
        assert!(ran.success());
    }

    #[test]
    #[ignore = "needs pre-commit and prek: .ci/run installs them"]
    fn pre_commit_and_prek_run_the_hook() {
        let tools =
            std::env::var_os("POOLLINT_HOOK_TOOLS").expect("POOLLINT_HOOK_TOOLS holds pre-commit and prek");
        let ran = Command::new("bash")
            .arg(root("tests/hooks/run.sh"))
            .env("POOLLINT", env!("CARGO_BIN_EXE_poollint"))
            .env("POOLLINT_HOOK_TOOLS", tools)
            .status()
            .unwrap();
        assert!(ran.success());
    }
}
