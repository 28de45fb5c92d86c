//! `poollint/budget/1`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::Budget;
use super::budget::{change, consumers_before};
use crate::model::{
    Basis, Consumer, ConsumerKind, Demand, Deployment, Environment, Factor, Located, Numbers, Pooler, Server,
    SharedServer, Size, Stray,
};
use crate::tree::Files;

/// Writes the budget of every deployment that has a server or a pooler.
///
/// # Errors
/// When the output cannot be written.
pub fn budget_json(budget: &Budget<'_>, out: &mut dyn Write) -> io::Result<()> {
    let deployments: Vec<Value> = budget
        .model
        .deployments
        .iter()
        .filter(|deployment| !(deployment.servers.is_empty() && deployment.poolers.is_empty()))
        .map(|deployment| self::deployment(budget, deployment))
        .collect();
    let mut output = json!({
        "schema": "poollint/budget/1",
        "version": env!("CARGO_PKG_VERSION"),
        "deployments": deployments,
        "shared_servers": budget.model.shared_servers.iter().map(|shared| self::shared(shared, budget.files)).collect::<Vec<_>>(),
    });
    if !budget.what_if.is_empty() {
        set(&mut output, "what_if", Some(budget.what_if));
    }
    set(&mut output, "base", budget.base);
    if budget.before.is_some() {
        let gone = budget.deployments_gone();
        let gone: Vec<Value> = gone
            .into_iter()
            .map(|gone| json!({ "name": gone.name, "servers": gone.servers.iter().map(gone_server).collect::<Vec<_>>() }))
            .collect();
        set(&mut output, "gone", Some(gone).filter(|gone| !gone.is_empty()));
    }
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn gone_server(server: &Server) -> Value {
    let mut output =
        json!({ "name": server.name, "demand": demand(&server.demand), "verdict": server.verdict.name() });
    set(&mut output, "address", server.address.as_ref());
    output
}

fn deployment(budget: &Budget<'_>, deployment: &Deployment) -> Value {
    let files = budget.files;
    let environment = deployment.environment.value.unwrap_or(Environment::Unknown);
    let mut output = json!({
        "name": deployment.name,
        "kind": deployment.kind.name(),
        "environment": environment.name(),
        "files": deployment.files.iter().map(|file| files.path(*file)).collect::<Vec<_>>(),
        "servers": deployment.servers.iter().map(|server| {
            let was = budget.server_before(deployment, server);
            let mut output = self::server(server, files);
            set(&mut output, "before", was.map(|was| json!({
                "usable": was.usable, "demand": demand(&was.demand), "verdict": was.verdict.name(),
            })));
            let before = was.map(|was| (was.demand.numbers, was.consumers.as_slice()));
            changed(budget, before, server.demand.numbers, &server.consumers, &mut output);
            output
        }).collect::<Vec<_>>(),
        "poolers": deployment.poolers.iter().map(|pooler| {
            let was = budget.pooler_before(deployment, pooler);
            let mut output = self::pooler(pooler, files);
            set(&mut output, "before", was.map(|was| json!({
                "demand": demand(&was.demand), "verdict": was.verdict.name(),
            })));
            let before = was.map(|was| (was.demand.numbers, was.consumers.as_slice()));
            changed(budget, before, pooler.demand.numbers, &pooler.consumers, &mut output);
            output
        }).collect::<Vec<_>>(),
    });
    let gone: Vec<Value> = budget.servers_gone(deployment).into_iter().map(gone_server).collect();
    set(&mut output, "gone", Some(gone).filter(|gone| !gone.is_empty()));
    if !deployment.partial.is_empty() {
        set(&mut output, "partial", Some(&deployment.partial));
    }
    output
}

/// Adds what changed to a server or pooler and to its consumers. What was not there before changed by all it has.
fn changed(
    budget: &Budget<'_>,
    was: Option<(Numbers, &[Consumer])>,
    is: Numbers,
    consumers: &[Consumer],
    output: &mut Value,
) {
    if budget.before.is_none() {
        return;
    }
    let (numbers_before, before) = was.unwrap_or_default();
    set(output, "change", Some(difference(numbers_before, is)));
    let (known, gone) = consumers_before(consumers, before);
    let shown = output.get_mut("consumers").and_then(Value::as_array_mut).into_iter().flatten();
    for ((shown, consumer), was) in shown.zip(consumers).zip(known) {
        let before = was.map(|was| json!({ "connections": numbers(was.connections) }));
        set(shown, "before", before);
        let was = was.map(|was| was.connections).unwrap_or_default();
        set(shown, "change", Some(difference(was, consumer.connections)));
    }
    let gone: Vec<Value> = gone
        .into_iter()
        .map(|gone| match &gone.kind {
            ConsumerKind::Workload { workload, variable, .. } => {
                json!({ "workload": workload, "variable": variable, "connections": numbers(gone.connections) })
            }
            ConsumerKind::Pooler { pooler, .. } => {
                json!({ "pooler": pooler, "connections": numbers(gone.connections) })
            }
            ConsumerKind::Other { name } => json!({ "other": name, "connections": numbers(gone.connections) }),
        })
        .collect();
    set(output, "gone", Some(gone).filter(|gone| !gone.is_empty()));
}

fn difference(was: Numbers, is: Numbers) -> Value {
    // Numbers of connections are far from where a JSON number would lose a digit.
    let [min, max, rollout] = change(was, is).map(|change| i64::try_from(change).unwrap_or(i64::MAX));
    json!({ "min": min, "max": max, "rollout": rollout })
}

fn server(server: &Server, files: &Files) -> Value {
    let mut output = json!({
        "name": server.name,
        "engine": server.engine,
        "max_connections": located(&server.max_connections, files),
        "reserved": located(&server.reserved, files),
        "share": server.share,
        "demand": demand(&server.demand),
        "verdict": server.verdict.name(),
        "tight": server.tight,
        "consumers": server.consumers.iter().map(|consumer| self::consumer(consumer, files)).collect::<Vec<_>>(),
    });
    if !server.may_connect.is_empty() {
        set(&mut output, "may_connect", Some(server.may_connect.iter().map(stray).collect::<Vec<_>>()));
    }
    set(&mut output, "address", server.address.as_ref());
    set(&mut output, "usable", server.usable);
    set(&mut output, "budget", server.budget);
    output
}

fn stray(stray: &Stray) -> Value {
    let mut output = json!({ "workload": stray.workload });
    set(&mut output, "variable", stray.variable.as_ref());
    set(&mut output, "reason", stray.reason.as_deref());
    output
}

fn shared(shared: &SharedServer, files: &Files) -> Value {
    let mut output = server(&shared.server, files);
    set(&mut output, "deployments", Some(&shared.deployments));
    set(&mut output, "environment", Some(shared.environment.name()));
    output
}

fn pooler(pooler: &Pooler, files: &Files) -> Value {
    let mut output = json!({
        "name": pooler.name,
        "kind": pooler.kind,
        "max_client_conn": located(&pooler.max_client_conn, files),
        "demand": demand(&pooler.demand),
        "verdict": pooler.verdict.name(),
        "consumers": pooler.consumers.iter().map(|consumer| self::consumer(consumer, files)).collect::<Vec<_>>(),
    });
    set(&mut output, "address", pooler.address.as_ref());
    set(&mut output, "mode", pooler.mode.value.map(crate::model::PoolerMode::name));
    output
}

fn consumer(consumer: &Consumer, files: &Files) -> Value {
    let factors: Vec<Value> = consumer.factors.iter().map(|factor| self::factor(factor, files)).collect();
    let connections = numbers(consumer.connections);
    match &consumer.kind {
        ConsumerKind::Workload {
            workload, container, variable, client, processes, size, overflow, ..
        } => {
            let mut pool = json!({});
            set(&mut pool, "size", size.map(self::size));
            set(&mut pool, "overflow", overflow.map(self::size));
            let mut output = json!({ "workload": workload, "variable": variable });
            set(&mut output, "container", container.as_ref());
            set(&mut output, "client", client.as_ref());
            set(&mut output, "instances", Some(numbers(consumer.instances)));
            set(&mut output, "processes", *processes);
            set(&mut output, "pool", Some(pool));
            set(&mut output, "connections", Some(connections));
            set(&mut output, "factors", Some(factors));
            output
        }
        ConsumerKind::Pooler { pooler, pairs, size, reserve } => {
            let mut pool = json!({});
            set(&mut pool, "size", size.map(self::size));
            set(&mut pool, "reserve", *reserve);
            json!({
                "pooler": pooler, "instances": numbers(consumer.instances), "pairs": pairs, "pool": pool,
                "connections": connections, "factors": factors,
            })
        }
        ConsumerKind::Other { name } => {
            json!({ "other": name, "connections": connections, "factors": factors })
        }
    }
}

fn factor(factor: &Factor, files: &Files) -> Value {
    let mut output = json!({ "name": factor.name });
    if let (Some(target), Value::Object(value)) = (output.as_object_mut(), located_size(&factor.value, files))
    {
        target.extend(value);
    }
    output
}

fn located_size(value: &Located<Size>, files: &Files) -> Value {
    located(&value.clone().map(size), files)
}

/// A value with its basis and place; no `value` when it is unknown.
fn located<T: Serialize + Clone>(value: &Located<T>, files: &Files) -> Value {
    let mut output = json!({});
    set(&mut output, "value", value.value.clone());
    let basis = if value.value.is_none() { Basis::Unknown } else { value.basis };
    set(&mut output, "basis", Some(basis));
    if let Some(place) = value.place {
        set(&mut output, "path", Some(files.path(place.file)));
        set(&mut output, "line", Some(files.line(place)));
    }
    set(&mut output, "overridable", value.overridable.then_some(true));
    set(&mut output, "note", value.note.as_ref());
    output
}

fn size(size: Size) -> Value {
    match size {
        Size::Limit(limit) => limit.into(),
        Size::Unlimited => "unlimited".into(),
    }
}

fn numbers(numbers: Numbers) -> Value {
    json!({ "min": numbers.min, "max": numbers.max, "rollout": numbers.rollout })
}

fn demand(demand: &Demand) -> Value {
    let Numbers { min, max, rollout } = demand.numbers;
    json!({ "min": min, "max": max, "rollout": rollout, "complete": demand.complete })
}

/// Sets a key, unless its value is absent.
fn set(output: &mut Value, key: &str, value: Option<impl Serialize>) {
    if let (Some(object), Some(value)) = (output.as_object_mut(), value) {
        object.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
    }
}
