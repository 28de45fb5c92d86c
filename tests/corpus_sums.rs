//! With `POOLLINT_CORPUS`, a folder of repositories: sums and findings that people worked out by reading them. Without the
//! variable there is nothing to compare.

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

use std::path::PathBuf;

use program::poollint;
use serde_json::Value;

const RINHA: &str = "zanfranceschi__rinha-de-backend-2024-q1/participantes";

/// Project (below [`RINHA`] where it begins with `/`), deployment, server; min, max and rollout; limit, usable, verdict.
type Figures = (&'static str, &'static str, &'static str, [u64; 3], u64, u64, &'static str);

const FIGURES: &[Figures] = &[
    // Its postgresql.conf says 30, but nothing makes the image load it.
    ("/PatrickChagastavares", "docker-compose.yml", "db", [30, 30, 30], 100, 100, "fits"),
    // 30 + 30 are held to 30 by max_client_conn.
    ("/canabrava", "docker-compose.yml", "postgres", [30, 30, 30], 30, 27, "overflow"),
    ("/boaglio-canabrava-procs", "docker-compose.yml", "postgres", [30, 30, 30], 50, 47, "unknown"),
    ("/alan_albuquerque", "docker-compose.yml", "db", [4000, 4000, 4000], 1000, 1000, "overflow"),
    ("/edersonlima-dotnet8", "docker-compose.yml", "db", [400, 400, 400], 200, 200, "overflow"),
    ("/fabionaspolini", "docker-compose.yml", "db", [7000, 7000, 7000], 7000, 7000, "over-share"),
    // The proxy holds a copy of the string.
    ("/rmauro-postgresql-yarp", "docker-compose.yml", "db", [6000, 6000, 6000], 300, 300, "overflow"),
    ("/giovannibassi-nonpooled", "docker-compose.yml", "db", [4000, 4000, 4000], 300, 300, "overflow"),
    // The command wins over a file that nothing mounts.
    ("/ruhtar", "docker-compose.yml", "db", [60, 60, 60], 1000, 1000, "fits"),
    ("/halexv", "docker-compose.yml", "postgres", [80, 80, 80], 450, 450, "fits"),
    // Everything is on the host's network, PgBouncer on the port of its file and not on its image's.
    ("/pedrohenriquea-pgbouncer", "docker-compose.yml", "db", [50, 50, 50], 550, 550, "unknown"),
    // 2 to 10 × 15, and 2 to 10 × 4 × 15.
    ("CrossEyedCat__MedAuditBack", "k8s", "postgres", [150, 750, 975], 100, 97, "overflow"),
    ("FCFColin__backtest-platform", "k8s", "postgres", [60, 60, 90], 100, 97, "unknown"),
    ("peacewalker122__url-shortener", "k8s", "postgres", [20, 20, 40], 100, 100, "fits"),
    (
        "deadislove__omniswitch-api",
        "docker-compose.yml",
        "postgres-master",
        [50, 50, 50],
        200,
        197,
        "unknown",
    ),
    // The URL on the pooler's own container is its way to the server, and no client.
    ("idimetrix__prometheus-ai", "docker-compose.yml", "postgres", [55, 55, 55], 100, 97, "unknown"),
    ("opf__openproject-deploy", "compose/docker-compose.yml", "db", [80, 80, 80], 100, 100, "fits"),
];

/// Project, path, line, rule, a part of the message.
const FOUND: &[(&str, &str, u64, &str, &str)] = &[
    ("/PatrickChagastavares", "config/postgresql.conf", 5, "max-connections-variable-ignored", "100, not 30"),
    ("/canabrava", "config/postgresql.conf", 8, "pooler-server-overflow", "30 connections, 27"),
    ("/alan_albuquerque", "docker-compose.yml", 44, "total-connection-overflow", "4000 connections, 1000"),
    ("/edersonlima-dotnet8", "docker-compose.yml", 14, "total-connection-overflow", "400 connections, 200"),
    (
        "peacewalker122__url-shortener",
        "k8s/pgbouncer-deployment.yaml",
        4,
        "pooler-client-overflow",
        "110 connections during a rollout, it accepts 100",
    ),
    ("/fabionaspolini", "docker-compose.yml", 63, "total-connection-headroom", "7000 of 7000"),
    ("/rmauro-postgresql-yarp", "docker-compose.yml", 81, "total-connection-overflow", "connections, 300"),
    (
        "/giovannibassi-nonpooled",
        "docker-compose.yml",
        51,
        "total-connection-overflow",
        "4000 connections, 300",
    ),
    (
        "CrossEyedCat__MedAuditBack",
        "k8s/postgres-statefulset.yaml",
        36,
        "total-connection-overflow",
        "150 connections at rest (750 at full scale)",
    ),
    ("FCFColin__backtest-platform", "k8s/postgres.yaml", 40, "pooler-bypassed", "api"),
    ("FCFColin__backtest-platform", "k8s/pgbouncer.yaml", 19, "pooler-invalid-setting", "6432"),
    (
        "peacewalker122__url-shortener",
        "k8s/pgbouncer-deployment.yaml",
        54,
        "max-connections-variable-ignored",
        "PGBOUNCER_MAX_CLIENT_CONN",
    ),
    ("Akanksh2144__AcadMix", "k8s/pgbouncer.yaml", 37, "pooler-invalid-setting", "default_pool_size"),
    ("Akanksh2144__AcadMix", "k8s/pgbouncer.yaml", 24, "pooler-invalid-setting", "nothing expands"),
    ("xiukun__soybean-admin-nestjs", "docker-compose.yml", 28, "pooler-bypassed", "backend"),
    ("Javkhlan42__yellow-book", "k8s/backend-deployment.yaml", 49, "pool-size-unset", "10 instances"),
    ("Javkhlan42__yellow-book", "k8s/frontend-deployment.yaml", 62, "pool-size-unset", "10 instances"),
    ("opf__openproject-deploy", "compose/docker-compose.yml", 34, "total-connection-headroom", "80 of 100"),
];

/// Project, the beginning of a path, the beginning of a rule's name: nothing of that kind, in any severity above info.
const SILENT: &[(&str, &str, &str)] = &[
    ("/boaglio-canabrava-procs", "", "pooler-"),
    ("/boaglio-canabrava-procs", "", "total-"),
    ("/ruhtar", "", "total-"),
    ("/halexv", "", "total-"),
    ("/halexv", "", "localhost-in-container"),
    ("/pedrohenriquea-pgbouncer", "", "pool"),
    ("/pedrohenriquea-pgbouncer", "", "total-"),
    ("hadesloc__RampOS", "", "pooler-bypassed"),
    ("druizfly__innovation-dashboard", "", "pool"),
    ("idimetrix__prometheus-ai", "docker-compose.yml", "pooler-client-overflow"),
    ("idimetrix__prometheus-ai", ".env", "pool-size"),
    ("deadislove__omniswitch-api", "", "total-"),
    ("deadislove__omniswitch-api", "", "pooler-"),
    ("deadislove__omniswitch-api", "", "autoscale-"),
    ("GoogleCloudPlatform__bank-of-anthos", "", "pooler-server-overflow"),
    ("Twisterrrrr__daibilet_tickets", "", "total-"),
    ("calcom__docker", "", "total-"),
    ("n8n-io__n8n-hosting", "", "autoscale-"),
    ("opf__openproject-deploy", "", "total-connection-overflow"),
    ("sentry-kubernetes__charts", "", "total-"),
    ("Spooled-Cloud__spooled-backend", "k8s/overlays/production/kustomization.yaml", "pool-"),
    ("adamtromsness__campusos", "packages/database/prisma", "pool-"),
];

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty());
    if corpus.is_none() {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
    }
    corpus.map(PathBuf::from)
}

fn run(corpus: &std::path::Path, project: &str, command: &str) -> Value {
    let place = match project.strip_prefix('/') {
        Some(name) => corpus.join(RINHA).join(name),
        None => corpus.join(project),
    };
    assert!(place.is_dir(), "{} is not there", place.display());
    poollint(&place, &[command, "--format", "json"]).json()
}

#[test]
fn sums_are_those_that_people_get() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for (project, name, server, numbers, limit, usable, verdict) in FIGURES {
        let output = run(&corpus, project, "budget");
        let deployment = output["deployments"].as_array().unwrap().iter().find(|one| one["name"] == *name);
        let found = deployment.and_then(|deployment| {
            deployment["servers"].as_array()?.iter().find(|one| one["name"] == *server)
        });
        let Some(found) = found else {
            wrong.push(format!("{project}: no {server} in {name}"));
            continue;
        };
        let demand = ["min", "max", "rollout"].map(|which| found["demand"][which].as_u64().unwrap());
        let known = (
            demand,
            found["max_connections"]["value"].as_u64(),
            found["usable"].as_u64(),
            found["verdict"].as_str().unwrap(),
        );
        let by_hand = (*numbers, Some(*limit), Some(*usable), *verdict);
        if known != by_hand {
            wrong.push(format!("{project} {server}: by hand {by_hand:?}, the program {known:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn true_problems_are_found_and_false_alarms_are_not() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for (project, path, line, rule, part) in FOUND {
        let output = run(&corpus, project, "check");
        let hit = output["findings"].as_array().unwrap().iter().any(|finding| {
            finding["path"] == *path
                && finding["start"]["line"] == *line
                && finding["rule"] == *rule
                && finding["message"].as_str().unwrap().contains(part)
        });
        if !hit {
            wrong.push(format!("{project}: {path}:{line}: no {rule} with {part:?}"));
        }
    }
    for (project, path, rule) in SILENT {
        let output = run(&corpus, project, "check");
        for finding in output["findings"].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap();
            if finding["severity"] != "info"
                && text("path").starts_with(path)
                && text("rule").starts_with(rule)
            {
                wrong.push(format!("{project}: {} {}: {}", text("path"), text("rule"), text("message")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
