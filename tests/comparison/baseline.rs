//! The file that accepts findings.

use super::{HASTY, OVERFLOW, PATIENT, TOO_LOW, compose};
use crate::program::{Ran, directory, poollint, write};

const FILE: &str = "baseline.json";

#[track_caller]
fn check(place: &std::path::Path, arguments: &[&str]) -> Ran {
    let mut all = vec!["check", "--fail-on", "info", "--format", "json"];
    all.extend(arguments);
    poollint(place, &all)
}

#[test]
fn what_is_accepted_does_not_fail_until_it_gets_worse() {
    let root = directory(&[("compose.yaml", &compose(12)), ("a/.env.production", HASTY)]);
    let place = root.path();
    let ran = check(place, &["--write-baseline", FILE]);
    assert_eq!(ran.status, 0, "{}", ran.text());
    let text = std::fs::read_to_string(place.join(FILE)).unwrap();
    assert!(text.contains(OVERFLOW) && text.contains(TOO_LOW), "{text}");
    for word in ["secret", "postgresql", "\"line\"", "120"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let with = ["--baseline", FILE];
    assert_eq!(check(place, &with).status, 0);
    assert_eq!(check(place, &["--baseline", FILE, "--gate", "all"]).status, 1);

    write(place, "compose.yaml", compose(13).as_bytes());
    let ran = check(place, &with);
    assert_eq!((ran.status, &ran.json()["comparison"]["worsened"]), (1, &1.into()), "{}", ran.stdout);
    // Lines above move nothing.
    write(place, "compose.yaml", format!("# x\n\n{}", compose(12)).as_bytes());
    assert_eq!(check(place, &with).status, 0);
    write(place, "b/.env.production", HASTY.as_bytes());
    let ran = check(place, &with);
    assert_eq!((ran.status, &ran.json()["comparison"]["new"]), (1, &1.into()), "{}", ran.stdout);
}

#[test]
fn the_file_is_the_same_for_the_same_findings() {
    let root = directory(&[
        ("compose.yaml", &compose(12)),
        ("b/.env.production", HASTY),
        ("a/.env.production", HASTY),
    ]);
    let read = || std::fs::read_to_string(root.path().join(FILE)).unwrap();
    check(root.path(), &["--write-baseline", FILE]);
    let first = read();
    write(root.path(), "a/.env.production", format!("# x\n{HASTY}").as_bytes());
    check(root.path(), &["--write-baseline", FILE]);
    assert_eq!(read(), first);
    check(root.path(), &["--baseline", FILE, "--write-baseline", FILE]);
    assert_eq!(read(), first);
    let paths: Vec<&str> = first
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{\"path\":\"")?.split('"').next())
        .collect();
    assert!(paths.len() >= 3 && paths.is_sorted(), "{first}");
}

#[test]
fn the_file_only_shrinks_with_itself() {
    let root = directory(&[("compose.yaml", &compose(14)), ("a/.env.production", HASTY)]);
    let place = root.path();
    check(place, &["--write-baseline", FILE]);
    write(place, "a/.env.production", PATIENT.as_bytes());
    write(place, "b/.env.production", HASTY.as_bytes());
    write(place, "compose.yaml", compose(12).as_bytes());

    let ran = check(place, &["--baseline", FILE, "--ignore", "nothing-of-this-name"]);
    assert_eq!(ran.status, 2, "a rule that does not exist");
    let ran = check(place, &["--baseline", FILE]);
    assert!(ran.stderr.contains("accepts 1 finding that"), "{}", ran.stderr);
    assert_eq!(ran.json()["comparison"]["fixed"][0]["path"], "a/.env.production");
    // Of what is not looked at, nothing is known.
    assert_eq!(check(place, &["--baseline", FILE, "--ignore", TOO_LOW]).stderr, "");
    assert_eq!(check(place, &["--baseline", FILE, "compose.yaml"]).stderr, "");

    let ran = check(place, &["--baseline", FILE, "--write-baseline", FILE]);
    assert_eq!(ran.status, 1, "the new finding is not taken in");
    let text = std::fs::read_to_string(place.join(FILE)).unwrap();
    assert!(!text.contains("production") && text.contains(OVERFLOW), "{text}");
    // The better number holds from now on.
    write(place, "compose.yaml", compose(13).as_bytes());
    let ran = check(place, &["--baseline", FILE, "compose.yaml"]);
    assert_eq!((ran.status, &ran.json()["comparison"]["worsened"]), (1, &1.into()), "{}", ran.stdout);
    // A worse one does not.
    let before = std::fs::read_to_string(place.join(FILE)).unwrap();
    check(place, &["--baseline", FILE, "--write-baseline", FILE]);
    assert_eq!(std::fs::read_to_string(place.join(FILE)).unwrap(), before);
}

#[test]
fn another_file_is_refused_with_what_to_do() {
    let root = directory(&[("compose.yaml", &compose(1))]);
    for text in [
        "",
        "{",
        "[]",
        "{\"schema\":\"poollint/check/1\"}",
        "{\"schema\":\"poollint/baseline/9\"}",
        "A=kanarie",
    ] {
        write(root.path(), FILE, text.as_bytes());
        let ran = check(root.path(), &["--baseline", FILE]);
        assert_eq!(ran.status, 2, "{text}: {}", ran.text());
        assert!(ran.stderr.contains("--write-baseline"), "{text}: {}", ran.stderr);
        assert!(!ran.text().contains("kanarie"), "{}", ran.text());
    }
    for path in ["absent.json", "."] {
        let ran = check(root.path(), &["--baseline", path]);
        assert_eq!(ran.status, 2, "{}", ran.text());
        assert!(ran.stderr.contains("--write-baseline"), "{}", ran.stderr);
    }
    assert_eq!(check(root.path(), &["--baseline", FILE, "--base", "main"]).status, 2);
}
