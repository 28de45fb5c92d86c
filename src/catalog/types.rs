//! The shape of the catalogue's entries. Shared with the build script, so it uses serde alone.

use serde::{Deserialize, Serialize};

// Named by path, because the build script includes this file from elsewhere.
#[path = "operators.rs"]
pub mod operators;
#[path = "programs.rs"]
pub mod programs;

use operators::Operator;
use programs::{PoolerEntry, ProcessServer};

/// Everything the catalogue holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Catalog {
    /// `catalog/clients/*.yaml`. Where several share a label (one for each engine), the first is the usual one.
    pub clients: Vec<ClientEntry>,
    /// `catalog/servers.yaml`
    pub engines: Vec<Engine>,
    /// `catalog/images.yaml` and `catalog/applications.yaml`
    pub images: Vec<Image>,
    /// `catalog/variables.yaml`
    pub variables: Vec<VariableEntry>,
    /// `catalog/ambient.yaml`
    pub ambient: Ambient,
    /// `catalog/process_servers.yaml`
    pub process_servers: Vec<ProcessServer>,
    /// `catalog/poolers.yaml`
    pub poolers: Vec<PoolerEntry>,
    /// `catalog/operators.yaml`
    pub operators: Vec<Operator>,
}

/// A client library, one entry for each range of versions that behaves alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientEntry {
    /// `prisma`, `node-postgres`, `sqlalchemy`. Several entries may share it (Prisma up to 6, and 7).
    pub id: String,
    /// What users call it: `prisma@6`, `node-postgres`.
    pub label: String,
    /// Its full name.
    pub name: String,
    /// Databases it speaks to, by engine id.
    pub engines: Vec<String>,
    /// Dependencies that show it. Any one is evidence.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Packages whose presence beside `packages` takes the pool away from this client (`@prisma/adapter-pg`).
    #[serde(default)]
    pub unless: Vec<Package>,
    /// Where several clients are in one manifest, the higher one opens the pool (an ORM over its driver).
    #[serde(default)]
    pub rank: u8,
    /// Driver suffixes of a URL's scheme that show it (`asyncpg` in `postgresql+asyncpg`).
    #[serde(default)]
    pub drivers: Vec<String>,
    /// Schemes that show it by themselves (`jdbc:postgresql`).
    #[serde(default)]
    pub schemes: Vec<String>,
    /// Variable names that only it reads (`SPRING_DATASOURCE_URL`); `*` at either end.
    #[serde(default)]
    pub variables: Vec<String>,
    /// URL parameters that only it knows and that are evidence on their own.
    #[serde(default)]
    pub evident_params: Vec<String>,
    /// Schemes that it rejects (`postgres` by SQLAlchemy 1.4 and later), without driver suffix.
    #[serde(default)]
    pub rejects_schemes: Vec<String>,
    /// Its pool.
    #[serde(default)]
    pub pool: PoolDefaults,
    /// URL parameters it understands. In the files a mapping from name to what it takes; the sets named by
    /// `param-sets` are added to it when the catalogue is compiled.
    #[serde(default, deserialize_with = "params::list")]
    pub params: Vec<ParamEntry>,
    /// Sets of `catalog/params.yaml` that it understands as well (`libpq`). Empty once compiled.
    #[serde(default)]
    pub param_sets: Vec<String>,
    /// Whether upper and lower case, blanks, `_` and `-` in a parameter's name make no difference to it.
    #[serde(default)]
    pub loose_params: bool,
    /// Parameters it passes on unread, so that any name is fine. `params` is then no complete list.
    #[serde(default)]
    pub open_params: bool,
    /// What it does with a parameter it does not know.
    pub unknown_param: UnknownParam,
    /// Whether it reads connection strings with libpq (first `@` ends the credentials, `#` is literal).
    #[serde(default)]
    pub libpq: bool,
    /// Whether it reads URLs as WHATWG parsers do (Prisma, node).
    #[serde(default)]
    pub whatwg: bool,
    /// Whether `%` without two hex digits is an error to it (Go, Java, libpq).
    #[serde(default)]
    pub strict_percent: bool,
    /// Whether it accepts several hosts.
    #[serde(default)]
    pub several_hosts: bool,
    /// Whether every distinct variable or URL of a process gets a pool of its own even for the same database.
    #[serde(default)]
    pub pool_per_url: bool,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// A package of an ecosystem.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Package {
    /// `npm`, `pypi`, `gem`, `go`, `cargo`, `maven`, `hex`, `composer`, `nuget`.
    pub ecosystem: String,
    /// Its name there; `*` at the end matches any rest (`@prisma/adapter-*`).
    pub name: String,
    /// Lowest major version (inclusive).
    #[serde(default)]
    pub from: Option<u32>,
    /// First major version that is not meant any more.
    #[serde(default)]
    pub below: Option<u32>,
}

/// How a client sizes and times its pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolDefaults {
    /// Connections at most.
    #[serde(default)]
    pub size: Option<SizeSetting>,
    /// Connections beyond that.
    #[serde(default)]
    pub overflow: Option<SizeSetting>,
    /// Waiting for a free connection.
    #[serde(default)]
    pub acquire_timeout: Option<TimeSetting>,
    /// Opening a connection.
    #[serde(default)]
    pub connect_timeout: Option<TimeSetting>,
    /// Closing an idle connection.
    #[serde(default)]
    pub idle_timeout: Option<TimeSetting>,
    /// Greatest age.
    #[serde(default)]
    pub max_lifetime: Option<TimeSetting>,
}

/// A number of connections and where it is set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SizeSetting {
    /// URL parameters that set it, in order of precedence.
    #[serde(default)]
    pub params: Vec<String>,
    /// Environment variables that set it by themselves, in order of precedence.
    #[serde(default)]
    pub variables: Vec<String>,
    /// When nothing sets it.
    pub default: DefaultSize,
    /// What a written 0 means.
    #[serde(default)]
    pub zero: Zero,
    /// Whether a negative number means no limit (SQLAlchemy's `max_overflow=-1`).
    #[serde(default)]
    pub negative_unlimited: bool,
    /// Whether code may set it, so that the default is only the likely value.
    #[serde(default)]
    pub overridable: bool,
    /// What the code setting is called, for help texts (`new Pool({ max })`).
    #[serde(default)]
    pub in_code: Option<String>,
    /// What the number alone does not say ("one for each thread").
    #[serde(default)]
    pub note: Option<String>,
}

/// A default number of connections.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultSize {
    /// A number.
    Fixed(u64),
    /// `cpus × times + plus`, at least `at_least`: known only when `[nodes] cpus` is declared.
    PerCpu {
        /// Factor.
        times: u64,
        /// Summand.
        plus: u64,
        /// Floor.
        at_least: u64,
    },
    /// No limit.
    Unlimited,
    /// Not established.
    Unknown,
}

/// A time and where it is set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TimeSetting {
    /// URL parameters that set it, in order of precedence.
    #[serde(default)]
    pub params: Vec<String>,
    /// Environment variables that set it by themselves.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Unit of a bare number.
    pub unit: Unit,
    /// When nothing sets it.
    pub default: DefaultTime,
    /// What a written 0 means.
    #[serde(default)]
    pub zero: Zero,
    /// Whether code may set it.
    #[serde(default)]
    pub overridable: bool,
    /// What the code setting is called, for help texts.
    #[serde(default)]
    pub in_code: Option<String>,
}

/// A default time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultTime {
    /// Seconds.
    Seconds(f64),
    /// Without limit.
    Never,
    /// Not established.
    Unknown,
}

/// Unit of a time setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// A duration with a unit (`30s`, `PT30S`).
    Duration,
}

/// What 0 means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zero {
    /// No limit; for ever.
    Unlimited,
    /// As if it were not set.
    Default,
    /// Zero.
    #[default]
    Literal,
    /// An error.
    Rejected,
}

/// A URL parameter a client understands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ParamEntry {
    /// Its exact name.
    pub name: String,
    /// What it takes.
    #[serde(default)]
    pub takes: ParamType,
}

/// The parameters of a client as the files write them: `{connection_limit: natural, sslcert: text}`.
pub mod params {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

    use super::{ParamEntry, ParamType};

    /// Reads a mapping from name to type where people write it, and a plain list from the compiled form.
    ///
    /// # Errors
    /// Whatever the format reports.
    pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ParamEntry>, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_map(Mapping)
        } else {
            Vec::deserialize(deserializer)
        }
    }

    struct Mapping;

    impl<'de> Visitor<'de> for Mapping {
        type Value = Vec<ParamEntry>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a mapping from parameter to what it takes")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some((name, takes)) = map.next_entry::<String, ParamType>()? {
                list.push(ParamEntry { name, takes });
            }
            Ok(list)
        }
    }
}

/// What a parameter takes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParamType {
    /// Any text.
    #[default]
    Text,
    /// A non-negative integer.
    Natural,
    /// Any integer.
    Integer,
    /// Exactly `true` or `false`.
    Boolean,
    /// One of these; anything else is an error.
    OneOf(Vec<String>),
    /// One of these; for anything else the client takes its default without a word.
    OneOfElseDefault(Vec<String>),
    /// A duration with a unit.
    Duration,
}

/// What a client does with a parameter it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownParam {
    /// Drops it without a word.
    Ignored,
    /// Drops it with a warning.
    Warned,
    /// Refuses the URL.
    Error,
    /// Sends it to the server, which refuses the connection.
    ErrorServer,
    /// Not established.
    Unknown,
}

/// A database engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Engine {
    /// `postgresql`, `mysql` …
    pub id: String,
    /// Full name.
    pub name: String,
    /// Its port.
    pub port: u16,
    /// `max_connections` when nothing sets it; absent when it depends on the machine.
    #[serde(default)]
    pub max_connections: Option<u64>,
    /// Slots kept from ordinary roles.
    #[serde(default)]
    pub reserved: u64,
    /// Command-line settings of the limit: `max_connections` in `-c max_connections=200`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Short flags of the limit (`-N`).
    #[serde(default)]
    pub flags: Vec<String>,
    /// Variables that look as if they set the limit; an image reads them only where its own entry says so.
    #[serde(default)]
    pub lookalike_variables: Vec<String>,
    /// Settings that keep slots from ordinary roles, each with its default; `reserved` is their sum.
    #[serde(default)]
    pub reserved_settings: std::collections::BTreeMap<String, u64>,
    /// Where it looks for configuration in its images, as globs; without a directory: where its data is.
    #[serde(default)]
    pub config_files: Vec<String>,
    /// How those are written.
    #[serde(default)]
    pub config_format: Option<ConfigFormat>,
    /// Command-line settings that name another file (`config_file`).
    #[serde(default)]
    pub config_settings: Vec<String>,
    /// Where its images keep its data.
    #[serde(default)]
    pub data_directories: Vec<String>,
    /// Variable that names the directory of its data.
    #[serde(default)]
    pub data_variable: Option<String>,
    /// Programs that take the server's arguments: itself, and its images' scripts that run it.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Variables whose words its images hand to the program that makes the data directory.
    #[serde(default)]
    pub setup_variables: Vec<String>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// How a server's configuration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigFormat {
    /// `postgresql.conf`.
    Postgres,
    /// `my.cnf`.
    Mysql,
}

/// A container image with a known meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Image {
    /// Repository without tag and without `docker.io/` and `library/`; `*` at either end.
    pub image: String,
    /// What it runs.
    pub role: ImageRole,
    /// Engine it serves, or that it connects to.
    #[serde(default)]
    pub engine: Option<String>,
    /// Client entry (by label) it uses, for applications.
    #[serde(default)]
    pub client: Option<String>,
    /// Port it listens on.
    #[serde(default)]
    pub port: Option<u16>,
    /// Variable that holds the limit (`POSTGRESQL_MAX_CONNECTIONS`).
    #[serde(default)]
    pub max_connections_variable: Option<String>,
    /// Further variables that set it as well.
    #[serde(default)]
    pub max_connections_aliases: Vec<String>,
    /// The limit when nothing sets it, when the image changes the engine's.
    #[serde(default)]
    pub max_connections: Option<u64>,
    /// Whether the image derives the limit from the machine, or a configuration of its own may set it, so that
    /// without a setting it is not known.
    #[serde(default)]
    pub max_connections_varies: bool,
    /// Which pooler it runs: `pgbouncer`, `pgcat`, `odyssey`, `pgpool` …
    #[serde(default)]
    pub pooler: Option<String>,
    /// What stands before the names of a pooler's settings in its variables (`PGBOUNCER_`; empty for
    /// `POOL_MODE`). Absent when it reads none.
    #[serde(default)]
    pub settings_prefix: Option<String>,
    /// Variable that moves the port it listens on.
    #[serde(default)]
    pub listen_port_variable: Option<String>,
    /// Variables that lead a pooler to its server, or an application to its database: a whole URL,
    #[serde(default)]
    pub url_variable: Option<String>,
    /// or a host
    #[serde(default)]
    pub host_variable: Option<String>,
    /// and a port.
    #[serde(default)]
    pub port_variable: Option<String>,
    /// Variables that name its role, password and database (`POSTGRES_USER` …).
    #[serde(default)]
    pub user_variable: Option<String>,
    /// Password.
    #[serde(default)]
    pub password_variable: Option<String>,
    /// The name that the password's variable had before, which the image still reads.
    #[serde(default)]
    pub former_password_variable: Option<String>,
    /// Database.
    #[serde(default)]
    pub database_variable: Option<String>,
    /// The user when the variable is not set.
    #[serde(default)]
    pub user: Option<String>,
    /// Whether the user of `user_variable` is a superuser, for whom no slots are held back.
    #[serde(default)]
    pub superuser: bool,
    /// Pool size that the application opens by default, when its image is known for it; of an image of Pgpool-II, its
    /// `max_pool`.
    #[serde(default)]
    pub pool: Option<u64>,
    /// Variable that sets that pool size.
    #[serde(default)]
    pub pool_variable: Option<String>,
    /// Connections beyond `pool` that it opens by default.
    #[serde(default)]
    pub overflow: Option<u64>,
    /// Variable that sets those.
    #[serde(default)]
    pub overflow_variable: Option<String>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// What an image runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageRole {
    /// A database server.
    Server,
    /// A connection pooler.
    Pooler,
    /// A tool that opens one or two connections (exporter, backup, administration).
    Tool,
    /// An application that opens a pool.
    Application,
}

/// An environment variable with a meaning of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VariableEntry {
    /// Exact name.
    pub name: String,
    /// What it sets.
    pub meaning: VariableMeaning,
    /// Unit, for times.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// What 0 means.
    #[serde(default)]
    pub zero: Zero,
    /// Whether a negative number means no limit.
    #[serde(default)]
    pub negative_unlimited: bool,
}

/// What a variable sets, by convention or by a client that reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VariableMeaning {
    /// A connection string.
    Url,
    /// A connection string for migrations and the like only (`DIRECT_URL`).
    AdministrativeUrl,
    /// Pool size.
    PoolSize,
    /// Connections beyond it.
    PoolOverflow,
    /// Acquire timeout.
    AcquireTimeout,
    /// Connect timeout.
    ConnectTimeout,
    /// Idle timeout.
    IdleTimeout,
    /// Greatest age of a connection.
    MaxLifetime,
    /// Host of the server.
    Host,
    /// Port.
    Port,
    /// Role.
    User,
    /// Password.
    Password,
    /// Name of the database.
    Database,
    /// Processes per instance.
    Processes,
}

/// Names that carry meaning everywhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ambient {
    /// Words in a file name, folder or namespace and the environment they stand for, e.g. `prod: production`.
    pub environment_words: std::collections::BTreeMap<String, String>,
    /// Variables that tell the environment, strongest first (`APP_ENV` … `NODE_ENV`).
    pub environment_variables: Vec<String>,
    /// Words in a path that mark examples, tests and documentation.
    pub example_words: Vec<String>,
    /// Endings of public DNS suffixes under which each customer has a host of its own.
    pub provider_suffixes: Vec<String>,
    /// Words in a variable's name that mark a credential (`PASSWORD`, `SECRET`, `TOKEN` …).
    pub secret_words: Vec<String>,
    /// Words that mark one only as the last of the name (`BASIC_AUTH`).
    pub secret_last_words: Vec<String>,
    /// Last words of names that only tell where a credential is (`POSTGRES_PASSWORD_FILE`, `secretName`).
    pub reference_last_words: Vec<String>,
    /// Last names of images that open no connection to an SQL database.
    pub bystander_images: Vec<String>,
    /// User names of URLs that only fill a place and are never connected to.
    pub dummy_users: Vec<String>,
    /// Words and syllables of which passwords are made that protect nothing: those of tutorials and developers'
    /// machines.
    pub trivial_password_words: Vec<String>,
    /// Commands that run migrations, their words in order; others may stand between (`prisma migrate deploy`).
    pub migration_commands: Vec<String>,
    /// Packages of web frameworks that run code on a server.
    pub server_frameworks: Vec<String>,
    /// Schemes that Prisma's data sources take, by `provider`; a provider that is missing is not judged.
    pub prisma_schemes: std::collections::BTreeMap<String, Vec<String>>,
}
