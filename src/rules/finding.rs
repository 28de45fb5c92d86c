//! What a rule says about a place.

use crate::model::{Environment, Fix, Label, Severity};
use crate::span::Place;

/// A finding. All its texts are masked already: they are made from facts that hold no credential.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, one sentence without a final stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where a person would change it.
    pub place: Place,
    /// Further places.
    pub labels: Vec<Label>,
    /// Names of the deployments that share it.
    pub deployments: Vec<String>,
    /// Their environment, when they agree and it is known.
    pub environment: Option<Environment>,
    /// The workload it concerns.
    pub workload: Option<String>,
    /// The server it concerns.
    pub server: Option<String>,
    /// The remedy that can be applied.
    pub fix: Option<Fix>,
    /// A number that is greater the worse it is, where the rule has one: connections too many, seconds too long.
    pub measure: Option<f64>,
    /// Hex over the rule and the name of what it speaks about; neither path nor place takes part.
    pub identity: String,
    /// Hex over masked facts; stable when unrelated lines move.
    pub fingerprint: String,
}
