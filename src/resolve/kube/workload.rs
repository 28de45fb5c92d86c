//! Objects to workloads.

use super::defects::{self, Substitution};
use super::object::{Object, Objects};
use super::pod::{self, Pod};
use super::value::Val;
use super::{instances, services};
use crate::model::{Defect, Workload};
use crate::tree::Files;

/// The workloads of a deployment, in the order of their objects, and what is wrong with them.
pub(super) fn all(
    objects: &Objects,
    substitution: &Substitution,
    files: &Files,
) -> (Vec<Workload>, Vec<Defect>) {
    let (mut workloads, mut found) = (Vec::new(), Vec::new());
    for object in &objects.all {
        let Some(template) = template(objects, object) else { continue };
        let Pod { containers, environments, network } = pod::read(objects, object.space(), template);
        if containers.is_empty() {
            continue;
        }
        let (instances, class) = instances::of(objects, object, template);
        for (container, environment) in &environments {
            found.extend(defects::of_container(object, substitution, container, environment, files));
        }
        workloads.push(Workload {
            name: object.name.clone(),
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            place: Some(object.place),
            class,
            endpoints: services::endpoints(objects, object, template, instances.max.value.unwrap_or(1)),
            instances,
            containers,
            network,
            profiles: Vec::new(),
            dormant: false,
            serving: instances::serving(object, template),
            suppressions: pod::suppressions(object, template),
            operated: None,
        });
    }
    (workloads, found)
}

/// The template of an object's pods. A Rollout may refer to a Deployment's, which
/// then does not run itself.
fn template<'a>(objects: &'a Objects, object: &'a Object) -> Option<&'a Val> {
    if object.kind == "Deployment" && objects.of_kind("Rollout").any(|rollout| refers(rollout, object)) {
        return None;
    }
    if let Some(template) = pod::template(object) {
        return Some(template);
    }
    if object.kind != "Rollout" {
        return None;
    }
    let owner = objects.of_kind("Deployment").find(|deployment| refers(object, deployment))?;
    pod::template(owner)
}

fn refers(rollout: &Object, deployment: &Object) -> bool {
    let reference = rollout.root.at(&["spec", "workloadRef"]);
    let told = |field: &str| reference.and_then(|reference| reference.str_at(&[field]));
    rollout.space() == deployment.space()
        && told("name") == Some(&deployment.name)
        && told("kind").unwrap_or("Deployment") == "Deployment"
}
