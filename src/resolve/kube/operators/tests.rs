//! Custom resources to servers and poolers.

use super::super::tests::one;
use super::megabytes;
use crate::model::{Basis, Deployment, Operated, OperatedPooler, OperatedServer, Value};

fn server<'a>(deployment: &'a Deployment, name: &str) -> &'a OperatedServer {
    match &workload(deployment, name).operated {
        Some(Operated::Server(server)) => server,
        other => panic!("{name}: {other:?}"),
    }
}

fn pooler<'a>(deployment: &'a Deployment, name: &str) -> &'a OperatedPooler {
    match &workload(deployment, name).operated {
        Some(Operated::Pooler(pooler)) => pooler,
        other => panic!("{name}: {other:?}"),
    }
}

fn workload<'a>(deployment: &'a Deployment, name: &str) -> &'a crate::model::Workload {
    let names: Vec<&str> = deployment.workloads.iter().map(|one| one.name.as_str()).collect();
    let found = deployment.workloads.iter().find(|workload| workload.name == name);
    found.unwrap_or_else(|| panic!("no {name} among {names:?}"))
}

fn setting<'a>(pooler: &'a OperatedPooler, name: &str) -> Option<&'a str> {
    pooler.settings.get(name)?.value.as_deref()
}

fn hosts(deployment: &Deployment, name: &str) -> Vec<String> {
    workload(deployment, name).endpoints.iter().map(|endpoint| endpoint.host.clone()).collect()
}

fn limits(server: &OperatedServer) -> (Option<u64>, Option<u64>) {
    (server.max_connections.value, server.reserved.value)
}

const CNPG: &str =
    "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\n";

#[test]
fn a_cluster_of_cloudnative_pg_has_three_services() {
    let written = format!(
        "{CNPG}spec: {{instances: 3, postgresql: {{parameters: {{max_connections: \"150\", \
         superuser_reserved_connections: \"5\", reserved_connections: \"2\"}}}}}}\n"
    );
    let found = one(&written).deployment;
    let primary = server(&found, "pg");
    assert_eq!(limits(primary), (Some(150), Some(7)));
    assert_eq!(primary.max_connections.basis, Basis::Written);
    assert_eq!(
        hosts(&found, "pg"),
        ["pg-rw", "pg-rw.shop", "pg-rw.shop.svc", "pg-rw.shop.svc.cluster.local"]
    );
    // Two replicas, three servers.
    assert_eq!(limits(server(&found, "pg-ro")), (Some(300), Some(14)));
    assert_eq!(limits(server(&found, "pg-r")), (Some(450), Some(21)));
    let found = one(&format!("{CNPG}spec: {{instances: 1}}\n")).deployment;
    assert_eq!(limits(server(&found, "pg")), (Some(100), Some(3)));
    assert_eq!(server(&found, "pg").max_connections.basis, Basis::EngineDefault);
    assert!(hosts(&found, "pg").contains(&"pg-r".to_owned()), "any of one is the primary");
    let found = one(&format!("{CNPG}spec: {{postgresql: {{parameters: {{max_connections: many}}}}}}\n"));
    assert_eq!(server(&found.deployment, "pg").max_connections.value, None);
}

#[test]
fn a_pooler_of_cloudnative_pg_is_pgbouncer_with_some_settings_added() {
    let text = format!(
        "{CNPG}---\napiVersion: postgresql.cnpg.io/v1\nkind: Pooler\nmetadata: {{name: front, namespace: shop}}\n\
         spec: {{cluster: {{name: pg}}, instances: 3, type: ro, pgbouncer: {{parameters: {{default_pool_size: \"50\", \
         ignore_startup_parameters: search_path}}}}}}\n"
    );
    let found = one(&text).deployment;
    let front = pooler(&found, "front");
    assert_eq!(setting(front, "default_pool_size"), Some("50"));
    assert_eq!(setting(front, "pool_mode"), Some("session"));
    assert_eq!(setting(front, "max_client_conn"), None, "PgBouncer's own default holds");
    assert_eq!(setting(front, "ignore_startup_parameters"), Some("search_path,extra_float_digits,options"));
    let (any, options) = &front.databases[0];
    assert_eq!((any.as_str(), options["host"].value.as_deref()), ("*", Some("pg-ro.shop")));
    let instances = &workload(&found, "front").instances;
    assert_eq!((instances.max.value, instances.rollout.value), (Some(3), Some(4)));
}

#[test]
fn other_clusters_are_none() {
    for group in ["cluster.x-k8s.io/v1beta1", "kafka.strimzi.io/v1", "v1"] {
        let text = format!(
            "{}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\n",
            CNPG.replace("postgresql.cnpg.io/v1", group)
        );
        assert_eq!(one(&text).deployment.workloads.len(), 0, "{group}");
    }
}

#[test]
fn zalandos_pooler_divides_what_all_may_open() {
    let text = "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: acid-shop}\nspec:\n  \
                numberOfInstances: 2\n  enableConnectionPooler: true\n  resources: {limits: {memory: 6Gi}}\n  \
                connectionPooler: {maxDBConnections: 100}\n";
    let found = one(text).deployment;
    // 6144 MB / 30.
    assert_eq!(limits(server(&found, "acid-shop")), (Some(204), Some(3)));
    assert_eq!(hosts(&found, "acid-shop-repl")[0], "acid-shop-repl");
    let front = pooler(&found, "acid-shop-pooler");
    for (name, value) in [
        ("max_db_connections", "50"),
        ("default_pool_size", "25"),
        ("reserve_pool_size", "12"),
        ("max_client_conn", "10000"),
        ("pool_mode", "transaction"),
    ] {
        assert_eq!(setting(front, name), Some(value), "{name}");
    }
    let off = one(&text.replace("Pooler: true", "Pooler: false")).deployment;
    assert!(off.workloads.iter().all(|workload| workload.name != "acid-shop-pooler"));
    let unknown = one(&text.replace("6Gi", "six")).deployment;
    assert_eq!(server(&unknown, "acid-shop").max_connections.value, None);
}

#[test]
fn crunchys_limit_stands_in_patronis_configuration() {
    let text = "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\n\
                metadata: {name: hippo, namespace: db}\nspec:\n  instances: [{name: a, replicas: 2}, {name: b}]\n  \
                patroni: {dynamicConfiguration: {postgresql: {parameters: {max_connections: 300}}}}\n  \
                proxy: {pgBouncer: {replicas: 2, config: {global: {pool_mode: transaction}, databases: {shop: \"host=x port=5432\"}}}}\n";
    let found = one(text).deployment;
    assert_eq!(limits(server(&found, "hippo")), (Some(300), Some(3)));
    assert_eq!(workload(&found, "hippo").instances.max.value, Some(3));
    assert_eq!(hosts(&found, "hippo")[0], "hippo-primary");
    let front = pooler(&found, "hippo-pgbouncer");
    assert_eq!(setting(front, "pool_mode"), Some("transaction"));
    let (name, options) = &front.databases[0];
    assert_eq!((name.as_str(), options["host"].value.as_deref()), ("shop", Some("x")));
}

#[test]
fn stackgres_reads_its_settings_from_objects_of_their_own() {
    let cluster = "apiVersion: stackgres.io/v1\nkind: SGCluster\nmetadata: {name: sg}\nspec:\n  instances: 2\n  \
                   configurations: {sgPostgresConfig: conf, sgPoolingConfig: pool}\n";
    let conf = "---\napiVersion: stackgres.io/v1\nkind: SGPostgresConfig\nmetadata: {name: conf}\n\
                spec: {postgresql.conf: {max_connections: '200'}}\n";
    let pool = "---\napiVersion: stackgres.io/v1\nkind: SGPoolingConfig\nmetadata: {name: pool}\n\
                spec: {pgBouncer: {pgbouncer.ini: {pgbouncer: {default_pool_size: '40'}}}}\n";
    let found = one(&format!("{cluster}{conf}{pool}")).deployment;
    assert_eq!(limits(server(&found, "sg")), (Some(200), Some(8)));
    let front = pooler(&found, "sg-pooling");
    assert_eq!((setting(front, "default_pool_size"), front.open), (Some("40"), false));
    let ports = |name: &str| workload(&found, name).endpoints[0].ports.clone();
    assert_eq!((ports("sg"), ports("sg-pooling")), (vec![(5433, 5432)], vec![(5432, 5432)]));
    // What it names is not there.
    let found = one(cluster).deployment;
    assert_eq!(server(&found, "sg").max_connections.value, None);
    assert!(pooler(&found, "sg-pooling").open);
    let found = one(&format!("{cluster}  pods: {{disableConnectionPooling: true}}\n{conf}")).deployment;
    assert_eq!(found.workloads.iter().filter(|one| one.name == "sg-pooling").count(), 0);
    assert_eq!(workload(&found, "sg").endpoints[0].ports, [(5433, 5432), (5432, 5432)]);
}

/// The variables of a container that reads keys of a Secret, as `NAME=value`, `?` where a part is not known.
fn read(cluster: &str, secret: &str, keys: &[&str]) -> Vec<String> {
    let env: Vec<String> = keys
        .iter()
        .map(|key| format!("{{name: {key}, valueFrom: {{secretKeyRef: {{name: {secret}, key: {key}}}}}}}"))
        .collect();
    let text = format!(
        "{cluster}---\nkind: Pod\napiVersion: v1\nmetadata: {{name: api, namespace: shop}}\nspec:\n  containers:\n  \
         - name: api\n    env: [{}]\n",
        env.join(", ")
    );
    let found = one(&text).deployment;
    let container = &workload(&found, "api").containers[0];
    keys.iter()
        .map(|key| match &container.environment[*key].value {
            Value::Text(text) => text.as_str().replace(crate::span::UNKNOWN, "?"),
            Value::Unknown(reason) => format!("({reason})"),
        })
        .collect()
}

#[test]
fn a_secret_that_an_operator_makes_tells_all_but_the_password() {
    let initdb = format!("{CNPG}spec: {{bootstrap: {{initdb: {{database: shop}}}}}}\n");
    let keys = ["username", "host", "uri", "password", "other"];
    let made = "(secret pg-app is made by CloudNativePG)";
    assert_eq!(
        read(&initdb, "pg-app", &keys),
        [
            "shop",
            "pg-rw",
            "postgresql://shop:?@pg-rw.shop:5432/shop",
            made,
            "(secret pg-app has no key other)"
        ]
    );
    assert_eq!(read(CNPG, "pg-app", &["dbname"]), ["app"]);
    assert_eq!(read(CNPG, "pg-other", &["uri"]), ["(secret pg-other is not in the repository)"]);
    let crunchy = "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\n\
                   metadata: {name: hippo, namespace: shop}\n";
    assert_eq!(
        read(crunchy, "hippo-pguser-rhino", &["user", "host", "pgbouncer-uri"]),
        ["rhino", "hippo-primary.shop.svc", "postgresql://rhino:?@hippo-pgbouncer.shop.svc:5432/?"]
    );
    let zalando =
        "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: acid-shop, namespace: shop}\n";
    assert_eq!(read(zalando, "app.acid-shop.credentials.postgresql.acid.zalan.do", &["username"]), ["app"]);
}

#[test]
fn quantities_in_megabytes() {
    for (text, expected) in [
        ("500Mi", Some(500)),
        ("2Gi", Some(2048)),
        ("1G", Some(953)),
        ("1048576", Some(1)),
        ("1.5Gi", None),
        ("", None),
        ("999999999999Gi", None),
    ] {
        assert_eq!(megabytes(text), expected, "{text}");
    }
}
