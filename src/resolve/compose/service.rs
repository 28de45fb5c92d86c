//! Services to workloads.

use std::collections::BTreeSet;

use super::environment::Received;
use super::image::Built;
use super::project_env::ProjectEnv;
use super::tree::{Entry, Item};
use super::{command, defects, environment, image, instances, mounts, network, readiness};
use crate::catalog::{ImageRole, catalog};
use crate::model::{Container, Defect, Endpoint, EnvUse, Located, Port, Role, Workload, WorkloadClass};
use crate::resolve::Context;
use crate::span::Text;

/// What the services of a project make up.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The workloads, in the order of their places.
    pub(super) workloads: Vec<Workload>,
    /// What is wrong with them.
    pub(super) defects: Vec<Defect>,
    /// Env files that they read.
    pub(super) env_uses: Vec<EnvUse>,
    /// What is not known.
    pub(super) partial: Vec<String>,
    /// Variables that their env files demand and nothing in the repository sets.
    pub(super) required: BTreeSet<String>,
}

/// The services of the project `root`.
pub(super) fn all(context: &Context<'_>, root: &Item, env: &ProjectEnv) -> Read {
    let mut read = Read::default();
    let Some(all) = root.get("services") else { return read };
    let mut services: Vec<(&str, &Entry)> =
        all.entries().map(|(name, entry)| (name.as_ref(), entry)).collect();
    services.sort_by_key(|(_, entry)| (context.files.path(entry.key.file), entry.key.span.start));
    let active = active_profiles(env);
    let runs = |service: &Item| is_active(&profiles(service), active.as_deref());
    let running = services.iter().map(|(_, entry)| &entry.item).filter(|service| runs(service));
    let once: BTreeSet<&str> = running.flat_map(waited_for).collect();
    for (name, entry) in &services {
        let service = &entry.item;
        let built = Built::of(context, service);
        let received = environment::of(context, service, built.as_ref(), env);
        read.defects.extend(defects::of(context, name, service));
        read.defects.extend(readiness::of(name, service, all));
        read.env_uses.extend(received.env_uses.iter().cloned());
        // Compose asks nothing of a service that it leaves out.
        let dormant = !runs(service);
        if !dormant {
            read.partial.extend(received.partial.iter().cloned());
            read.required.extend(received.required.iter().cloned());
        }
        read.workloads.push(Workload {
            name: (*name).to_owned(),
            kind: "Service".to_owned(),
            namespace: None,
            place: Some(entry.key),
            class: if once.contains(name) { WorkloadClass::OneShot } else { WorkloadClass::Service },
            instances: instances::of(service),
            containers: vec![container(context, (name, root, service), built.as_ref(), received)],
            endpoints: network::endpoints(name, service),
            network: network::of(root, service),
            profiles: if active.is_some() { Vec::new() } else { profiles(service) },
            dormant,
            serving: crate::model::Serving::default(),
            suppressions: Vec::new(),
            operated: None,
        });
    }
    for (target, alias) in services.iter().flat_map(|(_, entry)| network::links(&entry.item)) {
        if let Some(target) = read.workloads.iter_mut().find(|workload| workload.name == target)
            && !target.endpoints.iter().any(|endpoint| endpoint.host == alias)
        {
            let host = alias.to_owned();
            target.endpoints.push(Endpoint { host, ports: Vec::new(), networks: Vec::new() });
        }
    }
    read
}

fn profiles(service: &Item) -> Vec<String> {
    service
        .get("profiles")
        .into_iter()
        .flat_map(Item::items)
        .filter_map(Item::known)
        .map(str::to_owned)
        .collect()
}

/// The profiles that the project's `.env` turns on.
fn active_profiles(env: &ProjectEnv) -> Option<Vec<String>> {
    let list = env.value("COMPOSE_PROFILES")?.known()?;
    Some(list.split(',').map(|profile| profile.trim().to_owned()).collect())
}

fn is_active(own: &[String], active: Option<&[String]>) -> bool {
    let Some(active) = active else { return true };
    own.is_empty() || active.iter().any(|profile| profile == "*" || own.contains(profile))
}

/// The services whose end this one waits for.
fn waited_for(service: &Item) -> impl Iterator<Item = &str> {
    let waits = service.get("depends_on").into_iter().flat_map(Item::entries);
    waits
        .filter(|(_, entry)| {
            entry.item.get("condition").and_then(Item::known) == Some("service_completed_successfully")
        })
        .map(|(name, _)| name.as_ref())
}

fn container(
    context: &Context<'_>,
    (name, root, service): (&str, &Item, &Item),
    built: Option<&Built<'_>>,
    received: Received,
) -> Container {
    let (command, shell) = words(service, built);
    // Of what else is built only its own files tell what it is.
    let base = built.and_then(Built::base).filter(|base| {
        let name = base.image.known();
        let known = name.and_then(|name| catalog().image(name));
        known.is_some_and(|image| matches!(image.role, ImageRole::Server | ImageRole::Pooler))
            || name.is_some_and(|name| catalog().process_server_of_image(name).is_some())
    });
    let copies = built.filter(|_| base.is_some()).into_iter().flat_map(|built| built.copies(context.files));
    Container {
        name: name.to_owned(),
        image: service.get("image").and_then(Item::text).cloned(),
        role: Role::Main,
        environment: received.variables,
        open_environment: received.open,
        command,
        shell,
        build: image::context_directory(service),
        base,
        mounts: mounts::mounts(root, service).into_iter().chain(copies).collect(),
        ports: service.get("ports").into_iter().flat_map(Item::items).filter_map(port).collect(),
        connections: Vec::new(),
        processes: Located::unknown(),
    }
}

/// Entrypoint and command. The service's own entrypoint drops the image's command; a shell line as the image's
/// entrypoint takes no command.
fn words(service: &Item, built: Option<&Built<'_>>) -> (Vec<Text>, bool) {
    let (image_entrypoint, image_command) = built.map(Built::commands).unwrap_or_default();
    let own_entrypoint = command::words(service.get("entrypoint"));
    let own_command = command::words(service.get("command"));
    let (entrypoint, inherited) = match own_entrypoint {
        Some(own) => (Some(own), None),
        None => (image_entrypoint, image_command),
    };
    let (mut words, open) = entrypoint.unwrap_or_default();
    if open && words.len() == 1 {
        return (words, true);
    }
    let (more, line) = own_command.or(inherited).unwrap_or_default();
    words.extend(more);
    let shell = line || command::is_shell(&words);
    (words, shell)
}

/// A port in its short or its long form; ranges are passed over.
fn port(port: &Item) -> Option<Port> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let place = Some(port.place);
    if port.scalar().is_none() {
        let container = number(port.get("target")?.known()?)?;
        let published = port.get("published").and_then(Item::known).and_then(number);
        return Some(Port { container, published, place });
    }
    let text = port.known()?;
    let text = text.split_once('/').map_or(text, |(text, _)| text);
    let (before, container) = text.rsplit_once(':').unwrap_or(("", text));
    let published = before.rsplit(':').next().and_then(number);
    Some(Port { container: number(container)?, published, place })
}
