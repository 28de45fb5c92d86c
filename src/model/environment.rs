//! Which environment a deployment is for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The environment of a deployment; `Unknown` is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Environment {
    /// A developer's machine.
    Development,
    /// Automated tests, CI.
    Test,
    /// Staging, QA, pre-production.
    Staging,
    /// Preview and branch deployments.
    Preview,
    /// Production.
    Production,
    /// Templates and samples that nobody runs as they are.
    Example,
    /// Nothing tells.
    #[default]
    Unknown,
}

impl Environment {
    /// Every environment but `Unknown`.
    pub const KNOWN: [Self; 6] =
        [Self::Development, Self::Test, Self::Staging, Self::Preview, Self::Production, Self::Example];

    /// As configuration and output spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Staging => "staging",
            Self::Preview => "preview",
            Self::Production => "production",
            Self::Example => "example",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Environment {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::KNOWN
            .into_iter()
            .find(|environment| environment.name() == name)
            .ok_or_else(|| "one of development, test, staging, preview, production, example".to_owned())
    }
}
