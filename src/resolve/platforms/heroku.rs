//! Heroku: `app.json` with the formation, and the `Procfile` beside it with what each process runs
//! (<https://devcenter.heroku.com/articles/app-json-schema>, <https://devcenter.heroku.com/articles/procfile>).

use std::collections::BTreeMap;

use super::numbers::{as_seconds, count, fixed, platform_default};
use super::service::{Part, SET_ON_PLATFORM, Service, Stack, directory};
use super::values::{literal, text};
use crate::model::{Instances, Serving, Value, Variable, WorkloadClass};
use crate::readers::PlatformFile;
use crate::resolve::Context;
use crate::span::Place;
use crate::syntax::node::{Entry, Node};
use crate::tree::Platform;

/// Seconds after which the router gives up on a web process that has not answered
/// (<https://devcenter.heroku.com/articles/request-timeout>).
const TIMEOUT: u64 = 30;

/// The app, and what differs in the environments that it names (`review`, `test`).
pub(super) fn stacks(context: &Context<'_>, file: &PlatformFile) -> Vec<Stack> {
    let beside = sibling(context, file, Platform::Procfile);
    let mut stacks = vec![stack(file, &[&file.root], beside)];
    for entry in file.root.get("environments").map(Node::entries).unwrap_or_default() {
        let mut own = stack(file, &[&entry.value, &file.root], beside);
        own.environment = Some(entry.key.as_str().to_owned());
        stacks.push(own);
    }
    stacks
}

/// Processes without an `app.json`: nothing tells how many run.
pub(super) fn alone(context: &Context<'_>, file: &PlatformFile) -> Vec<Service> {
    if sibling(context, file, Platform::Heroku).is_some() {
        return Vec::new();
    }
    file.root.entries().iter().map(|entry| process(file, entry, None, BTreeMap::new())).collect()
}

fn sibling<'a>(context: &Context<'a>, file: &PlatformFile, platform: Platform) -> Option<&'a PlatformFile> {
    let home = directory(context.files.path(file.file));
    context
        .declarations
        .platforms
        .iter()
        .find(|other| other.platform == platform && directory(context.files.path(other.file)) == home)
}

/// `layers` are the mappings in which settings may stand, the strongest first.
fn stack(file: &PlatformFile, layers: &[&Node], procfile: Option<&PlatformFile>) -> Stack {
    let formation = |name: &str| {
        let quantity = layers.iter().find_map(|layer| layer.at(&["formation", name, "quantity"]));
        // One web process and none of the others, unless the formation says so.
        fixed("quantity", count(file.file, quantity, platform_default(u64::from(name == "web"))))
    };
    let variables = environment(file, layers);
    let mut stack = Stack::default();
    match procfile {
        Some(procfile) => {
            stack.files.push(procfile.file);
            for entry in procfile.root.entries() {
                let instances = Some(formation(entry.key.as_str()));
                stack.services.push(process(procfile, entry, instances, variables.clone()));
            }
        }
        None => {
            let named = layers.iter().find_map(|layer| layer.get("formation"));
            for entry in named.map(Node::entries).unwrap_or_default() {
                let place = Place::new(file.file, entry.key_span);
                let mut service = Service::new("Process", entry.key.as_str(), Some(place));
                service.instances = formation(entry.key.as_str());
                stack.services.push(service.receiving(variables.clone()));
            }
        }
    }
    stack
}

fn process(
    file: &PlatformFile,
    entry: &Entry,
    instances: Option<Instances>,
    variables: BTreeMap<String, Variable>,
) -> Service {
    let name = entry.key.as_str();
    let mut service = Service::new("Process", name, Some(Place::new(file.file, entry.key_span)));
    if name == "release" {
        service.class = WorkloadClass::OneShot;
        service.instances = fixed("quantity", platform_default(1));
    } else if let Some(instances) = instances {
        service.instances = instances;
    }
    if name == "web" {
        service.serving =
            Serving { request_timeout: as_seconds(platform_default(TIMEOUT)), ..Serving::default() };
    }
    service.parts = vec![Part {
        variables,
        command: text(file.file, Some(&entry.value)),
        open: Some(SET_ON_PLATFORM),
        ..Part::default()
    }];
    service
}

/// `env`: plain values, or mappings with one; what the platform generates or asks for is not known. The database that
/// an add-on brings is `DATABASE_URL`.
fn environment(file: &PlatformFile, layers: &[&Node]) -> BTreeMap<String, Variable> {
    let mut all = BTreeMap::new();
    for layer in layers.iter().rev() {
        let addons = layer.get("addons").map(Node::items).unwrap_or_default();
        let database = addons.iter().find(|addon| {
            let plan = addon.as_str().or_else(|| addon.get("plan").and_then(Node::as_str));
            plan.is_some_and(|plan| plan.starts_with("heroku-postgresql"))
        });
        if let Some(addon) = database {
            let name = "DATABASE_URL".to_owned();
            let variable = Variable {
                name: name.clone(),
                name_place: Some(Place::new(file.file, addon.span)),
                value: Value::Unknown("the platform fills in the add-on's URL".into()),
                reference: Some("heroku/DATABASE_URL".to_owned()),
                via: None,
            };
            all.insert(name, variable);
        }
        for entry in layer.get("env").map(Node::entries).unwrap_or_default() {
            let value = match (&entry.value.as_scalar(), entry.value.get("value")) {
                (Some(_), _) => literal(file.file, &entry.value),
                (None, Some(value)) => literal(file.file, value),
                (None, None) => Value::Unknown("it is asked for, or generated, when the app is made".into()),
            };
            let place = Some(Place::new(file.file, entry.key_span));
            all.extend([super::values::variable(entry.key.as_str(), place, value)]);
        }
    }
    all
}
