//! Fly.io. How many Machines run is told on its command line only (`fly scale count`), not in the file
//! (<https://fly.io/docs/reference/configuration/>).

use super::service::{Service, between, count, literal, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::{Place, Text};
use crate::syntax::node::Node;

/// The process groups of the app; one called `app` unless there are several.
pub(super) fn services(file: &PlatformFile) -> Vec<Service> {
    let root = &file.root;
    let id = file.file;
    let groups = root.get("processes").map(Node::entries).unwrap_or_default();
    let named = |name: &str, place: Place, command: Option<&Node>| {
        let floor = count(id, root.at(&["http_service", "min_machines_running"]), Located::unknown());
        Service {
            name: name.to_owned(),
            kind: "Machine",
            place: Some(place),
            class: WorkloadClass::Service,
            // A floor tells what runs at least; nothing tells the rest.
            instances: between(("min-machines-running", floor), ("machines", Located::unknown()), None),
            serving: Serving {
                concurrency: root
                    .at(&["http_service", "concurrency", "hard_limit"])
                    .map(|node| count(id, Some(node), Located::unknown())),
                ..Serving::default()
            },
            variables: variables(id, root.get("env"), &|node| literal(id, node)),
            command: command.and_then(Node::as_scalar).map(|scalar| Text::written(&scalar.text, id)),
            directory: None,
        }
    };
    if groups.is_empty() {
        let name = root.get("app").and_then(Node::as_str).unwrap_or("app");
        return vec![named(name, Place::new(id, root.get("app").map_or(root.span, |node| node.span)), None)];
    }
    groups
        .iter()
        .map(|entry| named(entry.key.as_str(), Place::new(id, entry.key_span), Some(&entry.value)))
        .collect()
}
