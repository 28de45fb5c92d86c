//! Small projects, and how many connections their servers accept.

use crate::config::Config;
use crate::model::Server;
use crate::pipeline;
use crate::tree::{Files, Memory};

/// The limit of the server `db`, and what it keeps from ordinary roles.
fn limits(tree: &[(&str, &str)]) -> (Option<u64>, Option<u64>) {
    let tree = Memory::new(tree.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    let loaded = pipeline::load(&tree, Files::default()).unwrap();
    let model = pipeline::resolve(&loaded, &Config::default());
    let mut servers = model.deployments.iter().flat_map(|deployment| &deployment.servers);
    let db: &Server = servers.find(|server| server.name == "db").unwrap();
    (db.max_connections.value, db.reserved.value)
}

/// A service `db` with these lines.
fn service(image: &str, lines: &str) -> String {
    format!("services:\n  db:\n    image: {image}\n    {lines}\n")
}

const KNOWN: &[(&str, &str)] = &[
    ("pg.conf", "max_connections = 40\nreserved_connections = 5\n"),
    ("pg/postgresql.conf", "max_connections = 45\n"),
    ("conf.d/limits.cnf", "[mysqld]\nmax-connections = 60\n"),
    ("including.conf", "include_dir 'conf.d'\n"),
    ("first.conf", "max_connections = 70\ninclude_dir 'conf.d'\n"),
    ("last.conf", "include_dir 'conf.d'\nmax_connections = 70\n"),
    ("silent.conf", "shared_buffers = 1GB\n"),
];

#[test]
fn the_command_line_files_and_setup_set_the_limit() {
    for (image, lines, expected) in [
        ("postgres:16", "restart: always", (Some(100), Some(3))),
        ("postgres:16", "command: postgres -c max_connections=50", (Some(50), Some(3))),
        (
            "postgres:16",
            "command: -c max_connections=50 -c superuser_reserved_connections=6 -c reserved_connections=2",
            (Some(50), Some(8)),
        ),
        // The file that the command names, and no other.
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./pg.conf:/etc/pg.conf']",
            (Some(40), Some(8)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./silent.conf:/etc/pg.conf']",
            (Some(100), Some(3)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./including.conf:/etc/pg.conf']",
            (None, Some(3)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./first.conf:/etc/pg.conf']",
            (None, Some(3)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./last.conf:/etc/pg.conf']",
            (Some(70), Some(3)),
        ),
        ("postgres:16", "command: postgres -c MAX_CONNECTIONS=50", (Some(50), Some(3))),
        ("postgres:16", "command: postgres -c config_file=/etc/pg.conf", (None, Some(3))),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['/srv/pg.conf:/etc/pg.conf']",
            (None, Some(3)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg.conf\n    volumes: ['./absent:/etc/pg.conf']",
            (None, Some(3)),
        ),
        (
            "postgres:16",
            "command: postgres -c config_file=/etc/pg/postgresql.conf\n    volumes: ['./pg:/etc/pg']",
            (Some(45), Some(3)),
        ),
        // The official image looks nowhere but in the directory of its data.
        ("postgres:16", "volumes: ['./pg.conf:/etc/postgresql/postgresql.conf']", (Some(100), Some(3))),
        (
            "postgres:16",
            "volumes: ['./pg.conf:/var/lib/postgresql/data/postgresql.conf']",
            (Some(40), Some(8)),
        ),
        (
            "postgres:16",
            "environment: { PGDATA: /data }\n    volumes: ['./pg.conf:/data/postgresql.conf']",
            (Some(40), Some(8)),
        ),
        ("postgres:16", "volumes: ['data:/var/lib/postgresql/data', './data:/backup']", (Some(100), Some(3))),
        // Another program, or a script, may start the server with anything.
        ("postgres:16", "command: /start.sh", (None, Some(3))),
        ("postgres:16", "entrypoint: ['sh', '-c', 'exec postgres $$OPTIONS']", (None, Some(3))),
        // What initdb is told stays in the file that it writes.
        (
            "postgres:16",
            "environment: { POSTGRES_INITDB_ARGS: '--data-checksums -c max_connections=70 --set reserved_connections=4' }",
            (Some(70), Some(7)),
        ),
        ("postgres:16", "environment: { POSTGRES_INITDB_ARGS: --data-checksums }", (Some(100), Some(3))),
        (
            "bitnami/postgresql:16",
            "environment: { POSTGRESQL_EXTRA_FLAGS: '-c max_connections=40' }",
            (Some(40), Some(3)),
        ),
        ("postgres:16", "environment: [POSTGRES_INITDB_ARGS]", (None, Some(3))),
        ("mysql:8", "restart: always", (Some(151), Some(0))),
        // What else is in the directory is not told.
        ("mysql:8", "volumes: ['./conf.d:/etc/mysql/conf.d']", (None, Some(0))),
        ("mysql:8", "volumes: ['./data:/var/lib/mysql']", (Some(151), Some(0))),
        ("mysql:8", "volumes: ['./conf.d/limits.cnf:/etc/mysql/conf.d/own.cnf']", (Some(60), Some(0))),
        ("mysql:8", "volumes: ['/srv/conf.d:/etc/mysql/conf.d']", (None, Some(0))),
        ("mariadb:11", "command: mariadbd --max-connections=20", (Some(20), Some(0))),
    ] {
        let text = service(image, lines);
        let mut tree = KNOWN.to_vec();
        tree.push(("compose.yaml", &text));
        assert_eq!(limits(&tree), expected, "{image} {lines}");
    }
}

#[test]
fn configs_of_a_compose_file() {
    let lines =
        "command: postgres -c config_file=/etc/pg.conf\n    configs: [{ source: pg, target: /etc/pg.conf }]";
    for (config, expected) in [
        (
            "content: |\n      max_connections = 33\n      superuser_reserved_connections = 4",
            (Some(33), Some(4)),
        ),
        ("file: ./pg.conf", (Some(40), Some(8))),
        ("external: true", (None, Some(3))),
    ] {
        let text = format!("{}configs:\n  pg:\n    {config}\n", service("postgres:16", lines));
        let mut tree = KNOWN.to_vec();
        tree.push(("compose.yaml", &text));
        assert_eq!(limits(&tree), expected, "{config}");
    }
}

#[test]
fn config_maps_of_a_pod() {
    let pod = |volume: &str, mount: &str, arguments: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: db }}\nspec:\n  selector: {{ matchLabels: {{ app: db }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: db }} }}\n    spec:\n      containers:\n        - name: db\n          \
             image: postgres:16\n          args: [{arguments}]\n          volumeMounts: [{{ name: conf, {mount} }}]\n      \
             volumes: [{{ name: conf, {volume} }}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: pg }}\ndata:\n  \
             postgresql.conf: |\n    max_connections = 25\n"
        )
    };
    let map = "configMap: { name: pg }";
    let named = "'-c', 'config_file=/etc/pg/postgresql.conf'";
    for (volume, mount, arguments, expected) in [
        (map, "mountPath: /etc/pg", named, Some(25)),
        (map, "mountPath: /etc/pg/postgresql.conf, subPath: postgresql.conf", named, Some(25)),
        (map, "mountPath: /elsewhere", named, None),
        ("configMap: { name: gone }", "mountPath: /etc/pg", named, None),
        (map, "mountPath: /etc/pg", "", Some(100)),
        (map, "mountPath: /var/lib/postgresql/data/postgresql.conf, subPath: postgresql.conf", "", Some(25)),
        ("persistentVolumeClaim: { claimName: data }", "mountPath: /var/lib/postgresql/data", "", Some(100)),
    ] {
        let text = pod(volume, mount, arguments);
        assert_eq!(limits(&[("k8s/db.yaml", text.as_str())]).0, expected, "{volume} {mount} {arguments}");
    }
}

#[test]
fn another_container_of_the_pod_may_write_the_configuration() {
    for (command, expected) in [
        ("chown -R 999 /var/lib/postgresql/data", Some(100)),
        ("cp /config/postgresql.conf /var/lib/postgresql/data/", None),
        ("echo max_connections=500 >> /data/more.conf", None),
    ] {
        let text = format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: db }}\nspec:\n  selector: {{ matchLabels: {{ app: db }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: db }} }}\n    spec:\n      initContainers:\n        - name: init\n          \
             image: busybox\n          command: [sh, -c, '{command}']\n      containers:\n        - name: db\n          \
             image: postgres:16\n"
        );
        assert_eq!(limits(&[("k8s/db.yaml", text.as_str())]).0, expected, "{command}");
    }
}
