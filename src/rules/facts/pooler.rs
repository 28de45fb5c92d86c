//! Facts about a pooler: what it accepts from its clients, what they ask, and who goes past it.

use super::docs::{about, flag, number, text};
use super::sum::{Moment, Sum, contributors};
use super::{Fact, FactDoc, Subject, common};
use crate::catalog::{Endpoint, catalog, provider_of_host};
use crate::model::{
    Consumer, ConsumerKind, Deployment, Label, Model, Numbers, Pooler, PoolerMode, Role, Server,
    WorkloadClass,
};
use crate::rules::page::SubjectKind;

const HERE: &[SubjectKind] = &[SubjectKind::Pooler];

/// Documentation of the facts.
pub(super) const DOCS: &[FactDoc] = &about(
    HERE,
    [
        text("pooler.name", "name of the workload or of the file"),
        text("pooler.kind", "`pgbouncer`, `pgcat` …"),
        text("pooler.address", "`host:port` that its clients use"),
        text("pooler.mode", "`session`, `transaction` or `statement`"),
        flag("pooler.mode_written", "the mode is written, no default"),
        flag("pooler.session_only", "its kind knows no other mode than `session`"),
        number("pooler.transaction_port", "", "where the provider's pooler answers in `transaction` mode"),
        text("pooler.clients_setting", "the setting that says how many clients it accepts"),
        flag("pooler.process_per_client", "each client takes a process with server connections of its own"),
        number("pooler.max_client_conn", "connections", "how many clients one instance accepts"),
        number("pooler.accepts", "connections", "how many clients all instances accept"),
        number("pooler.instances", "", "instances at full scale"),
        number("pooler.min", "connections", "what its clients ask at rest"),
        number("pooler.max", "connections", "what its clients ask at full scale"),
        number("pooler.rollout", "connections", "what its clients ask while a new version rolls out"),
        flag("pooler.incomplete", "some client's pool or instances are not known"),
        text("pooler.verdict", "of its client side: `overflow`, `fits` or `unknown`"),
        text("pooler.sum", "the clients' sum during a rollout; brings their places"),
        text(
            "pooler.defaults",
            "client defaults in that sum that code may change, as `api keeps node-postgres's 10`",
        ),
        number("pooler.clients", "", "how many consumers use it"),
        text("pooler.prisma", "workloads that use it with Prisma"),
        text("pooler.serverless", "functions that use it"),
        text("pooler.orm", "workloads that use it with a client that opens transactions by itself"),
        text("pooler.upstreams", "servers that it leads to"),
        text("pooler.bypassing", "services that connect to such a server directly; brings their places"),
        number("pooler.bypassing_connections", "connections", "what those open at full scale"),
    ],
);

/// Every pooler of every deployment.
pub(super) fn subjects(model: &Model) -> impl Iterator<Item = Subject> + '_ {
    model.deployments.iter().enumerate().flat_map(move |(index, deployment)| {
        deployment.poolers.iter().map(move |pooler| subject(model, index, deployment, pooler))
    })
}

fn subject(model: &Model, index: usize, deployment: &Deployment, pooler: &Pooler) -> Subject {
    // A provider's pooler is written nowhere: its clients' addresses are what a person would change.
    let first = || pooler.consumers.iter().find_map(|consumer| connection_place(deployment, consumer));
    let place = pooler.place.or_else(first);
    let mut subject = Subject::new(SubjectKind::Pooler, pooler.name.as_str(), place);
    subject.deployment = Some(index);
    subject.workload = pooler.workload.clone();
    contributors(deployment, &pooler.consumers, true, &mut subject.contributors);
    let facts = &mut subject.facts;
    facts.extend(common(model, Some(index), pooler.workload.as_deref()));
    facts.say("pooler.name", pooler.name.as_str());
    facts.say("pooler.kind", pooler.kind.as_str());
    facts.say_some("pooler.address", pooler.address.as_deref());
    facts.say("pooler.mode_written", pooler.mode.is_explicit());
    let kind = catalog().pooler(&pooler.kind);
    facts.say("pooler.session_only", kind.is_some_and(|kind| kind.session_only));
    facts.say("pooler.process_per_client", kind.is_some_and(|kind| kind.process_per_client));
    let setting = kind.and_then(|kind| kind.clients_setting.as_deref()).unwrap_or("max_client_conn");
    facts.say("pooler.clients_setting", setting);
    facts.say_some("pooler.transaction_port", transaction_port(pooler).map(u64::from));
    if let Some(mode) = pooler.mode.value {
        facts.set("pooler.mode", located(mode.name(), pooler.mode.place));
    }
    if let Some(limit) = pooler.max_client_conn.value {
        facts.set("pooler.max_client_conn", located(limit, pooler.max_client_conn.place));
        facts.say("pooler.accepts", limit.saturating_mul(pooler.instances.max));
    }
    facts.say("pooler.instances", pooler.instances.max);
    let Numbers { min, max, rollout } = pooler.demand.numbers;
    facts.say("pooler.min", min);
    facts.say("pooler.max", max);
    facts.say("pooler.rollout", rollout);
    facts.say("pooler.incomplete", !pooler.demand.complete);
    facts.say("pooler.verdict", pooler.verdict.name());
    let sum = Sum::new(&pooler.consumers, Moment::Rollout);
    facts.set("pooler.sum", sum.fact());
    facts.say_some("pooler.defaults", sum.defaults());
    facts.say("pooler.clients", pooler.consumers.len());
    facts.say_some("pooler.prisma", with_client(pooler, |client| client.starts_with("prisma")));
    facts.say_some("pooler.orm", with_client(pooler, opens_transactions));
    facts.say_some("pooler.serverless", serverless(deployment, pooler));
    if !pooler.upstreams.is_empty() {
        facts.say("pooler.upstreams", pooler.upstreams.join(", "));
    }
    let bypassing = bypassing(deployment, pooler);
    if !bypassing.is_empty() {
        let mut fact = Fact::new(names(bypassing.iter().map(|consumer| consumer.name())));
        fact.place = bypassing.iter().find_map(|consumer| connection_place(deployment, consumer));
        fact.labels = bypassing
            .iter()
            .filter_map(|consumer| {
                let message = format!("{} opens {}", consumer.name(), consumer.connections.max);
                connection_place(deployment, consumer).map(|place| Label { place, message })
            })
            .collect();
        facts.set("pooler.bypassing", fact);
        let opened =
            bypassing.iter().fold(0u64, |sum, consumer| sum.saturating_add(consumer.connections.max));
        facts.say("pooler.bypassing_connections", opened);
    }
    subject
}

/// The port of the same host at which the provider's pooler shares server connections by transactions.
fn transaction_port(pooler: &Pooler) -> Option<u16> {
    let (host, port) = pooler.address.as_deref()?.rsplit_once(':')?;
    let (provider, here) = provider_of_host(host, port.parse().ok())?;
    let by_transaction = |endpoint: &&Endpoint| {
        endpoint.host == here.host && endpoint.mode.as_deref() == Some(PoolerMode::Transaction.name())
    };
    provider.endpoints.iter().find(by_transaction)?.port
}

fn located(value: impl Into<super::FactValue>, place: Option<crate::span::Place>) -> Fact {
    Fact { place, ..Fact::new(value) }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

fn with_client(pooler: &Pooler, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let found = names(pooler.consumers.iter().filter_map(|consumer| match &consumer.kind {
        ConsumerKind::Workload { workload, client: Some(client), .. } if wanted(client) => {
            Some(workload.as_str())
        }
        _ => None,
    }));
    (!found.is_empty()).then_some(found)
}

/// Clients that wrap what they do in transactions, so that `statement` mode breaks them.
fn opens_transactions(client: &str) -> bool {
    [
        "prisma",
        "sqlalchemy",
        "django",
        "activerecord",
        "typeorm",
        "sequelize",
        "mikro-orm",
        "ecto",
        "spring-boot",
        "laravel",
        "doctrine",
    ]
    .iter()
    .any(|orm| client.starts_with(orm))
}

fn serverless(deployment: &Deployment, pooler: &Pooler) -> Option<String> {
    let found = names(pooler.consumers.iter().map(Consumer::name).filter(|name| {
        deployment
            .workloads
            .iter()
            .any(|workload| workload.name == *name && workload.class == WorkloadClass::Serverless)
    }));
    (!found.is_empty()).then_some(found)
}

/// Services that connect to a server of the pooler directly, where nobody uses the pooler or they open more than it.
/// Tools, jobs and superusers have reasons to.
fn bypassing<'a>(deployment: &'a Deployment, pooler: &Pooler) -> Vec<&'a Consumer> {
    let servers = deployment.servers.iter().filter(|server| pooler.upstreams.contains(&server.name));
    servers
        .flat_map(|server| {
            let direct: Vec<&Consumer> = server
                .consumers
                .iter()
                .filter(|consumer| {
                    is_service(deployment, server, consumer) && reaches(deployment, consumer, pooler)
                })
                .collect();
            let opened =
                direct.iter().fold(0u64, |sum, consumer| sum.saturating_add(consumer.connections.max));
            let dominates = opened > pooler.demand.numbers.max && pooler.demand.complete;
            if pooler.consumers.is_empty() || dominates { direct } else { Vec::new() }
        })
        .collect()
}

fn is_service(deployment: &Deployment, server: &Server, consumer: &Consumer) -> bool {
    let ConsumerKind::Workload { workload, container: in_container, variable, .. } = &consumer.kind else {
        return false;
    };
    deployment.connections().any(|(other, container, connection)| {
        let tool = container.image.as_ref().and_then(|image| image.known()).is_some_and(|image| {
            crate::catalog::catalog().image(image).is_some_and(|image| {
                matches!(image.role, crate::catalog::ImageRole::Tool | crate::catalog::ImageRole::Pooler)
            })
        });
        other.name == *workload
            && in_container.as_ref().is_none_or(|name| *name == container.name)
            && connection.variable == *variable
            && other.class == WorkloadClass::Service
            && container.role == crate::model::Role::Main
            && Some(&other.name) != server.workload.as_ref()
            && !tool
    })
}

/// Whether a consumer could use a pooler: one beside other containers is their own, unless a Service leads to its port.
fn reaches(deployment: &Deployment, consumer: &Consumer, pooler: &Pooler) -> bool {
    let runs = deployment.workloads.iter().find(|other| pooler.workload.as_ref() == Some(&other.name));
    let Some(runs) = runs.filter(|runs| consumer.name() != runs.name) else { return true };
    if runs.containers.iter().filter(|container| container.role != Role::Init).count() < 2 {
        return true;
    }
    let address = pooler.address.as_deref().and_then(|address| address.rsplit_once(':'));
    let port: Option<u16> = address.and_then(|(_, port)| port.parse().ok());
    runs.endpoints.iter().any(|endpoint| {
        endpoint.ports.is_empty() || endpoint.ports.iter().any(|(_, inside)| Some(*inside) == port)
    })
}

fn connection_place(deployment: &Deployment, consumer: &Consumer) -> Option<crate::span::Place> {
    let ConsumerKind::Workload { workload, container: in_container, variable, .. } = &consumer.kind else {
        return consumer.place;
    };
    deployment
        .connections()
        .find(|(other, container, connection)| {
            other.name == *workload
                && in_container.as_ref().is_none_or(|name| *name == container.name)
                && connection.variable == *variable
        })
        .and_then(|(_, _, connection)| connection.place())
        .or(consumer.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_that_open_transactions() {
        assert!(opens_transactions("prisma@6") && opens_transactions("sqlalchemy"));
        assert!(!opens_transactions("node-postgres"));
    }
}
