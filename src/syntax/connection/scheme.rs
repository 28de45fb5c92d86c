//! Which database a scheme stands for.

use super::Database;

/// Schemes of database URLs, without driver suffix. `pg` is node-postgres's, `pgsql` and the `pdo` forms are
/// PHP's, `psql` is django-environ's, `postgis` and `mysqlgis` are Django's, `mysql2` and `trilogy` are
/// Rails's, `ecto` is Elixir's.
const DATABASES: &[(&str, Database)] = &[
    ("postgres", Database::PostgreSql),
    ("postgresql", Database::PostgreSql),
    ("pg", Database::PostgreSql),
    ("pgsql", Database::PostgreSql),
    ("pdo-pgsql", Database::PostgreSql),
    ("psql", Database::PostgreSql),
    ("postgis", Database::PostgreSql),
    ("ecto", Database::PostgreSql),
    ("mysql", Database::MySql),
    ("mysql2", Database::MySql),
    ("mysqlgis", Database::MySql),
    ("pdo-mysql", Database::MySql),
    ("trilogy", Database::MySql),
    ("mariadb", Database::MariaDb),
    ("mongodb", Database::MongoDb),
    ("sqlserver", Database::SqlServer),
    ("mssql", Database::SqlServer),
    ("cockroachdb", Database::CockroachDb),
    ("cockroach", Database::CockroachDb),
    ("prisma", Database::PrismaProxy),
];

/// Sub-protocols of JDBC and R2DBC.
const JDBC: &[(&str, Database)] = &[
    ("postgresql", Database::PostgreSql),
    ("pgsql", Database::PostgreSql),
    ("mysql", Database::MySql),
    ("mariadb", Database::MariaDb),
    ("sqlserver", Database::SqlServer),
    ("cockroachdb", Database::CockroachDb),
];

/// Schemes in which `+` belongs to the scheme and does not set off a driver.
const WITH_PLUS: &[(&str, Database)] =
    &[("mongodb+srv", Database::MongoDb), ("prisma+postgres", Database::PrismaProxy)];

/// Spellings that a misspelt scheme is compared with, and at which edit distance it still counts.
const TARGETS: &[(&str, usize)] = &[
    ("postgresql", 2),
    ("postgres", 2),
    ("mysql", 1),
    ("mariadb", 2),
    ("mongodb", 2),
    ("sqlserver", 2),
    ("cockroachdb", 2),
];

/// Schemes of other things: never a misspelt database, and no connection string of ours.
const OTHERS: &[&str] = &[
    "access",
    "amqp",
    "amqps",
    "arn",
    "athena",
    "awssm",
    "azurekeyvault",
    "bigquery",
    "bolt",
    "bolts",
    "cassandra",
    "clickhouse",
    "clickhouses",
    "cloudsql",
    "consul",
    "couchbase",
    "couchbases",
    "couchdb",
    "d1",
    "data",
    "databricks",
    "db2",
    "derby",
    "docker",
    "dremio",
    "druid",
    "duckdb",
    "dynamodb",
    "edgedb",
    "elasticsearch",
    "encrypted",
    "env",
    "etcd",
    "exasol",
    "file",
    "firebird",
    "firestore",
    "ftp",
    "gel",
    "git",
    "grpc",
    "gs",
    "h2",
    "hana",
    "hive",
    "hsqldb",
    "http",
    "https",
    "impala",
    "influxdb",
    "jar",
    "k8s",
    "kafka",
    "ldap",
    "ldaps",
    "libsql",
    "mailto",
    "memcache",
    "memcached",
    "memory",
    "mem",
    "mqtt",
    "mqtts",
    "mqseries",
    "mssqlx",
    "mysqlx",
    "nats",
    "neo4j",
    "neo4js",
    "null",
    "op",
    "opensearch",
    "oracle",
    "pop3",
    "presto",
    "pulsar",
    "questdb",
    "rabbitmq",
    "ravendb",
    "rediss",
    "redis",
    "redshift",
    "ref",
    "rqlite",
    "s3",
    "sap",
    "scylla",
    "secret",
    "secretsmanager",
    "sftp",
    "sm",
    "smtp",
    "smtps",
    "snowflake",
    "solr",
    "spanner",
    "sqlite",
    "sqlite3",
    "ssh",
    "ssm",
    "stomp",
    "surrealdb",
    "tcp",
    "teradata",
    "tidb",
    "trino",
    "turso",
    "udp",
    "unix",
    "urn",
    "valkey",
    "vault",
    "vertica",
    "ws",
    "wss",
    "yugabyte",
    "yugabytedb",
    "zookeeper",
    "zk",
];

/// What a scheme says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The database.
    pub(super) database: Database,
    /// The spelling that was probably meant, when this one is wrong.
    pub(super) instead: Option<&'static str>,
    /// Bytes of the scheme before the `+` that sets off a driver.
    pub(super) base: usize,
}

/// The meaning of a URL's scheme (what stands before `://`), or `None` when it is no database's.
pub(super) fn of_url(scheme: &str) -> Option<Meaning> {
    let lower = scheme.to_ascii_lowercase().replace('_', "-");
    if let Some((_, database)) = WITH_PLUS.iter().find(|(name, _)| *name == lower) {
        return Some(Meaning { database: *database, instead: None, base: scheme.len() });
    }
    let base = lower.split('+').next().unwrap_or_default();
    meaning(base, DATABASES)
}

/// The meaning of a JDBC or R2DBC sub-protocol. R2DBC's driver also knows `postgres`, JDBC's does not.
pub(super) fn of_jdbc(name: &str, reactive: bool) -> Option<Meaning> {
    let lower = name.to_ascii_lowercase();
    if reactive && lower == "postgres" {
        return Some(Meaning { database: Database::PostgreSql, instead: None, base: name.len() });
    }
    let mut found = meaning(&lower, JDBC)?;
    if found.instead == Some("postgres") {
        found.instead = Some("postgresql");
    }
    Some(found)
}

fn meaning(base: &str, table: &[(&'static str, Database)]) -> Option<Meaning> {
    if let Some((name, database)) = table.iter().find(|(name, _)| *name == base) {
        return Some(Meaning { database: *database, instead: None, base: name.len() });
    }
    if is_other(base) {
        return None;
    }
    let (distance, target) = TARGETS
        .iter()
        .filter(|(target, _)| base.len().abs_diff(target.len()) <= 2)
        .map(|(target, most)| (strsim::osa_distance(base, target), *most, *target))
        .filter(|(distance, most, _)| distance <= most)
        .map(|(distance, _, target)| (distance, target))
        .min_by_key(|(distance, _)| *distance)?;
    let database = DATABASES.iter().find(|(name, _)| *name == target).map(|(_, database)| *database)?;
    // JDBC has no `postgres`, so that there the right spelling of a URL is a wrong one.
    (distance > 0 || target == "postgres").then_some(Meaning {
        database,
        instead: Some(target),
        base: base.len(),
    })
}

/// Whether a scheme is known to belong to something else.
pub(super) fn is_other(scheme: &str) -> bool {
    OTHERS.contains(&scheme.to_ascii_lowercase().as_str())
}

/// Bytes of the scheme that `text` begins with, when a `:` follows it.
pub(super) fn length(text: &str) -> Option<usize> {
    let end = text.find(':')?;
    let scheme = text.get(..end)?;
    let mut characters = scheme.chars();
    (characters.next()?.is_ascii_alphabetic()
        && characters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.' | '_')))
    .then_some(end)
}
