//! With `POOLLINT_CORPUS`, a folder of repositories: what people found in them by reading, apart from sums, is found; what only
//! looks like a fault is not; and what the files do not prove is named with the reason. Without the variable there is nothing
//! to compare.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use program::poollint;
use serde_json::Value;

const RINHA: &str = "zanfranceschi__rinha-de-backend-2024-q1/participantes";

/// Project (below [`RINHA`] where it begins with `/`), path, line, rule, a part of the message.
const FOUND: &[(&str, &str, u64, &str, &str)] = &[
    ("/viniciusnrg", "docker-compose.yml", 11, "url-unknown-param", "useSSL"),
    ("/rhsobr-go", "docker-compose.yml", 9, "url-unparseable", "hexadecimal"),
    ("evrone__go-clean-template", "docker-compose.yml", 25, "url-unencoded-credentials", "\"@\""),
    ("xiukun__soybean-admin-nestjs", "docker-compose.yml", 28, "url-unencoded-credentials", "\"@\""),
    (
        "peacewalker122__url-shortener",
        "k8s/pgbouncer-deployment.yaml",
        52,
        "pooler-invalid-setting",
        "stays session",
    ),
    ("Akanksh2144__AcadMix", "k8s/pgbouncer.yaml", 48, "pooler-invalid-setting", "query_wait_timeout"),
    (
        "idimetrix__prometheus-ai",
        "infra/k8s/base/pgbouncer/pgbouncer.yaml",
        12,
        "pooler-invalid-setting",
        "nothing expands",
    ),
    ("idimetrix__prometheus-ai", "docker-compose.yml", 112, "pooler-bypassed", "nobody uses pgbouncer"),
    // The example beside it has the same five minutes, and examples are held to syntax.
    ("ghostfolio__ghostfolio", ".env.dev", 15, "url-unknown-param", "connect_timeout"),
];

/// Project, the beginning of a path, the beginning of a rule's name, why it only looks like a fault.
const SILENT: &[(&str, &str, &str, &str)] = &[
    ("/pedrohenriquea-pgbouncer", "", "pooler-", "the URL on the pooler is its way to the server"),
    ("druizfly__innovation-dashboard", "", "pooler-", "the URL on the pooler is its way to the server"),
    ("/halexv", "", "localhost-in-container", "both sides are on the host's network"),
    ("umami-software__umami", "Dockerfile", "", "a URL of the build stage reaches no image"),
    ("umami-software__umami", "", "localhost-in-container", "a URL of the build stage reaches no image"),
    (
        "adamtromsness__campusos",
        "packages/database/prisma/platform/schema.prisma",
        "",
        "max_connections_pool is a column",
    ),
    ("papercups-io__papercups", "app.json", "", "it is for the migration's command alone"),
    ("papercups-io__papercups", "Procfile", "", "it is for the migration's command alone"),
    ("idimetrix__prometheus-ai", ".env.example", "pool-", "pools of sandboxes are no pools of connections"),
    ("idimetrix__prometheus-ai", ".env.example", "timeout-", "5000 is meant in milliseconds"),
    (
        "Spooled-Cloud__spooled-backend",
        "k8s/overlays/production/kustomization.yaml",
        "",
        "the pool that stands there is Redis's, or leads to a pooler",
    ),
    ("sentry-kubernetes__charts", "charts/clickhouse", "", "ClickHouse's limit is no server's of the budget"),
    ("urunsiyabend__distributed-fraud-detection", "k8s/fraud-api.yaml", "k8s-env-", "envFrom comes first"),
    ("boxyhq__saas-starter-kit", ".env.example", "", "an example is made of placeholders"),
    ("Ethereal-Future__FuTuRe", "backend/.env.example", "timeout-", "milliseconds, and a timeout of queries"),
    ("/andrew-vasco", "", "timeout-", "Hikari counts in milliseconds"),
    ("/andrew-vasco", "", "pool-timeout-", "forty seconds are no minute"),
    ("calcom__docker", "", "pool", "four variables of one service name one database"),
    ("n8n-io__n8n-hosting", "charts", "", "the autoscaler is not enabled"),
    ("rejourneyco__rejourney", "examples", "", "an example program's local settings"),
    ("GoogleCloudPlatform__bank-of-anthos", "", "pooler-server-overflow", "1024 of 1027 fit by design"),
];

/// Project, the beginning of a path, the rule that a person would name, and why the files do not prove it. When the program
/// learns to, the line belongs into [`FOUND`].
const UNPROVEN: &[(&str, &str, &str, &str)] = &[
    (
        "/vitorsalgado-nodejs",
        "docker-compose.yml",
        "pooler-mode",
        "the image is the author's own; that it hands PGB_DATABASES to PgBouncer stands nowhere",
    ),
    (
        "Ethereal-Future__FuTuRe",
        "backend/.env.example",
        "pool-params-ignored",
        "an example: nobody runs it, and it is held to syntax",
    ),
    (
        "Ethereal-Future__FuTuRe",
        "backend/.env.staging.example",
        "pool-size-out-of-range",
        "an example: nobody runs it, and it is held to syntax",
    ),
    (
        "prisma__prisma-examples",
        "deployment-platforms/aws-lambda/serverless.yml",
        "serverless-",
        "the functions get their URL from a .env that is not there, and so does what it says of the pool",
    ),
    (
        "reactsuperwizard__lumina-NextJS-Postgre-Prisma-Nexus",
        "apps/api/serverless.yml",
        "serverless-",
        "the functions get their URL from a .env that is not there, and so does what it says of the pool",
    ),
    (
        "ghostfolio__ghostfolio",
        ".env.example",
        "pool-timeout",
        "an example; and Prisma 7 does not read the parameter, which is said of .env.dev",
    ),
    (
        "Javkhlan42__yellow-book",
        "k8s/prisma-migration-job.yaml",
        "env-reference-undefined",
        "no Secret is in the repository: that one called `secrets` exists is as likely as that the other does",
    ),
    (
        "Twisterrrrr__daibilet_tickets",
        "infra/pgbouncer",
        "pooler-",
        "a file that nothing starts breaks nothing, and may be for a machine that is set up by hand",
    ),
];

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("POOLLINT_CORPUS").filter(|corpus| !corpus.is_empty());
    if corpus.is_none() {
        println!("POOLLINT_CORPUS is not set: no repository was looked at");
    }
    corpus.map(PathBuf::from)
}

fn findings(corpus: &Path, project: &str) -> Vec<Value> {
    let place = match project.strip_prefix('/') {
        Some(name) => corpus.join(RINHA).join(name),
        None => corpus.join(project),
    };
    assert!(place.is_dir(), "{} is not there", place.display());
    let output = poollint(&place, &["check", "--format", "json"]).json();
    output["findings"].as_array().unwrap().clone()
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding[key].as_str().unwrap_or_default()
}

#[test]
fn faults_that_people_found_are_found() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for (project, path, line, rule, part) in FOUND {
        let hit = findings(&corpus, project).iter().any(|finding| {
            text(finding, "path") == *path
                && finding["start"]["line"] == *line
                && text(finding, "rule") == *rule
                && text(finding, "message").contains(part)
        });
        if !hit {
            wrong.push(format!("{project}: {path}:{line}: no {rule} with {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_only_looks_like_a_fault_is_not_reported() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    let both = [(SILENT, "a false alarm"), (UNPROVEN, "not proven, or this line is out of date")];
    for (list, what) in both {
        for (project, path, rule, why) in list {
            for finding in findings(&corpus, project) {
                if finding["severity"] != "info"
                    && text(&finding, "path").starts_with(path)
                    && text(&finding, "rule").starts_with(rule)
                {
                    let (path, rule) = (text(&finding, "path"), text(&finding, "rule"));
                    let message = text(&finding, "message");
                    wrong.push(format!("{project}: {path} {rule}: {message}: {what}: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
