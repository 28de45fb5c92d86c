//! Servers and their sums: every connection of a deployment is led to its server or pooler, and what arrives
//! there is added up and judged.

use std::collections::{BTreeMap, BTreeSet};

use globset::Glob;

use super::Context;
use super::demand;
use super::limits;
use super::remedies::{self, Room};
use super::targets::{self, Target};
use crate::catalog::{ImageRole, catalog};
use crate::config::DatabaseConfig;
use crate::model::{
    Address, Basis, Connection, Consumer, ConsumerKind, Container, Demand, Deployment, Located, Numbers,
    Pooler, PoolerMode, Server, Verdict, Workload, WorkloadClass,
};
use crate::span::Place;
use crate::syntax::connection::Database;

/// What makes two connections lead to the same server of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A workload of the deployment, by its index.
    Workload(usize),
    /// Host and port outside it.
    Address(String, Option<u16>),
    /// The same secret key holds the URL.
    Reference(String),
}

/// One connection with what leads to it.
struct Lead<'a> {
    container: &'a Container,
    connection: &'a Connection,
}

/// Fills [`Deployment::servers`] and [`Deployment::poolers`].
pub fn attach(context: &Context<'_>, deployment: &mut Deployment) {
    let mut servers: BTreeMap<Key, Vec<Lead<'_>>> = BTreeMap::new();
    let mut poolers: BTreeMap<Key, Vec<Lead<'_>>> = BTreeMap::new();
    for (workload, container, connection) in deployment.connections() {
        let declared = workload.class != WorkloadClass::Imaginary
            || is_declared(context, deployment, workload, connection);
        if !declared {
            continue;
        }
        let Some(key) = key(deployment, workload, connection) else { continue };
        let group = if is_pooler(deployment, &key) { &mut poolers } else { &mut servers };
        group.entry(key).or_default().push(Lead { container, connection });
    }
    // A server that the deployment runs is shown even when nobody is known to connect to it.
    for (index, workload) in deployment.workloads.iter().enumerate() {
        if targets::serves(workload).is_some_and(|(_, image)| image.role == ImageRole::Server) {
            servers.entry(Key::Workload(index)).or_default();
        }
    }
    let built_poolers: Vec<Pooler> =
        poolers.iter().filter_map(|(key, leads)| pooler(deployment, key, leads)).collect();
    let built: Vec<Server> = servers
        .iter()
        .map(|(key, leads)| server(context, deployment, key, leads, !built_poolers.is_empty()))
        .collect();
    drop(servers);
    drop(poolers);
    deployment.servers = built;
    deployment.servers.sort_by(|one, two| (&one.name, &one.address).cmp(&(&two.name, &two.address)));
    deployment.poolers = built_poolers;
}

/// A lone env file takes part in a budget only when the configuration declares its server or its instances.
fn is_declared(
    context: &Context<'_>,
    deployment: &Deployment,
    workload: &Workload,
    connection: &Connection,
) -> bool {
    workload.instances.max.basis == Basis::Declared
        || connection.address.host.as_deref().is_some_and(|host| {
            database(context, deployment, &[host.to_owned()], connection.address.port).is_some()
        })
}

fn key(deployment: &Deployment, workload: &Workload, connection: &Connection) -> Option<Key> {
    match targets::target(deployment, workload, &connection.address) {
        Target::Workload(target, _) => {
            let index = deployment.workloads.iter().position(|other| other == target)?;
            Some(Key::Workload(index))
        }
        Target::Outside => outside(&connection.address),
        Target::Itself if workload.class == WorkloadClass::Imaginary => outside(&connection.address),
        Target::Itself => None,
        Target::Unknown => connection.address.reference.clone().map(Key::Reference),
    }
}

fn outside(address: &Address) -> Option<Key> {
    Some(Key::Address(address.host.clone()?, address.port))
}

fn is_pooler(deployment: &Deployment, key: &Key) -> bool {
    let Key::Workload(index) = key else { return false };
    deployment
        .workloads
        .get(*index)
        .and_then(targets::serves)
        .is_some_and(|(_, image)| image.role == ImageRole::Pooler)
}

fn server(
    context: &Context<'_>,
    deployment: &Deployment,
    key: &Key,
    leads: &[Lead<'_>],
    pooled: bool,
) -> Server {
    let workload = match key {
        Key::Workload(index) => deployment.workloads.get(*index),
        _ => None,
    };
    let runs = workload.and_then(targets::serves);
    let engine = engine(runs.and_then(|(_, image)| image.engine.as_deref()), leads);
    let (names, port) = names(key, workload, leads);
    let declared = database(context, deployment, &names, port);
    let limit = limit(context, declared.map(|(_, config)| config), runs, &engine);
    let reserved = declared
        .and_then(|(_, config)| config.reserved.clone())
        .unwrap_or_else(|| limits::reserved(&engine, superusers(runs, leads)));
    let (mut consumers, unlimited) = consumers(deployment, leads);
    for other in declared.map(|(_, config)| config.others.as_slice()).unwrap_or_default() {
        consumers.push(demand::other(&other.name, &other.connections));
    }
    let mut demand = demand::total(&consumers, unlimited);
    // What a pooler opens is counted from its own configuration, which is not read yet: never claim that it fits.
    demand.complete &= !(pooled && matches!(key, Key::Workload(_)));
    let usable = limit.value.map(|limit| limit.saturating_sub(reserved.value.unwrap_or(0)));
    let share = context.config.budget.share;
    let budget = limit.value.zip(usable).map(|(limit, usable)| demand::portion(limit, share, usable));
    let verdict = demand::verdict(&demand, usable, budget);
    let tight = verdict == Verdict::Fits
        && limit.value.zip(usable).is_some_and(|(limit, usable)| {
            demand.numbers.max > demand::portion(limit, context.config.budget.info_share, usable)
        });
    let rests_on_default = rests_on_default(&consumers, unlimited, (usable, budget), verdict);
    let room = usable.zip(budget).map(|(usable, budget)| Room {
        usable,
        budget,
        reserved: reserved.value.unwrap_or(0),
        share,
    });
    let remedies =
        room.map(|room| remedies::remedies(verdict, &consumers, &demand, room)).unwrap_or_default();
    let host = names.first().cloned();
    let name = match (declared, workload) {
        (_, Some(workload)) => workload.name.clone(),
        (Some((name, _)), None) => name.to_owned(),
        (None, None) => host.clone().unwrap_or_else(|| "unknown".to_owned()),
    };
    Server {
        name,
        engine,
        address: host.zip(port).map(|(host, port)| format!("{host}:{port}")),
        workload: workload.map(|workload| workload.name.clone()),
        max_connections: limit,
        reserved,
        share,
        usable,
        budget,
        consumers,
        demand,
        verdict,
        tight,
        rests_on_default,
        remedies,
        place: workload.and_then(|workload| workload.place).or_else(|| first_place(leads)),
    }
}

/// Whether the verdict would be another without the pools that only an overridable client default tells.
fn rests_on_default(
    consumers: &[Consumer],
    unlimited: bool,
    (usable, budget): (Option<u64>, Option<u64>),
    verdict: Verdict,
) -> bool {
    let sure: Vec<Consumer> = consumers.iter().filter(|consumer| !consumer.overridable).cloned().collect();
    sure.len() < consumers.len()
        && demand::verdict(&demand::total(&sure, unlimited), usable, budget) != verdict
}

fn first_place(leads: &[Lead<'_>]) -> Option<Place> {
    leads.iter().find_map(|lead| lead.connection.place())
}

fn engine(image: Option<&str>, leads: &[Lead<'_>]) -> String {
    if let Some(engine) = image {
        return engine.to_owned();
    }
    leads
        .iter()
        .map(|lead| lead.connection.database_kind)
        .find(|kind| *kind != Database::Unknown)
        .unwrap_or(Database::Unknown)
        .name()
        .to_owned()
}

/// The host names a server goes by, the one that is used first, and its port.
fn names(key: &Key, workload: Option<&Workload>, leads: &[Lead<'_>]) -> (Vec<String>, Option<u16>) {
    let used = leads.iter().find_map(|lead| lead.connection.address.host.clone());
    let mut names: Vec<String> = used.into_iter().filter(|host| !targets::is_local(host)).collect();
    let mut port = leads.iter().find_map(|lead| lead.connection.address.port);
    match (key, workload) {
        (Key::Workload(_), Some(workload)) => {
            names.push(workload.name.clone());
            names.extend(workload.endpoints.iter().map(|endpoint| endpoint.host.clone()));
            port = port.or_else(|| targets::serves(workload).and_then(|(_, image)| image.port));
        }
        (Key::Address(host, _), _) => names.push(host.clone()),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    (names, port)
}

/// The `[databases]` entry that means a server.
fn database<'a>(
    context: &Context<'a>,
    deployment: &Deployment,
    names: &[String],
    port: Option<u16>,
) -> Option<(&'a str, &'a DatabaseConfig)> {
    let _ = deployment;
    context.config.databases.iter().find_map(|(name, config)| {
        let matches =
            config.matches.iter().any(|pattern| names.iter().any(|host| matches_host(pattern, host, port)));
        let by_name = config.matches.is_empty() && names.iter().any(|host| host == name);
        (matches || by_name).then_some((name.as_str(), config))
    })
}

/// `host`, `host:port`, or globs of them.
fn matches_host(pattern: &str, host: &str, port: Option<u16>) -> bool {
    let glob = |pattern: &str| {
        Glob::new(&pattern.to_ascii_lowercase()).is_ok_and(|glob| glob.compile_matcher().is_match(host))
    };
    match pattern.rsplit_once(':') {
        Some((name, number)) if number.parse::<u16>().is_ok() => number.parse().ok() == port && glob(name),
        _ => glob(pattern),
    }
}

fn limit(
    context: &Context<'_>,
    declared: Option<&DatabaseConfig>,
    runs: Option<(&Container, &'static crate::catalog::Image)>,
    engine: &str,
) -> Located<u64> {
    if let Some(limit) = declared.and_then(|config| config.max_connections.clone()) {
        return limit;
    }
    match (runs, catalog().engine(engine)) {
        (Some((container, image)), Some(engine)) => {
            limits::of_container(context.files, context.declarations, container, image, engine)
        }
        _ => Located::unknown(),
    }
}

/// Whether every role that connects is known to be a superuser of the server that `runs`.
fn superusers(runs: Option<(&Container, &'static crate::catalog::Image)>, leads: &[Lead<'_>]) -> bool {
    let Some((container, image)) = runs.filter(|(_, image)| image.superuser) else { return false };
    let Some(name) = image.user_variable.as_deref() else { return false };
    let superuser = match container.environment.get(name) {
        Some(_) => targets::variable(container, name),
        None if container.open_environment.is_some() => None,
        None => image.user.as_deref(),
    };
    let Some(superuser) = superuser else { return false };
    !leads.is_empty() && leads.iter().all(|lead| lead.connection.user.as_deref() == Some(superuser))
}

/// The consumers behind `leads`, and whether one of them has a pool without limit. Of Compose profiles only the
/// one that adds most counts beside the services that always run.
fn consumers(deployment: &Deployment, leads: &[Lead<'_>]) -> (Vec<Consumer>, bool) {
    let mut always = Vec::new();
    let mut by_profile: BTreeMap<&str, Vec<(Consumer, bool)>> = BTreeMap::new();
    for workload in &deployment.workloads {
        let made = demand::consumers(workload, |container, connection| {
            leads.iter().any(|lead| {
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
    let widest = by_profile.into_values().max_by_key(|made| {
        let consumers: Vec<Consumer> = made.iter().map(|(consumer, _)| consumer.clone()).collect();
        let Numbers { min, max, rollout } = demand::total(&consumers, false).numbers;
        (rollout, max, min)
    });
    always.extend(widest.into_iter().flatten());
    let unlimited = always.iter().any(|(_, unlimited)| *unlimited);
    (always.into_iter().map(|(consumer, _)| consumer).collect(), unlimited)
}

/// Connections for migrations and administration are no consumers.
fn counts(consumer: &Consumer) -> bool {
    let administrative = consumer.complete
        && consumer.connections == Numbers::default()
        && matches!(&consumer.kind, ConsumerKind::Workload { size: None, .. });
    !administrative
}

/// A pooler that a workload runs, with its clients. Its own settings are read with the poolers' configuration.
fn pooler(deployment: &Deployment, key: &Key, leads: &[Lead<'_>]) -> Option<Pooler> {
    let Key::Workload(index) = key else { return None };
    let workload = deployment.workloads.get(*index)?;
    let (_, image) = targets::serves(workload)?;
    let (consumers, unlimited) = consumers(deployment, leads);
    let demand: Demand = demand::total(&consumers, unlimited);
    let (names, port) = names(key, Some(workload), leads);
    Some(Pooler {
        name: workload.name.clone(),
        kind: image.image.rsplit('/').next().unwrap_or(&image.image).to_owned(),
        address: names.first().cloned().zip(port).map(|(host, port)| format!("{host}:{port}")),
        mode: Located::<PoolerMode>::unknown(),
        max_client_conn: Located::unknown(),
        instances: demand::count(workload).numbers,
        consumers,
        demand,
        verdict: Verdict::Unknown,
        place: workload.place,
    })
}
