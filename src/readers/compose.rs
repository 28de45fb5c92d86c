//! Compose files.

use crate::span::FileId;
use crate::syntax::node::Node;

/// A Compose file as written: not merged, not interpolated.
#[derive(Debug, Clone)]
pub struct ComposeFile {
    /// The file.
    pub file: FileId,
    /// Its documents' roots (more than one is merged by Compose), each a mapping.
    pub documents: Vec<Node>,
}
