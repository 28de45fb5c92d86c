//! Lambda functions and services of ECS.

use super::super::ecs;
use super::super::numbers::{as_seconds, between, beyond, platform_default, unknown_instances};
use super::super::service::{Part, Service};
use super::module::{At, Module, Resource, refers};
use crate::model::{Instances, Located, Serving, WorkloadClass};

/// Seconds a function may take unless it says so.
const TIMEOUT: u64 = 3;

/// How much of the desired count old and new tasks may be together, in percent, unless the service says so.
const MAXIMUM_PERCENT: u64 = 200;

pub(super) fn function(module: &Module<'_>, resource: &Resource<'_>) -> Service {
    let body = resource.body;
    let address = resource.address();
    let of = |kind: &'static str| {
        let address = address.clone();
        module.of_kind(kind).filter(move |other| refers(other.body.get_raw("function_name"), &address))
    };
    let provisioned = of("aws_lambda_provisioned_concurrency_config")
        .find_map(|other| other.body.get(&["provisioned_concurrent_executions"]));
    // -1 is without reservation.
    let reserved = module.count(body.get(&["reserved_concurrent_executions"]), Located::unknown());
    let sources: Vec<Option<At<'_>>> = of("aws_lambda_event_source_mapping")
        .map(|other| other.body.get(&["scaling_config", "maximum_concurrency"]))
        .collect();
    let called = of("aws_lambda_function_url").next().is_some()
        || of("aws_lambda_permission").any(|other| {
            let principal = other.body.get(&["principal"]).and_then(|at| at.node.as_str());
            principal.is_none_or(|name| name.starts_with("apigateway") || name.starts_with("elasticload"))
        });
    let reserved = match (reserved.value, sources.as_slice()) {
        (None, [Some(most)]) if !called => module.count(Some(*most), Located::unknown()),
        _ => reserved,
    };
    let mut service = Service::new("Function", resource.name, Some(resource.place));
    service.class = WorkloadClass::Serverless;
    service.instances = if resource.is_repeated() {
        unknown_instances()
    } else {
        between(
            ("provisioned-concurrency", module.count(provisioned, platform_default(0))),
            ("reserved-concurrency", reserved),
            None,
        )
    };
    service.serving = Serving {
        request_timeout: as_seconds(module.count(body.get(&["timeout"]), platform_default(TIMEOUT))),
        concurrency: Some(platform_default(1)),
        asynchronous: !sources.is_empty() && !called,
        ..Serving::default()
    };
    let environment = body.get(&["environment"]).and_then(|block| block.get_raw("variables"));
    service.parts = vec![Part { variables: module.variables(environment), ..Part::default() }];
    service
}

pub(super) fn service(module: &Module<'_>, resource: &Resource<'_>) -> Service {
    let body = resource.body;
    let mut service = Service::new("ECS Service", resource.name, Some(resource.place));
    service.instances = instances(module, resource);
    let task = module
        .of_kind("aws_ecs_task_definition")
        .find(|task| refers(body.get_raw("task_definition"), &task.address()));
    if let Some(task) = task {
        let read = |node| module.value(At { node, ..task.body });
        service.parts = task
            .body
            .all("container_definitions")
            .map(|at| {
                ecs::container(at.file, at.node, ecs::LOWER, &|node| {
                    // The tree outlives the closure's argument only where it is found in it again.
                    found(at, node).map_or_else(
                        || crate::model::Value::Unknown("not a plain value".into()),
                        |at| read(at.node),
                    )
                })
            })
            .collect();
    }
    service
}

/// The same node within `at`, whose tree lives as long as the configuration.
fn found<'a>(at: At<'a>, wanted: &crate::syntax::node::Node) -> Option<At<'a>> {
    let mut open = vec![at.node];
    while let Some(node) = open.pop() {
        if std::ptr::eq(node, wanted) {
            return Some(At { node, ..at });
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|entry| &entry.value));
    }
    None
}

fn instances(module: &Module<'_>, resource: &Resource<'_>) -> Instances {
    let body = resource.body;
    let daemon = body.get(&["scheduling_strategy"]).and_then(|at| at.node.as_str()) == Some("DAEMON");
    if resource.is_repeated() || daemon {
        return unknown_instances();
    }
    let percent = module.count(body.get(&["deployment_maximum_percent"]), platform_default(MAXIMUM_PERCENT));
    let target = module
        .of_kind("aws_appautoscaling_target")
        .find(|target| refers(target.body.get_raw("resource_id"), &resource.address()));
    match target {
        Some(target) => {
            let bound = |key: &str| module.count(target.body.get(&[key]), Located::unknown());
            let (min, max) = (bound("min_capacity"), bound("max_capacity"));
            let surge = beyond(&max, &percent);
            between(("min-capacity", min), ("max-capacity", max), Some(surge))
        }
        None => {
            let written = module.count(body.get(&["desired_count"]), Located::unknown());
            let surge = beyond(&written, &percent);
            between(("desired-count", written.clone()), ("desired-count", written), Some(surge))
        }
    }
}
