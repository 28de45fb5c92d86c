//! Dependency manifests: which client libraries a directory's program uses.

use crate::span::{FileId, Span};

/// The dependencies of one manifest.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// The manifest.
    pub file: FileId,
    /// Its directory, relative to the root; empty for the root.
    pub directory: String,
    /// `npm`, `pypi`, `gem`, `go`, `cargo`, `maven`, `hex`, `composer`, `nuget`.
    pub ecosystem: &'static str,
    /// What it lists, development-only dependencies left out where the format tells them apart.
    pub dependencies: Vec<Dependency>,
}

/// One dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its name in the ecosystem, in the ecosystem's canonical case; `group:artifact` for Maven.
    pub name: String,
    /// Requirement as written, when there is one.
    pub requirement: Option<String>,
    /// Major version that the requirement surely means (`^6.1` → 6, `>=5 <6` → 5, `~> 7.2` → 7); `None` when open.
    pub major: Option<u32>,
    /// Its bytes.
    pub span: Span,
}
