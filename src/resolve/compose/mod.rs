//! Compose projects: files to workloads with their environment.

mod command;
mod defects;
mod environment;
mod image;
mod instances;
mod interpolation;
mod listed;
mod load;
mod merge;
mod mounts;
mod network;
mod project_env;
mod projects;
mod readiness;
mod service;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use self::interpolation::{is_conventional, is_glued};
pub use self::listed::wanted;
use self::load::{Loaded, Loader};
pub(super) use self::project_env::is_ambient;
use self::projects::Project;
use super::{Context, Draft};
use crate::model::{Deployment, DeploymentKind, EnvReader, EnvUse, Hosts, Located, Scope};

/// The deployments that the Compose files make up.
#[must_use]
pub fn deployments(context: &Context<'_>) -> Vec<Draft> {
    let projects = projects::of(context);
    projects.iter().map(|project| draft(context, project)).collect()
}

/// One project, loaded and turned into workloads.
fn draft(context: &Context<'_>, project: &Project) -> Draft {
    let Loaded { root, mut files, mut partial, mut required, env, mut env_uses } =
        Loader::load(context, project);
    partial.extend(project.partial.iter().cloned());
    env_uses.extend(env.files().iter().map(|file| {
        EnvUse::new(*file, EnvReader::ComposeProject, None).beside(env.names_beside(context.files, *file))
    }));
    files.splice(project.files.len().min(files.len()).., {
        let rest: Vec<_> = files.get(project.files.len()..).unwrap_or_default().to_vec();
        env.files().iter().copied().chain(rest).collect::<Vec<_>>()
    });
    let read = service::all(context, &root, &env);
    files.extend(read.env_uses.iter().map(|env_use| env_use.file));
    env_uses.extend(read.env_uses);
    partial.extend(read.partial);
    required.extend(read.required);
    partial.extend(project_env::required(&required));
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(*file));
    let mut told = std::collections::BTreeSet::new();
    partial.retain(|note| told.insert(note.clone()));
    Draft {
        deployment: Deployment {
            name: project.name.clone(),
            kind: DeploymentKind::Compose,
            environment: Located::unknown(),
            scope: Scope::Full,
            files,
            partial,
            workloads: read.workloads,
            aliases: Vec::new(),
            hosts: Hosts::default(),
            servers: Vec::new(),
            poolers: Vec::new(),
        },
        defects: read.defects,
        secrets: Vec::new(),
        env_uses,
    }
}
