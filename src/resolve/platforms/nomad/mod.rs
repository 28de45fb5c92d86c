//! Nomad: the groups of a job are what runs, several tasks together and several times
//! (<https://developer.hashicorp.com/nomad/docs/job-specification>).

mod template;

use super::numbers::{between, fixed, platform_default, unknown_instances};
use super::service::{Part, Service, Stack};
use super::terraform::module::{At, Module};
use crate::model::{Instances, Located, Role, WorkloadClass};
use crate::readers::PlatformFile;
use crate::span::Place;
use crate::syntax::node::{Entry, Node};

/// The groups of the file's job.
pub(super) fn stack(file: &PlatformFile) -> Stack {
    let module = Module::alone(file);
    let mut stack = Stack { secrets: module.secrets(), ..Stack::default() };
    for (_, job) in labelled(At { file: file.file, node: &file.root }, "job") {
        for (entry, group) in labelled(job, "group") {
            stack.services.push(service(&module, job, entry, group));
        }
    }
    stack
}

/// The blocks of one type with one label, with the label.
fn labelled<'a>(at: At<'a>, kind: &str) -> Vec<(&'a Entry, At<'a>)> {
    let entries = at.node.get(kind).map(Node::entries).unwrap_or_default();
    let one = |entry: &'a Entry| Some((entry, At { node: entry.value.items().first()?, ..at }));
    entries.iter().filter_map(one).collect()
}

fn service<'a>(module: &Module<'a>, job: At<'a>, entry: &'a Entry, group: At<'a>) -> Service {
    let place = Place::new(group.file, entry.key_span);
    let mut service = Service::new("Task Group", entry.key.as_str(), Some(place));
    let kind = job.get(&["type"]).map(|kind| module.text(kind));
    let kind = kind.as_ref().map_or(Some("service"), |kind| kind.known());
    let periodic = job.get(&["periodic"]).is_some();
    (service.class, service.instances) = match kind {
        Some("service") => (WorkloadClass::Service, instances(module, job, group)),
        // A parameterized job is started once for each dispatch.
        Some("batch") if job.get(&["parameterized"]).is_some() => {
            (WorkloadClass::OneShot, unknown_instances())
        }
        Some("batch") => {
            let class = if periodic { WorkloadClass::Scheduled } else { WorkloadClass::OneShot };
            (class, fixed("count", module.count(group.get(&["count"]), platform_default(1))))
        }
        // One on each node that fits.
        Some("sysbatch") => (WorkloadClass::OneShot, unknown_instances()),
        _ => (WorkloadClass::Service, unknown_instances()),
    };
    let tasks = labelled(group, "task");
    service.hosts = group
        .all("service")
        .chain(tasks.iter().flat_map(|(_, task)| task.all("service")))
        .filter_map(|service| host(module, service))
        .collect();
    service.parts = tasks.into_iter().map(|(entry, task)| part(module, entry, task)).collect();
    // The main ones come first.
    service.parts.sort_by_key(|part| part.role.is_some());
    service
}

/// How many run: the count, or what an autoscaler may set within its bounds; an update runs canaries besides
/// (<https://developer.hashicorp.com/nomad/docs/job-specification/scaling>,
/// <https://developer.hashicorp.com/nomad/docs/job-specification/update>).
fn instances<'a>(module: &Module<'a>, job: At<'a>, group: At<'a>) -> Instances {
    let scaling = group.get(&["scaling"]);
    let bound = |key: &str| scaling.and_then(|scaling| scaling.get(&[key]));
    let number = |at: Option<At<'a>>| module.count(at, Located::unknown());
    let own = group.get(&["count"]);
    let least = match (own, bound("min")) {
        (None, None) => platform_default(1),
        (None, low) => number(low),
        (own, _) => number(own),
    };
    let off = bound("enabled").is_some_and(|enabled| enabled.node.as_str() == Some("false"));
    let canary = || {
        let of = |at: At<'a>| at.get(&["update", "canary"]);
        let canary = module.count(of(group).or_else(|| of(job)), platform_default(0));
        (canary.value != Some(0)).then_some(canary)
    };
    match bound("max").filter(|_| !off) {
        None => between(("count", least.clone()), ("count", least), canary()),
        Some(max) => {
            let low = bound("min").map_or(least, |low| number(Some(low)));
            between(("min", low), ("max", number(Some(max))), canary())
        }
    }
}

/// The name under which Consul's DNS has a service (<https://developer.hashicorp.com/consul/docs/services/discovery/dns-static-lookups>).
fn host<'a>(module: &Module<'a>, service: At<'a>) -> Option<String> {
    let own = service.get(&["provider"]).map(|provider| module.text(provider));
    if own.as_ref().is_some_and(|own| own.known() != Some("consul")) {
        return None;
    }
    let name = module.text(service.get(&["name"])?);
    Some(format!("{}.service.consul", name.known()?))
}

fn part<'a>(module: &Module<'a>, entry: &'a Entry, task: At<'a>) -> Part {
    let mut variables = module.variables(task.get(&["env"]));
    let mut open = None;
    for block in task.all("template") {
        if block.get(&["env"]).is_none_or(|env| env.node.as_str() == Some("false")) {
            continue;
        }
        let read = block.get(&["data"]).map(|data| template::variables(&module.text(data)));
        // What templates set is laid over `env` (client/taskenv of Nomad's source).
        let (found, whole) = read.unwrap_or_default();
        variables.extend(found);
        if !whole {
            open = Some("what a template renders");
        }
    }
    let config = |key: &str| task.get(&["config", key]);
    let driver = task.get(&["driver"]).and_then(|driver| driver.node.as_str());
    let image = config("image").filter(|_| matches!(driver, Some("docker" | "podman")));
    let words = |at: Option<At<'a>>| {
        let node = at.filter(|at| at.node.tag.is_none());
        let items = node.map(|at| at.node.items()).unwrap_or_default();
        let file = task.file;
        items.iter().map(|node| module.text(At { file, node })).collect::<Vec<_>>()
    };
    let one = |at: At<'a>| match at.node.tag.is_none() && at.node.as_scalar().is_none() {
        true => words(Some(at)),
        false => vec![module.text(at)],
    };
    let mut command: Vec<_> = config("entrypoint").map(one).unwrap_or_default();
    command.extend(config("command").map(one).unwrap_or_default());
    command.extend(words(config("args")));
    Part {
        name: entry.key.as_str().to_owned(),
        image: image.map(|image| module.text(image)),
        variables,
        words: command,
        role: role(task),
        open,
        ..Part::default()
    }
}

/// When a task runs beside the group's main ones
/// (<https://developer.hashicorp.com/nomad/docs/job-specification/lifecycle>).
fn role(task: At<'_>) -> Option<Role> {
    let lifecycle = task.get(&["lifecycle"])?;
    let sidecar = lifecycle.get(&["sidecar"]).is_some_and(|sidecar| sidecar.node.as_str() == Some("true"));
    Some(match lifecycle.get(&["hook"]).and_then(|hook| hook.node.as_str()) {
        _ if sidecar => Role::Sidecar,
        _ => Role::Init,
    })
}
