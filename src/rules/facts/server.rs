//! Facts about a database server: its limit, what is asked of it, and what would make that fit.

use super::{Fact, FactDoc, FactKind, Subject, common};
use crate::catalog::catalog;
use crate::model::{
    Basis, Consumer, ConsumerKind, Label, Model, Numbers, Remedy, Server, Size, Verdict, WorkloadClass,
};
use crate::rules::page::SubjectKind;

const HERE: &[SubjectKind] = &[SubjectKind::Server];

const fn doc(path: &'static str, kind: FactKind, unit: &'static str, doc: &'static str) -> FactDoc {
    FactDoc { path, kind, unit, doc, subjects: HERE }
}

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &[
    FactDoc {
        path: "server.name",
        kind: FactKind::Text,
        unit: "",
        doc: "name of the server, or of the one that a pool leads to",
        subjects: &[SubjectKind::Server, SubjectKind::Pool],
    },
    FactDoc {
        path: "server.max_connections",
        kind: FactKind::Number,
        unit: "connections",
        doc: "how many connections it accepts",
        subjects: &[SubjectKind::Server, SubjectKind::Pool],
    },
    doc("server.engine", FactKind::Text, "", "`postgresql`, `mysql` … or `unknown`"),
    doc("server.reserved", FactKind::Number, "connections", "slots that the roles which connect do not get"),
    doc(
        "server.superusers_only",
        FactKind::Flag,
        "",
        "every role that connects is a superuser, so that nothing is reserved from them",
    ),
    doc(
        "server.for_others",
        FactKind::Text,
        "",
        "what is left for roles that are no superusers, as `7 are left for others`; absent where other roles connect",
    ),
    doc("server.usable", FactKind::Number, "connections", "`max_connections` without the reserved ones"),
    doc("server.budget", FactKind::Number, "connections", "what applications should keep to, by the share"),
    doc(
        "server.share",
        FactKind::Number,
        "%",
        "the share of `max_connections` that applications should keep to",
    ),
    doc("server.min", FactKind::Number, "connections", "what is asked of it at rest"),
    doc("server.max", FactKind::Number, "connections", "what is asked of it at full scale"),
    doc(
        "server.rollout",
        FactKind::Number,
        "connections",
        "what is asked of it while a new version rolls out",
    ),
    doc("server.percent", FactKind::Number, "%", "`server.max` of `server.max_connections`"),
    doc(
        "server.incomplete",
        FactKind::Flag,
        "",
        "some consumer's pool or instances are not known: the sums are lower bounds",
    ),
    doc(
        "server.verdict",
        FactKind::Text,
        "",
        "`unknown`, `overflow`, `autoscale-overflow`, `rollout-overflow`, `over-share` or `fits`",
    ),
    doc("server.tight", FactKind::Flag, "", "it fits, but above the info share"),
    doc("server.unlimited", FactKind::Flag, "", "a pool without limit, written or declared, leads to it"),
    doc(
        "server.rests_on_default",
        FactKind::Flag,
        "",
        "the verdict needs a client default that code may change",
    ),
    doc("server.defaults", FactKind::Text, "", "those defaults, as `api keeps node-postgres's 10`"),
    doc(
        "server.poolers",
        FactKind::Number,
        "connections",
        "what the poolers in front of it open together at full scale; absent without one",
    ),
    doc(
        "server.poolers_overflow",
        FactKind::Flag,
        "",
        "the poolers alone open more than is usable, whatever their clients ask for",
    ),
    doc(
        "server.functions",
        FactKind::Number,
        "connections",
        "what functions open together at full scale; absent without one",
    ),
    doc(
        "server.functions_overflow",
        FactKind::Flag,
        "",
        "the functions alone open more at full scale than is usable",
    ),
    doc("server.consumers", FactKind::Number, "", "how many consumers connect to it"),
    doc(
        "server.sum",
        FactKind::Text,
        "",
        "the sum at full scale, as `api 3 × 10 = 30 · worker 2 × 20 = 40`; brings the consumers' places",
    ),
    doc("server.rollout_sum", FactKind::Text, "", "the sum during a rollout"),
    doc(
        "server.unknown_consumers",
        FactKind::Text,
        "",
        "consumers of which the pool or the instances are not known",
    ),
    doc(
        "server.remedies",
        FactKind::Text,
        "",
        "the smallest changes that make it fit, each sufficient alone",
    ),
];

/// Every server of every deployment.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    model.deployments.iter().enumerate().flat_map(move |(index, deployment)| {
        deployment.servers.iter().map(move |server| subject(model, index, server))
    })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of connections are far below 2^52")]
fn subject(model: &Model, index: usize, server: &Server) -> Subject {
    let mut subject = Subject::new(SubjectKind::Server, server.name.as_str(), server.place);
    subject.deployment = Some(index);
    subject.server = Some(server.address.clone().unwrap_or_else(|| server.name.clone()));
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
    facts.say_some("server.defaults", defaults(&server.consumers));
    let poolers = poolers(server);
    facts.say_some("server.poolers", poolers);
    let over = poolers.zip(server.usable).is_some_and(|(poolers, usable)| poolers > usable);
    facts.say("server.poolers_overflow", over);
    let functions = functions(model, index, server);
    facts.say_some("server.functions", functions);
    let over = functions.zip(server.usable).is_some_and(|(functions, usable)| functions > usable);
    facts.say("server.functions_overflow", over);
    facts.say("server.consumers", server.consumers.len());
    let mut sum = Fact::new(sum(&server.consumers, |numbers| numbers.max));
    sum.labels = labels(&server.consumers, |numbers| numbers.max);
    facts.set("server.sum", sum);
    facts.say("server.rollout_sum", self::sum(&server.consumers, |numbers| numbers.rollout));
    facts.say_some("server.unknown_consumers", unknown(server));
    facts.say_some("server.remedies", remedies(server));
    subject
}

/// What the functions among the consumers open at full scale.
fn functions(model: &Model, index: usize, server: &Server) -> Option<u64> {
    let deployment = model.deployments.get(index)?;
    let serverless = |name: &str| {
        let mut workloads = deployment.workloads.iter().filter(|workload| workload.name == name);
        workloads.any(|workload| workload.class == WorkloadClass::Serverless)
    };
    let opened = server.consumers.iter().filter_map(|consumer| match &consumer.kind {
        ConsumerKind::Workload { workload, .. } if serverless(workload) => Some(consumer.connections.max),
        _ => None,
    });
    opened.reduce(u64::saturating_add)
}

/// What superusers leave to everybody else: the reserved slots, which are no hindrance to them, are none of theirs.
fn for_others(server: &Server) -> Option<String> {
    if server.reserved.value != Some(0) || server.reserved.basis != Basis::Derived {
        return None;
    }
    let Numbers { max, rollout, .. } = server.demand.numbers;
    let asked = if server.verdict == Verdict::RolloutOverflow { rollout } else { max };
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

/// `api 3 × (5 + 10) = 45 · worker 2 × 20 = 40`, the largest first.
pub(super) fn sum(consumers: &[Consumer], of: impl Fn(Numbers) -> u64) -> String {
    let mut parts: Vec<(u64, String)> = consumers
        .iter()
        .filter(|consumer| of(consumer.connections) > 0)
        .map(|consumer| {
            let total = of(consumer.connections);
            let product = product(consumer, of(consumer.instances), total);
            (total, format!("{} {product}", name(consumer)))
        })
        .collect();
    parts.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" · ")
}

pub(super) fn product(consumer: &Consumer, instances: u64, total: u64) -> String {
    let mut factors = vec![instances.to_string()];
    // What an init container adds beyond the others is no product.
    let pool = |size: u64, overflow: u64, processes: &Option<u64>| {
        instances.saturating_mul(processes.unwrap_or(1)).saturating_mul(size.saturating_add(overflow))
    };
    match &consumer.kind {
        ConsumerKind::Workload { processes, size, overflow, .. } => {
            factors
                .extend(processes.filter(|processes| *processes > 1).map(|processes| processes.to_string()));
            match (size, overflow) {
                (Some(Size::Limit(size)), Some(Size::Limit(0)) | None)
                    if pool(*size, 0, processes) == total =>
                {
                    factors.push(size.to_string());
                }
                (Some(Size::Limit(size)), Some(Size::Limit(overflow)))
                    if pool(*size, *overflow, processes) == total =>
                {
                    factors.push(format!("({size} + {overflow})"));
                }
                _ => return total.to_string(),
            }
        }
        ConsumerKind::Pooler { pairs, size: Some(Size::Limit(size)), reserve, .. } => {
            let pool = match reserve.unwrap_or(0) {
                0 => size.to_string(),
                reserve => format!("({size} + {reserve})"),
            };
            if *pairs != 1 {
                factors.push(pairs.to_string());
            }
            factors.push(pool);
            // Its own limits may hold it below the product: then the product is no sum to show.
            let product = pairs.saturating_mul(size.saturating_add(reserve.unwrap_or(0)));
            if instances.saturating_mul(product) != total {
                return total.to_string();
            }
        }
        ConsumerKind::Pooler { .. } | ConsumerKind::Other { .. } => return total.to_string(),
    }
    format!("{} = {total}", factors.join(" × "))
}

pub(super) fn name(consumer: &Consumer) -> &str {
    match &consumer.kind {
        ConsumerKind::Workload { workload, .. } => workload,
        ConsumerKind::Pooler { pooler, .. } => pooler,
        ConsumerKind::Other { name } => name,
    }
}

/// What all poolers open at full scale.
fn poolers(server: &Server) -> Option<u64> {
    let mut sides = server
        .consumers
        .iter()
        .filter(|consumer| matches!(consumer.kind, ConsumerKind::Pooler { .. }))
        .map(|consumer| consumer.connections.max)
        .peekable();
    sides.peek()?;
    Some(sides.fold(0, u64::saturating_add))
}

/// The places of the consumers, with what each opens.
pub(super) fn labels(consumers: &[Consumer], of: impl Fn(Numbers) -> u64) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for consumer in consumers.iter().filter(|consumer| of(consumer.connections) > 0) {
        let Some(place) = consumer.place else { continue };
        let message = format!("{} opens {}", name(consumer), of(consumer.connections));
        match labels.iter_mut().find(|label| label.place == place) {
            Some(label) => label.message = format!("{}, {message}", label.message),
            None => labels.push(Label { place, message }),
        }
    }
    labels
}

/// The clients' defaults that code may change, as a condition.
pub(super) fn defaults(consumers: &[Consumer]) -> Option<String> {
    let kept: Vec<String> = consumers
        .iter()
        .filter(|consumer| consumer.overridable && consumer.connections.max > 0)
        .filter_map(|consumer| match &consumer.kind {
            ConsumerKind::Workload {
                workload,
                client: Some(client),
                size: Some(Size::Limit(size)),
                overflow,
                ..
            } => {
                let overflow = match overflow {
                    Some(Size::Limit(overflow)) if *overflow > 0 => format!(" + {overflow}"),
                    _ => String::new(),
                };
                Some(format!("{workload} keeps {client}'s {size}{overflow}"))
            }
            _ => None,
        })
        .collect();
    (!kept.is_empty()).then(|| kept.join(" and "))
}

fn unknown(server: &Server) -> Option<String> {
    let mut names: Vec<&str> =
        server.consumers.iter().filter(|consumer| !consumer.complete).map(name).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

fn remedies(server: &Server) -> Option<String> {
    let texts: Vec<String> = server.remedies.iter().map(remedy).collect();
    (!texts.is_empty() && server.verdict != Verdict::Unknown).then(|| texts.join("; or "))
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn remedy(remedy: &Remedy) -> String {
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
        Remedy::Pooler { pooler, at_most } => {
            format!("set max_db_connections of {pooler} so that one instance opens at most {at_most}")
        }
        Remedy::Limit { at_least } => format!("raise the server's limit to {at_least}"),
    }
}
