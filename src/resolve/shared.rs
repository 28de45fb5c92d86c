//! Servers that several deployments of one environment use: the demands of those add up.

use std::collections::BTreeMap;

use super::{Context, servers, targets};
use crate::model::{ConsumerKind, Deployment, Environment, Model, Scope, Server, SharedServer};

/// What makes the servers of two deployments one: their environment, and a public host with its port or an entry of the
/// configuration that is marked as shared.
type Key = (Environment, String);

/// The servers of two and more deployments. What a deployment is or which environment it is for must be known.
#[must_use]
pub fn servers(context: &Context<'_>, model: &Model) -> Vec<SharedServer> {
    let mut groups: BTreeMap<Key, Vec<(&Deployment, &Server)>> = BTreeMap::new();
    for deployment in model.deployments.iter().filter(|deployment| deployment.scope == Scope::Full) {
        let known =
            |environment: &Environment| !matches!(environment, Environment::Unknown | Environment::Example);
        let Some(environment) = deployment.environment.value.filter(known) else { continue };
        for server in &deployment.servers {
            if let Some(identity) = identity(context, deployment, server) {
                groups.entry((environment, identity)).or_default().push((deployment, server));
            }
        }
    }
    groups
        .into_iter()
        .filter_map(|((environment, _), uses)| {
            let deployments: Vec<String> =
                uses.iter().map(|(deployment, _)| deployment.name.clone()).collect();
            let several = deployments.iter().any(|name| Some(name) != deployments.first());
            let server = several.then(|| sum(context, &uses))??;
            Some(SharedServer { server, deployments, environment })
        })
        .collect()
}

fn identity(context: &Context<'_>, deployment: &Deployment, server: &Server) -> Option<String> {
    let (host, port) = server.address.as_deref()?.rsplit_once(':')?;
    let names: Vec<String> =
        std::iter::once(host).chain(deployment.aliases_of(host)).map(str::to_owned).collect();
    let declared = servers::database(context, &names, port.parse().ok());
    if let Some((name, _)) = declared.filter(|(_, config)| config.shared) {
        return Some(name.to_owned());
    }
    (server.workload.is_none() && targets::is_public(host)).then(|| format!("{host}:{port}"))
}

/// One server with the consumers of all. What is declared beside them (`others`) counts once.
fn sum(context: &Context<'_>, uses: &[(&Deployment, &Server)]) -> Option<Server> {
    let (_, first) = uses.first()?;
    let mut server = (*first).clone();
    for (_, other) in uses.iter().skip(1) {
        if server.max_connections.value.is_none() {
            server.max_connections = other.max_connections.clone();
        }
        // Slots that are held back from one of the deployments are held back from their sum.
        if other.reserved.value > server.reserved.value {
            server.reserved = other.reserved.clone();
        }
        let own = |kind: &ConsumerKind| !matches!(kind, ConsumerKind::Other { .. });
        server.consumers.extend(other.consumers.iter().filter(|consumer| own(&consumer.kind)).cloned());
    }
    let unlimited = uses.iter().any(|(_, server)| server.demand.unlimited);
    let whole = uses.iter().all(|(_, server)| server.may_connect.is_empty());
    let sums = servers::Sums { consumers: &server.consumers, instead: &[], unlimited, whole };
    let judged = servers::judge(context, sums, &server.max_connections, &server.reserved);
    server.demand = judged.demand;
    server.usable = judged.usable;
    server.budget = judged.budget;
    server.verdict = judged.verdict;
    server.tight = judged.tight;
    server.rests_on_default = judged.rests_on_default;
    server.remedies = judged.remedies;
    Some(server)
}
