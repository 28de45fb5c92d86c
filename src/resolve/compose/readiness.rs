//! Services that start before the database they need accepts connections.

use super::tree::Item;
use crate::catalog::{ImageRole, catalog};
use crate::model::{Defect, Edit, Fix, Safety};
use crate::span::{Place, Text};

/// The rule's name.
const RULE: &str = "db-readiness-gate";

/// Programs, words of variables and restart policies that show that a service waits by itself.
const WAITS: [&str; 8] =
    ["wait-for", "wait_for", "waitfor", "dockerize", "pg_isready", "wait4ports", "until ", "retry"];

/// The databases that `service` depends on and does not wait for.
pub(super) fn of(name: &str, service: &Item, services: &Item) -> Vec<Defect> {
    if waits(service) || is_foreign(service) {
        return Vec::new();
    }
    let Some(depends_on) = service.get("depends_on") else { return Vec::new() };
    depends_on
        .names()
        .filter_map(|(server, place)| {
            let target = services.get(server).filter(|target| serves(target))?;
            let condition = depends_on.get(server).and_then(|item| item.get("condition"));
            let mut defect = gate(condition, place, target)?.fact("server", server);
            defect.workload = Some(name.to_owned());
            Some(defect)
        })
        .collect()
}

fn gate(condition: Option<&Item>, place: Place, target: &Item) -> Option<Defect> {
    let checked = target
        .get("healthcheck")
        .is_some_and(|check| check.get("disable").and_then(Item::known) != Some("true"));
    let own = condition.and_then(Item::known);
    match own {
        Some("service_healthy") => (!checked).then(|| Defect::new(RULE, "healthcheck", place)),
        None | Some("service_started") => {
            let text = condition.and_then(Item::text).filter(|_| checked);
            let written = text.and_then(|text| text.editable(0..text.as_str().len()));
            let fix = written.map(|place| Fix {
                safety: Safety::Safe,
                title: "wait until it is healthy".to_owned(),
                edits: vec![Edit { place, text: "service_healthy".to_owned() }],
                withheld: false,
            });
            let kind = if checked { "condition" } else { "neither" };
            Some(Defect::new(RULE, kind, place).fix(fix))
        }
        Some(_) => None,
    }
}

/// Whether the image is one that others make and the catalogue knows: a pooler connects when it is asked to, a proxy never,
/// and an application's own start script commonly waits.
fn is_foreign(service: &Item) -> bool {
    let image = service.get("image").and_then(Item::known).filter(|_| service.get("build").is_none());
    image.is_some_and(|image| catalog().image(image).is_some() || catalog().is_bystander(image))
}

/// Whether the image is a database server's of which nothing says that it checks its own health.
fn serves(service: &Item) -> bool {
    let image = service.get("image").and_then(Item::known);
    service.get("build").is_none()
        && image.and_then(|image| catalog().image(image)).is_some_and(|image| image.role == ImageRole::Server)
}

/// Whether the service tries again: it is restarted, or something in it waits.
fn waits(service: &Item) -> bool {
    let restarted = service.get("restart").and_then(Item::text).is_some_and(|policy| policy.as_str() != "no");
    let policy = service.at(&["deploy", "restart_policy"]).is_some();
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        WAITS.iter().any(|sign| text.contains(sign))
    };
    let words =
        ["command", "entrypoint"].iter().filter_map(|key| service.get(key)).flat_map(Item::one_or_many);
    let texts: Vec<&str> = words.filter_map(Item::text).map(Text::as_str).collect();
    // An override that keeps a service from doing anything.
    let idle = texts.iter().any(|text| matches!(text.split(' ').next(), Some("echo" | "true" | "sleep")));
    let mut variables = service.get("environment").into_iter().flat_map(Item::entries);
    restarted
        || policy
        || idle
        || texts.into_iter().any(says)
        || variables.any(|(name, _)| says(name) || name.to_ascii_lowercase().contains("retries"))
}
