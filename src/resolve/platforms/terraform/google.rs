//! Services of Google Cloud Run.

use super::super::numbers::{as_seconds, between, count_of, platform_default, unknown_instances};
use super::super::service::{Part, Service};
use super::module::{Module, Resource};
use crate::model::{Serving, WorkloadClass};

/// Instances at most unless set.
const MAX: u64 = 100;

/// Requests at the same time in one instance unless set.
const CONCURRENCY: u64 = 80;

/// Seconds of a request unless set.
const TIMEOUT: u64 = 300;

pub(super) fn service(module: &Module<'_>, resource: &Resource<'_>) -> Service {
    let setting = |path: &[&str]| resource.body.get(&["template"])?.get(path);
    let min = module.count(setting(&["scaling", "min_instance_count"]), platform_default(0));
    let max = module.count(setting(&["scaling", "max_instance_count"]), platform_default(MAX));
    let mut service = Service::new("Cloud Run Service", resource.name, Some(resource.place));
    service.class = WorkloadClass::Serverless;
    service.instances = match resource.is_repeated() {
        true => unknown_instances(),
        false => between(("min-instances", min), ("max-instances", max), None),
    };
    let timeout = match setting(&["timeout"]) {
        Some(at) => {
            let text = module.text(at);
            let end = text.as_str().strip_suffix('s').map_or(0, str::len);
            count_of(&text.slice(0..end), at.place())
        }
        None => platform_default(TIMEOUT),
    };
    let concurrency = setting(&["max_instance_request_concurrency"]);
    service.serving = Serving {
        request_timeout: as_seconds(timeout),
        concurrency: Some(module.count(concurrency, platform_default(CONCURRENCY))),
        asynchronous: false,
        ..Serving::default()
    };
    let template = resource.body.get(&["template"]);
    let containers = template.into_iter().flat_map(|template| template.all("containers"));
    service.parts = containers
        .enumerate()
        .map(|(index, container)| Part {
            name: container
                .get(&["name"])
                .and_then(|name| module.text(name).known().map(str::to_owned))
                .unwrap_or_else(|| if index == 0 { String::new() } else { format!("container-{index}") }),
            image: container.get(&["image"]).map(|image| module.text(image)),
            variables: module.listed(container.all("env")),
            words: ["command", "args"]
                .iter()
                .flat_map(|key| container.all(key).map(|word| module.text(word)).collect::<Vec<_>>())
                .collect(),
            ..Part::default()
        })
        .collect();
    service
}
