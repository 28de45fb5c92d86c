//! Kubernetes objects and kustomizations.

use std::sync::Arc;

use crate::span::{FileId, Place};
use crate::syntax::node::Node;

/// One object of a manifest, `List` items taken apart.
#[derive(Debug, Clone)]
pub struct KubeObject {
    /// The file.
    pub file: FileId,
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// `metadata.name`; empty when it has none (`generateName`).
    pub name: String,
    /// Where the name is written, else the object.
    pub place: Place,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// The whole object.
    pub root: Arc<Node>,
}
