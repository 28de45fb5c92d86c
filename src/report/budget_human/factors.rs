//! The way to a consumer's connections: every factor with its source.

use crate::config::ORIGIN;
use crate::model::{Basis, Consumer, ConsumerKind, Factor, Located, Size};
use crate::tree::Files;

/// Factors that tell how many instances run.
const INSTANCES: [&str; 34] = [
    "replicas",
    "instances-min",
    "instances",
    "instances-rollout",
    "hpa-min",
    "hpa-max",
    "keda-min",
    "keda-max",
    "min-scale",
    "max-scale",
    "surge",
    "parallelism",
    "completions",
    "suspend",
    "nodes",
    "manual-instance-count",
    "provisioned-concurrency",
    "reserved-concurrency",
    "min-instances",
    "max-instances",
    "min-capacity",
    "max-capacity",
    "desired-count",
    "min_instance_count",
    "max_instance_count",
    "instance_count",
    "minInstances",
    "maxInstances",
    "numInstances",
    "min-machines-running",
    "machines",
    "count",
    "min",
    "max",
];

/// Factors of which there may be one.
const ONE: [(&str, &str); 4] =
    [("replicas", "replica"), ("instances", "instance"), ("processes", "process"), ("pairs", "pair")];

/// What a consumer is called, with the variable or what else it is.
pub(in crate::report) fn name(consumer: &Consumer) -> String {
    match &consumer.kind {
        ConsumerKind::Workload { workload, container: Some(container), variable, .. } => {
            format!("{workload}/{container} ({variable})")
        }
        ConsumerKind::Workload { workload, variable, .. } => format!("{workload} ({variable})"),
        ConsumerKind::Pooler { pooler, .. } => format!("{pooler} (pooler)"),
        ConsumerKind::Other { name } => format!("{name} (declared)"),
    }
}

/// `3 replicas (k8s/api.yaml:8) × (10 pool-size (.env:3) + 5 pool-overflow (.env:4))`, and what holds it below. Of an
/// init container `1 surge × (12 starting − 9 running), starting: 1 process × 12 pool-size`.
pub(in crate::report) fn product(consumer: &Consumer, files: &Files) -> String {
    let (start, factors): (Vec<&Factor>, Vec<&Factor>) =
        consumer.factors.iter().partition(|factor| ["starting", "running"].contains(&factor.name.as_str()));
    if let [starting, rest @ ..] = start.as_slice() {
        let (instances, own): (Vec<&Factor>, Vec<&Factor>) =
            factors.into_iter().partition(|factor| INSTANCES.contains(&factor.name.as_str()));
        let own = times(&own, files);
        return match rest {
            [] => format!("starts beside more: {own}"),
            rest => {
                let starting = factor(starting, files);
                let running: String =
                    rest.iter().map(|running| format!(" − {}", factor(running, files))).collect();
                format!("{} × ({starting}{running}), starting: {own}", times(&instances, files))
            }
        };
    }
    times(&factors, files)
}

fn times(factors: &[&Factor], files: &Files) -> String {
    let (instances, factors): (Vec<&Factor>, Vec<&Factor>) =
        factors.iter().copied().partition(|factor| INSTANCES.contains(&factor.name.as_str()));
    // Pgpool-II's `max_pool` is what each of its children keeps.
    let (caps, factors): (Vec<&Factor>, Vec<&Factor>) =
        factors.into_iter().partition(|factor| factor.name.starts_with("max_") && factor.name != "max_pool");
    let instances: Vec<String> = instances.into_iter().map(|one| self::factor(one, files)).collect();
    // They tell together how many run; they are not multiplied with each other.
    let mut parts: Vec<String> = match instances.as_slice() {
        [] => Vec::new(),
        [one] => vec![one.clone()],
        several => vec![format!("({})", several.join(", "))],
    };
    for factor in factors {
        let text = self::factor(factor, files);
        match parts.last_mut() {
            Some(last) if ["pool-overflow", "reserve_pool_size"].contains(&factor.name.as_str()) => {
                *last = format!("({last} + {text})");
            }
            // Pools of different sizes are added up, not multiplied.
            Some(last) if factor.name.ends_with("pool_size") && last.contains("pool_size") => {
                *last = format!("{last} or {text}");
            }
            _ => parts.push(text),
        }
    }
    let caps: String = caps.iter().map(|cap| format!(", at most {}", self::factor(cap, files))).collect();
    format!("{}{caps}", parts.join(" × "))
}

fn factor(factor: &Factor, files: &Files) -> String {
    let Factor { name, value } = factor;
    let number = match (value.value, value.note.as_deref()) {
        (Some(Size::Limit(number)), _) => number.to_string(),
        (Some(Size::Unlimited), _) => "unlimited".to_owned(),
        (None, Some(note)) if value.basis == Basis::ClientDefault => format!("({note})"),
        (None, _) => "?".to_owned(),
    };
    // What is not in use while the application runs counts nothing, whatever its pool.
    if let ("in-use", Some(why)) = (name.as_str(), value.note.as_deref()) {
        return format!("{number} {name} ({why})");
    }
    let name = match value.value {
        Some(Size::Limit(1)) => {
            ONE.iter().find(|(many, _)| many == name).map_or(name.as_str(), |(_, one)| *one)
        }
        _ => name,
    };
    format!("{number} {name}{}", source(value, files))
}

/// Where a value comes from, in brackets.
pub(super) fn source<T>(value: &Located<T>, files: &Files) -> String {
    if value.note.as_deref() == Some(ORIGIN) {
        return format!(" ({ORIGIN})");
    }
    if let Some(place) = value.place.filter(|_| value.is_explicit() || value.basis == Basis::Derived) {
        return format!(" ({}:{})", files.path(place.file), files.line(place));
    }
    let word = match value.basis {
        Basis::ClientDefault => "client default",
        Basis::ImageDefault => "image default",
        Basis::EngineDefault => "engine default",
        Basis::PlatformDefault => "platform default",
        Basis::PoolerDefault => "pooler default",
        Basis::Plan => "plan",
        Basis::Written | Basis::Declared | Basis::Derived => return String::new(),
        Basis::Unknown => value.note.as_deref().unwrap_or("unknown"),
    };
    // A client whose default is one connection for each thread: where the threads are written.
    let by = match value.place.filter(|_| value.basis == Basis::ClientDefault && value.value.is_some()) {
        Some(place) => format!(" by {}:{}", files.path(place.file), files.line(place)),
        None => String::new(),
    };
    let may = if value.overridable { ", code may change it" } else { "" };
    format!(" ({word}{by}{may})")
}
