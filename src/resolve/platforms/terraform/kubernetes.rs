//! Deployments of Kubernetes.

use super::super::numbers::{between, platform_default, unknown_instances};
use super::super::service::{Part, Service};
use super::module::{Module, Resource};
use crate::model::{Basis, Instances, Located};

/// Pods that a rollout adds unless the strategy says so, in percent, rounded up
/// (<https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>).
const SURGE: u64 = 25;

pub(super) fn deployment(module: &Module<'_>, resource: &Resource<'_>) -> Service {
    let mut service = Service::new("Deployment", resource.name, Some(resource.place));
    service.instances = instances(module, resource);
    let pod = resource.body.get(&["spec", "template", "spec"]);
    let containers = pod.into_iter().flat_map(|pod| pod.all("container"));
    service.parts = containers
        .map(|container| Part {
            name: container
                .get(&["name"])
                .and_then(|name| module.text(name).known().map(str::to_owned))
                .unwrap_or_default(),
            image: container.get(&["image"]).map(|image| module.text(image)),
            variables: module.listed(container.all("env")),
            words: ["command", "args"]
                .iter()
                .flat_map(|key| container.all(key).map(|word| module.text(word)).collect::<Vec<_>>())
                .collect(),
            open: container.get(&["env_from"]).map(|_| "variables of a config map or a secret"),
            ..Part::default()
        })
        .collect();
    service
}

fn instances(module: &Module<'_>, resource: &Resource<'_>) -> Instances {
    let scaled =
        module.resources().any(|other| other.kind.starts_with("kubernetes_horizontal_pod_autoscaler"));
    if resource.is_repeated() || scaled {
        return unknown_instances();
    }
    let spec = |path: &[&str]| resource.body.get(&["spec"])?.get(path);
    let replicas = module.count(spec(&["replicas"]), platform_default(1));
    let recreate = spec(&["strategy", "type"]).and_then(|at| at.node.as_str()) == Some("Recreate");
    let surge = match spec(&["strategy", "rolling_update", "max_surge"]) {
        _ if recreate => None,
        Some(at) => {
            let text = module.text(at);
            let known = text.known().unwrap_or_default().trim();
            let more = match known.strip_suffix('%') {
                Some(percent) => Option::zip(replicas.value, percent.parse().ok()).map(portion),
                None => known.parse().ok(),
            };
            Some(more.map_or_else(Located::unknown, |more| Located::written(more, at.place())))
        }
        None => Some(replicas.value.map_or_else(Located::unknown, |count| {
            Located::of(portion((count, SURGE)), Basis::PlatformDefault)
        })),
    };
    between(("replicas", replicas.clone()), ("replicas", replicas), surge)
}

/// So many percent, rounded up.
fn portion((of, percent): (u64, u64)) -> u64 {
    of.saturating_mul(percent).div_ceil(100)
}
