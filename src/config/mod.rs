//! `poollint.toml`: what the repository's owner declares. An unknown key is an error that names the nearest
//! known one.

mod read;
#[cfg(test)]
pub(crate) mod schema;
mod table;
mod types;
mod what_if;

pub use read::parse;
pub use table::{Problem, nearest};
pub use types::{
    BudgetConfig, Config, DatabaseConfig, Ignore, InstancesConfig, NodesConfig, OtherConsumer, RuleConfig,
    RuleLevel, WorkloadConfig,
};
pub use what_if::{Names, ORIGIN, ServerIf, WhatIf};

/// The file's name.
pub const FILE_NAME: &str = "poollint.toml";

/// The configuration cannot be used: exit status 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct ConfigError {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}
