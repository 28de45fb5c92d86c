//! Every folder of `fixtures/budgets` is a small repository whose README works its sums out by hand. The sums must be
//! right, lead to the figures of the README's tables, and those must be what the program says, no more and no less.

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
#[path = "common/sums.rs"]
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use program::{poollint, repository};
use serde_json::Value;

/// One line of a table: column to cell.
type Row = BTreeMap<String, String>;

/// Columns of a table of servers, and of one of poolers. `deployment` may come first.
const SERVER: [&str; 8] = ["server", "min", "max", "rollout", "complete", "limit", "usable", "verdict"];
const POOLER: [&str; 7] = ["pooler", "min", "max", "rollout", "complete", "clients", "verdict"];

fn fixtures() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(repository("fixtures/budgets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

/// The rows of all tables whose columns, apart from the deployment's, are `columns`.
fn rows(readme: &str, columns: &[&str]) -> BTreeSet<Row> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut found = BTreeSet::new();
    let mut header: Option<Vec<String>> = None;
    for line in readme.lines().map(str::trim) {
        if !line.starts_with('|') {
            header = None;
        } else if let Some(header) = &header {
            if !line.contains("---") {
                let row: Row = header.iter().cloned().zip(cells(line)).collect();
                let meant = header.iter().filter(|column| *column != "deployment").eq(columns);
                assert!(!meant || found.insert(row), "a row stands twice: {line}");
            }
        } else {
            header = Some(cells(line));
        }
    }
    found
}

/// What the program says, as rows; with the deployment's name where `named`.
fn said(output: &Value, list: &str, columns: &[&str], named: bool) -> BTreeSet<Row> {
    let mut found = BTreeSet::new();
    for deployment in output["deployments"].as_array().unwrap() {
        for item in deployment[list].as_array().unwrap() {
            let mut row: Row =
                columns.iter().map(|column| ((*column).to_owned(), cell(item, column))).collect();
            if named {
                row.insert("deployment".to_owned(), deployment["name"].as_str().unwrap().to_owned());
            }
            assert!(found.insert(row), "twice the same: {item}");
        }
    }
    found
}

fn cell(item: &Value, column: &str) -> String {
    let shown = |value: &Value| match value {
        Value::Null => "unknown".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match column {
        "server" | "pooler" => shown(&item["name"]),
        "min" | "max" | "rollout" => shown(&item["demand"][column]),
        "complete" => if item["demand"]["complete"] == true { "yes" } else { "no" }.to_owned(),
        "limit" => shown(&item["max_connections"]["value"]),
        "clients" => shown(&item["max_client_conn"]["value"]),
        "verdict" if item["tight"] == true => format!("{} (tight)", shown(&item["verdict"])),
        _ => shown(&item[column]),
    }
}

#[test]
fn the_program_gets_the_numbers_that_the_readmes_get() {
    let all = fixtures();
    assert!(all.len() >= 40, "{} fixtures", all.len());
    let mut wrong = Vec::new();
    for fixture in all {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        let readme =
            fs::read_to_string(fixture.join("README.md")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ran = poollint(&fixture, &["budget", "--format", "json"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{name}");
        let output = ran.json();
        let named = readme.contains("| deployment |");
        for (list, columns) in [("servers", &SERVER as &[&str]), ("poolers", &POOLER)] {
            let (expected, found) = (rows(&readme, columns), said(&output, list, columns, named));
            for row in expected.difference(&found) {
                wrong.push(format!("{name}: {list}: by hand     {row:?}"));
            }
            for row in found.difference(&expected) {
                wrong.push(format!("{name}: {list}: the program {row:?}"));
            }
        }
        let shared = ["deployments", "environment"];
        let columns: Vec<&str> =
            ["server"].into_iter().chain(shared).chain(SERVER[1..].iter().copied()).collect();
        let expected = rows(&readme, &columns);
        let found: BTreeSet<Row> = output["shared_servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let mut row: Row =
                    SERVER.iter().map(|column| ((*column).to_owned(), cell(item, column))).collect();
                let names: Vec<&str> = item["deployments"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap())
                    .collect();
                row.insert("deployments".to_owned(), names.join(", "));
                row.insert("environment".to_owned(), cell(item, "environment"));
                row
            })
            .collect();
        if expected != found {
            wrong.push(format!("{name}: shared: by hand {expected:?}\n    the program {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Each line of a README's sums is true, and each figure of its tables is the result of one of them.
#[test]
fn the_sums_of_the_readmes_are_right() {
    for fixture in fixtures() {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        let readme = fs::read_to_string(fixture.join("README.md")).unwrap();
        let mut results = BTreeSet::from(["0".to_owned(), "unknown".to_owned()]);
        for line in sums::lines(&readme) {
            let (sum, result) = line.rsplit_once('=').unwrap_or_else(|| panic!("{name}: no sum: {line}"));
            let sum = sum.rsplit_once(':').map_or(sum, |(_, sum)| sum);
            let value = sums::value(sum).unwrap_or_else(|| panic!("{name}: not understood: {sum}"));
            let result = result.trim();
            assert_eq!(value.to_string(), result, "{name}: {line}");
            results.insert(result.to_owned());
        }
        let tables = rows(&readme, &SERVER).into_iter().chain(rows(&readme, &POOLER));
        let mut rows = 0;
        for row in tables {
            rows += 1;
            for column in ["min", "max", "rollout", "usable"] {
                let Some(figure) = row.get(column) else { continue };
                assert!(results.contains(figure), "{name}: no sum gives the {column} of {row:?}");
            }
        }
        assert!(rows > 0, "{name}: no figures");
    }
}
