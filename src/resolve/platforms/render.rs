//! Render: services of a blueprint (<https://render.com/docs/blueprint-spec>).

use std::collections::BTreeMap;

use super::service::{Service, between, count, literal, platform_default};
use crate::model::{Serving, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::{Place, Text};
use crate::syntax::node::Node;

/// The services that run code.
pub(super) fn services(file: &PlatformFile) -> Vec<Service> {
    let services = file.root.get("services").map(Node::items).unwrap_or_default();
    services.iter().filter_map(|node| service(file, node)).collect()
}

fn service(file: &PlatformFile, node: &Node) -> Option<Service> {
    let id = file.file;
    let name = node.get("name")?;
    let kind = match node.get("type")?.as_str()? {
        "web" if node.get("runtime").or(node.get("env")).and_then(Node::as_str) == Some("static") => {
            return None;
        }
        "web" => "Web Service",
        "pserv" => "Private Service",
        "worker" => "Background Worker",
        "cron" => "Cron Job",
        _ => return None,
    };
    let fixed = count(id, node.get("numInstances"), platform_default(1));
    let scaling = node.get("scaling");
    let bound = |key: &str| scaling.and_then(|scaling| scaling.get(key));
    let max =
        bound("maxInstances").map_or_else(|| fixed.clone(), |max| count(id, Some(max), platform_default(1)));
    let min =
        bound("minInstances").map_or_else(|| fixed.clone(), |min| count(id, Some(min), platform_default(1)));
    let instances = if scaling.is_some() {
        between(("minInstances", min), ("maxInstances", max), None)
    } else {
        between(("numInstances", fixed.clone()), ("numInstances", fixed), None)
    };
    Some(Service {
        name: name.as_str()?.to_owned(),
        kind,
        place: Some(Place::new(id, name.span)),
        class: if kind == "Cron Job" { WorkloadClass::Scheduled } else { WorkloadClass::Service },
        instances,
        serving: Serving::default(),
        variables: environment(file, node),
        command: node
            .get("startCommand")
            .and_then(Node::as_scalar)
            .map(|scalar| Text::written(&scalar.text, id)),
        directory: node.get("rootDir").and_then(Node::as_str).map(str::to_owned),
    })
}

/// `envVars`: values, those of groups, and those that the platform fills in.
fn environment(file: &PlatformFile, node: &Node) -> BTreeMap<String, Variable> {
    let groups = file.root.get("envVarGroups").map(Node::items).unwrap_or_default();
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
