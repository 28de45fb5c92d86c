//! Vercel: functions that scale without a bound in the file
//! (<https://vercel.com/docs/functions/limitations>, <https://vercel.com/docs/fluid-compute>).

use std::collections::BTreeMap;

use super::service::{Service, between, literal, platform_default, seconds, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::Node;

/// Seconds a function may take unless it says so.
const TIMEOUT: u64 = 300;

/// The project's functions as one workload: they share code and settings. A file that only configures a static site
/// tells of none, unless a framework with a server stands beside it.
pub(super) fn services(context: &Context<'_>, file: &PlatformFile) -> Vec<Service> {
    let root = &file.root;
    let id = file.file;
    let functions = root.get("functions").map(Node::entries).unwrap_or_default();
    let crons = root.get("crons").is_some_and(|crons| !crons.items().is_empty());
    let legacy = root.get("builds").map(Node::items).unwrap_or_default();
    let built = legacy.iter().filter_map(|build| build.get("use")?.as_str()).any(|by| by != "@vercel/static");
    if functions.is_empty() && !crons && !built && !has_server(context, file) {
        return Vec::new();
    }
    let mut all = BTreeMap::new();
    for place in [&["env"] as &[&str], &["build", "env"]] {
        all.extend(variables(id, root.at(place), &|node| literal(id, node)));
    }
    let longest =
        functions.iter().filter_map(|entry| entry.value.get("maxDuration")).max_by_key(|node| node.as_int());
    let alone = root.get("fluid").and_then(Node::as_str) == Some("false");
    vec![Service {
        name: "functions".to_owned(),
        kind: "Function",
        place: Some(Place::new(id, root.get("functions").map_or(root.span, |node| node.span))),
        class: WorkloadClass::Serverless,
        instances: between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None),
        serving: Serving {
            request_timeout: seconds(id, longest, Some(TIMEOUT)),
            concurrency: Some(if alone {
                let place = root.get("fluid").map(|node| Place::new(id, node.span));
                platform_default(1).at(place)
            } else {
                Located::unknown().noted("fluid compute serves concurrent requests")
            }),
            asynchronous: false,
        },
        variables: all,
        command: None,
        directory: None,
    }]
}

/// Frameworks that run functions on Vercel, by their package.
fn has_server(context: &Context<'_>, file: &PlatformFile) -> bool {
    let path = context.files.path(file.file);
    let home = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let frameworks = &crate::catalog::catalog().ambient.server_frameworks;
    context.declarations.dependencies.iter().filter(|manifest| manifest.directory == home).any(|manifest| {
        manifest.dependencies.iter().any(|dependency| frameworks.iter().any(|name| *name == dependency.name))
    })
}
