//! Compose projects: files to workloads with their environment.

use super::{Context, Draft};

/// The deployments that the Compose files make up.
#[must_use]
pub fn deployments(_context: &Context<'_>) -> Vec<Draft> {
    Vec::new()
}
