//! Cloudflare Workers: isolates without a bound in the file, in which no socket outlives its request
//! (<https://developers.cloudflare.com/workers/wrangler/configuration/>).

use std::collections::BTreeMap;

use super::numbers::{between, platform_default};
use super::service::{Service, Stack, imagined};
use super::values::{literal, variable, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::Place;
use crate::syntax::node::Node;

/// The Worker, and what it is in each environment. Variables of an environment are its own: none is inherited.
pub(super) fn stacks(file: &PlatformFile) -> Vec<Stack> {
    let root = &file.root;
    // Without a script there are assets only.
    if root.get("main").is_none() && root.get("pages_build_output_dir").is_none() {
        return Vec::new();
    }
    let name = root.get("name").and_then(Node::as_str).unwrap_or("worker");
    let mut stacks = vec![Stack::from(vec![worker(file, root, name.to_owned(), root)])];
    for entry in root.get("env").map(Node::entries).unwrap_or_default() {
        let environment = entry.key.as_str();
        let own = entry.value.get("name").and_then(Node::as_str);
        let name = own.map_or_else(|| format!("{name}-{environment}"), str::to_owned);
        let mut stack = Stack::from(vec![worker(file, &entry.value, name, &entry.value)]);
        stack.environment = Some(environment.to_owned());
        stacks.push(stack);
    }
    stacks.extend(on_this_machine(file));
    stacks
}

/// The databases that Workers use in the stead of Hyperdrive's while they run on a developer's machine
/// (<https://developers.cloudflare.com/hyperdrive/configuration/local-development/>).
fn on_this_machine(file: &PlatformFile) -> Option<Stack> {
    let environments = file.root.get("env").map(Node::entries).unwrap_or_default();
    let scopes = [&file.root].into_iter().chain(environments.iter().map(|entry| &entry.value));
    let mut variables = BTreeMap::new();
    for node in scopes.flat_map(bindings) {
        let Some((binding, url)) = Option::zip(node.get("binding"), node.get("localConnectionString")) else {
            continue;
        };
        let Some(name) = binding.as_str() else { continue };
        let place = Place::new(file.file, binding.span);
        let (name, found) = variable(name, Some(place), literal(file.file, url));
        variables.entry(name).or_insert(found);
    }
    (!variables.is_empty()).then(|| imagined(file, "local", variables))
}

/// What a scope binds to Hyperdrive. No environment inherits it.
fn bindings(scope: &Node) -> impl Iterator<Item = &Node> {
    scope.get("hyperdrive").map(Node::items).unwrap_or_default().iter()
}

fn worker(file: &PlatformFile, scope: &Node, name: String, place: &Node) -> Service {
    let span = place.get("name").unwrap_or(place).span;
    let mut service = Service::new("Worker", name, Some(Place::new(file.file, span)));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    // An isolate serves many requests, but each has connections of its own.
    service.serving = Serving {
        concurrency: Some(platform_default(1)),
        own_pooler: bindings(scope).next().is_some(),
        ..Serving::default()
    };
    service.receiving(variables(file.file, scope.get("vars"), &|node| literal(file.file, node)))
}
