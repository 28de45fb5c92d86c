//! Azure Functions: `host.json` tells how long and how many at once a function app serves
//! (<https://learn.microsoft.com/azure/azure-functions/functions-host-json>).

use std::collections::BTreeMap;

use super::numbers::{between, count, platform_default};
use super::service::{Service, Stack, directory, imagined};
use super::values::{literal, variable, variables};
use crate::model::{Located, Serving, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::Node;

/// The function app. Its variables are set on the platform; those of `local.settings.json` are for one's own machine.
pub(super) fn services(context: &Context<'_>, file: &PlatformFile) -> Vec<Service> {
    let (root, id) = (&file.root, file.file);
    let folder = directory(context.files.path(id)).rsplit('/').next().unwrap_or_default();
    let name = if folder.is_empty() { "functions" } else { folder };
    let mut service = Service::new("Function App", name, Some(Place::new(id, root.span)));
    service.class = WorkloadClass::Serverless;
    service.instances =
        between(("instances", platform_default(0)), ("max-instances", Located::unknown()), None);
    service.serving = Serving {
        request_timeout: root.get("functionTimeout").map(|node| timeout(node, Place::new(id, node.span))),
        // Several unless it says otherwise.
        concurrency: Some(count(
            id,
            root.at(&["extensions", "http", "maxConcurrentRequests"]),
            Located::unknown(),
        )),
        ..Serving::default()
    };
    vec![service.receiving(BTreeMap::new())]
}

/// What the host on a developer's machine sets; nothing of it is published. `ConnectionStrings` are for frameworks that
/// take them from there (<https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file>).
pub(super) fn settings(file: &PlatformFile) -> Option<Stack> {
    let (root, id) = (&file.root, file.file);
    // Then the values are ciphers.
    if root.get("IsEncrypted").and_then(Node::as_str) == Some("true") {
        return None;
    }
    let mut found = variables(id, root.get("Values"), &|node| literal(id, node));
    for entry in root.get("ConnectionStrings").map(Node::entries).unwrap_or_default() {
        let value = entry.value.get("ConnectionString").unwrap_or(&entry.value);
        let name = format!("ConnectionStrings:{}", entry.key.as_str());
        found.extend([variable(&name, Some(Place::new(id, entry.key_span)), literal(id, value))]);
    }
    let stack = imagined(file, "local", found);
    // The name of the file says which environment it is of.
    Some(Stack { environment: None, ..stack })
}

/// `hh:mm:ss`, perhaps behind days; `-1` is without limit. The default depends on the plan.
fn timeout(node: &Node, place: Place) -> Located<f64> {
    match node.as_str().and_then(seconds) {
        Some(seconds) => Located::written(seconds, place),
        None => Located::unknown().at(Some(place)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a function are few")]
fn seconds(text: &str) -> Option<f64> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (days.parse::<u32>().ok()?, clock),
        None => (0, text),
    };
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let mut sum = u64::from(days);
    for scale in [24, 60, 60] {
        sum = sum.checked_mul(scale)?.checked_add(u64::from(parts.next()??))?;
    }
    parts.next().is_none().then_some(sum as f64)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn clocks_are_seconds() {
        for (text, expected) in [
            ("00:05:00", Some(300.0)),
            ("01:00:01", Some(3601.0)),
            ("1.00:00:00", Some(86_400.0)),
            ("-1", None),
            ("00:05", None),
            ("00:05:00:00", None),
            ("soon", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
