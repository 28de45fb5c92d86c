//! Services and tasks of Amazon ECS.

use super::super::ecs;
use super::super::numbers::{between, beyond, platform_default, unknown_instances};
use super::super::service::Service;
use super::template::{Resource, Template, refers};
use crate::model::{Instances, Located};
use crate::syntax::node::Node;

/// How much of the desired count old and new tasks may be together, in percent, unless the service says so
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html>).
pub(in crate::resolve::platforms) const MAXIMUM_PERCENT: u64 = 200;

pub(super) fn service(template: &Template<'_>, resource: &Resource<'_>) -> Service {
    let task = template.referred(resource.property(&["TaskDefinition"]), "AWS::ECS::TaskDefinition");
    let mut service = Service::new("ECS Service", resource.name, Some(resource.place));
    service.instances = instances(template, resource);
    if let Some(task) = task {
        service.parts = containers(template, &task);
    }
    service
}

/// A task that no service of the template keeps running: something else starts it, and nothing tells how often.
pub(super) fn alone(template: &Template<'_>, resource: &Resource<'_>) -> Option<Service> {
    let kept = template
        .of_kind("AWS::ECS::Service")
        .any(|service| service.property(&["TaskDefinition"]).is_some_and(|node| refers(node, resource.name)));
    (!kept).then(|| {
        let mut service = Service::new("ECS Task", resource.name, Some(resource.place));
        service.parts = containers(template, resource);
        service
    })
}

fn containers(template: &Template<'_>, task: &Resource<'_>) -> Vec<super::super::service::Part> {
    let definitions = task.property(&["ContainerDefinitions"]).map(Node::items).unwrap_or_default();
    definitions
        .iter()
        .map(|node| ecs::container(template.file, node, ecs::UPPER, &|node| template.value(node)))
        .collect()
}

fn instances(template: &Template<'_>, resource: &Resource<'_>) -> Instances {
    if resource.property(&["SchedulingStrategy"]).and_then(Node::as_str) == Some("DAEMON") {
        return unknown_instances();
    }
    let percent = resource.property(&["DeploymentConfiguration", "MaximumPercent"]);
    let percent = template.count(percent, platform_default(MAXIMUM_PERCENT));
    let written = template.count(resource.property(&["DesiredCount"]), Located::unknown());
    match scaling(template, resource) {
        Some(target) => {
            let bound = |key: &str| template.count(target.property(&[key]), Located::unknown());
            let (min, max) = (bound("MinCapacity"), bound("MaxCapacity"));
            let surge = beyond(&max, &percent);
            between(("min-capacity", min), ("max-capacity", max), Some(surge))
        }
        None => {
            let surge = beyond(&written, &percent);
            between(("desired-count", written.clone()), ("desired-count", written), Some(surge))
        }
    }
}

/// The autoscaler's target for a service: the one that names it.
fn scaling<'a>(template: &Template<'a>, resource: &Resource<'a>) -> Option<Resource<'a>> {
    template
        .of_kind("AWS::ApplicationAutoScaling::ScalableTarget")
        .find(|target| target.property(&["ResourceId"]).is_some_and(|node| refers(node, resource.name)))
}
