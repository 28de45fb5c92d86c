//! Poolers that operators run, as objects of their own or as a part of a cluster's.

use std::collections::BTreeMap;

use super::names::{Names, filled};
use super::{Mapping, at, count, mapping, text};
use crate::catalog::{Lookup, Operator, OperatorPooler};
use crate::model::{Basis, Endpoint, Located, Network, Operated, OperatedPooler, Workload, WorkloadClass};
use crate::resolve::kube::object::{Object, Objects};
use crate::resolve::kube::value::Val;
use crate::resolve::kube::{instances, pod, services};

type Options = BTreeMap<String, Located<String>>;

/// The poolers that an object asks for.
pub(super) fn of_object(objects: &Objects, operator: &Operator, object: &Object) -> Vec<Workload> {
    operator
        .poolers
        .iter()
        .filter(|pooler| match &pooler.kind {
            Some(kind) => object.kind == *kind,
            None => object.kind == operator.kind && wanted(pooler, object),
        })
        .filter_map(|pooler| workload(objects, operator, pooler, object))
        .collect()
}

/// Whether a cluster has a pooler that is a part of it.
pub(super) fn runs_any(operator: &Operator, object: &Object) -> bool {
    operator.poolers.iter().any(|pooler| pooler.kind.is_none() && wanted(pooler, object))
}

fn wanted(pooler: &OperatorPooler, object: &Object) -> bool {
    let when = &pooler.when;
    if at(&object.root, &when.unless_true_at).is_some_and(Val::is_true) {
        return false;
    }
    match at(&object.root, &when.true_at) {
        Some(switch) => switch.is_true(),
        None if !when.else_present.is_empty() => present(&object.root, &when.else_present),
        None => when.true_at.is_empty(),
    }
}

/// Whether something stands there, be it empty.
fn present(root: &Val, path: &[String]) -> bool {
    path.iter().try_fold(root, |value, key| value.get(key)).is_some()
}

fn workload(
    objects: &Objects,
    operator: &Operator,
    pooler: &OperatorPooler,
    object: &Object,
) -> Option<Workload> {
    let mut names = Names::of(operator, object);
    if pooler.kind.is_some() {
        names.own = Some(object.name.clone());
        names.name = at(&object.root, &pooler.cluster)?.as_str()?.to_owned();
    }
    names.choice = pooler.choice.as_ref().and_then(|choice| text(&object.root, choice)).map(|(word, _)| word);
    let name = filled(&pooler.name, &names)?;
    let count = count(&object.root, &pooler.instances);
    let surges = pooler.surges || !pooler.strategy.is_empty();
    let strategy = at(&object.root, &pooler.strategy);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    let own = [pooler.name.clone()];
    let templates = if pooler.services.is_empty() { own.as_slice() } else { &pooler.services };
    for template in templates {
        let service = filled(template, &names)?;
        services::names(&service, object.space(), &[(pooler.port, pooler.port)], &mut endpoints);
    }
    let (settings, open) = settings(objects, pooler, object, &count);
    Some(Workload {
        name,
        kind: object.kind.clone(),
        namespace: object.namespace.clone(),
        place: Some(object.place),
        class: WorkloadClass::Service,
        instances: instances::of_operated(objects, object, count, strategy, surges),
        containers: Vec::new(),
        endpoints,
        network: Network::Own(Vec::new()),
        profiles: Vec::new(),
        dormant: false,
        suppressions: pod::suppressions(object, &object.root),
        serving: crate::model::Serving::default(),
        operated: Some(Operated::Pooler(OperatedPooler {
            kind: "pgbouncer".to_owned(),
            port: pooler.port,
            settings,
            databases: databases(objects, operator, pooler, object, &names)?,
            users: entries(objects, &pooler.users, object),
            open,
        })),
    })
}

/// What is written, above what the operator sets by itself; and whether something may set more.
fn settings(
    objects: &Objects,
    pooler: &OperatorPooler,
    object: &Object,
    instances: &Located<u64>,
) -> (Options, bool) {
    let mut found = Options::new();
    let mut open = false;
    for (name, value) in &pooler.defaults {
        found.insert(name.clone(), by_default(value));
    }
    for name in &pooler.unknown {
        found.insert(name.clone(), Located::unknown());
    }
    if let Some(shared) = &pooler.shared {
        share(&mut found, &count(&object.root, shared), instances);
    }
    if let Some((mode, place)) = pooler.mode.as_ref().and_then(|mode| text(&object.root, mode)) {
        let basis = if place.is_some() { Basis::Written } else { Basis::PoolerDefault };
        found.insert("pool_mode".to_owned(), Located::of(mode, basis).at(place));
    }
    for lookup in &pooler.settings {
        match mapping(objects, lookup, object) {
            Mapping::Here(mapping) => found.extend(options(mapping)),
            Mapping::Missing => open = true,
            Mapping::Unset => {}
        }
    }
    if open {
        found.clear();
    }
    for (name, added) in &pooler.appended {
        let value = match found.get(name).and_then(|setting| setting.value.as_deref()) {
            Some(written) => format!("{written},{added}"),
            None => added.clone(),
        };
        let place = found.get(name).and_then(|setting| setting.place);
        found.insert(name.clone(), by_default(&value).at(place));
    }
    (found, open)
}

fn by_default(value: &str) -> Located<String> {
    Located::of(value.to_owned(), Basis::PoolerDefault)
}

/// Zalando's arithmetic (`connection_pooler.go`): an equal part of what all may open for each, half of it as the size
/// of a pool, half of that as the reserve. Each division drops the rest.
fn share(found: &mut Options, together: &Located<u64>, instances: &Located<u64>) {
    let part = together.value.zip(instances.value).and_then(|(all, each)| all.checked_div(each));
    for (name, divisor) in [("max_db_connections", 1), ("default_pool_size", 2), ("reserve_pool_size", 4)] {
        let value = match part.and_then(|part| part.checked_div(divisor)) {
            Some(value) => {
                let note = format!("of {} for all", together.value.unwrap_or(0));
                let place = together.place.or(instances.place);
                Located::of(value.to_string(), Basis::Derived).at(place).noted(note)
            }
            None => Located::unknown(),
        };
        found.insert(name.to_owned(), value);
    }
}

/// One database of any name, unless some are written.
fn databases(
    objects: &Objects,
    operator: &Operator,
    pooler: &OperatorPooler,
    object: &Object,
    names: &Names,
) -> Option<Vec<(String, Options)>> {
    let host = filled(&pooler.upstream, names)?;
    // As the operator writes it, a host of the same namespace.
    let space = object.space();
    let mut upstream = Options::new();
    upstream.insert("host".to_owned(), by_default(&format!("{host}.{space}")));
    let port = pooler.upstream_port.unwrap_or(operator.port);
    upstream.insert("port".to_owned(), by_default(&port.to_string()));
    let mut written = entries(objects, &pooler.databases, object);
    if written.is_empty() {
        written.push(("*".to_owned(), Options::new()));
    }
    for (_, options) in &mut written {
        for (name, value) in &upstream {
            options.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Some(written)
}

/// Named entries with their options: a mapping of each, or the text of an ini's line.
fn entries(objects: &Objects, lookups: &[Lookup], object: &Object) -> Vec<(String, Options)> {
    let mut found = Vec::new();
    for lookup in lookups {
        let Mapping::Here(mapping) = mapping(objects, lookup, object) else { continue };
        for pair in mapping.pairs() {
            let mut own = options(&pair.value);
            for word in pair.value.as_str().unwrap_or_default().split_whitespace() {
                if let Some((name, value)) = word.split_once('=').filter(|(name, _)| *name != "password") {
                    let value = value.trim_matches('\'').to_owned();
                    own.insert(name.to_owned(), Located::written(value, pair.value.place));
                }
            }
            found.push((pair.key.clone(), own));
        }
    }
    found
}

fn options(mapping: &Val) -> Options {
    let pairs = mapping.pairs().iter().filter(|pair| pair.key != "password" && !pair.value.is_null());
    pairs
        .filter_map(|pair| {
            let value = pair.value.as_str()?.to_owned();
            Some((pair.key.clone(), Located::written(value, pair.value.place)))
        })
        .collect()
}
