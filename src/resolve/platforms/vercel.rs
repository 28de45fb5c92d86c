//! Vercel: functions that scale without a bound in the file
//! (<https://vercel.com/docs/functions/limitations>, <https://vercel.com/docs/fluid-compute>).

use super::env_files;
use super::numbers::{between, platform_default, seconds};
use super::service::{Service, Stack, directory};
use super::values::{literal, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::Node;

/// Seconds a function may take unless it says so, with fluid compute. Without it the default depends on the plan.
const TIMEOUT: u64 = 300;

/// The project's functions as one workload: they share code and settings. A file that only configures a static site
/// tells of none, unless a framework with a server stands beside it.
pub(super) fn stack(context: &Context<'_>, file: &PlatformFile) -> Stack {
    let (root, id) = (&file.root, file.file);
    let functions = root.get("functions").map(Node::entries).unwrap_or_default();
    let crons = root.get("crons").is_some_and(|crons| !crons.items().is_empty());
    let legacy = root.get("builds").map(Node::items).unwrap_or_default();
    let built = legacy.iter().filter_map(|build| build.get("use")?.as_str()).any(|by| by != "@vercel/static");
    let home = directory(context.files.path(id));
    if functions.is_empty() && !crons && !built && !has_server(context, home) {
        return Stack::default();
    }
    let longest =
        functions.iter().filter_map(|entry| entry.value.get("maxDuration")).max_by_key(|node| node.as_int());
    let alone = root.get("fluid").filter(|fluid| fluid.as_str() == Some("false"));
    let place = Place::new(id, root.get("functions").map_or(root.span, |node| node.span));
    let mut service = Service::new("Function", "functions", Some(place));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    service.serving = Serving {
        request_timeout: seconds(id, longest, alone.is_none().then_some(TIMEOUT)),
        concurrency: Some(match alone {
            Some(node) => platform_default(1).at(Some(Place::new(id, node.span))),
            None => Located::unknown().noted("fluid compute serves concurrent requests"),
        }),
        ..Serving::default()
    };
    let mut variables = variables(id, root.get("env"), &|node| literal(id, node));
    let mut stack = env_files::load(context, home, &mut variables);
    stack.services = vec![service.receiving(variables)];
    stack
}

/// Frameworks that run functions on hosts like this, by their package in the project's directory.
pub(super) fn has_server(context: &Context<'_>, home: &str) -> bool {
    let frameworks = &crate::catalog::catalog().ambient.server_frameworks;
    context
        .declarations
        .dependencies
        .iter()
        .filter(|manifest| manifest.directory == home)
        .any(|manifest| manifest.dependencies.iter().any(|dependency| frameworks.contains(&dependency.name)))
}
