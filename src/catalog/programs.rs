//! Entries of programs between clients and servers: those that run several processes, and poolers.

use serde::{Deserialize, Serialize};

use super::Package;

/// A program that runs several processes, each with pools of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProcessServer {
    /// `gunicorn`, `puma` …
    pub id: String,
    /// Names it is started by, without directories.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Images that start it by themselves: repository, or with `:` repository and tag; `*` matches any rest.
    #[serde(default)]
    pub images: Vec<String>,
    /// When not empty: it has several processes only under one of these words (`celery worker`).
    #[serde(default)]
    pub subcommands: Vec<String>,
    /// Flags of the command line that set how many: `-w 4`, `-w4`, `--workers=4`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Flags under which there is one process whatever the others say; with `=`, only with that value.
    #[serde(default)]
    pub single_flags: Vec<String>,
    /// Flags that name a file of code or settings, which may set it too.
    #[serde(default)]
    pub config_flags: Vec<String>,
    /// Endings of arguments that are such files.
    #[serde(default)]
    pub config_suffixes: Vec<String>,
    /// Variables that hold further arguments.
    #[serde(default)]
    pub argument_variables: Vec<String>,
    /// Variables that set it when no flag does, the stronger first.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Processes when nothing sets them; absent where that depends on the machine.
    #[serde(default)]
    pub default: Option<u64>,
    /// Whether 0 means that there is one process.
    #[serde(default)]
    pub zero_is_one: bool,
    /// The threads of one process, where the program is known for them.
    #[serde(default)]
    pub threads: Option<Threads>,
    /// Endings of mounted files in which `file_setting` is looked for.
    #[serde(default)]
    pub files: Vec<String>,
    /// The setting of those files.
    #[serde(default)]
    pub file_setting: Option<String>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// How many threads of one process work at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Threads {
    /// Flags that set how many: `--threads 4`, `-t 0:5` (the larger counts).
    #[serde(default)]
    pub flags: Vec<String>,
    /// Variables that set it when no flag does, the stronger first.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Flags that choose how work is shared out (`--worker-class gevent`).
    #[serde(default)]
    pub kind_flags: Vec<String>,
    /// Choices under which `flags` and `default` hold; empty when there is nothing to choose.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Choices under which a process has one thread. Under any other choice there is no telling.
    #[serde(default)]
    pub single_kinds: Vec<String>,
    /// The choice when no flag makes one.
    #[serde(default)]
    pub default_kind: Option<String>,
    /// Threads when nothing sets them; absent where there are as many as there is work, or as the machine gives.
    #[serde(default)]
    pub default: Option<u64>,
}

/// A library that reads env files by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EnvReaderEntry {
    /// Which reader it is.
    pub reader: EnvLibrary,
    /// Dependencies that show it. Any one is evidence.
    pub packages: Vec<Package>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// Libraries that read env files, each in a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvLibrary {
    /// node `dotenv`.
    NodeDotenv,
    /// node `dotenv` with `dotenv-expand` behind it.
    DotenvExpand,
    /// python-dotenv.
    PythonDotenv,
    /// Ruby's dotenv.
    RubyDotenv,
    /// phpdotenv.
    Phpdotenv,
}

/// Named prepared statements behind a pooler that gives each transaction another server connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptStatements {
    /// The setting that says how many are kept.
    pub setting: String,
    /// The first version that knows it, as `[major, minor]`; before it none is kept.
    pub since: (u32, u32),
    /// The first version that keeps some when nothing is set.
    pub default_since: (u32, u32),
    /// How many that keeps.
    pub default: u64,
    /// The first version that notices `DEALLOCATE ALL`.
    pub deallocate_all_since: (u32, u32),
}

/// A connection pooler.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolerEntry {
    /// `pgbouncer`, `pgcat` …
    pub id: String,
    /// Its full name.
    pub name: String,
    /// Port it listens on when nothing says another.
    #[serde(default)]
    pub port: Option<u16>,
    /// Settings of the main section and their defaults; `unit` and `names` where they are checked. Empty when
    /// poollint reads no settings of it.
    #[serde(default)]
    pub settings: Vec<PoolerSetting>,
    /// What it does about prepared statements, where that is known.
    #[serde(default)]
    pub prepared_statements: Option<KeptStatements>,
    /// Whether it keeps no named prepared statement when transactions share its server connections.
    #[serde(default)]
    pub forgets_statements: bool,
    /// Startup parameters that it keeps for each client by itself.
    #[serde(default)]
    pub tracked_parameters: Vec<String>,
    /// The first version that looks into the startup parameter `options`, as `[major, minor]`.
    #[serde(default)]
    pub options_read_since: Option<(u32, u32)>,
    /// Whether `DEALLOCATE` binds a client to one server connection for the rest of its session.
    #[serde(default)]
    pub deallocate_pins: bool,
    /// Whether one of its instances alone holds the pool of a tenant, so that more of them open no more.
    #[serde(default)]
    pub pool_on_one_instance: bool,
    /// Whether a client keeps its server connection until it disconnects, and nothing changes that.
    #[serde(default)]
    pub session_only: bool,
    /// The setting that says how many clients it accepts, where it is not `max_client_conn`.
    #[serde(default)]
    pub clients_setting: Option<String>,
    /// Whether each client takes a process, which keeps server connections of its own.
    #[serde(default)]
    pub process_per_client: bool,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// One setting of a pooler.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PoolerSetting {
    /// Its name.
    pub name: String,
    /// What it takes.
    #[serde(default)]
    pub takes: PoolerValue,
    /// The value when nothing sets it.
    #[serde(default)]
    pub default: Option<String>,
}

/// What a pooler's setting takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolerValue {
    /// Any text.
    #[default]
    Text,
    /// A whole number.
    Count,
    /// Seconds as a plain decimal number, without a unit.
    Seconds,
    /// `session`, `transaction` or `statement`.
    Mode,
}
