//! Station three: one reader per kind of file, from its spanned tree to declarations. A reader looks at one
//! file and resolves nothing.

mod compose;
mod dependencies;
mod kube;

pub use compose::ComposeFile;
pub use dependencies::{Dependencies, Dependency};
pub use kube::KubeObject;

use crate::span::{FileId, Span};
use crate::syntax::{dockerfile, ini, prisma};
use crate::tree::{Files, Kind};

/// What all files of a run declare, each list in the order of paths.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Env files. They are lexed by whoever reads them, because readers differ.
    pub env_files: Vec<FileId>,
    /// Compose files.
    pub compose: Vec<ComposeFile>,
    /// Kubernetes objects, and kustomizations (kind `Kustomization`), one for each document.
    pub objects: Vec<KubeObject>,
    /// Dockerfiles.
    pub dockerfiles: Vec<(FileId, dockerfile::Dockerfile)>,
    /// Dependency manifests.
    pub dependencies: Vec<Dependencies>,
    /// Prisma schemas.
    pub schemas: Vec<(FileId, prisma::Schema)>,
    /// PgBouncer and PostgreSQL configuration.
    pub settings: Vec<(FileId, ini::Ini)>,
    /// Comments of every file in which suppressions may stand.
    pub comments: Vec<Comment>,
    /// Files that could not be read: path's file, reason with line and column.
    pub unreadable: Vec<(FileId, crate::syntax::SyntaxError)>,
}

/// A comment of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The file.
    pub file: FileId,
    /// From the comment sign to the end of the line.
    pub span: Span,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// A file that a declaration names and that must be read too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Path relative to the root.
    pub path: String,
    /// What it is to be read as.
    pub kind: Kind,
}

/// Reads the files in `ids`. Pure: the same files give the same declarations whatever the thread count.
#[must_use]
pub fn read(_files: &Files, _ids: &[FileId]) -> Declarations {
    Declarations::default()
}

impl Declarations {
    /// Adds what a further batch of files declares.
    pub fn extend(&mut self, other: Self) {
        self.env_files.extend(other.env_files);
        self.compose.extend(other.compose);
        self.objects.extend(other.objects);
        self.dockerfiles.extend(other.dockerfiles);
        self.dependencies.extend(other.dependencies);
        self.schemas.extend(other.schemas);
        self.settings.extend(other.settings);
        self.comments.extend(other.comments);
        self.unreadable.extend(other.unreadable);
    }

    /// Files that these declarations name: `.env` beside a Compose file, `env_file`s, build contexts'
    /// Dockerfiles and dependency manifests, includes, generators' inputs, mounted configuration. Whether they
    /// exist is for the caller to find out.
    #[must_use]
    pub fn references(&self, _files: &Files) -> Vec<Reference> {
        Vec::new()
    }
}
