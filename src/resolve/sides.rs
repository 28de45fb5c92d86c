//! The two sides of every pooler: what its clients ask of it, and what it asks of its servers.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::demand::{self, Count};
use super::leads::{self, Key, Lead};
use super::poolers::{self, Asked, Entry, Setup, Side};
use super::targets;
use crate::catalog::{catalog, provider_of_host};
use crate::model::{
    Basis, Consumer, ConsumerKind, Demand, Deployment, Factor, Home, Located, Numbers, Pooler, Verdict,
    Workload,
};

/// What one pooler opens to one server.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The server.
    pub key: Key,
    /// The pooler as its consumer.
    pub consumer: Consumer,
    /// The workload and container that run it, where one does.
    pub pod: Option<(usize, String)>,
    /// The roles it connects with, where they are known.
    pub users: BTreeSet<Option<String>>,
}

/// What all poolers open.
pub type Sides = Vec<Upstream>;

/// The name under which the owner declares the server of a host and port.
type Declared<'a> = dyn Fn(&str, Option<u16>) -> Option<String> + 'a;

impl Upstream {
    /// The container that runs it in a pod of the workload, and what it opens there.
    #[must_use]
    pub fn in_pod_of(&self, index: usize) -> Option<(&str, u64)> {
        let (_, container) = self.pod.as_ref().filter(|(workload, _)| *workload == index)?;
        let Consumer { connections, instances, .. } = &self.consumer;
        Some((container, connections.rollout.checked_div(instances.rollout)?))
    }
}

/// The poolers with their clients, taken out of `groups`, each with the servers it leads to; and what they open. The
/// servers are added to `groups`. `declared` tells under which name the owner declares a server of a host and port.
pub fn of<'a>(
    deployment: &'a Deployment,
    setups: &[Setup],
    groups: &mut BTreeMap<Key, Vec<Lead<'a>>>,
    declared: &Declared<'_>,
) -> (Vec<(Pooler, BTreeSet<Key>)>, Sides) {
    let mut sides = Sides::new();
    let mut clients: Vec<Vec<Lead<'a>>> = Vec::new();
    for (index, setup) in setups.iter().enumerate() {
        let leads = groups.remove(&Key::Pooler(index)).unwrap_or_default();
        // A file that nothing mounts and nobody reaches runs nowhere, as far as the files tell.
        if setup.workload.is_some() || !leads.is_empty() {
            let more = match &setup.provider {
                Some(host) => {
                    let known = groups.keys().chain(sides.iter().map(|side| &side.key));
                    let known = known.filter(|key| matches!(key, Key::Address(..))).cloned().collect();
                    of_provider(setup, host, &known, declared)
                }
                None => upstreams(deployment, setups, setup, &leads),
            };
            sides.extend(more);
        }
        clients.push(leads);
    }
    let mut built = Vec::new();
    for (index, (setup, leads)) in setups.iter().zip(&clients).enumerate() {
        let from_poolers: Vec<&Upstream> =
            sides.iter().filter(|side| side.key == Key::Pooler(index)).collect();
        if setup.workload.is_none() && leads.is_empty() && from_poolers.is_empty() {
            continue;
        }
        let keys = sides
            .iter()
            .filter(|side| matches!(&side.consumer.kind, ConsumerKind::Pooler { pooler, .. } if *pooler == setup.name))
            .map(|side| side.key.clone())
            .collect();
        built.push((pooler(deployment, setup, leads, &from_poolers), keys));
    }
    for side in &sides {
        if !matches!(side.key, Key::Pooler(_)) {
            groups.entry(side.key.clone()).or_default();
        }
    }
    (built, sides)
}

fn runs<'a>(deployment: &'a Deployment, setup: &Setup) -> Option<&'a Workload> {
    deployment.workloads.get(setup.workload?)
}

/// How many of it run: a file that nothing mounts is one process.
fn count(workload: Option<&Workload>) -> Count {
    let one = Numbers { min: 1, max: 1, rollout: 1 };
    workload.map_or(Count { numbers: one, known: true }, demand::count)
}

/// What a provider's endpoint opens is not known. It leads to the server whose own host its name tells, else to whatever
/// the owner declares under the same name, of which there may be several; else to the one declared under its host.
fn of_provider(setup: &Setup, host: &str, known: &BTreeSet<Key>, declared: &Declared<'_>) -> Sides {
    let own = Key::Address(host.to_owned(), setup.port);
    let named = |key: &Key| match key {
        Key::Address(host, port) => declared(host, *port),
        _ => None,
    };
    let name = named(&own);
    let direct = provider_of_host(host, setup.port).and_then(|(_, endpoint)| endpoint.direct_host(host));
    let behind = |key: &&Key| matches!(key, Key::Address(other, _) if Some(other) == direct.as_ref());
    let mut keys: Vec<Key> = known.iter().filter(behind).cloned().collect();
    if keys.is_empty() && name.is_some() {
        // Of a host that names its server every other server is another one.
        let same = |key: &&Key| if direct.is_some() { **key == own } else { named(key) == name };
        keys = known.iter().filter(same).cloned().collect();
        if keys.is_empty() {
            keys.push(own);
        }
    } else if keys.is_empty()
        && let Some(direct) = direct
        && declared(&direct, setup.port).is_some()
    {
        keys.push(Key::Address(direct, setup.port));
    }
    let size = Located::unknown();
    let size = Factor { name: "pool_size".to_owned(), value: size };
    let side = Side { factors: vec![size], ..Side::default() };
    let upstream = |key| Upstream {
        key,
        pod: None,
        users: BTreeSet::from([None]),
        consumer: consumer(setup, None, side.clone()),
    };
    keys.into_iter().map(upstream).collect()
}

fn upstreams(deployment: &Deployment, setups: &[Setup], setup: &Setup, leads: &[Lead<'_>]) -> Sides {
    let workload = runs(deployment, setup);
    let pod = || setup.workload.zip(setup.container.clone());
    let mut by_key: BTreeMap<Key, Vec<&Entry>> = BTreeMap::new();
    let mut unknown = setup.settings.databases.is_empty() || setup.settings.open;
    for entry in &setup.settings.databases {
        let key = setup.upstream(entry).and_then(|address| match workload {
            Some(workload) => leads::key(deployment, setups, workload, &address),
            None => leads::key_from_outside(deployment, &address),
        });
        match key {
            Some(key) => by_key.entry(key).or_default().push(entry),
            None => unknown = true,
        }
    }
    let asked: Vec<Asked> = leads
        .iter()
        .filter(|lead| !lead.connection.administrative)
        .map(|lead| Asked { database: lead.connection.database.clone(), user: lead.connection.user.clone() })
        .collect();
    let mut sides: Sides = by_key
        .into_iter()
        .map(|(key, entries)| {
            let side = poolers::side(&setup.kind, &setup.settings, &entries, &asked);
            Upstream { key, pod: pod(), users: side.users.clone(), consumer: consumer(setup, workload, side) }
        })
        .collect();
    if unknown {
        // It leads to a server that is not known: to any that the deployment runs, as far as files tell.
        for (index, other) in deployment.workloads.iter().enumerate() {
            let key = Key::Workload(index);
            let server = !other.dormant
                && targets::server(other)
                    .is_some_and(|(engine, _)| setup.engine.is_none() || engine == setup.engine);
            if server && !sides.iter().any(|side| side.key == key) {
                let consumer = consumer(setup, workload, Side::default());
                sides.push(Upstream { key, pod: pod(), users: BTreeSet::from([None]), consumer });
            }
        }
    }
    sides
}

fn consumer(setup: &Setup, workload: Option<&Workload>, side: Side) -> Consumer {
    let Count { numbers: instances, known } = count(workload);
    let processes = processes(setup, workload);
    let each = side.connections.saturating_mul(processes.value.unwrap_or(1));
    let times = |instances: u64| {
        let one = catalog().pooler(&setup.kind).is_some_and(|pooler| pooler.pool_on_one_instance);
        let pools = if one { instances.min(1) } else { instances };
        pools.saturating_mul(each)
    };
    let mut factors: Vec<Factor> =
        workload.map(|workload| workload.instances.factors.clone()).unwrap_or_default();
    if processes.value != Some(1) {
        factors.push(Factor::count("processes", &processes));
    }
    factors.extend(side.factors);
    let place = factors.iter().find_map(|factor| {
        let pool = factor.name.ends_with("pool_size") && factor.value.is_explicit();
        factor.value.place.filter(|_| pool)
    });
    Consumer {
        kind: ConsumerKind::Pooler {
            pooler: setup.name.clone(),
            pairs: side.pairs,
            size: side.size,
            reserve: side.reserve,
            surge_percent: workload.and_then(|workload| workload.instances.surge_percent),
        },
        home: workload.map(Home::of).unwrap_or_default(),
        instances,
        instances_known: known,
        connections: Numbers {
            min: times(instances.min),
            max: times(instances.max),
            rollout: times(instances.rollout),
        },
        complete: side.complete && known && processes.value.is_some(),
        factors,
        overridable: false,
        place: place.or(setup.place),
    }
}

/// Processes per instance, each with pools and a client limit of its own.
fn processes(setup: &Setup, workload: Option<&Workload>) -> Located<u64> {
    if let Some(shared) = setup.shares_port() {
        return Located { value: None, basis: Basis::Unknown, ..shared }
            .noted("so_reuseport lets several processes share the port");
    }
    workload
        .and_then(|workload| {
            workload.containers.iter().find(|container| Some(&container.name) == setup.container.as_ref())
        })
        .map_or_else(demand::single_process, |container| container.processes.clone())
}

fn pooler(deployment: &Deployment, setup: &Setup, leads: &[Lead<'_>], from_poolers: &[&Upstream]) -> Pooler {
    let workload = runs(deployment, setup);
    let leads::Made { mut consumers, unlimited, .. } = leads::consumers(leads, &|_| Vec::new());
    consumers.extend(from_poolers.iter().map(|side| side.consumer.clone()));
    let demand = demand::total(&consumers, unlimited);
    let (names, _) = leads::names(deployment, workload, None, leads);
    let port = leads.iter().find_map(|lead| lead.connection.address.port).or(setup.port);
    let instances = count(workload);
    let max_client_conn = setup.settings.count(&setup.kind, "max_client_conn");
    Pooler {
        name: setup.name.clone(),
        kind: setup.kind.clone(),
        workload: workload.map(|workload| workload.name.clone()),
        address: names.first().cloned().zip(port).map(|(host, port)| format!("{host}:{port}")),
        upstreams: Vec::new(),
        max_prepared_statements: setup.prepared_statements(),
        startup_parameters: setup.startup_parameters(),
        mode: setup.settings.mode(&setup.kind),
        verdict: verdict(&demand, &max_client_conn, instances, setup.shares_port().is_some()),
        max_client_conn,
        instances: instances.numbers,
        consumers,
        demand,
        // A provider's stands in no file but in the URLs of its clients.
        place: setup.place.or_else(|| leads::first_place(leads)),
    }
}

/// Overflow when the clients may ask for more at once than all instances accept.
fn verdict(demand: &Demand, limit: &Located<u64>, instances: Count, several: bool) -> Verdict {
    let Some(limit) = limit.value else { return Verdict::Unknown };
    // Instances and processes that are not known may be more than the one that is counted.
    if demand.numbers.rollout > limit.saturating_mul(instances.numbers.max) {
        return if instances.known && !several { Verdict::Overflow } else { Verdict::Unknown };
    }
    if demand.complete && instances.known && !demand.unlimited { Verdict::Fits } else { Verdict::Unknown }
}
