//! Station four: from all declarations to the model. Variables and references first, then connection
//! strings, then clients and pools, then who connects to whom, then totals.

pub mod compose;
pub mod interpolate;
pub mod kube;

use crate::config::Config;
use crate::model::{Defect, Deployment, EnvUse, Model};
use crate::readers::Declarations;
use crate::span::Place;
use crate::tree::Files;

/// Everything the resolver may look at. It reads no file by itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Texts and paths.
    pub files: &'a Files,
    /// What they declare.
    pub declarations: &'a Declarations,
    /// What the owner declares.
    pub config: &'a Config,
}

/// What the first half of the resolver makes of one set of files: the deployment with its workloads,
/// instances and environments, but without connections, pools, servers and sums; `connections`,
/// `servers` and `poolers` are empty.
#[derive(Debug)]
pub struct Draft {
    /// The deployment.
    pub deployment: Deployment,
    /// What was found wrong on the way; their `deployment` is filled in later.
    pub defects: Vec<Defect>,
    /// Places that are credentials by their position (a Secret's data, a password variable).
    pub secrets: Vec<Place>,
    /// Env files that were read, and by whom.
    pub env_uses: Vec<EnvUse>,
}

/// Resolves everything.
#[must_use]
pub fn resolve(_context: &Context<'_>) -> Model {
    Model::default()
}
