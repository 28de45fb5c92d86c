//! Whole repositories, and what is believed about their servers.

use crate::config::{self, Config};
use crate::model::{Model, Server};
use crate::pipeline;
use crate::tree::{Files, Kind, Memory};

fn model(tree: &[(&str, &str)]) -> Model {
    let tree = Memory::new(tree.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    pipeline::resolve(&loaded, &Config::default())
}

/// The same with a configuration.
fn declared(tree: &[(&str, &str)], configuration: &str) -> Model {
    let tree = Memory::new(tree.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    let mut files = Files::default();
    let file = files.add("poollint.toml", Kind::Configuration, configuration);
    let config = config::parse(file, configuration).unwrap();
    pipeline::resolve(&pipeline::load(&tree, files).unwrap(), &config)
}

fn servers(model: &Model) -> Vec<&Server> {
    model.deployments.iter().flat_map(|deployment| &deployment.servers).collect()
}

fn pod(kind: &str, name: &str, containers: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: prod }}\nspec:\n  \
         selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    \
         spec:\n      containers: [{containers}]\n---\napiVersion: v1\nkind: Service\n\
         metadata: {{ name: {name}, namespace: prod }}\nspec:\n  selector: {{ app: {name} }}\n  ports: [{{ port: 5432 }}]\n---\n"
    )
}

const SECRET: &str = "env: [{ name: DATABASE_URL, valueFrom: { secretKeyRef: { name: app, key: url } } }]";

#[test]
fn who_connects_by_an_unknown_address_may_mean_any_server_of_its_engine() {
    let postgres = pod("StatefulSet", "db", "{ name: db, image: 'postgres:16' }");
    let mysql = pod("StatefulSet", "db", "{ name: db, image: 'mysql:8' }");
    let url = |url: &str| format!("env: [{{ name: DATABASE_URL, value: '{url}' }}]");
    let secret = SECRET.to_owned();
    let typed = "env: [{ name: HOST, valueFrom: { secretKeyRef: { name: app, key: host } } }, \
                 { name: DATABASE_URL, value: 'postgresql://app@$(HOST)/app?connection_limit=5' }]"
        .to_owned();
    for (server, environment, verdict, strays) in [
        (&postgres, &secret, "unknown", 1),
        (&mysql, &secret, "unknown", 1),
        (&postgres, &typed, "unknown", 1),
        (&mysql, &typed, "fits", 0),
        (&postgres, &url("postgresql://app@db:5432/app?connection_limit=5"), "fits", 0),
        (&postgres, &url("postgresql://app@db.acme.io:5432/app?connection_limit=5"), "fits", 0),
    ] {
        let api = pod("Deployment", "api", &format!("{{ name: api, image: acme/api, {environment} }}"));
        let model = model(&[("k8s/prod/all.yaml", &format!("{server}{api}"))]);
        let db = servers(&model).into_iter().find(|server| server.name == "db").unwrap();
        assert_eq!((db.verdict.name(), db.may_connect.len()), (verdict, strays), "{environment}");
        assert_eq!(db.demand.complete, strays == 0, "{environment}");
    }
}

#[test]
fn a_lower_bound_that_proves_something_still_does() {
    let api = pod(
        "Deployment",
        "api",
        "{ name: api, image: acme/api, env: [{ name: DATABASE_URL, value: 'postgresql://app@db/app?connection_limit=500' }] }",
    );
    let other = pod("Deployment", "worker", &format!("{{ name: worker, image: acme/worker, {SECRET} }}"));
    let db = pod("StatefulSet", "db", "{ name: db, image: 'postgres:16' }");
    let model = model(&[("k8s/prod/all.yaml", &format!("{api}{other}{db}"))]);
    let found: Vec<&str> = servers(&model).into_iter().map(|server| server.verdict.name()).collect();
    assert_eq!(found, ["overflow", "unknown"]);
}

#[test]
fn a_server_is_no_consumer_of_itself() {
    let url = "env: [{ name: DATABASE_URL, value: 'postgresql://app@db:5432/app?connection_limit=5' }]";
    let own = |image: &str| {
        pod(
            "StatefulSet",
            "db",
            &format!("{{ name: db, image: '{image}', ports: [{{ containerPort: 5432 }}], {url} }}"),
        )
    };
    let api = pod("Deployment", "api", &format!("{{ name: api, image: acme/api, {url} }}"));
    let beside = format!(
        "{{ name: api, image: acme/api, {url} }}, {{ name: db, image: 'postgres:16', ports: [{{ containerPort: 5432 }}] }}"
    );
    let beside_own = beside.replace("postgres:16", "acme/db:1");
    for (text, expected) in [
        (format!("{}{api}", own("acme/db:1")), &["api"][..]),
        (format!("{}{api}", own("postgres:16")), &["api"]),
        (pod("StatefulSet", "db", &beside), &["db"]),
        (pod("StatefulSet", "db", &beside_own), &["db"]),
    ] {
        let model = model(&[("k8s/prod/all.yaml", text.as_str())]);
        let found: Vec<&str> = servers(&model)
            .into_iter()
            .flat_map(|server| &server.consumers)
            .filter_map(|consumer| match &consumer.kind {
                crate::model::ConsumerKind::Workload { workload, .. } => Some(workload.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }
    let compose = "services:\n  db:\n    build: ./db\n    environment:\n      DATABASE_URL: postgresql://app:x@db:5432/app\n";
    let model = model(&[("compose.yaml", compose)]);
    assert!(servers(&model).iter().all(|server| server.consumers.is_empty()));
}

#[test]
fn a_server_that_nobody_reaches_is_not_known_to_fit_beside_a_name_that_nothing_has() {
    let db = pod("StatefulSet", "db", "{ name: db, image: 'postgres:16' }");
    for (host, verdict) in [("db-primary", "unknown"), ("db.acme.io", "fits")] {
        let api = pod(
            "Deployment",
            "api",
            &format!(
                "{{ name: api, image: acme/api, env: [{{ name: DATABASE_URL, value: 'postgresql://app@{host}/app?connection_limit=5' }}] }}"
            ),
        );
        let model = model(&[("k8s/prod/all.yaml", &format!("{db}{api}"))]);
        let db = servers(&model).into_iter().find(|server| server.name == "db").unwrap();
        assert_eq!((db.verdict.name(), db.demand.complete), (verdict, verdict == "fits"), "{host}");
    }
}

#[test]
fn what_runs_to_an_end_is_no_server_whatever_its_image_is() {
    let backup = "apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: backup, namespace: prod }\nspec:\n  schedule: '@daily'\n  \
                  jobTemplate: { spec: { template: { spec: { containers: [{ name: dump, image: 'postgres:16' }] } } } }\n---\n";
    let db = pod("StatefulSet", "db", "{ name: db, image: 'postgres:16' }");
    let model = model(&[("k8s/prod/all.yaml", &format!("{backup}{db}"))]);
    let names: Vec<&str> = servers(&model).into_iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["db"]);
}

fn external(name: &str, space: &str, host: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{ name: {name}, namespace: {space} }}\nspec: {{ type: ExternalName, \
         externalName: {host} }}\n---\n"
    )
}

const RDS: &str = "prod.abc.eu-west-1.rds.amazonaws.com";

fn client(name: &str, host: &str) -> String {
    let url = format!("postgresql://app@{host}:5432/app?connection_limit=10");
    let environment = format!("env: [{{ name: DATABASE_URL, value: '{url}' }}]");
    pod("Deployment", name, &format!("{{ name: {name}, image: acme/api, {environment} }}"))
}

#[test]
fn what_is_declared_holds_by_either_name() {
    let text = format!("{}{}", external("db", "prod", RDS), client("api", "db"));
    for (matched, known) in [
        ("db", true),
        ("db:5432", true),
        ("db.prod.svc", true),
        (RDS, true),
        ("*.rds.amazonaws.com", true),
        ("*.rds.amazonaws.com:5432", true),
        ("*.rds.amazonaws.com:5433", false),
        ("db2", false),
    ] {
        let settings = format!("[databases.app]\nmatch = [\"{matched}\"]\nmax-connections = 50\n");
        let model = declared(&[("k8s/prod/all.yaml", &text)], &settings);
        let found = servers(&model)[0];
        assert_eq!(found.address.as_deref(), Some(&*format!("{RDS}:5432")), "{matched}");
        let limit = found.max_connections.value;
        assert_eq!(
            (found.name.as_str(), limit),
            if known { ("app", Some(50)) } else { ("db", None) },
            "{matched}"
        );
    }
}

#[test]
fn an_external_name_is_what_it_stands_for() {
    let db = pod("StatefulSet", "postgres", "{ name: db, image: 'postgres:16' }");
    let address = format!("{RDS}:5432");
    for (objects, expected) in [
        // Directly and through one name, through a second name, into another namespace, in a circle, and ambiguous.
        (format!("{}{}", external("db", "prod", RDS), client("web", RDS)), vec![(address.clone(), 2)]),
        (
            format!("{}{}", external("db", "prod", "pg.prod.svc.cluster.local"), external("pg", "prod", RDS)),
            vec![(address.clone(), 1)],
        ),
        (
            format!("{}{db}", external("db", "prod", "postgres.prod.svc.cluster.local")),
            vec![("db:5432".to_owned(), 1)],
        ),
        (
            format!("{}{}", external("db", "prod", "pg.prod.svc"), external("pg", "prod", "db.prod.svc")),
            vec![("db.prod.svc:5432".to_owned(), 1)],
        ),
        (
            format!("{}{}", external("db", "prod", RDS), external("db", "other", "x.acme.io")),
            vec![("db:5432".to_owned(), 1)],
        ),
    ] {
        let model = model(&[("k8s/prod/all.yaml", &format!("{objects}{}", client("api", "db")))]);
        let found: Vec<(String, usize)> = servers(&model)
            .iter()
            .map(|server| (server.address.clone().unwrap(), server.consumers.len()))
            .collect();
        assert_eq!(found, expected, "{objects}");
    }
}

#[test]
fn who_may_connect_in_a_way_that_the_files_do_not_tell_keeps_a_server_from_fitting() {
    let server = "db:\n    image: postgres:16";
    for (service, verdict, strays) in [
        // Everything it is told comes from a file that the repository does not hold.
        ("api:\n    build: .\n    env_file: .env.production", "unknown", &["api"][..]),
        ("api:\n    image: acme/api\n    env_file: gone.env", "unknown", &["api"]),
        // It says where its database is, whatever else that file says.
        (
            "api:\n    build: .\n    env_file: gone.env\n    environment: { DATABASE_URL: 'postgresql://app@db/app?connection_limit=5' }",
            "fits",
            &[],
        ),
        // Nobody else connects, and nothing tells how this one does.
        ("api:\n    build: .", "unknown", &["api"]),
        ("web:\n    image: nginx:1\n  cache:\n    image: redis:7", "fits", &[]),
        // It names the host and no more.
        ("api:\n    image: api\n    environment: { DB_HOST: db }", "unknown", &["api"]),
        ("api:\n    image: api\n    environment: { DB_HOST: elsewhere.acme.io }", "fits", &[]),
        // Another server's own variables are no connection.
        ("other:\n    image: mysql:8\n    env_file: gone.env", "fits", &[]),
    ] {
        let text = format!("services:\n  {server}\n  {service}\n");
        let model = model(&[("compose.yaml", text.as_str())]);
        let db = servers(&model).into_iter().find(|server| server.name == "db").unwrap();
        let found: Vec<&str> = db.may_connect.iter().map(|stray| stray.workload.as_str()).collect();
        assert_eq!((db.verdict.name(), found.as_slice()), (verdict, strays), "{service}");
        assert_eq!(db.demand.complete, strays.is_empty(), "{service}");
    }
    let api = pod(
        "Deployment",
        "api",
        "{ name: api, image: acme/api, envFrom: [{ secretRef: { name: api-env } }] }",
    );
    let known = pod(
        "Deployment",
        "worker",
        "{ name: worker, image: acme/worker, env: [{ name: DATABASE_URL, value: 'postgresql://app@db/app?connection_limit=5' }] }",
    );
    let db = pod("StatefulSet", "db", "{ name: db, image: 'postgres:16' }");
    let model = model(&[("k8s/prod/all.yaml", &format!("{api}{known}{db}"))]);
    let db = servers(&model).into_iter().find(|server| server.name == "db").unwrap();
    assert_eq!(db.verdict.name(), "unknown");
    assert_eq!(db.may_connect[0].reason.as_deref(), Some("secret api-env is not in the repository"));
}

#[test]
fn of_several_variables_for_one_database_the_largest_pool_counts() {
    let url = |limit: &str| format!("postgresql://app@db/app?connection_limit={limit}");
    for (variables, expected) in [
        ([("DATABASE_URL", url("5")), ("POOL_DATABASE_URL", url("20"))], (20, "POOL_DATABASE_URL", 2)),
        ([("DATABASE_URL", url("20")), ("POOL_DATABASE_URL", url("5"))], (20, "DATABASE_URL", 2)),
        ([("DATABASE_URL", url("5")), ("POOL_DATABASE_URL", url("5"))], (5, "DATABASE_URL", 1)),
        ([("DATABASE_URL", url("5")), ("DIRECT_URL", url("50"))], (5, "DATABASE_URL", 1)),
    ] {
        let lines: Vec<String> =
            variables.iter().map(|(name, url)| format!("      {name}: {url}\n")).collect();
        let text = format!(
            "services:\n  db:\n    image: postgres:16\n  api:\n    image: acme/api\n    environment:\n{}",
            lines.concat()
        );
        let model = model(&[("compose.yaml", text.as_str())]);
        let api = model.deployments[0].workloads.iter().find(|workload| workload.name == "api").unwrap();
        let connections = &api.containers[0].connections;
        let counting = connections.iter().find(|connection| connection.repeats.is_none()).unwrap();
        let found = (servers(&model)[0].demand.numbers.max, counting.variable.as_str(), connections.len());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_image_that_is_built_here_is_what_it_starts_from() {
    let conf = "max_connections = 70\n";
    for (dockerfile, service, expected) in [
        ("FROM postgres:16", "", Some(("postgresql", Some(100), "db/Dockerfile", 1))),
        ("FROM postgres:${V:-16} AS a\nFROM a", "", Some(("postgresql", Some(100), "db/Dockerfile", 1))),
        (
            "FROM postgres:16\nCMD [\"postgres\", \"-c\", \"max_connections=50\"]",
            "",
            Some(("postgresql", Some(50), "db/Dockerfile", 2)),
        ),
        ("FROM postgres:16\nCMD [\"-N\", \"50\"]", "", Some(("postgresql", Some(50), "db/Dockerfile", 2))),
        (
            "FROM postgres:16\nCMD [\"postgres\", \"-N\", \"50\"]",
            "command: postgres -N 60",
            Some(("postgresql", Some(60), "compose.yaml", 4)),
        ),
        ("FROM mysql:8", "", Some(("mysql", Some(151), "db/Dockerfile", 1))),
        (
            "FROM bitnami/postgresql:16\nENV POSTGRESQL_MAX_CONNECTIONS=80",
            "",
            Some(("postgresql", Some(80), "db/Dockerfile", 2)),
        ),
        (
            "FROM postgres:16\nRUN ./configure && make",
            "",
            Some(("postgresql", Some(100), "db/Dockerfile", 1)),
        ),
        // A file of the repository is brought along and named,
        (
            "FROM postgres:16\nCOPY own/postgresql.conf /etc/pg/postgresql.conf\n\
             CMD [\"postgres\", \"-c\", \"config_file=/etc/pg/postgresql.conf\"]",
            "",
            Some(("postgresql", Some(70), "db/own/postgresql.conf", 1)),
        ),
        // or something that no file tells may set anything.
        ("FROM postgres:16\nCOPY other.conf /etc/pg.conf", "", Some(("postgresql", None, "", 0))),
        ("FROM postgres:16\nCOPY . /", "", Some(("postgresql", None, "", 0))),
        ("FROM postgres:16\nRUN <<EOF\nx\nEOF", "", Some(("postgresql", None, "", 0))),
        ("FROM postgres:16\nENTRYPOINT [\"/own.sh\", \"postgres\"]", "", Some(("postgresql", None, "", 0))),
        ("FROM postgres:16\nCMD exec postgres -N 5", "", Some(("postgresql", None, "", 0))),
        // What uses the image for its programs is no server.
        ("FROM postgres:16\nCMD [\"crond\", \"-f\"]", "", None),
        ("FROM postgres:16", "command: ./backup.sh", None),
        ("FROM ${BASE}", "", None),
        ("FROM debian", "", None),
        ("FROM scratch AS a\nFROM acme/db", "", None),
    ] {
        let compose = format!("services:\n  db:\n    build: ./db\n    {service}\n");
        let files = [
            ("compose.yaml", compose.as_str()),
            ("db/Dockerfile", dockerfile),
            ("db/own/postgresql.conf", conf),
        ];
        let tree = Memory::new(files.map(|(path, text)| (path, text.as_bytes().to_vec())));
        let loaded = pipeline::load(&tree, Files::default()).unwrap();
        let model = pipeline::resolve(&loaded, &Config::default());
        let found: Vec<_> = servers(&model)
            .iter()
            .map(|server| {
                let limit = &server.max_connections;
                let place = limit
                    .place
                    .map_or(("", 0), |place| (loaded.files.path(place.file), loaded.files.line(place)));
                (server.engine.as_str(), limit.value, place.0, place.1)
            })
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{dockerfile} {service}");
    }
}

#[test]
fn the_way_to_a_setting_of_a_dockerfile_leads_through_the_build() {
    let compose = "services:\n  db:\n    build: {context: db}\n";
    let dockerfile = "FROM postgres:16\nCMD [\"postgres\", \"-N\", \"50\"]";
    let model = model(&[("compose.yaml", compose), ("db/Dockerfile", dockerfile)]);
    let hops: Vec<_> = servers(&model)[0].max_connections.hops.iter().map(|hop| hop.span.range()).collect();
    assert_eq!(hops, [compose.find("db}").map(|at| at..at + 2).unwrap()]);
}

#[test]
fn a_server_of_a_profile_that_is_not_chosen_is_none() {
    let compose = "services:
  api: {image: acme/api, environment: {DATABASE_URL: 'postgresql://app@db/app?connection_limit=5'}}
  spare: {image: 'postgres:16', profiles: [spare], networks: {default: {aliases: [db]}}}
  main: {image: 'postgres:17', profiles: [main], networks: {default: {aliases: [db]}}}
  worker: {image: acme/api, profiles: [spare], environment: {DATABASE_URL: 'postgresql://app@db/app?connection_limit=7'}}
";
    let model = model(&[("compose.yaml", compose), (".env", "COMPOSE_PROFILES=main\n")]);
    let found: Vec<_> = servers(&model)
        .iter()
        .map(|server| (server.workload.as_deref().unwrap(), server.demand.numbers.max))
        .collect();
    assert_eq!(found, [("main", 5)]);
    assert_eq!(model.deployments.iter().flat_map(|deployment| &deployment.workloads).count(), 5);
}
