//! Real git repositories in temporary directories.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{Ran, poollint_with, write};

/// A git repository.
pub struct Repository {
    pub place: PathBuf,
    _directory: tempfile::TempDir,
}

/// Whether there is a git; without one there is nothing to compare with.
pub fn git_is_there() -> bool {
    let there = Command::new("git").arg("--version").output().is_ok_and(|said| said.status.success());
    if !there {
        println!("skipped: there is no git on the PATH");
    }
    there
}

/// Variables for git and for the program: nobody's own settings.
pub fn environment() -> Vec<(&'static str, String)> {
    vec![
        ("PATH", std::env::var("PATH").unwrap()),
        ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
        ("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" }.to_owned()),
        ("GIT_AUTHOR_NAME", "t".to_owned()),
        ("GIT_AUTHOR_EMAIL", "t@example.com".to_owned()),
        ("GIT_COMMITTER_NAME", "t".to_owned()),
        ("GIT_COMMITTER_EMAIL", "t@example.com".to_owned()),
    ]
}

/// Runs git, and returns what it says.
#[track_caller]
pub fn git(place: &Path, arguments: &[&str]) -> String {
    let said = Command::new("git")
        .args(arguments)
        .current_dir(place)
        .env_clear()
        .envs(environment())
        .output()
        .unwrap();
    assert!(said.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Runs the program.
#[track_caller]
pub fn run(place: &Path, arguments: &[&str]) -> Ran {
    run_with(place, arguments, &[])
}

/// Runs the program with further variables.
#[track_caller]
pub fn run_with(place: &Path, arguments: &[&str], further: &[(&str, &str)]) -> Ran {
    let environment = environment();
    let mut variables: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.extend(further);
    poollint_with(place, arguments, "", &variables)
}

impl Repository {
    /// A repository whose first commit, the branch `main`, has these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("work");
        std::fs::create_dir(&place).unwrap();
        git(&place, &["init", "--quiet", "--initial-branch=main"]);
        let repository = Self { place, _directory: directory };
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.commit();
        repository
    }

    pub fn write(&self, path: &str, text: &str) {
        write(&self.place, path, text.as_bytes());
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.place.join(path)).unwrap();
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.place, arguments)
    }

    /// Commits everything.
    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.place, arguments)
    }

    /// `check` against `main` as JSON.
    #[track_caller]
    pub fn against_main(&self) -> Checked {
        self.checked(&["--base", "main"])
    }

    /// `check` as JSON, failing on anything that counts.
    #[track_caller]
    pub fn checked(&self, arguments: &[&str]) -> Checked {
        let mut all = vec!["check", "--format", "json", "--fail-on", "info"];
        all.extend(arguments);
        let ran = self.run(&all);
        assert!(ran.status < 2, "{}", ran.text());
        Checked { status: ran.status, json: ran.json() }
    }
}

/// A run of `check --format json`.
pub struct Checked {
    pub status: i32,
    pub json: serde_json::Value,
}

impl Checked {
    /// `status rule path` of every finding, sorted.
    pub fn statuses(&self) -> Vec<String> {
        let findings = self.json["findings"].as_array().unwrap();
        let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let mut all: Vec<String> = findings
            .iter()
            .map(|finding| ["status", "rule", "path"].map(|key| text(finding, key)).join(" "))
            .collect();
        all.sort();
        all
    }

    /// `rule path` of everything that is gone.
    pub fn fixed(&self) -> Vec<String> {
        let fixed = self.json["comparison"]["fixed"].as_array().unwrap();
        let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
        fixed.iter().map(|finding| ["rule", "path"].map(|key| text(finding, key)).join(" ")).collect()
    }
}
