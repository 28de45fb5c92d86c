//! What the program knows of error messages and of providers' plans, as people ask for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use program::{directory, poollint, poollint_with};

#[test]
fn an_error_message_is_explained_wherever_it_stands() {
    let root = directory(&[]);
    let ran = poollint(root.path(), &["explain", "FATAL: sorry, too many clients already"]);
    assert_eq!(ran.status, 0, "{}", ran.text());
    for word in ["PostgreSQL", "53300", "Cause: ", "Change: ", "Often mistaken for: "] {
        assert!(ran.stdout.contains(word), "{word}: {}", ran.stdout);
    }
    let ran = poollint(root.path(), &["explain", "P2024"]);
    assert!(ran.status == 0 && ran.stdout.contains("pool_timeout"), "{}", ran.text());
    let ran = poollint(root.path(), &["explain", "the printer is on fire"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
}

#[test]
fn a_noisy_log_gives_each_error_once_and_none_of_its_text() {
    let root = directory(&[]);
    let log = "api-1  | connecting to postgres://app:hunter2secret@db/app\n\
        api-1  | \u{1b}[31mTimed out fetching a new connection from the connection pool\u{1b}[0m\n\
        api-2  | Timed out fetching a new connection from the connection pool. More info: http://pris.ly\n\
        api-2  | Can't reach database server at `db:5432`\n\u{0}\n";
    let ran = poollint_with(root.path(), &["explain", "-"], log, &[]);
    assert_eq!(ran.status, 0, "{}", ran.text());
    assert_eq!(ran.stdout.matches("(P2024)").count(), 1, "{}", ran.stdout);
    let (pool, server) = (ran.stdout.find("(P2024)"), ran.stdout.find("(P1001)"));
    assert!(pool.is_some() && pool < server, "{}", ran.stdout);
    assert!(!ran.text().contains("hunter2"), "{}", ran.text());
    assert_eq!(poollint_with(root.path(), &["explain", "-"], "all is well\n", &[]).status, 1);
}

/// An env file of its own counts, because the configuration declares its server.
const ENV: &str = "DATABASE_URL=postgresql://app:x@shop.abcdefghijkl.eu-west-1.rds.amazonaws.com:5432/app?connection_limit=10\n";

fn configuration(rest: &str) -> String {
    format!("[databases.shop]\nmatch = [\"*.rds.amazonaws.com\"]\n{rest}")
}

#[test]
fn a_plan_gives_the_limit_and_the_reserved_slots() {
    let root = directory(&[
        (".env.production", ENV),
        ("poollint.toml", &configuration("plan = \"aws-rds/db.t3.medium\"\n")),
    ]);
    let ran = poollint(root.path(), &["budget", "--format", "json"]);
    let parsed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = parsed.to_string();
    assert!(text.contains("\"plan\""), "{text}");
    assert!(text.contains("383") && text.contains("378"), "{text}");
}

#[test]
fn a_stated_limit_is_stronger_than_the_plan() {
    let root = directory(&[
        (".env.production", ENV),
        (
            "poollint.toml",
            &configuration("plan = \"aws-rds/db.t3.medium\"\nmax-connections = 250\nreserved = 1\n"),
        ),
    ]);
    let ran = poollint(root.path(), &["budget", "--format", "json"]);
    assert!(ran.stdout.contains("250") && ran.stdout.contains("249"), "{}", ran.text());
    assert!(!ran.stdout.contains("383"), "{}", ran.text());
}

#[test]
fn an_unknown_plan_is_an_error_of_the_configuration() {
    for (plan, said) in [
        ("aws-rds/db.t3.meduim", "did you mean `aws-rds/db.t3.medium`"),
        ("something else entirely and long", "max-connections"),
    ] {
        let root = directory(&[
            (".env.production", ENV),
            ("poollint.toml", &configuration(&format!("plan = \"{plan}\"\n"))),
        ]);
        let ran = poollint(root.path(), &["budget"]);
        assert_eq!(ran.status, 2, "{}", ran.text());
        assert!(ran.text().contains(said), "{}", ran.text());
    }
}

#[test]
fn an_image_that_sets_its_own_limit_claims_none() {
    for (image, limit) in [("postgres:17", "100"), ("ghcr.io/acme/postgres:17", "null")] {
        let compose = format!(
            "services:\n  db:\n    image: {image}\n  api:\n    image: acme/api\n    environment:\n      \
             DATABASE_URL: postgresql://app:x@db:5432/app?connection_limit=10\n"
        );
        let root = directory(&[("compose.yaml", compose.as_str())]);
        let ran = poollint(root.path(), &["budget", "--format", "json"]);
        let value = &ran.json()["deployments"][0]["servers"][0]["max_connections"]["value"];
        assert_eq!(value.to_string(), limit, "{image}: {}", ran.text());
    }
}
