//! Lists of `key=value` behind `;`: ADO.NET's and ODBC's connection strings, and SQL Server's JDBC parameters,
//! which Prisma's `sqlserver://` shares.
//!
//! Facts: Microsoft's "Connection String Syntax" (keys without case, quoted values with doubled quotes), Npgsql's
//! and MySqlConnector's lists of parameters, SqlClient's `tcp:host,port`, "Building the connection URL" of
//! Microsoft's JDBC driver (values in braces).

use super::authority;
use super::draft::{Draft, is_secret_name};
use super::raw::{Decoding, OPAQUE, PLACEHOLDER, Raw};
use super::{Database, FlawKind, Form, Host, Param, Part};
use crate::span::{Span, UNKNOWN};

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Host,
    Port,
    Database,
    User,
    Password,
    Other,
}

/// Keys of the parts, in lower case without blanks and `_`.
const KEYS: &[(&str, Key)] = &[
    ("host", Key::Host),
    ("server", Key::Host),
    ("servername", Key::Host),
    ("datasource", Key::Host),
    ("address", Key::Host),
    ("addr", Key::Host),
    ("networkaddress", Key::Host),
    ("port", Key::Port),
    ("portnumber", Key::Port),
    ("database", Key::Database),
    ("databasename", Key::Database),
    ("initialcatalog", Key::Database),
    ("db", Key::Database),
    ("user", Key::User),
    ("username", Key::User),
    ("userid", Key::User),
    ("uid", Key::User),
    ("password", Key::Password),
    ("pwd", Key::Password),
];

/// Keys that only one database's drivers know.
const TELLING: &[(&str, Database)] = &[
    ("searchpath", Database::PostgreSql),
    ("includeerrordetail", Database::PostgreSql),
    ("multiplexing", Database::PostgreSql),
    ("noresetonclose", Database::PostgreSql),
    ("maxautoprepare", Database::PostgreSql),
    ("targetsessionattributes", Database::PostgreSql),
    ("minimumpoolsize", Database::PostgreSql),
    ("maximumpoolsize", Database::PostgreSql),
    ("initialcatalog", Database::SqlServer),
    ("integratedsecurity", Database::SqlServer),
    ("trustedconnection", Database::SqlServer),
    ("multipleactiveresultsets", Database::SqlServer),
    ("encrypt", Database::SqlServer),
    ("allowuservariables", Database::MySql),
    ("allowpublickeyretrieval", Database::MySql),
    ("convertzerodatetime", Database::MySql),
    ("defaultcommandtimeout", Database::MySql),
    ("guidformat", Database::MySql),
    ("host", Database::PostgreSql),
    ("username", Database::PostgreSql),
];

/// One pair.
pub(super) struct Pair {
    name: Span,
    value: Part,
    span: Span,
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '_')
        .collect::<String>()
        .to_ascii_lowercase()
}

fn key(name: &str) -> Key {
    let plain = plain(name);
    KEYS.iter().find(|(known, _)| *known == plain).map_or(Key::Other, |(_, key)| *key)
}

/// More pairs than any driver has keywords: what is longer is no connection string, and comparing all of them with
/// each other would be dear.
const MOST_PAIRS: usize = 500;

/// Reads the pairs of `span`. `None` when something that is no pair stands in it, or there are too many.
fn pairs(raw: &Raw<'_>, span: Span) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut at = span.start;
    while at < span.end {
        at = raw.run_end(at, |byte| byte == b';' || byte.is_ascii_whitespace()).min(span.end);
        if at >= span.end {
            break;
        }
        let end = raw.find(Span::new(at, span.end), |byte| matches!(byte, b'=' | b';'))?;
        if raw.byte(end) != Some(b'=') {
            return None;
        }
        let name = raw.trimmed(Span::new(at, end));
        let (value, next) = value(raw, end.saturating_add(1), span.end);
        if pairs.len() >= MOST_PAIRS {
            return None;
        }
        pairs.push(Pair { name, span: Span::new(name.start, value.span.end), value });
        at = next.max(end.saturating_add(1));
    }
    Some(pairs)
}

/// A value up to the next `;`; one in quotes or braces up to their end.
fn value(raw: &Raw<'_>, from: usize, end: usize) -> (Part, usize) {
    let start = raw.run_end(from, |byte| byte == b' ').min(end);
    let close = match raw.byte(start) {
        Some(quote @ (b'"' | b'\'')) if start < end => Some(quote),
        Some(b'{') if start < end => Some(b'}'),
        _ => None,
    };
    if let Some(close) = close
        && let Some(stop) = closing(raw, Span::new(start.saturating_add(1), end), close)
    {
        let inner = Span::new(start.saturating_add(1), stop);
        let mut part = raw.part(inner, Decoding::Plain);
        let mark = char::from(close);
        part.value = part.value.replace(&format!("{mark}{mark}"), &mark.to_string());
        let next = raw.find(Span::new(stop, end), |byte| byte == b';').unwrap_or(end);
        return (part, next);
    }
    let stop = raw.find(Span::new(start, end), |byte| byte == b';').unwrap_or(end);
    (raw.part(raw.trimmed(Span::new(start, stop)), Decoding::Plain), stop)
}

/// Where the closing mark stands; doubled, it is a part of the value.
fn closing(raw: &Raw<'_>, span: Span, mark: u8) -> Option<usize> {
    let mut from = span.start;
    loop {
        let at = raw.find(Span::new(from, span.end), |byte| byte == mark)?;
        let next = at.saturating_add(1);
        if next < span.end && raw.byte(next) == Some(mark) {
            from = next.saturating_add(1);
        } else {
            return Some(at);
        }
    }
}

/// Reads the pairs, when the text is an ADO.NET or ODBC connection string: a server and a database, or a server
/// and Windows authentication. (A server and credentials alone may be a message broker's.)
pub(super) fn recognise(raw: &Raw<'_>, span: Span) -> Option<Vec<Pair>> {
    let first = raw.find(span, |byte| byte == b'=')?;
    let name = plain(raw.text(Span::new(span.start, first)).trim_start_matches([';', ' ']));
    let begins = KEYS.iter().any(|(known, _)| *known == name)
        || TELLING.iter().any(|(known, _)| *known == name)
        || matches!(name.as_str(), "driver" | "provider" | "pooling" | "applicationname");
    if !begins || !raw.bytes(span).contains(&b';') || raw.text(span).contains(['\n', '\r']) {
        return None;
    }
    let pairs = pairs(raw, span)?;
    let has = |wanted: Key| pairs.iter().any(|pair| key(raw.text(pair.name)) == wanted);
    let windows = pairs.iter().any(|pair| {
        matches!(plain(raw.text(pair.name)).as_str(), "integratedsecurity" | "trustedconnection")
    });
    (has(Key::Host) && (has(Key::Database) || windows)).then_some(pairs)
}

/// Builds the connection string.
pub(super) fn read(raw: &Raw<'_>, pairs: &[Pair]) -> Draft {
    let mut draft = Draft::new(Form::AdoNet, database(raw, pairs));
    apply(raw, &mut draft, pairs);
    if draft.out.hosts.iter().all(|host| host.name.value.is_empty()) {
        let at = pairs
            .iter()
            .find(|pair| key(raw.text(pair.name)) == Key::Host)
            .map_or(0, |pair| pair.value.span.start);
        draft.flaw(FlawKind::MissingHost, Span::new(at, at), None);
    }
    draft
}

/// Which driver would take it: by the driver's name, the server's form, the port, then the keys.
fn database(raw: &Raw<'_>, pairs: &[Pair]) -> Database {
    for pair in pairs {
        let name = plain(raw.text(pair.name));
        let value = pair.value.value.to_ascii_lowercase();
        let found = match (name.as_str(), key(&name)) {
            ("driver" | "provider", _) if value.contains("postgres") || value.contains("npgsql") => {
                Database::PostgreSql
            }
            ("driver" | "provider", _) if value.contains("mysql") => Database::MySql,
            ("driver" | "provider", _) if value.contains("maria") => Database::MariaDb,
            ("driver" | "provider", _) if value.contains("sql server") || value.contains("msoledb") => {
                Database::SqlServer
            }
            (_, Key::Host)
                if value.starts_with("tcp:") || value.contains('\\') || value.ends_with(",1433") =>
            {
                Database::SqlServer
            }
            (_, Key::Port) if value == "5432" || value == "6432" => Database::PostgreSql,
            (_, Key::Port) if value == "3306" => Database::MySql,
            (_, Key::Port) if value == "1433" => Database::SqlServer,
            _ => continue,
        };
        return found;
    }
    let mut kinds = TELLING
        .iter()
        .filter(|(known, _)| pairs.iter().any(|pair| plain(raw.text(pair.name)) == *known))
        .map(|(_, kind)| *kind);
    kinds.next().unwrap_or(Database::Unknown)
}

fn apply(raw: &Raw<'_>, draft: &mut Draft, pairs: &[Pair]) {
    let mut port: Option<Part> = None;
    for pair in pairs {
        let name = raw.text(pair.name);
        let filled = Some(pair.value.clone()).filter(|part| !part.value.is_empty());
        if is_secret_name(name) {
            draft.secret(pair.value.span);
        }
        match key(name) {
            Key::Host => server(raw, draft, pair.value.span),
            Key::Port => port = filled,
            Key::Database => draft.out.database = filled,
            Key::User => draft.out.user = filled,
            Key::Password => draft.out.password = filled,
            Key::Other => draft.out.params.push(Param {
                name: Part { span: pair.name, value: name.to_owned() },
                value: Some(pair.value.clone()),
                span: pair.span,
            }),
        }
    }
    let Some(port) = port else { return };
    draft.check_port(raw, port.span);
    if draft.out.hosts.is_empty() {
        let start = Span::new(port.span.start, port.span.start);
        draft.out.hosts.push(Host { name: Part { span: start, value: String::new() }, port: None });
    }
    for host in &mut draft.out.hosts {
        host.port.get_or_insert_with(|| port.clone());
    }
}

/// `host`, `host:port`, `host1,host2`, and SqlClient's `tcp:host,port` and `host\instance`.
fn server(raw: &Raw<'_>, draft: &mut Draft, span: Span) {
    let text = raw.text(span);
    let protocol = ["tcp:", "np:", "lpc:", "admin:"].iter().find(|protocol| {
        text.get(..protocol.len()).is_some_and(|start| start.eq_ignore_ascii_case(protocol))
    });
    let span = Span::new(span.start.saturating_add(protocol.map_or(0, |protocol| protocol.len())), span.end);
    let mut pieces = raw.split(span, |byte| byte == b',').into_iter().map(|piece| raw.trimmed(piece));
    let (Some(first), second, None) = (pieces.next(), pieces.next(), pieces.next()) else {
        authority::hosts(raw, draft, span);
        return;
    };
    match second {
        Some(port)
            if raw
                .bytes(port)
                .iter()
                .all(|byte| byte.is_ascii_digit() || matches!(*byte, OPAQUE | PLACEHOLDER)) =>
        {
            draft.check_port(raw, port);
            draft.out.hosts.push(Host {
                name: raw.part(first, Decoding::Plain),
                port: Some(raw.part(port, Decoding::Plain)),
            });
        }
        Some(_) => authority::hosts(raw, draft, span),
        None if raw.byte(first.start) == Some(b'/') => {
            draft.out.hosts.push(Host { name: raw.part(first, Decoding::Plain), port: None });
        }
        None => authority::hosts(raw, draft, first),
    }
}

/// Whether what follows `sqlserver://` is a host and `;key=value` pairs, and not a URL with credentials.
pub(super) fn is_sqlserver_list(raw: &Raw<'_>, rest: Span) -> bool {
    let Some(end) = raw.find(rest, |byte| matches!(byte, b';' | b'@' | b'/' | b'?' | b'#')) else {
        return false;
    };
    let after = Span::new(end.saturating_add(1), rest.end);
    raw.byte(end) == Some(b';') && (after.is_empty() || pairs(raw, after).is_some())
}

/// Reads `host\instance:port/database;key=value`.
pub(super) fn read_sqlserver(raw: &Raw<'_>, draft: &mut Draft, rest: Span) {
    let end = raw.find(rest, |byte| byte == b';').unwrap_or(rest.end);
    let head = Span::new(rest.start, end);
    let slash = raw.find(head, |byte| byte == b'/').unwrap_or(head.end);
    let host = Span::new(head.start, slash);
    if rest.is_empty() {
        draft.flaw(FlawKind::MissingAuthority, rest, None);
        return;
    }
    if let Some(at) = raw.find_last(head, |byte| byte == b'@') {
        draft.secret(Span::new(head.start, at));
        let part = Part { span: head, value: UNKNOWN.to_string() };
        draft.out.hosts.push(Host { port: Some(part.clone()), name: part });
    } else if !host.is_empty() {
        authority::hosts(raw, draft, host);
    }
    let database = Span::new(slash.saturating_add(1).min(head.end), head.end);
    draft.out.database = super::draft::filled(raw, database, Decoding::Plain);
    let list = Span::new(end.saturating_add(1).min(rest.end), rest.end);
    match pairs(raw, list) {
        Some(pairs) => apply(raw, draft, &pairs),
        None => missing_equals(raw, draft, list),
    }
    if draft.out.hosts.iter().all(|host| host.name.value.is_empty()) {
        draft.flaw(FlawKind::MissingHost, Span::new(host.start, host.start), None);
    }
}

/// A list with an item that is no pair: nothing in it is certain, so all of it may be a credential.
fn missing_equals(raw: &Raw<'_>, draft: &mut Draft, list: Span) {
    draft.secret(list);
    for item in raw.split(list, |byte| byte == b';') {
        let item = raw.trimmed(item);
        if !item.is_empty() && !raw.is_open(item) && raw.find(item, |byte| byte == b'=').is_none() {
            draft.flaw(FlawKind::MissingEquals, item, None);
        }
    }
}
