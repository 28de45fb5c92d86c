//! Under which names workloads are reached: Services that select their pods, and pods of a StatefulSet.

use super::object::{DEFAULT_NAMESPACE, Object, Objects};
use super::value::Val;
use crate::model::Endpoint;

/// How many pods of a StatefulSet get names of their own here; more than any database has.
const MAX_PODS: u64 = 32;

/// The names under which the pods of `template` are reached. `pods` is how many a StatefulSet has.
pub(super) fn endpoints(objects: &Objects, object: &Object, template: &Val, pods: u64) -> Vec<Endpoint> {
    let mut found = Vec::new();
    if object.is_knative() {
        names(&object.name, object.space(), &[], &mut found);
        return found;
    }
    let labels = template.at(&["metadata", "labels"]);
    let candidates = objects.services(object.space(), labels.map(Val::pairs).unwrap_or_default());
    for service in candidates.into_iter().filter(|service| !service.is_knative()) {
        let selector = service.root.at(&["spec", "selector"]).map(Val::pairs).unwrap_or_default();
        let external = service.root.str_at(&["spec", "type"]) == Some("ExternalName");
        let selects = !selector.is_empty()
            && !external
            && selector.iter().all(|pair| {
                let label = labels.and_then(|labels| labels.str_at(&[&pair.key]));
                label.is_some() && label == pair.value.as_str()
            });
        if !selects {
            continue;
        }
        let ports = ports(service, template);
        names(&service.name, service.space(), &ports, &mut found);
        let governs = object.kind == "StatefulSet"
            && object.root.str_at(&["spec", "serviceName"]).is_none_or(|name| name == service.name);
        if governs && service.root.str_at(&["spec", "clusterIP"]) == Some("None") {
            for index in 0..pods.clamp(1, MAX_PODS) {
                let pod = format!("{}-{index}.{}", object.name, service.name);
                names(&pod, service.space(), &[], &mut found);
            }
        }
    }
    found
}

/// A Service's name in its short and qualified forms.
pub(super) fn names(name: &str, space: &str, ports: &[(u16, u16)], found: &mut Vec<Endpoint>) {
    let space = if space.is_empty() { DEFAULT_NAMESPACE } else { space };
    for host in [
        name.to_owned(),
        format!("{name}.{space}"),
        format!("{name}.{space}.svc"),
        format!("{name}.{space}.svc.cluster.local"),
    ] {
        found.push(Endpoint { host, ports: ports.to_vec(), networks: Vec::new() });
    }
}

/// The names of Services that stand for a host outside
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#externalname>), each with that host.
pub(super) fn aliases(objects: &Objects) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for service in objects.of_kind("Service").filter(|service| !service.is_knative()) {
        let external = service.root.str_at(&["spec", "type"]) == Some("ExternalName");
        let host = service.root.str_at(&["spec", "externalName"]).map(|host| host.trim_end_matches('.'));
        let Some(host) = host.filter(|host| external && !host.is_empty()) else { continue };
        let mut own = Vec::new();
        names(&service.name, service.space(), &[], &mut own);
        found.extend(own.into_iter().map(|endpoint| (endpoint.host, host.to_ascii_lowercase())));
    }
    found
}

/// The Service's ports and the container's behind them. A headless Service maps none.
fn ports(service: &Object, template: &Val) -> Vec<(u16, u16)> {
    if service.root.str_at(&["spec", "clusterIP"]) == Some("None") {
        return Vec::new();
    }
    let listed = service.root.at(&["spec", "ports"]).map(Val::items).unwrap_or_default();
    listed
        .iter()
        .filter_map(|port| {
            let own = port_number(port.get("port")?)?;
            let target = match port.get("targetPort") {
                None => own,
                Some(target) => port_number(target).or_else(|| named(template, target.as_str()?))?,
            };
            Some((own, target))
        })
        .collect()
}

fn port_number(value: &Val) -> Option<u16> {
    value.as_count().and_then(|port| u16::try_from(port).ok())
}

/// The container port of that name.
fn named(template: &Val, name: &str) -> Option<u16> {
    let containers = template.at(&["spec", "containers"]).map(Val::items).unwrap_or_default();
    containers
        .iter()
        .flat_map(|container| container.get("ports").map(Val::items).unwrap_or_default())
        .find(|port| port.str_at(&["name"]) == Some(name))
        .and_then(|port| port_number(port.get("containerPort")?))
}
