//! Comments, annotations and tables that keep rules silent.

use super::*;
use crate::config::Ignore;

const LOW: &str = "on: pool
severity: warning
when: pool.acquire_timeout < 10
at: pool.acquire_timeout
message: low";

/// A world in which every `T=<n>` of a file is a pool with that timeout.
fn world(text: &str) -> World {
    let mut world = World::of(&[("low", LOW), ("high", &LOW.replace("< 10", "> 60").replace("low", "high"))]);
    world.config.ignore_rules = vec!["pool-timeout-too-low".to_owned()];
    let file = world.file("api/.env", text);
    let here = world.deployment("compose.yaml", Environment::Production);
    for (at, _) in text.match_indices("T=") {
        let digits: String = text[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        let place = Place::new(file, Span::new(at + 2, at + 2 + digits.len()));
        world.pool(here, "api", digits.parse().unwrap(), place);
    }
    world
}

fn brief(world: &World) -> Vec<String> {
    let cut =
        |line: String| line.trim_start_matches("api/.env:").split(' ').take(2).collect::<Vec<_>>().join(" ");
    world.lines().into_iter().map(cut).collect()
}

/// What is left of a file after the fixes of findings about suppressions.
fn mended(text: &str) -> String {
    let mut text = text.to_owned();
    let mut edits: Vec<_> = world(&text)
        .judge()
        .findings
        .into_iter()
        .filter_map(|finding| finding.fix)
        .flat_map(|fix| fix.edits)
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
    for edit in edits {
        text.replace_range(edit.place.span.range(), &edit.text);
    }
    text
}

#[test]
fn a_comment_covers_the_next_line_or_its_own() {
    for (text, expected) in [
        ("# poollint: ignore[low] reason\nT=1\nT=2\n", vec!["3 low"]),
        ("T=1 # poollint: ignore[low]\nT=2\n", vec!["2 low"]),
        ("#poollint:ignore[low]\n# other\n# poollint: ignore[high]\nT=1\n", vec!["3 unused-suppression"]),
        ("# poollint: ignore[low]\n\nT=1\n", vec!["1 unused-suppression", "3 low"]),
        ("# poollint: ignore[high, low] both\nT=1\n", vec!["1 unused-suppression"]),
        ("# x\n---\n# poollint: ignore-file[low]\nT=1\nT=2\nT=99\n", vec!["6 high"]),
        ("T=1\n# poollint: ignore-file[low]\nT=2\n", vec!["1 low", "2 unused-suppression", "3 low"]),
        ("# poollint: ignored for now\nT=1\n", vec!["1 unknown-rule-in-ignore", "2 low"]),
        ("# poollint: ignore[]\nT=1\n", vec!["1 unknown-rule-in-ignore", "2 low"]),
        ("# poollint: ignore[lo]\nT=1\n", vec!["1 unknown-rule-in-ignore", "2 low"]),
        ("# see poollint: ignore[low]\nT=1\n", vec!["2 low"]),
        ("# poollint: ignore[pool-timeout-too-low] off here\nT=30\n", vec![]),
        ("# poollint: ignore[unused-suppression]\nT=30\n", vec![]),
        ("# poollint: ignore-file[unused-suppression]\n# poollint: ignore[low]\nT=30\n", vec![]),
    ] {
        assert_eq!(brief(&world(text)), expected, "{text}");
    }
}

#[test]
fn suppressed_findings_are_counted() {
    let judged = world("# poollint: ignore-file[low]\nT=1\n# poollint: ignore[low]\nT=2\n").judge();
    assert_eq!((judged.suppressed, judged.findings.len()), (2, 0));
}

#[test]
fn useless_suppressions_can_be_taken_out() {
    for (text, expected) in [
        ("A=1\n  # poollint: ignore[low] x\nT=30\n", "A=1\nT=30\n"),
        ("A=1\r\n# poollint: ignore[low] x\r\nT=30\r\n", "A=1\r\nT=30\r\n"),
        ("T=30   # poollint: ignore[low] x\nA=1\n", "T=30\nA=1\n"),
        ("# poollint: ignore[low, high] x\nT=30\n", "T=30\n"),
        ("# poollint: ignore[low, high] x\nT=1\n", "# poollint: ignore[low] x\nT=1\n"),
        ("# poollint: ignore[high, low] x\nT=1\n", "# poollint: ignore[low] x\nT=1\n"),
        ("# poollint: ignore[hihg, low] x\nT=99\n", "# poollint: ignore[high] x\nT=99\n"),
        ("# poollint: ignore[a-rule-of-old, low] x\nT=1\n", "# poollint: ignore[low] x\nT=1\n"),
        ("# poollint: ignore[a-rule-of-old] x\nT=30\n", "T=30\n"),
        ("# poollint: ignore[low]", ""),
    ] {
        let text = text.replace("hihg", "hig");
        assert_eq!(mended(&text), expected, "{text}");
    }
}

#[test]
fn an_annotation_covers_its_workload_in_its_deployment() {
    let mut world = world("T=1\nT=2\n");
    let note = world.file("k8s.yaml", "poollint/ignore: low\n");
    let place = world.place(note, "low");
    world.model.deployments[0].workloads[0].suppressions = vec![("low".to_owned(), place)];
    world.subjects[1].workload = Some("worker".to_owned());
    assert_eq!(brief(&world), ["2 low"]);
    assert_eq!(world.judge().suppressed, 1);
    world.model.deployments[0].workloads[0].suppressions = vec![("high".to_owned(), place)];
    let lines = world.lines();
    assert_eq!(lines[2], "k8s.yaml:1 unused-suppression info nothing here is reported by high");
}

#[test]
fn an_annotation_of_one_who_has_a_part_covers_the_sum() {
    let mut world = world("T=1\n");
    let note = world.file("k8s.yaml", "poollint/ignore: low\n");
    let place = world.place(note, "low");
    world.model.deployments[0].workloads[1].suppressions = vec![("low".to_owned(), place)];
    assert_eq!(brief(&world), ["1 low", "k8s.yaml:1 unused-suppression"]);
    world.subjects[0].contributors.insert("worker".to_owned());
    assert!(brief(&world).is_empty());
}

#[test]
fn an_annotated_finding_still_silences_others_at_its_place() {
    let mut world = world("T=1\n");
    let place = world.place(FileId(0), "1");
    world.pages.extend(
        World::of(&[("near", &LOW.replace("message: low", "message: near\nsilenced-by: [low]"))]).pages,
    );
    world.model.deployments[0].workloads[0].suppressions = vec![("low".to_owned(), place)];
    assert!(brief(&world).is_empty());
}

#[test]
fn a_table_covers_the_paths_it_names() {
    let ignore = |rule: &str, path: Option<&str>| {
        let mut world = world("T=1\n");
        let config = world.file("poollint.toml", "[[ignore]]\n");
        world.config.ignores = vec![Ignore {
            rule: rule.to_owned(),
            path: path.map(str::to_owned),
            reason: None,
            place: world.place(config, "[[ignore]]"),
        }];
        brief(&world)
    };
    assert!(ignore("low", Some("api/**")).is_empty());
    assert!(ignore("low", Some("**/.env")).is_empty());
    assert!(ignore("low", None).is_empty());
    assert_eq!(ignore("low", Some("*")), ["1 low", "poollint.toml:1 unused-suppression"]);
    assert_eq!(ignore("lov", None), ["1 low", "poollint.toml:1 unknown-rule-in-ignore"]);
    assert_eq!(ignore("pool-timeout-too-low", None), ["1 low"]);
}

#[test]
fn thousands_of_suppressions_are_no_burden() {
    let mut text = "# poollint: ignore[low]\n".repeat(5_000);
    text.push_str(&"# poollint: ignore-file[low]\nT=1\n".repeat(2_000));
    let begin = std::time::Instant::now();
    let judged = world(&text).judge();
    assert_eq!(judged.suppressed, 2_000);
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}
