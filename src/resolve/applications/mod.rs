//! What applications read from configuration files of their frameworks. A workload whose program has such files
//! receives what they set as if by variables, under the properties' own names, behind the variables that the framework
//! prefers. A file that no workload reads is a deployment of its own, like a lone env file.

mod dotnet;
mod flatten;
mod placeholder;
mod projects;
mod quarkus;
mod rails;
mod scope;
pub mod sources;
mod spring;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use projects::{Project, Reader};

use super::{Context, Draft};
use crate::catalog::catalog;
use crate::model::{DeploymentKind, Variable};
use crate::span::{FileId, Place};
use crate::syntax::connection;
use crate::syntax::node::{Node, Value as NodeValue};
use crate::tree::Framework;

/// What a program takes from its files.
#[derive(Debug, Default)]
struct Settings {
    /// By the names of properties.
    variables: Vec<Variable>,
    /// What of the files has a say.
    read: BTreeSet<Part>,
}

/// A file, or what of it holds under one profile only.
pub type Part = (FileId, Option<String>);

/// Gives workloads what their programs' files set; returns what of the files they read.
#[must_use]
pub fn apply(context: &Context<'_>, drafts: &mut [Draft]) -> BTreeSet<Part> {
    let projects = projects::all(context);
    let mut read = BTreeSet::new();
    if projects.is_empty() {
        return read;
    }
    for draft in drafts {
        let mut files = BTreeSet::new();
        for workload in &mut draft.deployment.workloads {
            let found: Vec<Option<Settings>> = workload
                .containers
                .iter()
                .map(|container| {
                    let project = projects::of(context, &projects, workload, container)?;
                    settings(context, project, &Reader::of(context, project, container))
                })
                .collect();
            for (container, settings) in workload.containers.iter_mut().zip(found) {
                let Some(settings) = settings else { continue };
                files.extend(settings.read.iter().map(|(file, _)| *file));
                read.extend(settings.read);
                for variable in settings.variables {
                    container.environment.entry(variable.name.clone()).or_insert(variable);
                }
            }
        }
        let new = files.iter().filter(|file| !draft.deployment.files.contains(file));
        let new: Vec<FileId> = new.copied().collect();
        draft.deployment.files.extend(new);
    }
    read
}

fn settings(context: &Context<'_>, project: &Project<'_>, reader: &Reader<'_>) -> Option<Settings> {
    match project.framework {
        Framework::Spring => spring::settings(project, reader),
        Framework::Quarkus => quarkus::settings(project, reader),
        Framework::Rails => rails::settings(project, reader),
        Framework::DotNet => dotnet::settings(context, project, reader),
    }
}

/// One deployment for each file that no workload reads, and for each profile in a file.
#[must_use]
pub fn lone(context: &Context<'_>, read: &BTreeSet<Part>) -> Vec<Draft> {
    let drafts = context.declarations.applications.iter().flat_map(|application| {
        let path = context.files.path(application.file);
        let parts = match application.framework {
            Framework::Spring => spring::lone(context, application),
            Framework::Quarkus => quarkus::lone(application),
            Framework::Rails => rails::lone(application),
            Framework::DotNet => dotnet::lone(application),
        };
        let alone =
            parts.into_iter().filter(|(profile, _)| !read.contains(&(application.file, profile.clone())));
        alone.map(move |(profile, variables)| {
            let name = profile.map_or_else(|| path.to_owned(), |profile| format!("{path}#{profile}"));
            let variables: BTreeMap<String, Variable> =
                variables.into_iter().map(|variable| (variable.name.clone(), variable)).collect();
            super::lone::imaginary(
                name,
                (DeploymentKind::Application, "Application"),
                application.file,
                variables,
            )
        })
    });
    drafts.collect()
}

/// Every place of these files that is or may be a credential, whoever reads it.
#[must_use]
pub fn secrets(context: &Context<'_>) -> Vec<Place> {
    let mut found = Vec::new();
    for application in &context.declarations.applications {
        for document in &application.documents {
            collect_secrets(application.file, "", document, &mut found);
        }
    }
    found
}

fn collect_secrets(file: FileId, key: &str, node: &Node, found: &mut Vec<Place>) {
    match &node.value {
        NodeValue::Mapping(mapping) => {
            for entry in &mapping.entries {
                collect_secrets(file, entry.key.as_str(), &entry.value, found);
            }
        }
        NodeValue::Sequence(items) => items.iter().for_each(|item| collect_secrets(file, key, item, found)),
        NodeValue::Scalar(scalar) => {
            let text = scalar.text.as_str();
            let mut push =
                |range| found.extend(scalar.text.span_of(range).map(|span| Place::new(file, span)));
            if text.is_empty() {
                return;
            }
            if catalog().is_secret_name(key) {
                push(0..text.len());
            } else if let Some(parsed) = connection::parse(text) {
                parsed.secrets.iter().for_each(|secret| push(secret.range()));
                crate::mask::params(&parsed).iter().for_each(|secret| push(secret.range()));
            }
        }
    }
}

/// Why a value is not known, where a build or a platform supplies it.
fn elsewhere(name: &str) -> Arc<str> {
    format!("{name} is not set in the repository").into()
}
