//! Fly.io. How many Machines run is told on its command line only (`fly scale count`), not in the file
//! (<https://fly.io/docs/reference/configuration/>).

use super::numbers::{between, count, fixed, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service};
use super::values::{literal, text, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::Place;
use crate::syntax::node::Node;

/// The process groups of the app, one called `app` unless there are several, and what runs before a release.
pub(super) fn services(file: &PlatformFile) -> Vec<Service> {
    let (root, id) = (&file.root, file.file);
    let groups = root.get("processes").map(Node::entries).unwrap_or_default();
    let mut all: Vec<Service> = if groups.is_empty() {
        let name = root.get("app").and_then(Node::as_str).unwrap_or("app");
        let place = Place::new(id, root.get("app").map_or(root.span, |node| node.span));
        vec![group(file, name, place, None, true)]
    } else {
        let one = |entry: &crate::syntax::node::Entry| {
            let place = Place::new(id, entry.key_span);
            group(file, entry.key.as_str(), place, Some(&entry.value), groups.len() == 1)
        };
        groups.iter().map(one).collect()
    };
    if let Some(command) = root.at(&["deploy", "release_command"]) {
        let place = Some(Place::new(id, command.span));
        let mut release = Service::new("Release Command", "release_command", place);
        release.class = WorkloadClass::OneShot;
        release.instances = fixed("machines", platform_default(1));
        release.parts = vec![part(file, Some(command))];
        all.push(release);
    }
    all
}

fn group(file: &PlatformFile, name: &str, place: Place, command: Option<&Node>, only: bool) -> Service {
    let id = file.file;
    let served = services_of(&file.root).find(|service| serves(service, name, only));
    let setting = |path: &[&str]| served.and_then(|service| service.at(path));
    // A floor tells what runs at least; nothing tells the rest.
    let floor = count(id, setting(&["min_machines_running"]), Located::unknown());
    let mut service = Service::new("Machine", name, Some(place));
    service.instances = between(("min-machines-running", floor), ("machines", Located::unknown()), None);
    service.serving = Serving {
        concurrency: setting(&["concurrency", "hard_limit"])
            .map(|node| count(id, Some(node), Located::unknown())),
        ..Serving::default()
    };
    service.parts = vec![part(file, command)];
    service
}

fn part(file: &PlatformFile, command: Option<&Node>) -> Part {
    Part {
        variables: variables(file.file, file.root.get("env"), &|node| literal(file.file, node)),
        command: text(file.file, command),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    }
}

/// `[http_service]` and every one of `[[services]]`.
fn services_of(root: &Node) -> impl Iterator<Item = &Node> {
    root.get("http_service").into_iter().chain(root.get("services").map(Node::items).unwrap_or_default())
}

/// Whether a service's settings are a process group's: its list names it, or there is only one group.
fn serves(service: &Node, group: &str, only: bool) -> bool {
    match service.get("processes") {
        Some(named) => named.items().iter().any(|name| name.as_str() == Some(group)),
        None => only,
    }
}
