//! Kubernetes manifests: objects to workloads with their environment.

mod data;
mod defects;
mod environment;
mod expansion;
mod group;
mod instances;
mod kustomize;
mod mounted;
mod object;
mod operators;
mod pod;
mod services;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tests;
mod value;
mod workload;

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use self::object::{Object, Objects};
use super::{Context, Draft};
use crate::model::{Deployment, DeploymentKind, EnvUse, Hosts, Located, Scope};
use crate::readers::KubeObject;
use crate::span::FileId;
use crate::tree::{Files, normalize};

/// The deployments that Kubernetes objects and kustomizations make up.
#[must_use]
pub fn deployments(context: &Context<'_>) -> Vec<Draft> {
    let all = &context.declarations.objects;
    if all.is_empty() {
        return Vec::new();
    }
    let flux = filled_in_by_flux(all);
    let kustomizations = kustomize::Directories::of(context);
    let mut drafts = Vec::new();
    for built in kustomizations.build(&flux) {
        let deployment = empty(built.name, DeploymentKind::Kustomize, built.files, built.partial);
        let made = draft(context, deployment, &built.objects, built.env_uses);
        // One that lacks a part is told of even when nothing else of it concerns a database.
        drafts
            .extend(Some(made).filter(|made| built.lacks_part || concerns(&made.deployment, &built.objects)));
    }
    let reached = kustomizations.reached();
    let plain: Vec<&KubeObject> =
        all.iter().filter(|object| !object.is_kustomization() && !reached.contains(&object.file)).collect();
    let (streams, plain): (Vec<&KubeObject>, Vec<&KubeObject>) = plain.into_iter().partition(|object| {
        context.files.is_stream(object.file) || context.files.rendered_from(object.file).is_some()
    });
    let streamed: BTreeSet<FileId> = streams.iter().map(|object| object.file).collect();
    for file in streamed {
        let own: Vec<&KubeObject> = streams.iter().copied().filter(|object| object.file == file).collect();
        let (name, kind) = match context.files.rendered_from(file) {
            Some(chart) => (chart, DeploymentKind::Chart),
            None => (context.files.path(file), DeploymentKind::Stream),
        };
        let deployment = empty(name.to_owned(), kind, vec![file], Vec::new());
        let objects = objects(&own, &flux, context.files);
        let made = draft(context, deployment, &objects, Vec::new());
        drafts.extend(Some(made).filter(|made| concerns(&made.deployment, &objects)));
    }
    let mut by_file: HashMap<FileId, Vec<&KubeObject>> = HashMap::new();
    for object in &plain {
        by_file.entry(object.file).or_default().push(object);
    }
    for group in group::plain(context.files, &plain) {
        // In the order of the group, so that what an environment defines stands before what it shares.
        let own: Vec<&KubeObject> =
            group.files.iter().filter_map(|file| by_file.get(file)).flatten().copied().collect();
        let deployment = empty(group.name, DeploymentKind::Manifests, group.files, Vec::new());
        let objects = objects(&own, &flux, context.files);
        let made = draft(context, deployment, &objects, Vec::new());
        drafts.extend(Some(made).filter(|made| concerns(&made.deployment, &objects)));
    }
    drafts
}

fn objects(own: &[&KubeObject], flux: &[String], files: &Files) -> Objects {
    let objects = own.par_iter().map(|object| {
        let path = files.path(object.file);
        let mut object = Object::of(object);
        object.substituted = flux.iter().any(|folder| is_below(path, folder));
        object
    });
    Objects::applied(objects.collect())
}

/// Folders whose manifests Flux fills in before it applies them
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>).
fn filled_in_by_flux(all: &[KubeObject]) -> Vec<String> {
    let flux = all.iter().filter(|object| {
        object.kind == "Kustomization"
            && !object.is_kustomization()
            && object.root.at(&["spec", "postBuild"]).is_some()
    });
    flux.filter_map(|object| object.root.at(&["spec", "path"])?.as_str())
        .filter_map(|path| normalize(path.trim_start_matches('/')))
        .collect()
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn empty(name: String, kind: DeploymentKind, files: Vec<FileId>, partial: Vec<String>) -> Deployment {
    Deployment {
        name,
        kind,
        environment: Located::unknown(),
        scope: Scope::Full,
        files,
        partial,
        workloads: Vec::new(),
        aliases: Vec::new(),
        hosts: Hosts::default(),
        servers: Vec::new(),
        poolers: Vec::new(),
    }
}

/// Whether the objects of a deployment run or hold settings.
fn concerns(deployment: &Deployment, objects: &Objects) -> bool {
    let settings = || objects.all.iter().any(|object| matches!(object.kind.as_str(), "ConfigMap" | "Secret"));
    !deployment.workloads.is_empty() || settings()
}

/// The draft of a deployment.
fn draft(
    context: &Context<'_>,
    mut deployment: Deployment,
    objects: &Objects,
    env_uses: Vec<EnvUse>,
) -> Draft {
    let substitution = defects::Substitution::of(objects, context.files);
    let (mut workloads, mut defects) = workload::all(objects, &substitution, context.files);
    workloads.extend(operators::workloads(objects));
    deployment.workloads = workloads;
    deployment.aliases = services::aliases(objects);
    defects.extend(defects::of_stores(objects, &substitution, context.files));
    Draft { deployment, defects, secrets: data::secret_places(objects), env_uses }
}
