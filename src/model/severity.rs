//! How bad a finding is and how freely its fix may be applied. Rule pages speak these words too.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Severity {
    /// Advice.
    Info,
    /// A threshold, or strong evidence.
    Warning,
    /// Will fail, or is certainly wrong from the files alone.
    Error,
}

impl Severity {
    /// As output spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a fix keeps every reader's value as intended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Safety {
    /// Applied by `--fix`.
    Safe,
    /// Changes behaviour: applied by `--unsafe-fixes` only.
    Unsafe,
}
