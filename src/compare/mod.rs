//! Between rules and report: what changed since a revision, or against what a baseline file accepts.
//!
//! Findings are recognised by what they say about what: the rule, the variable, server or pooler, the workload and the
//! deployment. A line plays no part, for the line that breaks a budget is often not the one that changed.

mod baseline;
mod matching;

pub use baseline::{Baseline, BaselineError};
pub use matching::{Before, Now, compare};

use serde::Serialize;

use crate::model::Severity;

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Status {
    /// It was not there before.
    New,
    /// It was there, less severe or with a smaller number.
    Worsened,
    /// It was there, more severe or with a greater number.
    Improved,
    /// It was there like this.
    Known,
}

impl Status {
    /// As the JSON output spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worsened => "worsened",
            Self::Improved => "improved",
            Self::Known => "known",
        }
    }

    /// Whether `--gate new` lets it fail.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::New | Self::Worsened)
    }
}

/// What a finding is compared by; made from a finding, or read from a baseline file.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The rule.
    pub rule: String,
    /// Hex over the rule and the name of what it speaks about.
    pub identity: String,
    /// The file.
    pub path: String,
    /// How severe it was.
    pub severity: Severity,
    /// The workload; `None` also where several share the finding.
    pub workload: Option<String>,
    /// The server; `None` also where several share the finding.
    pub server: Option<String>,
    /// The deployments that share it.
    pub deployments: Vec<String>,
    /// A number that is greater the worse it is.
    pub measure: Option<f64>,
    /// What it said; a baseline file does not keep it.
    pub message: Option<String>,
}

/// The gate: what counts for the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Gate {
    /// Every finding
    All,
    /// New and worsened ones
    New,
}

/// A comparison, ready for output.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What is compared with: a revision, or a baseline file.
    pub against: Against,
    /// What counts.
    pub gate: Gate,
    /// One for each finding, in their order.
    pub statuses: Vec<Status>,
    /// What is not found any more.
    pub fixed: Vec<Mark>,
}

/// What findings are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// A git revision, as it is shown.
    Revision(String),
    /// A baseline file.
    Baseline(String),
}

impl Against {
    /// As output names it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Revision(name) | Self::Baseline(name) => name,
        }
    }
}

/// How many findings became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not there before.
    pub new: usize,
    /// Worse than before.
    pub worsened: usize,
    /// As before.
    pub known: usize,
    /// Better than before.
    pub improved: usize,
    /// Gone.
    pub fixed: usize,
}

impl Comparison {
    /// The status of a finding by its index.
    #[must_use]
    pub fn status(&self, index: usize) -> Status {
        self.statuses.get(index).copied().unwrap_or(Status::New)
    }

    /// Whether a finding of this index counts for the exit status.
    #[must_use]
    pub fn counts(&self, index: usize) -> bool {
        self.gate == Gate::All || self.status(index).counts()
    }

    /// How many became what.
    #[must_use]
    pub fn totals(&self) -> Counts {
        let count = |status| self.statuses.iter().filter(|one| **one == status).count();
        Counts {
            new: count(Status::New),
            worsened: count(Status::Worsened),
            known: count(Status::Known),
            improved: count(Status::Improved),
            fixed: self.fixed.len(),
        }
    }
}
