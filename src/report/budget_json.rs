//! `poollint/budget/1`.

use std::io::{self, Write};

use super::Budget;
use super::budget::{change, consumers_before};
use super::budget_shape as shape;
use crate::model::{
    Basis, Consumer, ConsumerKind, Demand, Deployment, Environment, Factor, Located, Numbers, Pooler, Server,
    SharedServer, Stray,
};
use crate::tree::Files;

/// Writes the budget of every deployment that has a server or a pooler.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_json(budget: &Budget<'_>, out: &mut dyn Write) -> io::Result<()> {
    let deployments = budget
        .model
        .deployments
        .iter()
        .filter(|deployment| !(deployment.servers.is_empty() && deployment.poolers.is_empty()));
    let gone = budget.deployments_gone().into_iter().map(|gone| shape::DeploymentGone {
        name: &gone.name,
        servers: gone.servers.iter().map(server_gone).collect(),
    });
    let output = shape::Output {
        schema: "poollint/budget/1",
        version: env!("CARGO_PKG_VERSION"),
        deployments: deployments.map(|deployment| self::deployment(budget, deployment)).collect(),
        shared_servers: budget
            .model
            .shared_servers
            .iter()
            .map(|shared| self::shared(budget, shared))
            .collect(),
        what_if: budget.what_if,
        base: budget.base,
        gone: gone.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn server_gone(server: &Server) -> shape::ServerGone<'_> {
    shape::ServerGone {
        name: &server.name,
        address: server.address.as_deref(),
        demand: demand(&server.demand),
        verdict: server.verdict,
    }
}

fn deployment<'a>(budget: &Budget<'a>, deployment: &'a Deployment) -> shape::Deployment<'a> {
    let files = budget.files;
    let servers = deployment
        .servers
        .iter()
        .map(|server| compared(budget, server, budget.server_before(deployment, server)));
    let poolers = deployment.poolers.iter().map(|pooler| {
        let was = budget.pooler_before(deployment, pooler);
        let before = was.map(|was| (was.demand.numbers, was.consumers.as_slice()));
        let mut output = self::pooler(pooler, files);
        output.before =
            was.map(|was| shape::Before { usable: None, demand: demand(&was.demand), verdict: was.verdict });
        (output.change, output.gone) =
            changed(budget, before, pooler.demand.numbers, &pooler.consumers, &mut output.consumers);
        output
    });
    shape::Deployment {
        name: &deployment.name,
        kind: deployment.kind,
        environment: deployment.environment.value.unwrap_or(Environment::Unknown),
        files: deployment.files.iter().map(|file| files.path(*file)).collect(),
        servers: servers.collect(),
        poolers: poolers.collect(),
        gone: budget.servers_gone(deployment).into_iter().map(server_gone).collect(),
        partial: &deployment.partial,
    }
}

/// A server with what it was before, where there is something to compare with.
fn compared<'a>(budget: &Budget<'a>, server: &'a Server, was: Option<&'a Server>) -> shape::Server<'a> {
    let before = was.map(|was| (was.demand.numbers, was.consumers.as_slice()));
    let mut output = self::server(server, budget.files);
    output.before = was.map(|was| shape::Before {
        usable: was.usable,
        demand: demand(&was.demand),
        verdict: was.verdict,
    });
    (output.change, output.gone) =
        changed(budget, before, server.demand.numbers, &server.consumers, &mut output.consumers);
    output
}

/// Adds to each consumer what changed, and tells what changed in all and who is gone. What was not there before changed
/// by all it has.
fn changed<'a>(
    budget: &Budget<'_>,
    was: Option<(Numbers, &'a [Consumer])>,
    is: Numbers,
    consumers: &[Consumer],
    shown: &mut [shape::Consumer<'_>],
) -> (Option<shape::Change>, Vec<shape::ConsumerGone<'a>>) {
    if budget.before.is_none() {
        return (None, Vec::new());
    }
    let (numbers_before, before) = was.unwrap_or_default();
    let (known, gone) = consumers_before(consumers, before);
    for ((shown, consumer), was) in shown.iter_mut().zip(consumers).zip(known) {
        let sums = match shown {
            shape::Consumer::Workload(shape::WorkloadConsumer { sums, .. })
            | shape::Consumer::Pooler(shape::PoolerConsumer { sums, .. })
            | shape::Consumer::Other(shape::OtherConsumer { sums, .. }) => sums,
        };
        sums.before = was.map(|was| shape::ConnectionsBefore { connections: numbers(was.connections) });
        let was = was.map(|was| was.connections).unwrap_or_default();
        sums.change = Some(difference(was, consumer.connections));
    }
    let gone = gone.into_iter().map(|gone| {
        let connections = numbers(gone.connections);
        match &gone.kind {
            ConsumerKind::Workload { workload, variable, .. } => {
                shape::ConsumerGone::Workload { workload, variable, connections }
            }
            ConsumerKind::Pooler { pooler, .. } => shape::ConsumerGone::Pooler { pooler, connections },
            ConsumerKind::Other { name } => shape::ConsumerGone::Other { other: name, connections },
        }
    });
    (Some(difference(numbers_before, is)), gone.collect())
}

fn difference(was: Numbers, is: Numbers) -> shape::Change {
    // Numbers of connections are far from where a JSON number would lose a digit.
    let [min, max, rollout] = change(was, is).map(|change| i64::try_from(change).unwrap_or(i64::MAX));
    shape::Change { min, max, rollout }
}

fn server<'a>(server: &'a Server, files: &'a Files) -> shape::Server<'a> {
    shape::Server {
        name: &server.name,
        engine: &server.engine,
        address: server.address.as_deref(),
        max_connections: sourced(&server.max_connections, files),
        reserved: sourced(&server.reserved, files),
        usable: server.usable,
        share: server.share,
        budget: server.budget,
        demand: demand(&server.demand),
        verdict: server.verdict,
        tight: server.tight,
        consumers: server.consumers.iter().map(|consumer| self::consumer(consumer, files)).collect(),
        may_connect: server.may_connect.iter().map(stray).collect(),
        before: None,
        change: None,
        gone: Vec::new(),
    }
}

fn stray(stray: &Stray) -> shape::Stray<'_> {
    shape::Stray {
        workload: &stray.workload,
        variable: stray.variable.as_deref(),
        reason: stray.reason.as_deref(),
    }
}

fn shared<'a>(budget: &Budget<'a>, shared: &'a SharedServer) -> shape::SharedServer<'a> {
    shape::SharedServer {
        server: compared(budget, &shared.server, budget.shared_before(shared)),
        deployments: &shared.deployments,
        environment: shared.environment,
    }
}

fn pooler<'a>(pooler: &'a Pooler, files: &'a Files) -> shape::Pooler<'a> {
    shape::Pooler {
        name: &pooler.name,
        kind: &pooler.kind,
        address: pooler.address.as_deref(),
        mode: pooler.mode.value,
        max_client_conn: sourced(&pooler.max_client_conn, files),
        demand: demand(&pooler.demand),
        verdict: pooler.verdict,
        consumers: pooler.consumers.iter().map(|consumer| self::consumer(consumer, files)).collect(),
        before: None,
        change: None,
        gone: Vec::new(),
    }
}

fn consumer<'a>(consumer: &'a Consumer, files: &'a Files) -> shape::Consumer<'a> {
    let instances = numbers(consumer.instances);
    let sums = shape::Sums {
        connections: numbers(consumer.connections),
        factors: consumer.factors.iter().map(|factor| self::factor(factor, files)).collect(),
        before: None,
        change: None,
    };
    match &consumer.kind {
        ConsumerKind::Workload {
            workload, container, variable, client, processes, size, overflow, ..
        } => shape::Consumer::Workload(shape::WorkloadConsumer {
            workload,
            variable,
            container: container.as_deref(),
            client: client.as_deref(),
            instances,
            processes: *processes,
            pool: shape::Pool { size: size.map(Into::into), overflow: overflow.map(Into::into) },
            sums,
        }),
        ConsumerKind::Pooler { pooler, pairs, size, reserve, .. } => {
            let pool = shape::PairPool { size: size.map(Into::into), reserve: *reserve };
            shape::Consumer::Pooler(shape::PoolerConsumer { pooler, instances, pairs: *pairs, pool, sums })
        }
        ConsumerKind::Other { name } => shape::Consumer::Other(shape::OtherConsumer { other: name, sums }),
    }
}

fn factor<'a>(factor: &'a Factor, files: &'a Files) -> shape::Factor<'a> {
    shape::Factor { name: &factor.name, value: sourced(&factor.value, files) }
}

/// A value with its basis and place; no `value` when it is unknown.
fn sourced<'a, T: Copy, S: From<T>>(value: &'a Located<T>, files: &'a Files) -> shape::Sourced<'a, S> {
    shape::Sourced {
        value: value.value.map(Into::into),
        basis: if value.value.is_none() { Basis::Unknown } else { value.basis },
        path: value.place.map(|place| files.path(place.file)),
        line: value.place.map(|place| files.line(place)),
        overridable: value.overridable,
        note: value.note.as_deref(),
    }
}

fn numbers(numbers: Numbers) -> shape::Numbers {
    shape::Numbers { min: numbers.min, max: numbers.max, rollout: numbers.rollout }
}

fn demand(demand: &Demand) -> shape::Demand {
    shape::Demand { numbers: numbers(demand.numbers), complete: demand.complete }
}
