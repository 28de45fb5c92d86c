//! Entries of programs between clients and servers: those that run several processes, and poolers.

use serde::{Deserialize, Serialize};

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
    /// What tells how many threads of each process work at once; absent where that is one.
    #[serde(default)]
    pub threads: Option<ThreadSetting>,
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

/// What tells how many threads of a process work at once. It matters to clients that have a connection for each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ThreadSetting {
    /// Flags that say how many; without them there is one.
    #[serde(default)]
    pub flags: Vec<String>,
    /// When not empty: the flags count beside one of these alone (`-P=threads`).
    #[serde(default)]
    pub only_with: Vec<String>,
    /// Flags that choose what a worker is.
    #[serde(default)]
    pub class_flags: Vec<String>,
    /// What they may choose; another worker handles many requests at once, and no flag says how many.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Whether it is always such a worker.
    #[serde(default)]
    pub event_loop: bool,
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
