//! Servers and their sums: every connection of a deployment is led to its server or pooler, and what arrives
//! there is added up and judged.

use std::collections::{BTreeMap, BTreeSet};

use globset::Glob;

use super::Context;
use super::demand;
use super::leads::{self, Key, Lead};
use super::limits;
use super::poolers::{self, Setup};
use super::remedies::{self, Room};
use super::sides::{self, Sides};
use super::strays::Strays;
use super::targets;
use crate::catalog::catalog;
use crate::config::{DatabaseConfig, ServerIf};
use crate::model::{
    Basis, Connection, Consumer, ConsumerKind, Container, Demand, Deployment, Located, Operated,
    OperatedServer, Remedy, Server, Verdict, Workload, WorkloadClass,
};
use crate::syntax::connection::Database;

/// Fills [`Deployment::servers`] and [`Deployment::poolers`]; hands back the poolers' setups for what else is said
/// about them.
pub fn attach(context: &Context<'_>, deployment: &mut Deployment) -> Vec<Setup> {
    let setups = poolers::find(context, deployment);
    let mut groups: BTreeMap<Key, Vec<Lead<'_>>> = BTreeMap::new();
    for (workload, container, connection) in deployment.connections() {
        let declared =
            workload.class != WorkloadClass::Imaginary || is_declared(context, workload, connection);
        // A pooler's own variables are its way to the server, no client's.
        if !declared
            || connection.repeats.is_some()
            || workload.dormant
            || setups.iter().any(|setup| setup.is_run_by(deployment, workload, container))
        {
            continue;
        }
        if let Some(key) = leads::key(deployment, &setups, workload, &connection.address) {
            groups.entry(key).or_default().push(Lead { workload, container, connection });
        }
    }
    let strays = Strays::of(deployment, &setups, &groups);
    // A server that the deployment runs is shown even when nobody is known to connect to it.
    for (index, workload) in deployment.workloads.iter().enumerate() {
        let standby = matches!(&workload.operated, Some(Operated::Server(server)) if server.standby);
        if targets::server(workload).is_some() && !standby && !workload.dormant {
            groups.entry(Key::Workload(index)).or_default();
        }
    }
    let declared = |host: &str, port: Option<u16>| {
        database(context, &[host.to_owned()], port).map(|(name, _)| name.to_owned())
    };
    let (mut built_poolers, sides) = sides::of(deployment, &setups, &mut groups, &declared);
    let mut built: Vec<(Key, Server)> = groups
        .iter()
        .map(|(key, leads)| (key.clone(), server(context, deployment, key, leads, &sides, &strays)))
        .collect();
    drop(groups);
    // The poolers that poollint knows speak PostgreSQL's protocol.
    let may_pool = !strays.to(&Key::Pooler(0), Database::PostgreSql.name(), None, true).is_empty();
    for (pooler, upstreams) in &mut built_poolers {
        pooler.demand.complete &= !may_pool;
        if may_pool && pooler.verdict == Verdict::Fits {
            pooler.verdict = Verdict::Unknown;
        }
        pooler.upstreams = built
            .iter()
            .filter(|(key, _)| upstreams.contains(key))
            .map(|(_, server)| server.name.clone())
            .collect();
    }
    built.sort_by(|(_, one), (_, two)| (&one.name, &one.address).cmp(&(&two.name, &two.address)));
    deployment.servers = built.into_iter().map(|(_, server)| server).collect();
    // What was read for a pooler that takes part is a file of the deployment.
    for setup in &setups {
        let takes_part = built_poolers.iter().any(|(pooler, _)| pooler.name == setup.name);
        deployment.files.extend(setup.file().filter(|file| takes_part && !deployment.files.contains(file)));
    }
    deployment.poolers = built_poolers.into_iter().map(|(pooler, _)| pooler).collect();
    setups
}

/// A lone env file takes part in a budget only when the configuration declares its server or its instances.
fn is_declared(context: &Context<'_>, workload: &Workload, connection: &Connection) -> bool {
    workload.instances.max.basis == Basis::Declared
        || connection
            .address
            .host
            .as_deref()
            .is_some_and(|host| database(context, &[host.to_owned()], connection.address.port).is_some())
}

fn server(
    context: &Context<'_>,
    deployment: &Deployment,
    key: &Key,
    leads: &[Lead<'_>],
    sides: &Sides,
    strays: &Strays,
) -> Server {
    let (workload, outside) = match key {
        Key::Workload(index) => (deployment.workloads.get(*index), None),
        Key::Address(host, _) => (None, Some(host.as_str())),
        Key::Pooler(_) | Key::Reference(_) => (None, None),
    };
    let from_poolers: Vec<&sides::Upstream> = sides.iter().filter(|side| side.key == *key).collect();
    let runs = workload.and_then(targets::serves);
    let operated = workload.and_then(|workload| match &workload.operated {
        Some(Operated::Server(server)) => Some(server),
        _ => None,
    });
    let known = operated.map(|server| server.engine.as_str());
    let known = known.or_else(|| runs.and_then(|(_, image)| image.engine.as_deref()));
    let engine = engine(known, leads, !from_poolers.is_empty());
    let (names, mut port) = leads::names(deployment, workload, outside, leads);
    if let Key::Address(_, known) = key {
        port = port.or(*known);
    }
    let declared = database(context, &names, port);
    let host = names.first().cloned();
    // People know an alias (`db`), not what it stands for.
    let used = leads.iter().find_map(|lead| lead.connection.address.host.clone());
    let known_as = used.filter(|used| host.as_deref() == Some(deployment.real_host(used))).or(host.clone());
    let name = match (declared, workload) {
        (_, Some(workload)) => workload.name.clone(),
        (Some((name, _)), None) => name.to_owned(),
        (None, None) => known_as.unwrap_or_else(|| "unknown".to_owned()),
    };
    let address = host.zip(port).map(|(host, port)| format!("{host}:{port}"));
    let supposed = supposed(context, &name, address.as_deref(), declared.map(|(key, _)| key));
    let limit = supposed
        .max_connections
        .unwrap_or_else(|| limit(context, declared.map(|(_, config)| config), workload, operated, &engine));
    let reserved = supposed
        .reserved
        .or_else(|| {
            declared.and_then(|(_, config)| {
                config.reserved.clone().or_else(|| limits::reserved_of_plan(config.plan.as_ref()?, &engine))
            })
        })
        .or_else(|| operated.map(|server| server.reserved.clone()))
        .unwrap_or_else(|| {
            let superusers = superusers(runs, leads, &from_poolers);
            let set = runs_engine(workload, &engine).and_then(|runs| runs.reserved(context.files));
            set.filter(|_| !superusers).unwrap_or_else(|| limits::reserved(&engine, superusers))
        });
    let in_pods = |workload: &Workload| {
        let index = deployment.workloads.iter().position(|other| std::ptr::eq(other, workload));
        let poolers = index
            .into_iter()
            .flat_map(|index| from_poolers.iter().filter_map(move |side| side.in_pod_of(index)));
        poolers.collect()
    };
    let leads::Made { mut consumers, unlimited, mut instead } = leads::consumers(leads, &in_pods);
    let others = declared.map(|(_, config)| config.others.as_slice()).unwrap_or_default();
    for all in instead.iter_mut().chain([&mut consumers]) {
        all.extend(from_poolers.iter().map(|side| side.consumer.clone()));
        all.extend(others.iter().map(|other| demand::other(&other.name, &other.connections)));
        for consumer in all.iter_mut().filter(|one| !matches!(one.kind, ConsumerKind::Other { .. })) {
            consumer.home.deployment = Some(deployment.name.clone());
        }
    }
    let may_connect = strays.to(key, &engine, workload, !consumers.is_empty());
    let sums = Sums { consumers: &consumers, instead: &instead, unlimited, whole: may_connect.is_empty() };
    let judgement = judge(context, sums, &limit, &reserved);
    Server {
        name,
        engine,
        address,
        workload: workload.map(|workload| workload.name.clone()),
        max_connections: limit,
        reserved,
        share: context.config.budget.share,
        usable: judgement.usable,
        budget: judgement.budget,
        consumers,
        may_connect,
        demand: judgement.demand,
        verdict: judgement.verdict,
        tight: judgement.tight,
        rests_on_default: judgement.rests_on_default,
        remedies: judgement.remedies,
        place: workload.and_then(|workload| workload.place).or_else(|| leads::first_place(leads)),
    }
}

/// What follows from a server's consumers and limit.
pub struct Judgement {
    pub demand: Demand,
    pub usable: Option<u64>,
    pub budget: Option<u64>,
    pub verdict: Verdict,
    pub tight: bool,
    pub rests_on_default: bool,
    pub remedies: Vec<Remedy>,
}

/// What is asked of a server.
pub struct Sums<'a> {
    /// By whom.
    pub consumers: &'a [Consumer],
    /// By whom if other profiles were in use.
    pub instead: &'a [Vec<Consumer>],
    /// Whether one of them has a pool without limit.
    pub unlimited: bool,
    /// Whether nobody else may connect.
    pub whole: bool,
}

/// Adds the consumers up and judges the sum.
pub fn judge(
    context: &Context<'_>,
    sums: Sums<'_>,
    limit: &Located<u64>,
    reserved: &Located<u64>,
) -> Judgement {
    let Sums { consumers, instead, unlimited, whole } = sums;
    let mut demand = demand::total(consumers, unlimited);
    demand.complete &= whole;
    let usable = limit.value.map(|limit| limit.saturating_sub(reserved.value.unwrap_or(0)));
    let share = context.config.budget.share;
    let budget = limit.value.zip(usable).map(|(limit, usable)| demand::portion(limit, share, usable));
    let verdict = demand::verdict(&demand, usable, budget);
    let tight = verdict == Verdict::Fits
        && limit.value.zip(usable).is_some_and(|(limit, usable)| {
            demand.numbers.max > demand::portion(limit, context.config.budget.info_share, usable)
        });
    let rests_on_default = rests_on_default(consumers, unlimited, (usable, budget), verdict);
    let room = usable.zip(budget).map(|(usable, budget)| Room {
        usable,
        budget,
        reserved: reserved.value.unwrap_or(0),
        share,
    });
    let remedies = room
        .map(|room| {
            remedies::remedies(
                verdict,
                [consumers].into_iter().chain(instead.iter().map(Vec::as_slice)),
                &demand,
                room,
            )
        })
        .unwrap_or_default();
    Judgement { demand, usable, budget, verdict, tight, rests_on_default, remedies }
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

fn engine(image: Option<&str>, leads: &[Lead<'_>], pooled: bool) -> String {
    if let Some(engine) = image {
        return engine.to_owned();
    }
    // The poolers that poollint knows speak PostgreSQL's protocol.
    let fallback = if pooled { Database::PostgreSql } else { Database::Unknown };
    leads
        .iter()
        .map(|lead| lead.connection.database_kind)
        .find(|kind| *kind != Database::Unknown)
        .unwrap_or(fallback)
        .name()
        .to_owned()
}

/// The `[databases]` entry that means a server: the one whose pattern says most of its address, else the first by name.
pub fn database<'a>(
    context: &Context<'a>,
    names: &[String],
    port: Option<u16>,
) -> Option<(&'a str, &'a DatabaseConfig)> {
    let meant = context.config.databases.iter().filter_map(|(name, config)| {
        let best = names.iter().filter_map(|host| exactness(config, host, port)).max()?;
        Some((best, name.as_str(), config))
    });
    let first = |one: (Exactness, _, _), other: (Exactness, _, _)| if other.0 > one.0 { other } else { one };
    meant.reduce(first).map(|(_, name, config)| (name, config))
}

/// How much a pattern says of an address: whether it leaves nothing open, whether it names the port, how long it is.
pub type Exactness = (bool, bool, usize);

/// How exactly an entry is about a host and port; nothing when it is not.
pub fn exactness(config: &DatabaseConfig, host: &str, port: Option<u16>) -> Option<Exactness> {
    let of = |pattern: &String| {
        let ported = pattern.rsplit_once(':').is_some_and(|(_, number)| number.parse::<u16>().is_ok());
        (!pattern.contains(['*', '?', '[', '{']), ported, pattern.len())
    };
    config.matches.iter().filter(|pattern| matches_host(pattern, host, port)).map(of).max()
}

/// `host`, `host:port`, or globs of them.
pub fn matches_host(pattern: &str, host: &str, port: Option<u16>) -> bool {
    let glob = |pattern: &str| {
        Glob::new(&pattern.to_ascii_lowercase()).is_ok_and(|glob| glob.compile_matcher().is_match(host))
    };
    match pattern.rsplit_once(':') {
        Some((name, number)) if number.parse::<u16>().is_ok() => number.parse().ok() == port && glob(name),
        _ => glob(pattern),
    }
}

/// What `--set` says of a server, by any of its names.
fn supposed(context: &Context<'_>, name: &str, address: Option<&str>, key: Option<&str>) -> ServerIf {
    let mut found = ServerIf::default();
    for name in [Some(name), address, key].into_iter().flatten() {
        let Some(one) = context.config.what_if.servers.get(name) else { continue };
        found.max_connections = found.max_connections.or_else(|| one.max_connections.clone());
        found.reserved = found.reserved.or_else(|| one.reserved.clone());
    }
    found
}

fn limit(
    context: &Context<'_>,
    declared: Option<&DatabaseConfig>,
    workload: Option<&Workload>,
    operated: Option<&OperatedServer>,
    engine: &str,
) -> Located<u64> {
    if let Some(limit) = declared.and_then(|config| config.max_connections.clone()) {
        return limit;
    }
    if let Some(plan) = declared.and_then(|config| config.plan.as_ref()) {
        return limits::of_plan(plan, engine);
    }
    if let Some(server) = operated {
        return server.max_connections.clone();
    }
    runs_engine(workload, engine).map_or_else(Located::unknown, |runs| runs.limit(context.files))
}

/// What a workload runs, as far as its image tells.
fn runs_engine<'a>(workload: Option<&'a Workload>, engine: &str) -> Option<limits::Runs<'a>> {
    let workload = workload?;
    let (container, image) = targets::serves(workload)?;
    Some(limits::Runs { workload, container, image, engine: catalog().engine(engine)? })
}

/// Whether every role that connects is known to be a superuser of the server that `runs`.
fn superusers(
    runs: Option<(&Container, &'static crate::catalog::Image)>,
    leads: &[Lead<'_>],
    poolers: &[&sides::Upstream],
) -> bool {
    let Some((container, image)) = runs.filter(|(_, image)| image.superuser) else { return false };
    let Some(name) = image.user_variable.as_deref() else { return false };
    let superuser = match container.environment.get(name) {
        Some(_) => targets::variable(container, name),
        None if container.open_environment.is_some() => None,
        None => image.user.as_deref(),
    };
    let Some(superuser) = superuser else { return false };
    let direct = leads.iter().map(|lead| lead.connection.user.as_deref());
    let pooled = poolers.iter().flat_map(|side| side.users.iter().map(Option::as_deref));
    let mut users = direct.chain(pooled).peekable();
    users.peek().is_some() && users.all(|user| user == Some(superuser))
}

/// Takes away the servers beside an operator's primary that nobody connects to.
pub fn forget_unused(deployment: &mut Deployment) {
    let hosts: BTreeSet<String> = deployment
        .connections()
        .filter_map(|(_, _, connection)| connection.address.host.as_deref())
        .map(|host| deployment.real_host(host).to_owned())
        .chain(deployment.workloads.iter().flat_map(upstream_hosts))
        .collect();
    deployment.workloads.retain(|workload| match &workload.operated {
        Some(Operated::Server(server)) if server.standby => {
            workload.endpoints.iter().any(|endpoint| hosts.contains(&endpoint.host))
        }
        _ => true,
    });
}

/// Where an operator's pooler leads.
fn upstream_hosts(workload: &Workload) -> Vec<String> {
    let Some(Operated::Pooler(pooler)) = &workload.operated else { return Vec::new() };
    let hosts = pooler.databases.iter().filter_map(|(_, options)| options.get("host")?.value.clone());
    hosts.collect()
}
#[cfg(test)]
mod tests;
