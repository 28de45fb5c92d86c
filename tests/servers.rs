//! The number that `budget` shows is the number that real pools open on a real server.
//!
//! Each case is a small repository. poollint says what its service may open; then the real client library opens its
//! pools against a real PostgreSQL (through a real PgBouncer), with the same settings and in as many processes, more
//! queries than connections keep them busy, and the server counts. `.ci/run` installs all of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

#[path = "servers/loopback.rs"]
mod loopback;
#[path = "common/program.rs"]
mod program;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use loopback::{PgBouncer, Postgres};
use program::{directory, poollint, repository};
use serde_json::Value;

/// The tools, as `.ci/run` names them.
struct Tools {
    /// Holds `initdb`, `postgres` and `psql`.
    postgres: PathBuf,
    pgbouncer: PathBuf,
    /// With SQLAlchemy, psycopg and its pool.
    python: PathBuf,
    /// With `pg`.
    node_modules: PathBuf,
}

impl Tools {
    fn find() -> Self {
        let path =
            |name: &str| PathBuf::from(env::var_os(name).unwrap_or_else(|| panic!("{name} is not set")));
        Self {
            postgres: path("POOLLINT_POSTGRES"),
            pgbouncer: path("POOLLINT_PGBOUNCER"),
            python: path("POOLLINT_PYTHON"),
            node_modules: path("POOLLINT_NODE_MODULES"),
        }
    }
}

/// A library that opens a pool.
#[derive(Clone, Copy)]
enum Library {
    NodePostgres,
    PsycopgPool,
    SqlAlchemy,
}

impl Library {
    /// The dependency manifest that poollint knows the library by.
    fn manifest(self) -> (&'static str, &'static str) {
        match self {
            Self::NodePostgres => ("package.json", r#"{"dependencies": {"pg": "^8.16.0"}}"#),
            Self::PsycopgPool => ("requirements.txt", "psycopg[binary,pool]==3.2.10\n"),
            Self::SqlAlchemy => ("requirements.txt", "SQLAlchemy==2.0.43\npsycopg[binary]==3.2.10\n"),
        }
    }

    /// One process that keeps `tasks` queries busy.
    fn open(self, tools: &Tools, url: &str, tasks: u64, size: Option<u64>) -> Child {
        let script = |name: &str| repository("tests/servers").join(name);
        let mut command = match self {
            Self::NodePostgres => {
                let mut command = Command::new("node");
                command.arg(script("opens.js")).env("NODE_MODULES", &tools.node_modules);
                command
            }
            Self::PsycopgPool | Self::SqlAlchemy => {
                let mut command = Command::new(&tools.python);
                let name = if matches!(self, Self::SqlAlchemy) { "sqlalchemy" } else { "psycopg_pool" };
                command.arg(script("opens.py")).arg(name);
                command
            }
        };
        command.env("DATABASE_URL", url).env("TASKS", tasks.to_string());
        if let Some(size) = size {
            command.env("POOL_SIZE", size.to_string());
        }
        command.stdout(Stdio::piped()).spawn().unwrap()
    }
}

/// One way to run a service.
struct Case {
    library: Library,
    /// `[workloads.api] pool-size`, and the size that the program sets in its code.
    size: Option<u64>,
    replicas: u64,
    /// What starts the service: tells the processes in each replica.
    command: &'static str,
    processes: u64,
    max_connections: u32,
    /// What it adds up to, by hand.
    opens: u64,
}

impl Case {
    fn repository(&self) -> tempfile::TempDir {
        let Self { replicas, command, max_connections, .. } = self;
        let compose = format!(
            "services:
  api:
    build: .
    command: {command}
    deploy: {{ replicas: {replicas} }}
    environment:
      DATABASE_URL: postgresql://app:${{PASSWORD}}@db:5432/app
  db:
    image: postgres:15
    command: postgres -c max_connections={max_connections}
"
        );
        let size = self.size.map(|size| format!("[workloads.api]\npool-size = {size}\n")).unwrap_or_default();
        let (manifest, text) = self.library.manifest();
        directory(&[("compose.yaml", &compose), ("poollint.toml", &size), (manifest, text)])
    }

    /// What the server counts at most, and how many queries fail.
    fn run(&self, tools: &Tools, server: &Postgres, url: &str) -> (u64, u64) {
        let tasks = self.opens / (self.replicas * self.processes) + 4;
        let copies = self.replicas * self.processes;
        server.settle();
        saturate(server, (0..copies).map(|_| self.library.open(tools, url, tasks, self.size)).collect())
    }
}

/// Counts while the processes run.
fn saturate(server: &Postgres, mut children: Vec<Child>) -> (u64, u64) {
    let mut most = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        most = most.max(server.connections());
        sleep(Duration::from_millis(100));
    }
    let failed = children.iter_mut().map(|child| {
        let text = loopback::said(child);
        text.trim().parse::<u64>().unwrap_or_else(|_| panic!("the client said {text:?}"))
    });
    (most, failed.sum())
}

/// The only server of the only deployment.
#[track_caller]
fn budget(repository: &Path) -> Value {
    let ran = poollint(repository, &["budget", "--format", "json"]);
    ran.json()["deployments"][0]["servers"][0].clone()
}

fn url(port: u16, database: &str) -> String {
    format!("postgresql://app@127.0.0.1:{port}/{database}")
}

const NODE: &str = "node server.js";

#[test]
#[ignore = "needs PostgreSQL and the client libraries: see .ci/run"]
fn a_pool_opens_what_budget_says() {
    use Library::{NodePostgres, PsycopgPool, SqlAlchemy};
    let tools = Tools::find();
    let case = |library, size, replicas, command, processes, opens| Case {
        library,
        size,
        replicas,
        command,
        processes,
        max_connections: 100,
        opens,
    };
    let cases = [
        case(NodePostgres, None, 1, NODE, 1, 10),
        case(NodePostgres, Some(3), 4, NODE, 1, 12),
        case(NodePostgres, None, 2, "pm2-runtime start server.js -i 2", 2, 40),
        case(PsycopgPool, None, 2, "python -m worker", 1, 8),
        case(PsycopgPool, Some(7), 1, "uvicorn app:app --workers 3", 3, 21),
        case(SqlAlchemy, None, 1, "python -m worker", 1, 15),
        case(SqlAlchemy, None, 1, "gunicorn -w 4 app:app", 4, 60),
        case(SqlAlchemy, Some(5), 2, "gunicorn --workers=2 app:app", 2, 20),
    ];
    let server = Postgres::start(&tools.postgres, 100);
    for case in cases {
        let repository = case.repository();
        let said = budget(repository.path());
        assert_eq!(said["demand"]["max"], case.opens, "{}: {said:#}", case.command);
        assert_eq!(said["demand"]["complete"], true, "{}: {said:#}", case.command);
        assert_eq!(said["max_connections"]["value"], case.max_connections);
        let (most, failed) = case.run(&tools, &server, &url(server.port, "app"));
        assert_eq!((most, failed), (case.opens, 0), "{} {:?}", case.command, case.size);
    }
}

#[test]
#[ignore = "needs PostgreSQL and the client libraries: see .ci/run"]
fn what_fits_connects_and_what_overflows_is_refused() {
    let tools = Tools::find();
    // 20 less the 3 that PostgreSQL keeps for superusers: 17.
    let server = Postgres::start(&tools.postgres, 20);
    for (size, fits) in [(17, true), (18, false)] {
        let case = Case {
            library: Library::NodePostgres,
            size: Some(size),
            replicas: 1,
            command: NODE,
            processes: 1,
            max_connections: 20,
            opens: size,
        };
        let repository = case.repository();
        let said = budget(repository.path());
        assert_eq!(said["usable"], 17, "{said:#}");
        assert_eq!(said["verdict"] == "overflow", !fits, "{said:#}");
        let (most, failed) = case.run(&tools, &server, &url(server.port, "app"));
        assert_eq!(most, size.min(17));
        assert_eq!(failed == 0, fits, "{failed} queries failed with a pool of {size}");
    }
}

const POOLED: &str = "services:
  api:
    build: .
    command: node server.js
    deploy: { replicas: 3 }
    environment:
      DATABASE_URL: postgresql://app:${PASSWORD}@pgbouncer:6432/app
  jobs:
    build: .
    command: node jobs.js
    environment:
      DATABASE_URL: postgresql://app:${PASSWORD}@pgbouncer:6432/jobs
  pgbouncer:
    image: bitnami/pgbouncer
    volumes: [ \"./pgbouncer.ini:/bitnami/pgbouncer/conf/pgbouncer.ini\" ]
  db:
    image: postgres:15
";

#[test]
#[ignore = "needs PostgreSQL, PgBouncer and the client libraries: see .ci/run"]
fn a_pooler_opens_what_budget_says() {
    let tools = Tools::find();
    let server = Postgres::start(&tools.postgres, 100);
    for (settings, opens) in [
        // Two databases, one user: two pools.
        ("default_pool_size = 4\n", 8),
        // The cap holds for each database.
        ("default_pool_size = 9\nmax_db_connections = 6\n", 12),
        // The cap holds for the user on all databases together.
        ("default_pool_size = 9\nmax_user_connections = 7\n", 7),
        // Waiting clients call the reserve.
        ("default_pool_size = 3\nreserve_pool_size = 2\nreserve_pool_timeout = 0.1\n", 10),
    ] {
        let ini = format!(
            "[databases]
app = host=db port=5432 dbname=app
jobs = host=db port=5432 dbname=jobs

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = 6432
auth_type = trust
auth_file = /etc/pgbouncer/users.txt
pool_mode = transaction
max_client_conn = 200
{settings}"
        );
        let (manifest, dependencies) = Library::NodePostgres.manifest();
        let repository =
            directory(&[("compose.yaml", POOLED), ("pgbouncer.ini", &ini), (manifest, dependencies)]);
        let said = budget(repository.path());
        assert_eq!(said["demand"]["max"], opens, "{settings}: {said:#}");
        let pooler = PgBouncer::start(&tools.pgbouncer, &ini, &server);
        let open = |database: &str| Library::NodePostgres.open(&tools, &url(pooler.port, database), 20, None);
        let (most, failed) = saturate(&server, vec![open("app"), open("app"), open("app"), open("jobs")]);
        assert_eq!((most, failed), (opens, 0), "{settings}");
    }
}
