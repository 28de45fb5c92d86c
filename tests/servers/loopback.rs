//! PostgreSQL and PgBouncer on a loopback port, in a directory of their own, stopped when they are dropped.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A command run by an ordinary user: the servers refuse to be run by root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

/// A directory that the servers' user may write to.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    if is_root() {
        assert!(Command::new("chown").arg("postgres").arg(home.path()).status().unwrap().success());
    }
    home
}

fn wait(port: u16, what: &str, log: &Path) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let said = || fs::read_to_string(log).unwrap_or_default();
        assert!(began.elapsed() < PATIENCE, "{what} does not start: {}", said());
        sleep(Duration::from_millis(50));
    }
}

/// A PostgreSQL server with an ordinary role `app` and the databases `app` and `jobs`.
pub struct Postgres {
    bin: PathBuf,
    child: Child,
    pub port: u16,
    _home: TempDir,
}

impl Postgres {
    /// Starts one; `bin` holds `initdb` and `postgres`.
    pub fn start(bin: &Path, max_connections: u32) -> Self {
        let home = home();
        let data = home.path().join("data");
        let initdb = as_user(&bin.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "{}", String::from_utf8_lossy(&initdb.stderr));
        let port = free_port();
        let log = home.path().join("log");
        let child = as_user(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c"])
            .arg(format!("unix_socket_directories={}", home.path().display()))
            .args(["-p", &port.to_string(), "-c", &format!("max_connections={max_connections}")])
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let server = Self { bin: bin.to_owned(), child, port, _home: home };
        wait(port, "PostgreSQL", &log);
        let began = Instant::now();
        while !server.run("select 1").status.success() {
            assert!(began.elapsed() < PATIENCE, "PostgreSQL answers nobody");
            sleep(Duration::from_millis(50));
        }
        for statement in
            ["create role app login", "create database app owner app", "create database jobs owner app"]
        {
            let output = server.run(statement);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        server
    }

    fn run(&self, statement: &str) -> std::process::Output {
        Command::new(self.bin.join("psql"))
            .args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-Atqc", statement, "-p"])
            .arg(self.port.to_string())
            .output()
            .unwrap()
    }

    /// How many connections the role `app` has at this moment.
    pub fn connections(&self) -> u64 {
        let output = self.run("select count(*) from pg_stat_activity where usename = 'app'");
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().parse().unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// A PgBouncer.
pub struct PgBouncer {
    child: Child,
    pub port: u16,
    _home: TempDir,
}

impl PgBouncer {
    /// Starts one with an ini file in which `db:5432` stands for the server.
    pub fn start(program: &Path, ini: &str, server: &Postgres) -> Self {
        let home = home();
        let port = free_port();
        let users = home.path().join("users.txt");
        fs::write(&users, "\"app\" \"\"\n").unwrap();
        let ini = ini
            .replace("host=db port=5432", &format!("host=127.0.0.1 port={}", server.port))
            .replace("listen_port = 6432", &format!("listen_port = {port}"))
            .replace("/etc/pgbouncer/users.txt", &users.to_string_lossy());
        let path = home.path().join("pgbouncer.ini");
        fs::write(&path, ini + "\nunix_socket_dir =\n").unwrap();
        let log = home.path().join("log");
        let child = as_user(program)
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let pooler = Self { child, port, _home: home };
        wait(port, "PgBouncer", &log);
        pooler
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// An immediate end: SIGQUIT for PostgreSQL, which has children; PgBouncer ends by any.
fn stop(child: &mut Child) {
    let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
    let _ = child.wait();
}

/// Standard output of a child that has ended.
pub fn said(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text
}
