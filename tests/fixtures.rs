//! Small whole repositories, and what poollint must say about each: `expected.txt` is `check --format concise`,
//! `budget.txt` is `budget`. `UPDATE_EXPECT=1` rewrites them; read the difference line by line.

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

#[path = "common/expect.rs"]
mod expect;
#[path = "common/program.rs"]
mod program;

use program::{fixtures, poollint};

#[test]
fn every_repository_is_judged_as_expected() {
    let all = fixtures();
    assert!(all.len() >= 12, "only {} repositories", all.len());
    for fixture in all {
        let check = poollint(&fixture, &["check", "--format", "concise"]);
        assert!(check.stderr.is_empty(), "{}: {}", fixture.display(), check.stderr);
        let errors = check.stdout.lines().any(|line| line.contains(": error["));
        assert_eq!(check.status, i32::from(errors), "{}", fixture.display());
        expect::file(&fixture.join("expected.txt"), &check.stdout);

        let budget = poollint(&fixture, &["budget"]);
        assert_eq!((budget.status, budget.stderr.as_str()), (0, ""), "{}", fixture.display());
        expect::file(&fixture.join("budget.txt"), &budget.stdout);
    }
}

#[test]
fn a_fresh_scaffold_is_clean() {
    let scaffold = program::repository("fixtures/repos/starter-scaffold");
    let check = poollint(&scaffold, &["check", "--fail-on", "info", "--format", "concise"]);
    assert_eq!((check.status, check.stdout.as_str()), (0, ""));
    // It is read, not passed over.
    let files = poollint(&scaffold, &["check", "--files"]);
    for name in [".env", ".env.example", "docker-compose.yml", "prisma/schema.prisma"] {
        let line = files.stdout.lines().find(|line| line.split_whitespace().next() == Some(name));
        assert!(line.is_some_and(|line| !line.contains("skipped")), "{name}: {}", files.stdout);
    }
}

/// A person and an editor are sent to the same place, finding by finding.
#[test]
fn people_and_editors_are_sent_to_the_same_places() {
    let mut compared = 0;
    for root in program::fixtures() {
        let human = program::poollint(&root, &["check", "--format", "human"]).stdout;
        let concise = program::poollint(&root, &["check", "--format", "concise"]).stdout;
        let mut blocks: Vec<&str> =
            human.split("(https://poollint.github.io/poollint/rules/").skip(1).collect();
        for line in concise.lines() {
            let place = line.split(": ").next().unwrap();
            let block = blocks.remove(0);
            // A line too long to be shown has a sentence instead.
            let Some((_, shown)) = block.split_once("╭─[") else { continue };
            assert_eq!(shown.split_once(']').unwrap().0, place, "{}: {block}", root.display());
            compared += 1;
        }
        assert!(blocks.is_empty(), "{}", root.display());
    }
    assert!(compared > 50, "{compared}");
}
