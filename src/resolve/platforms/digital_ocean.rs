//! DigitalOcean's App Platform (<https://docs.digitalocean.com/products/app-platform/reference/app-spec/>).

use std::collections::BTreeMap;

use super::numbers::{between, count, fixed, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service, Stack};
use super::values::{literal, text, variable};
use crate::model::{Instances, Located, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::{Place, Text};
use crate::syntax::node::Node;

/// The components that run code; the deploy button's template holds the same below `spec`.
pub(super) fn stack(file: &PlatformFile) -> Stack {
    let root = file.root.get("spec").unwrap_or(&file.root);
    let mut stack = Stack::default();
    for (key, kind) in
        [("services", "Service"), ("workers", "Worker"), ("jobs", "Job"), ("functions", "Functions")]
    {
        for node in root.get(key).map(Node::items).unwrap_or_default() {
            stack.services.extend(component(file, root, node, kind));
        }
    }
    stack
}

fn component(file: &PlatformFile, root: &Node, node: &Node, kind: &'static str) -> Option<Service> {
    let id = file.file;
    let name = node.get("name")?;
    let mut service = Service::new(kind, name.as_str()?, Some(Place::new(id, name.span)));
    match kind {
        "Job" => {
            service.class = match node.get("kind").and_then(Node::as_str) {
                Some("SCHEDULED") => WorkloadClass::Scheduled,
                _ => WorkloadClass::OneShot,
            };
            service.instances =
                fixed("instance_count", count(id, node.get("instance_count"), platform_default(1)));
        }
        "Functions" => {
            service.class = WorkloadClass::Serverless;
            service.instances =
                between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
        }
        _ => service.instances = instances(file, node),
    }
    let mut variables = environment(file, root);
    variables.extend(environment(file, node));
    let directory = node.get("source_dir").and_then(Node::as_str).map(|path| path.trim_matches('/'));
    service.parts = vec![Part {
        image: node.at(&["image", "repository"]).and_then(|_| Some(image(file, node.get("image")?))),
        variables,
        command: text(id, node.get("run_command")),
        directory: directory.filter(|path| !path.is_empty()).map(str::to_owned),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    }];
    Some(service)
}

fn image(file: &PlatformFile, node: &Node) -> Text {
    let part = |key: &str| text(file.file, node.get(key));
    let mut whole = Text::default();
    if let (Some(registry), Some(place)) = (part("registry"), node.get("registry")) {
        whole.push_text(&registry);
        whole.push_text(&Text::derived("/", Place::new(file.file, place.span)));
    }
    whole.push_text(&part("repository").unwrap_or_default());
    whole
}

/// The autoscaler stands above the count. How many new instances start before the old ones stop is not documented.
fn instances(file: &PlatformFile, node: &Node) -> Instances {
    let id = file.file;
    let surge = Some(Located::unknown().noted("new instances start before the old ones stop"));
    match node.get("autoscaling") {
        Some(scaling) => {
            let bound = |key: &str| count(id, scaling.get(key), Located::unknown());
            let (min, max) = (bound("min_instance_count"), bound("max_instance_count"));
            between(("min_instance_count", min), ("max_instance_count", max), surge)
        }
        None => {
            let written = count(id, node.get("instance_count"), platform_default(1));
            between(("instance_count", written.clone()), ("instance_count", written), surge)
        }
    }
}

/// `envs` at run time. Encrypted values are known to the platform alone.
fn environment(file: &PlatformFile, scope: &Node) -> BTreeMap<String, Variable> {
    let items = scope.get("envs").map(Node::items).unwrap_or_default();
    let one = |item: &Node| {
        if item.get("scope").and_then(Node::as_str) == Some("BUILD_TIME") {
            return None;
        }
        let key = item.get("key")?;
        let place = Some(Place::new(file.file, key.span));
        let secret = item.get("type").and_then(Node::as_str) == Some("SECRET");
        let value = item.get("value").filter(|_| !secret).map(|value| bound(file, value));
        let value = value.unwrap_or_else(|| Value::Unknown("the platform keeps it as a secret".into()));
        let (name, mut found) = variable(key.as_str()?, place, value);
        let whole = item.get("value").and_then(Node::as_str).filter(|text| text.starts_with("${"));
        found.reference = whole.map(|binding| format!("digitalocean/{binding}"));
        Some((name, found))
    };
    items.iter().filter_map(one).collect()
}

/// `${db.DATABASE_URL}` is filled in by the platform.
fn bound(file: &PlatformFile, node: &Node) -> Value {
    let Value::Text(text) = literal(file.file, node) else { return literal(file.file, node) };
    let all = text.as_str();
    let (mut out, mut rest) = (Text::default(), 0usize);
    while let Some(start) =
        all.get(rest..).and_then(|tail| tail.find("${")).and_then(|at| at.checked_add(rest))
    {
        out.push_text(&text.slice(rest..start));
        let length = all.get(start..).and_then(|tail| tail.find('}'));
        rest = length.map_or(all.len(), |length| start.saturating_add(length).saturating_add(1));
        let binding = all.get(start..rest).unwrap_or_default();
        out.push_text(&Text::unknown(format!("the platform fills in {binding}")));
    }
    out.push_text(&text.slice(rest..all.len()));
    Value::Text(out)
}
