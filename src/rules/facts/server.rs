//! Facts about a database server: its limit, what is asked of it, and what would make that fit.

use super::docs::{about, flag, number, text};
use super::sum::{Moment, Sum, contributors};
use super::{Fact, FactDoc, Subject, common};
use crate::catalog::catalog;
use crate::model::{
    Basis, Consumer, ConsumerKind, Deployment, Model, Names, Numbers, Remedy, Server, SharedServer, Size,
    Verdict, WorkloadClass,
};
use crate::rules::page::SubjectKind;

const HERE: &[SubjectKind] = &[SubjectKind::Server];

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    HERE,
    [
        text("server.name", "name of the server, or of the one that a pool leads to")
            .of(&[SubjectKind::Server, SubjectKind::Pool]),
        number("server.max_connections", "connections", "how many connections it accepts")
            .of(&[SubjectKind::Server, SubjectKind::Pool]),
        text("server.engine", "`postgresql`, `mysql` … or `unknown`"),
        number("server.reserved", "connections", "slots that the roles which connect do not get"),
        flag(
            "server.superusers_only",
            "every role that connects is a superuser, so that nothing is reserved from them",
        ),
        text(
            "server.for_others",
            "what is left for roles that are no superusers, as `7 are left for others`; absent where other roles connect",
        ),
        number("server.usable", "connections", "`max_connections` without the reserved ones"),
        number("server.budget", "connections", "what applications should keep to, by the share"),
        number("server.share", "%", "the share of `max_connections` that applications should keep to"),
        number("server.min", "connections", "what is asked of it at rest"),
        number("server.max", "connections", "what is asked of it at full scale"),
        number("server.rollout", "connections", "what is asked of it while a new version rolls out"),
        number(
            "server.asked",
            "connections",
            "what the verdict is about: what is asked at rest, at full scale or during a rollout, whichever is the \
             first that is too much, and at full scale when none is",
        ),
        flag("server.at_rest", "that is asked at rest already, and more at full scale"),
        number("server.percent", "%", "`server.max` of `server.max_connections`"),
        flag(
            "server.incomplete",
            "some consumer's pool or instances are not known: the sums are lower bounds",
        ),
        text(
            "server.verdict",
            "`unknown`, `overflow`, `autoscale-overflow`, `rollout-overflow`, `over-share` or `fits`",
        ),
        flag("server.tight", "it fits, but above the info share"),
        flag("server.unlimited", "a pool without limit, written or declared, leads to it"),
        flag("server.rests_on_default", "the verdict needs a client default that code may change"),
        text(
            "server.defaults",
            "the client defaults in `server.asked` that code may change, as `api keeps node-postgres's 10`",
        ),
        number(
            "server.poolers",
            "connections",
            "what the poolers in front of it open together, at rest where that is too much, else when `server.asked` is \
             asked; absent without one",
        ),
        text("server.poolers_sum", "the way to that number; brings the poolers' places"),
        text(
            "server.poolers_when",
            "when they open that many, as `at full scale` or `at rest (300 at full scale)`; absent where it is always so",
        ),
        flag(
            "server.poolers_overflow",
            "the poolers alone open more than is usable, whatever their clients ask for",
        ),
        number(
            "server.functions",
            "connections",
            "what functions open together, when `server.asked` is asked; absent without one",
        ),
        text("server.functions_sum", "the way to that number; brings the functions' places"),
        flag("server.functions_overflow", "the functions alone open more than is usable"),
        number("server.consumers", "", "how many consumers connect to it"),
        text(
            "server.sum",
            "the way to `server.asked`, as `api 3 × 10 = 30 · worker 2 × 20 = 40`; brings the consumers' places",
        ),
        text(
            "server.unknown_consumers",
            "what nothing tells of the consumers, as `how many worker can open, nor how many processes api runs`",
        ),
        text("server.remedies", "the smallest changes that make it fit, each sufficient alone"),
    ],
);

/// Every server of every deployment.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    let own = model.deployments.iter().enumerate().flat_map(move |(index, deployment)| {
        deployment.servers.iter().map(move |server| subject(model, index, server))
    });
    own.chain(model.shared_servers.iter().filter_map(move |shared| shared_subject(model, shared)))
}

/// What several deployments ask of one server together, where that is worse than what any of them asks alone.
fn shared_subject(model: &Model, shared: &SharedServer) -> Option<Subject> {
    let of = |deployment: &Deployment| shared.deployments.contains(&deployment.name);
    let (index, _) = model.deployments.iter().enumerate().find(|(_, deployment)| of(deployment))?;
    let parts = model.deployments.iter().filter(|deployment| of(deployment));
    let same =
        |server: &&Server| server.address == shared.server.address || server.name == shared.server.name;
    let alone = parts.flat_map(|deployment| deployment.servers.iter().filter(same));
    let worst = alone.map(|server| weight(server.verdict)).max().unwrap_or(0);
    if weight(shared.server.verdict) <= worst {
        return None;
    }
    let mut subject = subject(model, index, &shared.server);
    let together = format!("{}, of {} together", shared.server.name, shared.deployments.join(" and "));
    subject.facts.say("server.name", together);
    Some(subject)
}

/// How bad a verdict is.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Overflow => 4,
        Verdict::AutoscaleOverflow => 3,
        Verdict::RolloutOverflow => 2,
        Verdict::OverShare => 1,
        Verdict::Fits | Verdict::Unknown => 0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of connections are far below 2^52")]
fn subject(model: &Model, index: usize, server: &Server) -> Subject {
    let mut subject = Subject::new(SubjectKind::Server, server.name.as_str(), server.place);
    subject.deployment = Some(index);
    subject.server = Some(server.address.clone().unwrap_or_else(|| server.name.clone()));
    subject.contributors.extend(server.workload.clone());
    if let Some(deployment) = model.deployments.get(index) {
        contributors(deployment, &server.consumers, true, &mut subject.contributors);
    }
    let facts = &mut subject.facts;
    facts.extend(common(model, Some(index), server.workload.as_deref()));
    facts.say("server.name", server.name.as_str());
    facts.say("server.engine", server.engine.as_str());
    if let Some(limit) = server.max_connections.value {
        let fact = Fact::new(limit).at(server.max_connections.place).via(server.max_connections.hops.clone());
        facts.set("server.max_connections", fact);
        if limit > 0 {
            facts.say("server.percent", (server.demand.numbers.max as f64 * 100.0 / limit as f64).round());
        }
    }
    facts.say_some("server.reserved", server.reserved.value);
    facts.say(
        "server.superusers_only",
        server.reserved.value == Some(0) && server.reserved.basis == Basis::Derived,
    );
    facts.say_some("server.for_others", for_others(server));
    facts.say_some("server.usable", server.usable);
    facts.say_some("server.budget", server.budget);
    facts.say("server.share", (server.share * 100.0).round());
    let Numbers { min, max, rollout } = server.demand.numbers;
    facts.say("server.min", min);
    facts.say("server.max", max);
    facts.say("server.rollout", rollout);
    facts.say("server.incomplete", !server.demand.complete);
    facts.say("server.verdict", server.verdict.name());
    facts.say("server.tight", server.tight);
    facts.say("server.unlimited", server.demand.unlimited);
    facts.say("server.rests_on_default", server.rests_on_default);
    let moment = Moment::of_verdict(server);
    let sum = Sum::new(&server.consumers, moment);
    facts.say("server.asked", moment.of(server.demand.numbers));
    facts.say("server.at_rest", moment == Moment::Rest && max > min);
    facts.say_some("server.defaults", sum.defaults());
    let over = |part: &Sum<'_>| server.usable.is_some_and(|usable| part.number() > usable);
    let poolers = sum.only(|consumer| matches!(consumer.kind, ConsumerKind::Pooler { .. }));
    // In place of an overflow at rest or at full scale: what a rollout adds is the business of another page.
    facts.say("server.poolers_overflow", moment != Moment::Rollout && poolers.as_ref().is_some_and(over));
    if let Some(poolers) = poolers {
        // A pool without limit is too much at any time, and tells nothing of the poolers.
        let at_rest = Some(poolers.at(Moment::Rest)).filter(over);
        let poolers = at_rest.unwrap_or(poolers);
        facts.say_some("server.poolers_when", poolers.when());
        facts.say("server.poolers", poolers.number());
        facts.set("server.poolers_sum", poolers.fact());
    }
    let functions = sum.only(|consumer| is_function(model, index, consumer));
    facts.say("server.functions_overflow", functions.as_ref().is_some_and(over));
    if let Some(functions) = functions {
        facts.say("server.functions", functions.number());
        facts.set("server.functions_sum", functions.fact());
    }
    facts.say("server.consumers", server.consumers.len());
    facts.set("server.sum", sum.fact());
    facts.say_some("server.unknown_consumers", unknown(server));
    facts.say_some("server.remedies", remedies(model.deployments.get(index), server));
    subject
}

/// Whether a consumer is a function.
fn is_function(model: &Model, index: usize, consumer: &Consumer) -> bool {
    let ConsumerKind::Workload { workload: name, .. } = &consumer.kind else { return false };
    let workloads = model.deployments.get(index).map_or(&[][..], |deployment| &deployment.workloads);
    let mut named = workloads.iter().filter(|workload| workload.name == *name);
    named.any(|workload| workload.class == WorkloadClass::Serverless)
}

/// What superusers leave to everybody else: the reserved slots, which are no hindrance to them, are none of theirs.
fn for_others(server: &Server) -> Option<String> {
    if server.reserved.value != Some(0) || server.reserved.basis != Basis::Derived {
        return None;
    }
    let asked = Moment::of_verdict(server).of(server.demand.numbers);
    let open = server
        .max_connections
        .value?
        .saturating_sub(catalog().engine(&server.engine).map_or(0, |engine| engine.reserved));
    Some(match open.saturating_sub(asked) {
        _ if server.demand.unlimited => "nothing is left for others".to_owned(),
        0 => "nothing is left for others".to_owned(),
        left if server.demand.complete => format!("{left} are left for others"),
        left => format!("at most {left} are left for others"),
    })
}

fn unknown(server: &Server) -> Option<String> {
    let shown = Names::of(&server.consumers);
    let of = |what: &Gap| {
        let all = server.consumers.iter().filter(|consumer| gap(consumer).as_ref() == Some(what));
        let mut names: Vec<String> = all.map(|consumer| shown.shown(consumer)).collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let pools = of(&Gap::Pool).map(|names| format!("how many {names} can open"));
    let pairs = of(&Gap::Pairs).map(|names| format!("for how many users and databases {names} keeps a pool"));
    let processes = of(&Gap::Processes).map(|names| format!("how many processes {names} runs"));
    let instances = of(&Gap::Instances).map(|names| format!("how many instances of {names} there are"));
    let all: Vec<String> = pools.into_iter().chain(pairs).chain(processes).chain(instances).collect();
    (!all.is_empty()).then(|| all.join(", nor "))
}

/// What is not known of a consumer.
#[derive(PartialEq, Eq)]
enum Gap {
    Pool,
    /// Of a pooler: for how many users and databases it keeps a pool.
    Pairs,
    Processes,
    Instances,
}

/// The part of a consumer's product that is not known, the pool before the others.
fn gap(consumer: &Consumer) -> Option<Gap> {
    if consumer.complete {
        return None;
    }
    let unknown = |name: &str| {
        consumer.factors.iter().any(|factor| factor.name == name && factor.value.value.is_none())
    };
    let sized = match &consumer.kind {
        ConsumerKind::Workload { size: Some(Size::Limit(_)), overflow: Some(Size::Limit(_)), .. } => true,
        ConsumerKind::Workload { .. } | ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => false,
    };
    if matches!(consumer.kind, ConsumerKind::Pooler { size: Some(Size::Limit(_)), .. })
        && consumer.instances_known
    {
        return Some(Gap::Pairs);
    }
    Some(match sized {
        true if unknown("processes") => Gap::Processes,
        true if !consumer.instances_known => Gap::Instances,
        _ => Gap::Pool,
    })
}

fn remedies(deployment: Option<&Deployment>, server: &Server) -> Option<String> {
    let texts: Vec<String> = server.remedies.iter().map(|one| remedy(deployment, one)).collect();
    (!texts.is_empty() && server.verdict != Verdict::Unknown).then(|| texts.join("; or "))
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn remedy(deployment: Option<&Deployment>, remedy: &Remedy) -> String {
    const BOUND: &str = "max_db_connections";
    let bounded = |name: &str| {
        let mut poolers = deployment.into_iter().flat_map(|deployment| &deployment.poolers);
        let kind =
            poolers.find(|pooler| pooler.name == name).map_or("pgbouncer", |pooler| pooler.kind.as_str());
        catalog().pooler(kind).is_some_and(|kind| kind.setting(BOUND).is_some())
    };
    match remedy {
        Remedy::Pool { workload, at_most } => {
            format!("give {workload} at most {} per process", plural(*at_most, "connection"))
        }
        Remedy::EveryPool { at_most } => {
            format!("give every pool at most {}", plural(*at_most, "connection"))
        }
        Remedy::Instances { workload, at_most } => {
            format!("run at most {} of {workload}", plural(*at_most, "instance"))
        }
        Remedy::Surge { workload, to } => format!("set maxSurge of {workload} to {to}"),
        Remedy::Pooler { pooler, at_most } if bounded(pooler) => {
            format!("set {BOUND} of {pooler} so that one instance opens at most {at_most}")
        }
        Remedy::Pooler { pooler, at_most } => {
            format!("give {pooler} smaller pools, so that one instance opens at most {at_most}")
        }
        Remedy::Limit { at_least } => format!("raise the server's limit to {at_least}"),
    }
}
