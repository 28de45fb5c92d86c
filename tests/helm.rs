//! Charts: rendered with the `helm` on the PATH when asked to, else listed with the command that would render them;
//! and manifests from a pipe. Most of it needs no Helm; the ignored test takes the real one, by way of
//! `tests/helm/helm`, over the charts of `POOLLINT_CORPUS`.

#![cfg(unix)]
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

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use program::{Ran, poollint_with};
use serde_json::Value;

/// What a chart renders to. The template's own comment still counts.
const MANIFESTS: &str = "---\n# Source: api/templates/api.yaml\napiVersion: apps/v1\nkind: Deployment\n\
    metadata:\n  name: api\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - name: api\n          \
    image: ghcr.io/acme/api:1\n          env:\n            - name: DATABASE_URL\n              \
    value: postgresql://app:hunter2@db:5432/shop?connection_limit=10&pool_timeout=2\n\
    ---\n# Source: api/templates/migrate.yaml\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  \
    annotations:\n    helm.sh/hook: pre-upgrade\nspec:\n  template:\n    spec:\n      containers:\n        - name: migrate\n          \
    image: ghcr.io/acme/api:1\n";

const TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n";

/// A repository with a chart that has a subchart, and a `helm` that does what `script` says.
fn repository(script: &str) -> (tempfile::TempDir, String) {
    let folder = program::directory(&[
        ("charts/api/Chart.yaml", "apiVersion: v2\nname: api\nversion: 1.0.0\n"),
        ("charts/api/values.yaml", "dbPassword: hunter2\nservices:\n  api:\n    image: x\n"),
        ("charts/api/templates/api.yaml", TEMPLATE),
        ("charts/api/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
        ("charts/api/charts/db/templates/db.yaml", TEMPLATE),
        ("bin/helm", script),
        ("bin/manifests", MANIFESTS),
    ]);
    fs::set_permissions(folder.path().join("bin/helm"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    (folder, path)
}

fn check(folder: &Path, path: &str, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = [&["check", "--format", "json"], arguments].concat();
    poollint_with(folder, &arguments, "", &[("PATH", path)])
}

/// Path and reason of what was passed over.
fn skipped(json: &Value) -> BTreeMap<String, String> {
    let skipped = json["files"]["skipped"].as_array().or(json["skipped"].as_array()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    skipped.iter().map(|one| (text(&one["path"]), text(&one["reason"]))).collect()
}

const RENDERS: &str = "#!/bin/sh\n[ \"$1 $2\" = 'template api' ] || { echo \"Error: $*\" >&2; exit 1; }\n\
                       case \"$3\" in */charts/api) cat \"${0%/*}/manifests\";; *) exit 1;; esac\n";

#[test]
fn without_being_asked_to_no_chart_is_rendered() {
    let (folder, path) = repository("#!/bin/sh\ntouch \"${0%/*}/called\"\n");
    let ran = check(folder.path(), &path, &[]);
    let json = ran.json();
    assert_eq!(json["findings"].as_array().unwrap().len(), 0, "{}", ran.stdout);
    let command = "Helm template: helm template api charts/api | poollint check -";
    let expected = ["charts/api/charts/db/templates/db.yaml", "charts/api/templates/api.yaml"]
        .map(|path| (path.to_owned(), command.to_owned()));
    assert_eq!(skipped(&json), BTreeMap::from(expected));
    assert!(!folder.path().join("bin/called").exists());
}

#[test]
fn a_chart_becomes_a_stream_of_its_own() {
    let (folder, path) = repository(RENDERS);
    for configured in [false, true] {
        if configured {
            fs::write(folder.path().join("poollint.toml"), "helm = true\n").unwrap();
        }
        let option: &[&str] = if configured { &[] } else { &["--helm"] };
        let json = check(folder.path(), &path, option).json();
        let findings = json["findings"].as_array().unwrap();
        let slow = findings.iter().find(|one| one["rule"] == "pool-timeout-too-low").unwrap();
        assert_eq!(slow["path"], "charts/api (rendered)");
        assert_eq!(slow["start"]["line"], 16);
        assert_eq!(slow["deployments"], serde_json::json!(["charts/api"]));
        assert!(findings.iter().all(|one| one.get("fix").is_none()), "{findings:?}");
        assert_eq!(skipped(&json), BTreeMap::new());
    }
    let model = poollint_with(folder.path(), &["model", "--helm"], "", &[("PATH", &path)]).json();
    let deployment = &model["deployments"][0];
    assert_eq!((&deployment["name"], &deployment["kind"]), (&"charts/api".into(), &"chart".into()));
    let files = check(folder.path(), &path, &["--helm", "--files"]).json();
    assert_eq!(files["deployments"][0]["kind"], "chart");
    assert!(files["files"].as_array().unwrap().iter().any(|file| file["path"] == "charts/api (rendered)"));
}

#[test]
fn nothing_that_helm_made_is_fixed() {
    let (folder, path) = repository(RENDERS);
    fs::write(folder.path().join(".env"), "A=1\n").unwrap();
    let arguments = ["check", "--helm", "--fix", "--unsafe-fixes"];
    let ran = poollint_with(folder.path(), &arguments, "", &[("PATH", &path)]);
    assert!(ran.status <= 1 && !ran.stderr.contains("applied"), "{}", ran.text());
    assert!(!folder.path().join("charts/api (rendered)").exists());
}

#[test]
fn a_chart_that_helm_refuses_is_listed_with_its_reason() {
    let missing = "found in Chart.yaml, but missing in charts/ directory: db";
    for (script, expected) in [
        (format!("#!/bin/sh\necho 'Error: {missing}' >&2\nexit 1\n"), missing),
        (
            "#!/bin/sh\necho 'Error: password hunter2 is too short' >&2\nexit 1\n".to_owned(),
            "password *** is too short",
        ),
        ("#!/bin/sh\nexit 3\n".to_owned(), "helm fails without a word"),
    ] {
        let (folder, path) = repository(&script);
        let ran = check(folder.path(), &path, &["--helm"]);
        let skipped = skipped(&ran.json());
        assert_eq!(skipped["charts/api"], format!("Helm chart that is not rendered: {expected}"));
        assert!(skipped.contains_key("charts/api/templates/api.yaml"));
        assert!(!ran.text().contains("hunter2"));
        assert_eq!(ran.status, 0);
    }
    let (folder, _) = repository(RENDERS);
    let none = check(folder.path(), "/nowhere", &["--helm"]);
    assert_eq!(
        skipped(&none.json())["charts/api"],
        "Helm chart that is not rendered: there is no helm on the PATH"
    );
    assert_eq!(none.stderr, "poollint: there is no helm on the PATH: one chart is not rendered\n");
}

#[test]
fn what_the_command_line_asks_for_and_cannot_have_fails() {
    let (folder, path) = repository(RENDERS);
    let status = |arguments: &[&str], path: &str| {
        let ran = poollint_with(folder.path(), arguments, "", &[("PATH", path)]);
        (ran.status, ran.stderr.contains("there is no helm on the PATH"))
    };
    for arguments in [&["check", "--helm"] as &[&str], &["check", "--helm", "--files"], &["budget", "--helm"]]
    {
        assert_eq!(status(arguments, "/nowhere"), (2, true), "{arguments:?}");
        assert_eq!(status(arguments, &path), (0, false), "{arguments:?}");
    }
    assert_eq!(status(&["check"], "/nowhere"), (0, false));
    // Where there is no chart, nothing is missing.
    let plain = program::directory(&[(".env", "A=1\n")]);
    assert_eq!(poollint_with(plain.path(), &["--helm"], "", &[("PATH", "/nowhere")]).status, 0);
    // The file is everybody's, also of those who have no Helm.
    fs::write(folder.path().join("poollint.toml"), "helm = true\n").unwrap();
    assert_eq!(status(&["check"], "/nowhere"), (0, true));
}

#[test]
fn what_helm_writes_may_be_anything() {
    for output in ["", "kind: [", "apiVersion: v1\nkind: Pod\nname: {{ x }}\n", "\\0377"] {
        let (folder, path) = repository(&format!("#!/bin/sh\nprintf '{output}'\n"));
        let ran = check(folder.path(), &path, &["--helm"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{output}: {}", ran.stdout);
    }
}

#[test]
fn rendered_manifests_come_in_by_a_pipe() {
    let (folder, path) = repository(RENDERS);
    let ran =
        poollint_with(folder.path(), &["check", "--format", "concise", "-"], MANIFESTS, &[("PATH", &path)]);
    assert!(ran.stdout.contains("<stdin>:16:"), "{}", ran.text());
    assert!(!ran.text().contains("hunter2"));
}

/// Every chart below a folder that stands in no other one.
fn charts(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").is_file() {
        found.push(folder.to_owned());
        return;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            charts(&path, found);
        }
    }
}

/// Each chart that Helm renders without fetching anything: by a pipe, and with `--helm`.
#[test]
#[ignore = "needs HELM_PYTHON, an interpreter with helm-python-sdk, and POOLLINT_CORPUS"]
fn the_charts_of_real_projects() {
    let Some(corpus) = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty()) else {
        println!("POOLLINT_CORPUS is not set: no chart was looked at");
        return;
    };
    let python = std::env::var("HELM_PYTHON").expect("HELM_PYTHON names an interpreter");
    let bin = program::repository("tests/helm");
    let path = format!("{}:/usr/bin:/bin:/usr/local/bin", bin.display());
    let environment = [("PATH", path.as_str()), ("HELM_PYTHON", python.as_str())];
    let mut all = Vec::new();
    charts(Path::new(&corpus), &mut all);
    all.sort();
    assert!(!all.is_empty(), "there is no chart in POOLLINT_CORPUS");
    let (mut rendered, mut refused, mut findings) = (0, 0, 0);
    for chart in all {
        let shown = chart.strip_prefix(&corpus).unwrap().display().to_string();
        let helm = std::process::Command::new(bin.join("helm"))
            .args(["template", "x"])
            .arg(&chart)
            .env("HELM_PYTHON", &python)
            .output()
            .unwrap();
        let asked = poollint_with(&chart, &["check", "--helm", "--format", "json"], "", &environment);
        // What Helm refuses is told in a line besides.
        let told = "poollint: one chart is not rendered; check --files says why\n";
        let expected = if helm.status.success() { "" } else { told };
        assert!(asked.status <= 1 && asked.stderr == expected, "{shown}: {}", asked.text());
        let asked = asked.json();
        if !helm.status.success() {
            refused += 1;
            let reason = &skipped(&asked)["."];
            println!("{shown}: {reason}");
            assert!(reason.starts_with("Helm chart that is not rendered: "), "{shown}: {reason}");
            continue;
        }
        rendered += 1;
        assert!(!skipped(&asked).contains_key("."), "{shown}: {asked}");
        let text = String::from_utf8(helm.stdout).unwrap();
        if text.trim().is_empty() {
            println!("{shown}: renders to nothing");
            continue;
        }
        let piped = poollint_with(&chart, &["check", "--format", "json", "-"], &text, &environment);
        assert!(piped.status <= 1 && piped.stderr.is_empty(), "{shown}: {}", piped.text());
        let piped = piped.json();
        let (piped, asked) = (piped["findings"].as_array().unwrap(), asked["findings"].as_array().unwrap());
        for (list, name) in [(piped, "<stdin>"), (asked, ". (rendered)")] {
            for finding in list.iter().filter(|finding| finding["deployments"] != serde_json::json!([])) {
                let line = finding["start"]["line"].as_u64().unwrap();
                let here = finding["path"] == name;
                let inside = usize::try_from(line).unwrap() <= text.lines().count();
                assert!(inside || !here, "{shown}: {finding}");
            }
        }
        assert!(piped.iter().all(|finding| finding["path"] == "<stdin>"), "{shown}: {piped:?}");
        let from_chart = asked.iter().filter(|finding| finding["path"] == ". (rendered)").count();
        println!("{shown}: {} findings by the pipe, {from_chart} with --helm", piped.len());
        findings += piped.len();
    }
    println!("{rendered} charts rendered, {refused} refused, {findings} findings");
    assert!(rendered > 0);
}
