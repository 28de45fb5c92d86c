//! Kubernetes manifests: objects to workloads with their environment.

use super::{Context, Draft};

/// The deployments that Kubernetes objects and kustomizations make up.
#[must_use]
pub fn deployments(_context: &Context<'_>) -> Vec<Draft> {
    Vec::new()
}
