//! Netlify: functions on Lambda that scale without a bound in the file
//! (<https://docs.netlify.com/build/functions/configuration/>). What the file sets as environment is for builds only.

use std::collections::BTreeMap;

use super::numbers::{as_seconds, between, platform_default};
use super::service::Service;
use super::vercel::has_server;
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;

/// Seconds after which a synchronous function ends; not configurable.
const TIMEOUT: u64 = 60;

/// The site's functions as one workload. A file that only configures a static site tells of none, unless a framework
/// with a server stands beside it.
pub(super) fn services(context: &Context<'_>, file: &PlatformFile) -> Vec<Service> {
    let functions = file.root.get("functions").or(file.root.at(&["build", "functions"]));
    if functions.is_none() && !has_server(context, file) {
        return Vec::new();
    }
    let span = functions.map_or(file.root.span, |node| node.span);
    let mut service = Service::new("Function", "functions", Some(Place::new(file.file, span)));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    service.serving = Serving {
        request_timeout: as_seconds(platform_default(TIMEOUT)),
        concurrency: Some(platform_default(1)),
        asynchronous: false,
    };
    vec![service.receiving(BTreeMap::new())]
}
