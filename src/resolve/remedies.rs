//! The smallest changes that make a server's demand fit, each sufficient alone: after it `min` and `max` are within
//! the budget and `rollout` within what is usable.

use super::demand;
use crate::model::{Consumer, ConsumerKind, Demand, Numbers, Remedy, Server, Size, Verdict};

/// What a server offers.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// `max_connections − reserved`.
    pub usable: u64,
    /// What applications should keep to.
    pub budget: u64,
    /// Slots that ordinary roles do not get.
    pub reserved: u64,
    /// Share of the limit that is the budget.
    pub share: f64,
}

/// A consumer whose pool size is a number: how often that pool exists.
struct Pool<'a> {
    workload: &'a str,
    /// Connections of one process.
    pool: u64,
    /// Pools at rest, at full scale and during a rollout.
    times: Numbers,
    instances: Numbers,
    connections: Numbers,
}

/// The remedies for a demand that does not fit; none when it does, or when no limit can help.
#[must_use]
pub fn remedies(verdict: Verdict, consumers: &[Consumer], demand: &Demand, room: Room) -> Vec<Remedy> {
    if demand.unlimited || matches!(verdict, Verdict::Fits | Verdict::Unknown) {
        return Vec::new();
    }
    let pools: Vec<Pool<'_>> = consumers.iter().filter_map(pool).collect();
    let mut found = Vec::new();
    for one in &pools {
        let others = without(demand.numbers, one.connections);
        if let Some(at_most) = largest(others, one.times, room).filter(|at_most| *at_most < one.pool) {
            found.push(Remedy::Pool { workload: one.workload.to_owned(), at_most });
        }
    }
    if found.is_empty() && pools.len() > 1 {
        let pooled = pools.iter().fold(Numbers::default(), |sum, one| plus(sum, one.connections));
        let times = pools.iter().fold(Numbers::default(), |sum, one| plus(sum, one.times));
        if let Some(at_most) = largest(without(demand.numbers, pooled), times, room) {
            found.push(Remedy::EveryPool { at_most });
        }
    }
    for one in &pools {
        let others = without(demand.numbers, one.connections);
        let now = one.instances.max;
        let fits = (1..now).rev().take(10_000).find(|instances| {
            let scaled = scale(one, *instances);
            others.max.saturating_add(scaled.max) <= room.budget
                && others.rollout.saturating_add(scaled.rollout) <= room.usable
        });
        if let Some(at_most) = fits {
            found.push(Remedy::Instances { workload: one.workload.to_owned(), at_most });
        }
    }
    found.extend(consumers.iter().filter_map(|consumer| pooler(consumer, demand, room)));
    found.push(Remedy::Limit { at_least: limit(demand.numbers, room) });
    found
}

/// What another size of one consumer's pool would mean for its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolRoom {
    /// Connections of one process now, the overflow included.
    pub pool: u64,
    /// How many connections one more in each process adds up to, at full scale.
    pub each: u64,
    /// The largest pool with which the server's demand fits, all else being the same; 0 when none does. `None` when
    /// that is not known: the limit is not, or somebody else's connections are not.
    pub at_most: Option<u64>,
}

/// The room for a larger pool. `None` when the consumer's own numbers are not known.
#[must_use]
pub fn pool_room(server: &Server, consumer: &Consumer) -> Option<PoolRoom> {
    let one = pool(consumer).filter(|_| consumer.complete)?;
    let most = || {
        let room = Room {
            usable: server.usable?,
            budget: server.budget?,
            reserved: server.reserved.value.unwrap_or(0),
            share: server.share,
        };
        if server.demand.unlimited {
            return Some(0);
        }
        let others = without(server.demand.numbers, one.connections);
        let at_most = largest(others, one.times, room).unwrap_or(0);
        // A lower bound that is too much already proves it; one that fits proves nothing.
        (server.demand.complete || at_most < one.pool).then_some(at_most)
    };
    Some(PoolRoom { pool: one.pool, each: one.times.max, at_most: most() })
}

fn pool(consumer: &Consumer) -> Option<Pool<'_>> {
    let ConsumerKind::Workload { workload, size, overflow, .. } = &consumer.kind else { return None };
    let (Some(Size::Limit(size)), Some(Size::Limit(overflow))) = (size, overflow) else { return None };
    let pool = size.saturating_add(*overflow);
    let Numbers { min, max, rollout } = consumer.connections;
    if pool == 0 || max == 0 {
        return None;
    }
    let times = |connections: u64| connections.div_ceil(pool);
    Some(Pool {
        workload,
        pool,
        times: Numbers { min: times(min), max: times(max), rollout: times(rollout) },
        instances: consumer.instances,
        connections: consumer.connections,
    })
}

/// The limit that a pooler may set itself, when that alone suffices.
fn pooler(consumer: &Consumer, demand: &Demand, room: Room) -> Option<Remedy> {
    let ConsumerKind::Pooler { pooler, .. } = &consumer.kind else { return None };
    let at_most = largest(without(demand.numbers, consumer.connections), consumer.instances, room)?;
    let now = consumer.connections.max.checked_div(consumer.instances.max)?;
    (at_most < now).then(|| Remedy::Pooler { pooler: pooler.clone(), at_most })
}

/// The connections of a pool's workload with fewer instances at full scale; its surge shrinks with them.
fn scale(pool: &Pool<'_>, instances: u64) -> Numbers {
    let now = pool.instances.max.max(1);
    let max = pool.connections.max.checked_div(now).unwrap_or(0).saturating_mul(instances);
    let surge = pool.connections.rollout.saturating_sub(pool.connections.max);
    let surge = surge.saturating_mul(instances).div_ceil(now);
    Numbers { min: pool.connections.min.min(max), max, rollout: max.saturating_add(surge) }
}

/// The largest pool that `times` of them may have beside `others`; at least 1, or none.
fn largest(others: Numbers, times: Numbers, room: Room) -> Option<u64> {
    let steady = room.budget.checked_sub(others.max)?.checked_div(times.max)?;
    let rollout = room.usable.checked_sub(others.rollout)?.checked_div(times.rollout)?;
    Some(steady.min(rollout)).filter(|pool| *pool > 0)
}

/// The smallest limit under which `numbers` fit.
fn limit(numbers: Numbers, room: Room) -> u64 {
    let needed = numbers.max.max(numbers.min);
    let for_rollout = numbers.rollout.saturating_add(room.reserved);
    let limit = for_rollout.max(needed.saturating_add(room.reserved));
    // The share is a fraction: the first limit whose portion is enough, from a guess just below it.
    let limit = limit.max(demand::whole_from(needed, room.share).saturating_sub(2));
    (limit..limit.saturating_add(8))
        .find(|limit| demand::portion(*limit, room.share, u64::MAX) >= needed)
        .unwrap_or(limit)
}

fn without(all: Numbers, part: Numbers) -> Numbers {
    Numbers {
        min: all.min.saturating_sub(part.min),
        max: all.max.saturating_sub(part.max),
        rollout: all.rollout.saturating_sub(part.rollout),
    }
}

fn plus(one: Numbers, two: Numbers) -> Numbers {
    Numbers {
        min: one.min.saturating_add(two.min),
        max: one.max.saturating_add(two.max),
        rollout: one.rollout.saturating_add(two.rollout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { usable: 97, budget: 80, reserved: 3, share: 0.8 };

    fn consumer(workload: &str, instances: u64, rollout: u64, size: u64) -> Consumer {
        Consumer {
            kind: ConsumerKind::Workload {
                workload: workload.to_owned(),
                container: None,
                variable: "DATABASE_URL".to_owned(),
                client: None,
                processes: Some(1),
                size: Some(Size::Limit(size)),
                overflow: Some(Size::Limit(0)),
            },
            instances: Numbers { min: instances, max: instances, rollout },
            instances_known: true,
            connections: Numbers { min: instances * size, max: instances * size, rollout: rollout * size },
            complete: true,
            factors: Vec::new(),
            overridable: false,
            place: None,
        }
    }

    fn found(consumers: &[Consumer], verdict: Verdict) -> Vec<Remedy> {
        remedies(verdict, consumers, &demand::total(consumers, false), ROOM)
    }

    #[test]
    fn twelve_replicas_with_ten_each() {
        assert_eq!(
            found(&[consumer("api", 12, 12, 10)], Verdict::Overflow),
            [
                Remedy::Pool { workload: "api".to_owned(), at_most: 6 },
                Remedy::Instances { workload: "api".to_owned(), at_most: 8 },
                Remedy::Limit { at_least: 150 },
            ]
        );
    }

    #[test]
    fn a_rollout_counts_against_what_is_usable() {
        // 9 × 8 = 72 are within the budget, 12 × 8 = 96 within 97.
        assert_eq!(
            found(&[consumer("api", 9, 12, 10)], Verdict::RolloutOverflow),
            [
                Remedy::Pool { workload: "api".to_owned(), at_most: 8 },
                Remedy::Instances { workload: "api".to_owned(), at_most: 7 },
                Remedy::Limit { at_least: 123 },
            ]
        );
    }

    #[test]
    fn every_pool_where_none_suffices_alone() {
        let consumers = [consumer("api", 10, 10, 10), consumer("worker", 10, 10, 10)];
        let found = found(&consumers, Verdict::Overflow);
        assert_eq!(found.first(), Some(&Remedy::EveryPool { at_most: 4 }));
        assert_eq!(found.last(), Some(&Remedy::Limit { at_least: 250 }));
    }

    #[test]
    fn what_fits_needs_nothing() {
        assert_eq!(found(&[consumer("api", 1, 1, 10)], Verdict::Fits), []);
    }
}
