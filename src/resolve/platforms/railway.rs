//! Railway (<https://docs.railway.com/reference/config-as-code>). Variables are set on the platform.

use std::collections::BTreeMap;

use super::numbers::{between, count, fixed, platform_default, twice};
use super::service::{Part, SET_ON_PLATFORM, Service, Stack, directory};
use super::values::text;
use crate::model::{Instances, Located, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::Node;

/// The service, and what it is in the environments that the file names.
pub(super) fn stacks(context: &Context<'_>, file: &PlatformFile) -> Vec<Stack> {
    let mut stacks = vec![Stack::from(services(context, file, &[&file.root]))];
    for entry in file.root.get("environments").map(Node::entries).unwrap_or_default() {
        let mut stack = Stack::from(services(context, file, &[&entry.value, &file.root]));
        stack.environment = Some(entry.key.as_str().to_owned());
        stacks.push(stack);
    }
    stacks
}

fn services(context: &Context<'_>, file: &PlatformFile, layers: &[&Node]) -> Vec<Service> {
    let id = file.file;
    let setting = |key: &str| layers.iter().find_map(|layer| layer.at(&["deploy", key]));
    let folder = directory(context.files.path(id)).rsplit('/').next().unwrap_or_default();
    let name = if folder.is_empty() { "service" } else { folder };
    let mut service = Service::new("Service", name, Some(Place::new(id, file.root.span)));
    if setting("cronSchedule").is_some() {
        service.class = WorkloadClass::Scheduled;
        service.instances = fixed("replicas", platform_default(1));
    } else {
        service.instances = instances(file, &setting);
    }
    let part = |command: Option<&Node>| Part {
        variables: BTreeMap::new(),
        command: text(id, command),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    };
    service.parts = vec![part(setting("startCommand"))];
    let mut all = vec![service];
    if let Some(command) = setting("preDeployCommand") {
        let mut before = Service::new("Pre-deploy Command", "pre-deploy", Some(Place::new(id, command.span)));
        before.class = WorkloadClass::OneShot;
        before.instances = fixed("replicas", platform_default(1));
        before.parts = vec![part(command.items().first().or(Some(command)))];
        all.push(before);
    }
    all
}

/// Replicas of all regions together. Old and new run at the same time for `overlapSeconds`.
fn instances<'a>(file: &PlatformFile, setting: &dyn Fn(&str) -> Option<&'a Node>) -> Instances {
    let id = file.file;
    let regions = setting("multiRegionConfig").map(Node::entries).unwrap_or_default();
    let mut sum: Option<Located<u64>> = None;
    for region in regions.iter().filter(|region| !region.value.is_null()) {
        let here = count(id, region.value.get("numReplicas"), platform_default(1));
        sum = Some(match sum {
            None => here,
            Some(sum) => {
                let total = Option::zip(sum.value, here.value).map(|(one, two)| one.saturating_add(two));
                total.map_or_else(Located::unknown, |total| Located { value: Some(total), ..sum })
            }
        });
    }
    let replicas = sum.unwrap_or_else(|| count(id, setting("numReplicas"), platform_default(1)));
    let overlap = setting("overlapSeconds").filter(|node| node.as_int() != Some(0));
    let surge = match overlap {
        Some(overlap) => twice(&replicas, Some(Place::new(id, overlap.span))),
        None => Located::unknown().noted("the new version starts before the old one stops"),
    };
    between(("replicas", replicas.clone()), ("replicas", replicas), Some(surge))
}
