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

/// How the title of a process ends that has let its client in.
const SERVING: [&str; 2] = [" idle", " SELECT"];

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

    /// How many connections the role `app` has at this moment, by the titles of the server's processes: a session
    /// that asked for them would itself take one of the places that are counted.
    pub fn connections(&self) -> u64 {
        let titles = self.sessions();
        let serves = |title: &&String| {
            title.starts_with("postgres: app ") && SERVING.iter().any(|s| title.ends_with(s))
        };
        u64::try_from(titles.iter().filter(serves).count()).unwrap()
    }

    /// Waits until nobody is connected: a session ends a moment after its client.
    pub fn settle(&self) {
        let began = Instant::now();
        while !self.sessions().is_empty() {
            assert!(began.elapsed() < PATIENCE, "sessions that do not end: {:?}", self.sessions());
            sleep(Duration::from_millis(20));
        }
    }

    /// The titles of the processes that serve a client, or are about to.
    fn sessions(&self) -> Vec<String> {
        let output = Command::new("ps")
            .args(["-o", "args=", "--ppid", &self.child.id().to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let of_client =
            |line: &&str| line.starts_with("postgres: app ") || line.starts_with("postgres: postgres ");
        text.lines().map(str::trim_end).filter(of_client).map(str::to_owned).collect()
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

/// An immediate end: SIGQUIT for PostgreSQL, which has children; PgBouncer ends by any, but now and then does not hear it.
fn stop(child: &mut Child) {
    let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
    for _ in 0..100 {
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Standard output of a child that has ended.
pub fn said(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text
}
