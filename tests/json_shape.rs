//! The shapes of the JSON outputs, which other programs rely on: every key that is promised is there where it applies,
//! no key is `null`, and positions are positions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;

use program::{directory, fixtures, poollint};
use serde_json::Value;

/// Keys that must be there, and keys that may.
struct Shape {
    must: &'static [&'static str],
    may: &'static [&'static str],
}

impl Shape {
    #[track_caller]
    fn check(&self, object: &Value, what: &str) {
        let keys: BTreeSet<&str> = object
            .as_object()
            .unwrap_or_else(|| panic!("{what} is {object}"))
            .keys()
            .map(String::as_str)
            .collect();
        for key in self.must {
            assert!(keys.contains(key), "{what} has no `{key}`: {object}");
        }
        for key in keys {
            assert!(
                self.must.contains(&key) || self.may.contains(&key),
                "{what} has a key `{key}` nobody was told of"
            );
        }
    }
}

const FINDING: Shape = Shape {
    must: &["rule", "severity", "message", "path", "start", "end", "labels", "deployments", "fingerprint"],
    may: &["help", "environment", "workload", "server", "fix", "status"],
};
const LABEL: Shape = Shape { must: &["path", "start", "end", "message"], may: &[] };
const POINT: Shape = Shape { must: &["line", "column", "offset"], may: &[] };
const FIX: Shape = Shape { must: &["safety", "title"], may: &["edits", "withheld"] };
const EDIT: Shape = Shape { must: &["path", "start", "end", "text"], may: &[] };
const SKIPPED: Shape = Shape { must: &["path", "reason"], may: &[] };

const DEPLOYMENT: Shape =
    Shape { must: &["name", "kind", "environment", "files", "servers", "poolers"], may: &["partial"] };
const SERVER: Shape = Shape {
    must: &["name", "engine", "address", "demand", "verdict", "consumers", "share"],
    may: &[
        "max_connections",
        "reserved",
        "usable",
        "budget",
        "tight",
        "deployments",
        "may_connect",
        "before",
        "change",
        "gone",
    ],
};
const POOLER: Shape = Shape {
    must: &["name", "kind", "demand", "verdict", "consumers"],
    may: &["address", "mode", "max_client_conn", "tight", "before", "change", "gone"],
};
const DEMAND: Shape = Shape { must: &["min", "max", "rollout", "complete"], may: &[] };
const RANGE: Shape = Shape { must: &["min", "max", "rollout"], may: &[] };
const SOURCED: Shape = Shape { must: &["basis"], may: &["value", "path", "line", "overridable", "note"] };
const CONSUMER: Shape = Shape {
    must: &["connections", "factors"],
    may: &[
        "workload",
        "container",
        "pooler",
        "other",
        "variable",
        "client",
        "instances",
        "processes",
        "pool",
        "pairs",
        "before",
        "change",
    ],
};
const FACTOR: Shape =
    Shape { must: &["name", "basis"], may: &["value", "path", "line", "overridable", "note"] };

const BASES: &[&str] = &[
    "written",
    "declared",
    "client-default",
    "image-default",
    "engine-default",
    "platform-default",
    "pooler-default",
    "plan",
    "derived",
    "unknown",
];
const KINDS: &[&str] = &["compose", "kustomize", "chart", "manifests", "serverless", "env-file", "stream"];
const VERDICTS: &[&str] =
    &["unknown", "overflow", "autoscale-overflow", "rollout-overflow", "over-share", "fits"];

#[track_caller]
fn no_null(value: &Value) {
    match value {
        Value::Null => panic!("null"),
        Value::Array(items) => items.iter().for_each(no_null),
        Value::Object(map) => map.values().for_each(no_null),
        _ => {}
    }
}

#[track_caller]
fn head(value: &Value, schema: &str) {
    assert_eq!(value["schema"], schema);
    assert_eq!(value["version"], env!("CARGO_PKG_VERSION"));
    no_null(value);
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// The position of an offset, counted here anew.
fn position(text: &str, offset: usize) -> (u64, u64) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (line as u64, column as u64)
}

#[track_caller]
fn one_of(value: &Value, allowed: &[&str]) {
    assert!(value.as_str().is_some_and(|value| allowed.contains(&value)), "{value} is none of {allowed:?}");
}

#[test]
fn findings_have_the_promised_shape() {
    let mut seen = 0;
    for fixture in fixtures() {
        let json = poollint(&fixture, &["check", "--format", "json"]).json();
        head(&json, "poollint/check/1");
        Shape {
            must: &["schema", "version", "findings", "suppressed", "files", "summary"],
            may: &["comparison"],
        }
        .check(&json, "the output");
        assert!(json["files"]["read"].as_u64().unwrap() > 0, "{}", fixture.display());
        items(&json["files"]["skipped"]).iter().for_each(|skipped| SKIPPED.check(skipped, "a skipped file"));
        let mut counts = [0; 3];
        let mut order = Vec::new();
        for finding in items(&json["findings"]) {
            seen += 1;
            FINDING.check(finding, "a finding");
            one_of(&finding["severity"], &["error", "warning", "info"]);
            let severity =
                ["error", "warning", "info"].iter().position(|name| finding["severity"] == *name).unwrap();
            counts[severity] += 1;
            for place in std::iter::once(finding).chain(items(&finding["labels"])) {
                let path = place["path"].as_str().unwrap();
                let relative =
                    !path.starts_with('/') && path.split('/').all(|part| part != "." && part != "..");
                assert!(relative, "{path} is not relative to the root");
                let text = std::fs::read_to_string(fixture.join(path)).unwrap();
                for end in ["start", "end"] {
                    POINT.check(&place[end], "a position");
                    let offset = place[end]["offset"].as_u64().unwrap() as usize;
                    let (line, column) = position(&text, offset);
                    assert_eq!(place[end]["line"], line, "{place}");
                    assert_eq!(place[end]["column"], column, "{place}");
                }
            }
            items(&finding["labels"]).iter().for_each(|label| LABEL.check(label, "a label"));
            if let Some(fix) = finding.get("fix") {
                FIX.check(fix, "a fix");
                one_of(&fix["safety"], &["safe", "unsafe"]);
                let withheld = fix.get("withheld").is_some();
                assert!(withheld != fix.get("edits").is_some(), "a fix has edits or withholds them: {fix}");
                fix.get("edits")
                    .map(items)
                    .unwrap_or_default()
                    .iter()
                    .for_each(|edit| EDIT.check(edit, "an edit"));
            }
            let fingerprint = finding["fingerprint"].as_str().unwrap();
            assert!(fingerprint.len() >= 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
            order.push((
                finding["path"].as_str().unwrap().to_owned(),
                finding["start"]["offset"].as_u64().unwrap(),
                finding["end"]["offset"].as_u64().unwrap(),
                finding["rule"].as_str().unwrap().to_owned(),
            ));
        }
        assert!(order.is_sorted(), "not sorted by path, position, rule: {order:?}");
        let [error, warning, info] = counts;
        assert_eq!(json["summary"], serde_json::json!({"error": error, "warning": warning, "info": info}));
    }
    assert!(seen >= 10, "only {seen} findings were looked at");
}

#[test]
fn fingerprints_tell_findings_apart_and_stay() {
    let lines = "A_DATABASE_URL=postgresql://a:x@db.internal/a?pool_timeout=2\nB_DATABASE_URL=postgresql://a:x@db.internal/b?pool_timeout=3\n";
    let moved = format!("# One line\n\nOTHER=1\n{lines}# more\n");
    let changed = lines.replace(":x@", ":another-password@");
    let prints = |text: &str| {
        let root = directory(&[(".env.production", text)]);
        let json = poollint(root.path(), &["check", "--format", "json"]).json();
        let prints: Vec<String> = items(&json["findings"])
            .iter()
            .filter(|finding| finding["rule"] == "pool-timeout-too-low")
            .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(prints.len(), 2, "{json}");
        prints
    };
    let first = prints(lines);
    assert_ne!(first[0], first[1]);
    assert_eq!(first, prints(&moved), "unrelated lines change it");
    assert_eq!(first, prints(&changed), "the password is in it");
}

#[track_caller]
fn consumer(consumer: &Value) {
    CONSUMER.check(consumer, "a consumer");
    RANGE.check(&consumer["connections"], "a consumer's connections");
    if let Some(instances) = consumer.get("instances") {
        RANGE.check(instances, "instances");
    }
    assert!(!items(&consumer["factors"]).is_empty(), "a number without a source: {consumer}");
    for factor in items(&consumer["factors"]) {
        FACTOR.check(factor, "a factor");
        sourced(factor);
    }
}

#[track_caller]
fn sourced(value: &Value) {
    one_of(&value["basis"], BASES);
    assert!(
        (value["basis"] == "unknown") != value.get("value").is_some(),
        "a value is known or unknown: {value}"
    );
    if value["basis"] == "written" {
        assert!(value.get("path").is_some() && value.get("line").is_some(), "written nowhere: {value}");
    }
}

#[test]
fn budgets_have_the_promised_shape() {
    let (mut servers, mut poolers) = (0, 0);
    for fixture in fixtures() {
        let json = poollint(&fixture, &["budget", "--format", "json"]).json();
        head(&json, "poollint/budget/1");
        Shape {
            must: &["schema", "version", "deployments", "shared_servers"],
            may: &["what_if", "base", "gone"],
        }
        .check(&json, "the output");
        for deployment in items(&json["deployments"]) {
            DEPLOYMENT.check(deployment, "a deployment");
            one_of(&deployment["kind"], KINDS);
            for server in items(&deployment["servers"]) {
                servers += 1;
                SERVER.check(server, "a server");
                DEMAND.check(&server["demand"], "demand");
                one_of(&server["verdict"], VERDICTS);
                for limit in ["max_connections", "reserved"] {
                    if let Some(limit) = server.get(limit) {
                        SOURCED.check(limit, "a limit");
                        sourced(limit);
                    }
                }
                items(&server["consumers"]).iter().for_each(consumer);
                // The sum is the sum of what is shown.
                for end in ["min", "max", "rollout"] {
                    let sum: u64 = items(&server["consumers"])
                        .iter()
                        .filter_map(|one| one["connections"][end].as_u64())
                        .sum();
                    assert_eq!(server["demand"][end], sum, "{}: {end} of {server}", fixture.display());
                }
            }
            for pooler in items(&deployment["poolers"]) {
                poolers += 1;
                POOLER.check(pooler, "a pooler");
                DEMAND.check(&pooler["demand"], "demand");
                one_of(&pooler["verdict"], VERDICTS);
                items(&pooler["consumers"]).iter().for_each(consumer);
            }
        }
    }
    assert!(servers >= 10 && poolers >= 1, "only {servers} servers and {poolers} poolers were looked at");
}

#[test]
fn models_have_the_promised_shape() {
    let mut variables = 0;
    for fixture in fixtures() {
        let json = poollint(&fixture, &["model"]).json();
        head(&json, "poollint/model/1");
        Shape { must: &["schema", "version", "deployments"], may: &[] }.check(&json, "the output");
        for deployment in items(&json["deployments"]) {
            Shape { must: &["name", "kind", "environment", "files", "workloads"], may: &["partial"] }
                .check(deployment, "a deployment");
            one_of(&deployment["kind"], KINDS);
            for workload in items(&deployment["workloads"]) {
                Shape { must: &["name", "kind", "instances", "containers"], may: &["namespace"] }
                    .check(workload, "a workload");
                for container in items(&workload["containers"]) {
                    Shape { must: &["name", "role", "environment"], may: &["image", "open"] }
                        .check(container, "a container");
                    one_of(&container["role"], &["main", "init", "sidecar"]);
                    for (name, variable) in container["environment"].as_object().unwrap() {
                        variables += 1;
                        Shape { must: &[], may: &["value", "masked", "unknown", "path", "line"] }
                            .check(variable, name);
                        let ways = ["value", "masked", "unknown"];
                        let ways = ways.iter().filter(|way| variable.get(**way).is_some()).count();
                        assert_eq!(ways, 1, "{name}: {variable}");
                    }
                }
            }
        }
    }
    assert!(variables >= 40, "only {variables} variables were looked at");
}

#[test]
fn rules_have_a_shape_too() {
    let root = directory(&[]);
    let json = poollint(root.path(), &["rules", "--format", "json"]).json();
    head(&json, "poollint/rules/1");
    for rule in items(&json["rules"]) {
        Shape { must: &["name", "subject", "severity", "fixable", "opt-in", "on", "summary"], may: &[] }
            .check(rule, "a rule");
        assert_eq!(rule["on"], rule["opt-in"] == false, "{rule}");
        let page = poollint(root.path(), &["explain", rule["name"].as_str().unwrap()]);
        assert_eq!(page.status, 0);
        assert!(page.stdout.starts_with(rule["name"].as_str().unwrap()));
    }
}
