//! What `docs/schemas` says is so: everything that is printed is described there, and `poollint.toml` may hold what its
//! schema allows, as far as a schema can tell.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};
use std::process::Command;

use program::{Ran, directory, fixtures, poollint, poollint_with, repository};
use schema::Schema;
use serde_json::{Value, json};

fn projects() -> Vec<PathBuf> {
    let mut all = fixtures();
    all.extend(["fixtures/repos", "fixtures/secrets", "fixtures/budgets"].map(repository));
    all
}

#[track_caller]
fn holds(schema: &Schema, value: &Value, what: &str) {
    let faults = schema.faults(value);
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

/// Every key of a schema's `properties`, with the definition it belongs to.
fn described(name: &str) -> Vec<String> {
    fn collect(value: &Value, at: &str, into: &mut Vec<String>) {
        let Value::Object(object) = value else { return };
        for (key, value) in object {
            match (key.as_str(), value) {
                ("properties", Value::Object(named)) => {
                    into.extend(named.keys().map(|key| format!("{at} {key}")));
                }
                ("$defs", Value::Object(all)) => {
                    all.iter().for_each(|(name, schema)| collect(schema, name, into));
                }
                (_, Value::Array(items)) => items.iter().for_each(|item| collect(item, at, into)),
                _ => {}
            }
        }
    }
    let path = repository(&format!("docs/schemas/{name}.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut all = Vec::new();
    collect(&schema, "", &mut all);
    all
}

#[test]
fn findings_are_as_described() {
    let schema = Schema::read("check", true);
    let mut seen = 0;
    for project in projects() {
        let json = poollint(&project, &["check", "--format", "json"]).json();
        seen += json["findings"].as_array().unwrap().len();
        holds(&schema, &json, &project.display().to_string());
    }
    assert!(seen >= 100, "only {seen} findings");
    let root = directory(&[("compose.yaml", HERE)]);
    git(root.path());
    let accepted = poollint(root.path(), &["check", "--format", "json", "--write-baseline", "accepted.json"]);
    holds(&schema, &accepted.json(), "a run that writes a baseline");
    std::fs::write(root.path().join("compose.yaml"), THERE).unwrap();
    for against in [&["--base", "HEAD"] as &[&str], &["--baseline", "accepted.json", "--gate", "all"]] {
        let json = with_git(root.path(), &[&["check", "--format", "json"], against]).json();
        assert!(json["comparison"]["fixed"].as_array().is_some_and(|fixed| !fixed.is_empty()), "{json}");
        assert!(json["comparison"]["new"].as_u64() > Some(0), "{json}");
        holds(&schema, &json, "a comparison");
    }
}

/// Runs poollint where it finds git.
fn with_git(root: &Path, arguments: &[&[&str]]) -> Ran {
    poollint_with(root, &arguments.concat(), "", &[("PATH", &std::env::var("PATH").unwrap_or_default())])
}

/// Servers, a pooler, what may connect too and what `poollint.toml` declares, in two states.
const HERE: &str = "services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgresql://app:secret@db:5432/app?connection_limit=10&pool_timeout=2
  cron:
    image: ghcr.io/acme/cron:1
    environment:
      DATABASE_URL: postgresql://app:secret@db:5432/app?connection_limit=20
  old:
    image: ghcr.io/acme/old:1
    environment:
      DATABASE_URL: postgresql://app:secret@elsewhere:5432/app?connection_limit=20
  db:
    image: postgres:16
";
const THERE: &str = "services:
  api:
    image: ghcr.io/acme/api:1
    deploy: { replicas: 30 }
    environment:
      DATABASE_URL: postgresql://app:secret@db:5432/app?connection_limit=10
  db:
    image: postgres:16
";
const DECLARED: &str = "[databases.db]\nothers = [{ name = \"metabase\", connections = 4 }]\n";

fn git(root: &Path) {
    for arguments in [&["init", "-q"] as &[&str], &["add", "-A"], &["commit", "-q", "-m", "first"]] {
        let ran = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(root)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
}

#[test]
fn budgets_are_as_described() {
    let schema = Schema::read("budget", true);
    let mut all = Vec::new();
    for project in projects() {
        let json = poollint(&project, &["budget", "--format", "json"]).json();
        holds(&schema, &json, &project.display().to_string());
        all.push(json);
    }
    let root =
        directory(&[("compose.yaml", HERE), ("other/compose.yaml", HERE), ("poollint.toml", DECLARED)]);
    git(root.path());
    std::fs::write(root.path().join("compose.yaml"), THERE).unwrap();
    std::fs::remove_file(root.path().join("other/compose.yaml")).unwrap();
    for more in [&["--base", "HEAD"] as &[&str], &["--set", "api.instances.max=40"]] {
        let json = with_git(root.path(), &[&["budget", "--format", "json"], more]).json();
        holds(&schema, &json, &more.join(" "));
        all.push(json);
    }
    // What is described is there too: a schema that speaks of what nobody writes is wrong as well.
    let text = Value::from(all).to_string();
    for key in described("budget") {
        let (_, key) = key.rsplit_once(' ').unwrap();
        assert!(text.contains(&format!("\"{key}\":")), "nothing has a `{key}`");
    }
}

#[test]
fn what_is_not_so_is_refused() {
    let root = directory(&[("compose.yaml", HERE)]);
    let check = poollint(root.path(), &["check", "--format", "json"]).json();
    let budget = poollint(root.path(), &["budget", "--format", "json"]).json();
    for (name, good, pointer, wrong) in [
        ("check", &check, "/schema", json!("poollint/check/2")),
        ("check", &check, "/suppressed", json!(-1)),
        ("check", &check, "/findings/0/severity", json!("fatal")),
        ("check", &check, "/findings/0/message", json!(null)),
        ("check", &check, "/findings/0/start/line", json!(0)),
        ("check", &check, "/findings/0/fingerprint", json!("postgresql://")),
        ("check", &check, "/summary", json!({ "error": 1 })),
        ("budget", &budget, "/deployments/0/kind", json!("swarm")),
        ("budget", &budget, "/deployments/0/servers/0/verdict", json!("good")),
        ("budget", &budget, "/deployments/0/servers/0/usable", json!(null)),
        ("budget", &budget, "/deployments/0/servers/0/reserved/basis", json!("guessed")),
        ("budget", &budget, "/deployments/0/servers/0/consumers/0/pool/size", json!("endless")),
        ("budget", &budget, "/deployments/0/servers/0/consumers/0", json!({ "workload": "api" })),
    ] {
        for closed in [false, true] {
            let schema = Schema::read(name, closed);
            holds(&schema, good, name);
            let mut changed = good.clone();
            *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}: {good}")) = wrong.clone();
            assert!(!schema.faults(&changed).is_empty(), "{pointer} may be {wrong}");
        }
    }
    // Readers are told that there may be more one day.
    let mut more = check.clone();
    more["findings"][0]["another"] = json!(1);
    assert!(Schema::read("check", false).faults(&more).is_empty());
    assert!(!Schema::read("check", true).faults(&more).is_empty());
}

/// TOML as an editor's checker sees it.
fn read(text: &str) -> Value {
    fn value(of: &toml_edit::Value) -> Value {
        match of {
            toml_edit::Value::String(text) => json!(text.value()),
            toml_edit::Value::Integer(number) => json!(number.value()),
            toml_edit::Value::Float(number) => json!(number.value()),
            toml_edit::Value::Boolean(flag) => json!(flag.value()),
            toml_edit::Value::Array(items) => items.iter().map(value).collect(),
            toml_edit::Value::InlineTable(table) => {
                table.iter().map(|(key, of)| (key.to_owned(), value(of))).collect()
            }
            toml_edit::Value::Datetime(_) => panic!("a date"),
        }
    }
    fn item(of: &toml_edit::Item) -> Value {
        match of {
            toml_edit::Item::None => Value::Null,
            toml_edit::Item::Value(of) => value(of),
            toml_edit::Item::Table(of) => table(of),
            toml_edit::Item::ArrayOfTables(all) => all.iter().map(table).collect(),
        }
    }
    fn table(of: &toml_edit::Table) -> Value {
        of.iter().map(|(key, of)| (key.to_owned(), item(of))).collect()
    }
    table(text.parse::<toml_edit::DocumentMut>().unwrap().as_table())
}

/// Whether poollint takes a configuration.
fn taken(text: &str) -> bool {
    let root = directory(&[("poollint.toml", text), (".env", "A=1\n")]);
    poollint(root.path(), &["check"]).status != 2
}

#[test]
fn configurations_are_judged_alike() {
    let schema = Schema::read("poollint.toml", false);
    let good = [
        "",
        "fail-on = \"never\"\nexclude = [\"vendor/**\"]\nextend-select = [\"db-readiness-gate\"]\nhelm = false\n",
        "[budget]\nshare = 1\ninfo-share = 0.2\n",
        "[environments]\nproduction = [\"deploy/live/**\"]\nexample = []\n",
        "[databases.app]\nmatch = [\"db.internal:5432\", \"*.rds.amazonaws.com\"]\nmax-connections = 200\nreserved = 0\n\
         others = [{ name = \"metabase\", connections = 10 }]\nshared = true\n",
        "[databases.app]\nplan = \"aws-rds/db.t3.medium\"\n",
        "[nodes]\ncpus = 8\n[workloads.api]\ndeployment = \"overlays/prod\"\ninstances = { min = 2, max = 6, rollout = 8 }\n\
         processes = 4\nclient = \"prisma@6\"\npool-size = 5\n",
        "[workloads.api]\ninstances = 0\npool-size = \"unlimited\"\n",
        "[workloads.api]\ninstances = { max = 6 }\n",
        "[rules.pool-timeout-too-low]\nseverity = \"off\"\nmin-seconds = 5\n",
        "[[ignore]]\nrule = \"credentials-committed\"\npath = \"examples/**\"\nreason = \"throw-away database\"\n[[ignore]]\nrule = \"pool-size-unset\"\n",
    ];
    for text in good {
        assert!(taken(text), "poollint refuses {text}");
        holds(&schema, &read(text), text);
    }
    let bad = [
        "fail-on = \"fatal\"\n",
        "fial-on = \"error\"\n",
        "exclude = \"vendor\"\n",
        "exclude = [1]\n",
        "helm = \"yes\"\n",
        "select = [\"pool-size-unset\"]\n",
        "[budget]\nshare = 0\n",
        "[budget]\nshare = 1.2\n",
        "[budget]\nshares = 0.8\n",
        "[environments]\nproductoin = [\"x\"]\n",
        "[environments]\nunknown = [\"x\"]\n",
        "[environments]\nproduction = \"x\"\n",
        "[databases]\napp = 1\n",
        "[databases.app]\nmatch = []\n",
        "[databases.app]\nmax-connections = 0\n",
        "[databases.app]\nmax-connections = \"100\"\n",
        "[databases.app]\nreserved = -1\n",
        "[databases.app]\nplan = \"aws-rds/db.t3.medum\"\n",
        "[databases.app]\nothers = [{ name = \"metabase\" }]\n",
        "[databases.app]\nothers = [{ connections = 1 }]\n",
        "[databases.app]\nothers = [{ name = \"a\", connections = 1, more = 1 }]\n",
        "[nodes]\ncpus = 0\n",
        "[workloads.api]\nprocesses = 0\n",
        "[workloads.api]\nclient = \"prisma@66\"\n",
        "[workloads.api]\npool-size = \"endless\"\n",
        "[workloads.api]\npool-size = -1\n",
        "[workloads.api]\ninstances = -1\n",
        "[workloads.api]\ninstances = { most = 1 }\n",
        "[workloads.api]\nplace = 1\n",
        "[rules.pool-timeout-too-low]\nseverity = \"fatal\"\n",
        "[rules.pool-timeout-too-low]\nmin-second = 5\n",
        "[rules.pool-timeout-too-low]\nmin-seconds = \"5\"\n",
        "[[ignore]]\npath = \"examples/**\"\n",
        "[[ignore]]\nrule = \"pool-size-unset\"\nwhy = \"x\"\n",
        "[ignore]\nrule = \"pool-size-unset\"\n",
    ];
    for text in bad {
        assert!(!taken(text), "poollint takes {text}");
        assert!(!schema.faults(&read(text)).is_empty(), "the schema takes {text}");
    }
    // What a schema cannot say.
    for text in [
        "[budget]\nshare = 0.5\ninfo-share = 0.6\n",
        "[databases.app]\nmax-connections = 10\nreserved = 10\n",
        "[workloads.api]\ninstances = { min = 5, max = 2 }\n",
        "exclude = [\"[\"]\n",
    ] {
        assert!(!taken(text), "poollint takes {text}");
        holds(&schema, &read(text), text);
    }
}

/// Every configuration of this repository, in a file or in a page, is one by the schema.
#[test]
fn our_own_configurations_are_some() {
    fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, all);
            } else if path.file_name().is_some_and(|name| name == "poollint.toml") {
                all.push(path);
            }
        }
    }
    let schema = Schema::read("poollint.toml", false);
    let mut files = Vec::new();
    walk(&repository("fixtures"), &mut files);
    assert!(files.len() >= 5, "only {files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        holds(&schema, &read(&text), &path.display().to_string());
    }
    for page in ["README.md", "docs/configuration.md"] {
        let text = std::fs::read_to_string(repository(page)).unwrap();
        let blocks: Vec<&str> =
            text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        assert!(!blocks.is_empty(), "{page}");
        blocks.into_iter().for_each(|block| holds(&schema, &read(block), block));
    }
    let root = directory(&[("compose.yaml", HERE)]);
    poollint(root.path(), &["init"]);
    let text = std::fs::read_to_string(root.path().join("poollint.toml")).unwrap();
    holds(&schema, &read(&text), &text);
}
