//! What the name of a variable says about its value.

use std::collections::BTreeMap;

use crate::catalog::{VariableMeaning, catalog};
use crate::model::Variable;
use crate::syntax::connection::{ConnectionString, Database, Form};

/// Words of a variable's name that say "database", with the engine where one is named.
const DATABASE_WORDS: [(&str, Database); 20] = [
    ("DB", Database::Unknown),
    ("DATABASE", Database::Unknown),
    ("DATASOURCE", Database::Unknown),
    ("SQL", Database::Unknown),
    ("TYPEORM", Database::Unknown),
    ("PRISMA", Database::Unknown),
    ("ECTO", Database::Unknown),
    ("PG", Database::PostgreSql),
    ("POSTGRES", Database::PostgreSql),
    ("POSTGRESQL", Database::PostgreSql),
    ("PSQL", Database::PostgreSql),
    ("MYSQL", Database::MySql),
    ("MARIADB", Database::MariaDb),
    ("MONGO", Database::MongoDb),
    ("MONGODB", Database::MongoDb),
    ("MSSQL", Database::SqlServer),
    ("SQLSERVER", Database::SqlServer),
    ("COCKROACH", Database::CockroachDb),
    ("COCKROACHDB", Database::CockroachDb),
    ("CRDB", Database::CockroachDb),
];

/// Words that say the value belongs to something else, although a database word may stand beside them.
const OTHER_WORDS: [&str; 16] = [
    "REDIS",
    "CACHE",
    "AMQP",
    "RABBITMQ",
    "KAFKA",
    "ELASTIC",
    "ELASTICSEARCH",
    "OPENSEARCH",
    "CLICKHOUSE",
    "INFLUX",
    "INFLUXDB",
    "DYNAMODB",
    "VECTOR",
    "GRAPH",
    "NEO4J",
    "BACKUP",
];

/// Last words of a name and what they say about the value.
const PARTS: [(&str, VariableMeaning); 29] = [
    ("URL", VariableMeaning::Url),
    ("URI", VariableMeaning::Url),
    ("DSN", VariableMeaning::Url),
    ("CONN", VariableMeaning::Url),
    ("CONNSTR", VariableMeaning::Url),
    ("STRING", VariableMeaning::Url),
    ("HOST", VariableMeaning::Host),
    ("HOSTNAME", VariableMeaning::Host),
    ("SERVER", VariableMeaning::Host),
    ("ADDR", VariableMeaning::Host),
    ("ADDRESS", VariableMeaning::Host),
    ("SEEDS", VariableMeaning::Host),
    ("PORT", VariableMeaning::Port),
    ("USER", VariableMeaning::User),
    ("USERNAME", VariableMeaning::User),
    ("USR", VariableMeaning::User),
    ("LOGIN", VariableMeaning::User),
    ("PASSWORD", VariableMeaning::Password),
    ("PASSWD", VariableMeaning::Password),
    ("PASS", VariableMeaning::Password),
    ("PWD", VariableMeaning::Password),
    ("PW", VariableMeaning::Password),
    ("NAME", VariableMeaning::Database),
    ("DATABASE", VariableMeaning::Database),
    ("DBNAME", VariableMeaning::Database),
    ("DB", VariableMeaning::Database),
    ("SCHEMA", VariableMeaning::Database),
    ("CATALOG", VariableMeaning::Database),
    ("INSTANCE", VariableMeaning::Database),
];

/// Words that mark a connection string as meant for migrations and administration only.
const ADMINISTRATIVE_WORDS: [&str; 9] =
    ["DIRECT", "UNPOOLED", "SHADOW", "MIGRATE", "MIGRATION", "MIGRATIONS", "ADMIN", "BACKUP", "RESTORE"];

/// What a database variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Which part of a connection, or which setting of a pool.
    pub role: VariableMeaning,
    /// The engine its name says, else [`Database::Unknown`].
    pub engine: Database,
    /// What stands before the part's word: variables with the same prefix belong together
    /// (`SHOP_DB` in `SHOP_DB_HOST` and `SHOP_DB_PORT`).
    pub group: String,
}

/// What the name `name` says, when it says "database".
#[must_use]
pub fn meaning(name: &str) -> Option<Meaning> {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '.', '-', ':']).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| OTHER_WORDS.contains(word)) {
        return None;
    }
    let engine = words
        .iter()
        .filter_map(|word| engine_of_word(word))
        .max_by_key(|engine| *engine != Database::Unknown);
    if let Some(entry) = catalog().variable(name) {
        let role = entry.meaning;
        return Some(Meaning { role, engine: engine.unwrap_or(Database::Unknown), group: group_of(&words) });
    }
    if let Some(role) = libpq_role(&upper) {
        return Some(Meaning { role, engine: Database::PostgreSql, group: "PG".to_owned() });
    }
    let last = words.last()?;
    let role = PARTS.iter().find(|(word, _)| word == last).map(|(_, role)| *role)?;
    let engine = engine?;
    // "DB" alone at the end names the database only beside an engine's word (`POSTGRES_DB`).
    if role == VariableMeaning::Database && words.len() < 2 {
        return None;
    }
    if role == VariableMeaning::Url && words.len() < 2 {
        return None;
    }
    let role = if role == VariableMeaning::Url && words.iter().any(|word| ADMINISTRATIVE_WORDS.contains(word))
    {
        VariableMeaning::AdministrativeUrl
    } else {
        role
    };
    Some(Meaning { role, engine, group: group_of(&words) })
}

/// Whether a variable's name says that it holds something about a database.
#[must_use]
pub fn is_database_key(name: &str) -> bool {
    meaning(name).is_some()
}

/// Whether a word of a variable's name says "database", whatever it holds: `DB_SSL`, `POSTGRES_POOL`.
#[must_use]
pub fn says_database(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let mut words = upper.split(['_', '.', '-', ':']);
    is_database_key(name)
        || (words.clone().any(|word| engine_of_word(word).is_some())
            && !words.any(|word| OTHER_WORDS.contains(&word)))
}

/// Whether a variable's name says that it holds a whole connection string.
#[must_use]
pub fn is_url_key(name: &str) -> bool {
    meaning(name).is_some_and(|meaning| {
        matches!(meaning.role, VariableMeaning::Url | VariableMeaning::AdministrativeUrl)
    })
}

fn engine_of_word(word: &str) -> Option<Database> {
    DATABASE_WORDS.iter().find(|(known, _)| *known == word).map(|(_, engine)| *engine)
}

fn group_of(words: &[&str]) -> String {
    let before = words.split_last().map(|(_, before)| before).unwrap_or_default();
    // `quarkus.datasource.jdbc.url` stands beside `quarkus.datasource.username`.
    let before = match before {
        [rest @ .., "JDBC"] if !rest.is_empty() => rest,
        all => all,
    };
    before.join("_")
}

/// The variable that holds a part of a connection's login beside its URL: drivers of Java take both apart from it. What
/// HikariCP is told (`spring.datasource.hikari.username`) goes before what the data source is.
#[must_use]
pub fn login<'a>(
    environment: &'a BTreeMap<String, Variable>,
    variable: &str,
    parsed: &ConnectionString,
    role: VariableMeaning,
) -> Option<&'a Variable> {
    let scheme = parsed.scheme.as_ref().and_then(|scheme| scheme.known()).unwrap_or_default();
    // To AWS' driver for its Secrets Manager the user is a secret's name.
    let apart = parsed.form == Form::Jdbc && scheme.starts_with("jdbc:") || scheme.starts_with("r2dbc");
    let group = meaning(variable).filter(|_| apart)?.group;
    let source = group.strip_suffix("_HIKARI").unwrap_or(&group);
    [format!("{source}_HIKARI"), source.to_owned()].into_iter().find_map(|group| {
        environment.values().find(|variable| {
            meaning(&variable.name).is_some_and(|own| own.role == role && own.group == group)
        })
    })
}

/// libpq's own variables, which have no underscore (PostgreSQL documentation, "Environment Variables").
fn libpq_role(upper: &str) -> Option<VariableMeaning> {
    match upper {
        "PGHOST" | "PGHOSTADDR" => Some(VariableMeaning::Host),
        "PGPORT" => Some(VariableMeaning::Port),
        "PGUSER" => Some(VariableMeaning::User),
        "PGPASSWORD" => Some(VariableMeaning::Password),
        "PGDATABASE" => Some(VariableMeaning::Database),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_part() {
        for (name, role) in [
            ("DATABASE_URL", VariableMeaning::Url),
            ("SHOP_DB_URL", VariableMeaning::Url),
            ("DB_DSN", VariableMeaning::Url),
            ("DIRECT_DATABASE_URL", VariableMeaning::AdministrativeUrl),
            ("DB_HOST", VariableMeaning::Host),
            ("POSTGRES_DB", VariableMeaning::Database),
            ("PGPASSWORD", VariableMeaning::Password),
            ("MYSQL_USER", VariableMeaning::User),
        ] {
            assert_eq!(meaning(name).map(|meaning| meaning.role), Some(role), "{name}");
        }
    }

    #[test]
    fn a_url_and_its_login_belong_together() {
        for (url, user) in [
            ("SPRING_DATASOURCE_URL", "spring.datasource.username"),
            ("quarkus.datasource.jdbc.url", "QUARKUS_DATASOURCE_USERNAME"),
            ("DB_JDBC_URL", "DB_USER"),
        ] {
            assert_eq!(meaning(url).unwrap().group, meaning(user).unwrap().group, "{url}");
        }
    }

    #[test]
    fn other_stores_and_plain_words_say_nothing() {
        for name in [
            "REDIS_URL",
            "REDIS_DB",
            "DB",
            "URL",
            "HOST",
            "APP_NAME",
            "DATABASE_CACHE_URL",
            "CLICKHOUSE_DB",
            "DB_CONNECTION",
        ] {
            assert_eq!(meaning(name), None, "{name}");
        }
    }
}
