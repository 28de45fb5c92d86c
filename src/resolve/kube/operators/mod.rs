//! Database servers that operators run for custom resources, with their poolers, Services and Secrets. Which resources
//! those are, and where they say what, is `catalog/operators.yaml`.
//!
//! A cluster becomes one workload without containers for its primary, and one for its replicas and for all of its
//! servers where those have a Service of their own. Behind such a Service the limit is that of all servers together:
//! whatever way connections spread over them, more cannot be.

mod names;
mod poolers;
mod secrets;
#[cfg(test)]
mod tests;

use super::object::{Object, Objects};
use super::value::Val;
use super::{instances, pod, services};
use crate::catalog::{ByMemory, CountAt, Lookup, Operator, OperatorService, Reach, TextAt, catalog};
use crate::model::{Basis, Endpoint, Located, Network, Operated, OperatedServer, Workload, WorkloadClass};
use names::{Names, filled};
pub(super) use secrets::secret;

/// What operators run, in the order of the objects.
pub(super) fn workloads(objects: &Objects) -> Vec<Workload> {
    let mut found = Vec::new();
    for object in &objects.all {
        for operator in catalog().operators_of(object.group()) {
            if object.kind == operator.kind && !object.name.is_empty() {
                found.extend(servers(objects, operator, object));
            }
            found.extend(poolers::of_object(objects, operator, object));
        }
    }
    found
}

/// The servers of a cluster, by what Services reach.
fn servers(objects: &Objects, operator: &Operator, object: &Object) -> Vec<Workload> {
    let names = Names::of(operator, object);
    let count = count(&object.root, &operator.instances);
    let limit = limit(objects, operator, object);
    let reserved = reserved(objects, operator, object);
    let pooled = poolers::runs_any(operator, object);
    [Reach::Primary, Reach::Replicas, Reach::Any]
        .into_iter()
        .filter_map(|reach| {
            let mut endpoints: Vec<Endpoint> = Vec::new();
            let mut first = None;
            // With a single server every Service that reaches any reaches the primary.
            let single = count.value == Some(1);
            let meant = |service: &&OperatorService| match reach {
                Reach::Primary => service.reaches == reach || single && service.reaches == Reach::Any,
                Reach::Any => service.reaches == reach && !single,
                Reach::Replicas => service.reaches == reach,
            };
            for service in operator.services.iter().filter(meant) {
                let name = filled(&service.name, &names)?;
                let mut ports: Vec<(u16, u16)> =
                    service.port.iter().map(|port| (*port, operator.port)).collect();
                if service.without_pooler && !pooled {
                    ports.push((operator.port, operator.port));
                }
                services::names(&name, object.space(), &ports, &mut endpoints);
                first = first.or(Some(name));
            }
            let standby = reach != Reach::Primary;
            let name = if standby { first? } else { object.name.clone() };
            let running = match reach {
                Reach::Replicas => count.clone().map(|count| count.saturating_sub(1)),
                Reach::Primary | Reach::Any => count.clone(),
            };
            let together = |each: &Located<u64>| if standby { times(each, &running) } else { each.clone() };
            Some(Workload {
                name,
                kind: object.kind.clone(),
                namespace: object.namespace.clone(),
                place: Some(object.place),
                class: WorkloadClass::Service,
                instances: instances::fixed("instances", running.clone()),
                containers: Vec::new(),
                endpoints,
                network: Network::Own(Vec::new()),
                profiles: Vec::new(),
                dormant: false,
                suppressions: pod::suppressions(object, &object.root),
                serving: crate::model::Serving::default(),
                operated: Some(Operated::Server(OperatedServer {
                    engine: operator.engine.clone(),
                    port: operator.port,
                    max_connections: together(&limit),
                    reserved: together(&reserved),
                    standby,
                })),
            })
        })
        .collect()
}

/// What several servers have together.
fn times(each: &Located<u64>, servers: &Located<u64>) -> Located<u64> {
    match (each.value, servers.value) {
        (Some(limit), Some(1)) => each.clone().map(|_| limit),
        (Some(limit), Some(servers)) => Located::of(limit.saturating_mul(servers), Basis::Derived)
            .at(each.place)
            .noted(format!("{servers} servers × {limit}")),
        _ => Located::unknown(),
    }
}

/// `max_connections` of each server: as written, else what memory makes of it, else the default.
fn limit(objects: &Objects, operator: &Operator, object: &Object) -> Located<u64> {
    let (written, missing) = parameter(objects, &operator.parameters, object, "max_connections");
    if let Some(value) = written {
        return match value.as_count() {
            Some(limit) => Located::written(limit, value.place),
            None => Located::unknown().at(Some(value.place)),
        };
    }
    if let Some(memory) = &operator.memory {
        return of_memory(object, memory);
    }
    match operator.max_connections {
        Some(limit) if !missing => Located::of(limit, Basis::EngineDefault).at(Some(object.place)),
        _ => Located::unknown(),
    }
}

fn of_memory(object: &Object, memory: &ByMemory) -> Located<u64> {
    let unknown = || Located::unknown().noted("it follows from the memory of its pods");
    let Some(written) = at(&object.root, &memory.at) else { return unknown() };
    match written.as_str().and_then(megabytes) {
        Some(megabytes) => {
            let limit = megabytes.checked_div(memory.megabytes_each).unwrap_or(0);
            Located::of(limit.max(memory.at_least).min(memory.at_most), Basis::Derived)
                .at(Some(written.place))
                .noted(format!("of {megabytes} MB of memory"))
        }
        None => unknown(),
    }
}

/// A quantity of Kubernetes' in whole megabytes of 2^20 bytes.
fn megabytes(text: &str) -> Option<u64> {
    const MB: u64 = 1 << 20;
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let bytes = match unit {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => MB,
        "Gi" => 1 << 30,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return None,
    };
    number.checked_mul(bytes)?.checked_div(MB)
}

/// The slots that each server keeps from ordinary roles: written, else the operator's or the engine's.
fn reserved(objects: &Objects, operator: &Operator, object: &Object) -> Located<u64> {
    let engine = catalog().engine(&operator.engine).map_or(0, |engine| engine.reserved);
    let find = |name| parameter(objects, &operator.parameters, object, name).0;
    let superuser = find("superuser_reserved_connections");
    // PostgreSQL 16 and later keep these besides.
    let others = find("reserved_connections");
    let basis = if operator.reserved.is_some() { Basis::PlatformDefault } else { Basis::EngineDefault };
    let first = match superuser {
        Some(value) => value.as_count(),
        None => Some(operator.reserved.unwrap_or(engine)),
    };
    let second = others.map_or(Some(0), Val::as_count);
    let place = superuser.or(others).map(|value| value.place);
    match (first.zip(second), place) {
        (Some((first, second)), Some(place)) => Located::written(first.saturating_add(second), place),
        (Some((first, _)), None) => Located::of(first, basis),
        (None, place) => Located::unknown().at(place),
    }
}

/// A parameter in the first of these mappings that has it, and whether one of them is not in the repository.
fn parameter<'a>(
    objects: &'a Objects,
    lookups: &[Lookup],
    object: &'a Object,
    name: &str,
) -> (Option<&'a Val>, bool) {
    let mut missing = false;
    for lookup in lookups {
        match mapping(objects, lookup, object) {
            Mapping::Here(mapping) => {
                if let Some(value) = mapping.get(name).filter(|value| !value.is_null()) {
                    return (Some(value), false);
                }
            }
            Mapping::Missing => missing = true,
            Mapping::Unset => {}
        }
    }
    (None, missing)
}

/// What a [`Lookup`] finds.
enum Mapping<'a> {
    Here(&'a Val),
    /// The object that would hold it is not in the repository.
    Missing,
    /// Nothing is written.
    Unset,
}

fn mapping<'a>(objects: &'a Objects, lookup: &Lookup, object: &'a Object) -> Mapping<'a> {
    let holder = match &lookup.object {
        None => object,
        Some(named) => {
            let Some(name) = at(&object.root, &named.named).and_then(Val::as_str) else {
                return Mapping::Unset;
            };
            let found = objects.find(&named.kind, object.space(), name);
            match found.filter(|found| found.group() == object.group()) {
                Some(found) => found,
                None => return Mapping::Missing,
            }
        }
    };
    at(&holder.root, &lookup.at).map_or(Mapping::Unset, Mapping::Here)
}

/// The value at a path that the catalogue gives.
fn at<'a>(root: &'a Val, path: &[String]) -> Option<&'a Val> {
    if path.is_empty() {
        return None;
    }
    path.iter().try_fold(root, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// A number as it is written, else its default.
fn count(root: &Val, count: &CountAt) -> Located<u64> {
    let default = |place| match count.default {
        Some(default) => Located::of(default, Basis::PlatformDefault).at(place),
        None => Located::unknown().at(place),
    };
    let Some(written) = at(root, &count.at) else { return default(None) };
    if count.each.is_empty() {
        return instances::number(Some(written), 0);
    }
    let one = |item: &Val| match at(item, &count.each) {
        Some(value) => value.as_count(),
        None => count.default,
    };
    let sum = written.items().iter().map(one).try_fold(0u64, |sum, one| Some(sum.saturating_add(one?)));
    match sum {
        Some(sum) => Located::written(sum, written.place),
        None => Located::unknown().at(Some(written.place)),
    }
}

/// A text as it is written, with its place, else its default.
fn text(root: &Val, text: &TextAt) -> Option<(String, Option<crate::span::Place>)> {
    let written = text.at.iter().find_map(|path| at(root, path));
    match written {
        Some(value) => Some((value.as_str()?.to_owned(), Some(value.place))),
        None => Some((text.default.clone()?, None)),
    }
}
