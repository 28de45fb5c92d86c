//! Containers of Amazon ECS' task definitions, as JSON alone and in the tools that hold them
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).

use std::collections::BTreeMap;

use super::service::{Part, Service};
use super::values::{Reader, listed, literal};
use crate::model::{Value, Variable};
use crate::readers::PlatformFile;
use crate::span::{FileId, Place, Text};
use crate::syntax::node::Node;

/// How a tool spells the keys of a container.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    name: &'static str,
    image: &'static str,
    environment: (&'static str, &'static str, &'static str),
    secrets: (&'static str, &'static str),
    command: [&'static str; 2],
    files: &'static str,
}

/// The API's own spelling.
pub(super) const LOWER: Keys = Keys {
    name: "name",
    image: "image",
    environment: ("environment", "name", "value"),
    secrets: ("secrets", "valueFrom"),
    command: ["entryPoint", "command"],
    files: "environmentFiles",
};

/// CloudFormation's.
pub(super) const UPPER: Keys = Keys {
    name: "Name",
    image: "Image",
    environment: ("Environment", "Name", "Value"),
    secrets: ("Secrets", "ValueFrom"),
    command: ["EntryPoint", "Command"],
    files: "EnvironmentFiles",
};

/// A task definition: nothing tells how many tasks run.
pub(super) fn task(file: &PlatformFile) -> Vec<Service> {
    let root = file.root.get("taskDefinition").unwrap_or(&file.root);
    let definitions = root.get("containerDefinitions").map(Node::items).unwrap_or_default();
    if definitions.is_empty() {
        return Vec::new();
    }
    let family = root.get("family");
    let place = Place::new(file.file, family.map_or(root.span, |node| node.span));
    let mut service = Service::new("ECS Task", family.and_then(Node::as_str).unwrap_or("task"), Some(place));
    let read = |node: &Node| literal(file.file, node);
    service.parts = definitions.iter().map(|node| container(file.file, node, LOWER, &read)).collect();
    vec![service]
}

/// One container.
pub(super) fn container(file: FileId, node: &Node, keys: Keys, read: Reader<'_>) -> Part {
    let text = |node: &Node| match read(node) {
        Value::Text(text) => text,
        Value::Unknown(reason) => Text::unknown(reason),
    };
    let (list, name, value) = keys.environment;
    let mut variables = listed(file, node.get(list), (name, value), read, "no value is written");
    variables.extend(secrets(file, node, keys, &text));
    let words = |key: &str| node.get(key).map(Node::items).unwrap_or_default().iter().map(text);
    Part {
        name: node.get(keys.name).and_then(Node::as_str).unwrap_or("container").to_owned(),
        image: node.get(keys.image).map(text),
        variables,
        words: keys.command.iter().flat_map(|key| words(key)).collect(),
        open: node.get(keys.files).map(|_| "environment files"),
        ..Part::default()
    }
}

/// Variables from the Secrets Manager and the Parameter Store: the same one is the same value.
fn secrets(
    file: FileId,
    node: &Node,
    keys: Keys,
    text: &dyn Fn(&Node) -> Text,
) -> BTreeMap<String, Variable> {
    let (list, from) = keys.secrets;
    let items = node.get(list).map(Node::items).unwrap_or_default();
    let one = |item: &Node| {
        let key = item.get(keys.environment.1)?;
        let name = key.as_str()?.to_owned();
        let reference = item.get(from).map(text).and_then(|from| Some(format!("aws/{}", from.known()?)));
        let value = Value::Unknown("a secret that is kept outside the repository".into());
        let name_place = Some(Place::new(file, key.span));
        Some((name.clone(), Variable { name, name_place, value, reference, via: None }))
    };
    items.iter().filter_map(one).collect()
}
