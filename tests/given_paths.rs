//! What a named path needs and does not hold is read where it lies, inside the repository; what cannot be read is said,
//! and nothing is called in order that is known only in part.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::{directory, poollint};

const API: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  selector: {matchLabels: {app: \
    api}}\n  template:\n    metadata: {labels: {app: api}}\n    spec:\n      containers:\n        - name: api\n          \
    image: ghcr.io/acme/api:1\n          env:\n            - name: DATABASE_URL\n              \
    value: postgresql://app:x@db.internal:5432/app?connection_limit=10&pool_timeout=2\n";

const COMPOSE: &str =
    "services:\n  api:\n    extends: {file: ../common.yaml, service: api}\n    env_file: ../api.env\n";
const COMMON: &str = "services:\n  api:\n    image: ghcr.io/acme/api:1\n";
const URL: &str = "DATABASE_URL=postgresql://app:x@db.internal:5432/app?connection_limit=10&pool_timeout=2\n";

const FILES: &[(&str, &str)] = &[
    ("repo/overlays/prod/kustomization.yaml", "resources: [../../base]\nnamespace: production\n"),
    ("repo/base/kustomization.yaml", "resources: [../shared/api]\n"),
    ("repo/shared/api/kustomization.yaml", "resources: [api.yaml]\n"),
    ("repo/shared/api/api.yaml", API),
    ("repo/shared/api/unused.yaml", API),
    ("repo/compose/prod/compose.yaml", COMPOSE),
    ("repo/compose/common.yaml", COMMON),
    ("repo/compose/api.env", URL),
];

/// Paths of what is found, and the deployments it is found in.
fn found(root: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let json = poollint(root, &[&["check", "--format", "json"], arguments].concat()).json();
    let findings = json["findings"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let slow = findings.iter().filter(|one| one["rule"] == "pool-timeout-too-low");
    slow.map(|one| (text(&one["path"]), text(&one["deployments"][0]))).collect()
}

#[test]
fn what_a_named_path_needs_is_read() {
    let root = directory(FILES);
    fs::create_dir_all(root.path().join("repo/.git")).unwrap();
    let repo = root.path().join("repo");
    let absolute = repo.join("overlays/prod");
    let (overlay, compose) = ("overlays/prod", "compose/prod");
    let base = ("shared/api/api.yaml".to_owned(), overlay.to_owned());
    let env = ("compose/api.env".to_owned(), "compose/prod/compose.yaml".to_owned());
    for (from, path, expected) in [
        (repo.clone(), overlay, &base),
        (repo.join("overlays/prod"), ".", &base),
        (repo.join("overlays"), "prod", &base),
        (root.path().to_owned(), absolute.to_str().unwrap(), &base),
        (repo.join("overlays/prod"), "kustomization.yaml", &base),
        (repo.clone(), compose, &env),
    ] {
        assert_eq!(found(&from, &[path]), std::slice::from_ref(expected), "{path} from {}", from.display());
    }
    // Paths as if the files had been named too: from the innermost directory that holds them all.
    let env = ("api.env".to_owned(), "prod/compose.yaml".to_owned());
    assert_eq!(found(&repo.join("compose/prod"), &[]), [env]);
}

#[test]
fn without_a_repository_the_current_directory_is_one() {
    let root = directory(FILES);
    let base = ("repo/shared/api/api.yaml".to_owned(), "repo/overlays/prod".to_owned());
    assert_eq!(found(root.path(), &["repo/overlays/prod"]), [base]);
}

#[test]
fn nothing_outside_the_repository_is_read() {
    for inner in ["repo/overlays", "repo/overlays/prod"] {
        let root = directory(FILES);
        fs::create_dir_all(root.path().join(inner).join(".git")).unwrap();
        let repo = root.path().join("repo");
        assert_eq!(found(&repo, &["overlays/prod"]), [], "{inner}");
        let ran = poollint(&repo, &["overlays/prod"]);
        assert_eq!(
            ran.stdout,
            "no problems in what is known of 1 file; . is only partly known (--files says why)\n"
        );
        let json = poollint(&repo, &["overlays/prod", "--format", "json"]).json();
        assert_eq!(json["partial"][0]["deployment"], ".");
        let reason = "resource ../../base lies outside the directory that is checked";
        assert_eq!(json["partial"][0]["reasons"], serde_json::json!([reason]));
    }
}

#[test]
fn what_is_whole_says_nothing_of_it() {
    let root = directory(FILES);
    let ran = poollint(root.path(), &["--format", "json"]);
    assert_eq!(ran.json().get("partial"), None, "{}", ran.stdout);
    let ran = poollint(root.path(), &[]);
    assert!(!ran.stdout.contains("partly"), "{}", ran.stdout);
}

#[test]
fn a_fix_stays_in_what_was_named() {
    let misspelt = API.replace("connection_limit", "connectionLimit");
    let root = directory(FILES);
    program::write(root.path(), "repo/shared/api/api.yaml", misspelt.as_bytes());
    let text = || fs::read_to_string(root.path().join("repo/shared/api/api.yaml")).unwrap();
    let arguments = ["check", "--fix", "--unsafe-fixes"];
    poollint(root.path(), &[&arguments[..], &["repo/overlays/prod"]].concat());
    assert_eq!(text(), misspelt);
    poollint(root.path(), &arguments);
    assert_ne!(text(), misspelt);
}

#[test]
fn what_other_programs_join_with_a_repository_is_named_from_the_current_directory() {
    let root = directory(FILES);
    fs::create_dir_all(root.path().join("repo/.git")).unwrap();
    let repo = root.path().join("repo");
    let named = |from: &Path, path: &str, place: &str| {
        for (format, expected) in [
            ("github", format!("file={place},")),
            ("gitlab", format!("\"path\": \"{place}\"")),
            ("sarif", format!("\"uri\": \"{place}\"")),
            ("rdjson", format!("\"path\": \"{place}\"")),
            ("junit", format!("file=\"{place}\"")),
        ] {
            let ran = poollint(from, &["check", "--format", format, path]);
            assert!(ran.stdout.contains(&expected), "{format} {path} in {}: {}", from.display(), ran.text());
        }
    };
    named(&repo, "compose", "compose/api.env");
    named(&repo, "compose/prod", "compose/api.env");
    named(&repo.join("compose"), ".", "api.env");
    named(&repo.join("compose/prod"), ".", "../api.env");
    named(&repo.join("overlays"), "prod", "../shared/api/api.yaml");
    named(&repo.join("overlays"), "../compose", "../compose/api.env");
    // What lies outside of the repository has no name that would be the same on every machine.
    fs::create_dir_all(root.path().join("elsewhere")).unwrap();
    named(&root.path().join("elsewhere"), "../repo/compose", "api.env");
}

#[test]
fn a_workflow_that_cannot_be_parsed_is_refused_or_listed() {
    let text = "jobs:\n  a: {env: {DATABASE_URL: \"postgres://app@db.acme.io/app\"}\n";
    let root = directory(&[(".github/workflows/a.yml", text)]);
    let named = poollint(root.path(), &["check", ".github/workflows/a.yml"]);
    assert_eq!(named.status, 2, "{}", named.text());
    let found = poollint(root.path(), &["check", "--format", "json"]).json();
    assert_eq!(found["files"]["skipped"][0]["path"], ".github/workflows/a.yml", "{found}");
}
