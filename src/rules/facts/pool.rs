//! Facts about a pool: what a client opens for one connection in one process.

use super::docs::{about, flag, number, text};
use std::collections::{HashMap, HashSet};

use super::url::{Here, append_point, connections};
use super::{AppendPoint, EditPoint, Fact, FactDoc, Facts, Subject, client, param};
use crate::catalog::{EndpointKind, ImageRole, VariableMeaning, catalog, provider_of_host};
use crate::model::{
    Basis, Connection, ConsumerKind, Located, Model, Operated, Pool, Role, Server, Setting, Size,
};
use crate::resolve::{Target, serves, target};
use crate::rules::page::SubjectKind;
use crate::span::EditPlace;
use crate::syntax::connection::FlawKind;

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    &[SubjectKind::Pool],
    [
        text("pool.variable", "name of the variable that holds the connection"),
        number("pool.size", "connections", "how many it keeps at most; absent when unknown or without limit"),
        number("pool.size_raw", "", "the number as it is written"),
        text("pool.size_name", "the parameter or variable that sets it"),
        flag("pool.size_explicit", "the size is written or declared"),
        flag("pool.size_by_default", "the size is what the client takes when nothing sets it"),
        text("pool.size_parameter", "the parameter that would set it; the place where it can be added"),
        number("pool.overflow", "connections", "how many it opens beyond its size"),
        text("pool.overflow_name", "the parameter or variable that sets those"),
        flag("pool.unlimited", "its size has no limit"),
        flag("pool.overflow_unlimited", "it may open any number beyond its size"),
        number("pool.together", "connections", "what all instances open at full scale"),
        number(
            "pool.affordable",
            "connections",
            "the largest size that the server's budget allows beside the other consumers",
        ),
        flag("pool.before_start", "an init container opens it, before the others start"),
        flag("pool.behind_pooler", "it leads to a pooler"),
        flag("pool.maybe_behind_pooler", "nothing tells where it leads, and the deployment runs a pooler"),
        number(
            "pool.acquire_timeout",
            "s",
            "how long a request waits for a free connection; 0 waits for ever",
        ),
        text("pool.acquire_name", "the parameter or variable that sets it"),
        number("pool.acquire_raw", "", "the number as it is written"),
        text("pool.acquire_unit", "its unit: `s` or `ms`; absent where the value names one"),
        text("pool.acquire_spoken", "the time in words: `5.6 hours`"),
        flag("pool.acquire_explicit", "it is written"),
        flag("pool.acquire_by_default", "it is what the client takes when nothing sets it"),
        number("pool.connect_timeout", "s", "how long opening a connection may take; 0 is without limit"),
        text("pool.connect_name", "the parameter or variable that sets it"),
        number("pool.connect_raw", "", "the number as it is written"),
        text("pool.connect_unit", "its unit: `s` or `ms`; absent where the value names one"),
        text("pool.connect_spoken", "the time in words"),
        flag("pool.connect_explicit", "it is written"),
        flag("pool.connect_by_default", "it is what the client takes when nothing sets it"),
    ],
);

/// The pool of every connection that serves the program itself.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    let counted = Counted::of(model);
    connections(model)
        .filter(|here| !here.connection.administrative && is_readable(here.connection))
        .map(move |here| subject(&counted, &here))
}

/// A connection as the sums know it: deployment, workload, variable.
type Known<'a> = (usize, &'a str, &'a str);

/// Which connections are counted where.
struct Counted<'a> {
    servers: HashMap<Known<'a>, &'a Server>,
    poolers: HashSet<Known<'a>>,
}

impl<'a> Counted<'a> {
    fn of(model: &'a Model) -> Self {
        let mut counted = Self { servers: HashMap::new(), poolers: HashSet::new() };
        for (index, deployment) in model.deployments.iter().enumerate() {
            for server in &deployment.servers {
                for known in server.consumers.iter().filter_map(|consumer| known(index, &consumer.kind)) {
                    counted.servers.entry(known).or_insert(server);
                }
            }
            let clients = deployment.poolers.iter().flat_map(|pooler| &pooler.consumers);
            counted.poolers.extend(clients.filter_map(|consumer| known(index, &consumer.kind)));
        }
        counted
    }
}

fn known(deployment: usize, kind: &ConsumerKind) -> Option<Known<'_>> {
    match kind {
        ConsumerKind::Workload { workload, variable, .. } => Some((deployment, workload, variable)),
        ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => None,
    }
}

impl Here<'_> {
    /// Whether a variable beside the URL sizes or times a pool, whoever reads it.
    pub(super) fn has_pool_variable(&self) -> bool {
        catalog().variables.iter().any(|entry| {
            matches!(entry.meaning, VariableMeaning::PoolSize | VariableMeaning::AcquireTimeout)
                && self.container.environment.contains_key(&entry.name)
        })
    }

    fn known(&self) -> Known<'_> {
        (self.index, &self.workload.name, &self.connection.variable)
    }
}

/// Whether some client can make sense of the connection at all: a URL that is to be mended first has no pool yet.
fn is_readable(connection: &Connection) -> bool {
    let unreadable = |kind: FlawKind| {
        matches!(
            kind,
            FlawKind::MissingScheme
                | FlawKind::MisspeltScheme
                | FlawKind::MissingAuthority
                | FlawKind::MissingHost
                | FlawKind::BadPort
                | FlawKind::BadHost
                | FlawKind::SlashInCredentials
                | FlawKind::Placeholder
        )
    };
    connection.url().is_none_or(|(_, parsed)| !parsed.flaws.iter().any(|flaw| unreadable(flaw.kind)))
}

fn subject(counted: &Counted<'_>, here: &Here<'_>) -> Subject {
    let mut subject = here.subject(SubjectKind::Pool);
    let pool = &here.connection.pool;
    let facts = &mut subject.facts;
    facts.say("pool.variable", here.connection.variable.as_str());
    size_facts(here, facts);
    facts.say("pool.before_start", here.container.role == Role::Init);
    facts.say("pool.behind_pooler", behind_pooler(counted, here));
    let untold = here.connection.address.host.is_none() && !here.deployment.poolers.is_empty();
    facts.say("pool.maybe_behind_pooler", untold);
    // A platform that ends the request first makes waiting longer pointless.
    let request = here.workload.serving.request_timeout.as_ref().and_then(|timeout| timeout.value);
    time_facts("acquire", &pool.acquire_timeout, pool.acquire_setting.as_ref(), request, facts);
    time_facts("connect", &pool.connect_timeout, pool.connect_setting.as_ref(), None, facts);
    if let Some(server) = counted.servers.get(&here.known()) {
        facts.say("server.name", server.name.as_str());
        if let Some(limit) = server.max_connections.value {
            let place = server.max_connections.place;
            facts.set("server.max_connections", Fact::new(limit).at(place));
        }
        facts.say_some("pool.affordable", affordable(here, server));
        subject.server = Some(server.address.clone().unwrap_or_else(|| server.name.clone()));
    }
    subject
}

fn size_facts(here: &Here<'_>, facts: &mut Facts) {
    let pool = &here.connection.pool;
    let unlimited = pool.size.value == Some(Size::Unlimited);
    facts.say("pool.unlimited", unlimited);
    facts.say("pool.size_explicit", pool.size.value.is_some() && pool.size.is_explicit());
    facts.say("pool.size_by_default", pool.size.basis == Basis::ClientDefault);
    let setting = pool.size_setting.as_ref();
    let stated = |fact: Fact| {
        let mut fact = fact.at(pool.size.place).via(pool.size.hops.clone());
        fact.edit = setting.and_then(plain_point);
        fact
    };
    if let Some(Size::Limit(size)) = pool.size.value {
        facts.set("pool.size", stated(Fact::new(size)));
    }
    if let Some(setting) = setting {
        facts.say("pool.size_name", setting.name.as_str());
        if let Some(raw) = setting.raw {
            facts.set("pool.size_raw", stated(Fact::new(raw)));
        }
    }
    if pool.size.basis == Basis::Declared {
        // The key of the configuration.
        facts.say("pool.size_name", "pool-size");
    }
    let overflow = &pool.overflow;
    facts.say("pool.overflow_unlimited", overflow.value == Some(Size::Unlimited));
    if overflow.basis == Basis::Written {
        let name = overflow.note.as_deref().unwrap_or("the overflow");
        let fact = Fact::new(name).at(overflow.place).via(overflow.hops.clone());
        facts.set("pool.overflow_name", fact);
    }
    if let Some(Size::Limit(more)) = overflow.value {
        facts.set("pool.overflow", Fact::new(more).at(overflow.place).via(overflow.hops.clone()));
    }
    if let Some((name, point)) = size_parameter(here) {
        let mut fact = Fact::new(name);
        fact.append = point;
        facts.set("pool.size_parameter", fact);
    }
    facts.say_some("pool.together", together(here));
}

/// The URL parameter that would size the pool, and where it can be added when it is not there yet.
fn size_parameter(here: &Here<'_>) -> Option<(&'static str, Option<AppendPoint>)> {
    let (text, parsed) = here.connection.url()?;
    let size = client::entry(here.connection)?.pool.size.as_ref()?;
    let name = size.params.first()?.as_str();
    // Whoever wrote a misspelt one, or a variable that this client does not read, has said a number already: a second one
    // would disagree with it.
    let there = parsed
        .params
        .iter()
        .filter_map(|param| param.name.known())
        .any(|written| size.params.iter().any(|name| name == written || param::is_meant(written, name)));
    Some((name, if there || here.has_pool_variable() { None } else { append_point(text, parsed) }))
}

/// What all instances open at full scale.
fn together(here: &Here<'_>) -> Option<u64> {
    let Pool { size, overflow, .. } = &here.connection.pool;
    let (Size::Limit(size), Size::Limit(more)) = (size.value?, overflow.value?) else { return None };
    Some(processes(here)?.saturating_mul(size.saturating_add(more)))
}

/// Processes of all instances at full scale.
fn processes(here: &Here<'_>) -> Option<u64> {
    Some(here.workload.instances.max.value?.saturating_mul(here.container.processes.value?))
}

/// The largest size that leaves the server's budget to the others.
fn affordable(here: &Here<'_>, server: &Server) -> Option<u64> {
    let Size::Limit(more) = here.connection.pool.overflow.value? else { return None };
    let others = server.demand.numbers.max.saturating_sub(together(here)?);
    let left = server.budget?.saturating_sub(others);
    Some(left.checked_div(processes(here)?)?.saturating_sub(more))
}

/// Words in a host's name that say what stands there.
const POOLERS: &[&str] = &["pooler", "pgbouncer", "pgcat", "odyssey", "pgpool"];

/// Whether the connection leads to a pooler: one of the deployment, one that its name tells, or one that the
/// URL's own `pgbouncer=true` speaks of.
fn behind_pooler(counted: &Counted<'_>, here: &Here<'_>) -> bool {
    if counted.poolers.contains(&here.known()) {
        return true;
    }
    let address = &here.connection.address;
    let provided = address.host.as_deref().and_then(|host| provider_of_host(host, address.port));
    if provided.is_some_and(|(_, endpoint)| endpoint.kind == EndpointKind::Pooled) {
        return true;
    }
    if let Target::Workload(workload, _) = target(here.deployment, here.workload, &here.connection.address)
        && (matches!(workload.operated, Some(Operated::Pooler(_)))
            || serves(workload).is_some_and(|(_, image)| image.role == ImageRole::Pooler))
    {
        return true;
    }
    let host = here.connection.address.host.as_deref().unwrap_or_default();
    let named = host.split(['.', '-', '_']).any(|word| POOLERS.contains(&word));
    let told = here.connection.url().and_then(|(_, parsed)| parsed.param("pgbouncer"));
    named || told.and_then(|param| param.value.as_ref()).is_some_and(|value| value.value == "true")
}

fn time_facts(
    prefix: &str,
    time: &Located<f64>,
    setting: Option<&Setting>,
    below: Option<f64>,
    facts: &mut Facts,
) {
    let path = |name: &str| format!("pool.{prefix}_{name}");
    facts.say(path("explicit"), time.value.is_some() && time.is_explicit());
    facts.say(path("by_default"), time.basis == Basis::ClientDefault);
    if let Some(seconds) = time.value {
        let mut fact = Fact::new(seconds).at(time.place).via(time.hops.clone());
        fact.edit = setting.and_then(edit_point).map(|point| EditPoint { below, ..point });
        facts.set(path("timeout"), fact);
        facts.say(path("spoken"), spoken(seconds));
    }
    let Some(setting) = setting else { return };
    facts.say(path("name"), setting.name.as_str());
    let unit = Some(setting.unit).filter(|unit| matches!(*unit, "s" | "ms"));
    facts.say_some(path("unit"), unit);
    if let Some(raw) = setting.raw {
        let mut fact = Fact::new(raw).at(time.place).via(time.hops.clone());
        fact.edit = unit.and_then(|_| plain_point(setting));
        facts.set(path("raw"), fact);
    }
}

/// How an edit writes seconds.
fn edit_point(setting: &Setting) -> Option<EditPoint> {
    let plain = plain_point(setting)?;
    Some(match setting.unit {
        "ms" => EditPoint { scale: 1000.0, ..plain },
        "s" => plain,
        _ => EditPoint { suffix: "s".to_owned(), ..plain },
    })
}

/// How an edit writes the number of a setting: wherever it stands, or not at all.
fn plain_point(setting: &Setting) -> Option<EditPoint> {
    let also = setting.also.iter().copied().collect::<Option<Vec<EditPlace>>>()?;
    Some(EditPoint { also, ..EditPoint::plain(setting.editable?) })
}

/// A time as people say it, to one decimal.
fn spoken(seconds: f64) -> String {
    let (number, unit) = match seconds {
        _ if seconds >= 172_800.0 => (seconds / 86_400.0, "days"),
        _ if seconds >= 7_200.0 => (seconds / 3_600.0, "hours"),
        _ if seconds >= 120.0 => (seconds / 60.0, "minutes"),
        _ if seconds >= 1.0 || seconds == 0.0 => (seconds, "s"),
        _ => (seconds * 1000.0, "ms"),
    };
    let number = format!("{number:.1}");
    format!("{} {unit}", number.strip_suffix(".0").unwrap_or(&number))
}
