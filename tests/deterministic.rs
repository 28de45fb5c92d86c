//! Same tree, same bytes out, whatever the thread count.

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

use program::{fixtures, poollint_with, repository};

const COMMANDS: &[&[&str]] = &[
    &["check", "--format", "human", "--verbose"],
    &["check", "--format", "concise"],
    &["check", "--format", "json"],
    &["check", "--format", "github"],
    &["check", "--files"],
    &["budget"],
    &["budget", "--format", "json"],
    &["budget", "--format", "svg"],
    &["recommend"],
    &["model"],
];

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let mut all: Vec<(_, &[&str])> =
        fixtures().into_iter().map(|fixture| (fixture, ["8"].as_slice())).collect();
    // Everything at once: many files, for threads to be in each other's way.
    all.push((repository("fixtures"), &["8", "2", "8"]));
    for (fixture, more) in all {
        for command in COMMANDS {
            let run = |threads: &str| poollint_with(&fixture, command, "", &[("RAYON_NUM_THREADS", threads)]);
            let first = run("1");
            for threads in more {
                assert_eq!(first, run(threads), "{command:?} in {} on {threads} threads", fixture.display());
            }
        }
    }
}

#[test]
fn the_order_of_arguments_does_not_matter() {
    let fixtures = repository("fixtures");
    let one = program::poollint(&fixtures, &["check", "--format", "json", "repos/rails", "repos/go-pgx"]);
    let two = program::poollint(&fixtures, &["check", "--format", "json", "repos/go-pgx", "repos/rails"]);
    assert_eq!(one, two);
}
