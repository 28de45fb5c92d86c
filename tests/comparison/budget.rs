//! `budget --base`: before, after and the change.

use serde_json::json;

use super::compose;
use super::repository::{Repository, git_is_there};

#[test]
fn every_server_and_consumer_has_its_change() {
    need_git!();
    let repository = Repository::new(&[("compose.yaml", &compose(3))]);
    let worker = "  worker:\n    image: ghcr.io/acme/worker:1\n    environment:\n      DATABASE_URL: \
                  postgresql://app:secret@db:5432/app?connection_limit=5\n";
    repository.write("compose.yaml", &format!("{}{worker}", compose(5)));
    let budget = repository.run(&["budget", "--base", "main", "--format", "json"]);
    assert_eq!(budget.status, 0, "{}", budget.text());
    let json = budget.json();
    assert_eq!(json["base"], "main");
    let server = &json["deployments"][0]["servers"][0];
    assert_eq!(server["before"]["demand"]["max"], 30);
    assert_eq!(server["demand"]["max"], 55);
    assert_eq!(server["change"], json!({ "min": 25, "max": 25, "rollout": 25 }));
    let consumers: Vec<_> = server["consumers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|consumer| {
            (
                consumer["workload"].as_str().unwrap(),
                consumer["before"]["connections"]["max"].as_u64(),
                consumer["change"]["max"].as_i64(),
            )
        })
        .collect();
    assert_eq!(consumers, [("api", Some(30), Some(20)), ("worker", None, Some(5))]);

    let human = repository.run(&["budget", "--base", "main", "--color", "never"]).stdout;
    assert!(human.contains("Compared with main."), "{human}");
    assert!(human.contains("api (DATABASE_URL): 30 / 30 / 30 → 50 / 50 / 50 (+20 / +20 / +20)"), "{human}");
    assert!(human.contains("worker (DATABASE_URL): new, +5 / +5 / +5"), "{human}");
    assert!(human.contains("full scale 30 → 55 (+25)"), "{human}");

    let markdown = repository.run(&["budget", "--base", "main", "--format", "markdown"]).stdout;
    assert!(
        markdown
            .contains("| db | compose.yaml | 30 / 30 / 30 | 55 / 55 / 55 | +25 / +25 / +25 | 97 | fits |"),
        "{markdown}"
    );
    assert!(markdown.contains("| 30 / 30 / 30 | +20 / +20 / +20 |"), "{markdown}");
}

#[test]
fn what_is_gone_is_named() {
    need_git!();
    let worker = "  worker:\n    image: ghcr.io/acme/worker:1\n    environment:\n      DATABASE_URL: \
                  postgresql://app:secret@db:5432/app?connection_limit=5\n";
    let repository = Repository::new(&[
        ("compose.yaml", &format!("{}{worker}", compose(3))),
        ("old/compose.yaml", &compose(2)),
    ]);
    repository.write("compose.yaml", &compose(3));
    repository.remove("old/compose.yaml");
    let json = repository.run(&["budget", "--base", "main", "--format", "json"]).json();
    assert_eq!(json["gone"][0]["name"], "old/compose.yaml");
    assert_eq!(json["gone"][0]["servers"][0]["demand"]["max"], 20);
    let server = &json["deployments"][0]["servers"][0];
    assert_eq!(server["gone"][0]["workload"], "worker");
    assert_eq!(server["change"]["max"], -5);
    for (format, words) in [
        ("human", ["worker (DATABASE_URL): gone, −5 / −5 / −5", "old/compose.yaml is gone"]),
        ("markdown", ["| gone | 0 | 0 | 0 | 5 / 5 / 5 |", "| old/compose.yaml | 20 / 20 / 20 | - |"]),
    ] {
        let text =
            repository.run(&["budget", "--base", "main", "--color", "never", "--format", format]).stdout;
        for word in words {
            assert!(text.contains(word), "{format}: {word}\n{text}");
        }
    }
    for format in ["mermaid", "svg"] {
        assert_eq!(repository.run(&["budget", "--base", "main", "--format", format]).status, 0);
    }
    // Nothing to compare with: nothing is said of a change.
    let plain = repository.run(&["budget", "--format", "json"]).stdout;
    assert!(!plain.contains("\"change\"") && !plain.contains("\"gone\""), "{plain}");
}
