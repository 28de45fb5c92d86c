//! `budget` answers what-if questions without touching a file, and `recommend` sizes pools by the guide's formula.

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

use program::{directory, poollint};

const COMPOSE: &str = "services:
  api:
    image: acme/api
    deploy: { replicas: 3 }
    environment:
      DATABASE_URL: postgresql://app:hunter2@db:5432/app?connection_limit=10
  db:
    image: postgres:16
";

#[test]
fn what_if_changes_numbers_and_shows_the_difference() {
    let root = directory(&[("compose.yaml", COMPOSE)]);
    let before = std::fs::read(root.path().join("compose.yaml")).unwrap();
    for (set, max, usable, verdict) in [
        (&["api.instances=12"][..], 120, 97, "overflow"),
        (&["api.instances.max=12"], 120, 97, "autoscale-overflow"),
        (&["api.processes=2"], 60, 97, "fits"),
        (&["api.pool-size=5"], 15, 97, "fits"),
        (&["api.instances=12", "api.pool-size=5"], 60, 97, "fits"),
        (&["api.instances=12", "db.max-connections=200"], 120, 197, "fits"),
        (&["api.instances=12", "db:5432.max-connections=200", "db.reserved=50"], 120, 150, "fits"),
    ] {
        let mut arguments = vec!["budget", "--format", "json"];
        for one in set {
            arguments.extend(["--set", one]);
        }
        let ran = poollint(root.path(), &arguments);
        assert_eq!(ran.status, 0, "{}", ran.text());
        let json = ran.json();
        let server = &json["deployments"][0]["servers"][0];
        let found = (
            server["demand"]["max"].as_u64().unwrap(),
            server["usable"].as_u64().unwrap(),
            server["verdict"].as_str().unwrap(),
        );
        assert_eq!(found, (max, usable, verdict), "{set:?}");
        assert_eq!(server["before"]["demand"]["max"], 30, "{set:?}");
        assert_eq!(json["what_if"].as_array().unwrap().len(), set.len());
        let factor = server.to_string();
        assert!(
            factor.contains("\"basis\":\"declared\"") && factor.contains("\"note\":\"--set\""),
            "{factor}"
        );
    }
    assert_eq!(std::fs::read(root.path().join("compose.yaml")).unwrap(), before);
    let ran = poollint(root.path(), &["budget", "--set", "api.instances=12"]);
    assert!(ran.stdout.contains("What if api.instances=12?"), "{}", ran.stdout);
    assert!(ran.stdout.contains("full scale 30 → 120"), "{}", ran.stdout);
    assert!(ran.stdout.contains("verdict fits → overflow"), "{}", ran.stdout);
    assert!(ran.stdout.contains("12 instances (--set)"), "{}", ran.stdout);
}

#[test]
fn what_is_not_there_cannot_be_supposed() {
    let root = directory(&[("compose.yaml", COMPOSE)]);
    for (set, said) in [
        ("apj.processes=2", "did you mean `api`"),
        ("api.procesess=2", "did you mean `processes`"),
        ("api.processes=two", "whole number"),
        ("db.max-conections=2", "did you mean `max-connections`"),
        ("nonsense", "name.field=value"),
    ] {
        let ran = poollint(root.path(), &["budget", "--set", set]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{set}");
        assert!(ran.stderr.contains(said), "{set}: {}", ran.stderr);
    }
}

fn recommend(arguments: &[&str]) -> serde_json::Value {
    let root = directory(&[("compose.yaml", COMPOSE)]);
    let all: Vec<&str> = ["recommend", "--format", "json"].iter().chain(arguments).copied().collect();
    let ran = poollint(root.path(), &all);
    assert_eq!(ran.status, 0, "{}", ran.text());
    let json = ran.json();
    assert_eq!(json["schema"], "poollint/recommend/1");
    json["recommendations"][0].clone()
}

#[test]
fn pools_are_sized_by_the_formula_the_range_and_what_fits() {
    for (arguments, size, query, pooler) in [
        (&["--db-cpus", "4", "--spindles", "1"][..], 9, "connection_limit=9&pool_timeout=20", false),
        (
            &["--db-cpus", "4", "--spindles", "1", "--environment", "production", "--instances", "1"],
            10,
            "connection_limit=10&pool_timeout=20",
            false,
        ),
        (
            &["--db-cpus", "8", "--instances", "2", "--environment", "production"],
            8,
            "connection_limit=8&pool_timeout=20",
            false,
        ),
        (&["--db-cpus", "32", "--environment", "staging"], 15, "connection_limit=15&pool_timeout=20", false),
        (
            &[
                "--db-cpus",
                "32",
                "--instances",
                "5",
                "--max-connections",
                "50",
                "--environment",
                "production",
            ],
            8,
            "connection_limit=8&pool_timeout=20",
            false,
        ),
        (
            &[
                "--db-cpus",
                "2",
                "--instances",
                "9",
                "--max-connections",
                "100",
                "--environment",
                "production",
            ],
            5,
            "connection_limit=5&pool_timeout=20",
            true,
        ),
        (
            &["--db-cpus", "2", "--instances", "60", "--max-connections", "50"],
            1,
            "connection_limit=1&pool_timeout=20",
            true,
        ),
        (&["--db-cpus", "8", "--serverless"], 1, "connection_limit=1&pool_timeout=10", true),
    ] {
        let found = recommend(arguments);
        let pool = &found["pools"][0];
        assert_eq!(
            (pool["size"].as_u64(), pool["query"].as_str()),
            (Some(size), Some(query)),
            "{arguments:?}"
        );
        assert_eq!(found.get("pooler").is_some(), pooler, "{arguments:?}");
    }
}

#[test]
fn a_repository_gets_a_recommendation_for_each_server() {
    let found = recommend(&[]);
    assert_eq!((&found["server"], &found["fits"]), (&"db".into(), &26.into()));
    assert_eq!(found["pools"][0]["workload"], "api");
    assert!(found["missing"][0].as_str().unwrap().contains("--db-cpus"), "{found}");
    let found = recommend(&["compose.yaml", "--db-cpus", "8", "--environment", "production"]);
    assert_eq!((&found["per_pool"], &found["pools"][0]["size"]), (&5.into(), &5.into()));
    let ran = poollint(directory(&[]).path(), &["recommend", "--db-cpus", "four"]);
    assert_eq!(ran.status, 2);
}

/// What is recommended fits: a client that opens more than its pool's size is told not to.
#[test]
fn an_overflow_has_no_room() {
    let compose = "services:\n  api:\n    image: ghcr.io/acme/api:1\n    deploy: { replicas: 4 }\n    command: gunicorn -w 2 \
                   app:app\n    environment:\n      DATABASE_URL: postgresql+psycopg2://app@db/shop\n  \
                   db: { image: \"postgres:16\" }\n";
    let root = directory(&[("compose.yaml", compose)]);
    let json = poollint(root.path(), &["recommend", "--format", "json"]).json();
    let pool = &json["recommendations"][0]["pools"][0];
    assert_eq!(pool["setting"], "SQLALCHEMY_POOL_SIZE=10 SQLALCHEMY_MAX_OVERFLOW=0", "{pool}");
}

#[test]
fn poolers_are_sized_where_all_come_through_them() {
    let compose = "services:\n  api:\n    image: ghcr.io/acme/api:1\n    environment:\n      DATABASE_URL: \
                   postgresql://app@pgbouncer:6432/shop?connection_limit=10\n  pgbouncer:\n    image: ghcr.io/acme/pgbouncer\n    \
                   volumes: [\"./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini\"]\n    deploy: { replicas: 3 }\n  \
                   db: { image: \"postgres:16\" }\n";
    let ini = "[databases]\nshop = host=db\n[pgbouncer]\nlisten_port = 6432\nlisten_addr = *\n";
    let root = directory(&[("compose.yaml", compose), ("pgbouncer.ini", ini)]);
    for (arguments, at_most, step) in [
        // ⌊80 ÷ 3⌋
        (&[][..], 26, "which allows each instance of a pooler 26"),
        // ⌊2 × 16 ÷ 3⌋, which fits.
        (&["--db-cpus", "16"][..], 10, "32 ÷ 3 instances = 10 for each instance of a pooler"),
        // A budget of 8, of which three instances get 2 each.
        (&["--max-connections", "11"][..], 2, "which allows each instance of a pooler 2"),
        (&["--max-connections", "5"][..], 0, "which allows each instance of a pooler 0"),
    ] {
        let all: Vec<&str> =
            ["recommend", ".", "--format", "json"].iter().chain(arguments).copied().collect();
        let json = poollint(root.path(), &all).json();
        let found = &json["recommendations"][0];
        assert_eq!(found["poolers"][0]["at_most"], at_most, "{found}");
        let steps: Vec<&str> =
            found["steps"].as_array().unwrap().iter().filter_map(|one| one.as_str()).collect();
        assert!(steps.iter().any(|one| one.contains(step)), "{steps:?}");
    }
}

/// In the picture no number stands on another, and none reaches into a box.
#[test]
fn numbers_of_the_picture_stand_apart() {
    let root = program::directory(&[(
        "compose.prod.yaml",
        "services:\n  api:\n    image: ghcr.io/acme/api:1\n    deploy: { replicas: 3000000 }\n    environment:\n      \
         DATABASE_URL: postgresql://app:x@db:5432/app?connection_limit=4000000\n      \
         READ_URL: postgresql://app:x@replica:5432/app?connection_limit=8\n      \
         OTHER_URL: postgresql://app:x@other:5432/app?connection_limit=9\n      \
         LAST_URL: postgresql://app:x@last:5432/app?connection_limit=7\n  db: { image: \"postgres:16\" }\n  \
         replica: { image: \"postgres:16\" }\n  other: { image: \"postgres:16\" }\n  last: { image: \"postgres:16\" }\n",
    )]);
    let svg = poollint(root.path(), &["budget", "--format", "svg"]).stdout;
    let attribute = |line: &str, name: &str| -> i64 {
        let rest = line.split_once(&format!(" {name}=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let numbers: Vec<(i64, i64, i64)> = svg
        .lines()
        .filter(|line| line.contains("class=\"number\""))
        .map(|line| {
            let letters = line.split_once('>').unwrap().1.split_once('<').unwrap().0.chars().count();
            (attribute(line, "x"), attribute(line, "y"), i64::try_from(letters).unwrap() * 8)
        })
        .collect();
    assert_eq!(numbers.len(), 4, "{svg}");
    for (index, (x, y, width)) in numbers.iter().enumerate() {
        let apart = |other: &(i64, i64, i64)| (y - other.1).abs() >= 14 || x + width < other.0;
        assert!(numbers[index + 1..].iter().all(apart), "{numbers:?}");
        for line in svg.lines().filter(|line| line.contains("class=\"box")) {
            let [left, top, wide, high] = ["x", "y", "width", "height"].map(|name| attribute(line, name));
            let inside = *x < left + wide && x + width > left && *y > top && *y < top + high;
            assert!(!inside, "{line} under {:?}", numbers[index]);
        }
    }
}
