//! The shape of the catalogue's entries. Shared with the build script, so it uses serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

// Named by path, because the build script includes this file from elsewhere.
#[path = "ambient.rs"]
pub mod ambient;
#[path = "operators.rs"]
pub mod operators;
#[path = "programs.rs"]
pub mod programs;
#[path = "servers.rs"]
pub mod servers;

use ambient::Ambient;
use operators::Operator;
use programs::{EnvReaderEntry, PoolerEntry, ProcessServer};
use servers::{Engine, Image};

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
    /// `catalog/env_readers.yaml`
    pub env_readers: Vec<EnvReaderEntry>,
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
    /// Whether the variables of its pool are read by programs that are written so, and not by the client itself.
    #[serde(default)]
    pub variables_by_code: bool,
    /// URL parameters that its command line reads and the client itself does not.
    #[serde(default)]
    pub command_line_params: Vec<String>,
    /// Schemes that it rejects (`postgres` by SQLAlchemy 1.4 and later), without driver suffix.
    #[serde(default)]
    pub rejects_schemes: Vec<String>,
    /// Its pool.
    #[serde(default)]
    pub pool: PoolDefaults,
    /// Whether its connection strings are those of ADO.NET: `Host=db;Maximum Pool Size=20`.
    #[serde(default)]
    pub ado_net: bool,
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
    /// Whether it refuses a URL without a host, which others take for the socket of the machine.
    #[serde(default)]
    pub needs_host: bool,
    /// How it uses named prepared statements, when it does so unless it is told otherwise in the URL.
    #[serde(default)]
    pub prepared_statements: Option<PreparedStatements>,
    /// Whether every distinct URL of a process gets a pool of its own even for the same role and database.
    #[serde(default)]
    pub pool_per_url: bool,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// A client's named prepared statements.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PreparedStatements {
    /// URL parameters any of which, with this value, makes it do without.
    pub off: BTreeMap<String, String>,
    /// Whether that is a mode for poolers, in which it sends `DEALLOCATE ALL`.
    #[serde(default)]
    pub deallocates: bool,
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
    /// Lowest minor version (inclusive) of the major version `from`.
    #[serde(default)]
    pub from_minor: Option<u32>,
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
    /// URL parameters any of which, with one of these values, does without a pool: every use opens a connection.
    #[serde(default)]
    pub off: BTreeMap<String, Vec<String>>,
}

/// A number of connections and where it is set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SizeSetting {
    /// URL parameters that set it, in order of precedence.
    #[serde(default)]
    pub params: Vec<String>,
    /// URL parameters that are ignored where a variable is set, with the variable.
    #[serde(default)]
    pub ignored_beside: BTreeMap<String, String>,
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
    /// One for each thread of a process that works at a time.
    PerThread,
    /// One in each process, where it is known what runs: some programs of the language run many.
    PerProcess,
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
    /// A duration with a unit, or seconds without one.
    DurationOrSeconds,
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
