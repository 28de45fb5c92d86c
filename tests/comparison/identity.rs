//! What changes nothing about a finding changes no fingerprint: random edits of a repository with findings of many
//! kinds.

use proptest::prelude::*;

use super::HASTY;
use crate::program::{directory, poollint};

/// One service as text, its name and its lines.
fn service(name: &str, limit: u64) -> String {
    format!(
        "  {name}:\n    image: ghcr.io/acme/{name}:1\n    deploy: {{ replicas: 9 }}\n    environment:\n      DATABASE_URL: \
         postgresql://app:secret@db:5432/app?connection_limit={limit}&pool_timeout=1\n"
    )
}

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name}, namespace: prod }}\nspec:\n  replicas: 9\n  selector: \
         {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n        \
         - name: {name}\n          image: ghcr.io/acme/{name}:1\n          env:\n            - {{ name: DATABASE_URL, value: \
         \"postgresql://app:hT7gq2Lz@db.internal:5432/app?connection_limit=30&pool_timeout=1\" }}\n"
    )
}

/// `items` in the order of `keys`.
fn ordered(items: &[String], keys: &[u32]) -> Vec<String> {
    let mut all: Vec<(u32, &String)> = keys.iter().copied().zip(items).collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, item)| item.clone()).collect()
}

/// Comments between the lines of a text that has no block scalars.
fn commented(text: &str, comments: &[bool]) -> String {
    let comments = comments.iter().cycle();
    text.lines()
        .zip(comments)
        .map(
            |(line, comment)| if *comment { format!("# a comment\n\n{line}\n") } else { format!("{line}\n") },
        )
        .collect()
}

fn fingerprints(compose: &str, manifests: &str, env: &str, sibling: &str) -> Vec<String> {
    let other = format!("{sibling}/.env.production");
    let root = directory(&[
        ("compose.prod.yaml", compose),
        ("k8s/prod/all.yaml", manifests),
        ("apps/shop/.env.production", env),
        (
            &other,
            "DATABASE_URL=postgresql://app:secret@db.internal:5432/app?connection_limit=10&pool_timeout=20\n",
        ),
    ]);
    let json = poollint(root.path(), &["check", "--format", "json"]).json();
    let mut all: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}", finding["rule"], finding["fingerprint"]))
        .collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_order_and_neighbours_change_no_fingerprint(
        services in proptest::collection::vec(any::<u32>(), 4),
        documents in proptest::collection::vec(any::<u32>(), 3),
        comments in proptest::collection::vec(any::<bool>(), 7),
        sibling in "[a-z]{1,8}",
    ) {
        let all = [service("api", 10), service("worker", 40), service("cron", 3), "  db:\n    image: postgres:16\n".to_owned()];
        let manifests = ["api", "worker", "web"].map(deployment);
        let plain = fingerprints(
            &format!("services:\n{}", all.concat()),
            &manifests.join("---\n"),
            HASTY,
            "apps/neighbour",
        );
        prop_assert!(plain.len() >= 8, "{plain:?}");
        let changed = fingerprints(
            &commented(&format!("services:\n{}", ordered(&all, &services).concat()), &comments),
            &commented(&ordered(&manifests, &documents).join("---\n"), &comments),
            &commented(&format!("OTHER=1\n{HASTY}"), &comments),
            &format!("apps/x{sibling}"),
        );
        prop_assert_eq!(plain, changed);
    }
}
