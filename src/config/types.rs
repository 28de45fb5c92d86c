//! The configuration's values. Every number keeps its place, for it is a source like any other.

use std::collections::BTreeMap;

#[cfg(test)]
use super::schema;
use crate::model::{Environment, Located, Severity, Size};
use crate::span::Place;

/// The whole configuration; the default is that of an absent file. What the schema describes is what `poollint.toml` holds;
/// the rest comes from the command line.
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default, title = "poollint.toml"))]
#[cfg_attr(
    test,
    schemars(
        description = "What the files of a repository do not tell poollint, and what its owner decides."
    )
)]
pub struct Config {
    /// The least severity that makes the exit status 1. `Some(None)` is `never`.
    #[cfg_attr(test, schemars(with = "schema::FailOn", default = "schema::fail_on"))]
    #[cfg_attr(test, schemars(description = "The least severity that makes the exit status 1."))]
    pub fail_on: Option<Option<Severity>>,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// `--select`: only these rules.
    #[cfg_attr(test, schemars(skip))]
    pub select: Vec<String>,
    /// Opt-in rules that are on.
    #[cfg_attr(test, schemars(with = "Vec<schema::RuleName>"))]
    pub extend_select: Vec<String>,
    /// `--ignore`: rules that are off.
    #[cfg_attr(test, schemars(skip))]
    pub ignore_rules: Vec<String>,
    /// Whether charts are rendered with the `helm` on the `PATH`.
    pub helm: bool,
    /// Globs of the user's own rule pages, from the file's directory.
    pub rules_from: Vec<String>,
    /// Where that list stands, when there is one.
    #[cfg_attr(test, schemars(skip))]
    pub rules_from_place: Option<Place>,
    /// Which part of a server's connections applications should keep to.
    pub budget: BudgetConfig,
    /// Globs of deployments whose environment their names do not tell, in the order of the file.
    #[cfg_attr(test, schemars(with = "schema::Environments"))]
    pub environments: Vec<(Environment, Vec<String>)>,
    /// `--environment`: for deployments that would be unknown.
    #[cfg_attr(test, schemars(skip))]
    pub fallback_environment: Option<Environment>,
    /// Servers that the repository does not run, or more about those that it does.
    pub databases: BTreeMap<String, DatabaseConfig>,
    /// The machines that run the workloads.
    pub nodes: NodesConfig,
    /// What the files do not tell of workloads, by their names.
    pub workloads: BTreeMap<String, WorkloadConfig>,
    /// `--set`: what is supposed to be otherwise.
    #[cfg_attr(test, schemars(skip))]
    pub what_if: super::WhatIf,
    /// Severities and params of rules, by their names.
    pub rules: BTreeMap<String, RuleConfig>,
    /// Findings that are accepted.
    #[cfg_attr(test, schemars(rename = "ignore"))]
    pub ignores: Vec<Ignore>,
}

/// `[budget]`
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default))]
pub struct BudgetConfig {
    /// The part of `max_connections` above which there is a warning.
    #[cfg_attr(test, schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0)))]
    pub share: f64,
    /// The part above which a sum that fits is called tight. At most `share`.
    #[cfg_attr(test, schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0)))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default))]
pub struct DatabaseConfig {
    /// `host:port`, `host` or globs of them; a Compose service's or workload's name matches too. Without any it is about
    /// the server of the table's own name.
    #[cfg_attr(test, schemars(rename = "match", length(min = 1)))]
    pub matches: Vec<String>,
    /// How many connections it accepts.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub max_connections: Option<Located<u64>>,
    /// A provider's plan with a published limit. `max-connections` is stronger.
    #[cfg_attr(test, schemars(with = "schema::Plan"))]
    pub plan: Option<(String, Place)>,
    /// Slots that applications do not get.
    pub reserved: Option<Located<u64>>,
    /// Who connects from outside the repository.
    pub others: Vec<OtherConsumer>,
    /// Whether every deployment of an environment uses this very server.
    pub shared: bool,
    /// Where the entry stands.
    #[cfg_attr(test, schemars(skip))]
    pub place: Option<Place>,
}

/// An entry of `others`.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields))]
pub struct OtherConsumer {
    /// Its name.
    pub name: String,
    /// How many connections it opens.
    pub connections: Located<u64>,
}

/// `[nodes]`
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default))]
pub struct NodesConfig {
    /// Physical CPUs of the machines that run the workloads, for pools whose default depends on them.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub cpus: Option<Located<u64>>,
}

/// `[workloads.<name>]`
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default))]
pub struct WorkloadConfig {
    /// A glob of deployments it is meant for; without it, wherever a workload has this name.
    pub deployment: Option<String>,
    /// How many of it run.
    #[cfg_attr(test, schemars(with = "schema::Instances"))]
    pub instances: InstancesConfig,
    /// Processes of each instance that open a pool of their own.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub processes: Option<Located<u64>>,
    /// The library that connects, by its label, and where it is written when it is written in a file.
    #[cfg_attr(test, schemars(with = "schema::Client", description = "The library that connects."))]
    pub client: Option<(String, Option<Place>)>,
    /// Connections of each pool.
    #[cfg_attr(test, schemars(with = "schema::PoolSize"))]
    pub pool_size: Option<Located<Size>>,
    /// Where the entry stands.
    #[cfg_attr(test, schemars(skip))]
    pub place: Option<Place>,
}

/// `instances = { min, max, rollout }`
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields, default))]
pub struct InstancesConfig {
    /// At rest.
    pub min: Option<Located<u64>>,
    /// At full scale.
    pub max: Option<Located<u64>>,
    /// While one version replaces another.
    pub rollout: Option<Located<u64>>,
}

/// `[rules.<name>]`
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "kebab-case", default))]
pub struct RuleConfig {
    /// Replaces the severity of every case.
    #[cfg_attr(test, schemars(with = "schema::Level", rename = "severity"))]
    pub level: Option<RuleLevel>,
    /// Params of the page, hyphenated as written.
    #[cfg_attr(test, schemars(flatten))]
    pub params: BTreeMap<String, serde_json::Value>,
    /// Where each of them stands: its name and its value.
    #[cfg_attr(test, schemars(skip))]
    pub places: BTreeMap<String, (Place, Place)>,
    /// Where the table stands, for errors about it.
    #[cfg_attr(test, schemars(skip))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case", deny_unknown_fields))]
pub struct Ignore {
    /// The rule.
    #[cfg_attr(test, schemars(with = "schema::RuleName"))]
    pub rule: String,
    /// A glob of paths; without it, everywhere.
    pub path: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where the entry stands: an entry that suppresses nothing is a finding.
    #[cfg_attr(test, schemars(skip))]
    pub place: Place,
}
