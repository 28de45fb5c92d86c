//! Tables from the test suites of real clients.

use super::super::{ConnectionString, Part, looks_like, parse};
use super::read;

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn value(part: Option<&Part>) -> &str {
    part.map_or("", |part| part.value.as_str())
}

/// Whether the flaw that a row expects (`!kind`) is there; `!none` expects only that nothing breaks.
fn refuses(text: &str, expected: &str) -> bool {
    let kind = expected.trim_start_matches('!');
    kind == "none"
        || parse(text).is_some_and(|connection| connection.flaws.iter().any(|flaw| flaw.kind.name() == kind))
}

#[test]
fn agrees_with_libpq() {
    let mut count = 0;
    for row in rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connection/libpq.tsv"))) {
        let [uri, expected] = row[..] else { panic!("a row has two columns: {row:?}") };
        count += 1;
        if expected.starts_with('!') {
            assert!(refuses(uri, expected), "{uri} should have {expected}: {:?}", read(uri).flaws);
            continue;
        }
        let connection = read(uri);
        let host = connection.hosts.first();
        let parts = [
            ("user", value(connection.user.as_ref())),
            ("password", value(connection.password.as_ref())),
            ("dbname", value(connection.database.as_ref())),
            ("host", value(host.map(|host| &host.name))),
            ("port", value(host.and_then(|host| host.port.as_ref()))),
        ];
        let shown: Vec<String> = parts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}='{value}'"))
            .collect();
        assert_eq!(shown.join(" "), expected, "{uri}");
    }
    assert_eq!(count, 56);
}

#[test]
fn agrees_with_pgjdbc() {
    for row in rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connection/pgjdbc.tsv"))) {
        match row[..] {
            [url, "!none"] => assert!(!looks_like(url), "{url}"),
            [url, refusal] => {
                assert!(refuses(url, refusal), "{url} should have {refusal}: {:?}", read(url).flaws)
            }
            [url, hosts, ports, database] => {
                let connection = read(url);
                assert_eq!(with_defaults(&connection), (hosts.to_owned(), ports.to_owned()), "{url}");
                assert_eq!(value(connection.database.as_ref()), database, "{url}");
                assert_eq!(connection.flaws, [], "{url}");
            }
            _ => panic!("a row has two or four columns: {row:?}"),
        }
    }
}

fn with_defaults(connection: &ConnectionString) -> (String, String) {
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    if connection.hosts.is_empty() {
        return ("localhost".to_owned(), "5432".to_owned());
    }
    let names: Vec<String> = connection.hosts.iter().map(|host| or(&host.name.value, "localhost")).collect();
    let ports: Vec<String> =
        connection.hosts.iter().map(|host| or(value(host.port.as_ref()), "5432")).collect();
    (names.join(","), ports.join(","))
}

#[test]
fn agrees_with_node_postgres_and_prisma() {
    for row in rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connection/clients.tsv"))) {
        let [url, rest @ ..] = &row[..] else { panic!("an empty row") };
        let connection = read(url);
        let host = connection.hosts.first();
        let parts = [
            connection.user.as_ref(),
            connection.password.as_ref(),
            host.map(|host| &host.name),
            host.and_then(|host| host.port.as_ref()),
            connection.database.as_ref(),
        ];
        let shown: Vec<&str> =
            parts.iter().map(|part| part.map_or("-", |part| part.value.as_str())).collect();
        assert_eq!(shown, rest, "{url}");
    }
}

/// Where poollint reads something else than node-postgres, the row says why; such a row must differ.
#[test]
fn agrees_with_what_node_postgres_was_recorded_to_read() {
    let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connection/node-postgres.tsv"));
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(table) {
        count += 1;
        let (url, theirs, reason) = match row[..] {
            [url, "!refused"] => {
                if parse(url).is_none_or(|connection| connection.flaws.is_empty()) {
                    wrong.push(format!("{url} has no flaw"));
                }
                continue;
            }
            [url, user, password, host, port, database] => {
                (url, [user, password, host, port, database], None)
            }
            [url, user, password, host, port, database, reason] => {
                (url, [user, password, host, port, database], Some(reason))
            }
            _ => panic!("a row has two, six or seven columns: {row:?}"),
        };
        let ours = parse(url).map_or_else(Vec::new, |connection| {
            let host = connection.hosts.first();
            let parts = [
                connection.user.as_ref(),
                connection.password.as_ref(),
                host.map(|host| &host.name),
                host.and_then(|host| host.port.as_ref()),
                connection.database.as_ref(),
            ];
            parts
                .map(|part| Some(value(part)).filter(|value| !value.is_empty()).unwrap_or("-").to_owned())
                .into()
        });
        if (ours == theirs) == reason.is_some() {
            wrong.push(format!("{url}: {ours:?}, recorded {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 60);
}

/// libpq cuts at the first `@`, WHATWG parsers at the last one of the authority: the same URL leads elsewhere.
#[test]
fn splits_where_it_was_meant_when_parsers_differ() {
    // URL; libpq's host; the host meant.
    let table = [
        ("postgresql://app:p@ss@db:5432/app", "ss@db", "db"),
        ("postgresql://soybean:soybean@123.@postgres:5432/x", "123.@postgres", "postgres"),
        ("postgresql://app:pass@db:5432/app", "db", "db"),
    ];
    for (url, libpq, meant) in table {
        let authority = url.strip_prefix("postgresql://").unwrap().split('/').next().unwrap();
        let first = authority.split_once('@').unwrap().1;
        assert_eq!(first.rsplit_once(':').unwrap().0, libpq, "{url}");
        let connection = read(url);
        assert_eq!(connection.host(), Some(meant), "{url}");
        assert_eq!(connection.flaws.is_empty(), libpq == meant, "{url}");
        assert_eq!(url::Url::parse(url).unwrap().host_str(), Some(meant), "{url}");
    }
}
