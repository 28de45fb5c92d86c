use proptest::prelude::*;

use super::*;
use crate::model::{Basis, Container, Located, Role, Workload};
use crate::resolve::demand::tests::{Shape, workload as pod};

const ROOM: Room = Room { usable: 97, budget: 80, reserved: 3, share: 0.8 };

/// A workload as the arithmetic of demand sees it.
#[derive(Debug, Clone)]
struct Spec {
    name: &'static str,
    min: u64,
    more: u64,
    surge: Surge,
    /// Processes and pool of each container that runs.
    pools: Vec<(u64, u64)>,
    /// The pool of an init container.
    init: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Surge {
    Count(u64),
    Percent(u64),
}

fn spec(name: &'static str, instances: u64, surge: Surge, pool: u64) -> Spec {
    Spec { name, min: instances, more: 0, surge, pools: vec![(1, pool)], init: None }
}

fn workload(spec: &Spec) -> Workload {
    let max = spec.min + spec.more;
    let (surge, percent) = match spec.surge {
        Surge::Count(count) => (count, None),
        Surge::Percent(percent) => ((max * percent).div_ceil(100), Some(percent)),
    };
    let shape = |size| Shape {
        min: spec.min,
        more: spec.more,
        surge,
        processes: Some(1),
        size: Some(size),
        overflow: 0,
    };
    let container = |index: usize, processes: u64, size: u64, role: Role| {
        let mut container: Container = pod(shape(size)).containers.remove(0);
        container.name = format!("{role:?}{index}");
        container.processes = Located::of(processes, Basis::Derived);
        container.role = role;
        container
    };
    let mut made = pod(shape(1));
    made.name = spec.name.to_owned();
    made.instances.surge_percent = percent;
    made.containers = spec.init.map(|size| container(0, 1, size, Role::Init)).into_iter().collect();
    let running = spec.pools.iter().zip(1..);
    made.containers
        .extend(running.map(|((processes, size), index)| container(index, *processes, *size, Role::Main)));
    made
}

fn consumers(specs: &[Spec]) -> Vec<Consumer> {
    let of = |spec: &Spec| demand::consumers(&workload(spec), &[], |_, _| true);
    specs.iter().flat_map(of).map(|(consumer, _)| consumer).collect()
}

fn numbers(specs: &[Spec]) -> Numbers {
    demand::total(&consumers(specs), false).numbers
}

fn found(specs: &[Spec], room: Room) -> Vec<Remedy> {
    let consumers = consumers(specs);
    let demand = demand::total(&consumers, false);
    let verdict = demand::verdict(&demand, Some(room.usable), Some(room.budget));
    remedies(verdict, [consumers.as_slice()], &demand, room)
}

fn pool(workload: &str, at_most: u64) -> Remedy {
    Remedy::Pool { workload: workload.to_owned(), at_most }
}

fn run(workload: &str, at_most: u64) -> Remedy {
    Remedy::Instances { workload: workload.to_owned(), at_most }
}

#[test]
fn by_hand() {
    let none = Surge::Count(0);
    for (specs, expected) in [
        // 12 × 6 = 72 of 80, 8 × 10 = 80.
        (
            vec![spec("api", 12, none, 10)],
            vec![pool("api", 6), run("api", 8), Remedy::Limit { at_least: 150 }],
        ),
        // 9 × 8 = 72 of 80, (9 + 3) × 8 = 96 of 97; 6 + 3 pods of 10 are 90, 7 + 3 are 100.
        (
            vec![spec("api", 9, Surge::Count(3), 10)],
            vec![pool("api", 8), run("api", 6), Remedy::Limit { at_least: 123 }],
        ),
        // A quarter of 7 is 2: 9 pods.
        (
            vec![spec("api", 9, Surge::Percent(25), 10)],
            vec![pool("api", 8), run("api", 7), Remedy::Limit { at_least: 123 }],
        ),
        // None suffices alone. Pools of 2 stay what they are: 10 × 2 + 5 × 12 = 80.
        (
            vec![spec("a", 10, none, 2), spec("b", 3, none, 40), spec("c", 2, none, 100)],
            vec![Remedy::EveryPool { at_most: 12 }, Remedy::Limit { at_least: 425 }],
        ),
        // Both pools of a pod go with its instances, and each pool is named by its container.
        (
            vec![Spec { pools: vec![(1, 10), (2, 5)], ..spec("api", 6, none, 0) }],
            vec![
                pool("api/Main1 (DATABASE_URL)", 3),
                pool("api/Main2 (DATABASE_URL)", 1),
                run("api", 4),
                Remedy::Limit { at_least: 150 },
            ],
        ),
        (vec![spec("api", 1, none, 10)], vec![]),
    ] {
        assert_eq!(found(&specs, ROOM), expected, "{specs:?}");
    }
}

/// The specs after a remedy, with its number or one more.
fn applied(specs: &[Spec], remedy: &Remedy, more: u64) -> Vec<Spec> {
    let mut specs = specs.to_vec();
    match remedy {
        Remedy::EveryPool { at_most } => {
            for spec in &mut specs {
                let pools = spec.pools.iter_mut().map(|(_, size)| size);
                pools.chain(&mut spec.init).for_each(|size| *size = (*size).min(at_most + more));
            }
        }
        Remedy::Pool { workload, at_most } => {
            let (name, rest) = workload.split_once('/').unwrap_or((workload, "Main1"));
            // A container that starts makes the others be named, also where one alone runs.
            let name = name.split_once(' ').map_or(name, |(name, _)| name);
            let index: usize = rest[4..5].parse().unwrap();
            let spec = specs.iter_mut().find(|spec| spec.name == name).unwrap();
            spec.pools[index - 1].1 = at_most + more;
        }
        Remedy::Instances { workload, at_most } => {
            let spec = specs.iter_mut().find(|spec| spec.name == workload).unwrap();
            spec.more = (at_most + more).saturating_sub(spec.min);
            spec.min = spec.min.min(at_most + more);
        }
        Remedy::Surge { .. } | Remedy::Pooler { .. } | Remedy::Limit { .. } => {}
    }
    specs
}

prop_compose! {
    fn any_spec(name: &'static str)(
        min in 1u64..12,
        more in 0u64..12,
        surge in prop_oneof![(0u64..5).prop_map(Surge::Count), (1u64..101).prop_map(Surge::Percent)],
        pools in prop::collection::vec((1u64..4, 1u64..30), 1..3),
        init in prop::option::of(1u64..60),
    ) -> Spec {
        Spec { name, min, more, surge, pools, init }
    }
}

proptest! {
    /// The number fits, and one more does not.
    #[test]
    fn every_number_is_exact(
        specs in (any_spec("a"), prop::option::of(any_spec("b")), prop::option::of(any_spec("c")))
            .prop_map(|(a, b, c)| [Some(a), b, c].into_iter().flatten().collect::<Vec<_>>()),
        limit in 20u64..600,
    ) {
        let room = |limit: u64| Room {
            usable: limit - 3,
            budget: demand::portion(limit, 0.8, limit - 3),
            ..ROOM
        };
        let here = room(limit);
        for remedy in found(&specs, here) {
            if let Remedy::Limit { at_least } = remedy {
                prop_assert!(room(at_least).holds(wide(numbers(&specs))), "{remedy:?}");
                prop_assert!(!room(at_least - 1).holds(wide(numbers(&specs))), "{remedy:?}");
                continue;
            }
            let (fits, over) = (applied(&specs, &remedy, 0), applied(&specs, &remedy, 1));
            prop_assert!(here.holds(wide(numbers(&fits))), "{remedy:?}: {:?}", numbers(&fits));
            prop_assert!(!here.holds(wide(numbers(&over))), "{remedy:?}: one more fits, {:?}", numbers(&over));
        }
    }
}

#[test]
fn a_pooler_opens_as_much_as_fits_beside_the_others() {
    let mut all = consumers(&[spec("api", 2, Surge::Count(0), 5)]);
    all.push(Consumer {
        kind: ConsumerKind::Pooler {
            pooler: "pgbouncer".to_owned(),
            pairs: 2,
            size: Some(Size::Limit(30)),
            reserve: None,
            surge_percent: None,
        },
        instances: Numbers { min: 2, max: 2, rollout: 3 },
        connections: Numbers { min: 120, max: 120, rollout: 180 },
        ..all[0].clone()
    });
    let demand = demand::total(&all, false);
    // 2 × 29 + 10 are within the budget, 3 × 29 + 10 = 97.
    assert_eq!(
        remedies(Verdict::Overflow, [all.as_slice()], &demand, ROOM),
        [Remedy::Pooler { pooler: "pgbouncer".to_owned(), at_most: 29 }, Remedy::Limit { at_least: 193 }]
    );
}

#[test]
fn fewer_instances_of_a_pooler_do() {
    let pooler = |instances: Numbers, each: u64, surge_percent| {
        let of = |instances: u64| instances * each;
        let [like]: [Consumer; 1] = consumers(&[spec("api", 2, Surge::Count(0), 5)]).try_into().unwrap();
        let kind = ConsumerKind::Pooler {
            pooler: "pgb".to_owned(),
            pairs: 1,
            size: Some(Size::Limit(16)),
            reserve: None,
            surge_percent,
        };
        let connections =
            Numbers { min: of(instances.min), max: of(instances.max), rollout: of(instances.rollout) };
        Consumer { kind, instances, connections, ..like }
    };
    for (instances, each, surge_percent, expected) in [
        // (4 + 1) × 16 = 80 during a rollout, (5 + 2) × 16 = 112.
        (Numbers { min: 3, max: 6, rollout: 8 }, 16, Some(25), Some(4)),
        (Numbers { min: 3, max: 9, rollout: 9 }, 16, None, Some(5)),
        // One of them is too much already.
        (Numbers { min: 2, max: 2, rollout: 2 }, 120, None, None),
        // All of them share one pool.
        (Numbers { min: 8, max: 8, rollout: 8 }, 2, None, None),
    ] {
        let all = [pooler(instances, each, surge_percent)];
        let demand = demand::total(&all, false);
        let found = remedies(Verdict::Overflow, [all.as_slice()], &demand, ROOM).into_iter().find_map(
            |one| match one {
                Remedy::Instances { workload, at_most } if workload == "pgb" => Some(at_most),
                _ => None,
            },
        );
        assert_eq!(found, expected, "{instances:?}");
    }
}

/// 6 × 10 of one namespace and 4 × 11 of another are 104: each remedy is about one of the two.
#[test]
fn namesakes_are_told_apart() {
    let none = Surge::Count(0);
    let mut all = consumers(&[spec("api", 6, none, 10), spec("api", 4, none, 11)]);
    for (consumer, namespace) in all.iter_mut().zip(["shop", "crm"]) {
        consumer.home.namespace = Some(namespace.to_owned());
    }
    let demand = demand::total(&all, false);
    // 6 × 6 + 44 = 80, 60 + 4 × 5 = 80; 3 × 10 + 44 = 74, 60 + 1 × 11 = 71.
    let expected = [
        pool("shop/api", 6),
        pool("crm/api", 5),
        run("shop/api", 3),
        run("crm/api", 1),
        Remedy::Limit { at_least: 130 },
    ];
    assert_eq!(remedies(Verdict::Overflow, [all.as_slice()], &demand, ROOM), expected);
}

/// 50 + 6 × 10 with one profile, 50 + 5 × 11 with another: a smaller pool of the one leaves 105.
#[test]
fn remedies_serve_every_profile() {
    let none = Surge::Count(0);
    let one = consumers(&[spec("base", 1, none, 50), spec("a", 6, none, 10)]);
    let other = consumers(&[spec("base", 1, none, 50), spec("b", 5, none, 11)]);
    let demand = demand::total(&one, false);
    // 20 + 60 = 80, 20 + 55 = 75.
    assert_eq!(
        remedies(Verdict::Overflow, [one.as_slice(), other.as_slice()], &demand, ROOM),
        [pool("base", 20), Remedy::Limit { at_least: 138 }]
    );
}

/// (7 + 3) × 10 + 7 = 107 of 97; with 2 more pods than 7 it is 97. A Recreate strategy has no surge to lower.
#[test]
fn the_surge_is_lowered_where_that_suffices() {
    for (surge, expected) in [(Surge::Count(3), Some(2)), (Surge::Count(0), None)] {
        let mut all = consumers(&[spec("api", 7, surge, 10), spec("rest", 1, Surge::Count(0), 7)]);
        for consumer in &mut all {
            consumer.home.kind = Some("Deployment".to_owned());
            consumer.factors.push(Factor::given("surge", 3, Basis::Derived));
        }
        let demand = demand::total(&all, false);
        let found = remedies(Verdict::RolloutOverflow, [all.as_slice()], &demand, ROOM);
        let surges = found.iter().find_map(|remedy| match remedy {
            Remedy::Surge { workload, to } => Some((workload.as_str(), *to)),
            _ => None,
        });
        assert_eq!(surges, expected.map(|to| ("api", to)));
    }
}
