//! `poollint.toml`: what the repository's owner declares. An unknown key is an error that names the nearest
//! known one.

mod types;

pub use types::{
    BudgetConfig, Config, DatabaseConfig, Ignore, InstancesConfig, NodesConfig, OtherConsumer, RuleConfig,
    RuleLevel, WorkloadConfig,
};
