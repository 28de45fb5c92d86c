//! Google App Engine, standard and flexible
//! (<https://cloud.google.com/appengine/docs/standard/reference/app-yaml>).

use super::numbers::{as_seconds, between, count, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service};
use super::values::{literal, text, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::Place;
use crate::syntax::node::Node;

/// Seconds of a request with automatic scaling, in the standard environment.
const AUTOMATIC: u64 = 600;

/// Seconds of a request with basic and manual scaling there.
const OTHERWISE: u64 = 86_400;

/// Requests at the same time with automatic scaling, unless the file says so, there.
const CONCURRENT: u64 = 10;

/// Instances at most with automatic scaling in the flexible environment, unless the file says so.
const FLEXIBLE_MOST: u64 = 20;

pub(super) fn services(file: &PlatformFile) -> Vec<Service> {
    let (root, id) = (&file.root, file.file);
    let named = root.get("service").or(root.get("module"));
    let name = named.and_then(Node::as_str).unwrap_or("default");
    let place = Place::new(id, named.or(root.get("runtime")).map_or(root.span, |node| node.span));
    let mut service = Service::new("App Engine Service", name, Some(place));
    let environment = root.get("env").and_then(Node::as_str);
    let flexible = matches!(environment, Some("flex" | "flexible")) || root.get("vm").is_some();
    let unknown = Located::unknown;
    // A new version starts beside the old one, and nothing tells how far it scales before that stops.
    let surge = Some(unknown().noted("the new version starts beside the old one"));
    let setting = |scaling: &str, key: &str| root.at(&[scaling, key]);
    if root.get("manual_scaling").is_some() {
        let written = count(id, setting("manual_scaling", "instances"), unknown());
        service.instances = between(("instances", written.clone()), ("instances", written), surge);
    } else if root.get("basic_scaling").is_some() {
        let most = count(id, setting("basic_scaling", "max_instances"), unknown());
        service.instances = between(("min-instances", platform_default(0)), ("max-instances", most), surge);
    } else if flexible {
        let least = count(id, setting("automatic_scaling", "min_num_instances"), unknown());
        let most =
            count(id, setting("automatic_scaling", "max_num_instances"), platform_default(FLEXIBLE_MOST));
        service.instances = between(("min-instances", least), ("max-instances", most), surge);
    } else {
        let least = count(id, setting("automatic_scaling", "min_instances"), platform_default(0));
        // Whether there is a bound by default depends on the age of the project.
        let most = count(id, setting("automatic_scaling", "max_instances"), unknown());
        service.class = WorkloadClass::Serverless;
        service.instances = between(("min-instances", least), ("max-instances", most), surge);
    }
    let automatic = service.class == WorkloadClass::Serverless;
    if !flexible {
        let concurrent = setting("automatic_scaling", "max_concurrent_requests");
        service.serving = Serving {
            request_timeout: as_seconds(platform_default(if automatic { AUTOMATIC } else { OTHERWISE })),
            concurrency: Some(match automatic {
                true => count(id, concurrent, platform_default(CONCURRENT)),
                false => unknown(),
            }),
            asynchronous: false,
            ..Serving::default()
        };
    }
    service.parts = vec![Part {
        variables: variables(id, root.get("env_variables"), &|node| literal(id, node)),
        command: text(id, root.get("entrypoint").filter(|node| node.as_scalar().is_some())),
        open: root.get("includes").map(|_| SET_ON_PLATFORM),
        ..Part::default()
    }];
    vec![service]
}
