//! URLs that are named for a replica and lead to the primary.

use super::targets::{is_local, is_public};
use crate::model::{Connection, Container, Defect, Deployment, DeploymentKind, Environment, Variable};

/// Words of a variable's name that say that it is for reading from a copy.
const WORDS: [&str; 9] =
    ["REPLICA", "REPLICAS", "READ", "READONLY", "READER", "RO", "FOLLOWER", "SECONDARY", "SLAVE"];

/// Every variable of a container that is named for a replica, where another leads to the same server.
#[must_use]
pub fn defects(deployment: &Deployment) -> Vec<Defect> {
    let environment = deployment.environment.value.unwrap_or_default();
    if matches!(environment, Environment::Development | Environment::Test | Environment::Example) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for workload in &deployment.workloads {
        for container in &workload.containers {
            for (variable, primary) in pairs(container) {
                if !is_meant(deployment.kind, environment, primary) {
                    continue;
                }
                let Some(place) = container.environment.get(variable).and_then(Variable::place) else {
                    continue;
                };
                let Some(host) = primary.address.host.as_deref() else { continue };
                let mut defect = Defect::new("replica-url-is-primary", "same", place)
                    .of(variable)
                    .fact("primary", primary_name(primary))
                    .fact("host", host);
                if let Some(other) = primary.place().filter(|other| *other != place) {
                    defect = defect.label(other, "the primary");
                }
                defect.workload = Some(workload.name.clone());
                found.push(defect);
            }
        }
    }
    found
}

/// A variable for a replica, and the connection to the primary that leads where it does.
fn pairs(container: &Container) -> Vec<(&str, &Connection)> {
    let mut found = Vec::new();
    for connection in container.connections.iter().filter(|connection| !connection.administrative) {
        // Variables that hold the very same are one connection.
        let names = || std::iter::once(&connection.variable).chain(&connection.aliases).map(String::as_str);
        if !names().all(is_replica) {
            found.extend(names().filter(|name| is_replica(name)).map(|name| (name, connection)));
            continue;
        }
        let primary = container.connections.iter().find(|other| {
            !other.administrative
                && !is_replica(&other.variable)
                && other.address.host.is_some()
                && other.address.host == connection.address.host
                && other.address.port == connection.address.port
                && other.database == connection.database
        });
        found.extend(primary.map(|primary| (connection.variable.as_str(), primary)));
    }
    found
}

fn primary_name(primary: &Connection) -> String {
    let mut names = std::iter::once(&primary.variable).chain(&primary.aliases);
    names.find(|name| !is_replica(name)).cloned().unwrap_or_default()
}

/// Whether a variable is named for reading.
pub(super) fn is_replica(name: &str) -> bool {
    name.split(['_', '-', '.']).any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Whether a replica can be expected: on one's own machine the primary stands in for it.
fn is_meant(kind: DeploymentKind, environment: Environment, primary: &Connection) -> bool {
    let Some(host) = primary.address.host.as_deref().filter(|host| !is_local(host)) else { return false };
    let small = kind == DeploymentKind::Compose || kind.is_lone();
    environment == Environment::Production || !small || is_public(host)
}
