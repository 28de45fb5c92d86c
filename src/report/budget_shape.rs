//! What `poollint/budget/1` looks like. Absent facts are absent keys.

use serde::Serialize;

use crate::model::{Basis, DeploymentKind, Environment, PoolerMode, Size, Verdict};

/// What `poollint budget --format json` prints: who may open how many connections to what, against which limit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "poollint/budget/1"))]
pub(crate) struct Output<'a> {
    /// The name of this shape.
    #[cfg_attr(test, schemars(extend("const" = "poollint/budget/1")))]
    pub schema: &'static str,
    /// The version of poollint that wrote it.
    pub version: &'static str,
    /// Every deployment that has a server or a pooler.
    pub deployments: Vec<Deployment<'a>>,
    /// Servers that several deployments of one environment use, with the sum of all.
    pub shared_servers: Vec<SharedServer<'a>>,
    /// What `--set` supposes, in its own words.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub what_if: &'a [String],
    /// The revision that is compared with, as `--base` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<&'a str>,
    /// Deployments that had a server and are no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<DeploymentGone<'a>>,
}

/// Files that run together.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Deployment<'a> {
    /// The path of its main file or of its directory, with `#environment` where one directory holds several.
    pub name: &'a str,
    /// What it is made of.
    pub kind: DeploymentKind,
    /// What it is for.
    pub environment: Environment,
    /// The files that it is made of.
    pub files: Vec<&'a str>,
    /// Its database servers.
    pub servers: Vec<Server<'a>>,
    /// Its poolers.
    pub poolers: Vec<Pooler<'a>>,
    /// Servers that it had at the revision and has no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<ServerGone<'a>>,
    /// Why a part of it is not known.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub partial: &'a [String],
}

/// A database server as a deployment sees it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Server<'a> {
    /// The name of the workload that runs it, of a `[databases]` entry, or its host.
    pub name: &'a str,
    /// The database engine.
    pub engine: &'a str,
    /// `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'a str>,
    /// How many connections it accepts.
    pub max_connections: Sourced<'a, u64>,
    /// Slots that ordinary roles do not get.
    pub reserved: Sourced<'a, u64>,
    /// `max_connections` − `reserved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usable: Option<u64>,
    /// The share of `max_connections` that applications should keep to.
    pub share: f64,
    /// That share in connections, at most `usable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    /// What its consumers ask together.
    pub demand: Demand,
    /// The judgement.
    pub verdict: Verdict,
    /// It fits, but above the share at which there is a hint.
    pub tight: bool,
    /// Who connects.
    pub consumers: Vec<Consumer<'a>>,
    /// Who may connect too, as far as the files tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub may_connect: Vec<Stray<'a>>,
    /// The same server at the revision that is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What was added to the demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Consumers that it had and has no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<ConsumerGone<'a>>,
}

/// A server that several deployments of one environment use.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SharedServer<'a> {
    #[serde(flatten)]
    pub server: Server<'a>,
    /// The names of the deployments.
    pub deployments: &'a [String],
    /// Their environment.
    pub environment: Environment,
}

/// A pooler as a deployment sees it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Pooler<'a> {
    /// The name of the workload that runs it, or of its file.
    pub name: &'a str,
    /// The program or service: `pgbouncer`, `pgcat`, `rds-proxy` and so on.
    pub kind: &'a str,
    /// `host:port` that it is reached by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'a str>,
    /// When it takes a server connection back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<PoolerMode>,
    /// How many clients each instance accepts.
    pub max_client_conn: Sourced<'a, u64>,
    /// What its clients ask together.
    pub demand: Demand,
    /// `overflow`, `unknown` or `fits`.
    pub verdict: Verdict,
    /// Its clients.
    pub consumers: Vec<Consumer<'a>>,
    /// The same pooler at the revision that is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What was added to the demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Clients that it had and has no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<ConsumerGone<'a>>,
}

/// Who takes connections: a workload, a pooler, or somebody whom `poollint.toml` names.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Consumer<'a> {
    Workload(WorkloadConsumer<'a>),
    Pooler(PoolerConsumer<'a>),
    Other(OtherConsumer<'a>),
}

/// A workload's container through one variable.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WorkloadConsumer<'a> {
    /// The workload.
    pub workload: &'a str,
    /// The variable that holds the connection string.
    pub variable: &'a str,
    /// The container, where several of the workload connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<&'a str>,
    /// The library that connects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<&'a str>,
    /// How many run.
    pub instances: Numbers,
    /// Processes of each instance that open a pool of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u64>,
    /// The pool of each process.
    pub pool: Pool,
    #[serde(flatten)]
    pub sums: Sums<'a>,
}

/// A pooler's connections to a server.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PoolerConsumer<'a> {
    /// The pooler.
    pub pooler: &'a str,
    /// How many of it run.
    pub instances: Numbers,
    /// Distinct pairs of database and user, each with a pool.
    pub pairs: u64,
    /// The pool of each pair.
    pub pool: PairPool,
    #[serde(flatten)]
    pub sums: Sums<'a>,
}

/// Somebody whom `poollint.toml` names.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OtherConsumer<'a> {
    /// Its name there.
    pub other: &'a str,
    #[serde(flatten)]
    pub sums: Sums<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Sums<'a> {
    /// Connections, after all multiplication.
    pub connections: Numbers,
    /// Every number that went into them, also the unknown ones.
    pub factors: Vec<Factor<'a>>,
    /// The same at the revision that is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<ConnectionsBefore>,
    /// What was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// What a consumer opened before.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ConnectionsBefore {
    /// Connections, after all multiplication.
    pub connections: Numbers,
}

/// A pool of a client library.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Pool {
    /// Connections that it keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Count>,
    /// Connections that it opens beyond them for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow: Option<Count>,
}

/// A pool of a pooler.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PairPool {
    /// Connections that it keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Count>,
    /// Connections that it opens beyond them when clients wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<u64>,
}

/// A number, or `unlimited` where a size without limit is written or declared.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Count {
    Limit(u64),
    Word(Unlimited),
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Unlimited {
    /// Nothing bounds it.
    Unlimited,
}

impl From<Size> for Count {
    fn from(size: Size) -> Self {
        match size {
            Size::Limit(limit) => Self::Limit(limit),
            Size::Unlimited => Self::Word(Unlimited::Unlimited),
        }
    }
}

/// One number that went into a sum.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Factor<'a> {
    /// `replicas`, `surge`, `processes`, `pool-size`, a setting of a pooler and so on.
    pub name: &'a str,
    #[serde(flatten)]
    pub value: Sourced<'a, Count>,
}

/// A number and where it comes from.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Sourced<'a, T> {
    /// The number; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<T>,
    /// What it rests on.
    pub basis: Basis,
    /// The file that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<&'a str>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Whether code, which is not read, may set it otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub overridable: bool,
    /// What it is, where the number alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
}

/// Connections or instances in the three moments of a deployment.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Numbers {
    /// At rest.
    pub min: u64,
    /// At full scale.
    pub max: u64,
    /// While one version replaces another.
    pub rollout: u64,
}

/// What is asked of a server or a pooler.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Demand {
    #[serde(flatten)]
    pub numbers: Numbers,
    /// Whether every factor is known. Otherwise the numbers are lower bounds.
    pub complete: bool,
}

/// What was added to each number; negative where there is less.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Change {
    /// At rest.
    pub min: i64,
    /// At full scale.
    pub max: i64,
    /// While one version replaces another.
    pub rollout: i64,
}

/// A server or a pooler at the revision that is compared with.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Before {
    /// Connections for applications, of a server whose limit was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usable: Option<u64>,
    /// What was asked of it.
    pub demand: Demand,
    /// The judgement.
    pub verdict: Verdict,
}

/// A workload that may connect too.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Stray<'a> {
    /// The workload.
    pub workload: &'a str,
    /// The variable that holds the connection, or a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<&'a str>,
    /// Why nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

/// A deployment that is no more.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DeploymentGone<'a> {
    /// Its name.
    pub name: &'a str,
    /// The servers that it had.
    pub servers: Vec<ServerGone<'a>>,
}

/// A server that a deployment has no more.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ServerGone<'a> {
    /// Its name.
    pub name: &'a str,
    /// `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'a str>,
    /// What was asked of it.
    pub demand: Demand,
    /// The judgement.
    pub verdict: Verdict,
}

/// A consumer that is no more.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum ConsumerGone<'a> {
    Workload {
        /// The workload.
        workload: &'a str,
        /// The variable that held the connection string.
        variable: &'a str,
        /// What it opened.
        connections: Numbers,
    },
    Pooler {
        /// The pooler.
        pooler: &'a str,
        /// What it opened.
        connections: Numbers,
    },
    Other {
        /// Its name in `poollint.toml`.
        other: &'a str,
        /// What it opened.
        connections: Numbers,
    },
}
