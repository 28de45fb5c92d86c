//! What a connection leads to: the server or pooler of its deployment, and who else leads there.

use std::collections::{BTreeMap, BTreeSet};

use super::demand;
use super::poolers::Setup;
use super::targets::{self, Target};
use crate::model::{
    Address, Connection, Consumer, ConsumerKind, Container, Deployment, Network, Numbers, Stray, Workload,
    WorkloadClass,
};
use crate::span::Place;

/// What makes two connections lead to the same server of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A workload of the deployment, by its index.
    Workload(usize),
    /// A pooler, by its index.
    Pooler(usize),
    /// Host and port outside it.
    Address(String, Option<u16>),
    /// The same secret key holds the URL.
    Reference(String),
}

/// One connection with what leads to it.
pub struct Lead<'a> {
    /// The workload that the container belongs to.
    pub workload: &'a Workload,
    /// The container that has it.
    pub container: &'a Container,
    /// The connection.
    pub connection: &'a Connection,
}

impl Lead<'_> {
    /// As the budget names it when nobody knows where it leads.
    #[must_use]
    pub fn stray(&self) -> Stray {
        Stray { variable: Some(self.connection.variable.clone()), ..Stray::of(self.workload) }
    }
}

/// Whether a connection takes part in sums but leads nobody knows where: maybe to a server that is known.
#[must_use]
pub fn is_astray(deployment: &Deployment, lead: &Lead<'_>) -> bool {
    !lead.connection.administrative
        && lead.workload.class != WorkloadClass::Imaginary
        && targets::target(deployment, lead.workload, &lead.connection.address) == Target::Unknown
}

/// Where a connection of `workload` leads.
#[must_use]
pub fn key(
    deployment: &Deployment,
    poolers: &[Setup],
    workload: &Workload,
    address: &Address,
) -> Option<Key> {
    if let Some(key) = on_host_network(deployment, poolers, workload, address) {
        return Some(through(poolers, key, address));
    }
    let key = match targets::target(deployment, workload, address) {
        Target::Workload(target, _) => Key::Workload(deployment.workloads.element_offset(target)?),
        Target::Outside => outside(deployment, address)?,
        Target::Itself if workload.class == WorkloadClass::Imaginary => outside(deployment, address)?,
        Target::Itself => return None,
        Target::Unknown => Key::Reference(address.reference.clone()?),
    };
    Some(through(poolers, key, address))
}

/// What else listens on the port, on the network of the machine: a pooler listens where it is told, not where its image
/// does by default.
fn on_host_network(
    deployment: &Deployment,
    poolers: &[Setup],
    workload: &Workload,
    address: &Address,
) -> Option<Key> {
    let local = address.host.as_deref().is_some_and(targets::is_local);
    if workload.network != Network::Host || !local || address.port.is_none() {
        return None;
    }
    let listens = |(index, other): (usize, &Workload)| {
        let setup = poolers.iter().find(|setup| setup.workload == Some(index));
        let port = match setup {
            Some(setup) => setup.port,
            None => targets::serves(other).and_then(|(_, image)| image.port),
        };
        other.network == Network::Host && other != workload && port == address.port
    };
    deployment.workloads.iter().enumerate().position(listens).map(Key::Workload)
}

/// Where an address of a pooler that no workload runs leads.
#[must_use]
pub fn key_from_outside(deployment: &Deployment, address: &Address) -> Option<Key> {
    let host = deployment.real_host(address.host.as_deref()?);
    let reached = |workload: &Workload| {
        let named = workload.endpoints.iter().any(|endpoint| endpoint.host.eq_ignore_ascii_case(host));
        // What runs beside the containers reaches what they publish.
        let published = targets::is_local(host)
            && workload
                .containers
                .iter()
                .flat_map(|container| &container.ports)
                .any(|port| port.published.is_some() && port.published == address.port);
        named || published
    };
    match deployment.workloads.iter().position(reached) {
        Some(index) => Some(Key::Workload(index)),
        None if targets::is_local(host) => None,
        None => outside(deployment, address),
    }
}

/// A workload that runs a pooler, and an address that means one, are that pooler.
fn through(poolers: &[Setup], key: Key, address: &Address) -> Key {
    let pooler = poolers.iter().position(|setup| match &key {
        Key::Workload(index) => setup.workload == Some(*index),
        Key::Address(host, _) => {
            setup.is_reached_by(&Address { host: Some(host.clone()), ..address.clone() })
        }
        Key::Pooler(_) | Key::Reference(_) => false,
    });
    pooler.map_or(key, Key::Pooler)
}

fn outside(deployment: &Deployment, address: &Address) -> Option<Key> {
    Some(Key::Address(deployment.real_host(address.host.as_deref()?).to_owned(), address.port))
}

/// Where the first of these connections is written.
#[must_use]
pub fn first_place(leads: &[Lead<'_>]) -> Option<Place> {
    leads.iter().find_map(|lead| lead.connection.place())
}

/// The host names that a server or pooler goes by, the one that is used first (or what that stands for), and its port.
#[must_use]
pub fn names(
    deployment: &Deployment,
    workload: Option<&Workload>,
    outside: Option<&str>,
    leads: &[Lead<'_>],
) -> (Vec<String>, Option<u16>) {
    let used = leads.iter().find_map(|lead| lead.connection.address.host.as_deref());
    let used = used.map(|host| if workload.is_some() { host } else { deployment.real_host(host) });
    let used = used.filter(|host| !targets::is_local(host));
    let mut names: Vec<String> = used.into_iter().map(str::to_owned).collect();
    let mut port = leads.iter().find_map(|lead| lead.connection.address.port);
    if let Some(workload) = workload {
        let hosts = workload.endpoints.iter().map(|endpoint| endpoint.host.clone());
        // An operator's Services are named after what they reach, not after the cluster.
        if workload.operated.is_some() {
            names.extend(hosts.chain([workload.name.clone()]));
        } else {
            names.extend(std::iter::once(workload.name.clone()).chain(hosts));
        }
        port = port
            .or_else(|| targets::serves(workload).and_then(|(_, image)| image.port))
            .or_else(|| targets::server(workload).and_then(|(_, port)| port));
    }
    names.extend(outside.map(str::to_owned));
    let aliases: Vec<String> =
        names.iter().flat_map(|name| deployment.aliases_of(name)).map(str::to_owned).collect();
    names.extend(aliases);
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    (names, port)
}

/// The consumers behind some leads.
#[derive(Debug)]
pub struct Made {
    /// Those that count.
    pub consumers: Vec<Consumer>,
    /// Whether one of them has a pool without limit.
    pub unlimited: bool,
    /// The consumers if another of Compose's profiles were in use, for each of those.
    pub instead: Vec<Vec<Consumer>>,
}

/// The consumers behind `leads`, which are in the order of the workloads. Of Compose profiles only the one that adds most
/// counts beside the services that always run. `beside`: what the poolers in a workload's pods open to the same server.
#[must_use]
pub fn consumers<'a>(leads: &[Lead<'a>], beside: &dyn Fn(&'a Workload) -> Vec<(&'a str, u64)>) -> Made {
    let mut always = Vec::new();
    let mut by_profile: BTreeMap<&str, Vec<(Consumer, bool)>> = BTreeMap::new();
    for own in leads.chunk_by(|one, next| std::ptr::eq(one.workload, next.workload)) {
        let Some(workload) = own.first().map(|lead| lead.workload) else { continue };
        let made = demand::consumers(workload, &beside(workload), |container, connection| {
            own.iter().any(|lead| {
                std::ptr::eq(lead.container, container) && std::ptr::eq(lead.connection, connection)
            })
        });
        let made = made.into_iter().filter(|(consumer, _)| counts(consumer));
        if workload.profiles.is_empty() {
            always.extend(made);
        } else {
            let made: Vec<(Consumer, bool)> = made.collect();
            for profile in &workload.profiles {
                by_profile.entry(profile).or_default().extend(made.iter().cloned());
            }
        }
    }
    let mut profiles: Vec<Vec<(Consumer, bool)>> = by_profile.into_values().collect();
    let widest = profiles.iter().enumerate().max_by_key(|(_, made)| {
        let consumers: Vec<Consumer> = made.iter().map(|(consumer, _)| consumer.clone()).collect();
        let Numbers { min, max, rollout } = demand::total(&consumers, false).numbers;
        (rollout, max, min)
    });
    let widest = widest.map(|(index, _)| index).map(|index| profiles.swap_remove(index));
    let with = |profile: Vec<(Consumer, bool)>| {
        always.iter().cloned().chain(profile).map(|(consumer, _)| consumer).collect()
    };
    let instead = profiles.into_iter().map(with).collect();
    always.extend(widest.into_iter().flatten());
    let unlimited = always.iter().any(|(_, unlimited)| *unlimited);
    let consumers = always.into_iter().map(|(consumer, _)| consumer).collect();
    Made { consumers, unlimited, instead }
}

/// Connections for migrations and administration are no consumers.
fn counts(consumer: &Consumer) -> bool {
    let administrative = consumer.complete
        && consumer.connections == Numbers::default()
        && matches!(&consumer.kind, ConsumerKind::Workload { size: None, .. });
    !administrative
}
