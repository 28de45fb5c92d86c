//! Cloudflare Workers: isolates without a bound in the file, in which no socket outlives its request
//! (<https://developers.cloudflare.com/workers/wrangler/configuration/>).

use super::numbers::{between, platform_default};
use super::service::{Service, Stack};
use super::values::{literal, variables};
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
    stacks
}

fn worker(file: &PlatformFile, scope: &Node, name: String, place: &Node) -> Service {
    let span = place.get("name").unwrap_or(place).span;
    let mut service = Service::new("Worker", name, Some(Place::new(file.file, span)));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    // An isolate serves many requests, but each has connections of its own.
    service.serving = Serving { concurrency: Some(platform_default(1)), ..Serving::default() };
    service.receiving(variables(file.file, scope.get("vars"), &|node| literal(file.file, node)))
}
