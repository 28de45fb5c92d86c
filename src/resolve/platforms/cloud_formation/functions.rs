//! Lambda functions, SAM's and plain ones.

use super::super::numbers::{as_seconds, between, platform_default};
use super::super::service::{Part, Service};
use super::super::values::variables;
use super::template::{Resource, Template, refers};
use crate::model::{Located, Serving, WorkloadClass};
use crate::syntax::node::Node;

/// Seconds a function may take unless it says so
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>).
const TIMEOUT: u64 = 3;

/// SAM's events whose caller waits for the answer.
const WAITING: [&str; 5] = ["Api", "HttpApi", "WebSocket", "AlexaSkill", "Cognito"];

pub(super) fn function(template: &Template<'_>, resource: &Resource<'_>) -> Service {
    let sam = resource.kind == "AWS::Serverless::Function";
    let setting = |path: &[&str]| resource.property(path).or_else(|| template.global(path).filter(|_| sam));
    let provisioned = provisioned(template, resource, &setting);
    let reserved = match setting(&["ReservedConcurrentExecutions"]) {
        Some(reserved) => template.count(Some(reserved), Located::unknown()),
        None => queues(template, resource),
    };
    let mut all = Default::default();
    let environments = [
        template.global(&["Environment", "Variables"]).filter(|_| sam),
        resource.property(&["Environment", "Variables"]),
    ];
    for mapping in environments {
        let read = variables(template.file, mapping, &|node| template.value(node));
        std::collections::BTreeMap::extend(&mut all, read);
    }
    let mut service = Service::new("Function", resource.name, Some(resource.place));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("provisioned-concurrency", provisioned), ("reserved-concurrency", reserved), None);
    service.serving = Serving {
        request_timeout: as_seconds(template.count(setting(&["Timeout"]), platform_default(TIMEOUT))),
        // Managed instances serve several requests each.
        concurrency: Some(match setting(&["CapacityProviderConfig"]) {
            Some(_) => Located::unknown(),
            None => platform_default(1),
        }),
        asynchronous: is_asynchronous(template, resource),
        ..Serving::default()
    };
    let code = setting(&["CodeUri"]).and_then(Node::as_str).filter(|code| !code.contains("://"));
    service.parts = vec![Part {
        variables: all,
        directory: code.map(|code| code.trim_end_matches('/').to_owned()).filter(|code| !code.is_empty()),
        ..Part::default()
    }];
    service
}

/// Environments that exist all the time: SAM's function says so, else an alias or a version of it.
fn provisioned<'a>(
    template: &Template<'a>,
    resource: &Resource<'a>,
    setting: &dyn Fn(&[&str]) -> Option<&'a Node>,
) -> Located<u64> {
    let path = ["ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"];
    if let Some(node) = setting(&path) {
        return template.count(Some(node), Located::unknown());
    }
    let other = template
        .resources()
        .filter(|other| matches!(other.kind, "AWS::Lambda::Alias" | "AWS::Lambda::Version"))
        .filter(|other| other.property(&["FunctionName"]).is_some_and(|node| refers(node, resource.name)))
        .find_map(|other| other.property(&path));
    template.count(other, platform_default(0))
}

/// The queues and streams that start the function: each event's properties.
fn sources<'a>(template: &Template<'a>, resource: &Resource<'a>) -> Vec<(&'a str, Option<&'a Node>)> {
    let events = resource.property(&["Events"]).map(Node::entries).unwrap_or_default();
    let mut all: Vec<(&str, Option<&Node>)> = events
        .iter()
        .map(|entry| {
            let kind = entry.value.get("Type").and_then(Node::as_str).unwrap_or_default();
            (kind, entry.value.at(&["Properties", "ScalingConfig", "MaximumConcurrency"]))
        })
        .collect();
    for mapping in template.of_kind("AWS::Lambda::EventSourceMapping") {
        if mapping.property(&["FunctionName"]).is_some_and(|node| refers(node, resource.name)) {
            all.push(("EventSourceMapping", mapping.property(&["ScalingConfig", "MaximumConcurrency"])));
        }
    }
    all
}

/// What the queues allow together, where nothing else starts the function.
fn queues(template: &Template<'_>, resource: &Resource<'_>) -> Located<u64> {
    let sources = sources(template, resource);
    if is_called(template, resource) {
        return Located::unknown();
    }
    let mut sum: Option<Located<u64>> = None;
    for (_, most) in sources {
        let Some(most) = most else { return Located::unknown() };
        let most = template.count(Some(most), Located::unknown());
        let total = sum.take().map_or(Some(0), |sum| sum.value).zip(most.value);
        let Some((before, more)) = total else { return Located::unknown() };
        sum = Some(Located { value: Some(before.saturating_add(more)), ..most });
    }
    sum.unwrap_or_else(Located::unknown)
}

/// Whether events start the function and no caller waits: queues, streams, schedules.
fn is_asynchronous(template: &Template<'_>, resource: &Resource<'_>) -> bool {
    let sources = sources(template, resource);
    !sources.is_empty()
        && !is_called(template, resource)
        && !sources.iter().any(|(kind, _)| kind.is_empty() || WAITING.contains(kind))
}

/// Whether a URL or a gateway calls it besides its events.
fn is_called(template: &Template<'_>, resource: &Resource<'_>) -> bool {
    resource.property(&["FunctionUrlConfig"]).is_some()
        || template.resources().any(|other| {
            let target = match other.kind {
                "AWS::Lambda::Url" => other.property(&["TargetFunctionArn"]),
                "AWS::Lambda::Permission" => other.property(&["FunctionName"]).filter(|_| {
                    other.property(&["Principal"]).and_then(Node::as_str).is_none_or(|principal| {
                        principal.starts_with("apigateway") || principal.starts_with("elasticloadbalancing")
                    })
                }),
                _ => None,
            };
            target.is_some_and(|node| refers(node, resource.name))
        })
}
