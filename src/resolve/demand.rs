//! The arithmetic of demand, as people would do it by hand: instances × processes × (size +
//! overflow), per workload at rest, at full scale and during a rollout; sums; verdicts.

use crate::model::{
    Basis, Connection, Consumer, ConsumerKind, Container, Demand, Factor, Home, Instances, Located, Numbers,
    Role, Size, Verdict, Workload, WorkloadClass,
};

/// Instances of a workload as numbers. Unknown ones count 1 (0 for functions, which scale to zero).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The numbers.
    pub numbers: Numbers,
    /// Whether all of them are known.
    pub known: bool,
}

/// Counts a workload's instances by its class.
#[must_use]
pub fn count(workload: &Workload) -> Count {
    let Instances { min, max, rollout, .. } = &workload.instances;
    let known = min.value.is_some() && max.value.is_some() && rollout.value.is_some();
    let fallback = u64::from(workload.class != WorkloadClass::Serverless);
    let low = min.value.unwrap_or(fallback);
    let high = max.value.unwrap_or(low).max(low);
    let peak = rollout.value.unwrap_or(high).max(high);
    let numbers = match workload.class {
        WorkloadClass::OneShot => Numbers { min: 0, max: 0, rollout: peak },
        _ => Numbers { min: low, max: high, rollout: peak },
    };
    Count { numbers, known }
}

/// What one connection of one container takes from its server in one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Share {
    connections: u64,
    complete: bool,
    unlimited: bool,
}

fn share(container: &Container, connection: &Connection) -> Share {
    if connection.administrative || connection.repeats.is_some() {
        return Share { connections: 0, complete: true, unlimited: false };
    }
    let size = part(&connection.pool.size);
    let overflow = part(&connection.pool.overflow);
    let processes = container.processes.value;
    let in_process = size.connections.saturating_add(overflow.connections);
    Share {
        connections: in_process.saturating_mul(processes.unwrap_or(1)),
        complete: size.complete && overflow.complete && processes.is_some(),
        unlimited: size.unlimited || overflow.unlimited,
    }
}

/// An unknown size counts 0 and makes the sum incomplete, as does one without limit by a client's default. One
/// that is written or declared without limit is an overflow on any server with a limit.
fn part(size: &Located<Size>) -> Share {
    match size.value {
        Some(Size::Limit(connections)) => Share { connections, complete: true, unlimited: false },
        Some(Size::Unlimited) => Share { connections: 0, complete: false, unlimited: size.is_explicit() },
        None => Share::default(),
    }
}

/// The consumers that a workload's connections make, of those that `selected` picks (the ones that lead to one
/// server). Their numbers add up to the pod arithmetic: `max × running + surge × max(running, starting)`, and
/// without surge `max × max(running, starting)`. `beside`: what containers of the pod open to the server as poolers, by
/// the containers' names; those count there, but they run and start with the others.
pub fn consumers<'a>(
    workload: &'a Workload,
    beside: &[(&str, u64)],
    mut selected: impl FnMut(&'a Container, &'a Connection) -> bool,
) -> Vec<(Consumer, bool)> {
    let count = count(workload);
    let parts: Vec<(&Container, &Connection, Share)> = workload
        .containers
        .iter()
        .flat_map(|container| container.connections.iter().map(move |connection| (container, connection)))
        .filter(|(container, connection)| selected(container, connection))
        .map(|(container, connection)| (container, connection, share(container, connection)))
        .collect();
    let running =
        sum(parts.iter().filter(|(container, _, _)| container.role != Role::Init).map(|part| part.2));
    let running = beside.iter().fold(running, |sum, (_, opens)| sum.saturating_add(*opens));
    let (starter, starting) = largest_start(workload, &parts, beside);
    let start = Start { starting, running };
    let Numbers { min, max, rollout } = count.numbers;
    let surge = rollout.saturating_sub(max);
    let started = if surge > 0 { surge } else { rollout };
    parts
        .iter()
        .map(|(container, connection, share)| {
            let mut made = consumer(workload, container, connection, *share, count);
            if container.role == Role::Init {
                let first = starter.is_some_and(|(name, variable)| {
                    name == container.name && variable == connection.variable
                });
                start.apply(&mut made, if first { started } else { 0 }, surge > 0);
            } else {
                let times = |instances: u64| instances.saturating_mul(share.connections);
                made.connections = Numbers { min: times(min), max: times(max), rollout: times(rollout) };
            }
            (made, share.unlimited)
        })
        .collect()
}

/// What a pod takes while it starts, and while it runs.
struct Start {
    starting: u64,
    running: u64,
}

impl Start {
    /// The numbers of an init container's connection: nothing at rest; during a rollout what `instances` take beyond
    /// their running containers. No instances: another connection speaks for the start.
    fn apply(&self, consumer: &mut Consumer, instances: u64, surges: bool) {
        let excess = self.starting.saturating_sub(self.running);
        let rollout = |number: u64| Numbers { min: 0, max: 0, rollout: number };
        consumer.instances = rollout(instances);
        consumer.connections = rollout(instances.saturating_mul(excess));
        if surges {
            // Pods that are there already have started.
            consumer.factors.retain(|factor| {
                ["surge", "processes", "pool-size", "pool-overflow", "in-use"].contains(&factor.name.as_str())
            });
            if !consumer.factors.iter().any(|factor| factor.name == "surge") {
                consumer.factors.insert(0, Factor::given("surge", instances, Basis::Derived));
            }
        }
        if instances > 0 {
            consumer.factors.push(Factor::given("starting", self.starting, Basis::Derived));
            consumer.factors.push(Factor::given("running", self.running, Basis::Derived));
        } else {
            consumer.factors.push(Factor::given("starting", 0, Basis::Derived));
        }
    }
}

fn sum(shares: impl Iterator<Item = Share>) -> u64 {
    shares.fold(0, |sum, share| sum.saturating_add(share.connections))
}

/// The init container that, with the sidecars started before it, takes most: its name and the variable of its
/// largest connection, and how much they take together.
fn largest_start<'a>(
    workload: &'a Workload,
    parts: &[(&'a Container, &'a Connection, Share)],
    beside: &[(&str, u64)],
) -> (Option<(&'a str, &'a str)>, u64) {
    let mut sidecars = 0u64;
    let mut largest = (None, 0u64);
    for container in &workload.containers {
        let own = parts.iter().filter(|(other, _, _)| std::ptr::eq(*other, container));
        let total = sum(own.clone().map(|part| part.2));
        match container.role {
            Role::Sidecar => {
                let pooled = beside.iter().filter(|(name, _)| *name == container.name);
                let total = pooled.fold(total, |sum, (_, opens)| sum.saturating_add(*opens));
                sidecars = sidecars.saturating_add(total);
            }
            Role::Init => {
                let together = sidecars.saturating_add(total);
                let widest = own.max_by_key(|part| part.2.connections);
                if let (Some((_, connection, _)), true) = (widest, together > largest.1) {
                    largest = (Some((container.name.as_str(), connection.variable.as_str())), together);
                }
            }
            Role::Main => {}
        }
    }
    largest
}

fn consumer(
    workload: &Workload,
    container: &Container,
    connection: &Connection,
    share: Share,
    count: Count,
) -> Consumer {
    let several = workload.containers.iter().filter(|other| !other.connections.is_empty()).count() > 1;
    let pool = &connection.pool;
    let mut factors = workload.instances.factors.clone();
    if !factors.iter().any(|factor| factor.name != "surge") {
        factors.insert(0, Factor::count("instances", &workload.instances.max));
    }
    factors.push(Factor::count("processes", &container.processes));
    factors.push(Factor { name: "pool-size".to_owned(), value: pool.size.clone() });
    if pool.overflow.value != Some(Size::Limit(0)) {
        factors.push(Factor { name: "pool-overflow".to_owned(), value: pool.overflow.clone() });
    }
    if connection.administrative {
        let none = Located::of(Size::Limit(0), Basis::Derived).noted("for migrations and administration");
        factors.push(Factor { name: "in-use".to_owned(), value: none });
    }
    let place = pool.size.place.or_else(|| connection.place());
    Consumer {
        kind: ConsumerKind::Workload {
            workload: workload.name.clone(),
            container: several.then(|| container.name.clone()),
            variable: connection.variable.clone(),
            client: connection.client.as_ref().map(|client| client.label.clone()),
            processes: container.processes.value,
            size: pool.size.value,
            overflow: pool.overflow.value,
            surge_percent: workload.instances.surge_percent,
        },
        home: Home::of(workload),
        instances: count.numbers,
        instances_known: count.known,
        connections: Numbers::default(),
        complete: share.complete && (count.known || connection.administrative),
        overridable: [&pool.size, &pool.overflow]
            .iter()
            .any(|size| size.overridable && size.value != Some(Size::Limit(0))),
        factors,
        place,
    }
}

/// A consumer that the owner declares.
#[must_use]
pub fn other(name: &str, connections: &Located<u64>) -> Consumer {
    let value = connections.value.unwrap_or(0);
    Consumer {
        kind: ConsumerKind::Other { name: name.to_owned() },
        home: Home::default(),
        instances: Numbers { min: 1, max: 1, rollout: 1 },
        instances_known: true,
        connections: Numbers { min: value, max: value, rollout: value },
        complete: connections.value.is_some(),
        factors: vec![Factor::count("connections", connections)],
        overridable: false,
        place: connections.place,
    }
}

/// Adds consumers up.
#[must_use]
pub fn total(consumers: &[Consumer], unlimited: bool) -> Demand {
    let mut demand = Demand { numbers: Numbers::default(), complete: true, unlimited };
    for consumer in consumers {
        let Numbers { min, max, rollout } = &mut demand.numbers;
        *min = min.saturating_add(consumer.connections.min);
        *max = max.saturating_add(consumer.connections.max);
        *rollout = rollout.saturating_add(consumer.connections.rollout);
        demand.complete &= consumer.complete;
    }
    demand
}

/// `min(⌊share × limit⌋, usable)`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share is between 0 and 1 and limits are far below 2^52"
)]
pub fn portion(limit: u64, share: f64, usable: u64) -> u64 {
    // A small surplus keeps 0.7 × 100 from becoming 69.999….
    let portion = (limit as f64).mul_add(share, 1e-9).floor();
    (portion.max(0.0) as u64).min(usable)
}

/// About the limit of which `share` is `portion`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share is between 0 and 1 and limits are far below 2^52"
)]
pub fn whole_from(portion: u64, share: f64) -> u64 {
    if share <= 0.0 { portion } else { (portion as f64 / share).floor() as u64 }
}

/// The first judgement that holds. `usable` and `budget` are `None` when the limit is unknown.
#[must_use]
pub fn verdict(demand: &Demand, usable: Option<u64>, budget: Option<u64>) -> Verdict {
    let (Some(usable), Some(budget)) = (usable, budget) else { return Verdict::Unknown };
    let Numbers { min, max, rollout } = demand.numbers;
    if demand.unlimited || min > usable {
        Verdict::Overflow
    } else if max > usable {
        Verdict::AutoscaleOverflow
    } else if rollout > usable {
        Verdict::RolloutOverflow
    } else if max > budget {
        Verdict::OverShare
    } else if !demand.complete {
        Verdict::Unknown
    } else {
        Verdict::Fits
    }
}

/// One process per instance, by the platform's default: nothing speaks for a server with several.
#[must_use]
pub fn single_process() -> Located<u64> {
    Located::of(1, Basis::PlatformDefault)
}

#[cfg(test)]
pub(in crate::resolve) mod tests;
