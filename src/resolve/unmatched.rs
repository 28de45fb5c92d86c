//! What the owner declares and nothing in the repository answers to: a workload's name that is misspelt, hosts that nobody
//! connects to.

use std::collections::BTreeSet;

use super::{declared, servers};
use crate::config::{Config, DatabaseConfig, nearest};
use crate::model::{Deployment, Model};
use crate::span::Place;

/// An entry of the configuration that is about nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The entry.
    pub place: Place,
    /// What it names in vain, and what is near.
    pub message: String,
}

/// The entries of `[workloads]` and `[databases]` that are about nothing in the model, in the order of the file.
#[must_use]
pub fn unmatched(config: &Config, model: &Model) -> Vec<Unmatched> {
    let workloads = config.workloads.iter().filter_map(|(name, entry)| {
        let all = || model.deployments.iter().flat_map(|deployment| &deployment.workloads);
        let meant = model.deployments.iter().any(|deployment| {
            declared::is_for(entry, &deployment.name)
                && deployment.workloads.iter().any(|workload| workload.name == *name)
        });
        if meant {
            return None;
        }
        let elsewhere = all().any(|workload| workload.name == *name);
        let message = match entry.deployment.as_deref().filter(|_| elsewhere) {
            Some(glob) => format!("[workloads.{name}]: no deployment {glob} runs it"),
            None => match nearest(name, all().map(|workload| workload.name.as_str())) {
                Some(near) => {
                    format!("[workloads.{name}] is the name of no workload here; did you mean `{near}`?")
                }
                None => format!("[workloads.{name}] is the name of no workload here"),
            },
        };
        Some(Unmatched { place: entry.place?, message })
    });
    let hosts = hosts(model);
    let databases =
        config.databases.iter().filter(|(_, entry)| !is_met(entry, &hosts)).filter_map(|(name, entry)| {
            let message = format!("[databases.{name}]: no connection leads to what it is about");
            Some(Unmatched { place: entry.place?, message })
        });
    let rivals = rivals(config, &hosts);
    let mut found: Vec<Unmatched> = workloads.chain(databases).chain(rivals).collect();
    found.sort_by_key(|one| one.place);
    found
}

/// Entries of `[databases]` of which another is about the same host just as exactly, and holds.
fn rivals(config: &Config, hosts: &BTreeSet<(&str, Option<u16>)>) -> Vec<Unmatched> {
    let mut found: Vec<Unmatched> = Vec::new();
    for (host, port) in hosts {
        let all = config
            .databases
            .iter()
            .filter_map(|(name, entry)| Some((servers::exactness(entry, host, *port)?, name, entry)));
        let all: Vec<_> = all.collect();
        let Some(best) = all.iter().map(|(exactness, _, _)| *exactness).max() else { continue };
        let mut equal = all.iter().filter(|(exactness, _, _)| *exactness == best);
        let Some((_, first, _)) = equal.next() else { continue };
        for (_, name, entry) in equal {
            let message =
                format!("[databases.{name}] and [databases.{first}] are both about {host}; the latter holds");
            let new = entry.place.map(|place| Unmatched { place, message });
            found.extend(new.filter(|new| !found.contains(new)));
        }
    }
    found
}

fn is_met(entry: &DatabaseConfig, hosts: &BTreeSet<(&str, Option<u16>)>) -> bool {
    let meets = |pattern: &str| hosts.iter().any(|(host, port)| servers::matches_host(pattern, host, *port));
    entry.matches.iter().any(|pattern| meets(pattern))
}

/// Every name under which something may be meant, with its ports.
fn hosts(model: &Model) -> BTreeSet<(&str, Option<u16>)> {
    let mut found = BTreeSet::new();
    for deployment in &model.deployments {
        let used = deployment.connections().filter_map(|(_, _, connection)| {
            Some((connection.address.host.as_deref()?, connection.address.port))
        });
        let built = deployment.servers.iter().filter_map(|server| server.address.as_deref());
        let built = built.filter_map(|address| address.rsplit_once(':'));
        let poolers = deployment.poolers.iter().filter_map(|pooler| pooler.address.as_deref());
        let pooled = poolers.filter_map(|address| address.rsplit_once(':'));
        let addresses = built.chain(pooled).map(|(host, port)| (host, port.parse().ok()));
        for (host, port) in used.chain(addresses) {
            let real = deployment.real_host(host);
            let names = [host, real].into_iter().chain(deployment.aliases_of(real));
            found.extend(names.chain(own_names(deployment, real)).map(|name| (name, port)));
        }
        for server in &deployment.servers {
            let run = deployment.workloads.iter().filter(|run| Some(&run.name) == server.workload.as_ref());
            let address = server.address.as_deref().and_then(|address| address.rsplit_once(':'));
            let port = address.and_then(|(_, port)| port.parse().ok());
            let names = run.flat_map(|run| {
                std::iter::once(run.name.as_str()).chain(run.endpoints.iter().map(|one| one.host.as_str()))
            });
            found.extend(names.map(|name| (name, port)));
        }
    }
    found
}

/// The names of the workload that a host leads to.
fn own_names<'a>(deployment: &'a Deployment, host: &str) -> impl Iterator<Item = &'a str> {
    let named = |name: &str| name.eq_ignore_ascii_case(host);
    let reached = deployment.workloads.iter().find(|workload| {
        named(&workload.name) || workload.endpoints.iter().any(|endpoint| named(&endpoint.host))
    });
    reached.into_iter().flat_map(|workload| {
        std::iter::once(workload.name.as_str()).chain(workload.endpoints.iter().map(|one| one.host.as_str()))
    })
}
