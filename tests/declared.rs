//! What `poollint.toml` says wrongly is refused with its place; what it says in vain is told, and fails nothing.

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

use program::{directory, poollint};

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/acme/api:1\n    environment:\n      \
    DATABASE_URL: postgresql://app:x@db:5432/app?connection_limit=5\n  db:\n    image: postgres:17\n    environment: {POSTGRES_USER: app, POSTGRES_DB: app, POSTGRES_PASSWORD: x}\n";
const ENV: &str = "DATABASE_URL=postgresql://app:x@db.acme.io:6543/app?connection_limit=5\n";

#[test]
fn what_is_wrong_by_its_shape_is_refused_at_its_place() {
    for (text, place, hint) in [
        ("[databases.app]\nmatch = []\n", "2:9", "matches nothing"),
        ("\n[databases]\napp = { match = [], reserved = 1 }\n", "3:17", "matches nothing"),
        ("[databases.app]\nmatch = [\"db\"]\nmax-connections = 0\n", "3:19", "1 or more"),
        ("[nodes]\ncpus = 0\n", "2:8", "1 or more"),
        ("[budget]\nshare = 0.5\ninfo-share = 0.9\n", "3:14", "above `share`"),
        ("[databases.db]\nmax-connections = 10\nreserved = 20\n", "3:12", "as many connections as there are"),
        ("[workloads.api]\nprocesses = 0\n", "2:13", "1 or more"),
        ("helm = false\nexclude = [\"a/**\", \"b[\"]\n", "2:20", "which is no glob"),
        (
            "[databases.one]\nmatch = [\"db.internal\"]\n[databases.two]\nmatch = [\"DB.internal\"]\n",
            "4:9",
            "both about DB.internal",
        ),
    ] {
        let root = directory(&[("poollint.toml", text), ("compose.yaml", COMPOSE)]);
        for command in ["check", "budget", "model"] {
            let ran = poollint(root.path(), &[command]);
            assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{text}");
            assert!(ran.stderr.starts_with(&format!("poollint: poollint.toml:{place}: ")), "{}", ran.stderr);
            assert!(ran.stderr.contains(hint), "{}", ran.stderr);
        }
    }
}

#[test]
fn what_is_wrong_about_a_rule_is_refused_at_its_key() {
    let rule = "\n[rules.pool-timeout-too-low]\n";
    for (line, place, hint) in [
        ("min-seconds = -5", "3:15", "is a number, 0 or more"),
        ("min-seconds = \"5\"", "3:15", "is a number"),
        ("severity = \"info\"\nmin-secnds = 5", "4:1", "did you mean \"min-seconds\"?"),
    ] {
        let root = directory(&[("poollint.toml", &format!("{rule}{line}\n")), ("compose.yaml", COMPOSE)]);
        let ran = poollint(root.path(), &["check"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{line}");
        assert!(ran.stderr.starts_with(&format!("poollint: poollint.toml:{place}: ")), "{}", ran.stderr);
        assert!(ran.stderr.contains(hint), "{}", ran.stderr);
    }
}

#[test]
fn the_entry_that_names_a_host_holds_before_one_that_a_pattern_fits() {
    let limits = |exact: &str, loose: &str| {
        format!(
            "[databases.{exact}]\nmatch = [\"db.acme.io:6543\"]\nmax-connections = 50\n[databases.{loose}]\nmatch = \
             [\"*.acme.io\"]\nmax-connections = 400\n[workloads.\"web/.env.production\"]\ninstances = 2\n"
        )
    };
    for (exact, loose) in [("a", "b"), ("b", "a")] {
        let root = directory(&[("poollint.toml", &limits(exact, loose)), ("web/.env.production", ENV)]);
        let ran = poollint(root.path(), &["budget", "--format", "json"]);
        assert!(
            ran.stdout.contains("\"value\": 50") || ran.stdout.contains("\"value\":50"),
            "{}",
            ran.stdout
        );
    }
    let text = "[databases.a]\nmatch = [\"*.acme.io\"]\n[databases.b]\nmatch = [\"db.acme.*\"]\n";
    let root = directory(&[("poollint.toml", text), ("web/.env.production", ENV)]);
    let expected = "poollint: poollint.toml:3:1: [databases.b] and [databases.a] are both about db.acme.io; the latter holds\n";
    assert_eq!(poollint(root.path(), &["check"]).stderr, expected);
}

#[test]
fn no_advice_for_a_database_without_a_cpu() {
    for option in ["--db-cpus", "--instances", "--processes", "--max-connections"] {
        let ran = poollint(directory(&[]).path(), &["recommend", "--db-cpus", "4", option, "0"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{option}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn pages_that_are_not_there_are_an_error() {
    for (list, expected) in [
        ("[]", "`rules-from` names no page, as \"policies/*.md\" does"),
        ("[\"policies/*.md\"]", "`rules-from`: policies/*.md names no page here"),
        ("[\"empty/**/*.md\"]", "`rules-from`: empty/**/*.md names no page here"),
    ] {
        let text = format!("rules-from = {list}\n");
        let root = directory(&[("poollint.toml", &text), ("empty/x.txt", "")]);
        let ran = poollint(root.path(), &["check"]);
        assert_eq!(
            (ran.status, ran.stderr),
            (2, format!("poollint: poollint.toml:1:14: {expected}\n")),
            "{list}"
        );
    }
    assert_eq!(poollint(directory(&[("poollint.toml", "")]).path(), &["check"]).stderr, "");
}

#[test]
fn what_is_about_nothing_here_is_told() {
    for (text, expected) in [
        ("[workloads.api]\nprocesses = 2\n", None),
        (
            "[workloads.apj]\nprocesses = 2\n",
            Some("[workloads.apj] is the name of no workload here; did you mean `api`?"),
        ),
        ("[workloads.unheard]\nprocesses = 2\n", Some("[workloads.unheard] is the name of no workload here")),
        ("[workloads.api]\ndeployment = \"compose.*\"\n", None),
        (
            "[workloads.api]\ndeployment = \"overlays/*\"\n",
            Some("[workloads.api]: no deployment overlays/* runs it"),
        ),
        ("[databases.app]\nmatch = [\"db\"]\n", None),
        ("[databases.app]\nmatch = [\"nowhere\", \"d*:5432\"]\n", None),
        ("[databases.app]\nmatch = [\"*.acme.io\"]\n", None),
        (
            "[databases.app]\nmatch = [\"*.acme.io:5432\"]\n",
            Some("[databases.app]: no connection leads to what it is about"),
        ),
        (
            "[databases.app]\nmatch = [\"app\"]\n",
            Some("[databases.app]: no connection leads to what it is about"),
        ),
    ] {
        let root =
            directory(&[("poollint.toml", text), ("compose.yaml", COMPOSE), ("web/.env.production", ENV)]);
        let expected =
            expected.map(|said| format!("poollint: poollint.toml:1:1: {said}\n")).unwrap_or_default();
        for command in ["check", "budget"] {
            let ran = poollint(root.path(), &[command]);
            assert_eq!((ran.status, ran.stderr.as_str()), (0, expected.as_str()), "{text}");
            let quiet = poollint(root.path(), &[command, "--quiet"]);
            assert_eq!((quiet.status, quiet.stderr.as_str()), (0, ""), "{text}");
        }
        // Of a part nobody knows.
        assert_eq!(poollint(root.path(), &["compose.yaml"]).stderr, "", "{text}");
        assert_eq!(poollint(root.path(), &["web"]).stderr, "", "{text}");
    }
}
