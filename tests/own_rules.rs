//! Promise: a team's own rules are pages like the built-in ones, and a mistake in one is named where it stands.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use program::{directory, poollint};

const PAGE: &str = r#"---
name: no-root
on: url
summary: the role is the superuser
severity: error
params:
  roles: [root, postgres]
when: url.user in params.roles
message: "{{ url.user }} owns the server"
help: give the application a role of its own
---
Applications have roles of their own.

## Fires

### The superuser

```dotenv path=.env.production
DATABASE_URL=postgresql://postgres@db.acme.io:5432/app?connection_limit=5
```

## Stays silent

### A role of its own

```dotenv path=.env.production
DATABASE_URL=postgresql://app@db.acme.io:5432/app?connection_limit=5
```
"#;

const CONFIGURATION: &str = "rules-from = [\"policies/*.md\"]\n";
const URL: &str = "DATABASE_URL=postgresql://root@db.acme.io:5432/app?connection_limit=5&pool_timeout=20\n";

#[test]
fn an_own_page_judges_is_configured_and_explained() {
    let repository = directory(&[
        ("policies/no-root.md", PAGE),
        ("poollint.toml", CONFIGURATION),
        (".env.production", URL),
    ]);
    let ran = poollint(repository.path(), &["check", "--format", "concise"]);
    assert!(
        ran.stdout.contains(".env.production:1:14: error[no-root] root owns the server"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.status, 1);
    let listed = poollint(repository.path(), &["rules"]).stdout;
    assert!(listed.lines().any(|line| line.starts_with("no-root ")), "{listed}");
    let told = poollint(repository.path(), &["explain", "no-root"]).stdout;
    assert!(told.contains("Applications have roles of their own."), "{told}");
    let lenient = format!("{CONFIGURATION}[rules.no-root]\nroles = [\"postgres\"]\n");
    std::fs::write(repository.path().join("poollint.toml"), lenient).unwrap();
    let ran = poollint(repository.path(), &["check", "--format", "concise"]);
    assert!(!ran.stdout.contains("no-root"), "{}", ran.stdout);
}

#[test]
fn its_examples_are_its_test() {
    let wrong = PAGE.replace("postgresql://app@", "postgresql://root@");
    for (page, status, line) in [
        (PAGE, 0, "no-root: 2 of 2 examples hold"),
        (&wrong, 1, "policies/no-root.md:24: A role of its own: the rule speaks: root owns the server"),
    ] {
        let repository = directory(&[("policies/no-root.md", page)]);
        for path in ["policies", "policies/no-root.md"] {
            let ran = poollint(repository.path(), &["rules", "--test", path]);
            assert!(ran.stdout.lines().any(|said| said == line), "{}", ran.stdout);
            assert_eq!(ran.status, status);
        }
    }
}

#[test]
fn a_page_that_cannot_work_is_an_error_at_its_place() {
    let renamed = PAGE.replace("name: no-root", "name: no-admin");
    for (page, configuration, expected) in [
        (
            PAGE.replace("url.user in", "url.owner in"),
            CONFIGURATION,
            "policies/no-root.md:8: there is no fact `url.owner`",
        ),
        (PAGE.replace("in params.roles", "in"), CONFIGURATION, "policies/no-root.md:8: "),
        (PAGE.replace("on: url", "on: host"), CONFIGURATION, "policies/no-root.md:3: "),
        (renamed, CONFIGURATION, "policies/no-root.md:2: the page of `no-admin` must be named no-admin.md"),
        (PAGE.to_owned(), "rules-from = [\"rules/*.md\"]\n", "rules/*.md"),
    ] {
        let repository = directory(&[("policies/no-root.md", &page), ("poollint.toml", configuration)]);
        let ran = poollint(repository.path(), &["check"]);
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
        assert_eq!(ran.status, 2, "{}", ran.stderr);
    }
}
