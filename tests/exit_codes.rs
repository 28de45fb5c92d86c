//! Exit status: 0 nothing at or above `--fail-on`, 1 something, 2 the tool could not do its work. In every format.

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

use std::path::Path;

use program::{directory, poollint, poollint_with};

/// A warning: two seconds are too few.
const WARNING: &str =
    "DATABASE_URL=postgresql://app@db.internal:5432/app?connection_limit=10&pool_timeout=2\n";

fn status(root: &Path, arguments: &[&str]) -> i32 {
    poollint(root, arguments).status
}

#[test]
fn findings_count_from_the_severity_that_is_asked_for() {
    let root = directory(&[(".env.production", WARNING)]);
    let root = root.path();
    for (fail_on, expected) in [("error", 0), ("warning", 1), ("info", 1), ("never", 0)] {
        for format in ["human", "concise", "json", "github"] {
            let arguments = ["check", "--fail-on", fail_on, "--format", format];
            let ran = poollint(root, &arguments);
            assert_eq!(ran.status, expected, "{arguments:?}: {}", ran.text());
            assert!(
                ran.stdout.contains("pool-timeout-too-low"),
                "{arguments:?} finds nothing: {}",
                ran.text()
            );
        }
    }
    assert_eq!(status(root, &[]), 0, "the default is error");
    program::write(root, "poollint.toml", b"fail-on = \"warning\"\n");
    assert_eq!(status(root, &["check"]), 1, "the configuration decides");
    assert_eq!(status(root, &["check", "--fail-on", "error"]), 0, "the option decides over it");
    assert_eq!(status(root, &["check", "--ignore", "pool-timeout-too-low"]), 0);
}

#[test]
fn a_finding_never_makes_the_other_commands_fail() {
    let root = directory(&[(".env.production", WARNING)]);
    for arguments in
        [&["budget"] as &[&str], &["model"], &["rules"], &["explain", "pool-timeout-too-low"], &["man"]]
    {
        assert_eq!(status(root.path(), arguments), 0, "{arguments:?}");
    }
    assert_eq!(status(root.path(), &["explain", "no-such-rule"]), 1);
}

#[test]
fn what_makes_no_sense_is_2_and_says_so_on_standard_error() {
    let root = directory(&[
        (".env", WARNING),
        ("bad.toml", "fail-onn = 1\n"),
        ("client.toml", "[workloads.api]\nclient = \"prsma@6\"\n"),
        ("broken/compose.yaml", "services:\n  a: [\n"),
        ("broken/values.yaml", "a: [\n"),
        ("broken/appsettings.json", "{"),
        ("broken/x.toml", "a = \n"),
    ]);
    for arguments in [
        &["check", "--no-such-option"] as &[&str],
        &["check", "--format", "no-such-format"],
        &["check", "--select", "no-such-rule"],
        &["check", "--ignore", "no-such-rule"],
        &["check", "no/such/path"],
        &["check", "--diff", "--format", "json"],
        &["check", "--diff", "--format", "sarif"],
        &["check", "--diff", "--output", "report.txt"],
        &["check", "--fix", "--diff", "--output", "json=report.json"],
        &["check", "--config", "no-such.toml"],
        &["check", "--config", "bad.toml"],
        &["check", "broken/compose.yaml"],
        &["check", "broken/values.yaml"],
        &["check", "broken/appsettings.json"],
        &["check", "broken/x.toml"],
        &["check", "-", "."],
        &["check", "--config", "client.toml"],
        &["check", "--output", "no/such/folder/x.json"],
        &["check", "--output", "no-such-format=x.json"],
        &["budget", "no/such/path"],
        &["model", "no/such/path"],
        &["url", "postgresql://h/d", "--client", "no-such-client"],
    ] {
        let ran = poollint(root.path(), arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.text());
        assert!(ran.stdout.is_empty(), "{arguments:?} writes to standard output: {}", ran.stdout);
        assert!(!ran.stderr.trim().is_empty(), "{arguments:?} says nothing");
    }
}

#[test]
fn a_discovered_file_that_cannot_be_parsed_is_skipped_and_named() {
    let root = directory(&[(".env.production", WARNING), ("compose.yaml", "services:\n  a: [\n")]);
    let ran = poollint(root.path(), &["check", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.text());
    let skipped = ran.json()["files"]["skipped"].clone();
    assert_eq!(skipped[0]["path"], "compose.yaml", "{skipped}");
}

#[test]
fn a_wrong_key_is_answered_with_the_right_one() {
    let root = directory(&[("poollint.toml", "fail-onn = \"error\"\n")]);
    let ran = poollint(root.path(), &["check"]);
    assert!(ran.stderr.contains("`fail-onn`") && ran.stderr.contains("`fail-on`"), "{}", ran.stderr);
}

#[test]
fn a_url_is_judged_like_a_file() {
    let root = directory(&[]);
    let bad = "postgresql://app:x@db.internal:54a2/app";
    let good = "postgresql://app:x@db.internal:5432/app?connection_limit=10&pool_timeout=20";
    assert_eq!(status(root.path(), &["url", bad]), 1);
    assert_eq!(status(root.path(), &["url", good]), 0);
    assert_eq!(poollint_with(root.path(), &["url", "-"], bad, &[]).status, 1);
    assert_eq!(poollint_with(root.path(), &["url", "-"], good, &[]).status, 0);
}

/// What is no connection string is never fine, and what is wrong with it is named.
#[test]
fn what_is_no_connection_string_is_named() {
    let root = directory(&[]);
    for (argument, expected, told) in [
        ("", 2, "nothing to read: the argument is empty"),
        (" ", 2, "nothing to read"),
        ("kanarie", 1, "the value is not a connection URL: it has no scheme"),
        ("hello world", 2, "not a connection string that poollint knows"),
        ("sqlite:app.db", 2, "no database server that poollint knows"),
        ("redis://cache:6379", 2, "no database server that poollint knows"),
        ("${DATABASE_URL}", 2, "a reference is no value"),
        ("DB_URL=postgresql://app:kanarie@db/app", 2, "give the value alone"),
        ("hots=db dbname=app", 1, "host is probably meant"),
        ("host=db dbnam=app user=app", 1, "dbname is probably meant"),
        ("\"postgresql://app:kanarie@db/app\"", 1, "the quotes around it are a part of the value"),
        ("'postgresql://app:kanarie@db/app'", 1, "the quotes around it are a part of the value"),
        ("'host=db password=kanarie dbname=app'", 1, "the quotes around it are a part of the value"),
        ("mysql://app:kanarie@tcp(db:3306)/app", 0, "mixes two forms"),
    ] {
        for arguments in [&["url", argument] as &[&str], &["url", argument, "--format", "concise"]] {
            let ran = poollint(root.path(), arguments);
            let text = ran.text().replace("\n  │ ", " ");
            assert_eq!(ran.status, expected, "{arguments:?}: {text}");
            assert!(text.contains(told), "{arguments:?}: {text}");
            for stray in ["kanarie", "url.env", "--fix", "DATABASE_URL", "no problems"] {
                let leaks = text.contains(stray) && !(stray == "DATABASE_URL" && argument.contains(stray));
                assert!(!leaks, "{arguments:?}: {stray} in {text}");
            }
        }
    }
    assert!(poollint(root.path(), &["url", "-"]).stderr.contains("standard input is empty"));
}

/// Columns count in the connection string, whatever signs are in it.
#[test]
fn columns_are_those_of_the_argument() {
    let root = directory(&[]);
    for (url, column) in [
        ("postgresql://app:x@db:54a2/app", 23),
        ("postgresql://it's:x@db:54a2/app", 24),
        ("postgresql://it's:$\\\"x@db:54a2/app", 27),
    ] {
        let ran = poollint(root.path(), &["url", url, "--format", "concise"]);
        assert!(
            ran.stdout.starts_with(&format!("<argument>:1:{column}: error[url-unparseable]")),
            "{url}: {}",
            ran.text()
        );
    }
}

#[test]
fn a_stream_is_judged_like_a_file() {
    let root = directory(&[]);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: a\n";
    assert_eq!(poollint_with(root.path(), &["check", "-"], pod, &[]).status, 0);
    for broken in ["services:\n  a:\n    image: [\n", "a: [\n"] {
        assert_eq!(poollint_with(root.path(), &["check", "-"], broken, &[]).status, 2, "{broken}");
    }
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_is_success() {
    use std::process::{Command, Stdio};
    // Enough output that the program notices.
    let lines: String = (0..3_000).map(|number| format!("A{number}_{WARNING}")).collect();
    let root = directory(&[(".env.production", &lines)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_poollint"))
        .args(["check", "--format", "json"])
        .current_dir(root.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}
