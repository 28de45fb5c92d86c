//! Promise: what is believed of a repository is what would happen, in small repositories in which that is easily missed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use program::{directory, poollint};

/// The rules that speak.
fn rules(files: &[(&str, &str)]) -> Vec<String> {
    let ran = poollint(directory(files).path(), &["check", "--format", "json"]);
    let findings = ran.json()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

const RDS: &str = "shop.abcdefghijkl.eu-west-1.rds.amazonaws.com";

#[test]
fn deployments_that_fit_alone_and_not_together() {
    let compose = |replicas: u64| {
        format!(
            "services:\n  api:\n    image: acme/api\n    deploy: {{ replicas: {replicas} }}\n    environment:\n      \
             DATABASE_URL: postgresql://app:${{PASSWORD}}@{RDS}:5432/app?connection_limit=10&sslmode=require\n"
        )
    };
    let config = format!("[databases.shop]\nmatch = [\"{RDS}\"]\nmax-connections = 200\n");
    let (one, other) = (compose(12), compose(10));
    let files = [
        ("a/compose.production.yaml", one.as_str()),
        ("b/compose.production.yaml", &other),
        ("poollint.toml", &config),
    ];
    assert!(rules(&files).contains(&"total-connection-overflow".to_owned()));
    let root = directory(&files);
    for format in ["human", "markdown"] {
        let shown = poollint(root.path(), &["budget", "--format", format]).stdout;
        assert!(shown.contains("together") && shown.contains("overflow"), "{shown}");
    }
    let small = compose(2);
    let fits = [
        ("a/compose.production.yaml", one.as_str()),
        ("b/compose.production.yaml", &small),
        ("poollint.toml", &config),
    ];
    assert!(!rules(&fits).contains(&"total-connection-overflow".to_owned()));
}

#[test]
fn a_template_of_sam_is_what_is_deployed() {
    let template = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    \
         Type: AWS::Serverless::Function\n    Properties:\n      Environment:\n        Variables:\n          \
         DATABASE_URL: postgresql://app@{RDS}:5432/app?connection_limit=5\n"
    );
    let found = rules(&[("template.yaml", &template)]);
    assert!(found.contains(&"serverless-pool-size".to_owned()), "{found:?}");
}

#[test]
fn a_url_without_a_server_means_the_socket() {
    let requirements = ("requirements.txt", "SQLAlchemy==2.0.43\npsycopg2==2.9.9\n");
    assert_eq!(
        rules(&[(".env", "DATABASE_URL=postgresql:///app?pool_size=5\n"), requirements])
            .iter()
            .filter(|rule| *rule == "url-unparseable")
            .count(),
        0
    );
    let prisma = ("package.json", "{ \"dependencies\": { \"@prisma/client\": \"^6.1.0\" } }");
    let found = rules(&[(".env", "DATABASE_URL=postgresql:///app\n"), prisma]);
    assert!(found.contains(&"url-unparseable".to_owned()), "{found:?}");
}

#[test]
fn a_declared_port_alone_breaks_nothing() {
    let manifests = |target: u16| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: ini }}\ndata:\n  pgbouncer.ini: |\n    [databases]\n    \
             app = host=db.acme.io port=5432\n    [pgbouncer]\n    listen_addr = *\n    listen_port = 6432\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: pgbouncer }}\nspec:\n  selector: {{ matchLabels: {{ app: p }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: p }} }}\n    spec:\n      containers:\n        - name: pgbouncer\n          \
             image: edoburu/pgbouncer:v1.23.1-p2\n          ports: [{{ containerPort: 5432 }}]\n          \
             volumeMounts: [{{ name: ini, mountPath: /etc/pgbouncer }}]\n      volumes: [{{ name: ini, configMap: {{ name: ini }} }}]\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {{ name: pgbouncer }}\nspec:\n  selector: {{ app: p }}\n  \
             ports: [{{ port: 5432, targetPort: {target} }}]\n"
        )
    };
    for (target, speaks) in [(6432, false), (5432, true)] {
        let found = rules(&[("k8s/pooler.yaml", &manifests(target))]);
        assert_eq!(found.contains(&"pooler-invalid-setting".to_owned()), speaks, "{target}: {found:?}");
    }
}

#[test]
fn what_follows_a_password_is_shown_nowhere() {
    let files = [(
        ".env",
        "DATABASE_URL=postgresql://app@db/app?password=abcd&Rt3mC\nOTHER_DATABASE_URL=postgresql://app:x@db:S3cret/app\n",
    )];
    let root = directory(&files);
    for arguments in [&["check"][..], &["check", "--format", "sarif"], &["model"], &["budget"]] {
        let text = poollint(root.path(), arguments).text();
        assert!(!text.contains("Rt3mC") && !text.contains("S3cret"), "{arguments:?}: {text}");
    }
}
