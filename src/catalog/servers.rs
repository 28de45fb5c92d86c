//! Database engines, and container images with a known meaning. Shared with the build script, so it uses serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    pub reserved_settings: BTreeMap<String, u64>,
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
    /// The programs that serve it, as a command names them.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Scripts of its images that start it with their arguments.
    #[serde(default)]
    pub entrypoints: Vec<String>,
    /// Variables whose words its images hand to the server, or to the program that makes the data directory.
    #[serde(default)]
    pub setup_variables: Vec<String>,
    /// Settings of a session that clients which hand on unknown parameters of a URL are given there.
    #[serde(default)]
    pub session_settings: Vec<String>,
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
    /// Pool size that the application or tool opens by default, when its image is known for it; of an image of Pgpool-II, its
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
    /// Variable that takes the overflow away when it is `true`: something else then keeps what it is for.
    #[serde(default)]
    pub overflow_unless: Option<String>,
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
