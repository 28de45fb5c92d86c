//! Promise: `explain` finds every error that it knows in any log, and says in a repository what sets the settings that
//! govern it, and what the budget says about raising them. Of the text itself only numbers of settings are repeated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

#[path = "common/program.rs"]
mod program;

use poollint::catalog::{errors_of, knowledge};
use program::{directory, poollint, poollint_with};

/// Lines of a log in which nothing is wrong, though they speak of the same things, as half a dozen programs write them.
fn log(lines: usize) -> Vec<String> {
    let line = |number: usize| {
        let stamp = format!(
            "2026-08-{:02}T{:02}:{:02}:07.{:03}Z",
            number % 28 + 1,
            number % 24,
            number % 60,
            number % 997
        );
        match number % 27 {
            0 => format!("{stamp} INFO  [api] connection pool of 10 ready, timeout 20 s"),
            1 => format!("{stamp} LOG:  checkpoint complete: wrote {number} buffers; write=0.{number} s"),
            2 => format!("{stamp} DEBUG acquired connection {number} of the pool after 3 ms"),
            3 => {
                format!("192.0.2.{} - - \"GET /listings/{number} HTTP/1.1\" 200 {}", number % 250, number * 7)
            }
            4 => format!("{stamp} LOG:  connection authorized: user=app database=shop"),
            5 => format!(
                "{stamp} LOG C-0x55: shop/app@10.0.0.{}:40{:03} login attempt: db=shop user=app",
                number % 250,
                number % 999
            ),
            6 => format!("{stamp} INFO  job {number} timed out once and was tried again"),
            7 => format!("prisma:query SELECT * FROM listing WHERE id = {number}"),
            8 => format!("{stamp} WARN  slow query: {} ms, limit 1000", 1001 + number),
            9 => format!("  at Object.<anonymous> (/srv/api/dist/server.js:{number}:17)"),
            10 => {
                format!("{stamp} INFO  HikariPool-1 - Pool stats (total=10, active={}, idle=0)", number % 10)
            }
            11 => format!(
                "{{\"level\":\"info\",\"msg\":\"server listening\",\"max_connections\":100,\"n\":{number}}}"
            ),
            12 => format!(
                "api-{}     | \u{1b}[32minfo\u{1b}[39m: \u{1b}[1mGET\u{1b}[22m /health 200",
                number % 3
            ),
            13 => format!(
                "\u{1b}[36mweb_1  |\u{1b}[0m {stamp} ready - started server on 0.0.0.0:{}",
                3000 + number % 9
            ),
            14 => format!(
                "  File \"/usr/lib/python3/site-packages/sqlalchemy/pool/impl.py\", line {number}, in _do_get"
            ),
            15 => format!("\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:{number})"),
            16 => {
                format!("    from /app/vendor/bundle/activerecord/connection_pool.rb:{number}:in `checkout'")
            }
            17 => {
                format!("\tgithub.com/jackc/pgx/v5/pgxpool.(*Pool).Acquire(0xc000{number:06x}, {{0x1, 0x2}})")
            }
            18 => format!(
                "{{\"log\":\"{{\\\"level\\\":30,\\\"msg\\\":\\\"request completed in {number} ms\\\"}}\\n\",\"stream\":\"stdout\",\"time\":\"{stamp}\"}}"
            ),
            19 => format!(
                "{stamp} stdout F I{number:07} 1 reflector.go:{number}] Caches populated for *v1.EndpointSlice"
            ),
            20 => format!(
                "time=\"{stamp}\" level=warning msg=\"retrying request\" attempt={} timeout=30s",
                number % 5
            ),
            21 => format!(
                "heroku[router]: at=info method=GET path=\"/\" connect=1ms service={number}ms status=200 bytes=1548"
            ),
            22 => format!(
                "REPORT RequestId: 6f747d{number:04} Duration: {number}.12 ms Billed Duration: {number} ms"
            ),
            23 => format!("{stamp} [Note] [MY-010931] [Server] mysqld: ready for connections. port: 3306"),
            24 => format!(
                "{stamp} LOG stats: {number} xacts/s, {number} queries/s, wait 12 us, max_client_conn 100"
            ),
            25 => format!(
                "ERROR:  duplicate key value violates unique constraint \"listing_{number}_key\" already known"
            ),
            _ => format!("Error: Request failed with status code 502 (no answer from upstream {number})"),
        }
    };
    (0..lines).map(line).collect()
}

/// A message as it stands in a log: bare, behind the prefixes of Compose and of Kubernetes, coloured, in JSON, in JSON inside
/// JSON, in a trace.
fn logged(message: &str) -> Vec<String> {
    let json = serde_json::json!({"level": 50, "time": 1_785_542_400, "msg": message, "pid": 1}).to_string();
    let docker = serde_json::json!({"log": format!("{json}\n"), "stream": "stderr"}).to_string();
    let coloured = serde_json::json!({"message": format!("\u{1b}[31m{message}\u{1b}[39m")}).to_string();
    vec![
        message.to_owned(),
        format!("api-2  | 2026-08-01 12:00:00 \u{1b}[31merror\u{1b}[0m {message} (attempt 3)"),
        format!("\u{1b}[36mapi_1      |\u{1b}[0m Error: \u{1b}[1m{message}\u{1b}[22m"),
        format!("2026-08-01T12:00:00.123456789Z stderr F E0801 12:00:00.1 1 main.go:42] \"{message}\""),
        format!("2026-08-01 12:00:00.000 UTC [42] app@shop FATAL:  {message}"),
        format!("Caused by: java.sql.SQLTransientConnectionException: {}", message.to_uppercase()),
        format!("    raise Failure(\"{message}\") from error\r"),
        json,
        docker,
        coloured,
    ]
}

#[test]
fn each_text_is_met_in_the_middle_of_a_log() {
    let mut missed = Vec::new();
    for (number, (entry, text)) in knowledge()
        .errors
        .iter()
        // Whole messages take no words around them: the catalogue tests their forms.
        .filter(|entry| !entry.whole)
        .flat_map(|entry| entry.texts.iter().map(move |text| (entry, text)))
        .enumerate()
    {
        let all = logged(&text.replace('*', "7"));
        for (kind, said) in all.iter().enumerate() {
            // One form of each in a long log, in turn; all forms in a short one.
            let mut lines = log(if number % all.len() == kind { 200 } else { 9 });
            let middle = lines.len() / 2 + 17;
            lines.insert(middle.min(lines.len()), said.clone());
            let met: Vec<&str> = errors_of(&lines.join("\n")).iter().map(|found| found.id.as_str()).collect();
            if met != [entry.id.as_str()] {
                missed.push(format!("{}: {met:?} in {said}", entry.id));
            }
        }
    }
    assert!(missed.is_empty(), "{} messages:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn a_log_of_other_things_is_met_by_nothing() {
    let met: Vec<&str> = errors_of(&log(1000).join("\n")).iter().map(|entry| entry.id.as_str()).collect();
    assert!(met.is_empty(), "{met:?}");
    let root = directory(&[]);
    let ran = poollint_with(root.path(), &["explain", "-"], &log(1000).join("\n"), &[]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{}", ran.text());
}

const COMPOSE: &str = "services:\n  api:\n    image: ghcr.io/acme/api:1\n    deploy: { replicas: 3 }\n    env_file: api.env\n  \
    db:\n    image: postgres:16\n    command: postgres -c max_connections=50\n";
const ENV: &str = "NODE_ENV=production\nDATABASE_URL=postgresql://app:hunter2@db:5432/shop?connection_limit=5&pool_timeout=20\n";
const PACKAGE: &str = r#"{"dependencies": {"@prisma/client": "6.1.0"}}"#;
const P2024: &str = "Timed out fetching a new connection from the connection pool. \
    (Current connection pool timeout: 20, connection limit: 5)";

fn repository() -> tempfile::TempDir {
    directory(&[
        ("compose.prod.yaml", COMPOSE),
        ("api.env", ENV),
        ("package.json", PACKAGE),
        ("src/index.js", ""),
        (".git/HEAD", "ref: refs/heads/main\n"),
    ])
}

#[test]
fn in_a_repository_it_says_what_sets_the_settings() {
    let root = repository();
    // From any directory of it.
    for place in [root.path().to_owned(), root.path().join("src")] {
        let ran = poollint(&place, &["explain", P2024]);
        assert_eq!(ran.status, 0, "{}", ran.text());
        for said in [
            "pool size: connection_limit in the URL; 5 by the message",
            "api (DATABASE_URL), compose.prod.yaml: 5 (api.env:2), as in the message; one more in each process opens 3 \
             connections more at db, and up to 13 fit its budget of 40",
            "acquire timeout: pool_timeout in the URL; 20 s by the message",
            "20 s (api.env:2), as in the message",
        ] {
            assert!(ran.stdout.contains(said), "{said}\n{}", ran.text());
        }
    }
    let ran = poollint(root.path(), &["explain", "FATAL: sorry, too many clients already"]);
    let said = "db, compose.prod.yaml: 50 (compose.prod.yaml:8); 15 connections asked for, which fits";
    assert!(ran.stdout.contains(said), "{}", ran.text());
    assert!(!ran.text().contains("hunter2"), "{}", ran.text());
}

#[test]
fn where_nothing_sets_it_the_default_and_the_place_for_it_are_said() {
    let root = repository();
    let bare = ENV.replace("?connection_limit=5&pool_timeout=20", "");
    program::write(root.path(), "api.env", bare.as_bytes());
    program::write(
        root.path(),
        "compose.prod.yaml",
        COMPOSE.replace(" -c max_connections=50", "").as_bytes(),
    );
    let ran = poollint(root.path(), &["explain", "P2024"]).stdout;
    for said in [
        "compose.prod.yaml: 2 × CPUs + 1 of the node (client default, nothing here sets it); connection_limit in the \
         URL would set it",
        "compose.prod.yaml: 10 s (client default, nothing here sets it); pool_timeout in the URL would set it",
    ] {
        assert!(ran.contains(said), "{said}\n{ran}");
    }
    let ran = poollint(root.path(), &["explain", "FATAL: sorry, too many clients already"]).stdout;
    let said = "100 (engine default, nothing here sets it: max_connections in the server's command or configuration \
                would)";
    assert!(ran.contains(said), "{ran}");
    // Of a client that nothing tells no setting is named.
    program::write(root.path(), "package.json", b"{}");
    let ran = poollint(root.path(), &["explain", "FATAL: sorry, too many clients already"]).stdout;
    assert!(ran.contains("not known: nothing here sets it, and nothing tells the client"), "{ran}");
}

#[test]
fn what_the_budget_forbids_is_said() {
    let root = repository();
    program::write(
        root.path(),
        "api.env",
        ENV.replace("connection_limit=5", "connection_limit=13").as_bytes(),
    );
    let full = poollint(root.path(), &["explain", "P2024"]).stdout;
    assert!(full.contains("no more than these 13 fit its budget of 40"), "{full}");
    program::write(
        root.path(),
        "api.env",
        ENV.replace("connection_limit=5", "connection_limit=20").as_bytes(),
    );
    let over = poollint(root.path(), &["explain", "P2024"]).stdout;
    assert!(over.contains("at most 13 fit its budget of 40"), "{over}");
    let limit =
        poollint(root.path(), &["explain", "too many clients already sorry, too many clients already"])
            .stdout;
    assert!(limit.contains("60 connections asked for, overflow: it would fit from 75"), "{limit}");
    // Nothing is claimed where the limit is not known.
    program::write(
        root.path(),
        "compose.prod.yaml",
        COMPOSE
            .replace("postgres:16", "ghcr.io/acme/db:1")
            .replace("    command: postgres -c max_connections=50\n", "")
            .as_bytes(),
    );
    let unknown = poollint(root.path(), &["explain", "P2024"]).stdout;
    assert!(unknown.contains("the limit of db is not known") && !unknown.contains("budget of"), "{unknown}");
}

#[test]
fn the_host_of_the_message_is_looked_up_and_not_repeated() {
    let root = repository();
    let ran = poollint(root.path(), &["explain", "Can't reach database server at `db`:`5432`"]);
    assert!(
        ran.stdout.contains("api (DATABASE_URL), compose.prod.yaml leads there (api.env:2)"),
        "{}",
        ran.text()
    );
    for message in [
        "Can't reach database server at `hunter2.acme.io:5432`",
        "Can't reach database server at `app:hunter2@db:5432`",
    ] {
        let ran = poollint(root.path(), &["explain", message]);
        assert!(ran.status == 0 && !ran.text().contains("hunter2"), "{}", ran.text());
    }
}

#[test]
fn a_broken_repository_takes_nothing_away() {
    let sound = poollint(directory(&[]).path(), &["explain", P2024]);
    assert!(
        sound.stdout.contains("5 by the message") && !sound.stdout.contains("api.env"),
        "{}",
        sound.text()
    );
    assert_eq!(sound.stderr, "");
    for (path, text) in [
        ("poollint.toml", "no-such-key = \"hunter2\"\n"),
        ("poollint.toml", "rules-from = [\"own/*.md\"]\nhelm = true\n[databases.x]\nplan = \"none\"\n"),
        ("compose.yaml", "services: {{{\n  - hunter2\n"),
    ] {
        let root = directory(&[(path, text), (".git/HEAD", "")]);
        let ran = poollint(root.path(), &["explain", P2024]);
        assert_eq!(ran.status, 0, "{}", ran.text());
        assert!(ran.stdout.contains("Cause: ") && ran.stdout.contains("5 by the message"), "{}", ran.text());
        assert!(!ran.text().contains("hunter2"), "{}", ran.text());
    }
}

#[test]
fn a_setting_is_named_where_its_client_reads_it() {
    let hikari = "HikariPool-1 - Connection is not available, request timed out after 30000ms";
    let root = directory(&[
        ("poollint.toml", ""),
        (
            "pom.xml",
            "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.3.4</version></parent></project>",
        ),
        (
            "src/main/resources/application.yml",
            "spring:\n  datasource:\n    url: jdbc:postgresql://db.acme.io:5432/app\n    hikari:\n      maximum-pool-size: 10\n      connection-timeout: ${TIMEOUT}\n",
        ),
    ]);
    let said = poollint(root.path(), &["explain", hikari]).stdout;
    assert!(said.contains("spring.datasource.hikari.maximum-pool-size in the configuration"), "{said}");
    assert!(said.contains("application.yml") && !said.contains("no connection here is known"), "{said}");
    let empty = directory(&[("poollint.toml", "")]);
    for (message, expected) in [
        (hikari, "no connection here is known to be HikariCP's"),
        (
            "could not obtain a connection from the pool within 5.000 seconds",
            "pool in config/database.yml, or pool in the URL",
        ),
        (
            "The timeout period elapsed prior to obtaining a connection from the pool",
            "Max Pool Size in the connection string",
        ),
        (
            "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
            "create_engine(pool_timeout=…) in code, or SQLALCHEMY_POOL_TIMEOUT where the code reads that",
        ),
    ] {
        let said = poollint(empty.path(), &["explain", message]).stdout;
        assert!(said.contains(expected), "{said}");
    }
}
