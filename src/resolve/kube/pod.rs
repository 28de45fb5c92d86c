//! Containers of a pod.

use super::environment::{self, Environment};
use super::mounted;
use super::object::{Object, Objects};
use super::value::Val;
use crate::model::{Container, Located, Network, Port, Role};
use crate::span::Place;

/// A pod's containers, main ones first, and what is left to say about each.
pub(super) struct Pod {
    pub containers: Vec<Container>,
    pub environments: Vec<(Val, Environment)>,
    pub network: Network,
}

/// Where an object of each kind keeps the template of its pods.
pub(super) fn template_path(object: &Object) -> Option<&'static [&'static str]> {
    Some(match object.kind.as_str() {
        "Pod" => &[],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        "ScaledJob" => &["spec", "jobTargetRef", "template"],
        "Service" if !object.is_knative() => return None,
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job"
        | "Rollout"
        | "Service" => &["spec", "template"],
        _ => return None,
    })
}

/// The template of an object's pods.
pub(super) fn template(object: &Object) -> Option<&Val> {
    object.root.at(template_path(object)?)
}

/// The containers of the pod that `template` describes.
pub(super) fn read(objects: &Objects, space: &str, template: &Val) -> Pod {
    let empty = Network::Own(Vec::new());
    let mut pod = Pod { containers: Vec::new(), environments: Vec::new(), network: empty };
    let Some(spec) = template.get("spec") else { return pod };
    if spec.get("hostNetwork").is_some_and(Val::is_true) {
        pod.network = Network::Host;
    }
    for field in ["containers", "initContainers"] {
        for container in spec.get(field).map(Val::items).unwrap_or_default() {
            let stays = container.str_at(&["restartPolicy"]) == Some("Always");
            let role = match (field, stays) {
                ("containers", _) => Role::Main,
                (_, true) => Role::Sidecar,
                (_, false) => Role::Init,
            };
            pod.add(objects, space, spec, container, role);
        }
    }
    pod
}

impl Pod {
    fn add(&mut self, objects: &Objects, space: &str, spec: &Val, container: &Val, role: Role) {
        let mut environment = environment::of_container(objects, space, container);
        let mut command = Vec::new();
        for field in ["command", "args"] {
            let words = container.get(field).map(Val::items).unwrap_or_default();
            command.extend(environment.words(objects, space, words));
        }
        // The kubelet knows nothing of these: they come behind everything that refers to variables.
        for variable in mounted::variables(objects, space, spec, container) {
            environment.variables.entry(variable.name.clone()).or_insert(variable);
        }
        let shell = is_shell(command.iter().map(crate::span::Text::as_str));
        self.containers.push(Container {
            name: container.str_at(&["name"]).unwrap_or_default().to_owned(),
            image: container.get("image").and_then(Val::text),
            role,
            environment: std::mem::take(&mut environment.variables),
            open_environment: environment.open.clone(),
            command,
            shell,
            build: None,
            dockerfile: None,
            base: None,
            mounts: mounted::mounts(objects, space, spec, container),
            ports: ports(container),
            connections: Vec::new(),
            processes: Located::unknown(),
        });
        self.environments.push((container.clone(), environment));
    }
}

/// Whether the words hand a line to a shell.
fn is_shell<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    let first = words.next().unwrap_or_default();
    let program = first.rsplit('/').next().unwrap_or_default();
    let option = words.next().unwrap_or_default();
    let shells = ["sh", "bash", "ash", "dash", "zsh"];
    let line = option.starts_with('-') && !option.starts_with("--") && option.ends_with('c');
    (shells.contains(&program) && (line || words.any(|word| word == "-c"))) || first.contains('\n')
}

fn ports(container: &Val) -> Vec<Port> {
    let listed = container.get("ports").map(Val::items).unwrap_or_default();
    listed
        .iter()
        .filter_map(|port| {
            let number = port.get("containerPort")?;
            Some(Port {
                container: u16::try_from(number.as_count()?).ok()?,
                published: port
                    .get("hostPort")
                    .and_then(Val::as_count)
                    .and_then(|port| u16::try_from(port).ok()),
                place: Some(number.place),
            })
        })
        .collect()
}

/// The rules that `poollint/ignore` on an object or its pods keeps silent, each with its place.
pub(super) fn suppressions(object: &Object, template: &Val) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    for owner in [&object.root, template] {
        let Some(note) = owner.at(&["metadata", "annotations", "poollint/ignore"]) else { continue };
        let Some(text) = note.text() else { continue };
        let mut start = 0usize;
        for part in text.as_str().split(',') {
            let end = start.saturating_add(part.len());
            let name = part.trim();
            let from = start.saturating_add(part.len().saturating_sub(part.trim_start().len()));
            let range = from..from.saturating_add(name.len());
            let place = text.place_of(range).unwrap_or(note.place);
            if !name.is_empty() && !found.contains(&(name.to_owned(), place)) {
                found.push((name.to_owned(), place));
            }
            start = end.saturating_add(1);
        }
    }
    found
}
