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
    assert_eq!(
        kinds,
        [("poollint", "python"), ("poollint-src", "rust"), ("poollint-system", "system")]
    );
    for hook in hooks {
        assert_eq!(hook["pass_filenames"], false, "the whole repository is read, not the files of the commit");
        assert_eq!(hook["files"], pattern());
        assert_eq!(hook["entry"], "poollint check --git-tracked", "what lies around untracked is not read");
    }
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

/// Runs the action's last step as the runner does, on the program of this build.
#[cfg(unix)]
mod action {
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::Command;

    use super::{program, yaml};

    const ENV: &str =
        "DB_CONNECTION_LIMIT=10\nDATABASE_URL=postgresql://app:x@db.internal:5432/app?connection_limit=25\n";

    fn run(root: &Path, path: &str, config: &str, fail_on: &str) -> (i32, String, String) {
        let action = yaml("action.yml");
        let step = action["runs"]["steps"].as_array().unwrap().last().unwrap().clone();
        let temporary = tempfile::tempdir().unwrap();
        let release = temporary.path().join("poollint/release");
        std::fs::create_dir_all(&release).unwrap();
        symlink(env!("CARGO_BIN_EXE_poollint"), release.join("poollint")).unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()])
            .current_dir(root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("RUNNER_TEMP", temporary.path())
            .env("POOLLINT_ACTION_PATH", path)
            .env("POOLLINT_ACTION_CONFIG", config)
            .env("POOLLINT_ACTION_FAIL_ON", fail_on)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    #[test]
    fn one_run_prints_and_annotates() {
        let root = program::directory(&[("api/.env.production", ENV), ("worker/.env.production", ENV)]);
        let (status, out, error) = run(root.path(), ".", "", "");
        assert_eq!((status, error.as_str()), (1, ""), "{out}");
        let stop = out.lines().find_map(|line| line.strip_prefix("::stop-commands::")).unwrap();
        let (human, annotations) = out.split_once(&format!("\n::{stop}::\n")).unwrap();
        assert!(human.contains("pool-setting-conflict"), "{human}");
        let annotated: Vec<&str> =
            annotations.lines().filter(|line| line.starts_with("::error file=")).collect();
        assert_eq!(annotated.len(), 2, "{annotations}");
        assert!(annotated[0].contains("file=api/.env.production,line=1"), "{annotations}");
    }

    #[test]
    fn inputs_are_arguments_and_nothing_else() {
        let root = program::directory(&[
            ("api/.env.production", ENV),
            ("a folder/.env.production", ENV),
            ("all.toml", "[rules.pool-setting-conflict]\nseverity = \"off\"\n"),
        ]);
        let root = root.path();
        let (status, out, _) = run(root, "api\na folder\n", "", "");
        assert_eq!(status, 1);
        assert!(out.contains("file=a folder/.env.production"), "{out}");
        assert_eq!(run(root, ".", "all.toml", "").0, 0, "the configuration is used");
        assert_eq!(run(root, ".", "", "never").0, 0, "fail-on is used");
        for hostile in ["$(touch owned)", "`touch owned`", "; touch owned", "--help", "\"; touch owned; \""] {
            assert_eq!(run(root, hostile, "", "").0, 2, "{hostile}");
            assert_eq!(run(root, ".", hostile, "").0, 2, "{hostile}");
            assert_eq!(run(root, ".", "", hostile).0, 2, "{hostile}");
        }
        assert!(!root.join("owned").exists(), "an input was run");
    }
}
