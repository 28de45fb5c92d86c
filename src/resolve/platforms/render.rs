//! Render: services of a blueprint (<https://render.com/docs/blueprint-spec>).

use std::collections::BTreeMap;

use super::numbers::{between, count, fixed, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service, Stack};
use super::values::{literal, text};
use crate::model::{Instances, Located, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::Place;
use crate::syntax::node::Node;

/// The services that run code: those at the top, and those of each environment of a project.
pub(super) fn stacks(file: &PlatformFile) -> Vec<Stack> {
    let list = |node: &Node, key: &str| node.get(key).map(Node::items).unwrap_or_default().to_vec();
    let mut stacks = vec![services(file, &file.root).into()];
    for project in list(&file.root, "projects") {
        for environment in list(&project, "environments") {
            let mut stack = Stack::from(services(file, &environment));
            stack.environment = environment.get("name").and_then(Node::as_str).map(str::to_owned);
            stacks.push(stack);
        }
    }
    stacks
}

fn services(file: &PlatformFile, scope: &Node) -> Vec<Service> {
    let services = scope.get("services").map(Node::items).unwrap_or_default();
    services.iter().filter_map(|node| service(file, scope, node)).collect()
}

fn service(file: &PlatformFile, scope: &Node, node: &Node) -> Option<Service> {
    let id = file.file;
    let name = node.get("name")?;
    let runtime = node.get("runtime").or(node.get("env")).and_then(Node::as_str);
    let kind = match node.get("type")?.as_str()? {
        "web" if runtime == Some("static") => return None,
        "web" => "Web Service",
        "pserv" => "Private Service",
        "worker" => "Background Worker",
        "cron" => "Cron Job",
        _ => return None,
    };
    let mut service = Service::new(kind, name.as_str()?, Some(Place::new(id, name.span)));
    if kind == "Cron Job" {
        service.class = WorkloadClass::Scheduled;
        service.instances = fixed("instances", platform_default(1));
    } else {
        service.instances = instances(file, node);
    }
    service.parts = vec![Part {
        image: text(id, node.at(&["image", "url"])),
        variables: environment(file, scope, node),
        command: text(id, node.get("startCommand").or(node.get("dockerCommand"))),
        directory: node.get("rootDir").and_then(Node::as_str).map(str::to_owned),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    }];
    Some(service)
}

/// `scaling` stands above `numInstances`. How many new instances start before the old ones stop is not documented; a
/// service with a disk is stopped first.
fn instances(file: &PlatformFile, node: &Node) -> Instances {
    let id = file.file;
    let surge = node
        .get("disk")
        .is_none()
        .then(|| Located::unknown().noted("new instances start before the old ones stop"));
    match node.get("scaling") {
        Some(scaling) => {
            let min = count(id, scaling.get("minInstances"), Located::unknown());
            let max = count(id, scaling.get("maxInstances"), Located::unknown());
            between(("minInstances", min), ("maxInstances", max), surge)
        }
        None => {
            let written = count(id, node.get("numInstances"), platform_default(1));
            between(("numInstances", written.clone()), ("numInstances", written), surge)
        }
    }
}

/// `envVars`: values, those of groups, and those that the platform fills in.
fn environment(file: &PlatformFile, scope: &Node, node: &Node) -> BTreeMap<String, Variable> {
    let groups = [scope, &file.root].into_iter().filter_map(|holder| holder.get("envVarGroups"));
    let groups: Vec<&Node> = groups.flat_map(Node::items).collect();
    let mut all = BTreeMap::new();
    for entry in node.get("envVars").map(Node::items).unwrap_or_default() {
        let group = entry.get("fromGroup").and_then(Node::as_str);
        let shared = groups
            .iter()
            .filter(|found| group.is_some() && found.get("name").and_then(Node::as_str) == group);
        for one in shared.flat_map(|found| found.get("envVars").map(Node::items).unwrap_or_default()) {
            all.extend(variable(file, one));
        }
        all.extend(variable(file, entry));
    }
    all
}

fn variable(file: &PlatformFile, entry: &Node) -> Option<(String, Variable)> {
    let key = entry.get("key")?;
    let name = key.as_str()?.to_owned();
    let from = entry.get("fromDatabase").and_then(|from| from.get("name")).and_then(Node::as_str);
    let value = match (entry.get("value"), from) {
        (Some(value), _) => literal(file.file, value),
        (None, Some(database)) => {
            Value::Unknown(format!("the platform fills in the URL of {database}").into())
        }
        (None, None) => Value::Unknown("the platform fills it in".into()),
    };
    let property = entry.get("fromDatabase").and_then(|from| from.get("property")).and_then(Node::as_str);
    let reference = from.map(|database| format!("render/{database}/{}", property.unwrap_or_default()));
    let name_place = Some(Place::new(file.file, key.span));
    Some((name.clone(), Variable { name, name_place, value, reference, via: None }))
}
