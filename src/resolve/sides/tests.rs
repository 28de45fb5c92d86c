//! Poolers between hand-made workloads and servers.

use crate::config::Config;
use crate::model::{
    Basis, Container, Deployment, DeploymentKind, Endpoint, Environment, Hosts, Instances, Located, Mount,
    MountSource, Network, Role, Scope, Value, Variable, Verdict, Workload, WorkloadClass,
};
use crate::readers::{Declarations, read};
use crate::resolve::{Context, connect, demand, servers};
use crate::span::{FileId, SpanText, Text};
use crate::tree::{Files, Kind};

fn text(value: &str) -> Text {
    Text::written(&SpanText::verbatim(value, 0), FileId(0))
}

fn container(name: &str, image: &str, variables: &[(&str, &str)], mounts: &[(&str, &str)]) -> Container {
    let variable = |(name, value): &(&str, &str)| {
        let variable = Variable {
            name: (*name).to_owned(),
            name_place: None,
            value: Value::Text(text(value)),
            reference: None,
            via: None,
        };
        ((*name).to_owned(), variable)
    };
    Container {
        name: name.to_owned(),
        image: Some(text(image)),
        role: Role::Main,
        environment: variables.iter().map(variable).collect(),
        open_environment: None,
        command: Vec::new(),
        shell: false,
        build: None,
        dockerfile: None,
        base: None,
        mounts: mounts
            .iter()
            .map(|(from, to)| Mount {
                inside: (*to).to_owned(),
                source: MountSource::Path((*from).to_owned()),
            })
            .collect(),
        ports: Vec::new(),
        connections: Vec::new(),
        processes: demand::single_process(),
    }
}

fn workload(replicas: u64, containers: Vec<Container>) -> Workload {
    let count = Located::of(replicas, Basis::Derived);
    let name = containers[0].name.clone();
    Workload {
        name: name.clone(),
        kind: "Service".to_owned(),
        namespace: None,
        place: None,
        class: WorkloadClass::Service,
        instances: Instances {
            min: count.clone(),
            max: count.clone(),
            rollout: count,
            factors: Vec::new(),
            surge_percent: None,
        },
        containers,
        endpoints: vec![Endpoint { host: name, ports: Vec::new(), networks: Vec::new() }],
        network: Network::Own(Vec::new()),
        profiles: Vec::new(),
        dormant: false,
        serving: crate::model::Serving::default(),
        suppressions: Vec::new(),
        operated: None,
    }
}

/// Attaches the servers and poolers of a deployment in `deploy/`, with this ini at `path`.
fn attached(ini: Option<(&str, &str)>, workloads: Vec<Workload>) -> Deployment {
    let mut files = Files::default();
    let main = files.add("deploy/compose.yaml", Kind::Compose, "services: {}\n");
    let declarations = match ini {
        Some((path, text)) => {
            let file = files.add(path, Kind::PgBouncer, text);
            read(&files, &[file])
        }
        None => Declarations::default(),
    };
    let config = Config::default();
    let context = Context { files: &files, declarations: &declarations, config: &config };
    let mut deployment = Deployment {
        name: "deploy/compose.yaml".to_owned(),
        kind: DeploymentKind::Compose,
        environment: Located::of(Environment::Production, Basis::Derived),
        scope: Scope::Full,
        files: vec![main],
        partial: Vec::new(),
        workloads,
        aliases: Vec::new(),
        hosts: Hosts::default(),
        servers: Vec::new(),
        poolers: Vec::new(),
    };
    connect(&context, &mut deployment);
    servers::attach(&context, &mut deployment);
    deployment
}

/// Name, demand at full scale, whether it is complete.
type Sum<'a> = (&'a str, u64, bool);

/// Of every server, then of every pooler.
fn sums(deployment: &Deployment) -> Vec<Sum<'_>> {
    let servers = deployment.servers.iter().map(|one| (one.name.as_str(), one.demand));
    let poolers = deployment.poolers.iter().map(|one| (one.name.as_str(), one.demand));
    servers.chain(poolers).map(|(name, demand)| (name, demand.numbers.max, demand.complete)).collect()
}

const INI: &str =
    "[databases]\nshop = host=db port=5432\n[pgbouncer]\nlisten_port = 6432\npool_mode = transaction\n";
const MOUNT: (&str, &str) = ("deploy/pgbouncer.ini", "/etc/pgbouncer/pgbouncer.ini");

fn api(url: &str) -> Workload {
    workload(4, vec![container("api", "acme/api", &[("DATABASE_URL", url)], &[])])
}

fn db() -> Workload {
    workload(1, vec![container("db", "postgres:16", &[], &[])])
}

#[test]
fn the_server_side_stands_for_the_clients() {
    let through = || api("postgresql://app@pool:6432/shop?connection_limit=10");
    let pool = |image: &str, variables: &[(&str, &str)], mounts: &[(&str, &str)]| {
        workload(2, vec![container("pool", image, variables, mounts)])
    };
    let variables = [("POSTGRESQL_HOST", "db"), ("PGBOUNCER_DEFAULT_POOL_SIZE", "7")];
    type Row<'a> = (&'a str, Option<(&'a str, &'a str)>, Workload, &'a [Sum<'a>]);
    let table: &[Row<'_>] = &[
        (
            "an ini that a known image mounts",
            Some((MOUNT.0, INI)),
            pool("edoburu/pgbouncer", &[], &[MOUNT]),
            &[("db", 40, true), ("pool", 40, true)],
        ),
        (
            "an ini that an image of one's own mounts, whose variables are no connection of their own",
            Some((MOUNT.0, INI)),
            pool(
                "acme/pool",
                &[("DATABASE_URL", "postgresql://app@db/shop?connection_limit=50")],
                &[("deploy", "/etc")],
            ),
            &[("db", 40, true), ("pool", 40, true)],
        ),
        (
            "an image's variables",
            None,
            pool("bitnami/pgbouncer", &variables, &[]),
            &[("db", 14, true), ("pool", 40, true)],
        ),
        (
            "nothing tells where it leads",
            None,
            pool("bitnami/pgbouncer", &[], &[]),
            &[("db", 0, false), ("pool", 40, true)],
        ),
    ];
    for (what, ini, pooler, expected) in table {
        let deployment = attached(*ini, vec![through(), pooler.clone(), db()]);
        assert_eq!(sums(&deployment), *expected, "{what}");
        assert_eq!(deployment.poolers[0].upstreams, ["db"], "{what}");
    }
}

#[test]
fn a_file_that_nothing_mounts() {
    let path = "deploy/pgbouncer.ini";
    let table: &[(&str, &str, &str, &[Sum<'_>])] = &[
        ("by its name", path, "pgbouncer.internal:5432", &[("db", 20, true), ("pgbouncer", 40, true)]),
        ("by its port", path, "10.0.0.7:6432", &[("db", 20, true), ("pgbouncer", 40, true)]),
        ("nobody reaches it", path, "db:5432", &[("db", 40, true)]),
        (
            "in another directory",
            "other/pgbouncer.ini",
            "10.0.0.7:6432",
            &[("10.0.0.7", 40, true), ("db", 0, true)],
        ),
    ];
    for (what, path, host, expected) in table {
        let url = format!("postgresql://app@{host}/shop?connection_limit=10");
        let deployment = attached(Some((path, INI)), vec![api(&url), db()]);
        assert_eq!(sums(&deployment), *expected, "{what}");
    }
}

#[test]
fn a_sidecar_pools_for_each_pod() {
    let main = container(
        "api",
        "acme/api",
        &[("DATABASE_URL", "postgresql://app@localhost:6432/shop?connection_limit=10")],
        &[],
    );
    let pool = container("pool", "bitnami/pgbouncer", &[("POSTGRESQL_HOST", "db")], &[]);
    let deployment = attached(None, vec![workload(3, vec![main, pool]), db()]);
    assert_eq!(sums(&deployment), [("db", 60, true), ("api", 30, true)]);
}

#[test]
fn the_client_side_is_judged_by_what_all_instances_accept() {
    let small = INI.replace("pool_mode = transaction", "max_client_conn = 19");
    for (ini, clients, expected) in [
        (small.as_str(), "?connection_limit=10", Verdict::Overflow),
        (INI, "?connection_limit=10", Verdict::Fits),
        (INI, "", Verdict::Unknown),
        (
            "%include more.ini\n[databases]\nshop = host=db\n[pgbouncer]\n",
            "?connection_limit=10",
            Verdict::Unknown,
        ),
    ] {
        let url = format!("postgresql://app@pool:6432/shop{clients}");
        let pool = workload(2, vec![container("pool", "edoburu/pgbouncer", &[], &[MOUNT])]);
        let deployment = attached(Some((MOUNT.0, ini)), vec![api(&url), pool, db()]);
        assert_eq!(deployment.poolers[0].verdict, expected, "{ini} {clients}");
    }
}
