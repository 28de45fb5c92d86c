//! The smallest changes that make a server's demand fit, each sufficient alone: after it `min` and `max` are within
//! the budget and `rollout` within what is usable. Each number is exact: it fits, and one more does not (of the
//! limit, one less).

use std::collections::HashMap;

use super::demand;
use crate::model::{
    Consumer, ConsumerKind, Demand, Factor, Home, Names, Numbers, Remedy, Server, Size, Verdict,
};

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

impl Room {
    fn holds(self, [min, max, rollout]: Total) -> bool {
        min.max(max) <= u128::from(self.budget) && rollout <= u128::from(self.usable)
    }
}

/// The remedies for a demand that does not fit; none when it does, or when no limit can help. `sets`: who connects, and
/// after that who would with another of Compose's profiles in use; a remedy serves them all.
#[must_use]
pub fn remedies<'a>(
    verdict: Verdict,
    sets: impl IntoIterator<Item = &'a [Consumer]>,
    demand: &Demand,
    room: Room,
) -> Vec<Remedy> {
    if demand.unlimited || matches!(verdict, Verdict::Fits | Verdict::Unknown) {
        return Vec::new();
    }
    let mut sums = sets.into_iter().map(|consumers| Sum::of(consumers, room));
    let Some(mut sum) = sums.next() else { return Vec::new() };
    sum.instead = sums.collect();
    let consumers = sum.consumers;
    let names = Names::of(consumers);
    let pools: Vec<(usize, Who<'_>, u64)> = consumers
        .iter()
        .enumerate()
        .filter(|(_, consumer)| is_workload(consumer) && consumer.connections.max > 0)
        .filter_map(|(index, consumer)| Some((index, who(consumer)?, pool(consumer)?)))
        .collect();
    let mut of_name: HashMap<Who<'_>, usize> = HashMap::new();
    for (_, name, _) in &pools {
        let pools = of_name.entry(*name).or_default();
        *pools = pools.saturating_add(1);
    }
    let shown = |index: usize| consumers.get(index).map(|consumer| names.shown(consumer)).unwrap_or_default();
    let mut found = Vec::new();
    for (index, name, now) in &pools {
        if let Some(at_most) = sum.most(*now, |to| Change::Pool { index: *index, to }) {
            let alone = of_name.get(name) == Some(&1);
            let several = |consumer| several(consumer, &shown(*index));
            let workload = consumers.get(*index).filter(|_| !alone).map_or_else(|| shown(*index), several);
            found.push(Remedy::Pool { workload, at_most });
        }
    }
    if found.is_empty() && pools.len() > 1 {
        let all = consumers.iter().chain(sum.instead.iter().flat_map(|other| other.consumers));
        let widest = all.filter_map(pool).max().unwrap_or(0);
        found.extend(
            sum.most(widest, |to| Change::EveryPool { to }).map(|at_most| Remedy::EveryPool { at_most }),
        );
    }
    for (index, who, _) in &pools {
        if of_name.remove(who).is_none() {
            continue;
        }
        let own = sum.of_workload(Some(*who));
        let now = own.map(|(_, consumer)| consumer.instances.max).max().unwrap_or(0);
        let fits = sum.most(now, |to| Change::Instances { who: *who, to });
        found.extend(fits.map(|at_most| Remedy::Instances { workload: shown(*index), at_most }));
        if verdict == Verdict::RolloutOverflow {
            let fits = sum.surge(*who);
            found.extend(fits.map(|to| Remedy::Surge { workload: shown(*index), to }));
        }
    }
    for (index, consumer) in consumers.iter().enumerate() {
        let ConsumerKind::Pooler { .. } = &consumer.kind else { continue };
        let now = consumer.connections.max.checked_div(consumer.instances.max).unwrap_or(0);
        let fits = sum.most(now, |to| Change::Pooler { index, to });
        found.extend(fits.map(|at_most| Remedy::Pooler { pooler: shown(index), at_most }));
        // What runs beside a client of the same server goes with it, and is not the pooler alone.
        if multiplies(consumer) && !sum.of_workload(who(consumer)).any(|(_, one)| is_workload(one)) {
            let now = consumer.instances.max;
            let fits = sum.most(now, |to| Change::PoolerInstances { index, to });
            found.extend(fits.map(|at_most| Remedy::Instances { workload: shown(index), at_most }));
        }
    }
    let widest = sum.instead.iter().fold(demand.numbers, |widest, other| {
        let Numbers { min, max, rollout } = demand::total(other.consumers, false).numbers;
        Numbers { min: widest.min.max(min), max: widest.max.max(max), rollout: widest.rollout.max(rollout) }
    });
    found.push(Remedy::Limit { at_least: limit(widest, room) });
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
    let now = pool(consumer).filter(|pool| *pool > 0 && consumer.complete)?;
    let index = server.consumers.iter().position(|other| std::ptr::eq(other, consumer))?;
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
        let sum = Sum::of(&server.consumers, room);
        let beyond = room.usable.saturating_add(1);
        let at_most = sum.most(beyond, |to| Change::Resize { index, to }).unwrap_or(0);
        // A lower bound that is too much already proves it; one that fits proves nothing.
        (server.demand.complete || at_most < now).then_some(at_most)
    };
    Some(PoolRoom { pool: now, each: consumer.connections.max.div_ceil(now), at_most: most() })
}

/// Which workload or pooler it is: its name is unique only at home.
type Who<'a> = (&'a Home, &'a str);

/// One change.
#[derive(Clone, Copy)]
enum Change<'a> {
    /// None at all.
    None,
    /// The pool of one consumer.
    Pool { index: usize, to: u64 },
    /// The pool of one consumer, larger or smaller.
    Resize { index: usize, to: u64 },
    /// Every pool that is larger.
    EveryPool { to: u64 },
    /// Instances of a workload at full scale.
    Instances { who: Who<'a>, to: u64 },
    /// What a rollout of a workload adds.
    Surge { who: Who<'a>, to: u64 },
    /// What an instance of a pooler opens.
    Pooler { index: usize, to: u64 },
    /// Instances of a pooler at full scale.
    PoolerInstances { index: usize, to: u64 },
}

/// At rest, at full scale, during a rollout: wide enough to be exact whatever is added up.
type Total = [u128; 3];

fn wide(numbers: Numbers) -> Total {
    [numbers.min, numbers.max, numbers.rollout].map(u128::from)
}

fn each(one: Total, other: Total, of: impl Fn(u128, u128) -> u128) -> Total {
    let ([a, b, c], [d, e, f]) = (one, other);
    [of(a, d), of(b, e), of(c, f)]
}

/// All that connect, and what they may open.
struct Sum<'a> {
    consumers: &'a [Consumer],
    room: Room,
    /// The consumers of each workload, by their indices.
    workloads: HashMap<Who<'a>, Vec<usize>>,
    /// What all ask for as it is.
    now: Total,
    /// The same with others in place of some: every change must serve them too.
    instead: Vec<Self>,
}

impl<'a> Sum<'a> {
    fn of(consumers: &'a [Consumer], room: Room) -> Self {
        let mut workloads: HashMap<Who<'_>, Vec<usize>> = HashMap::new();
        for (index, consumer) in consumers.iter().enumerate() {
            if let Some(who) = who(consumer) {
                workloads.entry(who).or_default().push(index);
            }
        }
        let mut sum = Self { consumers, room, workloads, now: Total::default(), instead: Vec::new() };
        sum.now = consumers.iter().enumerate().fold(sum.now, |now, (index, consumer)| {
            each(now, sum.own(index, consumer, Change::None), u128::saturating_add)
        });
        sum
    }

    /// The largest number from 1 to just below `now` that fits. What is asked for never shrinks as it grows.
    fn most<'c>(&self, now: u64, change: impl Fn(u64) -> Change<'c>) -> Option<u64> {
        let fits = |to: u64| self.fits(change(to));
        let (mut good, mut bad) = (1u64, now);
        if now < 2 || !fits(good) {
            return None;
        }
        while bad.saturating_sub(good) > 1 {
            let middle = good.midpoint(bad);
            *(if fits(middle) { &mut good } else { &mut bad }) = middle;
        }
        Some(good)
    }

    /// Whether all fit after a change.
    fn fits(&self, change: Change<'_>) -> bool {
        self.room.holds(self.after(change))
            && self.instead.iter().all(|other| other.room.holds(other.after(self.change_of(change, other))))
    }

    /// The same change where others connect in place of some.
    fn change_of<'c>(&self, change: Change<'c>, other: &Self) -> Change<'c> {
        let there = |index: usize| {
            let consumer = self.consumers.get(index)?;
            other.consumers.iter().position(|one| is_same(one, consumer))
        };
        let (index, moved): (usize, fn(usize, u64) -> Change<'c>) = match change {
            Change::Pool { index, .. } => (index, |index, to| Change::Pool { index, to }),
            Change::Resize { index, .. } => (index, |index, to| Change::Resize { index, to }),
            Change::Pooler { index, .. } => (index, |index, to| Change::Pooler { index, to }),
            _ => return change,
        };
        match (there(index), change) {
            (
                Some(index),
                Change::Pool { to, .. } | Change::Resize { to, .. } | Change::Pooler { to, .. },
            ) => moved(index, to),
            _ => Change::None,
        }
    }

    /// The largest surge below the present one that fits, of a workload whose `maxSurge` decides it. Without any all pods
    /// start at once, which may take more than with a small one.
    fn surge(&self, who: Who<'a>) -> Option<u64> {
        let (home, _) = who;
        let main = self.main(Some(who))?;
        let set = main.factors.iter().any(|factor| factor.name == "surge");
        if home.kind.as_deref() != Some("Deployment") || !set {
            return None;
        }
        let now = main.instances.rollout.saturating_sub(main.instances.max);
        let none = || (now > 0 && self.fits(Change::Surge { who, to: 0 })).then_some(0);
        self.most(now, |to| Change::Surge { who, to }).or_else(none)
    }

    /// What all ask for after a change: only those that it concerns are counted anew, for there may be thousands.
    fn after(&self, change: Change<'_>) -> Total {
        let mut sum = self.now;
        let mut count = |index: usize, consumer: &Consumer| {
            sum = each(sum, self.own(index, consumer, Change::None), u128::saturating_sub);
            sum = each(sum, self.own(index, consumer, change), u128::saturating_add);
        };
        match change {
            Change::None => {}
            Change::EveryPool { .. } => {
                self.consumers.iter().enumerate().for_each(|(index, consumer)| count(index, consumer));
            }
            Change::Instances { who, .. } | Change::Surge { who, .. } => {
                self.of_workload(Some(who)).for_each(|(index, consumer)| count(index, consumer));
            }
            Change::Pool { index, .. }
            | Change::Resize { index, .. }
            | Change::Pooler { index, .. }
            | Change::PoolerInstances { index, .. } => {
                let Some(consumer) = self.consumers.get(index) else { return sum };
                match who(consumer) {
                    // What runs beside it tells what its start adds.
                    Some(name) => self.of_workload(Some(name)).for_each(|(index, one)| count(index, one)),
                    None => count(index, consumer),
                }
            }
        }
        sum
    }

    /// What one consumer asks for after a change.
    fn own(&self, index: usize, consumer: &Consumer, change: Change<'_>) -> Total {
        wide(match start(consumer) {
            Some(start) => self.starting(index, consumer, start, change),
            None => scaled(index, consumer, self.pool_after(index, consumer, change), change),
        })
    }

    /// The consumers of a workload, in their order.
    fn of_workload<'s>(
        &'s self,
        who: Option<Who<'s>>,
    ) -> impl Iterator<Item = (usize, &'a Consumer)> + use<'s, 'a> {
        let consumers: &'a [Consumer] = self.consumers;
        let indices: &'s [usize] =
            who.and_then(|who| self.workloads.get(&who)).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(move |index| Some((*index, consumers.get(*index)?)))
    }

    /// A consumer's pool before and after a change, where it is a number.
    fn pool_after(&self, index: usize, consumer: &Consumer, change: Change<'_>) -> Option<(u64, u64)> {
        let now = match consumer.kind {
            ConsumerKind::Pooler { .. } => consumer.connections.max.checked_div(consumer.instances.max)?,
            _ => pool(consumer)?,
        };
        let after = match change {
            Change::Pool { index: changed, to } if changed == index => now.min(to),
            Change::Resize { index: changed, to } if changed == index => to,
            Change::EveryPool { to } if is_workload(consumer) => now.min(to),
            Change::Pooler { index: changed, to } if changed == index => to,
            _ => now,
        };
        Some((now, after))
    }

    /// What pods take while they start, beyond what their running containers take: more of it when those take less.
    fn starting(&self, index: usize, consumer: &Consumer, start: Start, change: Change<'_>) -> Numbers {
        let less = |index: usize, consumer: &Consumer| {
            let (now, after) = self.pool_after(index, consumer, change).unwrap_or_default();
            now.saturating_sub(after).saturating_mul(processes(consumer))
        };
        let name = who(consumer);
        let others =
            self.of_workload(name).filter(|(other, one)| *other != index && self::start(one).is_none());
        let running =
            others.fold(start.running, |running, (other, one)| running.saturating_sub(less(other, one)));
        let starting = start.starting.saturating_sub(less(index, consumer));
        let instances = match change {
            Change::Surge { who, to } if Some(who) == name => {
                if to > 0 {
                    to
                } else {
                    self.main(name).map_or(0, |main| main.instances.max)
                }
            }
            Change::Instances { who, to } if Some(who) == name => {
                let Some(main) = self.main(name) else { return Numbers::default() };
                let instances = instances(main, to);
                let surge = instances.rollout.saturating_sub(instances.max);
                if surge > 0 { surge } else { instances.rollout }
            }
            _ => consumer.instances.rollout,
        };
        Numbers { rollout: instances.saturating_mul(starting.saturating_sub(running)), ..Numbers::default() }
    }

    /// A consumer of the workload that tells how many of it run.
    fn main(&self, name: Option<Who<'_>>) -> Option<&'a Consumer> {
        self.of_workload(name).map(|(_, consumer)| consumer).find(|consumer| start(consumer).is_none())
    }
}

/// What a pod takes while it starts, and while it runs.
#[derive(Clone, Copy)]
struct Start {
    starting: u64,
    running: u64,
}

/// The start that an init container's consumer stands for.
fn start(consumer: &Consumer) -> Option<Start> {
    let number = |name: &str| {
        let named = |factor: &&Factor| factor.name == name;
        match consumer.factors.iter().find(named)?.value.value {
            Some(Size::Limit(number)) => Some(number),
            _ => None,
        }
    };
    let starting = number("starting")?;
    Some(Start { starting, running: number("running").unwrap_or(0) })
}

/// Which workload or pooler a consumer is; nothing of one that is only declared.
fn who(consumer: &Consumer) -> Option<Who<'_>> {
    (!matches!(consumer.kind, ConsumerKind::Other { .. })).then(|| (&consumer.home, consumer.name()))
}

fn is_workload(consumer: &Consumer) -> bool {
    matches!(consumer.kind, ConsumerKind::Workload { .. })
}

/// Whether two are the same pool of the same workload, or the same pooler.
fn is_same(one: &Consumer, other: &Consumer) -> bool {
    let pool = |consumer: &Consumer| match &consumer.kind {
        ConsumerKind::Workload { container, variable, .. } => Some((container.clone(), variable.clone())),
        _ => None,
    };
    who(one).is_some() && who(one) == who(other) && pool(one) == pool(other)
}

/// A workload as it is `shown`, with the variable that leads to one of its pools.
fn several(consumer: &Consumer, shown: &str) -> String {
    match &consumer.kind {
        ConsumerKind::Workload { container: Some(container), variable, .. } => {
            format!("{shown}/{container} ({variable})")
        }
        ConsumerKind::Workload { variable, .. } => format!("{shown} ({variable})"),
        _ => String::new(),
    }
}

/// Whether each instance of a pooler has pools of its own, so that fewer instances open fewer connections.
fn multiplies(consumer: &Consumer) -> bool {
    let ConsumerKind::Pooler { pairs, size: Some(Size::Limit(size)), reserve, .. } = &consumer.kind else {
        return true;
    };
    let one = size.saturating_add(reserve.unwrap_or(0)).saturating_mul(*pairs);
    consumer.instances.max > 1 && consumer.connections.max != one
}

fn processes(consumer: &Consumer) -> u64 {
    match &consumer.kind {
        ConsumerKind::Workload { processes, .. } => processes.unwrap_or(1),
        _ => 1,
    }
}

/// Size and overflow of a workload's pool, where both are numbers and it has room for a connection.
fn pool(consumer: &Consumer) -> Option<u64> {
    let ConsumerKind::Workload { size, overflow, .. } = &consumer.kind else { return None };
    let (Some(Size::Limit(size)), Some(Size::Limit(overflow))) = (size, overflow) else { return None };
    Some(size.saturating_add(*overflow)).filter(|pool| *pool > 0)
}

/// A consumer's connections after a change of its instances and its pool.
fn scaled(index: usize, consumer: &Consumer, pool: Option<(u64, u64)>, change: Change<'_>) -> Numbers {
    let mut numbers = consumer.connections;
    let instances = match change {
        Change::Instances { who, to } if self::who(consumer) == Some(who) => Some(instances(consumer, to)),
        Change::PoolerInstances { index: changed, to } if changed == index => Some(instances(consumer, to)),
        Change::Surge { who, to } if self::who(consumer) == Some(who) => {
            let max = consumer.instances.max;
            Some(Numbers { rollout: max.saturating_add(to), ..consumer.instances })
        }
        _ => None,
    };
    if let Some(instances) = instances.filter(|_| consumer.instances.max > 0) {
        let each = consumer.connections.max.checked_div(consumer.instances.max).unwrap_or(0);
        numbers = map(instances, |instances| instances.saturating_mul(each));
    }
    match pool {
        Some((now, after)) if now != after => {
            map(numbers, |connections| connections.checked_div(now).unwrap_or(0).saturating_mul(after))
        }
        _ => numbers,
    }
}

/// How many run with `to` at full scale. A surge that is a share of them shrinks with them.
fn instances(consumer: &Consumer, to: u64) -> Numbers {
    let Numbers { min, max, rollout } = consumer.instances;
    let surge = rollout.saturating_sub(max);
    let portion = |percent: u64, of: u64| of.saturating_mul(percent).div_ceil(100);
    let surge = match &consumer.kind {
        // One that was declared is no share, whatever the files say.
        ConsumerKind::Workload { surge_percent: Some(percent), .. }
        | ConsumerKind::Pooler { surge_percent: Some(percent), .. }
            if portion(*percent, max) == surge =>
        {
            portion(*percent, to)
        }
        _ => surge,
    };
    Numbers { min: min.min(to), max: to, rollout: to.saturating_add(surge) }
}

fn map(numbers: Numbers, of: impl Fn(u64) -> u64) -> Numbers {
    Numbers { min: of(numbers.min), max: of(numbers.max), rollout: of(numbers.rollout) }
}

/// The smallest limit under which `numbers` fit.
fn limit(numbers: Numbers, room: Room) -> u64 {
    let needed = numbers.max.max(numbers.min);
    let limit = numbers.rollout.max(needed).saturating_add(room.reserved);
    // The share is a fraction: the first limit whose portion is enough, from a guess just below it.
    let limit = limit.max(demand::whole_from(needed, room.share).saturating_sub(2));
    (limit..limit.saturating_add(8))
        .find(|limit| demand::portion(*limit, room.share, u64::MAX) >= needed)
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests;
