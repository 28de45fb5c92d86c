use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{Address, Network, Pool, Source};
use crate::syntax::connection::Database;

fn demand(min: u64, max: u64, rollout: u64) -> Demand {
    Demand { numbers: Numbers { min, max, rollout }, complete: true, unlimited: false }
}

#[test]
fn the_first_verdict_that_holds() {
    let (usable, budget) = (Some(97), Some(80));
    assert_eq!(verdict(&demand(98, 98, 98), usable, budget), Verdict::Overflow);
    assert_eq!(verdict(&demand(97, 98, 98), usable, budget), Verdict::AutoscaleOverflow);
    assert_eq!(verdict(&demand(80, 97, 98), usable, budget), Verdict::RolloutOverflow);
    assert_eq!(verdict(&demand(80, 81, 97), usable, budget), Verdict::OverShare);
    assert_eq!(verdict(&demand(80, 80, 97), usable, budget), Verdict::Fits);
    assert_eq!(verdict(&demand(98, 98, 98), None, None), Verdict::Unknown);
    let lower_bound = Demand { complete: false, ..demand(1, 1, 1) };
    assert_eq!(verdict(&lower_bound, usable, budget), Verdict::Unknown);
    let proven = Demand { complete: false, ..demand(98, 98, 98) };
    assert_eq!(verdict(&proven, usable, budget), Verdict::Overflow);
    let unlimited = Demand { unlimited: true, ..demand(0, 0, 0) };
    assert_eq!(verdict(&unlimited, usable, budget), Verdict::Overflow);
}

#[test]
fn a_portion_is_rounded_down_and_never_beyond_usable() {
    assert_eq!(portion(100, 0.8, 97), 80);
    assert_eq!(portion(100, 0.7, 97), 70);
    assert_eq!(portion(103, 0.8, 100), 82);
    assert_eq!(portion(10, 0.8, 7), 7);
}

/// One container of one workload, by its factors.
#[derive(Debug, Clone, Copy)]
pub(in crate::resolve) struct Shape {
    pub min: u64,
    pub more: u64,
    pub surge: u64,
    pub processes: Option<u64>,
    pub size: Option<u64>,
    pub overflow: u64,
}

pub(in crate::resolve) fn workload(shape: Shape) -> Workload {
    let known = |value: u64| Located::of(value, Basis::Derived);
    let limit = |value: u64| Located::of(Size::Limit(value), Basis::Derived);
    let max = shape.min + shape.more;
    let connection = Connection {
        variable: "DATABASE_URL".to_owned(),
        aliases: Vec::new(),
        repeats: None,
        source: Source::Parts { place: None },
        database_kind: Database::PostgreSql,
        address: Address { host: None, port: None, reference: None },
        user: None,
        database: None,
        client: None,
        pool: Pool {
            size: shape.size.map_or_else(Located::unknown, limit),
            overflow: limit(shape.overflow),
            ..Pool::default()
        },
        administrative: false,
        schema_provider: None,
    };
    let container = Container {
        name: "api".to_owned(),
        image: None,
        role: Role::Main,
        environment: BTreeMap::new(),
        open_environment: None,
        command: Vec::new(),
        shell: false,
        build: None,
        dockerfile: None,
        base: None,
        mounts: Vec::new(),
        ports: Vec::new(),
        connections: vec![connection],
        processes: shape.processes.map_or_else(Located::unknown, known),
    };
    Workload {
        name: "api".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: None,
        place: None,
        class: WorkloadClass::Service,
        instances: Instances {
            min: known(shape.min),
            max: known(max),
            rollout: known(max + shape.surge),
            factors: Vec::new(),
            surge_percent: None,
        },
        containers: vec![container],
        endpoints: Vec::new(),
        network: Network::Unknown,
        profiles: Vec::new(),
        dormant: false,
        serving: crate::model::Serving::default(),
        suppressions: Vec::new(),
        operated: None,
    }
}

/// A pod of a main container and init containers with pools of these sizes, four of them and one by surge.
fn starting(main: u64, inits: &[u64]) -> Vec<Consumer> {
    let shape = |size| Shape { min: 4, more: 0, surge: 1, processes: Some(1), size: Some(size), overflow: 0 };
    let mut whole = workload(shape(main));
    for (number, size) in inits.iter().enumerate() {
        let mut init = workload(shape(*size)).containers.remove(0);
        init.name = format!("init{number}");
        init.role = Role::Init;
        whole.containers.push(init);
    }
    consumers(&whole, &[], |_, _| true).into_iter().map(|(consumer, _)| consumer).collect()
}

#[test]
fn an_init_container_tells_how_its_number_arises() {
    let told = |consumer: &Consumer| {
        let ConsumerKind::Workload { container, .. } = &consumer.kind else { unreachable!() };
        let factor = |name: &str| {
            let found = consumer.factors.iter().find(|factor| factor.name == name)?;
            found.value.value.map(|size| if let Size::Limit(size) = size { size } else { 0 })
        };
        let Numbers { min, max, rollout } = consumer.connections;
        let numbers = (consumer.instances.max, consumer.instances.rollout, min, max, rollout);
        (container.clone().unwrap_or_default(), numbers, factor("starting"), factor("running"))
    };
    let all: Vec<_> = starting(9, &[12, 3]).iter().map(told).collect();
    assert_eq!(
        all,
        [
            ("api".to_owned(), (4, 5, 36, 36, 45), None, None),
            ("init0".to_owned(), (0, 1, 0, 0, 3), Some(12), Some(9)),
            ("init1".to_owned(), (0, 0, 0, 0, 0), Some(0), None),
        ]
    );
    // 4 × 9 + 1 × max(9, 12).
    assert_eq!(total(&starting(9, &[12, 3]), false).numbers.rollout, 48);
    let alone = starting(9, &[]);
    assert!(matches!(&alone[0].kind, ConsumerKind::Workload { container: None, .. }));
    // Where the running containers take more, starting adds nothing.
    assert_eq!(starting(9, &[5])[1].connections, Numbers::default());
    let all = starting(9, &[12]);
    let surging: Vec<&str> = all[1].factors.iter().map(|factor| factor.name.as_str()).collect();
    assert_eq!(surging, ["surge", "processes", "pool-size", "starting", "running"]);
}

fn asked(shapes: &[Shape]) -> Demand {
    let workloads: Vec<Workload> = shapes.iter().copied().map(workload).collect();
    let made: Vec<Consumer> = workloads
        .iter()
        .flat_map(|workload| consumers(workload, &[], |_, _| true))
        .map(|(consumer, _)| consumer)
        .collect();
    total(&made, false)
}

fn shape() -> impl Strategy<Value = Shape> {
    (0u64..20, 0u64..20, 0u64..10, 1u64..8, 0u64..40, 0u64..20).prop_map(
        |(min, more, surge, processes, size, overflow)| Shape {
            min,
            more,
            surge,
            processes: Some(processes),
            size: Some(size),
            overflow,
        },
    )
}

proptest! {
    #[test]
    fn raising_any_factor_never_lowers_a_demand(
        shapes in prop::collection::vec(shape(), 1..4), which in 0usize..6, by in 1u64..9,
    ) {
        let before = asked(&shapes);
        let mut raised = shapes;
        let first = &mut raised[0];
        match which {
            0 => first.min += by,
            1 => first.more += by,
            2 => first.surge += by,
            3 => first.processes = first.processes.map(|processes| processes + by),
            4 => first.size = first.size.map(|size| size + by),
            _ => first.overflow += by,
        }
        let after = asked(&raised);
        prop_assert!(after.numbers.min >= before.numbers.min);
        prop_assert!(after.numbers.max >= before.numbers.max);
        prop_assert!(after.numbers.rollout >= before.numbers.rollout);
        prop_assert!(after.numbers.min <= after.numbers.max && after.numbers.max <= after.numbers.rollout);
    }

    #[test]
    fn an_unknown_consumer_changes_no_known_number(
        shapes in prop::collection::vec(shape(), 0..4), unknown in shape(),
    ) {
        let before = asked(&shapes);
        prop_assert!(before.complete);
        let mut with = shapes;
        with.push(Shape { size: None, overflow: 0, ..unknown });
        let after = asked(&with);
        prop_assert_eq!(after.numbers, before.numbers);
        prop_assert!(!after.complete);
    }

    #[test]
    fn an_unknown_factor_gives_a_lower_bound(
        shapes in prop::collection::vec(shape(), 1..4), which in 0usize..3,
    ) {
        let whole = asked(&shapes).numbers;
        let mut blurred = shapes;
        let first = &mut blurred[0];
        match which {
            0 => first.processes = None,
            1 => first.size = None,
            _ => first.size = first.size.map(|_| 0),
        }
        let after = asked(&blurred);
        prop_assert!(after.numbers.min <= whole.min);
        prop_assert!(after.numbers.max <= whole.max);
        prop_assert!(after.numbers.rollout <= whole.rollout);
        prop_assert_eq!(after.complete, which == 2);
    }

    #[test]
    fn splitting_a_workload_keeps_rest_and_full_scale(half in shape()) {
        let whole = Shape { min: half.min * 2, more: half.more * 2, ..half };
        let (one, two) = (asked(&[whole]).numbers, asked(&[half, half]).numbers);
        prop_assert_eq!((one.min, one.max), (two.min, two.max));
    }

    #[test]
    fn a_pod_is_counted_as_its_containers_run(
        pods in (1u64..10, 0u64..5),
        roles in prop::collection::vec((0usize..3, 0u64..30), 1..6),
    ) {
        let (max, surge) = pods;
        let pod = pod(max, surge, &roles);
        let made: Vec<Consumer> = consumers(&pod, &[], |_, _| true).into_iter().map(|(one, _)| one).collect();
        // By hand: what runs, and the widest moment of a start.
        let running: u64 = roles.iter().filter(|(role, _)| *role != INIT).map(|(_, size)| size).sum();
        let (mut sidecars, mut starting) = (0, 0);
        for (role, size) in &roles {
            match *role {
                INIT => starting = starting.max(sidecars + size),
                SIDECAR => sidecars += size,
                _ => {}
            }
        }
        let widest = running.max(starting);
        let rollout = if surge > 0 { max * running + surge * widest } else { max * widest };
        let by_hand = Numbers { min: max * running, max: max * running, rollout };
        prop_assert_eq!(total(&made, false).numbers, by_hand, "{:?}", roles);
    }

    #[test]
    fn a_wider_pool_in_a_pod_never_lowers_its_demand(
        pods in (1u64..10, 0u64..5),
        roles in prop::collection::vec((0usize..3, 0u64..30), 1..6), which in 0usize..6, by in 1u64..9,
    ) {
        let (max, surge) = pods;
        let ask = |roles: &[(usize, u64)]| {
            let pod = pod(max, surge, roles);
            let made: Vec<Consumer> = consumers(&pod, &[], |_, _| true).into_iter().map(|(one, _)| one).collect();
            total(&made, false).numbers
        };
        let mut raised = roles.clone();
        let place = which % raised.len();
        raised[place].1 += by;
        let (before, after) = (ask(&roles), ask(&raised));
        prop_assert!(after.min >= before.min && after.max >= before.max && after.rollout >= before.rollout);
    }

    #[test]
    fn a_verdict_never_softens_as_a_demand_grows(
        numbers in (0u64..150, 0u64..50, 0u64..50), more in (0u64..50, 0u64..50, 0u64..50), limit in 4u64..150,
    ) {
        let (usable, budget) = (limit - 3, portion(limit, 0.8, limit - 3));
        let judge = |(min, autoscaled, surge): (u64, u64, u64)| {
            verdict(&demand(min, min + autoscaled, min + autoscaled + surge), Some(usable), Some(budget))
        };
        let wider = (numbers.0 + more.0, numbers.1 + more.1, numbers.2 + more.2);
        prop_assert!(judge(wider) <= judge(numbers), "{:?} of {}", numbers, limit);
        prop_assert!(budget <= usable);
    }
}

const INIT: usize = 1;
const SIDECAR: usize = 2;

/// A pod of containers by role and pool size.
fn pod(max: u64, surge: u64, containers: &[(usize, u64)]) -> Workload {
    let shape = Shape { min: max, more: 0, surge, processes: Some(1), size: Some(0), overflow: 0 };
    let mut pod = workload(shape);
    let template = pod.containers.pop().unwrap();
    for (index, (role, size)) in containers.iter().enumerate() {
        let mut container = template.clone();
        container.name = format!("c{index}");
        container.role = [Role::Main, Role::Init, Role::Sidecar][*role];
        container.connections[0].pool.size = Located::of(Size::Limit(*size), Basis::Derived);
        pod.containers.push(container);
    }
    pod
}
