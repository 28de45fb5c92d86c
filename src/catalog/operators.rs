//! Operators: which custom resources are database servers and poolers, and where they say what. Shared with the
//! build script, so it uses serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An operator for one kind of cluster. Names and values may hold `{name}`, `{space}`, `{user}`, `{database}`,
/// `{password}`, `{type}` and `{own}`; `catalog/operators.yaml` says what they stand for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Operator {
    /// `cloudnative-pg` …
    pub id: String,
    /// Its full name.
    pub name: String,
    /// Group of its custom resources (`postgresql.cnpg.io`).
    pub group: String,
    /// Kind of the resource that is a cluster.
    pub kind: String,
    /// Engine it runs, by id.
    pub engine: String,
    /// Port the server listens on.
    pub port: u16,
    /// How many servers.
    pub instances: CountAt,
    /// Mappings with the server's own parameters; the first that has one holds.
    pub parameters: Vec<Lookup>,
    /// `max_connections` when nothing sets it; absent when it depends on the machine.
    #[serde(default)]
    pub max_connections: Option<u64>,
    /// How memory sets it instead.
    #[serde(default)]
    pub memory: Option<ByMemory>,
    /// Slots kept from ordinary roles, when the operator changes the engine's.
    #[serde(default)]
    pub reserved: Option<u64>,
    /// Services that it makes.
    pub services: Vec<OperatorService>,
    /// The application's database.
    #[serde(default)]
    pub database: Option<TextAt>,
    /// The application's role.
    #[serde(default)]
    pub user: Option<TextAt>,
    /// Secrets that it makes.
    #[serde(default)]
    pub secrets: Vec<OperatorSecret>,
    /// Poolers that it runs.
    #[serde(default)]
    pub poolers: Vec<OperatorPooler>,
    /// Where each fact was read.
    pub sources: Vec<String>,
    /// When (year-month).
    pub checked: String,
}

/// A number of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CountAt {
    /// Where it stands; empty when nothing sets it.
    #[serde(default)]
    pub at: Vec<String>,
    /// When a list stands there: where in each item; the items are added up.
    #[serde(default)]
    pub each: Vec<String>,
    /// When nothing sets it.
    #[serde(default)]
    pub default: Option<u64>,
}

/// A text of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TextAt {
    /// Where it may stand; the first that is there holds.
    pub at: Vec<Vec<String>>,
    /// When nothing sets it.
    #[serde(default)]
    pub default: Option<String>,
}

/// A mapping, in the object itself or in one that it names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lookup {
    /// The object that holds it, when it is another one.
    #[serde(default)]
    pub object: Option<NamedObject>,
    /// Where it stands.
    pub at: Vec<String>,
}

/// An object of the same group and namespace that another names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NamedObject {
    /// Its kind.
    pub kind: String,
    /// Where its name stands.
    pub named: Vec<String>,
}

/// A limit that follows from memory: megabytes divided, within bounds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ByMemory {
    /// Where the memory limit stands.
    pub at: Vec<String>,
    /// Megabytes (2^20 bytes) for one connection.
    pub megabytes_each: u64,
    /// The least limit.
    pub at_least: u64,
    /// The greatest.
    pub at_most: u64,
}

/// A Service in front of servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperatorService {
    /// Its name.
    pub name: String,
    /// Which servers.
    pub reaches: Reach,
    /// Its port for the servers themselves, when another one leads to their poolers.
    #[serde(default)]
    pub port: Option<u16>,
    /// Whether its ordinary port leads to the servers too once there is no pooler.
    #[serde(default)]
    pub without_pooler: bool,
}

/// Which servers of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The one that is written to.
    Primary,
    /// The others.
    Replicas,
    /// Whichever.
    Any,
}

/// A Secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperatorSecret {
    /// Its name; `{user}` in it tells the role.
    pub name: String,
    /// What stands under each of its keys.
    pub keys: BTreeMap<String, String>,
}

/// Poolers in front of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperatorPooler {
    /// Kind of the object that is one, when it is not the cluster's own.
    #[serde(default)]
    pub kind: Option<String>,
    /// Where that object names its cluster.
    #[serde(default)]
    pub cluster: Vec<String>,
    /// When the cluster's object asks for one.
    #[serde(default)]
    pub when: When,
    /// Its name, and that of its Service.
    pub name: String,
    /// Names of its Services, when they are others.
    #[serde(default)]
    pub services: Vec<String>,
    /// What stands for `{type}`.
    #[serde(default, rename = "type")]
    pub choice: Option<TextAt>,
    /// The host it leads to,
    pub upstream: String,
    /// and the port, when it is not the server's own.
    #[serde(default)]
    pub upstream_port: Option<u16>,
    /// Port of its Service.
    pub port: u16,
    /// How many run.
    pub instances: CountAt,
    /// Where the strategy of its Deployment stands.
    #[serde(default)]
    pub strategy: Vec<String>,
    /// Whether it is a Deployment, with Kubernetes' own strategy, although nothing can set one.
    #[serde(default)]
    pub surges: bool,
    /// Mappings with its main settings.
    #[serde(default)]
    pub settings: Vec<Lookup>,
    /// Mappings with its databases.
    #[serde(default)]
    pub databases: Vec<Lookup>,
    /// Mappings with its users.
    #[serde(default)]
    pub users: Vec<Lookup>,
    /// Its pool mode, when that stands apart.
    #[serde(default)]
    pub mode: Option<TextAt>,
    /// What all of them open to a database together, from which the operator works out each one's pools: an equal
    /// part for each, half of that as pool size, a quarter as reserve.
    #[serde(default)]
    pub shared: Option<CountAt>,
    /// Defaults that differ from the pooler's own.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// What is added to lists that the object sets.
    #[serde(default)]
    pub appended: BTreeMap<String, String>,
    /// Settings whose default is not established.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// Whether a cluster has a pooler. Without any condition it has.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct When {
    /// A switch: when it is there, it decides.
    #[serde(default)]
    pub true_at: Vec<String>,
    /// Else the presence of this does.
    #[serde(default)]
    pub else_present: Vec<String>,
    /// A switch that takes it away.
    #[serde(default)]
    pub unless_true_at: Vec<String>,
}
