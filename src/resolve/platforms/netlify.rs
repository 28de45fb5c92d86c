//! Netlify: functions on Lambda that scale without a bound in the file
//! (<https://docs.netlify.com/build/functions/configuration/>). What the file sets as environment is for builds only;
//! env files that the framework takes along are not.

use std::collections::BTreeMap;

use super::env_files;
use super::numbers::{as_seconds, between, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service, Stack, directory};
use super::vercel::has_server;
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::{PlatformFile, join};
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::Node;

/// Seconds after which a synchronous function ends; not configurable.
const TIMEOUT: u64 = 60;

/// The site's functions as one workload. A file that only configures a static site tells of none, unless a framework
/// with a server stands beside it.
pub(super) fn stack(context: &Context<'_>, file: &PlatformFile) -> Stack {
    let functions = file.root.get("functions").or(file.root.at(&["build", "functions"]));
    let base = file.root.at(&["build", "base"]).and_then(Node::as_str).unwrap_or_default();
    let base = base.trim_start_matches('/');
    let own = directory(context.files.path(file.file));
    let home = join(own, base).unwrap_or_else(|| own.to_owned());
    if functions.is_none() && !has_server(context, &home) {
        return Stack::default();
    }
    let span = functions.map_or(file.root.span, |node| node.span);
    let mut service = Service::new("Function", "functions", Some(Place::new(file.file, span)));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    service.serving = Serving {
        request_timeout: as_seconds(platform_default(TIMEOUT)),
        concurrency: Some(platform_default(1)),
        ..Serving::default()
    };
    let mut variables = BTreeMap::new();
    let mut stack = env_files::load(context, &home, &mut variables);
    let part = Part {
        variables,
        directory: (!base.is_empty()).then(|| base.to_owned()),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    };
    service.parts = vec![part];
    stack.services = vec![service];
    stack
}
