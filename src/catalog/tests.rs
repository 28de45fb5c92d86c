//! What the catalogue's entries say about names that are met in the wild.

use std::collections::BTreeSet;

use super::*;

/// An image reference, and the role, engine and pooler it must be known by.
type Known = (&'static str, ImageRole, Option<&'static str>, Option<&'static str>);

#[test]
fn images_are_known_by_what_they_run() {
    use ImageRole::{Application, Pooler, Server, Tool};
    let (postgresql, pgbouncer) = (Some("postgresql"), Some("pgbouncer"));
    let table: &[Known] = &[
        ("postgres:16-alpine", Server, postgresql, None),
        ("docker.io/library/postgres@sha256:abc", Server, postgresql, None),
        ("registry.acme.io/proxy/library/postgres:16", Server, postgresql, None),
        ("postgis/postgis:16-3.4", Server, postgresql, None),
        ("pgvector/pgvector:pg17", Server, postgresql, None),
        ("timescale/timescaledb:latest-pg16", Server, postgresql, None),
        ("supabase/postgres:15.8.1.060", Server, postgresql, None),
        ("bitnamilegacy/postgresql:17", Server, postgresql, None),
        ("quay.io/sclorg/postgresql-15-c9s", Server, postgresql, None),
        ("ghcr.io/acme/postgres:1", Server, postgresql, None),
        ("mysql:8", Server, Some("mysql"), None),
        ("percona:8.0", Server, Some("mysql"), None),
        ("bitnami/mariadb:11", Server, Some("mariadb"), None),
        ("mariadb", Server, Some("mariadb"), None),
        ("mongo:7", Server, Some("mongodb"), None),
        ("mcr.microsoft.com/mssql/server:2022-latest", Server, Some("sqlserver"), None),
        ("cockroachdb/cockroach:v25.2.0", Server, Some("cockroachdb"), None),
        ("edoburu/pgbouncer:v1.24.1-p1", Pooler, postgresql, pgbouncer),
        ("public.ecr.aws/bitnami/pgbouncer:1", Pooler, postgresql, pgbouncer),
        ("ghcr.io/acme/pgbouncer", Pooler, postgresql, pgbouncer),
        ("ghcr.io/postgresml/pgcat:latest", Pooler, postgresql, Some("pgcat")),
        ("bitnami/pgpool:4", Pooler, postgresql, Some("pgpool")),
        ("proxysql/proxysql:2.7", Pooler, Some("mysql"), Some("proxysql")),
        ("quay.io/prometheuscommunity/postgres-exporter:v0.15.0", Tool, postgresql, None),
        ("dpage/pgadmin4:8", Tool, postgresql, None),
        ("adminer", Tool, None, None),
        ("flyway/flyway:11", Tool, None, None),
        ("grafana/grafana:11.0.0", Application, None, None),
        ("docker.n8n.io/n8nio/n8n", Application, None, None),
        ("hasura/graphql-engine:v2.48.0", Application, postgresql, None),
    ];
    for (reference, role, engine, pooler) in table {
        let Some(image) = catalog().image(reference) else { panic!("{reference} is not known") };
        assert_eq!(image.role, *role, "{reference}");
        assert_eq!(image.engine.as_deref(), *engine, "{reference}");
        assert_eq!(image.pooler.as_deref(), *pooler, "{reference}");
    }
}

#[test]
fn patterns_do_not_swallow_other_images() {
    for reference in [
        "acme/postgres-backup",
        "acme/postgres-exporter",
        "ghcr.io/acme/my-postgres",
        "acme/mysql-client",
        "acme/pgbouncer-exporter",
        "timescale/timescaledb-parallel-copy",
        "postgres-api",
        "acme/api",
        "mysqld",
    ] {
        let known = catalog().image(reference).map(|image| image.image.as_str());
        assert_eq!(known, None, "{reference}");
    }
}

#[test]
fn of_several_patterns_the_closest_holds() {
    for (reference, pattern) in [
        ("supabase/postgres", "supabase/postgres"),
        ("harbor.acme.io/bitnami/postgresql", "*/bitnami/postgresql"),
        ("harbor.acme.io/acme/postgresql", "*/postgresql"),
    ] {
        assert_eq!(
            catalog().image(reference).map(|image| image.image.as_str()),
            Some(pattern),
            "{reference}"
        );
    }
    // What anybody may have built promises neither a superuser nor a limit.
    for image in catalog().images.iter().filter(|image| image.role == ImageRole::Server) {
        if image.image.starts_with("*/") && image.image.matches('/').count() == 1 {
            assert!(image.max_connections_varies && !image.superuser, "{}", image.image);
            assert!(image.user_variable.is_none() && image.max_connections.is_none(), "{}", image.image);
        }
    }
}

#[test]
fn images_name_poolers_that_exist_and_are_named_once() {
    let mut names = BTreeSet::new();
    for image in &catalog().images {
        assert!(names.insert(&image.image), "{} has two entries", image.image);
        assert_eq!(image.pooler.is_some(), image.role == ImageRole::Pooler, "{}", image.image);
        if let Some(pooler) = &image.pooler {
            assert!(catalog().pooler(pooler).is_some(), "{}: there is no pooler {pooler}", image.image);
        }
        // What each child of Pgpool-II keeps differs from image to image.
        let pools = matches!(image.role, ImageRole::Application | ImageRole::Tool)
            || image.pooler.as_deref() == Some("pgpool");
        assert!(
            pools || image.pool.or(image.overflow).is_none(),
            "{} opens no pool of a known size",
            image.image
        );
    }
}

#[test]
fn variables_have_one_meaning_and_times_a_unit() {
    let mut names = BTreeSet::new();
    for entry in &catalog().variables {
        assert!(names.insert(&entry.name), "{} has two entries", entry.name);
        let timed = matches!(
            entry.meaning,
            VariableMeaning::AcquireTimeout
                | VariableMeaning::ConnectTimeout
                | VariableMeaning::IdleTimeout
                | VariableMeaning::MaxLifetime
        );
        assert_eq!(entry.unit.is_some(), timed, "{}", entry.name);
    }
}

#[test]
fn sizing_params_are_params_of_the_client() {
    for client in &catalog().clients {
        let sizes =
            [&client.pool.size, &client.pool.overflow].into_iter().flatten().flat_map(|it| &it.params);
        let times = [
            &client.pool.acquire_timeout,
            &client.pool.connect_timeout,
            &client.pool.idle_timeout,
            &client.pool.max_lifetime,
        ];
        let times = times.into_iter().flatten().flat_map(|it| &it.params);
        for name in sizes.chain(times) {
            let fold = |name: &str| {
                let plain = name.replace([' ', '_', '-'], "").to_lowercase();
                if client.loose_params { plain } else { name.to_owned() }
            };
            let known = client.params.iter().any(|param| fold(&param.name) == fold(name));
            assert!(
                known || client.params.is_empty() || client.open_params,
                "{}: {name} is none of its params",
                client.label
            );
        }
    }
}

#[test]
fn custom_resources_are_known_by_group_and_kind() {
    for (group, kind, known) in [
        (Some("postgresql.cnpg.io"), "Cluster", true),
        (Some("postgresql.cnpg.io"), "Pooler", true),
        (Some("postgresql.cnpg.io"), "Backup", false),
        (Some("cluster.x-k8s.io"), "Cluster", false),
        (Some("acid.zalan.do"), "postgresql", true),
        (Some("postgres-operator.crunchydata.com"), "PostgresCluster", true),
        (Some("stackgres.io"), "SGPoolingConfig", true),
        (Some("stackgres.io"), "SGPostgresConfig", true),
        (None, "Cluster", true),
        (None, "Deployment", false),
    ] {
        assert_eq!(catalog().is_operated(group, kind), known, "{group:?} {kind}");
    }
}

#[test]
fn packages_bring_the_readers_of_env_files_along() {
    use EnvLibrary::{DotenvExpand, NodeDotenv, Phpdotenv, PythonDotenv, RubyDotenv};
    for (ecosystem, name, major, expected) in [
        ("npm", "dotenv", Some(16), Some(NodeDotenv)),
        ("npm", "dotenv", Some(14), None),
        ("npm", "dotenv", None, None),
        ("npm", "@nestjs/config", Some(3), Some(NodeDotenv)),
        ("npm", "next", Some(15), Some(DotenvExpand)),
        ("npm", "prisma", Some(6), Some(DotenvExpand)),
        ("npm", "prisma", Some(7), None),
        ("npm", "@prisma/client", Some(7), None),
        // It may be either.
        ("npm", "@prisma/client", None, None),
        ("pypi", "python-dotenv", None, Some(PythonDotenv)),
        ("pypi", "dotenv", None, None),
        ("gem", "dotenv-rails", None, Some(RubyDotenv)),
        ("composer", "laravel/framework", Some(11), Some(Phpdotenv)),
    ] {
        assert_eq!(catalog().env_library(ecosystem, name, major), expected, "{ecosystem} {name} {major:?}");
    }
}
