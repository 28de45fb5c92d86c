//! Kustomize directories: which there are, which no other includes, and what each builds.

mod build;
mod change;
mod field;
mod generate;
mod merge;
mod patch;
mod pointer;
mod references;
mod replace;
mod select;
#[cfg(test)]
mod tests;
mod vars;

use std::collections::{BTreeMap, BTreeSet};

use super::object::Objects;
use crate::model::EnvUse;
use crate::readers::{KubeObject, is_manifest, is_remote, join};
use crate::resolve::Context;
use crate::span::FileId;
use crate::syntax::node::Node;

/// Every kustomization of a run, by its directory.
pub(super) struct Directories<'a> {
    context: Context<'a>,
    by_path: BTreeMap<String, &'a KubeObject>,
}

/// What a directory builds.
pub(super) struct Built {
    /// The directory, `.` for the root.
    pub name: String,
    pub objects: Objects,
    /// The files it is made of, its kustomization first.
    pub files: Vec<FileId>,
    /// What was not applied.
    pub partial: Vec<String>,
    /// Whether a part of it that is no remote one could not be read.
    pub lacks_part: bool,
    pub env_uses: Vec<EnvUse>,
}

impl<'a> Directories<'a> {
    pub fn of(context: &Context<'a>) -> Self {
        let mut by_path = BTreeMap::new();
        for object in context.declarations.objects.iter().filter(|object| object.is_kustomization()) {
            let path = context.files.path(object.file);
            let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
            // A kustomization under another name is a part that another tool puts in place.
            if crate::readers::KUSTOMIZATION_FILES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                by_path.entry(directory.to_owned()).or_insert(object);
            }
        }
        Self { context: *context, by_path }
    }

    /// Builds every directory that no other includes. What `flux` names is filled in afterwards.
    pub fn build(&self, flux: &[String]) -> Vec<Built> {
        let included: BTreeSet<String> = self
            .by_path
            .iter()
            .flat_map(|(directory, object)| {
                self.resources(directory, object).into_iter().filter(move |path| path != directory)
            })
            .collect();
        self.by_path
            .iter()
            .filter(|(directory, object)| !included.contains(*directory) && object.kind != "Component")
            .map(|(directory, _)| build::directory(self, directory, flux))
            .collect()
    }

    /// Files that kustomizations name: their objects are no plain manifests.
    pub fn reached(&self) -> BTreeSet<FileId> {
        let mut reached = BTreeSet::new();
        for (directory, object) in &self.by_path {
            let mut paths = self.resources(directory, object);
            for field in
                ["patches", "patchesJson6902", "patchesStrategicMerge", "replacements", "transformers"]
            {
                for entry in object.root.get(field).map(Node::items).unwrap_or_default() {
                    let path = entry.as_str().or_else(|| entry.get("path").and_then(Node::as_str));
                    paths.extend(path.and_then(|path| join(directory, path)));
                }
            }
            reached.extend(paths.iter().filter_map(|path| self.context.files.find(path)));
        }
        reached
    }

    /// Paths of the local files and directories that a kustomization takes in.
    fn resources(&self, directory: &str, object: &KubeObject) -> Vec<String> {
        ["resources", "bases", "components"]
            .iter()
            .flat_map(|field| object.root.get(field).map(Node::items).unwrap_or_default())
            .filter_map(Node::as_str)
            .filter(|path| !is_remote(path))
            .filter_map(|path| join(directory, path))
            .collect()
    }
}

/// Whether a resource names a file.
fn is_file(path: &str) -> bool {
    is_manifest(path)
}
