//! Kubernetes objects and kustomizations.

use std::sync::Arc;

use super::{Comment, Reference};
use crate::span::{FileId, Place};
use crate::syntax::SyntaxError;
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

/// The objects of a manifest.
#[must_use]
pub fn read(_file: FileId, _text: &str) -> (Vec<KubeObject>, Vec<Comment>, Result<(), SyntaxError>) {
    (Vec::new(), Vec::new(), Ok(()))
}

/// The files that a kustomization names.
#[must_use]
pub fn references(_object: &KubeObject, _path: &str) -> Vec<Reference> {
    Vec::new()
}
