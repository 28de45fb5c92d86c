//! Servers, poolers, and what is asked of them. The arithmetic itself is `resolve`'s.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{Basis, Located, Reason, Size, Workload};
use crate::span::Place;

/// One number that went into a sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// `replicas`, `surge`, `processes`, `pool-size`, `default_pool_size` … `in-use` is 0 for a URL that the running
    /// application leaves alone. An init container's connections are
    /// `surge` (without one, the instances) × (`starting` − `running`): what it takes with the sidecars started before
    /// it, beyond what the running containers of the pod take later.
    pub name: String,
    /// The number and its source.
    pub value: Located<Size>,
}

/// Connections (or instances) at rest, at full scale and during a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// What runs at rest.
    pub min: u64,
    /// What an autoscaler may reach.
    pub max: u64,
    /// What exists while one version replaces another.
    pub rollout: u64,
}

/// What is asked of a server or a pooler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demand {
    /// The sums.
    pub numbers: Numbers,
    /// Whether every factor is known; otherwise the sums are lower bounds.
    pub complete: bool,
    /// Whether a written or declared pool without limit takes part.
    pub unlimited: bool,
}

/// A database server as one deployment sees it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name: the workload's that runs it, a `[databases]` entry's, or its host.
    pub name: String,
    /// Engine, as [`crate::syntax::connection::Database::name`].
    pub engine: String,
    /// `host:port`; `None` when unknown.
    pub address: Option<String>,
    /// The workload of the same deployment that runs it.
    pub workload: Option<String>,
    /// Connection limit.
    pub max_connections: Located<u64>,
    /// Slots that ordinary roles do not get.
    pub reserved: Located<u64>,
    /// Share of `max_connections` that applications should keep to (0.8).
    pub share: f64,
    /// `max_connections − reserved`.
    pub usable: Option<u64>,
    /// `min(⌊share × max_connections⌋, usable)`.
    pub budget: Option<u64>,
    /// Who connects.
    pub consumers: Vec<Consumer>,
    /// Who may connect too, as far as the files tell: the sum is a lower bound.
    pub may_connect: Vec<Stray>,
    /// What they ask together.
    pub demand: Demand,
    /// The judgement.
    pub verdict: Verdict,
    /// Fits, but above the info share.
    pub tight: bool,
    /// Whether the verdict needs a client default that code may change.
    pub rests_on_default: bool,
    /// The smallest changes that make it fit, each sufficient alone. Empty when it fits.
    pub remedies: Vec<Remedy>,
    /// Where it is defined.
    pub place: Option<Place>,
}

/// A workload that may have a connection that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The workload.
    pub workload: String,
    /// The variable that holds the connection, or a part of it.
    pub variable: Option<String>,
    /// Why nothing is known of its variables ("secret api-keys is not in the repository").
    pub reason: Option<Reason>,
}

impl Stray {
    /// A workload of which nothing tells how it connects.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        Self { workload: workload.name.clone(), variable: None, reason: None }
    }
}

/// A change after which a server's demand fits: `min` and `max` within the budget, `rollout` within what is usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// One workload's pool (size and overflow together) per process.
    Pool {
        /// The workload, with the variable where it has several pools.
        workload: String,
        /// At most so many connections.
        at_most: u64,
    },
    /// Every workload's pool per process.
    EveryPool {
        /// At most so many connections.
        at_most: u64,
    },
    /// One workload's instances at full scale, or a pooler's.
    Instances {
        /// The workload, or the pooler.
        workload: String,
        /// At most so many.
        at_most: u64,
    },
    /// What a rollout of one workload adds, by its `maxSurge`.
    Surge {
        /// The workload.
        workload: String,
        /// So many instances.
        to: u64,
    },
    /// What one process of a pooler opens, by its `max_db_connections`.
    Pooler {
        /// The pooler.
        pooler: String,
        /// At most so many connections.
        at_most: u64,
    },
    /// The server's limit.
    Limit {
        /// At least so many connections.
        at_least: u64,
    },
}

/// Judgement over a server. Named as in the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Verdict {
    /// The limit is unknown, or the sum incomplete without proving anything.
    Unknown,
    /// `min` exceeds what is usable, or a pool without limit meets a limit.
    Overflow,
    /// Only `max` exceeds it.
    AutoscaleOverflow,
    /// Only `rollout` exceeds it.
    RolloutOverflow,
    /// Everything is usable, but `max` exceeds the budget.
    OverShare,
    /// It fits.
    Fits,
}

impl Verdict {
    /// As the JSON output spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Overflow => "overflow",
            Self::AutoscaleOverflow => "autoscale-overflow",
            Self::RolloutOverflow => "rollout-overflow",
            Self::OverShare => "over-share",
            Self::Fits => "fits",
        }
    }
}

/// Who takes connections of a server or a pooler.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Which kind, with what only that kind has.
    pub kind: ConsumerKind,
    /// Where it runs: names are unique only there.
    pub home: Home,
    /// Instances that run.
    pub instances: Numbers,
    /// Whether the instances are known.
    pub instances_known: bool,
    /// Connections, after all multiplication.
    pub connections: Numbers,
    /// Whether every factor is known.
    pub complete: bool,
    /// Every factor, also the unknown ones.
    pub factors: Vec<Factor>,
    /// Whether a factor is a client default that code may change.
    pub overridable: bool,
    /// Where its pool size would be changed, else where its connection is written.
    pub place: Option<Place>,
}

impl Consumer {
    /// The workload's, the pooler's or the declared name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.kind {
            ConsumerKind::Workload { workload, .. } => workload,
            ConsumerKind::Pooler { pooler, .. } => pooler,
            ConsumerKind::Other { name } => name,
        }
    }
}

/// Where a consumer runs. With its name it tells which workload (or pooler) it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Home {
    /// Name of the deployment; `None` outside one.
    pub deployment: Option<String>,
    /// Namespace of its workload.
    pub namespace: Option<String>,
    /// Kind of its workload; `None` where no workload runs it.
    pub kind: Option<String>,
}

impl Home {
    /// Where a workload runs, as far as it tells itself.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        Self { deployment: None, namespace: workload.namespace.clone(), kind: Some(workload.kind.clone()) }
    }
}

/// What consumers are called where several stand beside each other: by their names, and of those that share one by
/// namespace, deployment or kind besides.
#[derive(Debug, Clone, Default)]
pub struct Names<'a> {
    homes: HashMap<&'a str, BTreeSet<&'a Home>>,
}

impl<'a> Names<'a> {
    /// The names of these.
    #[must_use]
    pub fn of(consumers: impl IntoIterator<Item = &'a Consumer>) -> Self {
        let mut homes: HashMap<&str, BTreeSet<&Home>> = HashMap::new();
        for consumer in consumers {
            homes.entry(consumer.name()).or_default().insert(&consumer.home);
        }
        Self { homes }
    }

    /// What one of them is called.
    #[must_use]
    pub fn shown(&self, consumer: &Consumer) -> String {
        let (name, home) = (consumer.name(), &consumer.home);
        let others: Vec<&Home> =
            self.homes.get(name).map(|homes| homes.iter().copied().collect()).unwrap_or_default();
        let differ = |of: fn(&Home) -> &Option<String>| others.iter().any(|other| of(other) != of(home));
        let mut shown = match &home.namespace {
            Some(namespace) if differ(|home| &home.namespace) => format!("{namespace}/{name}"),
            _ => name.to_owned(),
        };
        let same_space = |other: &&&Home| other.namespace == home.namespace;
        if others.iter().filter(same_space).any(|other| other.deployment != home.deployment)
            && let Some(deployment) = &home.deployment
        {
            shown = format!("{shown} of {deployment}");
        }
        let same_place = |other: &&&Home| same_space(other) && other.deployment == home.deployment;
        match &home.kind {
            Some(kind) if others.iter().filter(same_place).any(|other| other.kind != home.kind) => {
                format!("{kind} {shown}")
            }
            _ => shown,
        }
    }
}

/// The kinds of [`Consumer`].
#[derive(Debug, Clone)]
pub enum ConsumerKind {
    /// A workload's container through one variable.
    Workload {
        /// Workload's name.
        workload: String,
        /// The container's name, where several containers of the workload connect.
        container: Option<String>,
        /// Variable that holds the URL.
        variable: String,
        /// Client's label (`prisma@6`).
        client: Option<String>,
        /// Processes per instance.
        processes: Option<u64>,
        /// Pool size.
        size: Option<Size>,
        /// Pool overflow.
        overflow: Option<Size>,
        /// What share of its instances a rollout adds, in percent; `None` where it adds none or a fixed number.
        surge_percent: Option<u64>,
    },
    /// A pooler's server side.
    Pooler {
        /// Pooler's name.
        pooler: String,
        /// Distinct (database, user) pairs.
        pairs: u64,
        /// Pool size per pair.
        size: Option<Size>,
        /// Reserve per pair.
        reserve: Option<u64>,
        /// What share of its instances a rollout adds, in percent; `None` where it adds none or a fixed number.
        surge_percent: Option<u64>,
    },
    /// Declared in `poollint.toml`.
    Other {
        /// Its name there.
        name: String,
    },
}

/// A pooler as one deployment sees it.
#[derive(Debug, Clone)]
pub struct Pooler {
    /// Its name: the workload's, or the file's.
    pub name: String,
    /// `pgbouncer`, `pgcat`, `rds-proxy` …
    pub kind: String,
    /// The workload of the same deployment that runs it.
    pub workload: Option<String>,
    /// `host:port` it is reached by.
    pub address: Option<String>,
    /// Names of the servers it leads to.
    pub upstreams: Vec<String>,
    /// Prepared statements that it keeps apart for each client; 0 where it cannot. Decides whether clients may use
    /// named ones outside `session` mode.
    pub max_prepared_statements: Located<u64>,
    /// Startup parameters that it takes from clients without a word, those it tracks included.
    pub startup_parameters: Located<Vec<String>>,
    /// When a server connection returns to the pool.
    pub mode: Located<PoolerMode>,
    /// Clients it accepts, per instance.
    pub max_client_conn: Located<u64>,
    /// How many of it run.
    pub instances: Numbers,
    /// Its clients.
    pub consumers: Vec<Consumer>,
    /// What they ask together.
    pub demand: Demand,
    /// `Overflow`, `Unknown` or `Fits`.
    pub verdict: Verdict,
    /// Where it is defined.
    pub place: Option<Place>,
}

/// When a pooler takes a server connection back. Named as PgBouncer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PoolerMode {
    /// When the client disconnects.
    Session,
    /// After each transaction.
    Transaction,
    /// After each statement.
    Statement,
}

impl PoolerMode {
    /// PgBouncer's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Transaction => "transaction",
            Self::Statement => "statement",
        }
    }
}

impl Factor {
    /// A factor that is a plain number.
    #[must_use]
    pub fn count(name: &str, value: &Located<u64>) -> Self {
        Self { name: name.to_owned(), value: value.clone().map(Size::Limit) }
    }

    /// A factor of basis `derived`, `platform-default` and the like, without a place.
    #[must_use]
    pub fn given(name: &str, value: u64, basis: Basis) -> Self {
        Self { name: name.to_owned(), value: Located::of(Size::Limit(value), basis) }
    }
}
