//! The configuration's values. Every number keeps its place, for it is a source like any other.

use std::collections::BTreeMap;

use crate::model::{Environment, Located, Severity, Size};
use crate::span::Place;

/// The whole configuration; the default is that of an absent file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `fail-on`; `Some(None)` is `never`.
    pub fail_on: Option<Option<Severity>>,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// `--select`: only these rules.
    pub select: Vec<String>,
    /// Opt-in rules that are on.
    pub extend_select: Vec<String>,
    /// `--ignore`: rules that are off.
    pub ignore_rules: Vec<String>,
    /// Whether charts are rendered with the `helm` on the path.
    pub helm: bool,
    /// Globs of the user's own rule pages.
    pub rules_from: Vec<String>,
    /// Where that list stands, when there is one.
    pub rules_from_place: Option<Place>,
    /// `[budget]`
    pub budget: BudgetConfig,
    /// `[environments]`: globs that settle a deployment's environment, in the order of the file.
    pub environments: Vec<(Environment, Vec<String>)>,
    /// `--environment`: for deployments that would be unknown.
    pub fallback_environment: Option<Environment>,
    /// `[databases.<name>]`
    pub databases: BTreeMap<String, DatabaseConfig>,
    /// `[nodes]`
    pub nodes: NodesConfig,
    /// `[workloads.<name>]`
    pub workloads: BTreeMap<String, WorkloadConfig>,
    /// `--set`: what is supposed to be otherwise.
    pub what_if: super::WhatIf,
    /// `[rules.<name>]`
    pub rules: BTreeMap<String, RuleConfig>,
    /// `[[ignore]]`
    pub ignores: Vec<Ignore>,
}

/// `[budget]`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetConfig {
    /// Share of `max_connections` above which there is a warning.
    pub share: f64,
    /// Share above which there is a hint.
    pub info_share: f64,
}

impl Default for BudgetConfig {
    /// The pooling guide's 70–80 %.
    fn default() -> Self {
        Self { share: 0.8, info_share: 0.7 }
    }
}

/// `[databases.<name>]`: a server that the repository does not hold, or more about one that it does.
#[derive(Debug, Clone, Default)]
pub struct DatabaseConfig {
    /// `host:port`, `host` or globs of them; a Compose service's or workload's name matches too.
    pub matches: Vec<String>,
    /// Connection limit.
    pub max_connections: Option<Located<u64>>,
    /// A plan of the catalogue.
    pub plan: Option<(String, Place)>,
    /// Slots that applications do not get.
    pub reserved: Option<Located<u64>>,
    /// Consumers outside the repository.
    pub others: Vec<OtherConsumer>,
    /// Whether every deployment of an environment uses this very server.
    pub shared: bool,
    /// Where the entry stands.
    pub place: Option<Place>,
}

/// An entry of `others`.
#[derive(Debug, Clone)]
pub struct OtherConsumer {
    /// Its name.
    pub name: String,
    /// What it opens.
    pub connections: Located<u64>,
}

/// `[nodes]`
#[derive(Debug, Clone, Default)]
pub struct NodesConfig {
    /// Physical CPUs of the machines that run the workloads.
    pub cpus: Option<Located<u64>>,
}

/// `[workloads.<name>]`
#[derive(Debug, Clone, Default)]
pub struct WorkloadConfig {
    /// A glob of deployment names it is meant for.
    pub deployment: Option<String>,
    /// Instances.
    pub instances: InstancesConfig,
    /// Processes per instance.
    pub processes: Option<Located<u64>>,
    /// Client by label, and where it is written when it is written in a file.
    pub client: Option<(String, Option<Place>)>,
    /// Pool size.
    pub pool_size: Option<Located<Size>>,
    /// Where the entry stands.
    pub place: Option<Place>,
}

/// `instances = { min, max, rollout }`
#[derive(Debug, Clone, Default)]
pub struct InstancesConfig {
    /// At rest.
    pub min: Option<Located<u64>>,
    /// At full scale.
    pub max: Option<Located<u64>>,
    /// During a rollout.
    pub rollout: Option<Located<u64>>,
}

/// `[rules.<name>]`
#[derive(Debug, Clone, Default)]
pub struct RuleConfig {
    /// Replaces the severity of every case.
    pub level: Option<RuleLevel>,
    /// Params of the page, hyphenated as written.
    pub params: BTreeMap<String, serde_json::Value>,
    /// Where each of them stands: its name and its value.
    pub places: BTreeMap<String, (Place, Place)>,
    /// Where the table stands, for errors about it.
    pub place: Option<Place>,
}

/// `severity = …`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    /// On, with this severity.
    Severity(Severity),
    /// Off.
    Off,
}

/// `[[ignore]]`
#[derive(Debug, Clone)]
pub struct Ignore {
    /// The rule.
    pub rule: String,
    /// A glob of paths; without it, everywhere.
    pub path: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where the entry stands: an entry that suppresses nothing is a finding.
    pub place: Place,
}
